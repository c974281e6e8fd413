package task_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"policybot/prompts/task"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	frame   = task.Frame{Fence: "q7w8e9r2t3y4", Canary: "canary-0123456789abcdef"}
	clauses = []task.Clause{
		{Handle: "kabc12", Document: "甲市支持软件产业若干措施", Place: "甲市", Under: "二/(三) 支持首版次", Text: "（三）支持首版次应用。最高50万元。"},
		{Handle: "kdef34", Document: "Measures of City B", Place: "City B", Under: "1", Text: "1. May be exempted."},
	}
	facts   = []task.Fact{{Need: "role_rd", Name: "研发型企业"}, {Need: "entity in enterprise, university", Name: "是企业；是高等学校"}}
	history = []task.Turn{{Role: "user", Text: "甲市呢？"}, {Role: "assistant", Text: "……"}}
)

// renders are one prompt of each task.
func renders(s *task.Set, lang string) map[string]task.Prompt {
	said := []string{`{"sentence":"最高60万元。","problem":"G4: number"}`}
	return map[string]task.Prompt{
		"answer":   s.Answer(lang, task.Answer{Frame: frame, Clauses: clauses, History: history, Question: "首版次有钱吗？"}),
		"repair":   s.Repair(lang, task.Repair{Frame: frame, Clauses: clauses, Question: "首版次有钱吗？", Said: said}),
		"draft":    s.Draft(lang, task.Repair{Frame: frame, Clauses: clauses, Question: "首版次有钱吗？", Said: said}),
		"rewrite":  s.Rewrite(lang, task.Rewrite{Frame: frame, History: history, Question: "首版次有钱吗？"}),
		"measures": s.Measures(lang, task.Measures{Frame: frame, Clauses: clauses[:1], Facts: facts}),
		"rerank":   s.Rerank(lang, task.Rerank{Frame: frame, Clauses: clauses, Question: "首版次有钱吗？"}),
	}
}

// TestGolden shows each prompt as a model gets it.
func TestGolden(t *testing.T) {
	for _, lang := range task.Languages {
		all := renders(task.Embedded(), lang)
		if len(all) != len(task.Tasks) {
			t.Errorf("%d prompts of %d tasks", len(all), len(task.Tasks))
		}
		for name, p := range all {
			id := regexp.MustCompile(`^` + name + `\.` + lang + `@[0-9a-f]{12}$`)
			if !id.MatchString(p.ID) || p.ID != task.Embedded().ID(name, lang) {
				t.Errorf("id %q of %s.%s", p.ID, name, lang)
			}
			got := "==== system\n" + p.System + "==== user\n" + p.User
			file := filepath.Join("testdata", name+"."+lang+".golden")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs from this run:\n%s", file, got)
			}
		}
	}
}

// TestFenced: what others wrote stands between fences, and the system prompt has
// none of it; canaries stand in the system prompt alone.
func TestFenced(t *testing.T) {
	for _, lang := range task.Languages {
		for name, p := range renders(task.Embedded(), lang) {
			if strings.Contains(p.System, "首版次有钱吗") || strings.Contains(p.System, "City B") {
				t.Errorf("%s.%s: material in the system prompt", name, lang)
			}
			if strings.Contains(p.User, frame.Canary) || strings.Count(p.System, frame.Canary) != 1 {
				t.Errorf("%s.%s: the canary is not where it belongs", name, lang)
			}
			opened, inside := 0, false
			for line := range strings.Lines(p.User) {
				switch {
				case strings.HasPrefix(line, "<<"+frame.Fence+" "):
					opened, inside = opened+1, true
				case strings.TrimSpace(line) == "<</"+frame.Fence+">>":
					inside = false
				case !inside && strings.TrimSpace(line) != "":
					t.Errorf("%s.%s: %q is outside of the fences", name, lang, line)
				}
			}
			if opened < 2 || inside {
				t.Errorf("%s.%s: %d fences, the last one open: %t", name, lang, opened, inside)
			}
		}
	}
}

// TestNoAddress: a prompt of the program has no address, and no id of a document.
func TestNoAddress(t *testing.T) {
	for _, lang := range task.Languages {
		for name, p := range renders(task.Embedded(), lang) {
			if found := regexp.MustCompile(`https?:|www\.|\.(?:h\d|n\d|b\d)`).FindString(p.System + p.User); found != "" {
				t.Errorf("%s.%s has %q", name, lang, found)
			}
		}
	}
}

func TestOpen(t *testing.T) {
	good := `{{define "system"}}Short. {{template "mark" .}}{{end}}{{define "user"}}{{template "clauses" .}}{{template "question" .}}{{end}}`
	s, err := task.Open(fstest.MapFS{"answer.en.txt": {Data: []byte(good)}})
	if err != nil {
		t.Fatal(err)
	}
	p := s.Answer("en", task.Answer{Frame: frame, Question: "q"})
	if !strings.HasPrefix(p.System, "Short.") || p.ID == task.Embedded().ID("answer", "en") {
		t.Errorf("%s: %s", p.ID, p.System)
	}
	if s.ID("answer", "zh") != task.Embedded().ID("answer", "zh") {
		t.Error("another file than that of the folder has changed")
	}
	cases := map[string]fstest.MapFS{
		"no prompt is there":    {"README.md": {Data: []byte("x")}},
		"answer.en.txt":         {"answer.en.txt": {Data: []byte(`{{define "system"}}{{end`)}},
		`no template "user"`:    {"answer.en.txt": {Data: []byte(`{{define "system"}}{{template "mark" .}}{{end}}`)}},
		"Nonsense":              {"answer.en.txt": {Data: []byte(strings.Replace(good, "Short.", "{{.Nonsense}}", 1))}},
		`"system" has no {{.Fr`: {"answer.en.txt": {Data: []byte(strings.Replace(good, `{{template "mark" .}}`, "", 1))}},
		`"user" has no fence`:   {"answer.en.txt": {Data: []byte(`{{define "system"}}{{template "mark" .}}{{end}}{{define "user"}}{{.Question}}{{end}}`)}},
	}
	for want, dir := range cases {
		if _, err := task.Open(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
}
