package console

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"policybot/bot"
	"policybot/bot/journal"
	"policybot/retrieval"
)

// questionData is the page of one question: all stages of its way, and its review.
type questionData struct {
	opsData
	ID, Asked, Came, Instant, Channel, Asker string
	State, Outcome, Reason                   string
	Masked                                   []string
	Back, From                               string // address of the log that led here, and its filter
	Answer                                   *answerView
	Steps                                    []traceStep
	Trace                                    *traceView
	Deliveries                               []traceDelivery
	Ratings                                  []ratingView
	Replayed                                 *replayView
	Review                                   reviewView
	Entry                                    entryView
	Golden                                   promoteView
	Queue                                    *queueView

	message bot.Message
	latest  journal.Review // zero where there is none
	names   map[string]string
}

// A traceStep is one thing that happened, with the time since the one before.
type traceStep struct {
	Name, Detail, At, Since string
}

// A traceDelivery is one document on its way out.
type traceDelivery struct {
	Purpose, State, Why, At, Posted string
	Attempts                        int
	Uncertain                       bool
}

// A ratingView is what an asker thought.
type ratingView struct {
	Good             bool
	Reason, Text, At string
}

// A traceView is how an answer came about.
type traceView struct {
	bot.Trace
	Understood []pair
	Sides      []sideView
	Elsewhere  []traceHit
	Found      []traceHit
	Judged     []traceHit
	Offered    []cite
}

// A pair is a name and what it says.
type pair struct{ Name, Value string }

// A sideView is one search.
type sideView struct {
	Concepts []string
	Hits     []traceHit
}

// A traceHit is a clause that was found or judged.
type traceHit struct {
	Name, URL, Score, Vector, Coverage string
	Taught                             *retrieval.TaughtPart
	Cited                              bool
}

// A replayView is an answer concluded once more.
type replayView struct {
	Same           bool
	Differences    []string
	Program        string // that answered then
	Checks         []bot.Check
	Text, TextThen string
	Problem        string // why it cannot be concluded again
}

// opsQuestion reads the question of an address with all that belongs to it.
func (c *Console) opsQuestion(r *http.Request, id string) (*questionData, error) {
	ctx := r.Context()
	e, err := c.Service.Journal.Entry(ctx, id)
	if errors.Is(err, journal.ErrNotFound) {
		return nil, errNotFound
	}
	if err != nil {
		return nil, err
	}
	m, err := c.Service.Message(ctx, id)
	if err != nil {
		return nil, err
	}
	q := e.Question
	f := readFilter(queryOf(r.URL.Query().Get("from")), c.Now()) // that the page leads back to
	p := &questionData{
		opsData: c.opsPage(r, "log"), ID: q.ID, Asked: q.Text, Channel: q.Channel, Asker: q.User, State: string(q.State),
		Outcome: q.Outcome, Reason: q.Reason, Masked: q.Masked, Back: "/ops/log?" + f.Encode(), From: f.Encode(), message: m,
	}
	p.Came, p.Instant = p.Time(q.AcceptedAt), p.Machine(q.AcceptedAt)
	p.steps(e)
	if m.Answer != nil {
		p.Answer = p.answerSeen(m)
	}
	if err := p.trace(ctx, c, q.Record); err != nil {
		return nil, err
	}
	return p, p.reviews(ctx, c)
}

// answerSeen is an answer as its asker saw it, with nothing to press but its clauses.
func (v View) answerSeen(m bot.Message) *answerView {
	a := v.answerView(m, "")
	a.Person = false
	if a.Next != nil {
		a.Why = append([]string{a.Next.Text}, a.Why...)
		a.Next = nil
	}
	return &a
}

// steps takes over what happened, what was sent and what askers thought.
func (p *questionData) steps(e journal.Entry) {
	var before time.Time
	for _, s := range e.Steps {
		one := traceStep{Name: p.Named("ops.step", s.Name), At: s.At.Local().Format("2006-01-02 15:04:05.000")}
		if !before.IsZero() {
			one.Since = s.At.Sub(before).Round(time.Millisecond).String()
		}
		if before = s.At; len(s.Detail) > 0 {
			one.Detail = detailOf(s.Detail)
		}
		p.Steps = append(p.Steps, one)
	}
	for _, d := range e.Deliveries {
		p.Deliveries = append(p.Deliveries, traceDelivery{string(d.Purpose), string(d.State), d.Why, p.Time(d.CreatedAt), p.Time(d.PostedAt), d.Attempts, d.Uncertain})
	}
	for _, one := range e.Ratings {
		p.Ratings = append(p.Ratings, ratingView{one.Good, one.Reason, one.Text, p.Time(one.At)})
	}
}

// detailOf is the detail of a step as people read it: a text without quotation marks, anything else as JSON.
func detailOf(detail json.RawMessage) string {
	var text string
	if json.Unmarshal(detail, &text) == nil {
		return text
	}
	return string(detail)
}

// trace takes over how the answer came about.
func (p *questionData) trace(ctx context.Context, c *Console, record json.RawMessage) error {
	t, err := bot.TraceOf(record)
	if errors.Is(err, bot.ErrNoTrace) {
		return nil
	}
	if err != nil {
		return err
	}
	view := &traceView{Trace: t}
	if err := c.taughtWords(ctx, t); err != nil {
		return err
	}
	var ids []string
	for _, list := range t.Sides {
		ids = append(ids, hitIDs(list.Hits)...)
	}
	ids = append(append(append(ids, hitIDs(t.Elsewhere)...), hitIDs(t.Found)...), t.Offered...)
	for _, v := range t.Verdicts {
		ids = append(ids, v.Clause)
	}
	if p.names, err = c.clauseNames(ctx, ids); err != nil {
		return err
	}
	for _, side := range t.Sides {
		one := sideView{Hits: p.hits(side.Hits)}
		for _, k := range side.Concepts {
			one.Concepts = append(one.Concepts, k.Text)
		}
		view.Sides = append(view.Sides, one)
	}
	view.Elsewhere, view.Found = p.hits(t.Elsewhere), p.hits(t.Found)
	for _, v := range t.Verdicts {
		view.Judged = append(view.Judged, traceHit{
			Name: cmp.Or(p.names[v.Clause], v.Clause), URL: clauseURL(v.Clause, 0, 0), Score: number(v.Score), Coverage: percent(int(1000*v.Coverage), 1000), Cited: v.Cited,
		})
	}
	for _, id := range t.Offered {
		view.Offered = append(view.Offered, cite{URL: clauseURL(id, 0, 0), Title: cmp.Or(p.names[id], id)})
	}
	view.Understood = p.understood(t)
	p.Trace = view
	return nil
}

// taughtWords gives the index entries of a trace their words, which the library has as long as the entry is there.
func (c *Console) taughtWords(ctx context.Context, t bot.Trace) error {
	var held []retrieval.Taught
	for _, hits := range append([][]bot.TraceHit{t.Elsewhere, t.Found}, hitsOf(t.Sides)...) {
		for _, h := range hits {
			if h.Taught == nil {
				continue
			}
			if held == nil {
				var err error
				if held, err = c.Library.Taught(ctx, ""); err != nil {
					return err
				}
			}
			h.Taught.Question = h.Taught.Entry
			if i := slices.IndexFunc(held, func(e retrieval.Taught) bool { return e.ID == h.Taught.Entry }); i >= 0 {
				h.Taught.Question = held[i].Question
			}
		}
	}
	return nil
}

func hitsOf(sides []bot.TraceSide) [][]bot.TraceHit {
	var out [][]bot.TraceHit
	for _, side := range sides {
		out = append(out, side.Hits)
	}
	return out
}

func hitIDs(hits []bot.TraceHit) []string {
	var out []string
	for _, h := range hits {
		out = append(out, h.Clause)
	}
	return out
}

// mostTraced is how many hits of a search are shown.
const mostTraced = 20

func (p *questionData) hits(list []bot.TraceHit) []traceHit {
	var out []traceHit
	for _, h := range list[:min(len(list), mostTraced)] {
		one := traceHit{Name: cmp.Or(p.names[h.Clause], h.Clause), URL: clauseURL(h.Clause, 0, 0), Score: number(h.Score), Taught: h.Taught}
		if h.Vector != 0 {
			one.Vector = number(h.Vector)
		}
		out = append(out, one)
	}
	return out
}

func number(x float64) string { return strconv.FormatFloat(x, 'f', 2, 64) }

// understood is how a question was read.
func (p *questionData) understood(t bot.Trace) []pair {
	u := t.Understanding
	if u == nil {
		return nil
	}
	var intents, places, docs []string
	for _, i := range u.Intents {
		intents = append(intents, string(i))
	}
	for _, one := range u.Places {
		places = append(places, one.Name)
	}
	for _, one := range u.Documents {
		docs = append(docs, one.ID)
	}
	named := make([]string, 0, len(t.Named))
	for _, n := range t.Named {
		named = append(named, n.Title)
	}
	var out []pair
	for _, one := range []pair{
		{"folded", u.Folded},
		{"language", u.Lang},
		{"asked_for", strings.Join(intents, "、")},
		{"places", strings.Join(places, "、")},
		{"documents", strings.Join(docs, "、")},
		{"missing", strings.Join(u.Missing, "、")},
		{"parts", strings.Join(u.Parts, " / ")},
		{"inherited", strings.Join(u.Inherited, "、")},
		{"removed", strings.Join(u.Removed, "、")},
		{"day", t.Day},
		{"query", u.Query.Text},
		{"model_words", strings.Join(t.Words, " ")},
		{"named", strings.Join(named, "、")},
	} {
		if one.Value != "" {
			out = append(out, pair{p.T("ops.read." + one.Name), one.Value})
		}
	}
	return out
}

// questionPage shows one question.
func (c *Console) questionPage(w http.ResponseWriter, r *http.Request) error {
	p, err := c.opsQuestion(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	if n, err := strconv.Atoi(r.URL.Query().Get("was")); err == nil && n >= 0 && n <= 1000 {
		p.Entry.Was, p.Entry.WasKnown = n, true
	}
	return c.showQuestion(w, r, http.StatusOK, p)
}

// showQuestion shows the page of a question with what was read and entered.
func (c *Console) showQuestion(w http.ResponseWriter, r *http.Request, status int, p *questionData) error {
	if err := p.entry(r.Context(), c); err != nil {
		return err
	}
	if err := p.promotion(r.Context(), c); err != nil {
		return err
	}
	return c.show(w, r, status, "opsquestion", p)
}

// replay concludes the answer once more from what is stored, and shows what differs.
func (c *Console) replay(w http.ResponseWriter, r *http.Request) error {
	p, err := c.opsQuestion(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	p.Replayed = &replayView{}
	versions, ok := c.Store.(bot.Versions)
	if !ok {
		p.Replayed.Problem = p.T("ops.replay_none")
		return c.showQuestion(w, r, http.StatusOK, p)
	}
	got, err := bot.Replay(r.Context(), p.message.Record, p.message.Question.Answer, versions)
	switch {
	case err != nil && r.Context().Err() != nil:
		return err
	case err != nil:
		c.Log.Info("an answer cannot be concluded again", "id", p.ID, "error", err)
		p.Replayed.Problem = p.T("ops.replay_none")
	default:
		p.Replayed = &replayView{
			Same: len(got.Differences) == 0 && bot.Verified(got.Checks), Differences: got.Differences, Program: got.Program, Checks: got.Checks, Text: got.Answer.Text,
		}
		if slices.Contains(got.Differences, "text") && p.message.Answer != nil {
			p.Replayed.TextThen = p.message.Answer.Text
		}
	}
	return c.showQuestion(w, r, http.StatusOK, p)
}
