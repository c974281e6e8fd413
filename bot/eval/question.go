package eval

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"policybot/bot"
)

// What a question expects of the answer.
const (
	ExpectAnswer  = "answer"             // state the points, cite the gold
	ExpectCaveat  = "answer_with_caveat" // as ExpectAnswer, and say the condition or limit
	ExpectExpired = "expired_warning"    // answer, with a notice that the period is over
	ExpectClarify = "clarify"            // ask for the missing fact, or give each version with its source
	ExpectAbstain = "abstain"            // say that the library does not hold this, or that it is out of scope
)

// Languages of a question. An answer to a mixed one may be in either.
const (
	LangChinese = "zh"
	LangEnglish = "en"
	LangMixed   = "mixed"
)

var (
	languages    = []string{LangChinese, LangEnglish, LangMixed}
	expectations = []string{ExpectAnswer, ExpectCaveat, ExpectExpired, ExpectClarify, ExpectAbstain}
	roles        = []string{bot.RoleUser, bot.RoleAssistant}
)

// A Question is one line of a question set.
type Question struct {
	ID          string          `json:"id"`
	Lang        string          `json:"lang"`     // LangChinese, LangEnglish or LangMixed
	Type        string          `json:"type"`     // a label to group by, such as fact_lookup
	Text        string          `json:"question"` // as the person typed it; may be empty
	History     []bot.Turn      `json:"history,omitempty"`
	Gold        []Gold          `json:"gold"`          // clauses that answer
	AllRequired bool            `json:"all_required"`  // every gold must be cited; else one is enough
	Points      []string        `json:"answer_points"` // see PointHit
	MustNot     []string        `json:"must_not"`      // see MustNotHit
	Expect      string          `json:"expect"`
	Related     []Gold          `json:"related,omitempty"` // worth showing; never required, never wrong
	Notes       string          `json:"notes,omitempty"`   // for people
	AsOf        string          `json:"as_of,omitempty"`   // "today", YYYY-MM-DD; empty means the clock
	Profile     json.RawMessage `json:"profile,omitempty"` // of an enterprise; an object, kept as it stands
}

// A Gold names a clause by a quotation from it.
type Gold struct {
	File   string `json:"file"`   // base name of the document's file
	Quote  string `json:"quote"`  // verbatim, once in the file
	Clause string `json:"clause"` // path of the clause, for people and for the smallest-unit rule
}

// Ask is the question as the bot gets it.
func (q Question) Ask() bot.Question {
	asOf, _ := time.Parse(time.DateOnly, q.AsOf) // the zero time when empty
	return bot.Question{ID: q.ID, Text: q.Text, History: q.History, AsOf: asOf}
}

// ReadQuestions reads a question set: one JSON object a line with the keys of
// [Question]. The keys id, lang, type, question and expect are needed; a
// missing list is empty and unknown keys are ignored. An error names the line
// and what is allowed there.
func ReadQuestions(r io.Reader) ([]Question, error) {
	seen := firstLines{}
	return Collect(readLines(r, func(line []byte, number int) (Question, error) {
		var parsed struct {
			Question
			Text *string `json:"question"`
		}
		if err := json.Unmarshal(line, &parsed); err != nil {
			return Question{}, fmt.Errorf("not a question (%w); a line is one JSON object with id, lang, type, question, gold, all_required, answer_points, must_not, expect", err)
		}
		if parsed.Text == nil {
			return Question{}, errors.New(`"question" is missing; it is the text of the question`)
		}
		q := parsed.Question
		q.Text = *parsed.Text
		if err := seen.add("id", q.ID, number); err != nil {
			return Question{}, err
		}
		return q, q.check()
	}))
}

// check refuses values that cannot be judged.
func (q Question) check() error {
	if err := oneOf("lang", q.Lang, languages); err != nil {
		return err
	}
	if err := oneOf("expect", q.Expect, expectations); err != nil {
		return err
	}
	if q.Type == "" {
		return errors.New(`"type" is missing or empty; it is a label to group by, such as fact_lookup`)
	}
	for _, turn := range q.History {
		if err := oneOf("role", turn.Role, roles); err != nil {
			return err
		}
	}
	for _, gold := range slices.Concat(q.Gold, q.Related) {
		if gold.File == "" || Norm(gold.Quote) == "" {
			return errors.New(`"gold" and "related" hold objects with file (base name), quote (verbatim) and clause (path)`)
		}
	}
	if q.Expect == ExpectAbstain && len(q.Gold) > 0 {
		return errors.New(`"gold" must be empty where abstain is expected; background clauses go under "related"`)
	}
	if _, err := time.Parse(time.DateOnly, q.AsOf); err != nil && q.AsOf != "" {
		return fmt.Errorf(`"as_of" %q is not a date YYYY-MM-DD`, q.AsOf)
	}
	if p := strings.TrimSpace(string(q.Profile)); p != "" && p != "null" && p[0] != '{' {
		return errors.New(`"profile" is not an object`)
	}
	return nil
}

// oneOf refuses a value of a key that is not in the list.
func oneOf(key, value string, allowed []string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("%q is %q; allowed: %s", key, value, strings.Join(allowed, ", "))
}
