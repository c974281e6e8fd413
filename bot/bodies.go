package bot

import (
	"cmp"
	"regexp"
	"slices"

	"policybot/bot/intent"
	"policybot/bot/understand"
	"policybot/prompts"
	"policybot/retrieval"
	"policybot/retrieval/bridge"
)

// ownBodies is how much the evidence of a clause that names bodies counts more in the
// order of what is cited, where bodies are asked for.
const ownBodies = 0.15

// empowers is a sentence that gives somebody the power or the duty.
var empowers = regexp.MustCompile(`授权[^。；]{0,60}(?:决定|审批|负责|办理)|自主决定|由[^。；，,]{1,30}(?:负责|牵头|审批|批准|认定|受理|核准|决定)|` +
	`(?i:\b(?:authori[sz]es?|empowers?|entrusts?)\b[^.;]{0,120}\bto\b|\bis (?:in charge of|responsible for)\b|\b(?:approved|decided|examined|recogni[sz]ed) by the\b)`)

// namesBodies reports whether a clause says who decides or is responsible: in a list, or
// in a sentence that gives somebody the power.
func namesBodies(c retrieval.Clause) bool {
	return len(c.Departments) > 0 || empowers.MatchString(c.Text)
}

// bodiesFirst orders what was chosen for a question that asks for bodies before all else:
// of clauses with about the same evidence, one that names bodies comes before one that
// tells of the subject alone. Which clauses are cited stays as it is: a clause that says
// less of the subject is no better evidence for naming somebody.
func bodiesFirst(chosen []judged, u understand.Understanding) []judged {
	if u.Main() != intent.Bodies {
		return chosen
	}
	worth := func(j judged) float64 {
		if namesBodies(j.hit.Clause) {
			return j.evidence() * (1 + ownBodies)
		}
		return j.evidence()
	}
	out := slices.Clone(chosen)
	slices.SortStableFunc(out, func(a, b judged) int { return cmp.Compare(worth(b), worth(a)) })
	return out
}

// bodies writes a line for the responsible bodies of each cited clause. Where
// they are what was asked for and the clause names none, it says so.
func (c *composer) bodies(a Answer) {
	said := map[string]bool{}
	for _, s := range a.Citations {
		if said[s.Clause.ID] {
			continue
		}
		said[s.Clause.ID] = true
		m := markers(a.numbersOf(s.Clause.ID))
		switch {
		case len(s.Clause.Departments) > 0:
			c.line("bodies", prompts.Slots{"marker": m, "bodies": c.join(s.Clause.Departments)})
			c.renamed(s.Clause)
		case a.Asked == intent.Bodies:
			c.line("no_bodies", prompts.Slots{"marker": m})
		}
	}
}

// renamed writes a line with what the bodies of a clause are called now, where a
// document older than the change, or of unknown date, has an old name.
func (c *composer) renamed(clause retrieval.Clause) {
	var pairs []string
	for _, body := range clause.Departments {
		if r, ok := bridge.Renamed(body); ok && clause.Document.IssuedOn <= r.Year+"-12-31" {
			pairs = append(pairs, prompts.Render(c.lang, "renamed_pair", prompts.Slots{"old": body, "new": r.New, "year": r.Year}))
		}
	}
	if len(pairs) > 0 {
		c.line("renamed", prompts.Slots{"pairs": c.commas(pairs)})
	}
}
