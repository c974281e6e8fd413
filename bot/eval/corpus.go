package eval

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"policybot/retrieval"
)

// A Passage is one clause of an outside corpus.
type Passage struct {
	ID       string `json:"id"`
	Document string `json:"document,omitempty"` // groups the clauses of one text; never empty when read
	Title    string `json:"title,omitempty"`
	Path     string `json:"path,omitempty"`
	Text     string `json:"text"`
}

// A Query is one query of an outside benchmark.
type Query struct {
	ID   string `json:"qid"`
	Text string `json:"text"`
}

// A Qrel is a judgement: how relevant a passage is to a query. A grade below 1
// means not relevant.
type Qrel struct {
	Query   string
	Passage string
	Grade   int
}

// Judgements are the grades of the judged passages, by query id and passage id.
type Judgements map[string]map[string]int

// ReadCorpus reads a corpus: one JSON object a line with "id" and "text", and
// "document", "title" and "path" where they are known. The document of a
// passage is "document", else "title", else the passage stands alone under its
// id. A text may be empty. Ids are unique. The sequence ends after the first
// error, which names the line.
func ReadCorpus(r io.Reader) iter.Seq2[Passage, error] {
	seen := firstLines{}
	return readLines(r, func(line []byte, number int) (Passage, error) {
		var parsed struct {
			Passage
			Text *string `json:"text"`
		}
		if err := json.Unmarshal(line, &parsed); err != nil {
			return Passage{}, fmt.Errorf(`not a passage (%w); a line is {"id","document"?,"title"?,"path"?,"text"}, all of them strings`, err)
		}
		p := parsed.Passage
		if err := seen.add("id", p.ID, number); err != nil {
			return p, err
		}
		if parsed.Text == nil {
			return p, errors.New(`"text" is missing; it is the text of the passage`)
		}
		p.Text = *parsed.Text
		switch {
		case p.Document != "":
		case p.Title != "":
			p.Document = p.Title
		default:
			p.Document = p.ID
		}
		return p, nil
	})
}

// ReadQueries reads queries: one JSON object a line with "qid" and "text". Ids
// are unique. The sequence ends after the first error, which names the line.
func ReadQueries(r io.Reader) iter.Seq2[Query, error] {
	seen := firstLines{}
	return readLines(r, func(line []byte, number int) (Query, error) {
		var q Query
		if err := json.Unmarshal(line, &q); err != nil {
			return q, fmt.Errorf(`not a query (%w); a line is {"qid","text"}, both strings`, err)
		}
		if err := seen.add("qid", q.ID, number); err != nil {
			return q, err
		}
		if strings.TrimSpace(q.Text) == "" {
			return q, errors.New(`"text" is missing or blank; it is the text of the query`)
		}
		return q, nil
	})
}

// ReadQrels reads judgements: query id, passage id and a whole number as
// grade, split by tabs. The sequence ends after the first error, which names
// the line.
func ReadQrels(r io.Reader) iter.Seq2[Qrel, error] {
	return readLines(r, func(line []byte, _ int) (Qrel, error) {
		fields := strings.Split(string(bytes.TrimRight(line, "\r")), "\t")
		if len(fields) != 3 || fields[0] == "" || fields[1] == "" {
			return Qrel{}, fmt.Errorf("%q is not a judgement; a line is qid<TAB>id<TAB>grade", line)
		}
		grade, err := strconv.Atoi(fields[2])
		if err != nil {
			return Qrel{}, fmt.Errorf("grade %q is not a whole number", fields[2])
		}
		return Qrel{Query: fields[0], Passage: fields[1], Grade: grade}, nil
	})
}

// CollectQrels gathers judgements; of two on the same pair the later counts.
// It stops at the first error and returns it.
func CollectQrels(seq iter.Seq2[Qrel, error]) (Judgements, error) {
	judgements := Judgements{}
	for qrel, err := range seq {
		if err != nil {
			return judgements, err
		}
		if judgements[qrel.Query] == nil {
			judgements[qrel.Query] = map[string]int{}
		}
		judgements[qrel.Query][qrel.Passage] = qrel.Grade
	}
	return judgements, nil
}

// CollectPassages reads a corpus as [ReadCorpus] does, in the form that is
// indexed: the passages of a document together, documents in the order of their
// first passages. Equal titles and document names share memory. It stops at the
// first error and returns it.
func CollectPassages(r io.Reader) ([]retrieval.Passage, error) {
	var out []retrieval.Passage
	first := map[string]int{} // document → its first passage
	shared := map[string]string{}
	share := func(s string) string {
		if v, ok := shared[s]; ok {
			return v
		}
		shared[s] = s
		return s
	}
	for p, err := range ReadCorpus(r) {
		if err != nil {
			return nil, err
		}
		p.Document, p.Title = share(p.Document), share(p.Title)
		if _, ok := first[p.Document]; !ok {
			first[p.Document] = len(out)
		}
		out = append(out, retrieval.Passage{ID: p.ID, Document: p.Document, Title: p.Title, Path: p.Path, Text: p.Text})
	}
	slices.SortStableFunc(out, func(a, b retrieval.Passage) int { return first[a.Document] - first[b.Document] })
	return out, nil
}
