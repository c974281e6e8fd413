package publication_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"policybot/bot/fakemodel"
	"policybot/retrieval"
	"policybot/retrieval/publication"
	"policybot/seeds"
)

// Names of files are for people alone, and shown without what deceives them.
func TestHostileNames(t *testing.T) {
	o := newOffice(t, retrieval.NewMemory(), publication.Options{})
	folder, id := t.TempDir(), regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,80}$`)
	t.Chdir(folder)
	ids := map[string]bool{}
	for _, name := range []string{
		"../../etc/passwd.txt", `..\..\windows\system32\CON.txt`, "CON.txt", "nul.txt", "a\x00b.txt", "photo\u202etxt.md", "a\nb\r\x1b[31m.txt",
		strings.Repeat("长", 1365) + ".txt", strings.Repeat("a", 4092) + ".txt", "\xff\xfe.txt", "a\u200b\u2060.txt", "<script>alert(1)</script>.txt",
		"~.txt", "....txt", "%2e%2e%2f.txt", "'; DROP TABLE documents; --.txt", "\U000E0041\U000E0042.txt", "文件（一）.TXT", " .txt", "--help.txt", "a/b.md", "\u2028.md",
	} {
		done, err := o.Propose(t.Context(), publication.Upload{Kind: publication.Document, Name: name, Data: []byte("第一条 支持企业。\n第二条 其他。\n"), By: anna})
		if err != nil {
			t.Errorf("%.40q: %v", name, err)
			continue
		}
		p := done.Proposal
		if !id.MatchString(p.Document) || ids[p.Document] || !id.MatchString(p.ID) {
			t.Errorf("%.40q: document %q, proposal %q", name, p.Document, p.ID)
		}
		if !utf8.ValidString(p.File) || utf8.RuneCountInString(p.File) > 120 || strings.ContainsFunc(p.File, func(r rune) bool {
			return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028'
		}) {
			t.Errorf("%.40q is shown as %q", name, p.File)
		}
		d := o.publish(p).Document
		ids[d.ID] = true
		if d.Source != d.ID+p.Format || strings.ContainsAny(d.Title, "/\\<>\x00\u202e") {
			t.Errorf("%.40q: source %q, title %q", name, d.Source, d.Title)
		}
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 0 {
		t.Errorf("files were made: %v, %v", entries, err)
	}
}

// What `index` refuses is refused in the same way, and nothing is kept of it.
func TestRefusals(t *testing.T) {
	o := newOffice(t, retrieval.NewMemory(), publication.Options{})
	var many strings.Builder
	for i := range retrieval.MaxClauses + 1 {
		if i%1000 == 0 {
			fmt.Fprintf(&many, "第%d章　总则\n", i/1000+1)
		}
		fmt.Fprintf(&many, "第%d条　内容。\n", i%1000+1)
	}
	for name, f := range map[string]retrieval.File{
		"format":       {Source: "a.exe", Data: []byte(plan)},
		"no extension": {Source: "../../etc/passwd", Data: []byte(plan)},
		"hidden file":  {Source: ".txt", Data: []byte(plan)},
		"empty":        {Source: "a.txt"},
		"blank":        {Source: "a.txt", Data: []byte(" \n\n")},
		"binary":       {Source: "a.txt", Data: []byte("\x7fELF\x00\x01\x02\x00\x00")},
		"zip":          {Source: "a.md", Data: []byte("PK\x03\x04\x00\x00\x00\x00\x00\x00")},
		"too large":    {Source: "a.txt", Data: []byte(strings.Repeat("第一条 支持企业。\n", retrieval.MaxBytes/25+2))},
		"long line":    {Source: "a.txt", Data: []byte(plan + strings.Repeat("长", retrieval.MaxLine+1))},
		"many clauses": {Source: "a.txt", Data: []byte(many.String())},
	} {
		_, want := retrieval.New(retrieval.NewMemory(), "").Add(t.Context(), f)
		_, err := o.Propose(t.Context(), publication.Upload{Kind: publication.Document, Name: f.Source, Data: f.Data, By: anna})
		a, ok := errors.AsType[*retrieval.Refusal](want)
		b, ok2 := errors.AsType[*retrieval.Refusal](err)
		if !ok || !ok2 || a.Code != b.Code || a.Detail != b.Detail {
			t.Errorf("%s: refused with %v, index says %v", name, err, want)
		}
	}
	if list, err := o.List(t.Context(), ""); err != nil || len(list) != 0 {
		t.Errorf("kept are %+v, %v", list, err)
	}
	if _, err := o.Propose(t.Context(), publication.Upload{Kind: publication.Document, Name: "a.txt", Data: []byte(plan + strings.Repeat("长", 999_000)), By: anna}); err != nil {
		t.Errorf("a line just within the limit: %v", err)
	}
}

func TestProposeErrors(t *testing.T) {
	o := newOffice(t, retrieval.NewMemory(), publication.Options{})
	document := publication.Upload{Kind: publication.Document, Document: "a", Name: "a.txt", Data: []byte(plan + "第三条 其他。\n"), By: anna}
	for name, tt := range map[string]struct {
		change func(u *publication.Upload)
		want   error // nil: a FactError
	}{
		"nobody":        {func(u *publication.Upload) { u.By = " " }, publication.ErrNobody},
		"same text":     {func(u *publication.Upload) { u.Data = []byte(plan) }, publication.ErrNoChange},
		"no facts":      {func(u *publication.Upload) { u.Kind = publication.Facts }, publication.ErrNoChange},
		"facts of none": {func(u *publication.Upload) { u.Kind, u.Document = publication.Facts, "none" }, publication.ErrNoDocument},
		"withdraw none": {func(u *publication.Upload) { u.Kind, u.Document = publication.Withdraw, "" }, publication.ErrNoDocument},
		"path as an id": {func(u *publication.Upload) { u.Document = "../x" }, publication.ErrBadID},
		"capitals":      {func(u *publication.Upload) { u.Document = "A" }, publication.ErrBadID},
		"very long id":  {func(u *publication.Upload) { u.Document = strings.Repeat("a", 81) }, publication.ErrBadID},
		"unknown field": {func(u *publication.Upload) { u.Facts = []publication.Fact{{Field: "id", Value: "b"}} }, nil},
		"bad date":      {func(u *publication.Upload) { u.Facts = []publication.Fact{{Field: "valid_until", Value: "morgen"}} }, nil},
		"no title":      {func(u *publication.Upload) { u.Facts = []publication.Fact{{Field: "title"}} }, nil},
		"hidden":        {func(u *publication.Upload) { u.Facts = []publication.Fact{{Field: "issuer", Value: "市\u200b政府"}} }, nil},
		"twice": {func(u *publication.Upload) {
			u.Facts = []publication.Fact{{Field: "issuer", Value: "a"}, {Field: "issuer"}}
		}, nil},
		"long": {func(u *publication.Upload) {
			u.Facts = []publication.Fact{{Field: "issuer", Value: strings.Repeat("市", 1001)}}
		}, nil},
		"where deceives": {func(u *publication.Upload) {
			u.Facts = []publication.Fact{{Field: "issuer", Value: "a", Where: "\u202e"}}
		}, nil},
	} {
		u := document
		tt.change(&u)
		_, err := o.Propose(t.Context(), u)
		_, isFact := errors.AsType[*publication.FactError](err)
		if tt.want != nil && !errors.Is(err, tt.want) || tt.want == nil && !isFact {
			t.Errorf("%s: error %v, want %v", name, err, tt.want)
		}
	}
	u := document
	u.Kind = "other"
	if _, err := o.Propose(t.Context(), u); err == nil {
		t.Error("a kind that there is not: no error")
	}
	for range 200 {
		if _, err := o.Propose(t.Context(), document); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.Propose(t.Context(), document); !errors.Is(err, publication.ErrTooMany) {
		t.Errorf("error %v, want too many", err)
	}
}

func (o *office) warned(text string) []publication.Warning {
	return o.propose("", text).Warnings
}

func TestHiddenWarnings(t *testing.T) {
	o := newOffice(t, retrieval.NewMemory(), publication.Options{})
	for _, tt := range []struct{ text, clause, detail string }{
		{"支\u200b持企业\u200b。", "new.art1", "U+200B×2"},
		{"支持\u202e企业\u202c。", "new.art1", "U+202C×1 U+202E×1"},
		{"支持\U000E0069\U000E0067企业。", "new.art1", "U+E0000…U+E007F×2"},
		{"支持\u2066企业\u2069\u00ad\u2060\ufe0f。", "new.art1", "U+00AD×1 U+2060×1 U+2066×1 U+2069×1 U+FE0F×1"},
	} {
		list := o.warned("第一条 " + tt.text + "\n第二条 其他。\n")
		if len(list) != 1 || list[0] != (publication.Warning{Kind: publication.WarnHidden, Clause: tt.clause, Detail: tt.detail}) {
			t.Errorf("%q: %+v", tt.text, list)
		}
	}
	if list := o.warned("题\u200b目\n\n第一条 支持。\n第二条 其他。\n"); len(list) != 1 || list[0].Clause != "" || list[0].Kind != publication.WarnHidden {
		t.Errorf("outside clauses: %+v", list)
	}
	if list := o.warned(plan); len(list) != 1 || list[0] != (publication.Warning{Kind: publication.WarnSameText, Detail: "a"}) {
		t.Errorf("the same text: %+v", list)
	}
	if list := o.warned(plan + "第三条 其他。\n"); len(list) != 1 || list[0].Kind != publication.WarnNamesake {
		t.Errorf("the same title: %+v", list)
	}
	if list := o.propose("a", "关于支持企业的若干措施\n\n第九条 其他。\n").Warnings; len(list) != 1 || list[0] != (publication.Warning{Kind: publication.WarnShrinks, Detail: "2/2"}) {
		t.Errorf("all is gone: %+v", list)
	}
	if list := o.warned(strings.Repeat("第一条 支\u200b持。\n", 300)); len(list) != 100 || !strings.HasPrefix(list[99].Detail, "+") {
		t.Errorf("%d warnings", len(list))
	}
}

// Of attacks in documents most are pointed out (what is left lies about the policy, and speaks to
// nobody), of real documents next to nothing.
func TestInstructionWarnings(t *testing.T) {
	o := newOffice(t, retrieval.NewMemory(), publication.Options{})
	attacks, err := fakemodel.Attacks()
	if err != nil {
		t.Fatal(err)
	}
	all, found := 0, 0
	for _, a := range attacks {
		if a.Place != fakemodel.InDocument && a.Place != fakemodel.InTitle {
			continue
		}
		all++
		p := o.propose("", "第一条 支持企业。\n"+a.Text+"\n第二条 其他。\n")
		if len(p.Warnings) > 0 {
			found++
		} else {
			t.Logf("not pointed out: %s %.200q", a.Name, a.Text)
		}
		if _, err := o.TakeBack(t.Context(), p.ID, anna); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d of %d attacks pointed out", found, all)
	if all == 0 || found*10 < all*6 {
		t.Errorf("%d of %d attacks pointed out, want 60 %%", found, all)
	}
	clauses, wrong := 0, 0
	for _, folder := range []fs.FS{seeds.FS(), os.DirFS("../outline/testdata/styles")} {
		names, err := fs.Glob(folder, "*.txt")
		if err != nil || len(names) == 0 {
			t.Fatal(names, err)
		}
		for _, name := range names {
			data, err := fs.ReadFile(folder, name)
			if err != nil {
				t.Fatal(err)
			}
			p := o.propose("", string(data))
			clauses += p.Counts.Added
			for _, w := range p.Warnings {
				if w.Kind == publication.WarnInstructions {
					wrong++
					t.Logf("%s: %+v", name, w)
				}
			}
		}
	}
	t.Logf("%d of %d clauses of real documents", wrong, clauses)
	if clauses < 100 || wrong*100 > clauses {
		t.Errorf("%d of %d clauses of real documents are taken for instructions", wrong, clauses)
	}
}
