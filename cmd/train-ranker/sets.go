package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"policybot/bot/eval"
	"policybot/retrieval/ranker"
	"policybot/retrieval/training"
)

// A set is questions with their candidates.
type set struct {
	name      string
	learned   bool // from; a set that is not is measured only
	questions []training.Question
	examples  []ranker.Example
}

// A data is everything that is learned from or measured.
type data struct {
	sets   []set
	hashes []string // of the files, "SHA-256 name"
}

// load reads the sets: STARD, the written questions over the clauses of their
// documents, and over the lines of them among all the statutes. The last is what
// a document without numbering looks like in a large library; over the few
// documents alone, whatever is rare would look like an answer.
func load(ctx context.Context, stard, styles string) (*data, error) {
	d := &data{}
	folder := os.DirFS(styles)
	statutes, err := d.readSTARD(stard)
	if err != nil {
		return nil, err
	}
	clauses, err := training.Clauses(ctx, folder)
	if err != nil {
		return nil, err
	}
	lines, err := training.Lines(ctx, folder)
	if err != nil {
		return nil, err
	}
	if err := d.hashWritten(folder); err != nil {
		return nil, err
	}
	among := training.Set{Passages: slices.Clone(lines.Passages), Questions: lines.Questions}
	for _, p := range statutes.Passages {
		p.Path = ""
		among.Passages = append(among.Passages, p)
	}
	for _, s := range []struct {
		name    string
		learned bool
		training.Set
	}{
		{"STARD, development half", true, statutes},
		{"written questions, clauses", true, clauses},
		{"written questions, lines among statutes", true, among},
		{"written questions, lines", false, lines},
	} {
		examples := training.Examples(training.Index(s.Passages), s.Questions)
		d.sets = append(d.sets, set{s.name, s.learned, s.Questions, examples})
	}
	return d, nil
}

func (d *data) hash(name string, content []byte) {
	sum := sha256.Sum256(content)
	d.hashes = append(d.hashes, hex.EncodeToString(sum[:])+"  "+name)
}

// hashWritten notes the questions and documents of package training, and the
// further documents.
func (d *data) hashWritten(styles fs.FS) error {
	for _, part := range []struct {
		folder fs.FS
		prefix string
	}{{training.Files(), "training/"}, {styles, "styles/"}} {
		err := fs.WalkDir(part.folder, ".", func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || filepath.Ext(name) != ".txt" {
				return err
			}
			content, err := fs.ReadFile(part.folder, name)
			d.hash(part.prefix+name, content)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *data) readSTARD(folder string) (training.Set, error) {
	for _, name := range []string{"corpus.jsonl", "queries.dev.jsonl", "qrels.dev.tsv"} {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return training.Set{}, err
		}
		d.hash("STARD/"+name, content)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return training.Set{}, err
	}
	defer root.Close()
	s, err := readBenchmark(root)
	if err != nil {
		return s, fmt.Errorf("read %s: %w", folder, err)
	}
	return s, nil
}

// readBenchmark reads the files of a benchmark; questions without gold are left
// out.
func readBenchmark(root *os.Root) (training.Set, error) {
	var s training.Set
	f, err := root.Open("corpus.jsonl")
	if err != nil {
		return s, err
	}
	defer f.Close()
	if s.Passages, err = eval.CollectPassages(f); err != nil {
		return s, err
	}
	documents := map[string]string{} // passage → document
	for _, p := range s.Passages {
		documents[p.ID] = p.Document
	}
	q, err := root.Open("queries.dev.jsonl")
	if err != nil {
		return s, err
	}
	defer q.Close()
	queries, err := eval.Collect(eval.ReadQueries(q))
	if err != nil {
		return s, err
	}
	r, err := root.Open("qrels.dev.tsv")
	if err != nil {
		return s, err
	}
	defer r.Close()
	judged, err := eval.CollectQrels(eval.ReadQrels(r))
	if err != nil {
		return s, err
	}
	for _, q := range queries {
		var gold []string
		for id, grade := range judged[q.ID] {
			if grade > 0 {
				gold = append(gold, id)
			}
		}
		if slices.Sort(gold); len(gold) > 0 {
			s.Questions = append(s.Questions, training.Question{ID: q.ID, Text: q.Text, Gold: gold, Document: documents[gold[0]]})
		}
	}
	return s, nil
}
