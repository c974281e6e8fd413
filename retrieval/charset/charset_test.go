package charset

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

const (
	notice = "各区人民政府，市各有关单位：\n　　为加快生物医药产业发展，现将《若干措施》印发给你们，" +
		"请认真贯彻执行。\n　　一、支持企业建设研发平台，按照实际投入的20%给予补贴，最高不超过500万元。\n"
	noticeTraditional = "各區人民政府，市各有關單位：\n　　為加快生物醫藥產業發展，現將有關措施印發給你們，" +
		"請認真執行。\n　　一、支持企業建設研發平台，按照實際投入給予補貼。\n"
	english = "# Measures\n\nEnterprises may apply for a subsidy of up to 20%.\n"
	french  = "Les entreprises privées créées récemment à Pékin peuvent être aidées, " +
		"si elles ont été agréées au préalable.\n"
)

var (
	utf16le = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	utf16be = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
)

// in returns text in encoding e.
func in(e encoding.Encoding, text string) string {
	out, err := e.NewEncoder().String(text)
	if err != nil {
		panic(err)
	}
	return out
}

func TestDecodeText(t *testing.T) {
	le, be := utf16le, utf16be
	for _, c := range []struct{ name, data, want, encoding string }{
		{"ASCII", english, english, UTF8},
		{"one letter", "a", "a", UTF8},
		{"UTF-8", notice, notice, UTF8},
		{"UTF-8 with BOM", "\ufeff" + notice, notice, UTF8},
		{"UTF-8 with two BOMs", "\ufeff\ufeff" + notice, notice, UTF8},
		{"UTF-8 with U+FEFF inside", "甲\ufeff乙", "甲\ufeff乙", UTF8},
		{"UTF-8 with U+FFFD", "甲\ufffd乙", "甲\ufffd乙", UTF8},
		{"UTF-8 with emoji", "已办结👍🏻\n", "已办结👍🏻\n", UTF8},
		{"UTF-8 kept as it is", "Ａ１　 \u00a0x\u0085\u2028\t ﷐\n", "Ａ１　 \u00a0x\u0085\u2028\t ﷐\n", UTF8},
		{"UTF-16LE with BOM", in(le, "\ufeff"+notice), notice, UTF16LE},
		{"UTF-16BE with BOM", in(be, "\ufeff"+notice), notice, UTF16BE},
		{"UTF-16LE", in(le, notice), notice, UTF16LE},
		{"UTF-16BE", in(be, notice), notice, UTF16BE},
		{"UTF-16LE English", in(le, english), english, UTF16LE},
		{"UTF-16BE English", in(be, english), english, UTF16BE},
		{"UTF-16LE French", in(le, french), french, UTF16LE},
		{"UTF-16BE French", in(be, french), french, UTF16BE},
		{"UTF-16LE traditional", in(le, noticeTraditional), noticeTraditional, UTF16LE},
		{"UTF-16BE traditional", in(be, noticeTraditional), noticeTraditional, UTF16BE},
		{"UTF-16LE one character with BOM", "\xff\xfe\x2d\x4e", "中", UTF16LE},
		{"UTF-16BE surrogate pair", in(be, notice+"𠮷👍"), notice + "𠮷👍", UTF16BE},
	} {
		t.Run(c.name, func(t *testing.T) { wantText(t, c.data, c.want, c.encoding) })
	}
}

func TestDecodeGB18030(t *testing.T) {
	gbk, gb := simplifiedchinese.GBK, simplifiedchinese.GB18030
	for _, c := range []struct{ name, data, want string }{
		{"GBK", in(gbk, notice), notice},
		{"GBK traditional", in(gbk, noticeTraditional), noticeTraditional},
		{"GBK without punctuation", in(gb, "目录 附件"), "目录 附件"},
		{"GBK that Notepad once read as UTF-8", in(gb, "联通公司"), "联通公司"},
		{"GBK with one punctuation mark", "a\xa3\xacb", "a，b"},
		{"GBK in English", in(gb, english+"“Beijing”"), english + "“Beijing”"},
		{"GBK with a euro sign", in(gb, notice) + "\x805", notice + "€5"},
		{"GBK table", in(gb, "├──┼──┤\n│名称│金额│\n"), "├──┼──┤\n│名称│金额│\n"},
		{"GBK medicines", in(gb, "阿司匹林肠溶片\n头孢克肟分散片\n奥沙利铂"), "阿司匹林肠溶片\n头孢克肟分散片\n奥沙利铂"},
		{"GBK surnames", in(gb, "欧阳修 诸葛亮 司马光 王安石 张衡"), "欧阳修 诸葛亮 司马光 王安石 张衡"},
		{"GB18030 four bytes", in(gb, notice+"𠮷㐂é€👍"), notice + "𠮷㐂é€👍"},
		{"GB18030 byte order mark", in(gb, "\ufeff"+notice), notice},
	} {
		t.Run(c.name, func(t *testing.T) { wantText(t, c.data, c.want, GB18030) })
	}
}

// wantText checks that data decodes to want from encoding.
func wantText(t *testing.T, data, want, encoding string) {
	t.Helper()
	text, name, err := Decode([]byte(data))
	if text != want || name != encoding || err != nil {
		t.Errorf("Decode = %q, %q, %v; want %q, %q", text, name, err, want, encoding)
	}
}

func TestDecodeLineEndsAndControls(t *testing.T) {
	for _, c := range []struct{ name, data, want string }{
		{"CRLF", "a\r\nb\r\n", "a\nb\n"},
		{"CR", "a\rb\r", "a\nb\n"},
		{"lone CR in the middle of CRLF", "a\r\r\n\n\rb", "a\n\n\n\nb"},
		{"form feed and vertical tab", "a\fb\vc", "a\nb\nc"},
		{"tab", "a\tb", "a\tb"},
		{"no line end at the end", "a\nb", "a\nb"},
		{"Ctrl-Z at the end", "a\n\x1a", "a\n"},
		{"two control characters", "\x01a\x7fb", "ab"},
		{"CR, control, LF", "a\r\x01\nb", "a\n\nb"},
		{"BOM behind a control character", "\x01\ufeffab", "ab"},
		{"1 in 50", strings.Repeat("a", 47) + "\x01\x01\x01", strings.Repeat("a", 47)},
		{"line ends in UTF-16", "\xff\xfea\x00\r\x00\n\x00b\x00", "a\nb"},
		{"line ends in GBK", in(simplifiedchinese.GBK, "中国\r\n北京\r"), "中国\n北京\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := []byte(c.data)
			text, _, err := Decode(data)
			if text != c.want || err != nil {
				t.Errorf("Decode = %q, %v; want %q", text, err, c.want)
			}
			if string(data) != c.data {
				t.Errorf("Decode changed data to %q", data)
			}
		})
	}
}

func TestDecodeEmptyAndBinary(t *testing.T) {
	for _, c := range []struct {
		name, data string
		want       Error
	}{
		{"no bytes", "", Error{Code: Empty}},
		{"white space", " \t\r\n　\u00a0\u200b", Error{Code: Empty}},
		{"BOM", "\ufeff", Error{Code: Empty}},
		{"UTF-16 BOM", "\xff\xfe", Error{Code: Empty}},
		{"UTF-16 line end", "\xfe\xff\x00\r\x00\n", Error{Code: Empty}},
		{"Ctrl-Z", "\x1a", Error{Code: Empty}},
		{"PDF", "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", Error{Binary, "PDF"}},
		{"PDF behind a BOM", "\ufeff%PDF-1.7\n", Error{Binary, "PDF"}},
		{"PDF in UTF-16", in(utf16be, "%PDF-1.7\n"), Error{Binary, "PDF"}},
		{"ZIP", "PK\x03\x04\x14\x00\x06\x00", Error{Binary, "ZIP"}},
		{"empty ZIP", "PK\x05\x06" + strings.Repeat("\x00", 18), Error{Binary, "ZIP"}},
		{"old Word", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00", Error{Binary, "OLE"}},
		{"RTF", `{\rtf1\ansi\ansicpg936 x}`, Error{Binary, "RTF"}},
		{"PNG", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", Error{Binary, "PNG"}},
		{"JPEG", "\xff\xd8\xff\xe0\x00\x10JFIF", Error{Binary, "JPEG"}},
		{"GIF", "GIF89a\x01\x00\x01\x00", Error{Binary, "GIF"}},
		{"gzip", "\x1f\x8b\x08\x00\x00\x00\x00\x00", Error{Binary, "GZIP"}},
		{"ELF", "\x7fELF\x02\x01\x01\x00", Error{Binary, "ELF"}},
		{"one NUL", "\x00", Error{Code: Binary}},
		{"NUL in ASCII", "some text\x00 and more", Error{Code: Binary}},
		{"NUL in Chinese", notice + "\x00", Error{Code: Binary}},
		{"NUL in UTF-16", "a\x00\x00\x00b\x00c\x00d\x00", Error{Code: Binary}},
		{"NUL behind a BOM", "\ufeff\x00a", Error{Code: Binary}},
		{"NUL in UTF-16 with BOM", "\xff\xfea\x00\x00\x00b\x00", Error{Code: Binary}},
		{"zeros", strings.Repeat("\x00", 512), Error{Code: Binary}},
		{"small numbers", strings.Repeat("\x01\x00\x02\x00", 100), Error{Code: Binary}},
		{"control characters", "\x01\x02\x03\x04", Error{Code: Binary}},
		{"over 1 in 50", strings.Repeat("a", 46) + "\x01\x01\x01", Error{Code: Binary}},
		{"control characters in GBK", strings.Repeat("\x02\xd6\xd0", 20), Error{Code: Binary}},
		{"control characters and high bytes", strings.Repeat("\x02\xff", 20), Error{Code: Binary}},
	} {
		t.Run(c.name, func(t *testing.T) { wantError(t, c.data, c.want) })
	}
}

func TestDecodeUnknown(t *testing.T) {
	for _, c := range []struct {
		name, data string
		want       Error
	}{
		{"one byte", "\xd6", Error{Code: Unknown}},
		{"byte FF", "\xff", Error{Code: Unknown}},
		{"one character of GBK", "\xd6\xd0", Error{Code: Unknown}},
		{"Latin-1", in(charmap.ISO8859_1, french), Error{Code: Unknown}},
		{"Windows quotes", in(charmap.Windows1252, "the “plan” isn’t"), Error{Code: Unknown}},
		{"Cyrillic", in(charmap.Windows1251, "Правила поддержки предприятий города"), Error{Code: Unknown}},
		{"Shift JIS", in(japanese.ShiftJIS, "これは日本語の文章です。よろしく。"), Error{Code: Unknown}},
		{"EUC-JP", in(japanese.EUCJP, "これは日本語の文章です。よろしく。"), Error{Code: Unknown}},
		{"EUC-KR", in(korean.EUCKR, "이것은 한국어로 쓴 문장입니다. 잘 부탁합니다."), Error{Code: Unknown}},
		{"Big5", in(traditionalchinese.Big5, noticeTraditional), Error{Unknown, Big5}},
		{"short Big5", in(traditionalchinese.Big5, "政府公告"), Error{Unknown, Big5}},
	} {
		t.Run(c.name, func(t *testing.T) { wantError(t, c.data, c.want) })
	}
}

func TestDecodeDamaged(t *testing.T) {
	gbk := in(simplifiedchinese.GBK, strings.Repeat(notice, 2))
	for _, c := range []struct {
		name, data string
		want       Error
	}{
		{"UTF-32LE with BOM", "\xff\xfe\x00\x00\x2d\x4e\x00\x00", Error{Unknown, UTF32}},
		{"UTF-32BE with BOM", "\x00\x00\xfe\xff\x00\x00\x4e\x2d", Error{Unknown, UTF32}},
		{"UTF-8 cut short", notice[:len(notice)-3], Error{Unknown, UTF8}},
		{"UTF-8 with a stray byte", notice + "\xd6" + notice, Error{Unknown, UTF8}},
		{"UTF-8 with BOM cut short", "\ufeff\xe4\xb8", Error{Unknown, UTF8}},
		{"UTF-8 surrogate", notice + "\xed\xa0\x80" + strings.Repeat(notice, 2), Error{Unknown, UTF8}},
		{"UTF-16LE cut short", "\xff\xfe\x2d\x4e\x2d", Error{Unknown, UTF16LE}},
		{"UTF-16BE lone high surrogate", "\xfe\xff\xd8\x00", Error{Unknown, UTF16BE}},
		{"9 good bytes of UTF-8 to 1", "中国\ufffd\xff", Error{Unknown, UTF8}},
		{"8 good bytes of UTF-8 to 1", "éééé\xff", Error{Code: Unknown}},
		{"2 bad bytes in 50 characters of GBK", strings.Repeat("\xd6\xd0", 50) + "\xff\xff", Error{Unknown, GB18030}},
		{"2 bad bytes in 49 characters of GBK", strings.Repeat("\xd6\xd0", 49) + "\xff\xff", Error{Code: Unknown}},
		{"3 bad bytes in 50 characters of GBK", strings.Repeat("\xd6\xd0", 50) + "\xff\xff\xff", Error{Code: Unknown}},
		{"GBK cut short", gbk + "\xd6", Error{Unknown, GB18030}},
		{"GB18030 four bytes cut short", gbk + "\x94\x39\xda", Error{Unknown, GB18030}},
		{"GBK with a stray byte", gbk + "\xff" + gbk, Error{Unknown, GB18030}},
		{"U+FFFD in GB18030", gbk + "\x84\x31\xa4\x37", Error{Unknown, GB18030}},
	} {
		t.Run(c.name, func(t *testing.T) { wantError(t, c.data, c.want) })
	}
}

// wantError checks that data is refused with want, and with a sentence.
func wantError(t *testing.T, data string, want Error) {
	t.Helper()
	text, name, err := Decode([]byte(data))
	var got *Error
	if !errors.As(err, &got) || *got != want {
		t.Fatalf("Decode = %q, %q, %#v; want %#v", text, name, err, want)
	}
	if text != "" || name != "" {
		t.Errorf("Decode = %q, %q with an error", text, name)
	}
	if got.Error() == "" {
		t.Error("no sentence")
	}
}

// Every character comes through UTF-16, and no unpaired surrogate does.
func TestDecodeUTF16Exhaustive(t *testing.T) {
	var all []rune
	for r := rune(' '); r <= utf8.MaxRune; r++ {
		if utf8.ValidRune(r) && r != 0x7f {
			all = append(all, r)
		}
	}
	for name, e := range map[string]encoding.Encoding{UTF16LE: utf16le, UTF16BE: utf16be} {
		if text, got, err := Decode([]byte(in(e, "\ufeff"+string(all)))); text != string(all) || got != name || err != nil {
			t.Errorf("Decode of all characters in %s = %d bytes, %q, %v", name, len(text), got, err)
		}
	}
	for unit := 0xd800; unit <= 0xdfff; unit++ {
		nexts := []string{"", "\x00a", "\xd7\xff", "\xd8\x00", "\xdb\xff", "\xe0\x00"}
		if unit >= 0xdc00 {
			nexts = append(nexts, "\xdc\x00")
		}
		for _, next := range nexts {
			data := "\xfe\xff" + string([]byte{byte(unit >> 8), byte(unit)}) + next
			wantError(t, data, Error{Unknown, UTF16BE})
		}
	}
}

func TestLooksBig5(t *testing.T) {
	const pair, rare, high = "\xa4\x40", "\xc9\x40", "\xa4\xa1"
	for _, c := range []struct {
		data string
		want bool
	}{
		{"a" + pair + pair + "b", true},
		{pair, false},
		{"\xa1\x40\xc6\x7e\xa4\xa1\xa4\xfe", true},
		{strings.Repeat(pair, 9) + "\xf9\x40", true},
		{strings.Repeat(pair, 9) + "\xfa\x40", false},
		{strings.Repeat(pair, 9) + "\xa0\x40", false},
		{strings.Repeat(pair, 9) + "\xa4\x3f", false},
		{strings.Repeat(pair, 9) + "\xa4\x7f", false},
		{strings.Repeat(pair, 9) + "\xa4\xa0", false},
		{strings.Repeat(pair, 9) + "\xa4\xff", false},
		{strings.Repeat(pair, 9) + "\xa4", false},
		{strings.Repeat(pair, 8) + rare, false},
		{strings.Repeat("\xc7\x40", 10), false},
		{strings.Repeat(high, 9) + pair, true},
		{strings.Repeat(high, 10) + pair, false},
		{strings.Repeat(pair, 100) + "\xa4", true},
		{strings.Repeat(pair, 99) + "\xa4", false},
	} {
		if got := looksBig5([]byte(c.data)); got != c.want {
			t.Errorf("looksBig5(%q) = %t", c.data, got)
		}
	}
}

// Cut anywhere, a file yields a beginning of its text or nothing.
func TestDecodeCut(t *testing.T) {
	text := notice + "𠮷㐂é👍" + notice
	for name, data := range map[string]string{
		UTF8:    text,
		GB18030: in(simplifiedchinese.GB18030, text),
		UTF16LE: in(utf16le, text),
		UTF16BE: in(utf16be, "\ufeff"+text),
	} {
		read := 0
		for n := 12; n <= len(data); n++ {
			got, _, err := Decode([]byte(data[:n]))
			if err != nil {
				continue
			}
			read++
			if !strings.HasPrefix(text, got) {
				t.Errorf("%s cut to %d bytes: Decode = %q", name, n, got)
			}
		}
		if read < len(data)/4 {
			t.Errorf("%s: %d of %d beginnings read", name, read, len(data))
		}
	}
}

func TestDecodeRandomBytes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 1000 {
		data := make([]byte, 16+r.IntN(2000))
		for j := range data {
			data[j] = byte(r.Uint32())
		}
		if text, name, err := Decode(data); err == nil {
			t.Fatalf("case %d: Decode(%q) = %q, %q", i, data, text, name)
		}
		for j := range data { // all in the range of GB2312, whose pairs look like text
			data[j] = 0xa1 + data[j]%94
		}
		if text, name, err := Decode(data); err == nil {
			t.Fatalf("case %d: Decode(%q) = %q, %q", i, data, text, name)
		}
	}
}

func TestDecodeOneByte(t *testing.T) {
	for b := range 256 {
		text, _, err := Decode([]byte{byte(b)})
		printable := b > ' ' && b < 0x7f
		if printable != (err == nil) || printable && text != string(rune(b)) {
			t.Errorf("Decode(%#x) = %q, %v", b, text, err)
		}
	}
}

func TestErrorSentences(t *testing.T) {
	for want, e := range map[string]*Error{
		"the file is empty": {Code: Empty},
		"the file is not a text file: it holds bytes that text does not":            {Code: Binary},
		"the file looks like a PDF file, not a text file":                           {Binary, "PDF"},
		"the encoding of the file is not clear: save it as UTF-8":                   {Code: Unknown},
		"the file looks like Big5 text, which is not supported: save it as UTF-8":   {Unknown, Big5},
		"the file looks like UTF-32 text, which is not supported: save it as UTF-8": {Unknown, UTF32},
		"the file looks like UTF-8 text with damaged or missing bytes: " +
			"get a complete copy and save it as UTF-8": {Unknown, UTF8},
		"the file looks like GB18030 text with damaged or missing bytes: " +
			"get a complete copy and save it as UTF-8": {Unknown, GB18030},
	} {
		if got := e.Error(); got != want {
			t.Errorf("Error() = %q, want %q", got, want)
		}
	}
	for _, f := range formats {
		if phrase := describeFormat(f.name); !strings.HasPrefix(phrase, "a") {
			t.Errorf("%s is described as %q", f.name, phrase)
		}
		if got := formatOf([]byte(f.magic)); got != f.name {
			t.Errorf("formatOf(%q) = %q, want %q", f.magic, got, f.name)
		}
	}
}

func TestWeights(t *testing.T) {
	for want, chars := range map[int]string{
		weightPunct:  "，。　《”",
		weightCommon: "的政策國a 9\n\r\t~",
		weightPlain:  "①│№αЯéÿ℃Ａ",
		weightOther:  "鞍挨懊☃👍",
		weightRare:   "亍鼴㐂𠮷あア한ا",
		weightOdd:    "\ue000\u0378\x01\x7f\u0081\uffff\U0010ffff",
	} {
		for _, r := range chars {
			if got := weightOf(bmpWeights(), r); got != want {
				t.Errorf("weight of %q = %d, want %d", r, got, want)
			}
		}
	}
	if n := len([]rune(gb2312Rows(0xb0, 0xd7))); n != 3755 {
		t.Errorf("GB2312 level 1 has %d characters, want 3755", n)
	}
	if n := len([]rune(gb2312Rows(0xd8, 0xf7))); n != 3008 {
		t.Errorf("GB2312 level 2 has %d characters, want 3008", n)
	}
	seen := map[rune]bool{}
	for _, r := range commonHan {
		if seen[r] {
			t.Errorf("%c is twice in commonHan", r)
		}
		seen[r] = true
	}
}

// lawful checks what Decode promises for any data.
func lawful(t *testing.T, data []byte) {
	t.Helper()
	before := bytes.Clone(data)
	text, name, err := Decode(data)
	if !bytes.Equal(data, before) {
		t.Fatalf("Decode changed %q to %q", before, data)
	}
	if err != nil {
		var e *Error
		if !errors.As(err, &e) || text != "" || name != "" || e.Error() == "" {
			t.Fatalf("Decode(%q) = %q, %q, %#v", data, text, name, err)
		}
		return
	}
	if strings.ToValidUTF8(text, "") != text || strings.ContainsAny(text, "\x00\r") {
		t.Fatalf("Decode(%q) = %q", data, text)
	}
	again, nameAgain, err := Decode([]byte(text))
	if again != text || nameAgain != UTF8 || err != nil {
		t.Fatalf("Decode(%q) = %q, but again %q, %q, %v", data, text, again, nameAgain, err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, text := range []string{notice, noticeTraditional, english, french, "", "\r", "\x1a\ufeff%PDF-"} {
		f.Add([]byte(text))
		f.Add([]byte("\ufeff" + text))
		for _, e := range []encoding.Encoding{simplifiedchinese.GB18030, utf16le, utf16be} {
			f.Add([]byte(in(e, text)))
			f.Add([]byte(in(e, "\ufeff"+text)))
		}
	}
	f.Add([]byte(in(traditionalchinese.Big5, noticeTraditional)))
	f.Add([]byte(in(charmap.ISO8859_1, french)))
	for _, format := range formats {
		f.Add([]byte(format.magic))
	}
	f.Fuzz(lawful)
}

// BenchmarkDecode decodes 50 MB in each encoding, and refuses 50 MB in two.
func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct{ name, data string }{
		{"UTF8", notice},
		{"UTF8-CRLF", strings.ReplaceAll(notice, "\n", "\r\n")},
		{"UTF16LE", in(utf16le, notice)},
		{"UTF16BE", in(utf16be, notice)},
		{"GB18030", in(simplifiedchinese.GB18030, notice)},
		{"Big5", in(traditionalchinese.Big5, noticeTraditional)},
		{"Latin1", in(charmap.ISO8859_1, french)},
	} {
		data := bytes.Repeat([]byte(c.data), 50_000_000/len(c.data))
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				_, _, _ = Decode(data)
			}
		})
	}
}
