package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"policybot/retrieval"
)

type documentsCmd struct {
	JSON bool `name:"json" help:"输出 JSON · print JSON"`
}

// listedDocument is a document with the number of its clauses.
type listedDocument struct {
	retrieval.Document
	Clauses int `json:"clauses"`
}

// Run lists the documents with their status today.
func (c *documentsCmd) Run(ctx context.Context, a *app) error {
	lib, done, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer done()
	docs, err := lib.Documents(ctx)
	if err != nil {
		return err
	}
	list := []listedDocument{}
	for i := range docs {
		docs[i].Status = docs[i].StatusOn(time.Now())
		list = append(list, listedDocument{docs[i], docs[i].Clauses})
	}
	if c.JSON {
		return a.printJSON(map[string]any{"documents": list})
	}
	s := a.screen()
	s.Documents(docs, a.lang)
	return s.Err()
}

type clausesCmd struct {
	Document string `arg:"" help:"文件的编号、文件名、文号或标题 · id, file name, number or title"`
	JSON     bool   `name:"json" help:"输出 JSON · print JSON"`
}

// maxNamed is how many documents a message names.
const maxNamed = 10

// some joins the first of the names, with a sign where there are more.
func some(names []string) string {
	if len(names) > maxNamed {
		names = append(slices.Clone(names[:maxNamed]), "…")
	}
	return strings.Join(names, ", ")
}

// Run lists the leaf clauses of a document.
func (c *clausesCmd) Run(ctx context.Context, a *app) error {
	lib, done, err := a.open(ctx)
	if err != nil {
		return err
	}
	defer done()
	clauses, err := lib.Clauses(ctx, c.Document)
	var several *retrieval.AmbiguousError
	switch {
	case errors.As(err, &several):
		return &messageError{"which", []any{c.Document, some(several.IDs)}}
	case errors.Is(err, retrieval.ErrNotFound):
		return &messageError{"no_document", []any{c.Document}}
	case err != nil:
		return err
	}
	for i := range clauses {
		clauses[i].Document.Status = clauses[i].Document.StatusOn(time.Now())
	}
	if c.JSON {
		return a.printJSON(clauses)
	}
	s := a.screen()
	s.Clauses(clauses, a.lang)
	return s.Err()
}
