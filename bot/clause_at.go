package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"policybot/retrieval"
)

// A ClauseView is a clause between its neighbours in the document.
type ClauseView struct {
	Clause        retrieval.Clause
	Before, After *retrieval.Clause // nil at an end of the document
	N, Of         int               // its place among the clauses of the document, from 1, and how many there are
}

// ErrNoClause is returned, wrapped, for the id of a clause that the library does not hold.
var ErrNoClause = errors.New("the library holds no such clause")

// ClauseAt gives the current clause with an id and those before and after it. The error wraps [ErrNoClause], or tells
// that the library could not be read.
func (d *Desk) ClauseAt(ctx context.Context, id string) (ClauseView, error) {
	found, err := d.Library.Lookup(ctx, []string{id})
	if err != nil {
		return ClauseView{}, fmt.Errorf("look up the clause %q: %w", id, err)
	}
	if len(found) == 0 {
		return ClauseView{}, fmt.Errorf("look up the clause %q: %w", id, ErrNoClause)
	}
	clauses, err := d.Library.Clauses(ctx, found[0].Document.ID)
	if err != nil && !errors.Is(err, retrieval.ErrNotFound) {
		return ClauseView{}, fmt.Errorf("read the neighbours of the clause %q: %w", id, err)
	}
	i := slices.IndexFunc(clauses, func(c retrieval.Clause) bool { return c.ID == id })
	if i < 0 { // it went meanwhile
		return ClauseView{}, fmt.Errorf("look up the clause %q: %w", id, ErrNoClause)
	}
	v := ClauseView{Clause: clauses[i], N: i + 1, Of: len(clauses)}
	if i > 0 {
		v.Before = &clauses[i-1]
	}
	if v.N < v.Of {
		v.After = &clauses[i+1]
	}
	return v, nil
}
