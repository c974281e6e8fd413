package bot_test

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"policybot/bot"
	"policybot/bot/eligibility/eligibilitytest"
	"policybot/prompts"
	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// day is the day that golden answers are asked on.
var day = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// seededDesk answers from the seeds, held in memory.
var seededDesk = sync.OnceValues(func() (*bot.Desk, error) {
	lib, err := retrievaltest.Seeds(context.Background())
	if err != nil {
		return nil, err
	}
	measures, err := eligibilitytest.Seeds(context.Background(), lib)
	return &bot.Desk{Library: lib, Now: func() time.Time { return day }, Measures: measures}, err
})

func desk(t testing.TB) *bot.Desk {
	t.Helper()
	d, err := seededDesk()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestAnswers compares whole answers with testdata/answers/*.txt: the question
// on the first line, as the person reads the answer below.
func TestAnswers(t *testing.T) {
	files, err := filepath.Glob("testdata/answers/*.txt")
	if err != nil || len(files) < 8 {
		t.Fatalf("want at least 8 golden answers, have %d (%v)", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			question, want, _ := strings.Cut(string(data), "\n")
			a, err := desk(t).Ask(t.Context(), bot.Question{ID: "golden", Text: question})
			if err != nil {
				t.Fatal(err)
			}
			got := "\n" + a.Outcome + " " + a.Reason + "\n\n" + a.Text + "\n"
			if *update {
				if err := os.WriteFile(file, []byte(question+"\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != want {
				t.Errorf("%s\n--- got%s--- want%s", question, got, want)
			}
		})
	}
}

// developmentQuestions are the questions of the evaluation set.
func developmentQuestions(t testing.TB) []bot.Question {
	t.Helper()
	f, err := os.Open("eval/testdata/dev.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []bot.Question
	for s := bufio.NewScanner(f); s.Scan(); {
		var q struct {
			ID, Question string
			History      []bot.Turn
		}
		if err := json.Unmarshal(s.Bytes(), &q); err != nil {
			t.Fatal(err)
		}
		out = append(out, bot.Question{ID: q.ID, Text: q.Question, History: q.History})
	}
	if len(out) < 100 {
		t.Fatalf("only %d questions", len(out))
	}
	return out
}

// TestDevelopmentAnswers checks the laws of answers on the evaluation set.
func TestDevelopmentAnswers(t *testing.T) {
	outcomes := map[string]int{}
	citations := 0
	for _, q := range developmentQuestions(t) {
		a, err := desk(t).Ask(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		outcomes[a.Outcome]++
		citations += len(a.Citations)
		checkAnswer(t, a)
	}
	t.Logf("outcomes %v, %d quotes, all verbatim at their offsets", outcomes, citations)
	if outcomes[bot.Answered] < 40 {
		t.Errorf("only %d answers to check", outcomes[bot.Answered])
	}
}

// checkAnswer states what holds for every answer.
func checkAnswer(t testing.TB, a bot.Answer) {
	t.Helper()
	if len(a.Citations) > 6 {
		t.Errorf("%s: %d citations", a.ID, len(a.Citations))
	}
	for i, c := range a.Citations {
		if c.N != i+1 {
			t.Errorf("%s: citation %d has number %d", a.ID, i+1, c.N)
		}
		text := []rune(c.Clause.Text)
		if c.QuoteStart < 0 || c.QuoteEnd > len(text) || c.QuoteStart >= c.QuoteEnd || string(text[c.QuoteStart:c.QuoteEnd]) != c.Quote {
			t.Errorf("%s: quote [%d,%d) of %s is not %q", a.ID, c.QuoteStart, c.QuoteEnd, c.Clause.ID, c.Quote)
		}
	}
	for _, s := range a.Sentences {
		for _, n := range s.Citations {
			if !slices.ContainsFunc(a.Citations, func(c bot.Citation) bool { return c.N == n && strings.Contains(c.Quote, s.Text) }) {
				t.Errorf("%s: sentence %q is not what citation %d quotes", a.ID, s.Text, n)
			}
		}
		if len(s.Citations) == 0 {
			t.Errorf("%s: sentence %q has no citation", a.ID, s.Text)
		}
	}
	switch {
	case a.Outcome == bot.Answered && (len(a.Sentences) == 0 || a.Reason != ""):
		t.Errorf("%s: answered with %d sentences and reason %q", a.ID, len(a.Sentences), a.Reason)
	case a.Outcome != bot.Answered && (len(a.Sentences) > 0 || len(a.Citations) > 0 || a.Reason == ""):
		t.Errorf("%s: %s with %d sentences and reason %q", a.ID, a.Outcome, len(a.Sentences), a.Reason)
	}
	if a.Text == "" || a.Text != bot.Compose(a) {
		t.Errorf("%s: text is not composed of the answer's parts", a.ID)
	}
	if left := leftOver(a); left != "" {
		t.Errorf("%s: neither sentence, notice nor template: %q", a.ID, left)
	}
}

// leftOver rebuilds the text of an answer without Compose: it takes away the
// sentences and the notices and matches every line that is left with a
// template whose slots hold nothing but facts of the cited or nearest clauses.
// It returns what remains.
func leftOver(a bot.Answer) string {
	text := a.Text
	for _, s := range a.Sentences {
		text = strings.Replace(text, s.Text, "\x00", 1)
	}
	for _, n := range a.Notices {
		text = strings.Replace(text, n.Text, "\x01", 1)
	}
	known := knownFacts(a)
	var left []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSuffix(line, "\n"); line == "" {
			continue
		}
		name, slots, ok := prompts.Match(a.Lang, line)
		if !ok {
			left = append(left, line)
			continue
		}
		for slot, value := range slots {
			if !known(name, slot, value) {
				left = append(left, name+" {"+slot+"} "+value)
			}
		}
	}
	return strings.Join(left, "\n")
}

// printedDay is a whole date as answers print it.
func printedDay(date, lang string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return ""
	}
	return t.Format(map[string]string{prompts.Chinese: "2006年1月2日", prompts.English: "2 January 2006"}[lang])
}

// knownFacts tells what may stand in a slot.
func knownFacts(a bot.Answer) func(template, slot, value string) bool {
	clauses := slices.Clone(a.Nearest)
	join, commas, semicolon := ", ", ", ", "; "
	if a.Lang == prompts.Chinese {
		join, commas, semicolon = "、", "，", "；"
	}
	allowed := map[string]map[string]bool{}
	allow := func(slot, value string) {
		if allowed[slot] == nil {
			allowed[slot] = map[string]bool{}
		}
		allowed[slot][value] = true
	}
	for _, c := range a.Citations {
		clauses = append(clauses, c.Clause)
		var pairs []string
		for _, f := range c.Gloss {
			pairs = append(pairs, prompts.Render(a.Lang, "gloss_pair", prompts.Slots{"text": f.Text, "gloss": f.Gloss}))
		}
		allow("pairs", strings.Join(pairs, semicolon))
		allow("place", c.Clause.Document.Jurisdiction)
		allow("title", c.Clause.Document.Title)
		allow("until", printedDay(c.Clause.Document.ValidUntil, a.Lang))
		allow("day", printedDay(a.AsOf, a.Lang))
	}
	var missing []string
	for _, m := range a.Missing {
		missing = append(missing, prompts.Render(a.Lang, "document", prompts.Slots{"title": m}))
	}
	allow("title", strings.Join(missing, join))
	for _, c := range clauses {
		allow("path", c.Path)
		allow("heading", c.Heading)
		if n := len(c.Parents); n > 0 && c.Heading == "" {
			allow("heading", c.Parents[n-1])
		}
		allow("bodies", strings.Join(c.Departments, join))
	}
	allow("bodies", strings.Join(a.Contacts, join))
	allow("quote", "\x00")
	allow("notice", "\x01")
	allow("place", strings.Join(a.Places.Others, join))
	allow("places", strings.Join(a.Places.Library, join))
	return func(template, slot, value string) bool {
		if ofOwnCase.MatchString(template) {
			return ownFacts(a, value)
		}
		if template == "renamed" {
			return allRenamed(a.Lang, clauses, strings.Split(value, commas))
		}
		switch slot {
		case "marker", "n", "first":
			return strings.Trim(value, "[]0123456789") == ""
		case "documents", "clauses", "limit":
			return strings.Trim(value, "0123456789") == ""
		case "document":
			return slices.ContainsFunc(clauses, func(c retrieval.Clause) bool { return describes(value, c.Document) })
		}
		return allowed[slot][value]
	}
}

// ofOwnCase are the templates that compare the asker's own case.
var ofOwnCase = regexp.MustCompile(`^(?:elig_|crit_|ask_fact|ask_because$|heard$|doubt$)`)

// glue is what stands between the parts of such a line.
var glue = regexp.MustCompile(`[；;，、,“”《》（）()\[\]：:]|\b(?:you said|given|decided by|and others|not met|met|to be checked)\b|您说|所给情况|由|决定|等$|[0-9]+[.]?|[-✓] `)

// ownFacts reports whether each part of a line stands in what the answer says of the
// asker's case, in data.
func ownFacts(a bot.Answer, value string) bool {
	data, _ := json.Marshal([]any{a.Eligibility, a.Next, a.Heard, a.Interview})
	known := glue.ReplaceAllString(strings.ReplaceAll(string(data), `\"`, `"`), "\x00")
	for _, strength := range []string{"strength_support", "strength_intention", "strength_entitlement"} {
		over := prompts.Render(a.Lang, "strength_over", prompts.Slots{"strength": ""})
		known += glue.ReplaceAllString(over, "\x00")
		known += glue.ReplaceAllString(prompts.Render(a.Lang, strength, nil), "\x00")
	}
	for part := range strings.SplitSeq(glue.ReplaceAllString(value, "\x00"), "\x00") {
		if part = strings.TrimSpace(part); !strings.Contains(known, part) && !slices.Contains([]string{"待核实", "符合", "不符合", "-"}, part) {
			return false
		}
	}
	return true
}

// allRenamed reports whether each pair tells the new name of a body that a clause
// names.
func allRenamed(lang string, clauses []retrieval.Clause, pairs []string) bool {
	for _, p := range pairs {
		name, slots, _ := prompts.Match(lang, p)
		named := func(c retrieval.Clause) bool { return slices.Contains(c.Departments, slots["old"]) }
		if name != "renamed_pair" || !slices.ContainsFunc(clauses, named) {
			return false
		}
	}
	return true
}

// describes reports whether the printed name of a document has its title and
// nothing but facts about it.
func describes(printed string, d retrieval.Document) bool {
	rest, ok := strings.CutPrefix(strings.TrimLeft(printed, "《“"), d.Title)
	if !ok {
		return false
	}
	year := func(s string) string { return s[:min(4, len(s))] }
	for _, fact := range []string{d.Number, d.Jurisdiction} {
		rest = strings.Replace(rest, fact, "", 1)
	}
	for _, digits := range strings.FieldsFunc(rest, func(r rune) bool { return r < '0' || r > '9' }) {
		all := strings.Join([]string{d.IssuedOn, d.ValidFrom, year(d.ValidFrom), d.ValidUntil}, " ")
		if !strings.Contains(all, digits) && digits != "" && !strings.HasPrefix(digits, "20") {
			return false
		}
	}
	return len([]rune(rest)) < 90
}

func FuzzAsk(f *testing.F) {
	for _, q := range developmentQuestions(f) {
		f.Add(q.Text, "")
	}
	f.Add("那厦门呢？", "北京2018—2020年计划授权哪几个区？")
	f.Add("\x1b[31m厦门\u202e", "\xff")
	f.Fuzz(func(t *testing.T, text, before string) {
		a, err := desk(t).Ask(t.Context(), bot.Question{ID: "fuzz", Text: text, History: []bot.Turn{{Role: bot.RoleUser, Text: before}}})
		if err != nil {
			t.Fatal(err)
		}
		checkAnswer(t, a)
		if _, err := json.Marshal(a); err != nil {
			t.Fatal(err)
		}
	})
}

// askedLines asks the questions of a file of lines "question -> what is wanted" of the desk; there are least of them.
func askedLines(t *testing.T, file string, least int, judge func(question, want string, a bot.Answer)) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		question, want, ok := strings.Cut(strings.TrimSpace(line), " -> ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		n++
		a, err := desk(t).Ask(t.Context(), bot.Question{ID: "asked", Text: question})
		if err != nil {
			t.Fatal(err)
		}
		judge(question, want, a)
	}
	if n < least {
		t.Errorf("%s has only %d cases", file, n)
	}
}

// TestUpcomingSeeds reads testdata/upcoming-seeds.txt.
func TestUpcomingSeeds(t *testing.T) {
	askedLines(t, "upcoming-seeds.txt", 48, func(question, want string, a bot.Answer) {
		cites := func(c bot.Citation) bool { return c.Clause.ID == want }
		if want == "date" && (a.Lacking != want || len(a.Contacts) == 0) || want != "date" && !slices.ContainsFunc(a.Citations, cites) {
			t.Errorf("%s: %s %s %q, asks %q\n%s", question, a.Outcome, a.Reason, a.Lacking, a.Contacts, a.Text)
		}
	})
}

// TestBodiesFirst reads testdata/bodies.txt.
func TestBodiesFirst(t *testing.T) {
	askedLines(t, "bodies.txt", 8, func(question, want string, a bot.Answer) {
		if len(a.Citations) == 0 || a.Citations[0].Clause.ID != want {
			t.Errorf("%s: %s %s\n%s", question, a.Outcome, a.Reason, a.Text)
		}
	})
}

// TestTargets reads testdata/targets.txt: questions for the targets, or the validity, of a document and nothing else.
func TestTargets(t *testing.T) {
	askedLines(t, "targets.txt", 10, func(question, want string, a bot.Answer) {
		if !slices.ContainsFunc(a.Citations, func(c bot.Citation) bool { return c.Clause.ID == want }) {
			t.Errorf("%s: %s %s\n%s", question, a.Outcome, a.Reason, a.Text)
		}
	})
}
