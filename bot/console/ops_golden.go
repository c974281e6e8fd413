package console

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"policybot/bot"
	"policybot/bot/accounts"
	"policybot/bot/erasure"
	"policybot/bot/eval"
	"policybot/bot/export"
	"policybot/bot/journal"
	"policybot/retrieval"
)

// goldenKind is the kind of the attachments that hold the golden questions of this installation. They lie with the
// library, so that a backup of the texts has the questions that are judged against them, and several processes
// see the same.
const goldenKind = erasure.GoldenKind

// A goldenQuestion is a question that people have judged, to be asked again and again.
type goldenQuestion struct {
	Question eval.Question `json:"question"`
	From     string        `json:"from"` // id of the question in the log
	By       string        `json:"by"`
	At       time.Time     `json:"at"`
}

// expectations are what a golden question may expect.
var expectations = []string{eval.ExpectAnswer, eval.ExpectCaveat, eval.ExpectExpired, eval.ExpectClarify, eval.ExpectAbstain}

// goldenList reads the golden questions, oldest first.
func (c *Console) goldenList(ctx context.Context) ([]goldenQuestion, error) {
	if c.Store == nil {
		return nil, nil
	}
	list, err := c.Store.Attachments(ctx, goldenKind)
	if err != nil {
		return nil, err
	}
	var out []goldenQuestion
	for _, a := range list {
		var g goldenQuestion
		if err := json.Unmarshal(a.Data, &g); err != nil {
			return nil, fmt.Errorf("golden question %s: %w", a.ID, err)
		}
		out = append(out, g)
	}
	slices.SortStableFunc(out, func(a, b goldenQuestion) int { return a.At.Compare(b.At) })
	return out, nil
}

// goldenSet are the golden questions as the evaluation takes them.
func (c *Console) goldenSet(ctx context.Context) ([]eval.Question, error) {
	list, err := c.goldenList(ctx)
	var out []eval.Question
	for _, g := range list {
		out = append(out, g.Question)
	}
	return out, err
}

// putGolden keeps a golden question. It must be one that the evaluation reads.
func (c *Console) putGolden(ctx context.Context, g goldenQuestion) error {
	line, err := json.Marshal(g.Question)
	if err != nil {
		return err
	}
	if _, err := eval.ReadQuestions(bytes.NewReader(line)); err != nil {
		return fmt.Errorf("golden question: %w", err)
	}
	data, err := json.Marshal(g)
	if err != nil {
		return err
	}
	return c.Store.PutAttachments(ctx, retrieval.Attachment{Kind: goldenKind, ID: g.Question.ID, Data: data})
}

// A promoteView is the form that makes a reviewed question a golden one.
type promoteView struct {
	Can     bool // there is a review and a place to keep it
	Held    bool // it is one
	Expect  string
	Expects []string
	Clauses []promoteClause
}

// A promoteClause is a clause that may be the right one.
type promoteClause struct {
	cite
	ID     string
	Picked bool
}

// promotion takes over what of a question would be golden.
func (p *questionData) promotion(ctx context.Context, c *Console) error {
	g := &p.Golden
	g.Expects, g.Can = expectations, c.Store != nil && p.latest.N > 0 && p.Asked != ""
	if !g.Can {
		return nil
	}
	list, err := c.goldenList(ctx)
	if err != nil {
		return err
	}
	g.Held = slices.ContainsFunc(list, func(o goldenQuestion) bool { return o.From == p.ID })
	g.Expect = map[journal.Verdict]string{journal.ShouldAbstain: eval.ExpectAbstain, journal.Outdated: eval.ExpectExpired}[p.latest.Verdict]
	if g.Expect == "" {
		g.Expect = eval.ExpectAnswer
		if p.latest.Verdict == journal.Right && p.Outcome == bot.Abstained {
			g.Expect = eval.ExpectAbstain
		}
	}
	ids := p.cited()
	if id := p.latest.Clause; id != "" && !slices.Contains(ids, id) {
		ids = append(ids, id)
	}
	names, err := c.clauseNames(ctx, slices.Clone(ids))
	if err != nil {
		return err
	}
	for _, id := range ids {
		if names[id] == "" {
			continue
		}
		picked := g.Expect != eval.ExpectAbstain && (id == p.latest.Clause || p.latest.Clause == "" && p.latest.Verdict == journal.Right)
		g.Clauses = append(g.Clauses, promoteClause{cite{URL: clauseURL(id, 0, 0), Title: names[id]}, id, picked})
	}
	return nil
}

// cited are the ids of the clauses that the answer cites.
func (p *questionData) cited() []string {
	var ids []string
	if p.message.Answer != nil {
		for _, k := range p.message.Answer.Citations {
			if !slices.Contains(ids, k.Clause.ID) {
				ids = append(ids, k.Clause.ID)
			}
		}
	}
	return ids
}

// promote makes a reviewed question a golden one.
func (c *Console) promote(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	p, err := c.opsQuestion(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	expect := r.PostForm.Get("expect")
	if c.Store == nil || p.latest.N == 0 || p.Asked == "" || !slices.Contains(expectations, expect) {
		return problem(http.StatusUnprocessableEntity, "ops.golden_unreviewed")
	}
	q := eval.Question{
		ID: erasure.GoldenPrefix + p.ID, Lang: eval.LangChinese, Type: "reviewed", Text: p.Asked, Expect: expect, AllRequired: r.PostForm.Get("all") == journal.Yes,
		Gold: []eval.Gold{}, Points: []string{}, MustNot: []string{},
	}
	if p.message.Answer != nil && p.message.Answer.Lang == english {
		q.Lang = eval.LangEnglish
	}
	for _, turn := range p.message.History {
		q.History = append(q.History, bot.Turn(turn))
	}
	golds, err := c.golds(r.Context(), r.PostForm["gold"])
	if err != nil {
		return err
	}
	expecting(&q, golds, expect)
	if len(q.Gold) == 0 && expect != eval.ExpectAbstain && expect != eval.ExpectClarify {
		p.Wrong = p.T("ops.golden_no_clause")
		return c.showQuestion(w, r, http.StatusUnprocessableEntity, p)
	}
	if err := c.storeGolden(r, didAddGolden, goldenQuestion{q, p.ID, by(r).Name, c.moment()}); err != nil {
		return err
	}
	return seeOther(w, r, p.url("golden_added")+"#golden")
}

// storeGolden keeps a golden question, unless it is there as it is.
func (c *Console) storeGolden(r *http.Request, does string, g goldenQuestion) error {
	list, err := c.goldenList(r.Context())
	if err != nil {
		return err
	}
	now, err := json.Marshal(g.Question)
	if err != nil {
		return err
	}
	for _, held := range list {
		if was, err := json.Marshal(held.Question); err != nil || held.Question.ID == g.Question.ID && bytes.Equal(was, now) {
			return err
		}
	}
	return c.change(r, does, g.Question.ID, accounts.Facts("expect", g.Question.Expect), func(ctx context.Context) error {
		return c.putGolden(ctx, g)
	})
}

// expecting sets what a question expects: where no answer is, its clauses are only worth showing.
func expecting(q *eval.Question, golds []eval.Gold, expect string) {
	q.Expect, q.Gold, q.Related = expect, golds, nil
	if expect == eval.ExpectAbstain {
		q.Gold, q.Related, q.AllRequired = []eval.Gold{}, golds, false
	}
}

// golds are clauses as a golden question names them, by words of theirs that stand nowhere else in their document.
func (c *Console) golds(ctx context.Context, ids []string) ([]eval.Gold, error) {
	found, err := c.Library.Lookup(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := []eval.Gold{}
	for _, k := range found {
		all, err := c.Library.Clauses(ctx, k.Document.ID)
		if err != nil {
			return nil, err
		}
		quote := ownWords(k, all)
		if quote == "" {
			return nil, problem(http.StatusUnprocessableEntity, "ops.golden_quote", clauseName(k))
		}
		out = append(out, eval.Gold{File: k.Document.Source, Quote: quote, Clause: k.Path})
	}
	return out, nil
}

// Lengths of the words that name a clause, in characters.
const (
	leastQuote = 12
	mostQuote  = 60
)

// ownWords are words of a clause that no other clause of its document has, nor it twice; "" where there are none.
func ownWords(k retrieval.Clause, all []retrieval.Clause) string {
	var rest strings.Builder
	for _, o := range all {
		rest.WriteString(eval.Norm(o.Text))
		rest.WriteByte('\n')
	}
	text := rest.String()
	var candidates []string
	for _, line := range splitLines(k.Text) {
		for _, part := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune("。；;！？", r) }) {
			runes := []rune(strings.TrimSpace(part))
			candidates = append(candidates, strings.TrimSpace(string(runes[:min(len(runes), mostQuote)])))
		}
	}
	slices.SortStableFunc(candidates, func(a, b string) int {
		short := func(s string) int { return min(utf8.RuneCountInString(s), leastQuote) }
		return cmp.Compare(short(b), short(a))
	})
	for _, quote := range candidates {
		if norm := eval.Norm(quote); norm != "" && strings.Count(text, norm) == 1 {
			return quote
		}
	}
	return ""
}

// goldenData is the page of the golden set.
type goldenData struct {
	opsData
	Lines   []goldenLine
	Can     bool
	Expects []string
	Job     jobView
	Run     *runView
}

// A goldenLine is a golden question.
type goldenLine struct {
	goldenQuestion
	URL, When string
}

// goldenPage lists the golden set with its last run.
func (c *Console) goldenPage(w http.ResponseWriter, r *http.Request) error {
	page := goldenData{opsData: c.opsPage(r, "golden"), Can: c.Store != nil, Expects: expectations, Job: c.golden.view()}
	list, err := c.goldenList(r.Context())
	if err != nil {
		return err
	}
	for _, g := range list {
		page.Lines = append(page.Lines, goldenLine{g, questionURL(g.From, ""), page.Time(g.At)})
	}
	if page.Run, err = c.lastRun(r.Context(), page.View); err != nil {
		return err
	}
	return c.show(w, r, http.StatusOK, "opsgolden", page)
}

// goldenOne finds a golden question of an address.
func (c *Console) goldenOne(w http.ResponseWriter, r *http.Request) (goldenQuestion, error) {
	if err := readForm(w, r); err != nil {
		return goldenQuestion{}, err
	}
	list, err := c.goldenList(r.Context())
	if err != nil {
		return goldenQuestion{}, err
	}
	i := slices.IndexFunc(list, func(g goldenQuestion) bool { return g.Question.ID == r.PathValue("id") })
	if i < 0 {
		return goldenQuestion{}, errNotFound
	}
	return list[i], nil
}

// changeGolden sets what a golden question expects.
func (c *Console) changeGolden(w http.ResponseWriter, r *http.Request) error {
	g, err := c.goldenOne(w, r)
	if err != nil {
		return err
	}
	expect := r.PostForm.Get("expect")
	if !slices.Contains(expectations, expect) {
		return problem(http.StatusBadRequest, "error.form")
	}
	g.Question.AllRequired = r.PostForm.Get("all") == journal.Yes
	expecting(&g.Question, slices.Concat(g.Question.Gold, g.Question.Related), expect)
	if err := c.storeGolden(r, didChangeGolden, g); err != nil {
		return err
	}
	return seeOther(w, r, "/ops/golden?done=golden_changed")
}

// removeGolden takes a question out of the golden set.
func (c *Console) removeGolden(w http.ResponseWriter, r *http.Request) error {
	g, err := c.goldenOne(w, r)
	if err != nil {
		return err
	}
	err = c.change(r, didRemoveGolden, g.Question.ID, "", func(ctx context.Context) error {
		return c.Store.PutAttachments(ctx, retrieval.Attachment{Kind: goldenKind, ID: g.Question.ID})
	})
	if err != nil {
		return err
	}
	return seeOther(w, r, "/ops/golden?done=golden_removed")
}

// exportGolden writes the golden set as lines of JSON, which the command that evaluates answers reads.
func (c *Console) exportGolden(w http.ResponseWriter, r *http.Request) error {
	list, err := c.goldenSet(r.Context())
	if err != nil {
		return err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for _, q := range list {
		if err := e.Encode(q); err != nil {
			return err
		}
	}
	if err := c.record(r, didExportGolden, "golden", accounts.Facts("count", strconv.Itoa(len(list)))); err != nil {
		return err
	}
	attach(w, export.JSONL.MediaType(), "policybot-golden-"+c.Now().Local().Format(time.DateOnly)+".jsonl")
	_, _ = w.Write(b.Bytes()) // the reader went away
	return nil
}
