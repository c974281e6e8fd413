// Package task holds the prompts that a language model gets: text files, one for
// each task and language, with the blocks that they share in blocks.zh.txt and
// blocks.en.txt. They are templates of text/template; each defines "system" and
// "user", and may use only the fields of its data.
//
// Whatever others wrote stands between fences of a word that is new for each
// request, and clauses have handles that are new for each request: a model sees no
// id of a document and no address.
package task

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"text/template"
)

//go:embed *.txt
var files embed.FS

// Tasks that there are prompts for.
const (
	answer   = "answer"
	repair   = "repair"
	rewrite  = "rewrite"
	rerank   = "rerank"
	draft    = "draft"
	measures = "measures"
)

// Tasks lists the tasks, and Languages the languages, of which each pair has a file.
var (
	Tasks     = []string{answer, repair, rewrite, rerank, draft, measures}
	Languages = []string{"zh", "en"}
)

// A Frame keeps what others wrote apart from what the program says. All of it is
// random and new for each request.
type Frame struct {
	Fence  string // 12 lower-case letters and digits
	Canary string // must never come back
}

// A Clause is one clause as a model sees it.
type Clause struct {
	Handle   string // that the model names it by
	Document string // title
	Place    string // that the document applies to
	Under    string // path and headings
	Text     string
}

// A Turn is an earlier message: Role is user or assistant.
type Turn struct{ Role, Text string }

// Answer is the data of the task answer.
type Answer struct {
	Frame    Frame
	Clauses  []Clause
	History  []Turn // may be empty
	Question string
}

// Repair is the data of the tasks repair and draft.
type Repair struct {
	Frame    Frame
	Clauses  []Clause
	Question string
	Said     []string // a line of JSON each
}

// Rewrite is the data of the task rewrite.
type Rewrite struct {
	Frame    Frame
	History  []Turn
	Question string
}

// Rerank is the data of the task rerank.
type Rerank struct {
	Frame    Frame
	Clauses  []Clause
	Question string
}

// A Fact is something that a condition of a measure can be about.
type Fact struct {
	Need string // how a condition about it is written
	Name string // what it means
}

// Measures is the data of the task measures.
type Measures struct {
	Frame   Frame
	Clauses []Clause // one
	Facts   []Fact
}

// A Prompt is what a model gets.
type Prompt struct {
	// ID is task.language@hash: the first 12 hex digits of the SHA-256 of the file and
	// the blocks that it is made with.
	ID     string
	System string
	User   string
}

// A Set holds the prompts of all tasks and languages. It may be used from several
// goroutines.
type Set struct{ prompts map[string]prompt }

type prompt struct {
	id   string
	text *template.Template
}

// Embedded returns the prompts that the program brings.
func Embedded() *Set {
	s, err := read(files)
	if err != nil {
		panic(err) // the files are part of the program, and tested
	}
	return s
}

// Open returns the prompts with those of a folder in place of the program's own of
// the same name. The error names a file that cannot be used: one that is no
// template, that lacks "system" or "user", or asks for data that its task has not.
// A folder without any of the files is an error too.
func Open(dir fs.FS) (*Set, error) {
	over := overlay{dir: dir}
	s, err := read(&over)
	if err == nil && over.used == 0 {
		err = errors.New("no prompt is there: expected files such as answer.zh.txt")
	}
	return s, err
}

// An overlay reads a file of dir, or else the program's own.
type overlay struct {
	dir  fs.FS
	used int
}

// ReadFile implements fs.ReadFileFS.
func (o *overlay) ReadFile(name string) ([]byte, error) {
	text, err := fs.ReadFile(o.dir, name)
	if errors.Is(err, fs.ErrNotExist) {
		return files.ReadFile(name)
	}
	o.used++
	return text, err
}

type reader interface {
	ReadFile(name string) ([]byte, error)
}

func read(from reader) (*Set, error) {
	s := &Set{prompts: map[string]prompt{}}
	for _, lang := range Languages {
		blocks, err := from.ReadFile("blocks." + lang + ".txt")
		if err != nil {
			return nil, fmt.Errorf("read prompts: %w", err)
		}
		for _, name := range Tasks {
			own, err := from.ReadFile(name + "." + lang + ".txt")
			if err != nil {
				return nil, fmt.Errorf("read prompts: %w", err)
			}
			p, err := parse(name, lang, string(blocks), string(own))
			if err != nil {
				return nil, fmt.Errorf("prompt %s.%s.txt: %w", name, lang, err)
			}
			s.prompts[name+"."+lang] = p
		}
	}
	return s, nil
}

// parse reads one prompt and tries it out, so that a file which asks for other
// data than its task has is told of now and not before an asker.
func parse(name, lang, blocks, own string) (prompt, error) {
	t, err := template.New(name).Option("missingkey=error").Parse(blocks)
	if err == nil {
		t, err = t.Parse(own)
	}
	if err != nil {
		return prompt{}, err
	}
	sum := sha256.Sum256([]byte(blocks + "\x00" + own))
	p := prompt{id: name + "." + lang + "@" + hex.EncodeToString(sum[:6]), text: t}
	rendered, err := p.render(example[name])
	if err != nil {
		return prompt{}, err
	}
	if !strings.Contains(rendered.System, tried.Canary) {
		return prompt{}, errors.New(`"system" has no {{.Frame.Canary}}`)
	}
	if !strings.Contains(rendered.User, "<<"+tried.Fence) {
		return prompt{}, errors.New(`"user" has no fence <<{{.Frame.Fence}} …>>`)
	}
	return p, nil
}

// tried is what prompts are tried out with.
var (
	tried   = Frame{Fence: "fence0fence0", Canary: "canary-0000000000000000"}
	clauses = []Clause{{Handle: "k00000", Document: "d", Place: "p", Under: "u", Text: "t"}}
	turns   = []Turn{{Role: "user", Text: "q"}}
	example = map[string]any{
		answer:   Answer{tried, clauses, turns, "q"},
		repair:   Repair{tried, clauses, "q", []string{"{}"}},
		rewrite:  Rewrite{tried, turns, "q"},
		rerank:   Rerank{tried, clauses, "q"},
		draft:    Repair{tried, clauses, "q", []string{"{}"}},
		measures: Measures{tried, clauses, []Fact{{Need: "f", Name: "n"}}},
	}
)

func (p prompt) render(data any) (Prompt, error) {
	var system, user strings.Builder
	if err := p.text.ExecuteTemplate(&system, "system", data); err != nil {
		return Prompt{}, err
	}
	if err := p.text.ExecuteTemplate(&user, "user", data); err != nil {
		return Prompt{}, err
	}
	return Prompt{ID: p.id, System: strings.TrimSpace(system.String()) + "\n", User: user.String()}, nil
}

// Answer renders the prompt of an answer in a language of Languages.
func (s *Set) Answer(lang string, d Answer) Prompt { return s.must(answer, lang, d) }

// Repair renders the prompt that asks once more for sentences which did not pass.
func (s *Set) Repair(lang string, d Repair) Prompt { return s.must(repair, lang, d) }

// Draft renders the prompt of a formal reply made of sentences that passed.
func (s *Set) Draft(lang string, d Repair) Prompt { return s.must(draft, lang, d) }

// Rewrite renders the prompt that asks for words to search for.
func (s *Set) Rewrite(lang string, d Rewrite) Prompt { return s.must(rewrite, lang, d) }

// Rerank renders the prompt that asks for an order of clauses.
func (s *Set) Rerank(lang string, d Rerank) Prompt { return s.must(rerank, lang, d) }

// Measures renders the prompt that asks what a clause offers, and to whom.
func (s *Set) Measures(lang string, d Measures) Prompt { return s.must(measures, lang, d) }

// ID is the id of a task's prompt in a language.
func (s *Set) ID(name, lang string) string { return s.prompts[name+"."+lang].id }

// must renders a prompt that was tried out when it was read. It panics for another
// language: a mistake of the program.
func (s *Set) must(name, lang string, data any) Prompt {
	p, err := s.prompts[name+"."+lang].render(data)
	if err != nil {
		panic("prompts: " + err.Error())
	}
	return p
}
