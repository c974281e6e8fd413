package markdown

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// checkLaws states what holds for the text of any source.
func checkLaws(t *testing.T, source string) {
	t.Helper()
	text := Text(source)
	if !utf8.ValidString(text) || strings.ContainsFunc(text, hiddenControl) {
		t.Fatalf("bytes that must not be there: %q", text)
	}
	if text != trimmedEnds(text) {
		t.Fatalf("blanks at the end of a line or blank lines too many: %q", text)
	}
	if isPlain(source) && text != trimmed(source) {
		t.Fatalf("plain text is changed: %q to %q", trimmed(source), text)
	}
	source = clean(source) // what Text reads: a control character may hide a mark
	if strings.Contains(source, "&") {
		return // entities make characters
	}
	kept := letters
	if numberTwice(source) {
		kept = lettersOnly
	}
	was, is := kept(source), kept(text)
	if !isSubsequence(is, was) {
		t.Fatalf("not in the source, or in another order:\n%q\n%q", was, is)
	}
	if !mayHide.MatchString(source) && string(is) != string(was) {
		t.Fatalf("lost:\n%q\n%q", was, is)
	}
}

// mayHide finds what can leave out words: tags and comments, link targets,
// definitions, front matter, and languages of code.
var mayHide = regexp.MustCompile("<|\\]\\(|\\]:|^\ufeff?---|```|~~~")

// isPlain reports a source without any character that Markdown gives a meaning,
// and without a list.
func isPlain(s string) bool {
	return !strings.ContainsAny(s, "*_~`[]<>&\\#|=+-\x00\r\f\v") && utf8.ValidString(s) &&
		!strings.ContainsFunc(s, hiddenControl) && !orderedItem.MatchString(s)
}

var (
	orderedItem = regexp.MustCompile(`(?m)^\s*[0-9]+[.)](\s|$)`)
	itemNumber  = regexp.MustCompile(`([0-9]+)[.)](?:\s|$)`)
)

// numberTwice reports whether a list may be counted.
func numberTwice(s string) bool {
	seen := map[string]bool{}
	for _, found := range itemNumber.FindAllStringSubmatch(s, -1) {
		if seen[found[1]] {
			return true
		}
		seen[found[1]] = true
	}
	return false
}

// letters are the letters and digits of s.
func letters(s string) []rune {
	return keep(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) })
}

func lettersOnly(s string) []rune { return keep(s, unicode.IsLetter) }

func keep(s string, which func(rune) bool) []rune {
	var out []rune
	for _, r := range s {
		if which(r) {
			out = append(out, r)
		}
	}
	return out
}

func isSubsequence(part, whole []rune) bool {
	for _, r := range whole {
		if len(part) > 0 && part[0] == r {
			part = part[1:]
		}
	}
	return len(part) == 0
}

// trimmed is s without blanks at the ends of lines, without blank lines beyond
// the first and at its ends.
func trimmed(s string) string {
	var lines []string
	for line := range strings.Lines(s) {
		lines = append(lines, strings.TrimFunc(line, blank))
	}
	return joined(lines)
}

// trimmedEnds is like trimmed, but keeps blanks at the start of a line.
func trimmedEnds(s string) string {
	var lines []string
	for line := range strings.Lines(s) {
		lines = append(lines, strings.TrimRightFunc(line, blank))
	}
	return joined(lines)
}

var blankLines = regexp.MustCompile(`\n{3,}`)

func joined(lines []string) string {
	return strings.Trim(blankLines.ReplaceAllString(strings.Join(lines, "\n"), "\n\n"), "\n")
}

// pieces are what sources are mixed from.
var pieces = []string{
	"甲", "乙丙", "第一条", "a", "B1", "10", "。", "，", "：", "（", "）", "《", "》", "“", " ", "  ", "    ", "\t", "\u3000",
	"\n", "\n", "\n", "\n\n", "\n> ", "\n>", "\n- ", "\n* ", "\n+ ", "\n1. ", "\n2) ", "\n7. ", "\n  ", "\n   ", "\n    ",
	"\n# ", "\n##", "\n---\n", "\n===\n", "\n***\n", "\n```\n", "\n~~~", "\n|---|---|\n", "\n|-\n", "|", "\\|", "*", "**", "***",
	"_", "__", "~", "~~", "`", "``", "[", "]", "![", "](", "](/a)", "](b)", "]:", "]: /a\n", ")", "<", ">", "<b>", "</b>", "<br>",
	"<p>", "<td>", "<tr>", "<!--", "-->", "\n<!--\n", "\n<script>\n", "</script>", "<a b=\"c\">", "&lt;", "&", "\\", "\\\n", "-", "+", "#", "1.", "=", "!", "\"",
}

// TestLawsOfMixtures mixes marks and words at random, always in the same way.
func TestLawsOfMixtures(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		var b strings.Builder
		for range random.IntN(40) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		checkLaws(t, b.String())
	}
}

func FuzzText(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s.source)
	}
	for _, shape := range shapes {
		f.Add(shape(200))
	}
	f.Add("1. \n1.\x01")
	f.Add("``\x16`0")
	f.Fuzz(func(t *testing.T, source string) { checkLaws(t, source) })
}

// Adversarial shapes whose cost must grow with their length only. The first is
// what a large document looks like.
var shapes = map[string]func(n int) string{
	"policy": func(n int) string {
		return repeat("## 一、总体要求\n\n**（一）指导思想：**坚持*创新*，见[办法](https://example.com/a)。\n\n"+
			"1. 支持企业，给予10~20万元奖励。\n2. 支持人才。\n\n| 项目 | 金额 |\n|---|---|\n| 甲 | **10** |\n\n", n)
	},
	"plain":               func(n int) string { return repeat("　　第一条 支持企业，给予50万元奖励。\n", n) },
	"one line":            func(n int) string { return repeat("支持企业", n) },
	"blank":               func(n int) string { return repeat("\n　 \n", n) },
	"brackets":            func(n int) string { return repeat("[", n) },
	"bracket pairs":       func(n int) string { return halves("[", "]", n) },
	"closing brackets":    func(n int) string { return repeat("[甲]", n) },
	"links":               func(n int) string { return repeat("[甲](/b)", n) },
	"nested links":        func(n int) string { return halves("[", "](/a)", n) },
	"nested images":       func(n int) string { return halves("![", "](/a)", n) },
	"link around links":   func(n int) string { return repeat("[", n/3) + halves("[甲](/b)", "]", n/3*2) },
	"open targets":        func(n int) string { return repeat("[a](<b", n) },
	"open titles":         func(n int) string { return repeat(`[a](/b "`, n) },
	"open references":     func(n int) string { return repeat("[a][", n) },
	"references":          func(n int) string { return halves("[a]: /b\n\n", "[a] ", n) },
	"definitions":         func(n int) string { return repeat("[a]: b/c\n", n) },
	"definition and text": func(n int) string { return halves("[a]: b/c\n", "甲\n", n) },
	"asterisks":           func(n int) string { return repeat("*", n) },
	"openers":             func(n int) string { return repeat("*a ", n) },
	"closers":             func(n int) string { return repeat("a* ", n) },
	"openers and others":  func(n int) string { return halves("*a ", "b_ ", n) },
	"openers too long":    func(n int) string { return halves("**a ", "b* ", n) },
	"bold":                func(n int) string { return repeat("**注意：**甲", n) },
	"gaps":                func(n int) string { return repeat("甲**（乙）", n) },
	"underscores":         func(n int) string { return repeat("_a _", n) },
	"ticks":               ticks,
	"tick pairs":          func(n int) string { return repeat("`a`", n) },
	"less than":           func(n int) string { return repeat("<", n) },
	"open tags":           func(n int) string { return repeat(`<a b="`, n) },
	"open tags, spaces":   func(n int) string { return repeat("<a ", n) },
	"tags":                func(n int) string { return repeat("<tr><td>", n) },
	"comments":            func(n int) string { return repeat("<!-- ", n) },
	"comment blocks":      func(n int) string { return repeat("<!--\n", n) },
	"quoted comments":     func(n int) string { return repeat("> <!--\n\n", n) + "-->" },
	"scripts":             func(n int) string { return repeat("<script>\n", n) },
	"declarations":        func(n int) string { return repeat("<!A", n) },
	"instructions":        func(n int) string { return repeat("<?", n) },
	"quotations":          func(n int) string { return repeat(">", n) },
	"quotations and text": func(n int) string { return halves("> ", "\na", n) },
	"quotation lines":     func(n int) string { return repeat(strings.Repeat(">", 300)+"甲\n", n) },
	"lists in lists":      func(n int) string { return repeat("- ", n) },
	"lists and blanks": func(n int) string {
		return strings.Repeat("- ", 30) + "a\n" + repeat(strings.Repeat(" ", 60)+"a\n\n", n)
	},
	"empty items":    func(n int) string { return repeat("-\n", n) },
	"items":          func(n int) string { return repeat("1. 甲\n", n) },
	"deeper items":   deeper,
	"tables":         func(n int) string { return repeat("|甲|\n|---|\n|乙|\n\n", n) },
	"wide table":     wide,
	"pipes":          func(n int) string { return repeat("|", n) },
	"escaped pipes":  func(n int) string { return "|a|\n|-|\n" + repeat("|`\\|`|\n", n) },
	"delimiter rows": func(n int) string { return repeat("|-\n", n) },
	"headings":       func(n int) string { return repeat("#\n", n) },
	"underlined":     func(n int) string { return repeat("甲\n=\n", n) },
	"fences":         func(n int) string { return repeat("```\n", n) },
	"escapes":        func(n int) string { return repeat("\\", n) },
	"entities":       func(n int) string { return repeat("&amp;", n) },
	"ampersands":     func(n int) string { return repeat("&a", n) },
	"front matter":   func(n int) string { return "---\n" + repeat("a: b\n", n) },
}

func repeat(s string, n int) string { return strings.Repeat(s, n/len(s)+1) }

func halves(a, b string, n int) string { return repeat(a, n/2) + repeat(b, n/2) }

// ticks has runs of backticks of which no two are of the same length.
func ticks(n int) string {
	var b strings.Builder
	for i := 1; b.Len() < n; i++ {
		b.WriteString(strings.Repeat("`", i) + "a")
	}
	return b.String()
}

func deeper(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString(strings.Repeat("  ", i) + "- a\n")
	}
	return b.String()
}

// wide has rows that are far shorter than the head of their table.
func wide(n int) string {
	return repeat("a|", n/16) + "\n" + repeat("-|", n/16) + "\n" + repeat("a\n", n)
}

func TestLawsOfShapes(t *testing.T) {
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) { checkLaws(t, shape(20_000)) })
	}
}

// BenchmarkText shows linear time: ns per byte must not grow from 1 to 5 MB.
func BenchmarkText(b *testing.B) {
	for name, shape := range shapes {
		for _, mb := range []int{1, 5} {
			text := shape(mb << 20)
			b.Run(fmt.Sprintf("%s/%dMB", name, mb), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					Text(text)
				}
			})
		}
	}
}
