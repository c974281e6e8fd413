package guard

import (
	"policybot/bot/grounding"
	"policybot/retrieval"
)

// Names are the places, bodies and programmes of clauses. (A first form: bodies and titles.)
func Names(clauses []retrieval.Clause) *grounding.Names {
	var list []grounding.Name
	for _, c := range clauses {
		for _, b := range c.Departments {
			list = append(list, grounding.Name{Kind: grounding.Body, Forms: []string{b}})
		}
	}
	return grounding.NewNames(list...)
}
