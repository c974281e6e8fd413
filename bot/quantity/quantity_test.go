package quantity

import (
	"flag"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func show(text string, q Quantity) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s | %s %s", text[q.Start:q.End], q.Kind, q.Value.RatString())
	if q.High != nil {
		fmt.Fprintf(&b, " to %s", q.High.RatString())
	}
	if q.Unit != "" {
		b.WriteString(" " + q.Unit)
	}
	if q.Comparator != None {
		fmt.Fprintf(&b, " | %s", q.Comparator)
	}
	if q.Loose {
		b.WriteString(" | loose")
	}
	return b.String()
}

// lines returns the lines of a file in testdata that are not comments.
func lines(t testing.TB, name string) []string {
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.SplitSeq(string(data), "\n") {
		if !strings.HasPrefix(line, "# ") {
			out = append(out, line)
		}
	}
	return out
}

func TestFind(t *testing.T) {
	cases := 0
	for block := range strings.SplitSeq(strings.Join(lines(t, "cases.txt"), "\n"), "\n\n") {
		text, rest, _ := strings.Cut(strings.TrimSpace(block), "\n")
		if text == "" {
			continue
		}
		cases++
		var got, want []string
		for line := range strings.Lines(rest) {
			want = append(want, strings.TrimPrefix(strings.TrimSpace(line), "- "))
		}
		for _, q := range Find(text) {
			got = append(got, show(text, q))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q:\n got %q\nwant %q", text, got, want)
		}
		lawful(t, text)
	}
	if cases < 250 {
		t.Fatalf("only %d cases", cases)
	}
}

var update = flag.Bool("update", false, "rewrite testdata/seeds.txt")

// TestSeeds compares what is found in the five seed documents with
// testdata/seeds.txt, read by a person line by line.
func TestSeeds(t *testing.T) {
	files, _ := filepath.Glob("../../seeds/*.txt")
	if len(files) != 5 {
		t.Fatalf("%d seed documents", len(files))
	}
	var b strings.Builder
	b.WriteString("# What Find finds in the seed documents, in order; go test -update writes this file.\n# 五份示例文件中找到的全部数量。\n")
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		fmt.Fprintf(&b, "\n%s\n", filepath.Base(f))
		for _, q := range Find(text) {
			fmt.Fprintf(&b, "- %s\n", show(text, q))
		}
		lawful(t, text)
	}
	if *update {
		if err := os.WriteFile("testdata/seeds.txt", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/seeds.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := b.String(); got != string(want) {
		t.Errorf("%s", cmp.Diff(string(want), got))
	}
}

// lawful checks what holds for any text.
func lawful(t interface{ Fatalf(string, ...any) }, text string) {
	at := 0
	for _, q := range Find(text) {
		if q.Start < at || q.End <= q.Start || q.End > len(text) || q.Value == nil || q.Kind == "" {
			t.Fatalf("%q: %+v after %d", text, q, at)
		}
		for _, cut := range []int{q.Start, q.End} {
			if cut < len(text) && !utf8.RuneStart(text[cut]) && utf8.ValidString(text) {
				t.Fatalf("%q: %+v cuts a character", text, q)
			}
		}
		if q.High != nil && q.High.Cmp(q.Value) <= 0 || !Equal(q, q) || !Supported(q, []Quantity{q}) {
			t.Fatalf("%q: %+v is not itself", text, q)
		}
		rendered(t, q)
		at = q.End
	}
}

// rendered checks the contract of Render.
func rendered(t interface{ Fatalf(string, ...any) }, q Quantity) {
	for _, lang := range []string{"zh", "en"} {
		s, ok := Render(q, lang)
		if !ok {
			continue
		}
		back := Find(s)
		if len(back) != 1 || !Equal(back[0], q) {
			t.Fatalf("%+v renders as %q, which reads %+v", q, s, back)
		}
	}
}

func TestSupported(t *testing.T) {
	for _, line := range lines(t, "supported.txt") {
		part := strings.Split(line, " | ")
		if len(part) != 3 {
			continue
		}
		claims, source := Find(part[0]), Find(part[1])
		if len(claims) == 0 || len(source) == 0 {
			t.Errorf("%s: found %v and %v", line, claims, source)
			continue
		}
		got, best := "value", 0
		for _, s := range source {
			switch r := Relate(claims[0], s); {
			case r.Comparator && best < 3:
				got, best = "ok", 3
				if Equal(claims[0], s) != Equal(s, claims[0]) {
					t.Errorf("%s: Equal is not symmetric", line)
				}
				if Equal(claims[0], s) {
					got = "ok*"
				}
			case r.Unit && best < 2:
				got, best = "comparator", 2
			case r.Value && best < 1:
				got, best = "unit", 1
			}
		}
		if got != part[2] || Supported(claims[0], source) != strings.HasPrefix(got, "ok") {
			t.Errorf("%s: got %s", line, got)
		}
	}
}

func TestRender(t *testing.T) {
	for _, line := range lines(t, "render.txt") {
		part := strings.Split(line+" ", " | ")
		if len(part) != 3 {
			continue
		}
		q := Find(part[0])
		want := strings.TrimSpace(part[2])
		if len(q) == 0 {
			t.Errorf("%s: nothing found", line)
			continue
		}
		if got, ok := Render(q[0], part[1]); ok != (want != "") || got != want {
			t.Errorf("%s: got %q", line, got)
		}
	}
}

// TestRenderAny draws quantities and reads back how they are written.
func TestRenderAny(t *testing.T) {
	written := 0
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]Kind{Money, Percent, Count, Measure, Duration}).Draw(t, "kind")
		var units []string
		for _, l := range words().units {
			for _, u := range l {
				if u.kind == kind {
					units = append(units, u.name)
				}
			}
		}
		slices.Sort(units)
		value := func(name string) *big.Rat {
			return big.NewRat(rapid.Int64Range(0, 9999).Draw(t, name), rapid.SampledFrom([]int64{1, 10, 100}).Draw(t, name+"/"))
		}
		by := big.NewRat(rapid.SampledFrom([]int64{1, 1, 10000, 1e8, 1e12}).Draw(t, "by"), 1)
		q := Quantity{
			Kind: kind, Value: new(big.Rat).Mul(value("low"), by), Unit: rapid.SampledFrom(slices.Compact(units)).Draw(t, "unit"),
			Comparator: rapid.SampledFrom([]Comparator{None, None, AtLeast, MoreThan, AtMost, LessThan, UpTo, About, Nearly}).Draw(t, "comparator"),
		}
		if high := new(big.Rat).Mul(value("high"), by); rapid.Bool().Draw(t, "range") && high.Cmp(q.Value) > 0 {
			q.High = high
		}
		rendered(t, q)
		if _, ok := Render(q, "en"); ok {
			written++
		}
	})
	if written == 0 {
		t.Fatal("nothing was rendered")
	}
}

func TestRenderDates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := day{
			year: rapid.IntRange(1900, 2100).Draw(t, "year"), month: rapid.IntRange(0, 12).Draw(t, "month"), day: rapid.IntRange(0, 31).Draw(t, "day"),
			part: rapid.SampledFrom([]string{"", "", "", "start", "mid", "end", "h1", "h2", "q1", "q2", "q3", "q4"}).Draw(t, "part"),
		}
		q := Quantity{Kind: Date, Value: d.value(), Unit: d.part, Comparator: rapid.SampledFrom([]Comparator{None, AtMost, AtLeast, MoreThan}).Draw(t, "comparator")}
		if to := rapid.IntRange(1900, 2100).Draw(t, "to"); rapid.Bool().Draw(t, "range") && to > d.year {
			q.High = day{year: to}.value()
		}
		rendered(t, q)
		rendered(t, Quantity{
			Kind: Document, Value: big.NewRat(int64(d.year)*1e6+rapid.Int64Range(1, 9999).Draw(t, "number"), 1),
			Unit: rapid.SampledFrom([]string{"国发", "国办发", "厦府办", "京政办发", "工信部联规"}).Draw(t, "mark"),
		})
		rendered(t, Quantity{
			Kind: rapid.SampledFrom([]Kind{Class, Ordinal}).Draw(t, "kind"), Value: big.NewRat(rapid.Int64Range(0, 30).Draw(t, "n"), 1),
			Unit: rapid.SampledFrom([]string{"class", "phase", "lettered class", "plan", "batch", "article"}).Draw(t, "unit"),
		})
	})
}

func FuzzFind(f *testing.F) {
	for _, name := range []string{"cases.txt", "supported.txt"} {
		for _, line := range lines(f, name) {
			f.Add(line)
		}
	}
	f.Add(strings.Repeat("9", 100) + "亿元" + strings.Repeat("一", 100) + "\xff")
	f.Fuzz(func(t *testing.T, text string) { lawful(t, text) })
}
