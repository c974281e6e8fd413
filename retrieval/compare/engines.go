package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/lang/cjk"
	index "github.com/blevesearch/bleve_index_api"
	_ "modernc.org/sqlite" // driver "sqlite"

	"policybot/retrieval/analysis"
	"policybot/retrieval/bm25"
)

// An engine builds an index of clauses in a folder, and opens it again.
type engine struct {
	name  string
	build func(folder string, clauses []clause) error
	open  func(folder string) (searcher, error)
}

// A searcher returns the numbers of the k best clauses, best first.
type searcher interface {
	search(text string, k int) ([]int, error)
}

var engines = []engine{
	{"policybot", buildPolicybot, openPolicybot},
	{"bleve", buildBleve, openBleve},
	{"fts5", buildFTS5, openFTS5},
}

type policybot struct{ *bm25.Index }

func buildPolicybot(folder string, clauses []clause) error {
	b := bm25.NewBuilder(bm25.Default)
	var keys []uint64
	group := -1
	for i, c := range clauses {
		if i == 0 || c.document() != clauses[i-1].document() {
			group++
		}
		keys = analysis.AppendKeys(keys[:0], c.body())
		b.Add(keys, group)
	}
	f, err := os.Create(filepath.Join(folder, "index"))
	if err != nil {
		return err
	}
	if _, err = b.Build().WriteTo(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

func openPolicybot(folder string) (searcher, error) {
	data, err := os.ReadFile(filepath.Join(folder, "index"))
	if err != nil {
		return nil, err
	}
	x, err := bm25.Read(data)
	return policybot{x}, err
}

func (p policybot) search(text string, k int) ([]int, error) {
	var terms []bm25.Term
	for _, key := range analysis.AppendKeys(nil, text) {
		terms = append(terms, bm25.Term{Key: key, Weight: 1})
	}
	var units []int
	for _, h := range p.Search(terms, k) {
		units = append(units, h.Unit)
	}
	return units, nil
}

type bleveIndex struct{ bleve.Index }

func buildBleve(folder string, clauses []clause) error {
	field := bleve.NewTextFieldMapping()
	field.Analyzer = cjk.AnalyzerName
	field.Store, field.IncludeTermVectors, field.IncludeInAll, field.DocValues = false, false, false, false
	m := bleve.NewIndexMapping()
	m.DefaultMapping = bleve.NewDocumentStaticMapping()
	m.DefaultMapping.AddFieldMappingsAt("text", field)
	m.ScoringModel = index.BM25Scoring
	x, err := bleve.New(filepath.Join(folder, "index"), m)
	if err != nil {
		return err
	}
	batch := x.NewBatch()
	for i, c := range clauses {
		if err := batch.Index(strconv.Itoa(i), map[string]any{"text": c.body()}); err != nil {
			return err
		}
		if batch.Size() == 1000 || i == len(clauses)-1 {
			if err := x.Batch(batch); err != nil {
				return err
			}
			batch.Reset()
		}
	}
	return x.Close()
}

func openBleve(folder string) (searcher, error) {
	x, err := bleve.Open(filepath.Join(folder, "index"))
	return bleveIndex{x}, err
}

func (b bleveIndex) search(text string, k int) ([]int, error) {
	q := bleve.NewMatchQuery(text)
	q.SetField("text")
	found, err := b.Search(bleve.NewSearchRequestOptions(q, k, 0, false))
	if err != nil {
		return nil, err
	}
	var units []int
	for _, h := range found.Hits {
		n, err := strconv.Atoi(h.ID)
		if err != nil {
			return nil, err
		}
		units = append(units, n)
	}
	return units, nil
}

type fts5 struct{ *sql.DB }

func connect(folder string) (*sql.DB, error) {
	return sql.Open("sqlite", "file:"+filepath.ToSlash(filepath.Join(folder, "index.db"))+"?_pragma=journal_mode(WAL)")
}

func buildFTS5(folder string, clauses []clause) error {
	db, err := connect(folder)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.Exec(`CREATE VIRTUAL TABLE clause USING fts5(text, content='', tokenize='unicode61')`); err != nil {
		return err
	}
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	insert, err := tx.Prepare(`INSERT INTO clause(rowid, text) VALUES (?, ?)`)
	if err != nil {
		return err
	}
	for i, c := range clauses {
		if _, err := insert.Exec(i+1, strings.Join(bigrams(c.body()), " ")); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(`INSERT INTO clause(clause) VALUES ('optimize')`); err != nil {
		return err
	}
	return tx.Commit()
}

// bigrams cuts text into pairs of Han characters and words.
func bigrams(text string) []string {
	var out []string
	for _, t := range analysis.Append(nil, text) {
		if analysis.KindOf(t.Key) != analysis.Unigram {
			out = append(out, strings.ReplaceAll(analysis.Normalize(text[t.Start:t.End]), ".", ""))
		}
	}
	return out
}

func openFTS5(folder string) (searcher, error) {
	db, err := connect(folder)
	return fts5{db}, err
}

func (f fts5) search(text string, k int) ([]int, error) {
	seen := map[string]bool{}
	var terms []string
	for _, w := range bigrams(text) {
		if !seen[w] {
			seen[w] = true
			terms = append(terms, `"`+w+`"`)
		}
	}
	if len(terms) == 0 {
		return nil, nil
	}
	rows, err := f.Query(`SELECT rowid FROM clause WHERE clause MATCH ? ORDER BY rank LIMIT ?`, strings.Join(terms, " OR "), k)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", text, err)
	}
	defer rows.Close()
	var units []int
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		units = append(units, n-1)
	}
	return units, rows.Err()
}
