package outline

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
	"unicode/utf8"
)

var idForm = regexp.MustCompile(`^[a-z0-9.-]+$`)

// checkLaws states what holds for the outline of any text.
func checkLaws(t *testing.T, text string, o Outline) {
	t.Helper()
	ids := map[string]bool{}
	spans := []Span{}
	for i, u := range o.Units {
		if u.Parent >= i || u.Parent < -1 {
			t.Fatalf("unit %d %q: parent %d", i, u.Path, u.Parent)
		}
		if u.Span.Start < 0 || u.Span.End < u.Span.Start || u.Span.End > len(text) {
			t.Fatalf("unit %d %q: span %v of %d bytes", i, u.Path, u.Span, len(text))
		}
		if u.Span.Len() > 0 {
			spans = append(spans, u.Span)
		}
		if u.Leaf && (u.Path == "" || u.Span.Len() == 0 || Blank(text[u.Span.Start:u.Span.End])) {
			t.Fatalf("unit %d: leaf %q has span %v", i, u.Path, u.Span)
		}
		if !utf8.ValidString(text[u.Span.Start:u.Span.End]) || !utf8.ValidString(u.Heading) {
			t.Fatalf("unit %d %q: cuts a character", i, u.Path)
		}
		if u.Label == "" {
			if u.Leaf || u.Path != "" || u.ID != "" {
				t.Fatalf("unit %d: an aside must have no path: %+v", i, u)
			}
			continue
		}
		if !idForm.MatchString(u.ID) || ids[u.ID] {
			t.Fatalf("unit %d %q: id %q is malformed or given twice", i, u.Path, u.ID)
		}
		ids[u.ID] = true
		want := u.Label
		if u.Parent >= 0 {
			if o.Units[u.Parent].Leaf {
				t.Fatalf("unit %d %q: parent %q is a leaf", i, u.Path, o.Units[u.Parent].Path)
			}
			want = o.Units[u.Parent].Path + "/" + want
		}
		if u.Path != want {
			t.Fatalf("unit %d: path %q, want %q from its parent", i, u.Path, want)
		}
	}
	checkTiles(t, text, spans)
}

// checkTiles: leaves, headings and asides stand in document order, do not
// overlap, and leave out nothing but blanks.
func checkTiles(t *testing.T, text string, spans []Span) {
	t.Helper()
	if !sort.SliceIsSorted(spans, func(i, j int) bool { return spans[i].Start < spans[j].Start }) {
		t.Fatalf("spans are not in document order: %v", spans)
	}
	at := 0
	for _, s := range append(spans, Span{len(text), len(text)}) {
		if s.Start < at {
			t.Fatalf("span %v begins before %d, the end of the one before it", s, at)
		}
		if !Blank(text[at:s.Start]) {
			t.Fatalf("no unit covers %q", text[at:s.Start])
		}
		at = s.End
	}
}

func documents(t testing.TB) map[string]string {
	files, _ := filepath.Glob("testdata/styles/*.txt")
	seeds, _ := filepath.Glob("../../seeds/*.txt")
	out := map[string]string{}
	for _, f := range append(files, seeds...) {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(f)] = strings.ToValidUTF8(string(data), "?")
	}
	if len(out) < 13 {
		t.Fatalf("only %d documents", len(out))
	}
	return out
}

func TestLaws(t *testing.T) {
	for name, text := range documents(t) {
		t.Run(name, func(t *testing.T) { checkLaws(t, text, Parse(text)) })
	}
}

// TestIDsSurviveEdits: an edit inside one leaf, or a new unit at the end,
// leaves the ids, paths and texts of all other leaves as they were.
func TestIDsSurviveEdits(t *testing.T) {
	for name, text := range documents(t) {
		o := Parse(text)
		leaves := o.Leaves()
		for _, k := range leaves {
			if id := o.Units[k].ID; id == "head" || id == "signature" {
				continue // these are known by what they say
			}
			s := o.Units[k].Span
			r := []rune(text[s.Start:s.End])
			mid := s.Start + len(string(r[:len(r)/2]))
			edited := text[:mid] + "经修改的文字" + text[mid:]
			after := Parse(edited)
			texts := map[string]string{}
			for _, i := range after.Leaves() {
				u := after.Units[i]
				texts[u.ID] = edited[u.Span.Start:u.Span.End]
			}
			for _, i := range leaves {
				u := o.Units[i]
				if i != k && texts[u.ID] != text[u.Span.Start:u.Span.End] {
					t.Fatalf("%s: an edit in %s changed %s", name, o.Units[k].Path, u.Path)
				}
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range documents(f) {
		f.Add(text)
	}
	f.Add("目录\n第一章 总则\n第一章 总则\n第一条 a\n（一）b\n附件1\n1.1 c\n1.1.1 d")
	f.Add("问：a？\n答：b\n问：\nc？\n答：d\n(1) e")
	f.Add("局长甲：\n一是x。\n记者：y？\n局长甲：\n下一步：\n一是z。")
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.ReplaceAll(strings.ToValidUTF8(text, "?"), "\r", "\n") // what Parse asks of its callers
		o := Parse(text)
		checkLaws(t, text, o)
		if len(o.Units) == 0 && !Blank(text) {
			t.Fatalf("no unit for %q", text)
		}
	})
}

func FuzzDepartments(f *testing.F) {
	f.Add("(责任单位:市科委、市财政局)")
	f.Add("(Involved ministries and commissions: A, B and C;Municipal departments: D and E respectively promote according to their duties)")
	f.Add("（市发改委牵头，市科技局配合）")
	f.Fuzz(func(t *testing.T, text string) {
		seen := map[string]bool{}
		for _, d := range Departments(text) {
			if seen[d] || !strings.Contains(text, d) {
				t.Fatalf("%q is named twice or not in the text", d)
			}
			seen[d] = true
		}
	})
}

// Adversarial shapes whose cost must grow with their length only.
var shapes = map[string]func(n int) string{
	"plan": func(n int) string {
		return repeat("一、总体要求\n（一）指导思想。坚持创新。\n1.支持企业。给予50万元奖励。(责任单位:市科委、市财政局)\n", n)
	},
	"zigzag":    func(n int) string { return repeat("1.甲\n（一）乙\n", n) },
	"open":      func(n int) string { return repeat("（责任单位：", n) },
	"one line":  func(n int) string { return repeat("支持企业", n) },
	"blank":     func(n int) string { return repeat("\n　 \n", n) },
	"questions": func(n int) string { return repeat("问：甲？\n答：乙\n", n) },
	"annexes":   func(n int) string { return repeat("附件：1.甲\n2.乙\n2023年1月1日\n", n) },
	"contents":  func(n int) string { return "目录\n" + repeat("第一章 甲……1\n目录\n", n) },
	"speakers":  func(n int) string { return repeat("局长甲：\n记者：乙？\n下一步，\n", n) },
	"ands":      func(n int) string { return "(Municipal departments: " + repeat("A and B and ", n) + ")" },
}

func repeat(s string, n int) string { return strings.Repeat(s, n/len(s)+1) }

func TestLawsOfShapes(t *testing.T) {
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			text := shape(100_000)
			checkLaws(t, text, Parse(text))
		})
	}
}

// BenchmarkParse shows linear time: ns per byte must not grow from 1 to 5 MB.
func BenchmarkParse(b *testing.B) {
	for name, shape := range shapes {
		for _, mb := range []int{1, 5} {
			text := shape(mb << 20)
			b.Run(fmt.Sprintf("%s/%dMB", name, mb), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					Parse(text)
				}
			})
		}
	}
}
