package bot

import (
	"fmt"
	"slices"
	"strings"
)

// A Check is one thing that plain code looked at in a finished answer.
type Check struct {
	Name    string `json:"check"` // quote, sentence, text or outcome
	OK      bool   `json:"ok"`
	Problem string `json:"problem,omitempty"`
}

// Verify checks a finished answer by plain code: every quote is exactly the text of
// its clause at its offsets, every sentence stands word for word in a quote
// that it cites, only an answered question has sentences, and the text is put
// together from these parts and nothing else. An answer may be sent when every
// check is OK.
func Verify(a Answer) []Check {
	return []Check{
		check("quote", firstProblem(a.Citations, badQuote)),
		check("sentence", firstProblem(a.Sentences, func(s Sentence) string { return badSentence(a, s) })),
		check("outcome", badOutcome(a)),
		check("text", badText(a)),
	}
}

// Verified reports whether every check is OK.
func Verified(checks []Check) bool {
	return len(checks) > 0 && !slices.ContainsFunc(checks, func(c Check) bool { return !c.OK })
}

func check(name, problem string) Check { return Check{name, problem == "", problem} }

func firstProblem[T any](list []T, problem func(T) string) string {
	for _, v := range list {
		if p := problem(v); p != "" {
			return p
		}
	}
	return ""
}

func badQuote(c Citation) string {
	text := []rune(c.Clause.Text)
	if c.QuoteStart < 0 || c.QuoteEnd > len(text) || c.QuoteStart >= c.QuoteEnd || string(text[c.QuoteStart:c.QuoteEnd]) != c.Quote {
		return fmt.Sprintf("citation %d is not what %s says at %d to %d", c.N, c.Clause.ID, c.QuoteStart, c.QuoteEnd)
	}
	return ""
}

func badSentence(a Answer, s Sentence) string {
	if len(s.Citations) == 0 {
		return fmt.Sprintf("no citation for %q", s.Text)
	}
	for _, n := range s.Citations {
		if n < 1 || n > len(a.Citations) || a.Citations[n-1].N != n || !strings.Contains(a.Citations[n-1].Quote, s.Text) {
			return fmt.Sprintf("citation %d does not say %q", n, s.Text)
		}
	}
	return ""
}

func badOutcome(a Answer) string {
	switch answered := a.Outcome == Answered; {
	case answered && len(a.Sentences) == 0:
		return "answered without a sentence"
	case !answered && len(a.Sentences)+len(a.Citations) > 0:
		return a.Outcome + " with sentences"
	case !answered && a.Reason == "":
		return a.Outcome + " without a reason"
	}
	return ""
}

func badText(a Answer) string {
	if a.Text == "" || a.Text != Compose(a) {
		return "the text is not put together from the answer's parts"
	}
	return ""
}
