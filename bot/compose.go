package bot

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"policybot/bot/channel"
	"policybot/bot/guard"
	"policybot/bot/intent"
	"policybot/prompts"
	"policybot/retrieval"
)

// Compose puts the text of an answer together from its parts: sentences,
// notices and templates, and nothing else. It is a function of the answer's
// other fields, so that anybody can check a text against them.
func Compose(a Answer) string {
	c := composer{lang: a.Lang}
	c.compose(a)
	return strings.TrimSpace(c.b.String())
}

// A Section is what a part of an answer belongs to.
type Section string

// Sections of an answer, in their order. What is in none says what the answer says, or why there is none.
const (
	SectionEligibility Section = "eligibility" // measures compared with what is known of the asker
	SectionAsks        Section = "asks"        // what was heard of the asker
	SectionQuestion    Section = "question"    // what is asked for, and why
	SectionLimits      Section = "limits"      // notices
	SectionBodies      Section = "bodies"      // responsible bodies
	SectionSources     Section = "sources"     // the clauses that are cited
	SectionNearest     Section = "nearest"     // clauses that come closest, where none answers
	SectionStanding    Section = "standing"    // what the answer is, and is not
)

// A Part is a line of an answer with what it is and what it belongs to.
type Part struct {
	channel.Node
	Section Section
}

// Parts are the lines of [Compose], for who shows them in another form than text.
func Parts(a Answer) []Part {
	c := composer{lang: a.Lang}
	c.compose(a)
	return c.parts
}

// nodes are parts as a channel gets them.
func nodes(parts []Part) []channel.Node {
	var out []channel.Node
	for _, p := range parts {
		out = append(out, p.Node)
	}
	return out
}

func (c *composer) compose(a Answer) {
	switch {
	case a.Outcome == Answered && a.Shown != nil:
		c.shown(a)
	case a.Outcome == Answered:
		c.answer(a)
	case a.Reason == ReasonClause && a.Shown != nil:
		c.whichSource(a)
	case a.Reason == ReasonProfile:
		c.profile(a)
	case a.Reason == ReasonLang:
		c.line("lang_kept", nil)
	case a.Reason == ReasonStop:
		c.line("nothing_running", nil)
	case a.Reason == ReasonHelp:
		for line := 1; line <= 5; line++ {
			c.line("help_"+strconv.Itoa(line), nil)
		}
	case a.Reason == ReasonSmallTalk && isCommand("thanks", a.Question):
		c.line("thanks", nil)
	case a.Reason == ReasonFact, a.Reason == ReasonDoubt:
		if len(a.Places.Others) > 0 {
			c.line("no_place", prompts.Slots{"place": c.join(a.Places.Others), "places": c.join(a.Places.Library)})
		}
		c.asks(a)
	case a.Outcome == Clarify:
		c.line("clarify_"+a.AskBack, nil)
	case a.Reason == ReasonUnclear && strings.TrimSpace(a.Question) == "":
		c.line("no_question", nil)
	case a.Reason == ReasonUnclear:
		c.line("not_text", nil)
	case a.Reason == ReasonTooLong:
		c.line("too_long", prompts.Slots{"limit": strconv.Itoa(MaxQuestion)})
	case a.Reason == ReasonEmptyLibrary:
		c.line("empty", nil)
	case a.Reason == ReasonUserBusy, a.Reason == ReasonBusy, a.Reason == ReasonExternal:
		c.line(a.Reason, nil)
	case a.Reason == ReasonStopped:
		c.line("stopped", prompts.Slots{"why": a.Stopped})
	case a.Reason == ReasonExpired:
		c.line("expired", prompts.Slots{"case": a.Case})
	case a.Outcome == Failed:
		c.line("failed", prompts.Slots{"case": a.Case})
	case a.Outcome == HandedOver:
		c.line("handed_over", prompts.Slots{"case": a.Case})
	case a.Outcome == Refused:
		c.line(a.Reason, nil)
	default:
		c.abstention(a)
	}
	if len(a.Masked) > 0 {
		c.gap()
		c.section = SectionLimits
		c.line("masked", prompts.Slots{"kinds": c.join(c.kinds(a.Masked))})
	}
	c.section = SectionStanding
	if a.Outcome == Answered || a.Outcome == Abstained {
		c.label(a)
	}
}

// label writes how an answer was made.
func (c *composer) label(a Answer) {
	if a.Outcome == Answered && a.Fallback != "" {
		c.line("label_fallback", nil)
		return
	}
	c.line("label_"+a.Mode, nil)
}

// begun composes how the text of an answer begins that is still being written.
func begun(a Answer) *composer {
	c := &composer{lang: a.Lang}
	c.sentences(a)
	return c
}

// kinds names kinds of personal data in the language.
func (c *composer) kinds(masked []string) []string {
	var out []string
	for _, k := range masked {
		out = append(out, prompts.Render(c.lang, "kind_"+k, nil))
	}
	return out
}

type composer struct {
	lang    string
	b       strings.Builder
	section Section // of the parts that come
	parts   []Part
	starred bool
}

// line writes one template as a line.
func (c *composer) line(name string, slots prompts.Slots) {
	c.node(channel.Node{Kind: channel.Line, Text: prompts.Render(c.lang, name, slots)}, "")
}

// node writes a part of an answer, whose line of text may be more than the part.
func (c *composer) node(n channel.Node, line string) {
	c.parts = append(c.parts, Part{n, c.section})
	if line == "" {
		line = n.Text
	}
	c.b.WriteString(line + "\n")
}

// gap begins a new part; an empty part leaves no trace.
func (c *composer) gap() {
	if !strings.HasSuffix(c.b.String(), "\n\n") {
		c.b.WriteString("\n")
	}
}

// sentences writes what an answer says.
func (c *composer) sentences(a Answer) {
	if a.Promise {
		c.line("no_promise", nil)
	}
	last := ""
	for _, s := range a.Sentences {
		first := a.first(s)
		if a.Sides && first.Clause.ID != last {
			last = first.Clause.ID
			c.side(first)
		}
		name := "quote"
		if a.Mode == ModeGenerative && !guard.Verbatim(s.Text, first) {
			name = "said"
		}
		c.sentence(name, s)
	}
}

// sentence writes one sentence: a quote, or in other words.
func (c *composer) sentence(name string, s Sentence) {
	c.node(channel.Node{Kind: channel.Sentence, Text: s.Text, Cites: s.Citations},
		prompts.Render(c.lang, name, prompts.Slots{"quote": s.Text, "marker": markers(s.Citations)}))
}

// first is the first citation of a sentence; an empty one where it has none, which
// [Verify] tells.
func (a Answer) first(s Sentence) Citation {
	if len(s.Citations) == 0 || s.Citations[0] < 1 || s.Citations[0] > len(a.Citations) {
		return Citation{}
	}
	return a.Citations[s.Citations[0]-1]
}

func (c *composer) answer(a Answer) {
	list := a.listsOffers()
	if len(a.Places.Others) > 0 {
		c.line("only_outside", prompts.Slots{"place": c.join(a.Places.Others), "places": c.join(a.Places.Library)})
	}
	switch {
	case !list:
		c.sentences(a)
		c.gap()
	case a.Promise:
		c.line("no_promise", nil)
	}
	if len(a.SearchedFor) > 0 {
		c.line("searched_for", prompts.Slots{"words": c.join(a.SearchedFor)})
	}
	for _, s := range a.Citations {
		c.glossedLine(s)
	}
	c.inForce(a)
	c.within(SectionEligibility, func() { c.eligibility(a, list) })
	c.asks(a)
	if a.AskBack != "" {
		c.line("ask_"+a.AskBack, nil)
	}
	c.ending(a)
}

// ending writes the limits of an answer, its responsible bodies and its sources.
func (c *composer) ending(a Answer) {
	c.gap()
	c.section = SectionLimits
	c.noticed(a)
	c.within(SectionBodies, func() { c.bodies(a) })
	c.gap()
	c.within(SectionSources, func() { c.sources(a) })
	c.gap()
	c.section = SectionStanding
	if a.Mode == ModeGenerative {
		c.line("standing_generative", nil)
	} else {
		c.line("standing", nil)
	}
}

// noticed writes the limits of an answer.
func (c *composer) noticed(a Answer) {
	for _, n := range a.limits() {
		c.node(channel.Node{Kind: channel.Notice, Text: n.Text}, prompts.Render(c.lang, "notice", prompts.Slots{"notice": n.Text}))
	}
}

// within writes parts of a section.
func (c *composer) within(s Section, write func()) {
	before := c.section
	c.section = s
	write()
	c.section = before
}

// sources writes where the sentences come from.
func (c *composer) sources(a Answer) {
	c.line("sources", nil)
	first := map[string]string{} // document → number of its first citation
	for _, s := range a.Citations {
		n, id := strconv.Itoa(s.N), s.Clause.Document.ID
		name, slots := "source", prompts.Slots{"n": n, "path": s.Clause.Path}
		if first[id] == "" {
			first[id] = n
			slots["document"] = c.document(s.Clause.Document)
		} else {
			name, slots["first"] = "source_same", first[id]
		}
		c.place(name, slots, s.Clause)
		if a.rewords(s.N) {
			c.line("source_quote", prompts.Slots{"quote": s.Quote})
		}
	}
	if c.starred {
		c.line("starred", nil)
	}
}

// inForce says, where that is asked, that the day lies within a stated period.
func (c *composer) inForce(a Answer) {
	if a.Asked != intent.Validity {
		return
	}
	said := map[string]bool{}
	for _, s := range a.Citations {
		if d := s.Clause.Document; d.Status == retrieval.StatusInForce && !said[d.ID] {
			said[d.ID] = true
			c.line("in_force", prompts.Slots{"title": d.Title, "day": showDate(a.AsOf, c.lang), "until": showDate(d.ValidUntil, c.lang)})
		}
	}
}

// glossedLine writes a line with the key facts of a quote in the asker's language.
func (c *composer) glossedLine(cited Citation) {
	var pairs []string
	for _, f := range cited.Gloss {
		pairs = append(pairs, prompts.Render(c.lang, "gloss_pair", prompts.Slots{"text": f.Text, "gloss": f.Gloss}))
	}
	if len(pairs) > 0 {
		c.line("gloss", prompts.Slots{"marker": markers([]int{cited.N}), "pairs": strings.Join(pairs, map[string]string{prompts.Chinese: "；", prompts.English: "; "}[c.lang])})
	}
}

// side writes a line that tells a side of a comparison apart.
func (c *composer) side(cited Citation) {
	d := cited.Clause.Document
	if d.Jurisdiction == "" {
		c.line("side_title", prompts.Slots{"title": d.Title, "marker": markers([]int{cited.N})})
		return
	}
	c.line("side", prompts.Slots{"place": d.Jurisdiction, "title": d.Title, "marker": markers([]int{cited.N})})
}

// place writes a line that names a clause, with its heading or, for an item
// without one, the heading that it stands under.
func (c *composer) place(name string, slots prompts.Slots, clause retrieval.Clause) {
	heading := clause.Heading
	if n := len(clause.Parents); heading == "" && n > 0 {
		heading = clause.Parents[n-1]
	}
	if heading != "" {
		name, slots["heading"] = name+"_heading", heading
	}
	c.line(name, slots)
}

// limits are the notices of an answer but for the one that its label is.
func (a Answer) limits() []Notice {
	return slices.DeleteFunc(slices.Clone(a.Notices), func(n Notice) bool { return n.Kind == NoticeAIGenerated })
}

// rewords reports whether a sentence says in other words what a citation quotes.
func (a Answer) rewords(n int) bool {
	return slices.ContainsFunc(a.Sentences, func(s Sentence) bool {
		return a.Mode == ModeGenerative && slices.Contains(s.Citations, n) && !guard.Verbatim(s.Text, a.Citations[n-1])
	})
}

// numbersOf are the numbers of the citations of a clause.
func (a Answer) numbersOf(clause string) []int {
	var out []int
	for _, c := range a.Citations {
		if c.Clause.ID == clause {
			out = append(out, c.N)
		}
	}
	return out
}

func (c *composer) abstention(a Answer) {
	c.because(a)
	c.line("searched", prompts.Slots{"documents": strconv.Itoa(a.Searched.Documents), "clauses": strconv.Itoa(a.Searched.Clauses)})
	if len(a.Nearest) == 0 {
		return
	}
	c.gap()
	c.section = SectionNearest
	c.line("nearest", nil)
	for _, n := range a.Nearest {
		c.place("near", prompts.Slots{"document": c.document(n.Document), "path": n.Path}, n)
	}
	if len(a.Contacts) > 0 {
		c.section = SectionBodies
		c.line("ask_bodies", prompts.Slots{"bodies": c.join(a.Contacts)})
	}
	if c.starred {
		c.line("starred", nil)
	}
}

// because writes why there is no answer.
func (c *composer) because(a Answer) {
	switch {
	case a.Reason == ReasonOtherPlace:
		c.line("none_place", prompts.Slots{"place": c.join(a.Places.Others), "places": c.join(a.Places.Library)})
	case a.Reason == ReasonJudgement:
		c.line("none_judgement", nil)
	case a.Reason == ReasonNoMeasure:
		c.noMeasure(a.Counts)
		c.asks(a)
	case len(a.Missing) > 0:
		c.line("none_document", prompts.Slots{"title": c.titles(a.Missing)})
	case a.Lacking != "":
		c.line("none_"+a.Lacking, nil)
	default:
		c.line("none", nil)
	}
}

// document names a document with its number, dates and period. A star marks
// what only the catalogue says.
func (c *composer) document(d retrieval.Document) string {
	var facts []string
	add := func(field, name string, slots prompts.Slots) {
		facts = append(facts, prompts.Render(c.lang, name, slots)+c.star(d, field))
	}
	if d.Number != "" {
		add("number", "fact_number", prompts.Slots{"number": d.Number})
	}
	if d.IssuedOn != "" {
		name := "fact_issued"
		if d.Kind == retrieval.KindTranscript {
			name = "fact_published"
		}
		add("issued_on", name, prompts.Slots{"date": showDate(d.IssuedOn, c.lang)})
	}
	switch {
	case d.ValidFrom != "" && d.ValidUntil != "":
		add("valid_until", "fact_period", prompts.Slots{"from": showDate(d.ValidFrom, c.lang), "until": showDate(d.ValidUntil, c.lang)})
	case d.ValidUntil != "":
		add("valid_until", "fact_until", prompts.Slots{"until": showDate(d.ValidUntil, c.lang)})
	case d.TargetYear > 0:
		add("target_year", "fact_target", prompts.Slots{"year": strconv.Itoa(d.TargetYear)})
	}
	if d.Jurisdiction != "" {
		add("jurisdiction", "fact_place", prompts.Slots{"place": d.Jurisdiction})
	}
	title := d.Title + c.star(d, "title")
	if len(facts) == 0 {
		return prompts.Render(c.lang, "document", prompts.Slots{"title": title})
	}
	return prompts.Render(c.lang, "document_facts", prompts.Slots{"title": title, "facts": c.commas(facts)})
}

func (c *composer) star(d retrieval.Document, field string) string {
	if d.Facts[field] != retrieval.SourceCatalogue {
		return ""
	}
	c.starred = true
	return "*"
}

// join lists names in the way of the language.
func (c *composer) join(names []string) string {
	if c.lang == prompts.Chinese {
		return strings.Join(names, "、")
	}
	return strings.Join(names, ", ")
}

// titles names documents that the library lacks.
func (c *composer) titles(titles []string) string {
	var out []string
	for _, t := range titles {
		out = append(out, prompts.Render(c.lang, "document", prompts.Slots{"title": t}))
	}
	return c.join(out)
}

func (c *composer) commas(facts []string) string {
	if c.lang == prompts.Chinese {
		return strings.Join(facts, "，")
	}
	return strings.Join(facts, ", ")
}

func markers(numbers []int) string {
	var b strings.Builder
	for _, n := range numbers {
		fmt.Fprintf(&b, "[%d]", n)
	}
	return b.String()
}
