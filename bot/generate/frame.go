package generate

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"policybot/prompts/task"
	"policybot/retrieval"
)

// A frame is what is secret to one request: a fence that nobody could have written
// before, handles that are worth nothing in another request, and a canary.
type frame struct {
	task.Frame
	seed    string
	handles []string // by index of the clause
}

var letters = base32.NewEncoding("abcdefghijkmnpqrstuvwxyz23456789").WithPadding(base32.NoPadding)

func (g *Generator) frame(clauses int) frame {
	f := frame{seed: g.seed()}
	word := func(what string, length int) string {
		sum := sha256.Sum256([]byte(f.seed + "\x00" + what))
		return letters.EncodeToString(sum[:])[:length]
	}
	mark := sha256.Sum256([]byte(f.seed + "\x00canary"))
	f.Frame = task.Frame{Fence: word("fence", 12), Canary: "canary-" + hex.EncodeToString(mark[:8])}
	taken := map[string]bool{}
	for i := 0; len(f.handles) < clauses; i++ {
		if h := "k" + word(fmt.Sprint("handle ", i), 5); !taken[h] {
			taken[h] = true
			f.handles = append(f.handles, h)
		}
	}
	return f
}

// clauses are the clauses as the model sees them.
func (f frame) clauses(list []retrieval.Clause) []task.Clause {
	out := make([]task.Clause, len(list))
	for i, c := range list {
		under := strings.Join(append(append([]string{}, c.Parents...), c.Heading), " / ")
		out[i] = task.Clause{
			Handle: f.handles[i], Document: plainText(c.Document.Title), Place: plainText(c.Document.Jurisdiction),
			Under: plainText(strings.Trim(c.Path+" "+strings.Trim(under, " /"), " ")), Text: c.Text,
		}
	}
	return out
}

// plainText is a field of a document on one line.
func plainText(s string) string { return strings.Join(strings.Fields(s), " ") }

// index returns the clause that a handle stands for.
func (f frame) index(handle string) (int, bool) {
	for i, h := range f.handles {
		if h == handle {
			return i, true
		}
	}
	return 0, false
}

// leaks reports whether a text has something that only the prompt has.
func (f frame) leaks(s string) bool {
	lower := strings.ToLower(s)
	for _, h := range f.handles {
		if strings.Contains(lower, h) {
			return true
		}
	}
	return strings.Contains(lower, f.Fence) || strings.Contains(lower, f.Canary) || strings.Contains(lower, "canary-")
}

// said writes lines that did not pass for the model to mend: the sentence and why.
func (f frame) said(lines []line) []string {
	out := []string{}
	for _, l := range lines[:min(len(lines), maxStatements)] {
		out = append(out, toJSON(struct {
			Sentence string `json:"sentence"`
			Problem  string `json:"problem"`
		}{clip(l.sentence), l.problem.Rule + ": " + clip(l.problem.What)}))
	}
	return out
}

// saidOf writes lines with the handles and quotes that they have in this request.
func (f frame) saidOf(clauses []retrieval.Clause, lines []line) []string {
	out := []string{}
	for _, l := range lines {
		r := reply{Sentence: &l.sentence, Quotes: []replyQuote{}}
		for _, q := range l.quotes {
			r.Quotes = append(r.Quotes, replyQuote{f.handles[q.Clause], clauses[q.Clause].Text[q.Start:q.End]})
		}
		out = append(out, toJSON(r))
	}
	return out
}

func toJSON(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("generate: " + err.Error()) // strings only
	}
	return strings.TrimSuffix(b.String(), "\n")
}
