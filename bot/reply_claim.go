package bot

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"policybot/bot/grounding"
	"policybot/bot/guard"
	"policybot/bot/quantity"
	"policybot/prompts"
	"policybot/retrieval"
)

// odd are the characters of a sentence that do not show or look like others, but for
// those of the clauses.
func (x *replyCheck) odd(c claim, held []int) []Problem {
	for i, r := range c.text {
		if !guard.Odd(r) || slices.ContainsFunc(held, func(n int) bool { return strings.ContainsRune(x.clauses[n-1].Text, r) }) {
			continue
		}
		p := Problem{Kind: ProblemCharacter, Word: fmt.Sprintf("U+%04X", r)}
		p.Start, p.End = c.span(i, i+utf8.RuneLen(r))
		return []Problem{x.problem(p)}
	}
	return nil
}

// promise is what a sentence promises, but for words that a clause has itself.
func (x *replyCheck) promise(c claim, held []int) []Problem {
	m := promises(c.text)
	if m == nil || slices.ContainsFunc(held, func(n int) bool { return strings.Contains(x.clauses[n-1].Text, c.text[m[0]:m[1]]) }) {
		return nil
	}
	p := Problem{Kind: ProblemPromise, Word: c.text[m[0]:m[1]]}
	p.Start, p.End = c.span(m[0], m[1])
	return []Problem{x.problem(p)}
}

// quotes reports whether a sentence is one or more whole sentences of a clause.
func (x *replyCheck) quotes(c claim, held []int) bool {
	return slices.ContainsFunc(held, func(n int) bool {
		text := x.clauses[n-1].Text
		return c.text != "" && guard.Verbatim(c.text, Citation{Quote: text, Clause: x.clauses[n-1]})
	})
}

// bare is a claim without what opens it and whom it speaks to.
func bare(c claim) claim {
	words := replyWords()
	for {
		m := words["lead"].FindStringIndex(c.text)
		if m == nil || m[1] == 0 || m[1] == len(c.text) {
			break
		}
		c = c.cut(m[1], len(c.text))
	}
	for at := 0; ; {
		m := words["address"].FindStringIndex(c.text[at:])
		if m == nil {
			return c
		}
		from, to := at+m[0], at+m[1]
		c = c.with(from, to, "")
		at = from
	}
}

// grounded are the problems of a sentence that package grounding finds, and of figures
// that it does not read. told is whether the sentence has a promise already.
func (x *replyCheck) grounded(c claim, held []int, told bool) []Problem {
	if x.quotes(c, held) {
		return nil
	}
	c = bare(c)
	var out []Problem
	for _, v := range x.violations(c, held) {
		p := Problem{Kind: kindOf[v.Rule], Word: v.What}
		if p.Kind == ProblemPromise && told || p.Kind == ProblemWord && replyWords()["facts"].MatchString(v.What) {
			continue
		}
		p.Start, p.End = c.span(v.Start, v.End)
		if slices.ContainsFunc(out, func(o Problem) bool {
			return o.Start < p.End && p.Start < o.End && (o.Kind == p.Kind || p.Kind == ProblemWord)
		}) {
			continue
		}
		x.against(&p, c, v.Start, v.End, held)
		out = append(out, x.problem(p))
	}
	if len(out) == 0 {
		out = x.conditions(c, held)
	}
	return out
}

// condition is under what something holds, and how what holds begins.
var condition = regexp.MustCompile(`([^，,。；;\n]{2,40}(?:前提下|条件下|情况下)|经[^，,。；;\n]{2,12}(?:批准|同意|认定|核准|备案)后?)[，,]?([^，,。；;\n]{4,6})`)

// conditions are those that a sentence leaves out which repeats what stands under them.
func (x *replyCheck) conditions(c claim, held []int) []Problem {
	said := squeezed(c.text)
	has := keysOf(c.text)
	for _, n := range held {
		text := x.clauses[n-1].Text
		for _, m := range condition.FindAllStringSubmatchIndex(text, -1) {
			under, then := text[m[2]:m[3]], squeezed(text[m[4]:m[5]])
			i := strings.Index(said, then)
			if i < 0 || shareOf(under, has) >= 0.5 {
				continue
			}
			p := Problem{Kind: ProblemCondition, Word: strings.TrimSpace(under), N: n, Clause: x.clauses[n-1].ID, Quote: sentenceAt(text, m[2])}
			return []Problem{x.problem(p)}
		}
	}
	return nil
}

// violations are those of a claim against the clauses, checked once.
func (x *replyCheck) violations(c claim, held []int) []grounding.Violation {
	if !strings.ContainsFunc(c.text, speaks) {
		return nil
	}
	var ids strings.Builder
	ids.WriteString(x.library.revision)
	for _, n := range held {
		ids.WriteString("|" + x.clauses[n-1].ID)
	}
	memory := &x.desk.replies
	key := ids.String() + "\n" + c.text
	if found, ok := memory.found(key); ok {
		return found
	}
	sources := memory.sources(ids.String(), func() *grounding.Sources { return x.sources(held) })
	found := sources.Check(c.text)
	for _, v := range x.digits(c, held) {
		if !slices.ContainsFunc(found, func(o grounding.Violation) bool {
			return o.Start < v.End && v.Start < o.End && kindOf[o.Rule] != ProblemWord
		}) {
			found = append(found, v)
		}
	}
	memory.keep(key, found)
	return found
}

// sources are the clauses as sentences are grounded in them: whole, a short one with what
// it stands under.
func (x *replyCheck) sources(held []int) *grounding.Sources {
	var list []grounding.Source
	var named []retrieval.Clause
	for _, n := range held {
		c := x.clauses[n-1]
		named = append(named, c)
		d := c.Document
		s := grounding.Source{Text: c.Text, About: append(slices.Clone(c.Parents), c.Heading, d.Title, d.Number, d.Issuer, d.Jurisdiction, d.IssuedOn, d.ValidFrom, d.ValidUntil)}
		if utf8.RuneCountInString(c.Text) < shortClause && len(c.Parents) > 0 {
			s.Text = c.Parents[len(c.Parents)-1] + "\n" + c.Heading + "\n" + c.Text
		}
		list = append(list, s)
	}
	for _, d := range x.library.docs {
		named = append(named, retrieval.Clause{Document: d})
	}
	return grounding.Read(list, guard.Names(named))
}

// shortClause is the number of characters below which a clause is read with its headings.
const shortClause = 60

// digits are the figures of a claim in digits that stand nowhere in the clauses or what
// they are about, whatever they are figures of.
func (x *replyCheck) digits(c claim, held []int) []grounding.Violation {
	var text strings.Builder
	for _, n := range held {
		k := x.clauses[n-1]
		d := k.Document
		fmt.Fprintln(&text, strings.Join(k.Parents, "\n"), k.Heading, k.Text, d.Title, d.Number, d.IssuedOn, d.ValidFrom, d.ValidUntil)
	}
	has := map[string]bool{}
	for _, m := range runsOfDigits(text.String()) {
		has[m.text] = true
	}
	var own, theirs []quantity.Quantity
	var out []grounding.Violation
	for _, m := range runsOfDigits(c.text) {
		if has[m.text] {
			continue
		}
		if own == nil {
			own, theirs = quantity.Find(c.text), quantity.Find(text.String())
		}
		if slices.ContainsFunc(own, func(q quantity.Quantity) bool {
			return q.Start <= m.start && m.end <= q.End && quantity.Supported(q, theirs)
		}) {
			continue
		}
		out = append(out, grounding.Violation{Rule: grounding.RuleNumber, What: c.text[m.start:m.end], Start: m.start, End: m.end})
	}
	return out
}

// A digitRun is a run of digits as ASCII, without commas between them.
type digitRun struct {
	text       string
	start, end int
}

func runsOfDigits(s string) []digitRun {
	var out []digitRun
	open := false
	for i, r := range s {
		w := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, w = utf8.DecodeRuneInString(s[i:])
		}
		switch {
		case r >= '０' && r <= '９':
			r += '0' - '０'
			fallthrough
		case r >= '0' && r <= '9':
			if !open {
				out = append(out, digitRun{start: i})
			}
			last := &out[len(out)-1]
			last.text, last.end, open = last.text+string(r), i+w, true
		case open && r == ',' && i+1 < len(s) && isDigit(rune(s[i+1])):
		default:
			open = false
		}
	}
	return out
}

// against fills in what the clause says instead, and which sentence of it.
func (x *replyCheck) against(p *Problem, c claim, from, to int, held []int) {
	p.N = held[0]
	best := -1.0
	for _, n := range held {
		if share := shareOf(c.text, keysOf(x.clauses[n-1].Text)); share > best {
			p.N, best = n, share
		}
	}
	switch p.Kind {
	case ProblemNumber, ProblemUnit, ProblemComparator, ProblemDate, ProblemDocument:
		if x.figure(p, c, from, to, held) {
			return
		}
	case ProblemPlace:
		p.Says = x.clauses[p.N-1].Document.Jurisdiction
	case ProblemTitle:
		p.Says = x.clauses[p.N-1].Document.Title
	case ProblemBody:
		p.Says = strings.Join(x.clauses[p.N-1].Departments, "、")
	}
	k := x.clauses[p.N-1]
	p.Clause, p.Quote = k.ID, strings.Join(quoteFor(k, c.text), "\n")
}

func overlap(a, b map[uint64]bool) float64 {
	n := 0.0
	for k := range a {
		if b[k] {
			n++
		}
	}
	return n
}

// mostSuggested is how many clauses are suggested for a sentence.
const mostSuggested = 3

// suggest looks for clauses that bear a sentence: those of the reply, and those that a
// search for it finds.
func (x *replyCheck) suggest(ctx context.Context, c claim, held []int) ([]Suggestion, error) {
	b := bare(c)
	var list []retrieval.Clause
	for i, k := range x.clauses {
		if k.ID != "" && !slices.Contains(held, i+1) {
			list = append(list, k)
		}
	}
	found, err := x.desk.Library.Search(ctx, retrieval.Query{Text: beginning(b.text), Told: -1}, 2*mostSuggested)
	if err != nil {
		return nil, err
	}
	for _, h := range found.Hits {
		if !slices.ContainsFunc(x.clauses, func(k retrieval.Clause) bool { return k.ID == h.Clause.ID }) {
			list = append(list, h.Clause)
		}
	}
	var out []Suggestion
	for _, k := range list {
		alone := *x
		alone.clauses = []retrieval.Clause{k}
		quote := quoteFor(k, b.text)
		bad := len(alone.grounded(c, []int{1}, false))
		if bad > 1 || bad == 1 && len(quote) == 0 {
			continue
		}
		n := 1 + slices.IndexFunc(x.clauses, func(o retrieval.Clause) bool { return o.ID == k.ID })
		out = append(out, Suggestion{
			Clause: k.ID, N: n, Title: k.Document.Title, Path: k.Path, Heading: k.Heading, Quote: strings.Join(quote, "\n"), Passes: bad == 0,
		})
	}
	slices.SortStableFunc(out, func(a, b Suggestion) int { return cmp.Compare(order(a), order(b)) })
	return out[:min(len(out), mostSuggested)], nil
}

// order puts what passes first, and of that what the reply has already.
func order(s Suggestion) int {
	o := 0
	if !s.Passes {
		o += 2
	}
	if s.N == 0 {
		o++
	}
	return o
}

// A replyMemory remembers what replies were checked against, so that a sentence is checked
// once while the others are typed. It keeps little, and forgets all at once.
type replyMemory struct {
	mu   sync.Mutex
	read map[string]*grounding.Sources
	bad  map[string][]grounding.Violation
	said map[string][]string // texts of the program → their sentences
}

// How much is remembered.
const (
	rememberedSources   = 64
	rememberedSentences = 1024
)

func (m *replyMemory) found(key string) ([]grounding.Violation, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.bad[key]
	return v, ok
}

func (m *replyMemory) keep(key string, v []grounding.Violation) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bad == nil || len(m.bad) >= rememberedSentences {
		m.bad = map[string][]grounding.Violation{}
	}
	m.bad[key] = v
}

// sentences are those of a text of the program, without markers.
func (m *replyMemory) sentences(text string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	out, ok := m.said[text]
	if ok {
		return out
	}
	for _, s := range splitReply(text, "") {
		out = append(out, claimOf(text, s).text)
	}
	if m.said == nil || len(m.said) >= rememberedSentences {
		m.said = map[string][]string{}
	}
	m.said[text] = out
	return out
}

// sources gives what read returns, read once. It is not locked while it reads: two may
// read the same at once.
func (m *replyMemory) sources(key string, read func() *grounding.Sources) *grounding.Sources {
	m.mu.Lock()
	s := m.read[key]
	m.mu.Unlock()
	if s != nil {
		return s
	}
	s = read()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.read == nil || len(m.read) >= rememberedSources {
		m.read = map[string]*grounding.Sources{}
	}
	m.read[key] = s
	return s
}

// answerIn is the language of a text of the program: zh or en.
func answerIn(lang string) string {
	if lang == prompts.English {
		return lang
	}
	return prompts.Chinese
}
