package fakemodel

import (
	"cmp"
	"context"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"policybot/bot/model"
	"policybot/retrieval/analysis"
	"policybot/retrieval/sentence"
)

// Honest is a fake that answers as a good model would: with one or two true
// sentences in other words than those of the clauses, each with the whole sentence
// that says so, copied; or with none when nothing has a word of the question. It
// keeps no state: the same request gives the same reply.
//
// In the language of the clause it rewords (see words.txt); in the other one it says
// what it can from terms.txt and figures, and copies the sentence where that is
// nothing. A repaired sentence is its quote. Requests that are no prompts fail with
// model.Refused.
type Honest struct {
	// Free also exchanges words of force and comparators that say the same (力争 争取,
	// at least, no less than), which the prompts ask a model to leave alone.
	Free bool
}

// Name implements model.Model.
func (h Honest) Name() string { return "fake-honest" }

// Stream implements model.Model.
func (h Honest) Stream(ctx context.Context, r model.Request, pass func(string) error) (model.Usage, error) {
	c := begin(ctx, h.Name(), r, pass)
	if err := c.alive(); err != nil {
		return c.end(err)
	}
	p, err := Parse(r)
	if err != nil {
		return c.end(c.fail(model.Refused, err.Error()))
	}
	return c.end(c.sendAll(h.reply(r.Task, &p), 16))
}

func (h Honest) reply(task string, p *Prompt) string {
	switch task {
	case model.Rewrite:
		return object(map[string][]string{"words": searchWords(p.Question)}) + "\n"
	case model.Rerank:
		return object(map[string][]string{"order": order(p)}) + "\n"
	case model.Repair:
		return reply(repaired(p))
	case model.Draft:
		if len(p.Said) > 0 {
			return reply(drafted(p))
		}
	}
	return reply(h.answer(p))
}

// A pick is a sentence of a clause, as it stands there.
type pick struct {
	c     Clause
	text  string
	score float64
}

// Answer lines: the best sentence, and a second that is nearly as good.
func (h Honest) answer(p *Prompt) []Line {
	var out []Line
	for _, k := range choose(p) {
		said := h.say(p.Language, k)
		out = append(out, Line{Sentence: said, Quotes: []Quote{{k.c.Handle, k.text}}})
	}
	return out
}

func (h Honest) say(lang string, k pick) string {
	if language(k.text) != lang {
		if said := translate(lang, k); said != "" {
			return said
		}
		return k.text
	}
	if lang == "zh" {
		return h.rewordZh(k)
	}
	return h.rewordEn(k)
}

var (
	bracketed = regexp.MustCompile(`^[（(][^）)]*[)）]$`)
	asksWho   = regexp.MustCompile(`(?i)谁|哪个部门|哪些部门|哪个单位|哪些单位|责任单位|负责|牵头|主管|\bwho\b|which (department|body|bodies)|responsible`)
	asksAll   = regexp.MustCompile(`^[（(](?:责任|牵头|配合|主责)(?:单位|部门)[:：]`)
)

// choose returns one or two sentences, the best first; none where no sentence has
// anything of the question. When all clauses are in the other language it takes the
// beginning of the first.
func choose(p *Prompt) []pick {
	all := sentences(p)
	score(all, p.Question)
	same := slices.DeleteFunc(slices.Clone(all), func(k pick) bool {
		return k.score == 0 || language(k.text) != p.Language || bracketed.MatchString(k.text)
	})
	if len(same) == 0 {
		other := slices.DeleteFunc(all, func(k pick) bool {
			return language(k.text) == p.Language || bracketed.MatchString(k.text)
		})
		return other[:min(1, len(other))]
	}
	slices.SortStableFunc(same, func(a, b pick) int { return cmp.Compare(b.score, a.score) })
	out := same[:1]
	if asksWho.MatchString(p.Question) {
		for _, k := range all {
			if k.c.Handle == out[0].c.Handle && asksAll.MatchString(k.text) && p.Language == "zh" {
				return append(out[:1:1], k)
			}
		}
	}
	if len(same) > 1 && same[1].score >= 0.7*same[0].score {
		out = same[:2]
	}
	return out
}

// sentences lists the sentences that say something by themselves: no headings, no
// beginnings of lists.
func sentences(p *Prompt) []pick {
	var out []pick
	for _, c := range p.Clauses {
		for _, at := range sentence.Split(c.Text) {
			text := c.Text[at.Start:at.End]
			n := utf8.RuneCountInString(text)
			if n < 8 || n > 600 || n <= 20 && markZh.MatchString(text) || strings.HasSuffix(text, "：") || strings.HasSuffix(text, ":") {
				continue
			}
			out = append(out, pick{c: c, text: text})
		}
	}
	return out
}

// score rates sentences by the pairs of characters and the words that they share
// with the question: the rarer among the sentences, the more each counts.
func score(all []pick, question string) {
	asked := keys(question)
	in := make([]map[uint64]bool, len(all))
	often := map[uint64]int{}
	for i, k := range all {
		in[i] = keys(k.text)
		for key := range in[i] {
			often[key]++
		}
	}
	for i := range all {
		for key := range in[i] {
			if asked[key] {
				all[i].score += math.Log(1 + float64(len(all))/float64(often[key]))
			}
		}
	}
	for i := range all { // sums of a map's order differ in their last bits
		all[i].score = math.Round(all[i].score*1e6) / 1e6
	}
}

// keys are the pairs of Chinese characters and the words of s, without the most
// usual words of English.
func keys(s string) map[uint64]bool {
	out := map[uint64]bool{}
	for _, t := range analysis.Append(nil, s) {
		if analysis.KindOf(t.Key) != analysis.Unigram && !idle[strings.ToLower(s[t.Start:t.End])] {
			out[t.Key] = true
		}
	}
	return out
}

var idle = set(strings.Fields(`a an the of to in on at by for and or is are be do does did what which who how when where
	there this that it its can could may will would shall should with from as have has any we our you your i my 什么 哪些 有哪 是否 怎么 如何 多少 可以`))

func set(words []string) map[string]bool {
	out := map[string]bool{}
	for _, w := range words {
		out[w] = true
	}
	return out
}

// order lists all handles, the clause that shares most with the question first.
func order(p *Prompt) []string {
	all := make([]pick, len(p.Clauses))
	for i, c := range p.Clauses {
		all[i] = pick{c: c, text: c.Under + "\n" + c.Text}
	}
	score(all, p.Question)
	slices.SortStableFunc(all, func(a, b pick) int { return cmp.Compare(b.score, a.score) })
	out := []string{}
	for _, k := range all {
		out = append(out, k.c.Handle)
	}
	return out
}

// found returns the quotes that stand in a clause of the prompt, each with the
// handle of a clause that has it.
func (p *Prompt) found(quotes []Quote) []Quote {
	var out []Quote
	for _, q := range quotes {
		if q.Quote == "" {
			continue
		}
		if strings.Contains(p.clause(q.Clause).Text, q.Quote) {
			out = append(out, q)
			continue
		}
		for _, c := range p.Clauses {
			if strings.Contains(c.Text, q.Quote) {
				out = append(out, Quote{c.Handle, q.Quote})
				break
			}
		}
	}
	return out
}

// repaired says each sentence once more as its first quote has it; one whose quotes
// stand nowhere is left out.
func repaired(p *Prompt) []Line {
	var out []Line
	for _, s := range p.Said {
		if quotes := p.found(s.Quotes); len(quotes) > 0 {
			out = append(out, Line{Sentence: quotes[0].Quote, Quotes: quotes[:1]})
		}
	}
	return out
}

// drafted says each sentence in the tone of a letter.
func drafted(p *Prompt) []Line {
	var out []Line
	for _, s := range p.Said {
		quotes := p.found(s.Quotes)
		if len(quotes) == 0 {
			continue
		}
		said := "经查阅，" + s.Sentence
		if p.Language == "en" {
			said = "We have looked this up and state: " + s.Sentence
		}
		out = append(out, Line{Sentence: said, Quotes: quotes})
	}
	return out
}

var fillers = regexp.MustCompile(`[\s，,。？?！!、；;：:（）()“”"'《》]+|请问|什么|哪些|哪个|怎么样|怎么|如何|是否|多少|有没有|可以|能不能|我们|我想|一下|关于|吗|呢|的|是|有`)

// searchWords are the words of a question, with what terms.txt has for them in the
// other language: at most 8, and at least one unless the question is blank.
func searchWords(question string) []string {
	out := []string{}
	add := func(w string) {
		if w = strings.TrimSpace(w); w != "" && len(out) < 8 && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	if language(question) == "zh" {
		for _, w := range fillers.Split(question, -1) {
			if n := utf8.RuneCountInString(w); n >= 2 && n <= 12 && len(out) < 5 {
				add(w)
			}
		}
	} else {
		for w := range strings.FieldsFuncSeq(question, func(r rune) bool { return strings.ContainsRune(" \t\n,.;:?!()\"“”", r) }) {
			if !idle[strings.ToLower(w)] && utf8.RuneCountInString(w) <= 30 && len(out) < 5 {
				add(w)
			}
		}
	}
	lower := strings.ToLower(question)
	for _, t := range terms["terms"] {
		switch {
		case strings.Contains(question, t.from):
			add(t.to)
		case strings.Contains(lower, t.to):
			add(t.from)
		}
	}
	if len(out) == 0 {
		add(string([]rune(strings.TrimSpace(question))[:min(12, utf8.RuneCountInString(strings.TrimSpace(question)))]))
	}
	return out
}
