package charset

import (
	"encoding/binary"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// The weights of characters as evidence that a text was decoded rightly. Most
// byte pairs decode to some character in GB18030, and all but the surrogates
// do in UTF-16, so only what the characters are tells a text from noise. In
// Chinese text more than four in five characters are frequent ones or
// punctuation; of byte pairs drawn at random, one in a hundred is.
const (
	weightPunct  = 3  // see punctuation
	weightCommon = 2  // see commonHan; in UTF-16 also printable ASCII, LF, CR and TAB
	weightPlain  = 0  // symbols and letters of GB2312, kana excepted, and of Latin-1
	weightOther  = -1 // the rest of GB2312 level 1 (3,755 everyday characters); other symbols
	weightRare   = -3 // other letters: rare and most traditional characters, kana, hangul
	weightOdd    = -8 // unassigned, private-use and control characters
)

// minScore is the score, the sum of the weights of its characters, from which
// a text is plausible: one punctuation mark or two frequent characters, with
// nothing that speaks against them. So if a text has no punctuation, one in
// three of its everyday characters must be a frequent one, which holds for
// lists of names and of medicines too. Big5, Shift JIS and damaged UTF-8 score
// below zero as GB18030 from about 30 characters on, EUC-KR and EUC-JP from
// about 400.
const minScore = 3

// damagedShare is the number of plausible characters for which one undecodable
// byte still counts as damage, rather than as the sign of another encoding.
const damagedShare = 50

// score is the evidence collected from one text.
type score struct {
	sum      int // of the weights
	scored   int // characters that have been given a weight
	replaced int // U+FFFD, which stands for undecodable bytes and gets no weight
}

func (s score) plausible() bool {
	return s.sum >= minScore
}

// scoreText scores the characters beyond ASCII of text, which is UTF-8.
func scoreText(text []byte) score {
	weights := bmpWeights()
	var s score
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		i += size
		if r == utf8.RuneError {
			s.replaced++
			continue
		}
		s.scored++
		s.sum += weightOf(weights, r)
	}
	return s
}

// plausibleUTF16 returns UTF16LE or UTF16BE, whichever data, without byte order
// mark, is plausible text in, or "" if it is in neither.
func plausibleUTF16(data []byte) string {
	if len(data)%2 != 0 {
		return ""
	}
	little, big := scoreUTF16(data, binary.LittleEndian), scoreUTF16(data, binary.BigEndian)
	switch {
	case little.plausible() && little.sum >= big.sum:
		return UTF16LE
	case big.plausible():
		return UTF16BE
	}
	return ""
}

// scoreUTF16 scores every character of data, whose length is even. At U+0000
// and at an unpaired surrogate it gives up with the score of an empty text.
func scoreUTF16(data []byte, order binary.ByteOrder) score {
	weights := bmpWeights()
	var s score
	for len(data) > 0 {
		r, size := nextUTF16(data, order)
		if size == 0 || r == 0 {
			return score{}
		}
		s.scored++
		s.sum += weightOf(weights, r)
		data = data[size:]
	}
	return s
}

// looksDamagedUTF8 reports whether data, which is not valid UTF-8, is so but
// for a few bytes: at least nine in ten of its bytes beyond ASCII belong to
// valid sequences. In GBK text no more than one in three does by chance.
func looksDamagedUTF8(data []byte) bool {
	valid, invalid := 0, 0
	for i := 0; i < len(data); {
		if data[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			invalid++
		} else {
			valid += size
		}
		i += size
	}
	return valid >= 9*invalid
}

// looksBig5 reports whether data, which is known not to be text in another
// encoding, has the form of Big5 (WHATWG Encoding Standard, section 12.1): all
// bytes beyond ASCII begin a pair, nine in ten of the first bytes are those of
// symbols and level 1 (A1 to C6), and at least one in ten of the second bytes
// is below 80, which sets Big5 apart from the EUC encodings. Up to 1 in 100
// bytes may break the rule.
func looksBig5(data []byte) bool {
	pairs, frequent, low, broken := 0, 0, 0, 0
	for i := 0; i < len(data); i++ {
		first := data[i]
		if first < utf8.RuneSelf {
			continue
		}
		if first < 0xa1 || first > 0xf9 || i+1 == len(data) || !big5Trail(data[i+1]) {
			broken++
			continue
		}
		i++
		pairs++
		if first <= 0xc6 {
			frequent++
		}
		if data[i] < utf8.RuneSelf {
			low++
		}
	}
	return pairs >= 2 && broken <= pairs/100 && frequent*10 >= pairs*9 && low*10 >= pairs
}

// big5Trail reports whether b can be the second byte of a pair in Big5.
func big5Trail(b byte) bool {
	return 0x40 <= b && b <= 0x7e || 0xa1 <= b && b <= 0xfe
}

// weightOf returns the weight of r, given the table of bmpWeights.
func weightOf(weights *[1 << 16]int8, r rune) int {
	if int(r) < len(weights) {
		return int(weights[r])
	}
	return int(classWeight(r))
}

// bmpWeights returns the weights of the characters below U+10000, which are
// computed on the first call. The table must not be modified.
var bmpWeights = sync.OnceValue(func() *[1 << 16]int8 {
	var w [1 << 16]int8
	for r := range rune(len(w)) {
		w[r] = classWeight(r)
	}
	for r := range rune(0x80) {
		if r >= 0x20 && r != 0x7f || strings.ContainsRune("\t\n\r", r) {
			w[r] = weightCommon
		}
	}
	for _, r := range gb2312Rows(0xa1, 0xa3) + gb2312Rows(0xa6, 0xa9) {
		w[r] = weightPlain
	}
	for _, r := range gb2312Rows(0xb0, 0xd7) {
		w[r] = weightOther
	}
	for _, r := range commonHan {
		w[r] = weightCommon
	}
	for _, r := range punctuation {
		w[r] = weightPunct
	}
	return &w
})

// classWeight returns the weight of r by its general category and block.
func classWeight(r rune) int8 {
	switch {
	case !unicode.IsGraphic(r) && !unicode.Is(unicode.Cf, r):
		return weightOdd
	case r >= 0xa0 && r <= 0xff:
		return weightPlain
	case unicode.IsLetter(r):
		return weightRare
	}
	return weightOther
}

// gb2312Rows returns the characters of the rows of GB2312 whose first bytes in
// EUC form are first to last, without the free cells: A1 to A9 are symbols and
// foreign letters (A4 and A5 kana), B0 to D7 level 1, D8 to F7 level 2.
func gb2312Rows(first, last byte) string {
	var row []byte
	for lead := first; lead <= last; lead++ {
		for trail := byte(0xa1); trail < 0xff; trail++ {
			row = append(row, lead, trail)
		}
	}
	text, err := simplifiedchinese.GBK.NewDecoder().Bytes(row)
	if err != nil {
		return "" // not reached: the decoder replaces what it cannot decode
	}
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.Is(unicode.Co, r) {
			return -1
		}
		return r
	}, string(text))
}

// punctuation holds the marks of Chinese text beyond ASCII (GB/T 15834-2011)
// and the full-width space that begins its paragraphs.
const punctuation = "　、。，；：？！“”‘’（）《》〈〉【】〔〕「」『』—…·～"

// commonHan holds about 800 characters: the most frequent ones of modern
// written Chinese and of policy text, the traditional forms of the most
// frequent of them, then those of place names and surnames, medicines, and
// older prose. It was put together for this package and is evidence, not a
// repertoire: nothing hangs on a single character.
const commonHan = "" +
	"的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之" +
	"年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样" +
	"理心她本前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将" +
	"两高间由问很最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信" +
	"表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔" +
	"更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统" +
	"区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品" +
	"住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运策企创支持项园" +
	"医药推服构府级省县厅局委办印例按照章款额补贴奖励申请审批准监督责依负单型研究技专值投融税" +
	"费价标质检验备案证临床器械疗健康养护病诊培引示范试集聚链群供需售购买采营贸易城乡村镇街环" +
	"境绿低碳节约农林土房筑息网络互联智字台首六七八九零百千亿元每超足含施止废修订草稿组织协调" +
	"配套落快促优升改革深善扩鼓具适符包括围圈整参步近流收京际济域造精转端模源划效态测增育商卫" +
	"积极评挥断障势布财食沿速索广材尖探剂核略料团孵措影球充突细疫撑厦破素习选库置招疾控享续层" +
	"校综础顶托筹坚贷键职响彻录附填号" +
	"國個們來爲為說時會對過發後裡經學現當動開還進樣實與長機無關業將兩間問應戰體見產從這種麼頭" +
	"並義點門東聲員論處條氣題變總電數報結場計資區統隊決達權設記類據該規術領確傳師觀讓識帶導爭" +
	"運" +
	"津沪渝江苏浙粤闽鲁豫湘鄂川皖赣吉辽黑龙蒙陕甘宁青藏桂琼疆云贵站室班州洲甲乙丙丁李刘陈杨黄" +
	"赵周吴徐孙朱胡郭罗郑梁谢唐冯宋韩邓彭曹曾田董潘袁蔡蒋余杜叶魏吕沈姚卢傅钟姜崔谭廖汪陆石贾" +
	"韦付邹孟熊秦阎薛侯" +
	"酸盐钠钾钙氯胺酯醇酮酚肽霉孢沙星替尼抗注射液片胶囊颗粒丸散膏缓释肠溶混悬滴菌苗血糖压肝肾" +
	"胃肺癌瘤症状毒免染炎痛骨皮肤脑蛋胞酶" +
	"故乃矣焉哉乎曰若夫"
