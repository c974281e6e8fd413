package grounding

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"policybot/bot/quantity"
	"policybot/bot/quantity/fold"
)

// seedClauses returns the paragraphs of the seed documents.
func seedClauses(t testing.TB) []string {
	files, _ := filepath.Glob("../../seeds/*.txt")
	if len(files) != 5 {
		t.Fatalf("%d seed documents", len(files))
	}
	var out []string
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			if line = strings.TrimSpace(line); line != "" {
				out = append(out, line)
			}
		}
	}
	return out
}

// sentences cuts a paragraph at the ends of sentences.
func sentences(clause string) []string {
	var out []string
	start := 0
	for i, r := range clause {
		if strings.ContainsRune("。;；!?！？", r) {
			if i > start {
				out = append(out, clause[start:i+utf8.RuneLen(r)])
			}
			start = i + utf8.RuneLen(r)
		}
	}
	if start < len(clause) {
		out = append(out, clause[start:])
	}
	return out
}

// eachSentence calls do for every sentence of the seeds and its paragraph.
func eachSentence(t testing.TB, do func(sentence string, source Source)) {
	n := 0
	for _, clause := range seedClauses(t) {
		for _, s := range sentences(clause) {
			do(s, Source{Text: clause})
			n++
		}
	}
	if n < 350 {
		t.Fatalf("only %d sentences", n)
	}
}

// TestSeedsAgainstThemselves checks true sentences with and without the rule
// for what stands word for word.
func TestSeedsAgainstThemselves(t *testing.T) {
	names := readNames(t)
	eachSentence(t, func(s string, source Source) {
		for _, quoting := range []bool{true, false} {
			if v := Read([]Source{source}, names).check(s, quoting); v != nil {
				t.Errorf("word for word %v: %q: %v", quoting, s, v)
			}
		}
	})
}

// reformatted returns s written in other ways that say the same.
func reformatted(s string) []string {
	wide := strings.Map(func(r rune) rune {
		if r > ' ' && r <= '~' {
			return r + 0xfee0
		}
		return r
	}, s)
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r + 0xfee0
		}
		return r
	}, s)
	all := []string{
		wide, digits, strings.ReplaceAll(s, "%", "％"), strings.ToUpper(s), strings.ReplaceAll(s, ",", "，"),
		"  " + s + "\u200b ", strings.ReplaceAll(s, "亿元", "億元"), strings.ReplaceAll(s, "医疗", "醫療"),
		strings.ReplaceAll(s, "业", "業"), strings.TrimRight(s, "。;；"),
	}
	for _, q := range quantity.Find(s) {
		if text := s[q.Start:q.End]; q.Kind != quantity.Date && q.Kind != quantity.Document && q.Kind != quantity.Code {
			for _, n := range []string{"1200", "1850", "2500"} {
				if strings.Contains(text, n) {
					all = append(all, s[:q.Start]+strings.Replace(text, n, n[:1]+","+n[1:], 1)+s[q.End:])
				}
			}
		}
	}
	return slices.DeleteFunc(all, func(x string) bool { return x == s })
}

func TestReformatting(t *testing.T) {
	names := readNames(t)
	n := 0
	eachSentence(t, func(s string, source Source) {
		for _, x := range reformatted(s) {
			n++
			for _, quoting := range []bool{true, false} {
				if v := Read([]Source{source}, names).check(x, quoting); v != nil {
					t.Errorf("word for word %v: %q: %v", quoting, x, v)
				}
			}
		}
	})
	t.Logf("%d sentences written in another way, 0 false alarms", n)
}

// A change is a true sentence made untrue.
type change struct{ rule, from, to string }

func readChanges(t testing.TB) []change {
	var out []change
	for _, line := range readLines(t, "changes.txt") {
		if part := strings.Split(line, " | "); len(part) == 3 {
			out = append(out, change{part[0], part[1], strings.ReplaceAll(part[2], "∅", "")})
		}
	}
	return out
}

// everywhere returns s with from replaced by to, at one place after the other.
func everywhere(s, from, to string) []string {
	var out []string
	for at := 0; ; {
		k := strings.Index(s[at:], from)
		if k < 0 {
			return out
		}
		at += k
		out = append(out, s[:at]+to+s[at+len(from):])
		at += len(from)
	}
}

// digitChanges returns s with one digit of one number changed, and with a year
// one later.
func digitChanges(s string) (digits, years []string) {
	for i := 0; i < len(s); i++ {
		j := i
		for j < len(s) && s[j] >= '0' && s[j] <= '9' {
			j++
		}
		if j == i {
			continue
		}
		if marker := strings.Trim(s[:i], " (") == "" && strings.HasPrefix(s[j:], ".") || strings.HasPrefix(s[j:], ")") && j-i <= 2 && i < 3; marker {
			i = j
			continue
		}
		for _, k := range slices.Compact([]int{i, j - 1}) {
			digits = append(digits, s[:k]+string('1'+(s[k]-'0')%9)+s[k+1:])
		}
		if j-i == 4 && s[i] == '2' && s[i+1] == '0' {
			var y int
			fmt.Sscan(s[i:j], &y)
			years = append(years, s[:i]+fmt.Sprint(y+1)+s[j:])
		}
		i = j
	}
	return digits, years
}

// A swap is a sentence with a name put in it.
type swap struct {
	sentence string
	name     int
}

// swaps returns s with one name replaced by another of its kind.
func swaps(s string, names *Names, forms map[string][]string) []swap {
	var out []swap
	t := read(s, names)
	for k, n := range t.named {
		if n.inner {
			continue
		}
		start, end := t.Span(n.from, n.to)
		list := forms[n.kind]
		for step := range 2 {
			other := list[(k*7+step*11+len(s))%len(list)]
			text := fold.New(other)
			if m := names.find(&text); m[0].name != n.name {
				out = append(out, swap{s[:start] + other + s[end:], m[0].name})
			}
		}
	}
	return out
}

// TestShares measures how many changes are caught when the rule for what
// stands word for word does not help, and holds them to floors.
func TestShares(t *testing.T) {
	names, changes := readNames(t), readChanges(t)
	forms := make(map[string][]string)
	for _, line := range readLines(t, "names.txt") {
		if kind, list, ok := strings.Cut(line, " | "); ok {
			forms[kind] = append(forms[kind], strings.Split(list, " / ")[0])
		}
	}
	made, caught := make(map[string]int), make(map[string]int)
	try := func(kind, s string, source Source) {
		if strings.Contains(source.Text, s) {
			return
		}
		made[kind]++
		if Read([]Source{source}, names).check(s, false) != nil {
			caught[kind]++
		} else {
			t.Logf("missed %s: %s", kind, s)
		}
	}
	eachSentence(t, func(s string, source Source) {
		digits, years := digitChanges(s)
		for _, x := range digits {
			try("number", x, source)
		}
		for _, x := range years {
			try("year", x, source)
		}
		for _, x := range swaps(s, names, forms) {
			kind := "name"
			if clause := read(source.Text, names); slices.ContainsFunc(clause.named, func(n named) bool { return n.name == x.name }) {
				kind = "name of the clause" // harder: the clause names it too, elsewhere
			}
			try(kind, x.sentence, source)
		}
		for _, c := range changes {
			for _, x := range everywhere(s, c.from, c.to) {
				try(c.rule, x, source)
			}
		}
	})
	for _, f := range []struct {
		kind  string
		floor float64
		least int
	}{
		{"number", 0.95, 150},
		{"year", 1, 18},
		{"unit", 1, 40},
		{"comparator", 0.97, 30},
		{"polarity", 0.97, 500},
		{"modality", 0.95, 200},
		{"name", 0.97, 300},
		{"name of the clause", 0.1, 20},
	} {
		share := float64(caught[f.kind]) / float64(made[f.kind])
		t.Logf("%-18s %4d of %4d changes caught: %.1f %%", f.kind, caught[f.kind], made[f.kind], 100*share)
		if share < f.floor || made[f.kind] < f.least {
			t.Errorf("%s: caught %d of %d", f.kind, caught[f.kind], made[f.kind])
		}
	}
}
