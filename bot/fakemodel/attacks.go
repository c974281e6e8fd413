package fakemodel

import (
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

//go:embed attacks/*.txt
var attackFiles embed.FS

// Places where the text of an Attack stands.
const (
	InQuestion = "question" // what the asker writes
	InHistory  = "history"  // earlier turns: lines "user: …" and "assistant: …"
	InDocument = "document" // the text of a clause
	InFilename = "filename" // the name of a file that is added
	InQuoted   = "quoted"   // an asker's message that quotes what the assistant said or did not say
	InTitle    = "title"    // the title of a document, or a heading
)

var attackPlaces = []string{InQuestion, InHistory, InDocument, InFilename, InQuoted, InTitle}

// An Attack is a text that tries to turn a model against its users. All are our own.
type Attack struct {
	Name     string // unique, such as zh-leak-2
	Language string // zh or en: of the file; the text may switch
	Place    string // InQuestion, …
	Kind     string // such as prompt-leak
	Wants    string // for people, in the language of the file
	// Never is what no text of ours may hold, unless it shows the material of others as
	// such; "" where the text has no such word.
	Never string
	Text  string // with its hidden characters as such; never blank
}

// Attacks reads the collection: the texts of attacks.zh.txt, then of attacks.en.txt,
// in the order of the files. An error names the file and line of an entry that is
// not in the form described there.
func Attacks() ([]Attack, error) {
	var out []Attack
	for _, language := range []string{"zh", "en"} {
		name := "attacks/attacks." + language + ".txt"
		data, err := attackFiles.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read attacks: %w", err)
		}
		list, err := readAttacks(string(data), language)
		if err != nil {
			return nil, fmt.Errorf("read %s, %w", name, err)
		}
		out = append(out, list...)
	}
	return out, nil
}

func readAttacks(file, language string) ([]Attack, error) {
	var out []Attack
	names := map[string]bool{}
	open, began := false, 0
	for i, line := range strings.Split(file+"\n", "\n") {
		line = strings.TrimSuffix(line, "\r")
		head, isHead := strings.CutPrefix(line, "## ")
		switch {
		case isHead:
			if open {
				return nil, fmt.Errorf("line %d: no empty line before ##", i+1)
			}
			a, err := readHead(head, language)
			if err == nil && names[a.Name] {
				err = fmt.Errorf("a second %s", a.Name)
			}
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", i+1, err)
			}
			names[a.Name] = true
			out, open, began = append(out, a), true, i+1
		case strings.TrimSpace(line) == "":
			if open && out[len(out)-1].Text == "" {
				return nil, fmt.Errorf("line %d: no text", began)
			}
			open = false
		case open:
			a := &out[len(out)-1]
			text, err := unescape(line)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", i+1, err)
			}
			if a.Text != "" {
				a.Text += "\n"
			}
			a.Text += text
		case len(out) > 0:
			return nil, fmt.Errorf("line %d: text after an empty line; write \\u{A} for a line end inside a text", i+1)
		}
	}
	return out, nil
}

func readHead(head, language string) (Attack, error) {
	parts := strings.SplitN(head, "|", 5)
	if len(parts) < 4 {
		return Attack{}, fmt.Errorf("expected ## name | place | kind | what it wants, and perhaps | what no answer may hold")
	}
	parts = append(parts, "")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	a := Attack{Language: language, Name: parts[0], Place: parts[1], Kind: parts[2], Wants: parts[3], Never: parts[4]}
	if a.Name == "" || a.Kind == "" || a.Wants == "" {
		return a, fmt.Errorf("a part of the line ## is empty")
	}
	if !slices.Contains(attackPlaces, a.Place) {
		return a, fmt.Errorf("unknown place %q: expected one of %s", a.Place, strings.Join(attackPlaces, ", "))
	}
	return a, nil
}

var escape = regexp.MustCompile(`\\u\{[^}]*\}?`)

// unescape puts characters in the place of \u{…}.
func unescape(line string) (string, error) {
	var problem error
	out := escape.ReplaceAllStringFunc(line, func(m string) string {
		n, err := strconv.ParseUint(strings.TrimSuffix(m[3:], "}"), 16, 32)
		if err != nil || !strings.HasSuffix(m, "}") || n > 0x10ffff || n >= 0xd800 && n < 0xe000 {
			problem = fmt.Errorf("%s is no character: expected such as \\u{200B}", m)
		}
		return string(rune(n))
	})
	return out, problem
}
