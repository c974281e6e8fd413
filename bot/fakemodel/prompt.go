package fakemodel

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"policybot/bot/model"
)

// A Prompt is a request as a model reads it.
type Prompt struct {
	Fence    string // the word that fences the blocks of this request
	Canary   string // that stands in the instructions; "" when none does
	Question string
	History  []Turn // earlier turns, oldest first
	Language string // zh or en
	Clauses  []Clause
	Said     []Line // sentences to mend or to reword
}

// A Turn is one earlier message: Who is user or assistant, or "" where a line
// names neither.
type Turn struct{ Who, Text string }

// A Clause is one clause that was offered.
type Clause struct {
	Handle   string // one-time name
	Document string // title
	Place    string // that it applies to
	Under    string // path and headings
	Text     string
}

// A Line is one line of a reply, or of the block said.
type Line struct {
	Sentence string  `json:"sentence"`
	Quotes   []Quote `json:"quotes"`
	Problem  string  `json:"problem,omitempty"` // why it did not pass; only in said
}

// A Quote is text of a clause, copied.
type Quote struct {
	Clause string `json:"clause"` // its handle
	Quote  string `json:"quote"`
}

var (
	opening  = regexp.MustCompile(`^<<([a-z0-9]{12}) ([a-z]+)(?: (k[a-z0-9]{5}))?>>$`)
	canaries = regexp.MustCompile(`canary-[0-9a-f]{16}`)
)

// Parse reads the blocks of a request. The word of the first fence counts: what is
// fenced by another word is text like any other. Blocks of a kind that is not known
// and text outside blocks are passed over. It is an error when there is no fence, a
// block is not closed or stands in another, a kind that may be there once is there
// twice, a clause has no handle or the handle of an earlier one, or no line Text:, a
// line of said is no JSON, or the language is neither zh nor en.
func Parse(r model.Request) (Prompt, error) {
	p := Prompt{Canary: canaries.FindString(r.System)}
	seen := map[string]bool{}
	var open []string // kind and handle of the block that is open
	var body []string
	for line := range strings.SplitSeq(r.User, "\n") {
		m := opening.FindStringSubmatch(line)
		if p.Fence == "" && m != nil {
			p.Fence = m[1]
		}
		ours := m != nil && m[1] == p.Fence
		switch {
		case ours && open != nil:
			return p, fmt.Errorf("parse prompt: block %s begins inside block %s", m[2], open[0])
		case ours:
			open, body = m[2:], nil
			if key := m[2] + m[3]; seen[key] {
				return p, fmt.Errorf("parse prompt: a second block %s", strings.TrimSpace(m[2]+" "+m[3]))
			} else if m[2] != "" {
				seen[key] = true
			}
		case open != nil && line == "<</"+p.Fence+">>":
			if err := p.block(open[0], open[1], body); err != nil {
				return p, fmt.Errorf("parse prompt: block %s: %w", open[0], err)
			}
			open = nil
		case open != nil:
			body = append(body, line)
		}
	}
	switch {
	case p.Fence == "":
		return p, errors.New("parse prompt: no fence")
	case open != nil:
		return p, fmt.Errorf("parse prompt: block %s is not closed", open[0])
	case p.Language != "zh" && p.Language != "en":
		return p, fmt.Errorf("parse prompt: language %q, expected zh or en", p.Language)
	}
	return p, nil
}

func (p *Prompt) block(kind, handle string, body []string) error {
	text := strings.Join(body, "\n")
	switch kind {
	case "question":
		p.Question = text
	case "language":
		p.Language = strings.TrimSpace(text)
	case "history":
		p.History = turns(body)
	case "clause":
		if handle == "" {
			return errors.New("it has no handle")
		}
		c, err := clause(handle, body)
		p.Clauses = append(p.Clauses, c)
		return err
	case "said":
		for _, line := range body {
			if strings.TrimSpace(line) == "" {
				continue
			}
			var l Line
			if err := json.Unmarshal([]byte(line), &l); err != nil {
				return err
			}
			p.Said = append(p.Said, l)
		}
	}
	return nil
}

// turns reads lines of history; a line that names nobody goes on with the turn
// before it.
func turns(body []string) []Turn {
	var out []Turn
	for _, line := range body {
		who, text, found := strings.Cut(line, ": ")
		switch {
		case found && (who == "user" || who == "assistant"):
			out = append(out, Turn{who, text})
		case len(out) > 0:
			out[len(out)-1].Text += "\n" + line
		default:
			out = append(out, Turn{Text: line})
		}
	}
	return out
}

func clause(handle string, body []string) (Clause, error) {
	c := Clause{Handle: handle}
	fields := map[string]*string{"Document": &c.Document, "Place": &c.Place, "Under": &c.Under}
	for i, line := range body {
		if line == "Text:" {
			c.Text = strings.Join(body[i+1:], "\n")
			return c, nil
		}
		name, value, _ := strings.Cut(line, ":")
		if field := fields[name]; field != nil {
			*field = strings.TrimPrefix(value, " ")
		}
	}
	return c, errors.New("it has no line \"Text:\"")
}

// clause returns the clause with a handle, or with none of that handle the zero
// Clause.
func (p *Prompt) clause(handle string) Clause {
	for _, c := range p.Clauses {
		if c.Handle == handle {
			return c
		}
	}
	return Clause{}
}

// reply writes lines in the form of the protocol; none give {"none":true}.
func reply(lines []Line) string {
	if len(lines) == 0 {
		return none
	}
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(object(l))
		b.WriteByte('\n')
	}
	return b.String()
}

const none = "{\"none\":true}\n"

// object writes v as JSON, with < > & as they are.
func object(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // strings only
	}
	return strings.TrimSuffix(b.String(), "\n")
}
