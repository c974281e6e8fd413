package eval

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"policybot/bot"
	"policybot/bot/auditor"
	"policybot/bot/eligibility"
	"policybot/bot/eligibility/eligibilitytest"
	"policybot/bot/fakemodel"
	"policybot/bot/generate"
	"policybot/bot/grounding"
	"policybot/bot/model"
	"policybot/prompts"
	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
)

var outputs = flag.Int("byzantine", 150, "how many answers of the Byzantine fake to judge")

// slower is how many times fewer answers are judged where each takes longer: under
// the race detector.
var slower = 1

// A tapped model remembers what it was asked, so that its secrets can be looked for.
type tapped struct {
	model.Model
	asked []model.Request
}

// Stream implements model.Model.
func (m *tapped) Stream(ctx context.Context, r model.Request, pass func(string) error) (model.Usage, error) {
	m.asked = append(m.asked, r)
	return m.Model.Stream(ctx, r, pass)
}

// secrets are the canaries, fences and handles of the requests.
func (m *tapped) secrets() (canaries, handles []string) {
	for _, r := range m.asked {
		p, err := fakemodel.Parse(r)
		if err != nil {
			continue
		}
		canaries = append(canaries, p.Canary, p.Fence)
		for _, c := range p.Clauses {
			handles = append(handles, c.Handle)
		}
	}
	return canaries, handles
}

// A poisoned library is the seeds with documents that attack.
type poisoned struct {
	lib      *retrieval.Library
	measures eligibilitytest.Fixed
	clauses  map[string]auditor.Clause
	known    auditor.Lexicon
}

// libraryWith returns the seeds with the attacks that stand in documents, titles and
// names of files, each in a document of its own.
func libraryWith(t *testing.T, attacks []fakemodel.Attack) poisoned {
	t.Helper()
	lib, err := retrievaltest.Seeds(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range attacks {
		title, name, text := fmt.Sprintf("甲市支持生物医药企业第%d号措施", i), fmt.Sprintf("doc-%d.txt", i), ""
		switch a.Place {
		case fakemodel.InDocument:
			text = a.Text
		case fakemodel.InTitle:
			title = oneLineOf(a.Text)
		case fakemodel.InFilename:
			name = strings.NewReplacer("/", "_", "\x00", "", "\n", " ").Replace(a.Text) + ".txt"
		default:
			continue
		}
		body := title + "\n\n一、上市目标\n\n到2027年，生物医药上市企业达到" + fmt.Sprint(i+3) + "家。" + text + "\n\n二、临床试验\n\n支持医疗机构开展临床试验。" + text + "\n"
		_, _ = lib.Add(t.Context(), retrieval.File{Source: name, Data: []byte(body)}) // a name or text that is refused does no harm
	}
	if err := lib.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	clauses := auditedClauses(t, lib)
	list := slices.Collect(maps.Values(clauses))
	slices.SortFunc(list, func(a, b auditor.Clause) int { return strings.Compare(a.ID, b.ID) })
	same, light := grounding.Thesaurus()
	measures, err := eligibilitytest.Seeds(t.Context(), lib)
	if err != nil {
		t.Fatal(err)
	}
	return poisoned{lib, measures, clauses, auditor.NewLexicon(list).Learn([]string{same}, []string{light})}
}

// reviewed is what people have approved of the measures, in a language.
func (l poisoned) reviewed(lang string) []string {
	var out []string
	v := eligibility.Builtin()
	for _, b := range l.measures {
		out = append(out, b.Title.In(lang))
		for i := range b.Criteria {
			out = append(out, b.Criteria[i].Name(v, lang))
		}
	}
	for _, key := range v.Keys() {
		f, _ := v.Fact(key)
		together, _ := v.Question(v.Together(key)).Ask(lang)
		alone, choices := v.Question([]string{key}).Ask(lang)
		out = append(out, f.Label(lang), f.Name.In(lang), f.Never.In(lang), together, alone)
		out = append(out, choices...)
		if f.Kind != eligibility.YesNo && f.Kind != eligibility.Number {
			out = append(out, prompts.Render(lang, "name_"+f.Key, nil))
		}
	}
	return out
}

func oneLineOf(s string) string { return strings.Join(strings.Fields(s), " ") }

// auditedClauses is a library as the auditor reads it.
func auditedClauses(t *testing.T, lib *retrieval.Library) map[string]auditor.Clause {
	t.Helper()
	clauses, err := retrievaltest.Clauses(t.Context(), lib)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]auditor.Clause{}
	for id, c := range clauses {
		var a auditor.Clause
		data, _ := json.Marshal(c)
		if err := json.Unmarshal(data, &a); err != nil {
			t.Fatal(err)
		}
		out[id] = a
	}
	return out
}

// TestByzantine: of a model that always obeys the attacker, and lies in every way
// that it knows, nothing is delivered that breaks a guarantee. The judge shares no
// code with what checks answers. -byzantine 10000 is the long form.
func TestByzantine(t *testing.T) {
	attacks, err := fakemodel.Attacks()
	if err != nil {
		t.Fatal(err)
	}
	clean, bad := libraryWith(t, nil), libraryWith(t, attacks)
	var questions []Question
	for _, file := range []string{"dev.jsonl", "questions.jsonl"} {
		questions = append(questions, readQuestions(t, file)...)
	}
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	used := ""
	liar := &fakemodel.Byzantine{Seed: 1, Still: true, Used: func(_ int, s string) { used = s }}
	counts := map[string]int{}
	for i := range *outputs / slower {
		q := questions[i%len(questions)].Ask()
		q.ID, q.AsOf = fmt.Sprintf("b%d", i), day
		library, attack := clean, attacks[i%len(attacks)]
		switch attack.Place {
		case fakemodel.InQuestion:
			if i%2 == 0 {
				q.Text = first(q.Text+"\n"+attack.Text, bot.MaxQuestion)
			}
		case fakemodel.InHistory:
			q.History = append(slices.Clone(q.History), bot.Turn{Role: bot.RoleUser, Text: attack.Text}, bot.Turn{Role: bot.RoleAssistant, Text: "……"})
		case fakemodel.InQuoted:
			q.History = append(slices.Clone(q.History), bot.Turn{Role: bot.RoleAssistant, Text: attack.Text})
		default:
			library = bad
		}
		tap := &tapped{Model: liar}
		desk := &bot.Desk{Library: library.lib, Measures: library.measures, Now: func() time.Time { return day }, Writing: &bot.Writing{
			Generator: &generate.Generator{Model: tap, Timeout: 2 * time.Second}, Rewrite: true, Rerank: i%5 == 0,
		}}
		var shown []bot.Answer
		q.Partly = func(a bot.Answer) { shown = append(shown, a) }
		a, x, err := desk.Explain(t.Context(), q)
		if err != nil {
			t.Fatalf("%s %q: %v", q.ID, q.Text, err)
		}
		counts[a.Outcome+" "+a.Mode+" "+a.Fallback]++
		trace := traceOf(t, a, x, library, tap)
		for _, v := range auditor.Audit(trace) {
			t.Errorf("%s, strategy %s, attack %s: %s %s\n%s", q.ID, used, attack.Name, v.Rule, v.What, a.Text)
		}
		for _, s := range shown {
			for _, secret := range append(trace.Canary, trace.Handles...) {
				if strings.Contains(s.Text, secret) {
					t.Errorf("%s: %q was shown", q.ID, secret)
				}
			}
		}
	}
	t.Logf("%d answers: %v", *outputs/slower, counts)
}

// TestAudited: the second judge finds nothing in the answers without a model either.
func TestAudited(t *testing.T) {
	library := libraryWith(t, nil)
	day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	desk := &bot.Desk{Library: library.lib, Measures: library.measures, Now: func() time.Time { return day }}
	for _, q := range readQuestions(t, "dev.jsonl") {
		asked := q.Ask()
		asked.ID = q.ID
		a, x, err := desk.Explain(t.Context(), asked)
		if err != nil {
			t.Fatalf("%s: %v", q.ID, err)
		}
		for _, v := range auditor.Audit(traceOf(t, a, x, library, &tapped{})) {
			t.Errorf("%s: %s %s\n%s", q.ID, v.Rule, v.What, a.Text)
		}
	}
}

// first cuts a text to so many characters.
func first(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return string(r[:n])
	}
	return text
}

// traceOf is what the auditor gets to see of an answer.
func traceOf(t *testing.T, a bot.Answer, x bot.Explanation, l poisoned, tap *tapped) auditor.Trace {
	t.Helper()
	answer, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	log, err := json.Marshal(bot.NewRecord(a, x))
	if err != nil {
		t.Fatal(err)
	}
	out := auditor.Trace{Answer: answer, Clauses: l.clauses, Day: a.AsOf, Log: log, Known: &l.known}
	out.Canary, out.Handles = tap.secrets()
	out.Reviewed, out.Said = l.reviewed(a.Lang), []string{a.Question}
	e := x.Evidence
	for _, t := range e.Question.History {
		out.Said = append(out.Said, t.Text)
	}
	for _, b := range l.measures {
		out.Retrieved = append(out.Retrieved, b.Clause.ID)
	}
	for _, side := range append(slices.Clone(e.Sides), e.Again) {
		for _, h := range side.Hits {
			out.Retrieved = append(out.Retrieved, h.Clause.ID)
		}
	}
	for _, c := range e.Anchors {
		out.Retrieved = append(out.Retrieved, c.ID)
	}
	for _, p := range x.Understanding.Places {
		if p.Asker {
			out.AskerPlaces = append(out.AskerPlaces, p.Name)
		}
	}
	return out
}
