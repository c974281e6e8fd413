package auditor

import (
	_ "embed"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

//go:embed names.txt
var nameFile string

// A Lexicon knows the places, bodies, parks, firms and programmes that a
// sentence may name, each with its forms in both languages. The zero value
// knows none. It is read only once made and may be shared.
type Lexicon struct {
	forms map[rune][]form     // by first rune, longest first; means is class:number
	of    map[string][]string // the forms of each id
	words *vocabulary         // nil: the built-in one
}

// Learn is a copy of a Lexicon that also knows words which may stand for one
// another. Each of same is a line of such a list or a whole file of them: forms
// of one meaning in both languages, blank between two, _ for a blank inside one;
// with > the forms left of it may be said where a quote has one to the right. Of
// light each form claims nothing. Lines that begin with # or [ say nothing. The
// lists are data of the caller: what they allow is not judged here.
func (l Lexicon) Learn(same, light []string) Lexicon {
	l.words = l.vocabulary().with(same, light)
	return l
}

func (l Lexicon) vocabulary() *vocabulary {
	if l.words == nil {
		return vocab
	}
	return l.words
}

// A mention is a name in a text.
type mention struct {
	id         string
	text       string
	start, end int
}

var (
	bookTitle = regexp.MustCompile(`《([^《》]{2,80})》`)
	projects  = regexp.MustCompile(`[“"]([^“”"]{2,14}(?:工程|计划|行动))[”"]`)
)

// NewLexicon is the built-in list of names and what the clauses themselves
// name: their documents, departments, issuers, titles in 《》 and programmes in
// quotation marks. No clauses: the built-in list alone.
func NewLexicon(clauses []Clause) Lexicon {
	l := Lexicon{forms: map[rune][]form{}, of: map[string][]string{}}
	known := map[string]bool{}
	add := func(id, f string) {
		f = fold(f)
		if utf8.RuneCountInString(f) < 1 || known[f] {
			return
		}
		known[f] = true
		first, _ := utf8.DecodeRuneInString(f)
		l.forms[first] = append(l.forms[first], form{f, id})
		l.of[id] = append(l.of[id], f)
	}
	var short []form
	for i, line := range listLines(nameFile) {
		class, rest, _ := strings.Cut(line, " = ")
		for _, f := range splitForms(strings.ReplaceAll(rest, ";", ",")) {
			if utf8.RuneCountInString(f) > 1 {
				add(class+":"+strconv.Itoa(i), f)
				short = append(short, form{f, class + ":" + strconv.Itoa(i)})
			}
		}
	}
	for _, f := range short {
		add(f.means, withoutMunicipal(f.text))
	}
	for _, c := range clauses {
		for _, d := range c.Departments {
			add("body:"+fold(d), d)
		}
		add("body:"+fold(c.Document.Issuer), c.Document.Issuer)
		for _, m := range bookTitle.FindAllStringSubmatch(c.Text, -1) {
			add("title:"+fold(m[1]), m[1])
		}
		for _, m := range projects.FindAllStringSubmatch(c.Text, -1) {
			add("plan:"+fold(m[1]), m[1])
		}
		add("title:"+fold(c.Document.Title), c.Document.Title)
	}
	for r := range l.forms {
		fs := l.forms[r]
		sort.SliceStable(fs, func(i, j int) bool { return len(fs[i].text) > len(fs[j].text) })
	}
	return l
}

// withoutMunicipal is what is left of the name of a municipal body, or "": the
// finance bureau is the municipal one, unless a list says otherwise.
func withoutMunicipal(name string) string {
	rest, ok := strings.CutPrefix(strings.TrimPrefix(fold(name), "beijing "), "municipal ")
	if !ok || !strings.Contains(rest, " ") {
		return ""
	}
	return rest
}

// mentions finds the names of a folded text from left to right, the longest
// form first.
func (l Lexicon) mentions(folded string) []mention {
	var out []mention
	for i := 0; i < len(folded); {
		r, size := utf8.DecodeRuneInString(folded[i:])
		step := size
		for _, f := range l.forms[r] {
			if !strings.HasPrefix(folded[i:], f.text) || !atWord(folded, i, i+len(f.text)) || notName(folded, i, f.text) {
				continue
			}
			out = append(out, mention{f.means, f.text, i, i + len(f.text)})
			step = len(f.text)
			break
		}
		i += step
	}
	return out
}

// notName: 首都 is no 都, 全国各 is no place that a sentence could get wrong.
func notName(text string, at int, f string) bool {
	switch f {
	case "chinese":
		return strings.HasPrefix(text[at:], "chinese medic") || strings.HasPrefix(text[at:], "chinese patent") || strings.HasPrefix(text[at:], "chinese side") || strings.HasPrefix(text[at:], "chinese-") || strings.HasPrefix(text[at:], "chinese herb")
	case "大兴":
		return strings.HasPrefix(text[at:], "大兴土木")
	case "经济技术开发区":
		return strings.HasSuffix(text[:at], "国家级")
	}
	return false
}

// atWord: a Latin form has to begin and end at a word's edge.
func atWord(text string, start, end int) bool {
	letter := func(b byte) bool { return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' }
	if letter(text[start]) && start > 0 && letter(text[start-1]) {
		return false
	}
	return end == len(text) || !letter(text[end-1]) || !letter(text[end])
}

// bears tells whether a source names what the mention names, in any form.
func (l Lexicon) bears(m mention, sources ...string) bool {
	for _, s := range sources {
		for _, f := range l.of[m.id] {
			if holds(s, f) {
				return true
			}
		}
		if holds(s, m.text) {
			return true
		}
	}
	return false
}

// holds tells whether a folded text holds a folded form, whole words of it.
func holds(text, f string) bool {
	for from := 0; f != ""; {
		i := strings.Index(text[from:], f)
		if i < 0 {
			return false
		}
		if atWord(text, from+i, from+i+len(f)) {
			return true
		}
		from += i + len(f)
	}
	return false
}
