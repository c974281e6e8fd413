package publication_test

import (
	"fmt"
	"io/fs"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"policybot/retrieval"
	"policybot/retrieval/publication"
	"policybot/retrieval/retrievaltest"
	"policybot/seeds"
)

// checkSpans wants spans to make both texts, and to be in the form that their comment promises.
func checkSpans(t interface{ Errorf(string, ...any) }, from, to string, spans []publication.Span) {
	var a, b strings.Builder
	for i, s := range spans {
		if s.Text == "" || i > 0 && spans[i-1].Op == s.Op {
			t.Errorf("span %d of %q to %q: %+v", i, from, to, spans)
		}
		if s.Op != publication.Put {
			a.WriteString(s.Text)
		}
		if s.Op != publication.Taken {
			b.WriteString(s.Text)
		}
	}
	if a.String() != from || b.String() != to {
		t.Errorf("spans make %q and %q, want %q and %q", a.String(), b.String(), from, to)
	}
	if from == to && len(spans) > 1 {
		t.Errorf("equal texts have spans %+v", spans)
	}
}

func TestSpans(t *testing.T) {
	for _, tt := range []struct{ from, to, want string }{
		{"", "", ""},
		{"支持", "支持", "支持"},
		{"", "支持", "{+支持}"},
		{"最高给予500万元资助。", "最高给予800万元资助。", "最高给予{-500}{+800}万元资助。"},
		{"给予资助。", "给予一次性资助。", "给予{+一次性}资助。"},
		{"up to 5 million yuan", "up to 50 million RMB", "up to {-5}{+50} million {-yuan}{+RMB}"},
		{"甲乙丙丁", "丁丙乙甲", ""},
	} {
		spans := publication.Spans(tt.from, tt.to)
		checkSpans(t, tt.from, tt.to, spans)
		var b strings.Builder
		for _, s := range spans {
			b.WriteString(map[string]string{publication.Same: s.Text, publication.Put: "{+" + s.Text + "}", publication.Taken: "{-" + s.Text + "}"}[s.Op])
		}
		if tt.from != "甲乙丙丁" && b.String() != tt.want {
			t.Errorf("%q to %q: %s, want %s", tt.from, tt.to, b.String(), tt.want)
		}
	}
}

// What is taken and put is never more than the shortest way needs: both texts less twice what
// they have in common.
func TestSpansLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.SampledFrom([]rune("甲乙丙，a1 \u200b"))
		from := string(rapid.SliceOfN(letters, 0, 40).Draw(t, "from"))
		to := string(rapid.SliceOfN(letters, 0, 40).Draw(t, "to"))
		checkSpans(t, from, to, publication.Spans(from, to))
		han := strings.Map(func(r rune) rune {
			if r < 0x3000 {
				return -1
			}
			return r
		}, from+"|"+to)
		a, b := []rune(han), []rune(to)
		b = slices.DeleteFunc(b, func(r rune) bool { return r < 0x3000 })
		changed := 0
		for _, s := range publication.Spans(string(a), string(b)) {
			if s.Op != publication.Same {
				changed += len([]rune(s.Text))
			}
		}
		if want := len(a) + len(b) - 2*common(a, b); changed != want {
			t.Errorf("%q to %q: %d characters changed, the least is %d", string(a), string(b), changed, want)
		}
	})
}

// common is the length of the longest common subsequence.
func common(a, b []rune) int {
	row := make([]int, len(b)+1)
	for _, r := range a {
		last := 0
		for j, s := range b {
			above := row[j+1]
			if r == s {
				row[j+1] = last + 1
			} else {
				row[j+1] = max(row[j+1], row[j])
			}
			last = above
		}
	}
	return row[len(b)]
}

// Texts far beyond the limits are compared too, as a whole in the middle.
func TestSpansLarge(t *testing.T) {
	from := strings.Repeat("甲乙", 250_000)
	to := "首" + strings.Repeat("丙丁", 250_000)
	checkSpans(t, from, to, publication.Spans(from, to))
	one := from[:600_000] + "丙" + from[600_000:]
	if spans := publication.Spans(from, one); len(spans) != 3 {
		t.Errorf("%d spans for one character", len(spans))
	}
}

// content is a document of clauses "id text", in order.
func content(clauses ...string) retrieval.Content {
	c := retrieval.Content{Document: retrieval.Document{ID: "d", Title: "题"}}
	var parts []string
	for _, k := range clauses {
		_, text, _ := strings.Cut(k, " ")
		parts = append(parts, text)
	}
	c.Text = strings.Join(parts, "\n")
	c.Clauses = retrievaltest.Cut("d", c.Text, parts...)
	for i, k := range clauses {
		c.Clauses[i].ID, _, _ = strings.Cut(k, " ")
	}
	return c
}

// told writes a diff: "kind from>to" for each change of a clause.
func told(d publication.Diff) []string {
	var out []string
	for _, c := range d.Clauses {
		from, to := "", ""
		if c.From != nil {
			from = c.From.ID
		}
		if c.To != nil {
			to = c.To.ID
		}
		out = append(out, c.Kind+" "+from+">"+to)
	}
	return out
}

func TestCompare(t *testing.T) {
	a := "（一）支持企业建设研发平台，给予最高五百万元资助。"
	b := "（二）支持开展临床试验，按实际投入的百分之二十给予资助。"
	c := "（三）鼓励引进高层次人才，由市人社局负责落实。"
	old := []string{"1 " + a, "2 " + b, "3 " + c}
	again := func(n int, text string) string {
		return fmt.Sprint(n, " （", []string{"零", "一", "二", "三", "四"}[n], "）", text[len("（一）"):])
	}
	for _, tt := range []struct {
		name    string
		now     []string
		want    []string
		touched []string
		same    int
	}{
		{"nothing", old, nil, []string{}, 3},
		{"one more at the end", append(slices.Clone(old), "4 （四）其他。"), []string{"added >4"}, []string{}, 3},
		{"one less", old[:2], []string{"removed 3>"}, []string{"3"}, 2},
		{"other sum", []string{strings.Replace(old[0], "五", "八", 1), old[1], old[2]}, []string{"changed 1>1"}, []string{"1"}, 2},
		{
			"one more in the middle",
			[]string{old[0], "2 （二）加强知识产权保护，设立维权中心。", again(3, b), again(4, c)},
			[]string{"added >2", "moved 2>3", "moved 3>4"},
			[]string{"2", "3"},
			1,
		},
		{
			"middle and another sum",
			[]string{old[0], "2 （二）加强知识产权保护，设立维权中心。", again(3, strings.Replace(b, "二十", "三十", 1)), again(4, c)},
			[]string{"added >2", "changed 2>3", "moved 3>4"},
			[]string{"2", "3"},
			1,
		},
		{"first one gone", []string{again(1, b), again(2, c)}, []string{"removed 1>", "moved 2>1", "moved 3>2"}, []string{"1", "2", "3"}, 0},
		{"another text altogether", []string{old[0], "2 （二）申报材料见附件，逾期不予受理！", old[2]}, []string{"added >2", "removed 2>"}, []string{"2"}, 2},
		{"none left", nil, []string{"removed 1>", "removed 2>", "removed 3>"}, []string{"1", "2", "3"}, 0},
	} {
		d := publication.Compare(content(old...), content(tt.now...))
		if got := told(d); !slices.Equal(got, tt.want) || d.Unchanged != tt.same || !slices.Equal(d.Touched(), tt.touched) {
			t.Errorf("%s: %q, unchanged %d, touched %q; want %q, %d, %q", tt.name, got, d.Unchanged, d.Touched(), tt.want, tt.same, tt.touched)
		}
	}
	swapped := publication.Compare(content(old...), content(old[1], old[0], old[2]))
	if got := told(swapped); !slices.Equal(got, []string{"moved 2>2"}) && !slices.Equal(got, []string{"moved 1>1"}) || len(swapped.Touched()) != 0 {
		t.Errorf("swapped: %q, touched %q", got, swapped.Touched())
	}
}

// What stands around a clause, outside clauses, and the facts are compared too.
func TestCompareAround(t *testing.T) {
	from, to := content("1 甲。", "2 乙。"), content("1 甲。", "2 乙。")
	to.Clauses[1].Parents, to.Clauses[1].Departments = []string{"二、鼓励"}, []string{"市工信局"}
	to.Document.Repealed, to.Document.ValidUntil, to.Document.TargetYear = true, "2027-12-31", 2027
	to.Text += "\n附则"
	d := publication.Compare(from, to)
	if len(d.Clauses) != 1 || d.Clauses[0].Kind != publication.Changed || d.Clauses[0].Spans != nil || d.Unchanged != 1 || len(d.Touched()) != 0 {
		t.Errorf("clauses %+v", d.Clauses)
	}
	if want := []publication.FieldChange{{Field: "parents", To: "二、鼓励"}, {Field: "departments", To: "市工信局"}}; !reflect.DeepEqual(d.Clauses[0].Around, want) {
		t.Errorf("around %+v", d.Clauses[0].Around)
	}
	want := []publication.FieldChange{{Field: "valid_until", To: "2027-12-31"}, {Field: "target_year", To: "2027"}, {Field: "repealed", To: "true"}}
	if !reflect.DeepEqual(d.Facts, want) {
		t.Errorf("facts %+v", d.Facts)
	}
	checkSpans(t, "\n", "\n\n附则", d.Outside)
}

// apply makes the new clauses of the old ones and a diff: what the diff does not tell of follows
// in the order of the old text.
func apply(t interface{ Errorf(string, ...any) }, old []retrieval.Clause, d publication.Diff) []string {
	told, gone := map[int]string{}, map[int]bool{}
	for _, c := range d.Clauses {
		if c.From != nil {
			gone[c.From.Ordinal] = true
			if k := old[c.From.Ordinal]; k.ID != c.From.ID || k.Text != c.From.Text {
				t.Errorf("clause %d of the old text is %s %q, not %+v", c.From.Ordinal, k.ID, k.Text, *c.From)
			}
		}
		if c.To == nil {
			continue
		}
		text := c.To.Text
		if c.From != nil && c.From.Text != text {
			checkSpans(t, c.From.Text, text, c.Spans)
		}
		told[c.To.Ordinal] = c.To.ID + " " + text
	}
	var out []string
	next := func() {
		for text, ok := told[len(out)]; ok; text, ok = told[len(out)] {
			out = append(out, text)
		}
	}
	for i, k := range old {
		if next(); !gone[i] {
			out = append(out, k.ID+" "+k.Text)
		}
	}
	next()
	return out
}

// Applying the diff of two documents to the first gives the second; of equal ones it is empty.
func TestCompareLaws(t *testing.T) {
	sentences := []string{"支持企业。", "（一）支持企业。", "（二）支持企业。", "对临床试验给予资助。", "对临床试验给予奖励。", "二、由市工信局负责。", "x", "1. Support.", "2. Support."}
	side := func(t *rapid.T, name string) retrieval.Content {
		ids := rapid.SliceOfNDistinct(rapid.IntRange(1, 12), 0, 9, rapid.ID).Draw(t, name)
		var list []string
		for _, id := range ids {
			list = append(list, fmt.Sprintf("d.%d %s", id, rapid.SampledFrom(sentences).Draw(t, "text")))
		}
		return content(list...)
	}
	rapid.Check(t, func(t *rapid.T) {
		from, to := side(t, "from"), side(t, "to")
		var want []string
		for _, k := range to.Clauses {
			want = append(want, k.ID+" "+k.Text)
		}
		d := publication.Compare(from, to)
		if got := apply(t, from.Clauses, d); !slices.Equal(got, want) {
			t.Errorf("%q, want %q; diff %q", got, want, told(d))
		}
		if n := d.Unchanged + len(d.Clauses) - d.Count(publication.Removed); n != len(to.Clauses) {
			t.Errorf("%d clauses, want %d", n, len(to.Clauses))
		}
		if same := publication.Compare(to, to); !same.Empty() || same.Unchanged != len(to.Clauses) {
			t.Errorf("nothing changes, but %+v", same)
		}
	})
}

// The laws hold for real documents, and comparing the whole of one with another has an end.
func TestCompareSeeds(t *testing.T) {
	names, err := fs.Glob(seeds.FS(), "*.txt")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	var list []retrieval.Content
	for _, name := range names {
		data, err := fs.ReadFile(seeds.FS(), name)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{string(data), strings.NewReplacer("支持", "鼓励", "5", "6").Replace(string(data))} {
			c, err := retrieval.Read(retrieval.File{Source: "d.txt", Data: []byte(text)}, "d")
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, c)
		}
	}
	for _, from := range list {
		for _, to := range list {
			d := publication.Compare(from, to)
			var want []string
			for _, k := range to.Clauses {
				want = append(want, k.ID+" "+k.Text)
			}
			if got := apply(t, from.Clauses, d); !slices.Equal(got, want) {
				t.Errorf("%s to %s: %d clauses, want %d", from.Document.Title, to.Document.Title, len(got), len(want))
			}
			if d.Empty() != reflect.DeepEqual(from, to) {
				t.Errorf("%s to %s: empty is %v", from.Document.Title, to.Document.Title, d.Empty())
			}
		}
	}
}

func BenchmarkCompare(b *testing.B) {
	_, text, clauses := retrievaltest.Numbered(1, 1, 2000)
	_, text2, clauses2 := retrievaltest.Numbered(1, 2, 2000)
	for b.Loop() {
		publication.Compare(retrieval.Content{Text: text, Clauses: clauses}, retrieval.Content{Text: text2, Clauses: clauses2})
	}
}
