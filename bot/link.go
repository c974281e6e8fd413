package bot

import (
	"fmt"
	"slices"

	"policybot/retrieval"
)

// link gives each clause of an answer the address of its page under root, with the quote to be marked where it is
// cited; "" takes the addresses away. What it was made from is left as it is.
func (a *Answer) link(root string) {
	page := func(c *retrieval.Clause, start, end int) {
		switch {
		case root == "" || c.ID == "":
			c.URL = ""
		case end > start:
			c.URL = fmt.Sprintf("%s/clauses/%s?quote=%d-%d", root, c.ID, start, end)
		default:
			c.URL = root + "/clauses/" + c.ID
		}
	}
	a.Citations, a.Nearest, a.Eligibility = slices.Clone(a.Citations), slices.Clone(a.Nearest), slices.Clone(a.Eligibility)
	for i := range a.Citations {
		page(&a.Citations[i].Clause, a.Citations[i].QuoteStart, a.Citations[i].QuoteEnd)
	}
	for i := range a.Nearest {
		page(&a.Nearest[i], 0, 0)
	}
	for i := range a.Eligibility {
		page(&a.Eligibility[i].Clause, 0, 0)
	}
	if a.Next != nil {
		next := *a.Next
		page(&next.Clause, 0, 0)
		a.Next = &next
	}
}
