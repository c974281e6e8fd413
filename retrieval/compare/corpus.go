package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
)

// A clause is what is indexed.
type clause struct {
	ID, Title, Path, Document, Text string
}

// body is all that a clause can be found by.
func (c clause) body() string { return c.Title + "\n" + c.Path + "\n" + c.Text }

// document is what a clause belongs to.
func (c clause) document() string {
	if c.Document != "" {
		return c.Document
	}
	return c.Title
}

type query struct {
	ID   string `json:"qid"`
	Text string
}

// A bench is what engines are measured on.
type bench struct {
	clauses []clause
	queries []query
	qrels   map[string]map[string]int // query → clause → grade
}

// load reads the files named, or makes a synthetic bench if corpus is "".
func load(corpus, queries, qrels string) (*bench, error) {
	if corpus == "" {
		return synthetic(5000, 200), nil
	}
	b := &bench{qrels: map[string]map[string]int{}}
	err := lines(corpus, func(line []byte) error {
		var c clause
		err := json.Unmarshal(line, &c)
		b.clauses = append(b.clauses, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = lines(queries, func(line []byte) error {
		var q query
		err := json.Unmarshal(line, &q)
		b.queries = append(b.queries, q)
		return err
	})
	if err != nil || qrels == "" {
		return b, err
	}
	return b, lines(qrels, func(line []byte) error {
		f := strings.Split(string(line), "\t")
		if len(f) != 3 {
			return fmt.Errorf("want qid, id, grade: %q", line)
		}
		grade, err := strconv.Atoi(f[2])
		if b.qrels[f[0]] == nil {
			b.qrels[f[0]] = map[string]int{}
		}
		b.qrels[f[0]][f[1]] = grade
		return err
	})
}

func lines(file string, each func([]byte) error) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 64<<20)
	for n := 1; s.Scan(); n++ {
		if err := each(s.Bytes()); err != nil {
			return fmt.Errorf("%s:%d: %w", file, n, err)
		}
	}
	return s.Err()
}

// synthetic makes clauses of random Han characters, in documents of about
// forty, and queries that are pieces of clauses.
func synthetic(clauses, queries int) *bench {
	r := rand.New(rand.NewPCG(1, 2))
	z := rand.NewZipf(r, 1.3, 20, 3000)
	text := func(n int) string {
		var b strings.Builder
		for i := range n {
			if i%15 == 14 {
				b.WriteRune('，')
				continue
			}
			b.WriteRune(rune(0x4e00 + z.Uint64()*5))
		}
		return b.String()
	}
	b := &bench{qrels: map[string]map[string]int{}}
	var title string
	for i := range clauses {
		if i%40 == 0 {
			title = text(12)
		}
		b.clauses = append(b.clauses, clause{ID: strconv.Itoa(i), Title: title, Path: "第" + strconv.Itoa(i%40) + "条", Text: text(30 + r.IntN(200))})
	}
	for i := range queries {
		c := b.clauses[r.IntN(clauses)]
		runes := []rune(c.Text)
		at := r.IntN(len(runes) - 20)
		id := "q" + strconv.Itoa(i)
		b.queries = append(b.queries, query{id, string(runes[at : at+20])})
		b.qrels[id] = map[string]int{c.ID: 1}
	}
	return b
}
