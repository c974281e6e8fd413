package views

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/slack-go/slack"
	"pgregory.net/rapid"

	"policybot/bot/slackfake/blockkit"
)

// hostile are texts that break what takes a text for harmless.
var hostile = []string{
	"", " ", "\n\n", "\u3000", "政策", "条款原文。", "Clause. ", "a", "<!channel>", "<@U0123>", "<https://evil.example|here>", "https://evil.example/x", "*b*", "_i_", "~s~", "`c`", "```",
	"&", "<", ">", "&amp;", "\u202eabc", "\u2066", "\x00", "\x1b[31m", "\xff\xfe", "\r\n", "\r", "\u2028", "👩‍👩‍👧", "🇨🇳", "é", "\t", ":smile:", "%d%s", "{}", "\"\\", "</script>",
	"\ufeff", "1. ", "- ", "@channel", "|",
}

// texts are hostile, and sometimes very long.
func texts() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		s := strings.Join(rapid.SliceOfN(rapid.SampledFrom(hostile), 0, 6).Draw(t, "parts"), "")
		switch rapid.IntRange(0, 9).Draw(t, "form") {
		case 0:
			return strings.Repeat(s+rapid.SampledFrom(hostile).Draw(t, "more"), rapid.IntRange(1, 300).Draw(t, "times"))
		case 1:
			return rapid.String().Draw(t, "any")
		}
		return s
	})
}

// urls are addresses, of which only those that begin as in good are fit to be linked.
func urls() *rapid.Generator[string] {
	return rapid.OneOf(rapid.SampledFrom([]string{
		"", good, good + "a?b=c&d=e#f", good + strings.Repeat("x", 600), good + strings.Repeat("x", 3200), good + strings.Repeat("&", 900), good + "a b", good + "a|b>", good + "\n",
		good + "\u202e", "javascript:alert(1)", "http://", "https://user:secret@policy.example.org/", "ftp://policy.example.org/", "/clause/1", "mailto:a@b.example", "slack://channel", "https:evil",
	}), rapid.Map(texts(), func(s string) string { return "x" + s }))
}

func lists() *rapid.Generator[[]string] { return rapid.SliceOfN(texts(), 0, 12) }

func langs() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{"zh", "en", "", "fr"})
}

// accepted checks a view with the limits as this package knows them, and with those of the fake platform.
func accepted(t *rapid.T, v any) {
	t.Helper()
	wantNone(t, checkView(v))
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := blockkit.CheckView(data); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
}

// sent checks a message in the same ways.
func sent(t *rapid.T, text string, blocks []slack.Block) {
	t.Helper()
	wantNone(t, checkMessage(text, blocks))
	data, err := json.Marshal(blocks)
	if err != nil {
		t.Fatal(err)
	}
	if err := blockkit.Check(blockkit.Message, data); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
}

func neighbours() *rapid.Generator[*Neighbour] {
	return rapid.Custom(func(t *rapid.T) *Neighbour {
		if rapid.Bool().Draw(t, "none") {
			return nil
		}
		return &Neighbour{Path: texts().Draw(t, "path"), Text: texts().Draw(t, "text"), ID: texts().Draw(t, "id")}
	})
}

func clauses() *rapid.Generator[ClauseData] {
	return rapid.Custom(func(t *rapid.T) ClauseData {
		text := texts().Draw(t, "text")
		place := rapid.IntRange(-5, utf8.RuneCountInString(text)+5)
		return ClauseData{
			Title: texts().Draw(t, "title"), Number: texts().Draw(t, "number"), Path: texts().Draw(t, "path"), Heading: texts().Draw(t, "heading"),
			Status: texts().Draw(t, "status"), Notes: lists().Draw(t, "notes"), Text: text, QuoteStart: place.Draw(t, "from"), QuoteEnd: place.Draw(t, "to"),
			Before: neighbours().Draw(t, "before"), After: neighbours().Draw(t, "after"), URL: urls().Draw(t, "url"),
		}
	})
}

func TestAnyClause(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		accepted(t, Clause(clauses().Draw(t, "clause"), langs().Draw(t, "lang")))
	})
}

func TestAnyForm(t *testing.T) {
	field := rapid.Custom(func(t *rapid.T) Field {
		option := rapid.Custom(func(t *rapid.T) Option {
			return Option{rapid.OneOf(rapid.SampledFrom([]string{"a", "b", "?", ""}), texts()).Draw(t, "value"), texts().Draw(t, "label")}
		})
		return Field{
			Key: rapid.OneOf(rapid.StringMatching(`[a-z]{1,3}`), texts()).Draw(t, "key"), Ask: texts().Draw(t, "ask"), Unit: texts().Draw(t, "unit"), Hint: texts().Draw(t, "hint"),
			Kind: rapid.SampledFrom([]string{YesNo, Choice, Number, Text, Date, "yes_no", "other"}).Draw(t, "kind"), Options: rapid.SliceOfN(option, 0, 5).Draw(t, "options"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		lang, text, meta := langs().Draw(t, "lang"), texts().Draw(t, "question"), texts().Draw(t, "metadata")
		accepted(t, Profile(rapid.SliceOfN(field, 0, 110).Draw(t, "fields"), text, meta, lang))
		accepted(t, Feedback(meta, lang))
		accepted(t, Ask(text, meta, lang))
		accepted(t, Notice(text, meta, lang))
	})
}

func TestAnyCase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lang := langs().Draw(t, "lang")
		c := CaseData{
			ID: texts().Draw(t, "id"), Asked: texts().Draw(t, "asked"), Reason: texts().Draw(t, "reason"), Conversation: lists().Draw(t, "conversation"),
			Draft: texts().Draw(t, "draft"), Sources: lists().Draw(t, "sources"), DeskURL: urls().Draw(t, "desk"), Approval: rapid.Bool().Draw(t, "approval"),
		}
		v := Case(c, texts().Draw(t, "token"), lang)
		accepted(t, v)
		if v.Submit != nil && c.Approval {
			t.Fatal("a reply that needs approval can be submitted")
		}
		if want, whole := fill(c.Draft, maxInput); v.Submit != nil && (!whole || strings.TrimSpace(ReadCase(submit(t, v, nil))) != strings.TrimSpace(want)) {
			t.Fatal("the draft does not come back as it was")
		}
		for block, problem := range CaseProblems(c.Conversation, lang) {
			if block != blockReply || problem == "" || longest(problem) > maxProblem {
				t.Fatalf("problem %q of %q", problem, block)
			}
		}
		accepted(t, Draft(DraftData{c.Draft, c.Sources, c.Conversation}, lang))
	})
}

func TestAnyHome(t *testing.T) {
	document := rapid.Custom(func(t *rapid.T) Document {
		return Document{
			texts().Draw(t, "title"), texts().Draw(t, "number"), texts().Draw(t, "issuer"), texts().Draw(t, "status"), texts().Draw(t, "from"), texts().Draw(t, "until"), urls().Draw(t, "url"),
		}
	})
	question := rapid.Custom(func(t *rapid.T) Question {
		return Question{texts().Draw(t, "text"), texts().Draw(t, "when"), texts().Draw(t, "outcome"), urls().Draw(t, "url")}
	})
	rapid.Check(t, func(t *rapid.T) {
		accepted(t, Home(HomeData{
			Documents: rapid.SliceOfN(document, 0, 60).Draw(t, "documents"), More: rapid.IntRange(-1, 1e6).Draw(t, "more"), Questions: rapid.SliceOfN(question, 0, 9).Draw(t, "questions"),
			Examples: lists().Draw(t, "examples"), Retention: texts().Draw(t, "retention"), Model: texts().Draw(t, "model"), LibraryURL: urls().Draw(t, "library"),
			Privacy: lists().Draw(t, "privacy"), Places: lists().Draw(t, "places"),
		}, langs().Draw(t, "lang")))
	})
}

func TestAnySearch(t *testing.T) {
	hit := rapid.Custom(func(t *rapid.T) Hit {
		return Hit{texts().Draw(t, "title"), texts().Draw(t, "number"), texts().Draw(t, "path"), texts().Draw(t, "text"), texts().Draw(t, "id"), urls().Draw(t, "url")}
	})
	rapid.Check(t, func(t *rapid.T) {
		lang := langs().Draw(t, "lang")
		text, blocks := SearchResults(texts().Draw(t, "query"), rapid.SliceOfN(hit, 0, 8).Draw(t, "hits"), lang)
		sent(t, text, blocks)
		sent(t, HelpText(lang), Help(lang))
	})
}

// TestHeaviest fills every view with the heaviest texts that there are, as full as it goes.
func TestHeaviest(t *testing.T) {
	for _, unit := range []string{"<", "&", "\"", "政", "👩", "a b\n", "\u0300"} {
		s := strings.Repeat(unit, 20_000)
		list := make([]string, 200)
		for i := range list {
			list[i] = s
		}
		url := good + strings.Repeat("x", 400)
		label := strings.Repeat(unit, 100)
		documents, asked := make([]Document, 2000), make([]Question, 20)
		for i := range documents {
			documents[i] = Document{s, s, s, s, s, s, url}
		}
		for i := range asked {
			asked[i] = Question{s, s, s, url}
		}
		fields := make([]Field, 120)
		for i := range fields {
			options := make([]Option, 99)
			for j := range options {
				options[j] = Option{strings.Repeat("v", 60) + fmt.Sprint(j), label}
			}
			fields[i] = Field{Key: strings.Repeat("k", 150) + fmt.Sprint(i), Ask: s, Kind: Choice, Options: options, Hint: s}
		}
		beside := &Neighbour{s, s, strings.Repeat("i", 2000)}
		for name, v := range map[string]any{
			"clause":  Clause(ClauseData{s, s, s, s, s, list, s, 5000, 19_000, beside, beside, url}, "en"),
			"profile": Profile(fields, s, s, "en"), "case": Case(CaseData{s, s, s, list, s, list, url, true}, s, "en"),
			"case with a field": Case(CaseData{s, s, s, list, strings.Repeat("<", maxInput), list, url, false}, s, "en"),
			"draft":             Draft(DraftData{s + s + s, list, list}, "en"), "notice": Notice(s, s+s, "en"),
			"home": Home(HomeData{Documents: documents, More: 1e6, Questions: asked, Examples: list, Retention: s, Model: s, LibraryURL: url, Privacy: list, Places: list}, "en"),
		} {
			wantNone(t, checkView(v))
			data, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			if err := blockkit.CheckView(data); err != nil {
				t.Errorf("%s of %q: %v", name, unit, err)
			}
		}
		hits := make([]Hit, 9)
		for i := range hits {
			hits[i] = Hit{s, s, s, s, strings.Repeat("i", 2000), url}
		}
		text, blocks := SearchResults(s, hits, "en")
		wantNone(t, checkMessage(text, blocks))
		data, err := json.Marshal(blocks)
		if err != nil {
			t.Fatal(err)
		}
		if err := blockkit.Check(blockkit.Message, data); err != nil {
			t.Errorf("search of %q: %v", unit, err)
		}
	}
}
