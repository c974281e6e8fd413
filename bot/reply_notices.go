package bot

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/bot/gloss"
	"policybot/bot/guard"
	"policybot/bot/quantity"
	"policybot/bot/strength"
	"policybot/prompts"
	"policybot/retrieval"
	"policybot/retrieval/analysis"
	"policybot/retrieval/bridge"
)

// requiredKinds are the limits that a reply must tell.
var requiredKinds = []string{
	guard.PeriodOver, guard.TargetYearOver, guard.DeadlinePassed, guard.Future, guard.Undated, guard.Repealed,
	guard.NotPolicy, guard.OtherPlace, guard.Translation, guard.Intention,
}

// prepare works out what the program itself has to say of the cited clauses.
func (x *replyCheck) prepare() {
	x.ready, x.figures = map[string]State{}, map[string]string{}
	for _, name := range []string{"letter_to", "letter_from", "letter_standing", "standing", "standing_generative", "reply_standing", "no_promise", "starred"} {
		for _, lang := range []string{prompts.Chinese, prompts.English} {
			x.own(prompts.Render(lang, name, nil), Courtesy)
		}
	}
	cited := x.cited()
	all := &noticer{u: x.u, day: x.day}
	n := &noticer{u: x.u, day: x.day, words: x.reply.Text}
	for _, c := range cited {
		all.document(c)
		all.translated(c)
		all.strength(cited, c, false)
		all.place(c)
		all.newer(c, x.library.named)
		for _, kind := range []strength.Strength{strength.Intention, strength.Support} {
			all.add(guard.Intention, string(kind), prompts.Slots{"marker": ""}, c.Clause.ID)
		}
		n.document(c)
		n.translated(c)
		n.strength(cited, c, false)
		n.place(c)
		x.lineOf(c)
	}
	all.conflicts(cited)
	for _, o := range all.list {
		x.own(o.Text, Fine)
	}
	x.limits = slices.DeleteFunc(n.list, func(o Notice) bool { return !slices.Contains(requiredKinds, o.Kind) })
}

// cited are the clauses that sentences of the reply cite, each quoted where it bears them.
func (x *replyCheck) cited() []Citation {
	var out []Citation
	for i, k := range x.clauses {
		var list []replySentence
		for _, s := range x.sentences {
			if slices.Contains(s.cites, i+1) && !programLine(claimOf(x.reply.Text, s).text) {
				list = append(list, s)
			}
		}
		if k.ID == "" || len(list) == 0 {
			continue
		}
		quote := strings.Join(quotesOf(x.reply.Text, list, i+1, k), "\n")
		c := Citation{N: i + 1, Clause: k, Quote: quote}
		if start := strings.Index(k.Text, quote); start >= 0 {
			c.QuoteStart = utf8.RuneCountInString(k.Text[:start])
			c.QuoteEnd = c.QuoteStart + utf8.RuneCountInString(quote)
		}
		out = append(out, c)
	}
	return out
}

// lineOf notes the lines that a letter has for a clause beside its sentences.
func (x *replyCheck) lineOf(c Citation) {
	w := &composer{lang: x.lang}
	w.side(c)
	w.line("no_bodies", prompts.Slots{"marker": ""})
	w.renamed(c.Clause)
	for _, n := range w.parts {
		x.own(n.Text, Fine)
	}
}

// own notes a text of the program as one that a reply may have as it is.
func (x *replyCheck) own(text string, state State) {
	for _, said := range x.desk.replies.sentences(text) {
		key := squeezed(said)
		x.ready[key] = state
		if state == Fine {
			x.figures[withoutDigits(key)] = said
		}
	}
}

// squeezed is a text in normal form without blanks and punctuation.
func squeezed(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return r
		}
		return -1
	}, analysis.Normalize(s))
}

func withoutDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if isDigit(r) {
			return -1
		}
		return r
	}, s)
}

var (
	bodiesLine = regexp.MustCompile(`^(?:责任单位|责任部门|牵头单位|Responsible bod(?:ies|y))\s*(?:[:：]|为|是|包括|分别是|are|is)\s*(.+?)[。.]?$`)
	titleLine  = regexp.MustCompile(`^[^，。；;]{0,30}(?:《[^《》]+》|“[^“”]+”)(?:（[^）]*）| ?\([^)]*\))?[:：]?$`)
	glossLine  = func() []string {
		var out []string
		for _, lang := range []string{prompts.Chinese, prompts.English} {
			line := prompts.Render(lang, "gloss", prompts.Slots{"marker": "", "pairs": ""})
			out = append(out, strings.TrimSpace(line))
		}
		return out
	}()
)

// programLine reports whether a sentence is one of those that a letter has beside what it
// says: bodies, terms, a title over what follows.
func programLine(s string) bool {
	return bodiesLine.MatchString(s) || titleLine.MatchString(s) || slices.ContainsFunc(glossLine, func(g string) bool { return strings.HasPrefix(s, g) })
}

// ours tells of a sentence that is one of the program's own, or says a limit of a cited
// clause in other words: its state. bad is what is wrong with one that is nearly so.
func (x *replyCheck) ours(c claim, held []int) (state State, bad *Problem) {
	key := squeezed(c.text)
	if s, ok := x.ready[key]; ok {
		return s, nil
	}
	if m := bodiesLine.FindStringSubmatchIndex(c.text); m != nil && len(held) > 0 {
		return x.bodies(c, m[2], m[3], held)
	}
	if x.terms(c.text, held) {
		return Fine, nil
	}
	if own, ok := x.figures[withoutDigits(key)]; ok {
		return "", x.otherFigure(c, own)
	}
	if x.tells(c.text) {
		return Fine, nil
	}
	return "", nil
}

// bodies checks a line of responsible bodies: each has to be one of a cited clause, whose
// city may stand before it.
func (x *replyCheck) bodies(c claim, from, to int, held []int) (State, *Problem) {
	var theirs []string
	for _, n := range held {
		theirs = append(theirs, x.clauses[n-1].Departments...)
	}
	known := func(own string) bool {
		return slices.ContainsFunc(theirs, func(d string) bool { return own == d || strings.HasPrefix(d, "市") && strings.HasSuffix(own, d) })
	}
	for _, name := range bodyName.FindAllStringIndex(c.text[from:to], -1) {
		at, end := from+name[0], from+name[1]
		own := strings.TrimSpace(c.text[at:end])
		both := slices.DeleteFunc(lastOfList.Split(own, -1), func(s string) bool { return s == "" })
		if own == "" || known(own) || len(both) > 0 && !slices.ContainsFunc(both, func(s string) bool { return !known(s) }) {
			continue
		}
		if len(theirs) == 0 {
			return "", nil
		}
		p := Problem{Kind: ProblemBody, Word: own, Says: strings.Join(theirs, "、"), N: held[0]}
		k := x.clauses[held[0]-1]
		p.Start, p.End = c.span(at, end)
		p.Clause, p.Quote = k.ID, strings.Join(quoteFor(k, strings.Join(k.Departments, "、")), "\n")
		p = x.problem(p)
		return "", &p
	}
	return Fine, nil
}

var (
	bodyName   = regexp.MustCompile(`[^、,，;；]+`)
	lastOfList = regexp.MustCompile(`和|及|以及|等| and |^and `)
)

// terms reports whether a sentence is a line of terms in the other language, each of
// which stands in a clause and is what the glossary says.
func (x *replyCheck) terms(text string, held []int) bool {
	i := slices.IndexFunc(glossLine, func(g string) bool { return strings.HasPrefix(text, g) })
	if i < 0 {
		return false
	}
	for pair := range strings.FieldsFuncSeq(text[len(glossLine[i]):], func(r rune) bool { return r == '；' || r == ';' }) {
		term, other, ok := strings.Cut(strings.TrimSpace(pair), " = ")
		if !ok || !slices.ContainsFunc(held, func(n int) bool { return x.means(x.clauses[n-1].Text, term, other) }) {
			return false
		}
	}
	return true
}

// means reports whether a term of a text is in the other language what a glossary says.
func (x *replyCheck) means(text, term, other string) bool {
	for at := 0; term != ""; {
		i := strings.Index(text[at:], term)
		if i < 0 {
			return false
		}
		at += i
		for _, kind := range []string{gloss.Number, gloss.Term, gloss.Body, gloss.Locus} {
			f := gloss.Fact{Kind: kind, Text: term, Gloss: other, Start: at, End: at + len(term)}
			if gloss.Check(text, f, x.lang, bridge.Translations()) == "" {
				return true
			}
		}
		at += len(term)
	}
	return false
}

// otherFigure is the problem of a sentence that is the program's own but for a figure.
func (x *replyCheck) otherFigure(c claim, own string) *Problem {
	p := Problem{Kind: ProblemNumber}
	theirs := quantity.Find(own)
	for i, q := range quantity.Find(c.text) {
		if i < len(theirs) && !quantity.Equal(q, theirs[i]) {
			p.Word, p.Says = c.text[q.Start:q.End], own[theirs[i].Start:theirs[i].End]
			p.Start, p.End = c.span(q.Start, q.End)
			if q.Kind == quantity.Date {
				p.Kind = ProblemDate
			}
			break
		}
	}
	for _, l := range x.limits {
		if strings.Contains(squeezed(l.Text), squeezed(own)) && len(l.Clauses) > 0 {
			p.Clause, p.Quote = l.Clauses[0], own
			p.N = 1 + slices.Index(x.reply.Clauses, l.Clauses[0])
		}
	}
	if p.Word == "" {
		p.Word, p.Says = c.text, own
	}
	p = x.problem(p)
	return &p
}

// goesOn is what a sentence that tells a limit may not say besides.
var goesOn = regexp.MustCompile(`但|仍可|仍能|还可|依然|可以申|可申|可享|可获|给予|奖励|补贴|补助|资助|最高|(?i:\b(?:but|still|however|nevertheless|can apply|may apply|up to|grant|grants|subsid\w+|award\w*)\b)`)

// longestLimit is how many characters a sentence that tells a limit has at most.
const longestLimit = 160

var notYet = regexp.MustCompile(`(?:未|没有|没|(?i:\bnot))\s*$`)

// saysLimit reports whether a text has one of the words, and not its contrary.
func saysLimit(words *regexp.Regexp, text string) bool {
	m := words.FindStringIndex(text)
	return m != nil && !notYet.MatchString(text[:m[0]])
}

// tells reports whether a sentence tells a limit of a cited clause and nothing else.
func (x *replyCheck) tells(text string) bool {
	if utf8.RuneCountInString(text) > longestLimit || promises(text) != nil {
		return false
	}
	own := quantity.Find(text)
	for _, n := range x.limits {
		words, ok := replyWords()["said "+n.Kind]
		if !ok || !saysLimit(words, text) || goesOn.MatchString(replyWords()["address"].ReplaceAllString(words.ReplaceAllString(text, " "), " ")) {
			continue
		}
		facts := x.factsOf(n)
		known := quantity.Find(facts)
		if !slices.ContainsFunc(own, func(q quantity.Quantity) bool { return !q.Loose && !quantity.Supported(q, known) }) && x.namesOnly(text, facts) {
			return true
		}
	}
	return false
}

// factsOf is what is known of the documents that a notice is about.
func (x *replyCheck) factsOf(n Notice) string {
	out := n.Text
	for _, k := range x.clauses {
		if slices.Contains(n.Clauses, k.ID) {
			d := k.Document
			out += "\n" + strings.Join(append([]string{d.Title, d.Number, d.Issuer, d.Jurisdiction, d.IssuedOn, d.ValidFrom, d.ValidUntil, d.Deadline}, d.Aliases...), "\n")
		}
	}
	return out
}

var titleIn = regexp.MustCompile(`《([^《》]+)》`)

// namesOnly reports whether a text names no title but those of the facts.
func (x *replyCheck) namesOnly(text, facts string) bool {
	facts = squeezed(facts)
	for _, m := range titleIn.FindAllStringSubmatch(text, -1) {
		if !strings.Contains(facts, squeezed(m[1])) {
			return false
		}
	}
	return true
}

// missing are the limits that the reply does not tell.
func (x *replyCheck) missing() []MissingNotice {
	said := map[string]bool{}
	for _, s := range x.sentences {
		said[squeezed(claimOf(x.reply.Text, s).text)] = true
	}
	var out []MissingNotice
	for _, n := range x.limits {
		if x.told(n, said) {
			continue
		}
		out = append(out, MissingNotice{Notice: n, Message: prompts.Render(x.lang, "reply_missing", nil)})
	}
	return out
}

// told reports whether the reply tells a limit: with the sentences offered for it, or in
// words of replies.txt in a sentence that is of no other document.
func (x *replyCheck) told(n Notice, said map[string]bool) bool {
	offered := true
	for _, s := range splitReply(n.Text, "") {
		offered = offered && said[squeezed(claimOf(n.Text, s).text)]
	}
	if offered {
		return true
	}
	words, ok := replyWords()["said "+n.Kind]
	if !ok || strings.Contains(n.Text, "“") && n.Kind == guard.Translation && n.Text != x.general(n) {
		return false
	}
	for _, s := range x.sentences {
		text := claimOf(x.reply.Text, s).text
		if saysLimit(words, text) && x.tells(text) && x.concerns(text, s, n) {
			return true
		}
	}
	return false
}

// general is the notice that a text is machine-translated, for the document of a notice.
func (x *replyCheck) general(n Notice) string {
	for _, k := range x.clauses {
		if slices.Contains(n.Clauses, k.ID) {
			return prompts.Render(x.u.Lang, guard.Translation, prompts.Slots{"title": k.Document.Title})
		}
	}
	return ""
}

// concerns reports whether a sentence speaks of the clauses of a notice, or of none in
// particular.
func (x *replyCheck) concerns(text string, s replySentence, n Notice) bool {
	cites := func(k int) bool { return k <= len(x.clauses) && slices.Contains(n.Clauses, x.clauses[k-1].ID) }
	titles := titleIn.FindAllStringSubmatch(text, -1)
	if len(titles) == 0 && len(s.cites) == 0 || slices.ContainsFunc(s.cites, cites) {
		return true
	}
	own := func(k retrieval.Clause) bool { return slices.Contains(n.Clauses, k.ID) }
	for _, k := range slices.DeleteFunc(slices.Clone(x.clauses), func(k retrieval.Clause) bool { return !own(k) }) {
		if slices.ContainsFunc(titles, func(m []string) bool { return strings.Contains(squeezed(k.Document.Title), squeezed(m[1])) }) {
			return true
		}
	}
	return false
}
