package analysis

import (
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/longbridgeapp/opencc"
	"pgregory.net/rapid"
)

// TestKeysTable checks the cases of testdata/keys.txt.
func TestKeysTable(t *testing.T) {
	data, err := os.ReadFile("testdata/keys.txt")
	if err != nil {
		t.Fatal(err)
	}
	for n, line := range strings.Split(string(data), "\n") {
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		if a, b, ok := strings.Cut(line, "=="); ok {
			a, b = strings.TrimSpace(a), strings.TrimSpace(b)
			if !slices.Equal(AppendKeys(nil, a), AppendKeys(nil, b)) {
				t.Errorf("line %d: %q and %q have different keys", n+1, a, b)
			}
			continue
		}
		text, want, ok := strings.Cut(line, "=>")
		if !ok {
			t.Errorf("line %d: neither => nor ==", n+1)
			continue
		}
		if got := strings.Join(shown(strings.TrimSpace(text)), " "); got != strings.TrimSpace(want) {
			t.Errorf("line %d: %s => %s, want %s", n+1, text, got, want)
		}
	}
}

// shown returns the tokens of s in readable form.
func shown(s string) []string {
	var out []string
	for _, tok := range Append(nil, s) {
		switch {
		case KindOf(tok.Key) == Word:
			w := strings.ReplaceAll(Normalize(s[tok.Start:tok.End]), ",", "")
			if AppendKeys(nil, w)[0] != tok.Key {
				w = "?"
			}
			out = append(out, w)
		case KindOf(tok.Key) == Bigram:
			out = append(out, string([]rune{rune(tok.Key >> 21 & 0x1fffff), rune(tok.Key & 0x1fffff)}))
		default:
			out = append(out, string(rune(tok.Key)))
		}
	}
	return out
}

var samples = []string{
	"", "a", "对首次获得药品注册证书的企业，给予最高1,200万元奖励。",
	"Enterprises' policies: 1.5% of R&D (2020.12.31), ①②③ Ⅱ期 ㎡ ㈱ ½",
	"對首次獲得藥品註冊證書", "ｶﾞｷﾞ が가각 ﷺ ẞ İ ǆ ﬃ", "\xff\xfe企\xe4\xbc业\xf0\x9f", "1,234,567,89,123,4567.1,234",
	"𠀀𡃁𪚥 🏠🇨🇳 \u200b\ufeff", strings.Repeat("1,234", 50), strings.Repeat("区", 50),
}

func FuzzNormalize(f *testing.F) {
	for _, s := range samples {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkLaws(t, s) })
}

// checkLaws checks everything that holds for any input.
func checkLaws(t interface{ Fatalf(string, ...any) }, s string) {
	normal := Normalize(s)
	if again := Normalize(normal); again != normal {
		t.Fatalf("Normalize(%q) = %q, again %q", s, normal, again)
	}
	if !utf8.ValidString(normal) {
		t.Fatalf("Normalize(%q) = %q is not UTF-8", s, normal)
	}
	keys := AppendKeys(nil, s)
	if !slices.Equal(keys, AppendKeys(nil, normal)) {
		t.Fatalf("%q and its normal form %q have different keys", s, normal)
	}
	tokens := Append(nil, s)
	if len(tokens) != len(keys) {
		t.Fatalf("%q: Append gives %d tokens, AppendKeys %d", s, len(tokens), len(keys))
	}
	start := 0
	for i, tok := range tokens {
		if tok.Key != keys[i] {
			t.Fatalf("%q: token %d: Append and AppendKeys differ", s, i)
		}
		if tok.Start < start || tok.End <= tok.Start || tok.End > len(s) {
			t.Fatalf("%q: token %d: [%d:%d] after %d", s, i, tok.Start, tok.End, start)
		}
		start = tok.Start
	}
}

func TestLaws(t *testing.T) {
	for _, s := range samples {
		checkLaws(t, s)
	}
	rapid.Check(t, func(t *rapid.T) {
		checkLaws(t, rapid.StringOf(rapid.SampledFrom([]rune("企业業藥1290,，.．。 aSeiⅡ①㎡½é\u0301\u200bが\n"))).Draw(t, "s"))
	})
}

// TestEveryRune checks the laws for each character alone and between digits.
func TestEveryRune(t *testing.T) {
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if r == 0x32400 { // nothing but private use and tags beyond
			r = 0xe0000
		}
		if r == 0xe0200 {
			break
		}
		checkLaws(t, string(r))
		checkLaws(t, "1"+string(r)+"234")
	}
}

// TestVersion fails when the normal form or the keys change, as they may
// with another version of opencc, x/text or Go. Version must change then, or
// indexes made before would be taken for good.
func TestVersion(t *testing.T) {
	h := fnv.New64a()
	for r := rune(0); r <= 0x323af; r++ {
		fmt.Fprintln(h, Normalize(string(r)), AppendKeys(nil, string(r)))
	}
	for _, s := range samples {
		fmt.Fprintln(h, Normalize(s), AppendKeys(nil, s))
	}
	const version, digest = "han12-nfkc-t2s-1", 0xec87b58d8038db9a
	if Version != version || h.Sum64() != digest {
		t.Errorf("texts have other normal forms or keys: change Version, and set version and digest here to %q and %#x", Version, h.Sum64())
	}
}

// TestTraditional: text and its conversion to traditional characters, with
// phrase rules and regional variants, have the same keys.
func TestTraditional(t *testing.T) {
	texts := []string{
		"对首次获得药品注册证书的企业，按照临床试验费用的百分之三十给予补助。",
		"各区人民政府，各部门、各直属机构：现将批复印发给你们，请认真贯彻落实。",
		"了解产业链、供应链的发展，凭借后发优势，着力复制推广里程碑成果。",
		"干部、干燥、乾坤、头发、发展、皇后、后来、面粉、面积、范围、征收、长征。",
		"卫生健康委员会开放咨询台，台湾同胞余下的钟表。",
	}
	for _, conversion := range []string{"s2t", "s2tw", "s2hk"} {
		cc, err := opencc.New(conversion)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range texts {
			converted, err := cc.Convert(s)
			if err != nil {
				t.Fatal(err)
			}
			if a, b := Normalize(s), Normalize(converted); a != b {
				t.Errorf("%s: %s\n and %s\nread %s\n and %s", conversion, s, converted, a, b)
			}
		}
	}
}

func TestKindOf(t *testing.T) {
	var kinds []Kind
	for _, k := range AppendKeys(nil, "医保 gmp") {
		kinds = append(kinds, KindOf(k))
	}
	if want := []Kind{Unigram, Bigram, Unigram, Word}; !slices.Equal(kinds, want) {
		t.Errorf("kinds %v, want %v", kinds, want)
	}
}

// TestLinear: ten times the text takes at most about ten times as long.
func TestLinear(t *testing.T) {
	for _, unit := range []string{"1,234", "a", "1.", "区", ",123", "①", "ﷺ"} {
		spent := func(n int) time.Duration {
			s, best := strings.Repeat(unit, n), time.Hour
			for range 5 {
				start := time.Now()
				Append(nil, s)
				Normalize(s)
				best = min(best, time.Since(start))
			}
			return best
		}
		spent(1000)
		if small, large := spent(20_000), spent(200_000); large > 60*small+20*time.Millisecond {
			t.Errorf("%q: 20,000 times %v, 200,000 times %v", unit, small, large)
		}
	}
}

func BenchmarkTable(b *testing.B) {
	for b.Loop() {
		newFoldTable()
	}
}

func BenchmarkAppendKeys(b *testing.B) {
	benchmark(b, func(s string) { keys = AppendKeys(keys[:0], s) })
}

func BenchmarkAppend(b *testing.B)    { benchmark(b, func(s string) { tokens = Append(tokens[:0], s) }) }
func BenchmarkNormalize(b *testing.B) { benchmark(b, func(s string) { Normalize(s) }) }

var (
	keys   []uint64
	tokens []Token
)

func benchmark(b *testing.B, f func(string)) {
	s := strings.Repeat("对首次获得药品注册证书的企业，给予最高1,200万元奖励。Support for SMEs in 2025. ", 20)
	f(s)
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		f(s)
	}
}
