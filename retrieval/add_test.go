package retrieval_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"policybot/retrieval"
	"policybot/retrieval/catalogue"
)

var ctx = context.Background()

// policy is a small document with a title and two clauses, the first of which
// says word.
func policy(title, word string) string {
	return title + "\n\n一、支持对象\n" + word + "企业。\n二、支持标准\n最高50万元。\n"
}

// newLibrary returns an empty library in memory.
func newLibrary() *retrieval.Library { return retrieval.New(retrieval.NewMemory(), "") }

// add adds a file and wants no error.
func add(t testing.TB, l *retrieval.Library, f retrieval.File) retrieval.Addition {
	t.Helper()
	a, err := l.Add(ctx, f)
	if err != nil {
		t.Fatalf("%s: %v", f.Source, err)
	}
	return a
}

// file is a file in a folder.
func file(dir, source, text string) retrieval.File {
	return retrieval.File{Source: source, Origin: dir + "/" + source, Data: []byte(text)}
}

// documents maps the id of each document to its origin.
func documents(t *testing.T, l *retrieval.Library) map[string]string {
	t.Helper()
	docs, err := l.Documents(ctx)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, d := range docs {
		out[d.ID] = d.Origin
	}
	return out
}

// A step adds a file and states what becomes of it.
type step struct {
	file     retrieval.File
	change   retrieval.Change
	id       string
	sameText string
	namesake string
}

func TestIdentify(t *testing.T) {
	one, two := policy("南汀市扶持办法", "甲类"), policy("南汀市扶持办法", "乙类")
	other := policy("云岭市奖励办法", "丙类")
	named := func(id string, f retrieval.File) retrieval.File {
		f.Facts = func(d *retrieval.Document) bool { d.ID = id; return true }
		return f
	}
	stated := func(id string, f retrieval.File) retrieval.File {
		f.Facts = func(d *retrieval.Document) bool {
			d.ID, d.Number, d.Facts["number"] = id, "南府〔2023〕1号", retrieval.SourceCatalogue
			return true
		}
		return f
	}
	aliased := func(id string, f retrieval.File) retrieval.File {
		f.Facts = func(d *retrieval.Document) bool { d.ID, d.Aliases = id, []string{"扶持办法"}; return true }
		return f
	}
	embedded := retrieval.File{Source: "a.txt", Data: []byte(one)}
	for _, tt := range []struct {
		name  string
		steps []step
		want  map[string]string
	}{
		{"the same file twice", []step{
			{file: file("/d", "a.txt", one), change: retrieval.Added, id: "a"},
			{file: file("/d", "a.txt", one), change: retrieval.Unchanged, id: "a"},
		}, map[string]string{"a": "/d/a.txt"}},
		{"a changed file", []step{
			{file: file("/d", "a.txt", one), change: retrieval.Added, id: "a"},
			{file: file("/d", "a.txt", two), change: retrieval.NewVersion, id: "a"},
			{file: file("/d", "a.txt", one), change: retrieval.NewVersion, id: "a"},
		}, map[string]string{"a": "/d/a.txt"}},
		{"the same text under another name", []step{
			{file: file("/d", "a.txt", one), change: retrieval.Added, id: "a"},
			{file: file("/d", "b.txt", one), change: retrieval.Unchanged, id: "a", sameText: "a"},
		}, map[string]string{"a": "/d/a.txt"}},
		{"the same text in another encoding", []step{
			{file: file("/d", "a.txt", one), change: retrieval.Added, id: "a"},
			{file: file("/d", "b.txt", "\ufeff"+strings.ReplaceAll(one, "\n", "\r\n")), change: retrieval.Unchanged, id: "a", sameText: "a"},
		}, map[string]string{"a": "/d/a.txt"}},
		{"a moved file, changed later", []step{
			{file: file("/d", "a.txt", one), change: retrieval.Added, id: "a"},
			{file: file("/e", "a.txt", one), change: retrieval.Unchanged, id: "a"},
			{file: file("/e", "a.txt", two), change: retrieval.NewVersion, id: "a"},
		}, map[string]string{"a": "/e/a.txt"}},
		{"a moved file with facts from a catalogue that stayed behind", []step{
			{file: stated("one", file("/d", "a.txt", one)), change: retrieval.Added, id: "one"},
			{file: file("/e", "a.txt", one), change: retrieval.Unchanged, id: "one", sameText: "one"},
		}, map[string]string{"one": "/d/a.txt"}},
		{"a moved file with aliases from a catalogue that stayed behind", []step{
			{file: aliased("one", file("/d", "a.txt", one)), change: retrieval.Added, id: "one"},
			{file: file("/e", "a.txt", one), change: retrieval.Unchanged, id: "one", sameText: "one"},
		}, map[string]string{"one": "/d/a.txt"}},
		{"a copy of an embedded file", []step{
			{file: embedded, change: retrieval.Added, id: "a"},
			{file: file("/d", "a.txt", one), change: retrieval.Unchanged, id: "a", sameText: "a"},
			{file: embedded, change: retrieval.Unchanged, id: "a", sameText: "a"},
		}, map[string]string{"a": ""}},
		{"two documents with one title", []step{
			{file: file("/d", "a.txt", one), change: retrieval.Added, id: "a"},
			{file: file("/d", "b.txt", two), change: retrieval.Added, id: "b", namesake: "a"},
		}, map[string]string{"a": "/d/a.txt", "b": "/d/b.txt"}},
		{"two documents of one name", []step{
			{file: file("/d", "a.txt", one), change: retrieval.Added, id: "a"},
			{file: file("/e", "a.txt", other), change: retrieval.Added, id: "a-2"},
			{file: file("/f", "A.md", policy("第三份办法", "丁类")), change: retrieval.Added, id: "a-3"},
			{file: file("/e", "a.txt", other), change: retrieval.Unchanged, id: "a-2"},
		}, map[string]string{"a": "/d/a.txt", "a-2": "/e/a.txt", "a-3": "/f/A.md"}},
		{"names that collide", []step{
			{file: file("/d", "a_b.txt", one), change: retrieval.Added, id: "a-b"},
			{file: file("/d", "A B.txt", other), change: retrieval.Added, id: "a-b-2"},
			{file: file("/d", "a-b-2.txt", policy("第三份办法", "丁类")), change: retrieval.Added, id: "a-b-2-2"},
			{file: file("/d", "-.txt", policy("第四份办法", "戊类")), change: retrieval.Added, id: "doc"},
			{file: file("/d", "!.txt", policy("第五份办法", "己类")), change: retrieval.Added, id: "doc-2"},
		}, map[string]string{"a-b": "/d/a_b.txt", "a-b-2": "/d/A B.txt", "a-b-2-2": "/d/a-b-2.txt", "doc": "/d/-.txt", "doc-2": "/d/!.txt"}},
		{"catalogue ids", []step{
			{file: named("plan.1", file("/d", "a.txt", one)), change: retrieval.Added, id: "plan.1"},
			{file: named("plan.1", file("/e", "renamed.txt", two)), change: retrieval.NewVersion, id: "plan.1"},
			{file: named("plan.2", file("/d", "b.txt", two)), change: retrieval.Added, id: "plan.2", sameText: "plan.1"},
			{file: file("/d", "plan.txt", other), change: retrieval.Added, id: "plan"},
		}, map[string]string{"plan.1": "/e/renamed.txt", "plan.2": "/d/b.txt", "plan": "/d/plan.txt"}},
		{"a catalogue id like another's name", []step{
			{file: named("a", file("/d", "x.txt", one)), change: retrieval.Added, id: "a"},
			{file: file("/d", "a.txt", other), change: retrieval.Added, id: "a-2"},
		}, map[string]string{"a": "/d/x.txt", "a-2": "/d/a.txt"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLibrary()
			for i, s := range tt.steps {
				a := add(t, l, s.file)
				got := step{s.file, a.Change, a.Document.ID, a.SameText, a.Namesake}
				if got.change != s.change || got.id != s.id || got.sameText != s.sameText || got.namesake != s.namesake {
					t.Errorf("step %d, %s: %s %q, same text %q, namesake %q; want %s %q, %q, %q", i+1, s.file.Origin,
						got.change, got.id, got.sameText, got.namesake, s.change, s.id, s.sameText, s.namesake)
				}
			}
			if diff := cmp.Diff(tt.want, documents(t, l)); diff != "" {
				t.Errorf("documents and origins (-want +got):\n%s", diff)
			}
		})
	}
}

// Chinese file names lose their letters, and stay apart by their hash.
func TestChineseNames(t *testing.T) {
	l := newLibrary()
	seen := map[string]string{}
	for i, name := range []string{"办法.txt", "意见.txt", "办法.md", "2023年办法.txt", "ｐｌａｎ.txt", "plan（修订）.txt", "İstanbul.txt", "\u212aelvin.txt"} {
		a := add(t, l, file("/d", name, policy(fmt.Sprintf("第%d号办法", i), name)))
		if !idForm.MatchString(a.Document.ID) {
			t.Errorf("%s: id %q", name, a.Document.ID)
		}
		if before, ok := seen[a.Document.ID]; ok {
			t.Errorf("%s and %s have the id %q", name, before, a.Document.ID)
		}
		seen[a.Document.ID] = name
		again := newLibrary() // the id does not depend on what else there is
		if b := add(t, again, file("/e", name, policy("另一份", "别的"))); b.Document.ID != a.Document.ID {
			t.Errorf("%s: id %q, elsewhere %q", name, a.Document.ID, b.Document.ID)
		}
	}
}

var idForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`)

func TestIDs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newLibrary()
		names := rapid.SliceOfN(rapid.String(), 1, 8).Draw(t, "names")
		ids := map[string]bool{}
		for i, name := range names {
			name = strings.NewReplacer("/", "_", "\x00", "_").Replace(name) + ".txt"
			a, err := l.Add(ctx, retrieval.File{Source: name, Origin: fmt.Sprintf("/%d/%s", i, name), Data: []byte(policy("办法", fmt.Sprint("第", i, "类")))})
			if !retrieval.Readable(name) { // ".txt" is a hidden file without extension
				continue
			}
			if strings.ContainsRune(name, '\ufffd') && err != nil {
				continue
			}
			if err != nil {
				t.Fatalf("%q: %v", name, err)
			}
			if id := a.Document.ID; !idForm.MatchString(id) || ids[id] {
				t.Fatalf("%q: id %q, taken: %v", name, id, ids[id])
			}
			ids[a.Document.ID] = true
			clauses, err := l.Clauses(ctx, a.Document.ID)
			if err != nil || len(clauses) == 0 {
				t.Fatalf("%q: %d clauses, %v", name, len(clauses), err)
			}
			for _, c := range clauses {
				if !idForm.MatchString(c.ID) || !strings.HasPrefix(c.ID, a.Document.ID+".") {
					t.Fatalf("%q: clause id %q", name, c.ID)
				}
			}
		}
	})
}

// A clause keeps its id while others come, go and change.
func TestClauseIDsStay(t *testing.T) {
	l := newLibrary()
	head := "南汀市扶持办法\n\n第一章　总则\n第一条　为了扶持企业，制定本办法。\n"
	text := head + "第二章　标准\n第二条　最高50万元。\n第三条　下列情形除外：\n（一）失信的；\n（二）停业的。\n"
	add(t, l, file("/d", "a.txt", text))
	before := clauseTexts(t, l, "a")
	changed := strings.Replace(text, "最高50万元", "最高80万元，分两年拨付", 1)
	changed = strings.Replace(changed, "（二）停业的。", "（二）停业的；\n（三）欠税的。", 1) + "第四条　本办法由市科技局解释。\n"
	a := add(t, l, file("/d", "a.txt", changed))
	if a.Change != retrieval.NewVersion {
		t.Fatalf("%s", a.Change)
	}
	after := clauseTexts(t, l, "a")
	for id, text := range before {
		switch now, ok := after[id]; {
		case !ok:
			t.Errorf("%s is gone", id)
		case strings.Contains(text, "50万元"):
			if !strings.Contains(now, "80万元") {
				t.Errorf("%s now says %q", id, now)
			}
		case strings.TrimRight(text, "。；") != strings.TrimRight(now, "。；"):
			t.Errorf("%s said %q and now says %q", id, text, now)
		}
	}
	if len(after) != len(before)+2 {
		t.Errorf("%d clauses, then %d; want two more", len(before), len(after))
	}
}

func clauseTexts(t *testing.T, l *retrieval.Library, id string) map[string]string {
	t.Helper()
	clauses, err := l.Clauses(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, c := range clauses {
		out[c.ID] = c.Text
	}
	return out
}

func TestRefusals(t *testing.T) {
	line := strings.Repeat("字", retrieval.MaxLine)
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			if i%1000 == 0 {
				fmt.Fprintf(&b, "第%d章　总则\n", i/1000+1)
			}
			fmt.Fprintf(&b, "第%d条　内容。\n", i%1000+1)
		}
		return b.String()
	}
	for _, tt := range []struct {
		name, source, data string
		code               retrieval.RefusalCode // empty: accepted
		detail             string
	}{
		{"PDF by name", "a.pdf", "x", retrieval.RefusedFormat, ".pdf"},
		{"no extension", "README", "x", retrieval.RefusedFormat, ""},
		{"only an extension", ".txt", "x", retrieval.RefusedFormat, ""},
		{"capital extension", "A.TXT", "一、支持\n内容。\n", "", ""},
		{"nothing", "a.txt", "", retrieval.RefusedEmpty, ""},
		{"blanks", "a.txt", " \u3000\u00a0\n\n\t", retrieval.RefusedEmpty, ""},
		{"mark of order alone", "a.txt", "\ufeff", retrieval.RefusedEmpty, ""},
		{"Markdown without words", "a.md", "---\n\n<!-- nothing -->\n", retrieval.RefusedEmpty, ""},
		{"PDF by content", "a.txt", "%PDF-1.7\n\x00\x01", retrieval.RefusedBinary, "PDF"},
		{"NUL", "a.txt", "一、支持\x00\x00\x00\x00\x00\x00\x00\x00\n", retrieval.RefusedBinary, ""},
		{"Big5", "a.txt", strings.Repeat("\xa4\xa4\xa4\xe5\xb4\xfa\xb8\xd5\xa1\x41\xb3\x6f\xac\x4f\xa4\xc0\xa4\xe5\xa1\x43\n", 20), retrieval.RefusedCharset, "Big5"},
		{"damaged UTF-8", "a.txt", strings.Repeat("支持企业研发。\n", 20) + "\xe6\x94", retrieval.RefusedCharset, "UTF-8"},
		{"too large", "a.txt", strings.Repeat("x\n", retrieval.MaxBytes/2+1), retrieval.RefusedSize, "32"},
		{"longest line", "a.txt", line + "\n一、支持\n", "", ""},
		{"too long a line", "a.txt", "一、支持\n" + line + "字\n", retrieval.RefusedLine, "1000000"},
		{"too many clauses", "a.txt", many(retrieval.MaxClauses + 1), retrieval.RefusedClauses, "20000"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLibrary()
			_, err := l.Add(ctx, retrieval.File{Source: tt.source, Data: []byte(tt.data)})
			var r *retrieval.Refusal
			switch {
			case tt.code == "":
				if err != nil {
					t.Fatal(err)
				}
				return
			case !errors.As(err, &r):
				t.Fatalf("error %v, want a refusal", err)
			case r.Code != tt.code || r.Detail != tt.detail:
				t.Errorf("%s %q, want %s %q", r.Code, r.Detail, tt.code, tt.detail)
			}
			if !strings.Contains(err.Error(), string(tt.code)) || strings.Contains(err.Error(), "\n") {
				t.Errorf("says %q", err)
			}
			if docs := documents(t, l); len(docs) != 0 {
				t.Errorf("the library holds %v", docs)
			}
		})
	}
}

// A catalogue's facts go before those of the text, and what it misquotes is
// reported with the document added.
func TestAddWithCatalogue(t *testing.T) {
	cat, err := catalogue.Read(strings.NewReader(`documents:
  - file: a.txt
    id: nanting.1
    number: {value: 南府〔2023〕1号, source: catalogue, where: 公报}
    jurisdiction: {value: 南汀市, source: text, where: 本市行政区域}
`), "catalogue.yaml")
	if err != nil {
		t.Fatal(err)
	}
	l := newLibrary()
	f := file("/d", "a.txt", policy("云岭市扶持办法", "甲类"))
	f.Facts = func(d *retrieval.Document) bool { return cat.Apply("a.txt", d) }
	f.Check = func(text string) error {
		e, _ := cat.Entry("a.txt")
		return catalogue.CheckText(e, text)
	}
	a := add(t, l, f)
	if a.Missing == nil || !strings.Contains(a.Missing.Error(), "本市行政区域") {
		t.Errorf("missing: %v", a.Missing)
	}
	clauses, err := l.Clauses(ctx, "nanting.1")
	if err != nil {
		t.Fatal(err)
	}
	d := clauses[0].Document
	if d.Title != "云岭市扶持办法" || d.Number != "南府〔2023〕1号" || d.Jurisdiction != "南汀市" || d.Facts["number"] != retrieval.SourceCatalogue || d.Notes["number"] != "公报" {
		t.Errorf("%+v", d)
	}
	f.Facts = nil // the entry is taken out again: the document keeps its id, by its origin
	if a := add(t, l, f); a.Change != retrieval.NewVersion || a.Document.ID != "nanting.1" || a.Document.Number != "" {
		t.Errorf("%s %+v", a.Change, a.Document)
	}
}

// A failing store fails the addition and not the file.
func TestAddStoreFails(t *testing.T) {
	broken, cancel := context.WithCancel(ctx)
	cancel()
	_, err := newLibrary().Add(broken, file("/d", "a.txt", policy("办法", "甲类")))
	var r *retrieval.Refusal
	if !errors.Is(err, context.Canceled) || errors.As(err, &r) {
		t.Errorf("%v", err)
	}
}

// Markdown is read as what it says.
func TestAddMarkdown(t *testing.T) {
	l := newLibrary()
	a := add(t, l, file("/d", "a.md", "# 南汀市**住房租赁**补贴办法\n\n## 第一章 总则\n\n第一条 为了规范补贴，制定本办法。\n\n"+
		"## 第二章 附则\n\n第二条 本办法自 **2024年1月1日** 起施行，有效期3年。\n\n南汀市人民政府\n2023年12月1日\n"))
	d := a.Document
	if d.Title != "南汀市住房租赁补贴办法" || d.ValidFrom != "2024-01-01" || d.ValidUntil != "2026-12-31" || d.Issuer != "南汀市人民政府" {
		t.Errorf("%+v", d)
	}
	for id, text := range clauseTexts(t, l, d.ID) {
		if strings.ContainsAny(text, "#*") {
			t.Errorf("%s: %q", id, text)
		}
	}
}

// TestAddBefore: who wants to know is told before a document is stored, of one that is there as it is never, and can keep
// it from being stored.
func TestAddBefore(t *testing.T) {
	lib, told, broken := newLibrary(), 0, error(nil)
	put := func(text, issuer string) (retrieval.Addition, error) {
		return lib.Add(t.Context(), retrieval.File{
			Source: "a.txt", Origin: "/x/a.txt", Data: []byte(text), Facts: func(d *retrieval.Document) bool { d.Issuer = issuer; return true },
			Before: func(d retrieval.Document) error {
				if d.ID != "a" {
					t.Errorf("told of %+v", d)
				}
				told++
				return broken
			},
		})
	}
	for i, c := range []struct {
		text, issuer string
		told         int
	}{{"第一条 甲。\n", "甲局", 1}, {"第一条 甲。\n", "甲局", 1}, {"第一条 甲。\n", "乙局", 2}, {"第一条 乙。\n", "乙局", 3}, {"", "乙局", 3}} {
		if _, err := put(c.text, c.issuer); told != c.told || (err != nil) != (c.text == "") {
			t.Errorf("%d: told %d times, want %d: %v", i, told, c.told, err)
		}
	}
	broken = errors.New("cannot be entered")
	if _, err := put("第一条 丙。\n", "乙局"); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	list, err := lib.Versions(t.Context(), "a")
	if err != nil || len(list) != 3 {
		t.Errorf("%d versions, %v", len(list), err)
	}
}
