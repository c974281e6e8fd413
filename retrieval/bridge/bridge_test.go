package bridge

import (
	"flag"
	"fmt"
	"io/fs"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the found lines of testdata/cases.txt")

// sample returns the bridge of the words in testdata/words.
func sample(t testing.TB) *Bridge {
	t.Helper()
	b, err := Read(os.DirFS("testdata/words"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestRead compares what questions are read as with testdata/cases.txt, which
// says what it must be.
func TestRead(t *testing.T) {
	const file = "testdata/cases.txt"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	b := sample(t)
	var anew strings.Builder
	for line := range strings.Lines(string(data)) {
		question, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "question  ")
		switch {
		case ok:
			anew.WriteString(line + shown(b, question))
		case !strings.HasPrefix(line, "  "):
			anew.WriteString(line)
		}
	}
	if diff := cmp.Diff(string(data), anew.String()); diff != "" && !*update {
		t.Errorf("-want +got:\n%s", diff)
	}
	if *update {
		if err := os.WriteFile(file, []byte(anew.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// shown is what a question is read as, for reading.
func shown(b *Bridge, question string) string {
	concepts, asking := b.Read(question)
	out := ""
	var list func(concepts []Concept, indent string)
	list = func(concepts []Concept, indent string) {
		for _, c := range concepts {
			out += fmt.Sprintf("%s%s %d:%d", indent, c.Text, c.Start, c.End)
			if c.Cut {
				out += " cut"
			}
			for _, f := range c.Forms {
				out += fmt.Sprintf("; %s %.3f %s", f.Text, f.Weight, f.Entry)
			}
			out += "\n"
			list(c.Parts, indent+"  ")
		}
	}
	list(concepts, "  ")
	for _, a := range asking {
		out += fmt.Sprintf("  asks %s\n", question[a[0]:a[1]])
	}
	return out
}

// weightOf is what a form counts for a question; 0 when it is none.
func weightOf(b *Bridge, question, form string) float64 {
	concepts, _ := b.Read(question)
	for _, c := range concepts {
		for _, f := range c.Forms {
			if f.Text == form {
				return f.Weight
			}
		}
	}
	return 0
}

// Forms count by how many steps away they are, and by their place among the
// alternatives of an entry.
func TestWeights(t *testing.T) {
	b := sample(t)
	for _, tt := range []struct {
		question, form string
		want           float64
	}{
		{"补贴", "subsidy", 0.9},
		{"补贴", "grant", 0.9 * 0.94},
		{"补贴", "资金支持", 0.8},
		{"补贴", "奖励", 0.8 * 0.94},
		{"补贴", "补助", 0.8 * 0.94 * 0.94},
		{"补贴", "financial support", 0.8 * 0.9},
		{"补帖", "补贴", 0.8},
		{"补帖", "subsidy", 0.8 * 0.9},
		{"补帖", "资金支持", 0}, // two steps of one kind
		{"资金支持", "补贴", 0},
		{"subsidy", "补贴", 0.9},
		{"subsidy", "资金支持", 0},
		{"临床试验", "临床研究", 0.7 * 0.94},
		{"经信局", "经济和信息化局", 0.94},
		{"经信局", "eib", 0.94 * 0.94},
		{"eib", "经信局", 1},
		{"经信局", "economy bureau", 0.94 * 0.9},
		{"卖药", "药品销售", 0.8},
		{"卖鱼", "药品销售", 0},
	} {
		if got := weightOf(b, tt.question, tt.form); math.Abs(got-tt.want) > 1e-12 {
			t.Errorf("%s for %s counts %v, want %v", tt.form, tt.question, got, tt.want)
		}
	}
}

// Lines that are no entries, by the error that they lead to.
func TestReadErrors(t *testing.T) {
	for _, tt := range []struct{ file, text, want string }{
		{"a.txt", "补贴 = subsidy\n\n# note\n补贴 奖励\n", "a.txt line 4: want =, > or ~"},
		{"a.txt", "补贴 = subsidy = grant", `a.txt line 1: "=" stands twice`},
		{"a.txt", "补贴 > 奖励 > 补助", `a.txt line 1: ">" stands twice`},
		{"a.txt", "= subsidy", "a.txt line 1: a side is empty"},
		{"a.txt", "补贴 =", "a.txt line 1: a side is empty"},
		{"a.txt", "补贴 > # 奖励", "a.txt line 1: a side is empty"},
		{"a.txt", "补贴 > ", "a.txt line 1: a side is empty"},
		{"a.txt", "补贴 > 、 ；", `a.txt line 1: "" has no letter, digit or character`},
		{"a.txt", "补贴 ~ ", "a.txt line 1: a side is empty"},
		{"a.txt", "补贴、！ = subsidy", `a.txt line 1: "!" has no letter, digit or character`},
		{"a.txt", "卖+ > 销售", `a.txt line 1: "" has no letter, digit or character`},
		{"a.txt", "补贴。奖励 = subsidy", `a.txt line 1: "补贴。奖励" has a mark within`},
		{"a.txt", "补贴 = \xff", "a.txt is not UTF-8"},
		{"b.txt", "补贴", "b.txt line 1: want"},
		{AskWords, "请问 ！", AskWords + " line 1: "},
	} {
		_, err := Read(fstest.MapFS{tt.file: {Data: []byte(tt.text)}, "aa.txt": {Data: []byte("甲 = a\n")}, "note.md": {Data: []byte("no entry")}})
		if err == nil || !strings.HasPrefix(err.Error(), "read words: "+tt.want) {
			t.Errorf("%q: %v, want %s", tt.text, err, tt.want)
		}
	}
	if _, err := Read(os.DirFS("testdata/none")); err != nil {
		t.Errorf("a folder without files: %v", err)
	}
	if _, err := Read(fstest.MapFS{"a.txt": {Mode: fs.ModeDir}}); err == nil {
		t.Error("a folder with the name of a file is read")
	}
}

// Every line of the embedded files is an entry, there are as many as there should
// be, and no two files or lines are taken for one.
func TestEmbedded(t *testing.T) {
	b := Default()
	counts := map[string]int{}
	lines := 0
	names, err := fs.Glob(Files(), "*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			line, _, _ = strings.Cut(line, "#")
			if name == AskWords || strings.TrimSpace(line) == "" {
				continue
			}
			lines++
			for _, m := range marks {
				if strings.Contains(line, m.text) {
					counts[m.text]++
					break
				}
			}
		}
	}
	if counts["="] < 2000 || counts[">"] < 1200 {
		t.Errorf("%d entries with =, %d with >", counts["="], counts[">"])
	}
	entries := b.Entries()
	slices.Sort(entries)
	if len(entries) != lines || len(slices.Compact(entries)) != lines {
		t.Errorf("%d entries of %d lines", len(entries), lines)
	}
	if len(b.asking) < 50 {
		t.Errorf("%d words that ask", len(b.asking))
	}
}

// Nothing is searched by a line of the files whose parts joined by + begin with a single character. No line is
// like that but these: turned around, each changes an answer of the golden ones.
func TestEmbeddedInert(t *testing.T) {
	b := Comparing() // which has all files
	var inert []string
	for _, j := range b.joined {
		if b.single(j.parts[0]) {
			var parts []string
			for _, n := range j.parts {
				parts = append(parts, b.forms[n].text)
			}
			file, _, _ := strings.Cut(j.edges[0].entry, ":")
			inert = append(inert, file+" "+strings.Join(parts, "+"))
		}
	}
	if diff := cmp.Diff([]string{"lay-business.txt 租+手术机器人", "lay-medicine.txt 卖+药"}, inert); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// The example of the README for + is read in the files and among added lines.
func TestReadmeJoined(t *testing.T) {
	data, err := os.ReadFile("words/README.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?m)^\\| `((.+)\\+(.+) > (.+))` \\|").FindStringSubmatch(string(data))
	if m == nil {
		t.Fatal("it has no example")
	}
	file, err := Read(fstest.MapFS{"a.txt": {Data: []byte(m[1])}})
	if err != nil {
		t.Fatal(err)
	}
	empty, err := Read(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	added, bad := empty.With("own", m[1])
	if bad != nil {
		t.Fatal(bad)
	}
	for name, b := range map[string]*Bridge{"a file": file, "added": added} {
		if b.single(b.joined[0].parts[0]) || weightOf(b, m[3]+"可以"+m[2]+"吗", m[4]) == 0 {
			t.Errorf("%s: %s leads nowhere", name, m[1])
		}
	}
}

// Plain words are known where questions are compared, and nowhere else.
func TestComparing(t *testing.T) {
	if n := len(Comparing().Entries()) - len(Default().Entries()); n < 300 {
		t.Errorf("%d plain entries", n)
	}
	for _, tt := range []struct{ question, form string }{{"创新", "innovation"}, {"a fund", "基金"}, {"南边", "南部"}} {
		if weightOf(Comparing(), tt.question, tt.form) == 0 || weightOf(Default(), tt.question, tt.form) > 0 {
			t.Errorf("%s: %s is not known where questions are compared, or elsewhere too", tt.question, tt.form)
		}
	}
}

// Some questions of lay people and what the embedded files lead to.
func TestEmbeddedForms(t *testing.T) {
	for _, tt := range []struct{ question, form string }{
		{"开公司给钱吗", "资金支持"},
		{"补帖怎么领", "补贴"},
		{"clinical trials in Xiamen", "临床试验"},
		{"发改委管什么", "发展和改革委员会"},
		{"網上賣藥", "药品网络销售"},
		{"知识产权质押", "ip pledge"},
	} {
		if weightOf(Default(), tt.question, tt.form) == 0 {
			concepts, _ := Default().Read(tt.question)
			t.Errorf("%s does not lead to %s: %v", tt.question, tt.form, concepts)
		}
	}
}

// An entry is unused when none of its forms, on either side, stands in a text.
func TestUnused(t *testing.T) {
	b := sample(t)
	all := b.Unused(nil)
	if diff := cmp.Diff(b.Entries(), all); diff != "" {
		t.Errorf("without texts (-entries +unused):\n%s", diff)
	}
	left := b.Unused([]string{"给予補貼。", "Subsidies, Hospitals", "卖鱼"})
	for _, used := range []string{"lay.txt:1", "lay.txt:2", "lay.txt:3", "zh-en.txt:1", "zh-en.txt:5"} {
		if i := slices.Index(all, used); i < 0 || slices.Contains(left, used) {
			t.Errorf("%s is not an entry, or is unused", used)
		}
		all = slices.DeleteFunc(all, func(s string) bool { return s == used })
	}
	if diff := cmp.Diff(all, left); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// wantSound checks what holds of any text: places within it, in order, at most
// MaxForms forms with weights in order and within their range, each from an entry.
func wantSound(t testing.TB, b *Bridge, text string) {
	t.Helper()
	concepts, asking := b.Read(text)
	for _, a := range asking {
		if a[0] < 0 || a[1] > len(text) || a[0] >= a[1] {
			t.Fatalf("%q asks at %v", text, a)
		}
	}
	var check func(list []Concept, start, end int)
	check = func(list []Concept, start, end int) {
		for i, c := range list {
			if c.Start < start || c.End > end || c.Start >= c.End || utf8.ValidString(text) && !utf8.ValidString(text[c.Start:c.End]) {
				t.Fatalf("%q: %+v lies outside %d to %d", text, c, start, end)
			}
			if i > 0 && (c.Start < list[i-1].Start || c.Start == list[i-1].Start && c.End < list[i-1].End) {
				t.Fatalf("%q: %+v after %+v", text, c, list[i-1])
			}
			if c.Text == "" || c.Cut && len(c.Forms)+len(c.Parts) > 0 || len(c.Forms) > MaxForms {
				t.Fatalf("%q: %+v", text, c)
			}
			for j, f := range c.Forms {
				if f.Text == "" || f.Text == c.Text || f.Weight < least || f.Weight > 1 || !strings.Contains(f.Entry, ".txt:") || j > 0 && f.Weight > c.Forms[j-1].Weight {
					t.Fatalf("%q: %s has the form %+v", text, c.Text, f)
				}
			}
			check(c.Parts, c.Start, c.End)
		}
	}
	check(concepts, 0, len(text))
}

// FuzzRead reads any text with the embedded words.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"", "请问补贴最高多少", "網上賣藥", "licensing, planned; subsidies", "独资医院。𠮷野", "\xff补\xfe贴", "ing ed ly iied", "互联网+", "葡萄酒庄园", "e\u0301 ＡＢＣ １２３", "大家好\x00！补贴\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) < 1<<12 {
			wantSound(t, Default(), text)
		}
	})
}

// FuzzWords reads any file of words: it is refused with its line or gives a bridge
// that reads its own text.
func FuzzWords(f *testing.F) {
	for _, s := range []string{"", "补贴 = subsidy; grant", "a > b", "a+b、c > d\nd = e", "甲 ~ 乙 ~ 丙", "# x\n= y", "a = b = c", "互联网+ ~ 互联网加", "\xff", "a;;；、b > c#d", "ing = ed"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<12 {
			return
		}
		b, err := Read(fstest.MapFS{"a.txt": {Data: []byte(text)}})
		if err != nil {
			if !strings.HasPrefix(err.Error(), "read words: a.txt line ") && err.Error() != "read words: a.txt is not UTF-8" {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		wantSound(t, b, text)
	})
}

const question = "我们在厦门开公司做医疗器械，注册的补贴最高给多少，怎么申请？"

// A text of 1 MB is read; with a quadratic step this test would not end in time.
func TestReadLong(t *testing.T) {
	for _, s := range []string{question, "补贴", "甲乙丙", "卖药", "clinical trial ", "市"} {
		long := strings.Repeat(s, 1<<20/len(s))
		if concepts, _ := Default().Read(long); len(concepts) == 0 && s != "市" {
			t.Errorf("%s again and again: no concept", s)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	for _, n := range []int{30, 2000} {
		text := string([]rune(strings.Repeat(question, n/30+1))[:n])
		b.Run(fmt.Sprint(n, "characters"), func(b *testing.B) {
			Default()
			for b.Loop() {
				Default().Read(text)
			}
		})
	}
}
