package bridge

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"
)

// TestWithMistakes reads testdata/added.txt, each line alone and all together.
func TestWithMistakes(t *testing.T) {
	data, err := os.ReadFile("testdata/added.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	var all strings.Builder
	var want []LineError
	for line := range strings.Lines(string(data)) {
		fields := strings.SplitN(strings.TrimSuffix(line, "\n"), "|", 3)
		if len(fields) < 3 {
			continue
		}
		for i, f := range fields[:2] {
			fields[i] = strings.TrimSuffix(strings.TrimSpace(f), ".")
		}
		n++
		all.WriteString(fields[2] + "\r\n")
		_, bad := Default().With("own", fields[2])
		got := LineError{Line: 1}
		if len(bad) > 0 {
			got = bad[0]
		}
		if got != (LineError{1, Mistake(fields[0]), fields[1]}) || len(bad) > 1 {
			t.Errorf("%s: %v", fields[2], bad)
		}
		if fields[0] != "" {
			want = append(want, LineError{n, Mistake(fields[0]), fields[1]})
		}
	}
	b, bad := Default().With("own", all.String())
	if !reflect.DeepEqual(bad, want) {
		t.Errorf("together %v, want %v", bad, want)
	}
	if got := len(b.Entries()) - len(Default().Entries()); got != 9 {
		t.Errorf("%d entries of those without a mistake", got)
	}
}

// TestWithLimits goes up to each limit and beyond.
func TestWithLimits(t *testing.T) {
	line := func(i int) string { return fmt.Sprintf("word%d > 补贴%d\n", i, i) }
	lines := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(line(i) + "# no entry\n")
		}
		return b.String()
	}
	for name, tt := range map[string]struct {
		text string
		want LineError
	}{
		"lines":         {lines(MaxLines), LineError{}},
		"more lines":    {lines(MaxLines + 1), LineError{2*MaxLines + 1, ManyLines, ""}},
		"long":          {strings.Repeat("长", MaxLine-7) + " > word\n", LineError{}},
		"longer":        {strings.Repeat("长", MaxLine-6) + " > word\n", LineError{1, LongLine, ""}},
		"text":          {strings.Repeat("#"+strings.Repeat("长", 98)+"\n", MaxText/100), LineError{}},
		"more text":     {strings.Repeat("#"+strings.Repeat("长", 98)+"\n", MaxText/100) + "#", LineError{MaxText/100 + 1, LongText, ""}},
		"bytes":         {"补贴 > a\xff\n", LineError{1, NotText, ""}},
		"a word often":  {strings.Repeat("长长 > word\n", maxWordShared), LineError{}},
		"too often":     {strings.Repeat("长长 > word\n", maxWordShared) + "长长 > other\n", LineError{maxWordShared + 1, OftenWord, "长长"}},
		"built-in word": {strings.Repeat("长长 > 补贴\n", maxWordShared+1), LineError{maxWordShared + 1, OftenWord, "长长"}},
	} {
		_, bad := Default().With("own", tt.text)
		got := LineError{}
		if len(bad) > 0 {
			got = bad[0]
		}
		if got != tt.want || len(bad) > 1 {
			t.Errorf("%s: %v, want %v", name, bad, tt.want)
		}
	}
}

// formsOf are the forms of everything that a question speaks of that is in a list.
func formsOf(b *Bridge, question string) map[string]float64 {
	out := map[string]float64{}
	all, asking := b.Read(question)
	for _, a := range asking {
		out[fmt.Sprint("asks ", a)] = 1
	}
	for _, c := range all {
		if len(c.Forms) > 0 {
			out[fmt.Sprint(c.Text, c.Start, c.End)] = 1
		}
		for _, f := range c.Forms {
			key := fmt.Sprint(c.Text, c.Start, c.End, " → ", f.Text)
			out[key] = max(out[key], f.Weight)
		}
	}
	return out
}

// TestWithKeeps reads questions with all kinds of lines: what was read without them is
// read with them, and the bridge that they were added to is as it was.
func TestWithKeeps(t *testing.T) {
	b := sample(t)
	data, err := os.ReadFile("testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	var questions []string
	for line := range strings.Lines(string(data)) {
		if q, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "question  "); ok {
			questions = append(questions, q)
		}
	}
	before := fmt.Sprint(len(b.forms), len(b.joined), b.entries, len(b.numbers), b.trie.nodes, len(b.trie.edges))
	rng := rand.New(rand.NewPCG(1, 2))
	piece := func() string { // of a question, which cuts words and covers several
		q := []rune(questions[rng.IntN(len(questions))])
		from := rng.IntN(len(q))
		return string(q[from:min(len(q), from+2+rng.IntN(8))])
	}
	added := 0
	for range 300 {
		var lines strings.Builder
		for range 1 + rng.IntN(8) {
			fmt.Fprintf(&lines, "%s;%s %s %s;%s\n", piece(), piece(), marks[rng.IntN(3)].text, piece(), cmp.Or(piece(), "x"))
		}
		with, _ := b.With("own", lines.String())
		more, _ := with.With("again", "薅羊毛 > 补贴")
		added += len(with.Entries()) - len(b.Entries())
		for _, q := range questions {
			base, mid := formsOf(b, q), formsOf(with, q)
			for key, weight := range base {
				if mid[key] < weight {
					t.Fatalf("%s with\n%s%s: %g, was %g", q, lines.String(), key, mid[key], weight)
				}
			}
			if len(base) > len(formsOf(more, q)) {
				t.Fatalf("%s: less is read with lines of two names", q)
			}
		}
	}
	if after := fmt.Sprint(len(b.forms), len(b.joined), b.entries, len(b.numbers), b.trie.nodes, len(b.trie.edges)); after != before || added < 100 {
		t.Errorf("the bridge itself has changed, or only %d lines were added", added)
	}
	if same, bad := b.With("own", "# nothing\n\n"); same != b || bad != nil {
		t.Error("no entry makes another bridge")
	}
}

// TestWith reads words of added lines.
func TestWith(t *testing.T) {
	b, bad := Default().With("own.txt", "薅羊毛 > 资金支持\nwool pulling = 薅羊毛\n羊+毛衫 > 针织产业\n补贴 > 阳光普照\n补贴 > "+strings.Join([]string{"晴天一", "晴天二", "晴天三", "晴天四", "晴天五", "晴天六", "晴天七", "晴天八", "晴天九", "晴天十"}, "、"))
	if bad != nil {
		t.Fatal(bad)
	}
	for _, tt := range []struct{ question, form, entry string }{
		{"能不能薅羊毛", "资金支持", "own.txt:1"},
		{"能不能薅羊毛", "wool pulling", "own.txt:2"},
		{"wool pulling how", "薅羊毛", "own.txt:2"},
		{"我有毛衫和羊", "针织产业", "own.txt:3"},
		{"补贴", "阳光普照", "own.txt:4"},
		{"补贴", "晴天七", "own.txt:5"},
		{"补贴", "资金支持", ""},
	} {
		all, _ := b.Read(tt.question)
		found := false
		for _, c := range all {
			for _, f := range c.Forms {
				found = found || f.Text == tt.form && (f.Entry == tt.entry || tt.entry == "")
			}
		}
		if !found {
			t.Errorf("%s: no %s in %+v", tt.question, tt.form, all)
		}
	}
	wantSound(t, b, "薅羊毛怎么申请, wool pulling licensed")
}

// BenchmarkWith adds lines, and reads a question without and with them.
func BenchmarkWith(b *testing.B) {
	var lines strings.Builder
	for i := range MaxLines {
		fmt.Fprintf(&lines, "word%d > 补贴%d\n", i, i%150)
	}
	with, _ := Default().With("own", lines.String())
	b.Run("add 2000", func(b *testing.B) {
		for b.Loop() {
			Default().With("own", lines.String())
		}
	})
	for name, bridge := range map[string]*Bridge{"read without": Default(), "read with": with} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				bridge.Read("中小微企业申请研发费用补贴需要满足什么条件，怎么办理？")
			}
		})
	}
}
