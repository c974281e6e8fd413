package retrieval_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"policybot/retrieval"
)

// mentions adds a document and lists what it mentions, as the store has it.
func mentions(t *testing.T, f retrieval.File) []retrieval.Mention {
	t.Helper()
	l := newLibrary()
	a := add(t, l, f)
	docs, err := l.Documents(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a.Document.Mentions, docs[0].Mentions); diff != "" {
		t.Errorf("added and stored differ:\n%s", diff)
	}
	return docs[0].Mentions
}

func TestMentions(t *testing.T) {
	const name = "testdata/mentions.txt"
	all := readSections(t, name)
	found := slices.Clone(all)
	for i, s := range all {
		t.Run(s.name, func(t *testing.T) {
			found[i].facts = nil
			for _, m := range mentions(t, file("/d", "a.txt", strings.Join(s.text, "\n"))) {
				found[i].facts = append(found[i].facts, strings.TrimPrefix(m.Clause, "a.")+" "+m.Title)
			}
			if diff := cmp.Diff(s.facts, found[i].facts); diff != "" && !*update {
				t.Errorf("mentions (-want +got):\n%s", diff)
			}
		})
	}
	if *update {
		writeSections(t, name, found)
	}
}

// A title keeps its characters exactly; the names of a document itself are none of
// its mentions; clause ids are those of the catalogue's id.
func TestMentionsExact(t *testing.T) {
	f := file("/d", "a.txt", "南汀市创新措施\n一、依据\n《 人才\u3000ＡＢ\n条例》《创新措施》《两区方案》。\n二、附则\n《創新措施》。\n")
	f.Facts = func(d *retrieval.Document) bool {
		d.ID, d.Aliases = "plan.1", []string{"两区方案", "创新措施"}
		return true
	}
	if diff := cmp.Diff([]retrieval.Mention{{Title: " 人才\u3000ＡＢ\n条例", Clause: "plan.1.h1"}}, mentions(t, f)); diff != "" {
		t.Error(diff)
	}
}

// At most 200 titles are kept, the first ones; what is as long as a paragraph is
// no title.
func TestMentionsLimits(t *testing.T) {
	var text strings.Builder
	text.WriteString("南汀市创新措施\n一、依据\n《" + strings.Repeat("长", 201) + "》")
	for i := range 300 {
		fmt.Fprintf(&text, "《第%d号办法》", i)
	}
	list := mentions(t, file("/d", "a.txt", text.String()+"\n二、附则\n"+strings.Repeat("《", 10_000)+"\n"))
	if len(list) != 200 || list[0].Title != "第0号办法" || list[199].Title != "第199号办法" {
		t.Errorf("%d mentions: %v", len(list), list)
	}
}

// Clauses are printed with their document many times, so mentions are not in its
// JSON; the facts of a version have them.
func TestMentionsJSON(t *testing.T) {
	doc := retrieval.Document{
		ID: "a", Aliases: []string{"甲"}, Deadline: "2022",
		Mentions: []retrieval.Mention{{Title: "乙", Clause: "a.1"}},
	}
	data, err := json.Marshal(doc)
	if want := `{"id":"a","title":"","aliases":["甲"],"deadline":"2022","status":"","source":""}`; string(data) != want || err != nil {
		t.Errorf("have %s, %v\nwant %s", data, err, want)
	}
	r, err := retrieval.NewRecord(doc, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	back, err := retrieval.ParseFacts(r.Facts)
	if want := `{"id":"a","title":"","aliases":["甲"],"deadline":"2022","status":"","source":"","mentions":[{"title":"乙","clause":"a.1"}]}`; string(r.Facts) != want {
		t.Errorf("facts %s\nwant %s", r.Facts, want)
	}
	if diff := cmp.Diff(doc.Mentions, back.Mentions); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
}
