package understand

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
)

// lines returns the lines of a file in testdata without blank ones and comments.
func lines(t testing.TB, name string) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

// seeded are the five seeds' documents.
var seeded = sync.OnceValues(func() ([]retrieval.Document, error) {
	lib, err := retrievaltest.Seeds(context.Background())
	if err != nil {
		return nil, err
	}
	return lib.Documents(context.Background())
})

// documents reads testdata/documents.txt.
func documents(t testing.TB) []retrieval.Document {
	t.Helper()
	var out []retrieval.Document
	for _, line := range lines(t, "documents.txt") {
		f := strings.Split(line, "|")
		if len(f) != 8 {
			t.Fatalf("%d fields, want 8: %s", len(f), line)
		}
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
		}
		d := retrieval.Document{ID: f[0], Title: f[1], Jurisdiction: f[2], Kind: f[3], Number: f[4], IssuedOn: f[5]}
		d.ValidFrom, d.ValidUntil, _ = strings.Cut(f[6], " ")
		if f[7] != "" {
			d.Aliases = strings.Split(f[7], ", ")
		}
		out = append(out, d)
	}
	return out
}

// TestQuestions reads the questions of testdata/questions.txt and follow.txt,
// which say how each must be read.
func TestQuestions(t *testing.T) {
	for file, least := range map[string]int{"questions.txt": 90, "follow.txt": 20} {
		cases := 0
		var docs []retrieval.Document
		for _, line := range lines(t, file) {
			switch line {
			case "== seeds":
				var err error
				if docs, err = seeded(); err != nil {
					t.Fatal(err)
				}
				continue
			case "== made up":
				docs = documents(t)
				continue
			}
			cases++
			asked, want, ok := strings.Cut(line, " -> ")
			if got := shown(Read(question(asked), docs)); !ok || got != want {
				t.Errorf("%s\n got %s\nwant %s", asked, got, want)
			}
		}
		if cases < least {
			t.Errorf("only %d cases in %s", cases, file)
		}
	}
}

// escapes are characters that the files write in another way.
var escapes = strings.NewReplacer(`\n`, "\n", `\u202e`, "\u202e", `\x1b`, "\x1b", `\x00`, "\x00")

// question is a question with the turns before it, as the files write them.
func question(line string) Question {
	var q Question
	for i, s := range strings.Split(escapes.Replace(line), " | ") {
		if s = strings.TrimSpace(s); i == 0 {
			q.Text = s
		} else if ours, ok := strings.CutPrefix(s, "= "); ok {
			q.History = append(q.History, Turn{Text: ours})
		} else {
			q.History = append(q.History, Turn{User: true, Text: s})
		}
	}
	return q
}

// shown is an understanding as the files write it: what is empty is left out.
func shown(u Understanding) string {
	var intents, places, docs []string
	for _, i := range u.Intents {
		s := string(i)
		if i == "off_topic" {
			s += "/" + string(u.Kind)
		}
		intents = append(intents, s)
	}
	for _, p := range u.Places {
		s := p.Name
		if !p.Held {
			s += "-"
		}
		if p.Asker {
			s += "@"
		}
		places = append(places, s)
	}
	for _, d := range u.Documents {
		docs = append(docs, d.ID)
	}
	out := u.Lang + " " + strings.Join(intents, ",")
	field := func(name string, values ...string) {
		if s := strings.Join(values, ","); s != "" {
			out += " " + name + "=" + s
		}
	}
	field("places", places...)
	field("documents", docs...)
	field("missing", u.Missing...)
	field("day", u.AsOf)
	field("inherited", u.Inherited...)
	if len(u.Parts) > 0 {
		field("parts", fmt.Sprint(len(u.Parts)))
	}
	field("removed", u.Removed...)
	return out
}

// TestQuotes: a question that quotes what we said is about that, unless it names a place or a document or a new subject.
func TestQuotes(t *testing.T) {
	docs, err := seeded()
	if err != nil {
		t.Fatal(err)
	}
	history := []Turn{{User: true, Text: "厦门厂房改扩建有什么支持？"}, {Text: "支持企业就地改扩建厂房。"}}
	for _, tt := range []struct {
		text         string
		without, has bool
	}{
		{"谁负责？", true, true},
		{"由哪些部门来负责牵头和具体落实工作呢，请说明", false, true},
		{"Which bodies are responsible?", false, true},
		{"北京市对手术机器人企业有哪些支持政策", false, false},
		{"换个话题，企业上市有哪些奖励可以申请", false, false},
	} {
		for quotes, want := range map[bool]bool{false: tt.without, true: tt.has} {
			if u := Read(Question{Text: tt.text, History: history, Quotes: quotes}, docs); u.Follows != want {
				t.Errorf("%s: quotes %v, follows %v, want %v", tt.text, quotes, u.Follows, want)
			}
		}
		if u := Read(Question{Text: tt.text, Quotes: true}, docs); u.Follows {
			t.Errorf("%s follows on nothing", tt.text)
		}
	}
}
