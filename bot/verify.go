package bot

import (
	"slices"
	"time"

	"policybot/bot/grounding"
	"policybot/bot/guard"
	"policybot/retrieval"
)

// A Check is one thing that plain code looked at in a finished answer.
type Check struct {
	Name    string `json:"check"` // guard, outcome or text
	OK      bool   `json:"ok"`
	Problem string `json:"problem,omitempty"`
}

// Verify checks a finished answer by plain code: its claims keep the guarantees
// of package guard, only an answered question has sentences, and the text is put
// together from these parts and nothing else. An answer may be sent when every
// check is OK. What was found for the question is not known here; see
// [Evidence].
func Verify(a Answer) []Check {
	known := guard.Known{Rephrased: a.Mode == ModeGenerative, Names: namesOf(a)}
	return append(verify(claims(a), known, a), check("text", badText(a)))
}

// namesOf are the names of what an answer cites.
func namesOf(a Answer) *grounding.Names {
	if a.Mode != ModeGenerative {
		return nil
	}
	var clauses []retrieval.Clause
	for _, c := range a.Citations {
		clauses = append(clauses, c.Clause)
	}
	return guard.Names(clauses)
}

// verify checks an answer against what was found for it: nothing else may be
// cited, and places that the asker is not in must be marked.
func (e *Evidence) verify(a Answer) []Check {
	return append(e.verifyClaims(a), check("text", badText(a)))
}

// verifyClaims is verify for an answer whose text is another: a letter's.
func (e *Evidence) verifyClaims(a Answer) []Check {
	known := guard.Known{Clauses: e.known()}
	if a.Mode == ModeGenerative {
		known.Rephrased, known.Names = true, e.names()
	}
	return verify(e.claims(a), known, a)
}

// claims are the claims of an answer with what of it does not apply where the asker is.
func (e *Evidence) claims(a Answer) guard.Claims {
	c := claims(a)
	for _, cited := range a.Citations {
		if elsewhere(cited.Clause.Document, e.Understanding) != "" {
			c.Elsewhere = append(c.Elsewhere, cited.Clause.ID)
		}
	}
	return c
}

func claims(a Answer) guard.Claims {
	day, _ := time.Parse(time.DateOnly, a.AsOf)
	return guard.Claims{Sentences: a.Sentences, Citations: a.Citations, Notices: a.Notices, Lang: a.Lang, Day: day}
}

// verify checks the claims of an answer, and its outcome.
func verify(c guard.Claims, known guard.Known, a Answer) []Check {
	problem := ""
	if found := guard.Check(c, known); len(found) > 0 {
		problem = found[0].Rule + ": " + found[0].What
	}
	return []Check{check("guard", problem), check("outcome", badOutcome(a))}
}

// Verified reports whether every check is OK.
func Verified(checks []Check) bool {
	return len(checks) > 0 && !slices.ContainsFunc(checks, func(c Check) bool { return !c.OK })
}

func check(name, problem string) Check { return Check{name, problem == "", problem} }

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
