package console

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"policybot/bot"
	"policybot/bot/accounts"
	"policybot/bot/journal"
)

// A reviewView is the review of a question: the form, and what was found before.
type reviewView struct {
	Latest    int // N of the review that counts
	Base      int
	Verdicts  []string
	Verdict   string
	Clause    string
	Name      string // of the clause
	Text      string
	Note      string
	Find      string
	Hits      []hitView
	Searched  bool
	Numbered  []source // clauses that [n] in Text means
	Sentences []scoredSentence
	Scores    []string
	Checked   *reviewChecked
	Earlier   []earlierReview
	Conflict  *earlierReview // that was saved meanwhile
}

// A scoredSentence is a sentence of the answer with its score.
type scoredSentence struct {
	N     int
	Text  string
	Score string
}

// A reviewChecked is what plain code finds in a corrected text.
type reviewChecked struct {
	Sendable  bool
	Sentences []reviewSentence
	Missing   []string
}

// A reviewSentence is one sentence of it.
type reviewSentence struct {
	Text, State string
	Problems    []string
}

// An earlierReview is a review as it was saved.
type earlierReview struct {
	N                           int
	By, At, Verdict, Text, Note string
	Clause                      cite
	Scores                      []pair
	Entry                       string
}

// reviews takes over the reviews of a question, and begins the form with the latest.
func (p *questionData) reviews(ctx context.Context, c *Console) error {
	list, err := c.Service.Journal.Reviews(ctx, p.ID)
	if err != nil {
		return err
	}
	p.Review.Verdicts, p.Review.Scores = texts(journal.Verdicts()), texts(journal.Scores())
	var ids []string
	for _, one := range list {
		if one.Clause != "" {
			ids = append(ids, one.Clause)
		}
	}
	names, err := c.clauseNames(ctx, ids)
	if err != nil {
		return err
	}
	for _, one := range list {
		p.Review.Earlier = append(p.Review.Earlier, p.earlier(one, names))
		p.latest = one
	}
	p.Review.Latest = p.latest.N
	form := url.Values{"verdict": {string(p.latest.Verdict)}, "clause": {p.latest.Clause}, "text": {p.latest.Text}, "note": {p.latest.Note}, "base": {strconv.Itoa(p.latest.N)}}
	for n, score := range p.latest.Scores {
		form.Set("score"+strconv.Itoa(n), string(score))
	}
	return p.enter(ctx, c, form)
}

// earlier is a review for reading.
func (p *questionData) earlier(r journal.Review, names map[string]string) earlierReview {
	out := earlierReview{N: r.N, By: r.By, At: p.Time(r.At), Verdict: string(r.Verdict), Text: r.Text, Note: r.Note, Entry: r.Entry}
	if r.Clause != "" {
		out.Clause = cite{URL: clauseURL(r.Clause, 0, 0), Title: cmp.Or(names[r.Clause], r.Clause)}
	}
	for _, s := range p.answerSentences() {
		if score := r.Scores[s.N]; score != "" {
			out.Scores = append(out.Scores, pair{s.Text, string(score)})
		}
	}
	return out
}

// answerSentences are the sentences of the answer, by number from 0.
func (p *questionData) answerSentences() []scoredSentence {
	var out []scoredSentence
	if p.message.Answer != nil {
		for n, s := range p.message.Answer.Sentences {
			out = append(out, scoredSentence{N: n, Text: s.Text})
		}
	}
	return out
}

// enter puts what a form says into the form of the page.
func (p *questionData) enter(ctx context.Context, c *Console, form url.Values) error {
	v := &p.Review
	v.Base, _ = strconv.Atoi(form.Get("base")) // what is no number is on top of nothing
	v.Verdict, v.Clause, v.Text, v.Note = form.Get("verdict"), strings.TrimSpace(form.Get("clause")), strings.TrimSpace(form.Get("text")), strings.TrimSpace(form.Get("note"))
	v.Find = strings.TrimSpace(form.Get("find"))
	v.Sentences = p.answerSentences()
	for i := range v.Sentences {
		v.Sentences[i].Score = form.Get("score" + strconv.Itoa(i))
	}
	held, err := c.clausesOf(ctx, p.backing())
	if err != nil {
		return err
	}
	v.Numbered, v.Name = nil, ""
	for i, id := range p.backing() {
		one := source{N: i + 1, Clause: clauseLine{ID: id, Path: id, URL: clauseURL(id, 0, 0)}, URL: clauseURL(id, 0, 0)}
		if k, ok := held[id]; ok {
			one.Clause = p.clauseLine(k)
		}
		v.Numbered = append(v.Numbered, one)
	}
	if k, ok := held[v.Clause]; ok {
		v.Name = clauseName(k)
	}
	return nil
}

// backing are the clauses that [n] in a corrected text means: those of the answer, and then the right one.
func (p *questionData) backing() []string {
	var out []string
	if p.message.Answer != nil {
		for _, k := range p.message.Answer.Citations {
			out = append(out, k.Clause.ID)
		}
	}
	if id := p.Review.Clause; id != "" && !slices.Contains(out, id) {
		out = append(out, id)
	}
	return out
}

// Limits of a review.
const (
	mostPicked     = 12    // clauses that a search offers
	mostReviewNote = 4_000 // characters
)

// review keeps a review, looks for the right clause, or checks the corrected text: as the button says.
func (c *Console) review(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	p, err := c.opsQuestion(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	form := r.PostForm
	p.queueOf(form.Get("queue"))
	if err := p.enter(r.Context(), c, form); err != nil {
		return err
	}
	switch form.Get("do") {
	case "find":
		if err := p.find(r.Context(), c); err != nil {
			return err
		}
		return c.showQuestion(w, r, http.StatusOK, p)
	case "check":
		if err := p.check(r.Context(), c); err != nil {
			return err
		}
		return c.showQuestion(w, r, http.StatusOK, p)
	}
	return c.saveReview(w, r, p)
}

// find looks for clauses to pick the right one from.
func (p *questionData) find(ctx context.Context, c *Console) error {
	text := cmp.Or(p.Review.Find, p.Asked)
	found, err := c.search(ctx, p.View, text, mostPicked)
	if err != nil {
		return err
	}
	p.Review.Find, p.Review.Searched, p.Review.Hits = text, true, p.hitViews(found.Hits)
	return nil
}

// check checks the corrected text; without one there is nothing to say.
func (p *questionData) check(ctx context.Context, c *Console) error {
	if p.Review.Text == "" {
		return nil
	}
	reply := bot.Reply{Text: p.Review.Text, Clauses: p.backing(), Question: p.Asked, Lang: p.Lang}
	checked, err := c.Desk.CheckReply(ctx, reply)
	if errors.Is(err, bot.ErrReplyTooLong) {
		p.Wrong = p.T("ops.text_long")
		return nil
	}
	if err != nil {
		return err
	}
	out := &reviewChecked{Sendable: checked.Sendable}
	for _, s := range checked.Sentences {
		line := reviewSentence{Text: s.Text, State: string(s.State)}
		for _, one := range s.Problems {
			line.Problems = append(line.Problems, one.Message)
		}
		out.Sentences = append(out.Sentences, line)
	}
	for _, m := range checked.Missing {
		out.Missing = append(out.Missing, m.Message)
	}
	p.Review.Checked = out
	return nil
}

// saveReview keeps what the form says on top of the review that its writer saw.
func (c *Console) saveReview(w http.ResponseWriter, r *http.Request, p *questionData) error {
	v := p.Review
	if v.Clause != "" && v.Name == "" && v.Clause != p.latest.Clause {
		p.Wrong = p.T("error.no_clause")
		return c.showQuestion(w, r, http.StatusUnprocessableEntity, p)
	}
	if len([]rune(v.Note)) > mostReviewNote || len([]rune(v.Text)) > bot.MaxReply {
		p.Wrong = p.T("ops.text_long")
		return c.showQuestion(w, r, http.StatusUnprocessableEntity, p)
	}
	review := journal.Review{
		Question: p.ID, Base: v.Base, Verdict: journal.Verdict(v.Verdict), Clause: v.Clause, Text: v.Text, Note: v.Note, By: by(r).Name, At: c.moment(),
		Scores: map[int]journal.Score{},
	}
	for _, s := range v.Sentences {
		if s.Score != "" {
			review.Scores[s.N] = journal.Score(s.Score)
		}
	}
	if review.Clause == p.latest.Clause {
		review.Entry = p.latest.Entry
	}
	if review.Check() != nil {
		p.Wrong = p.T("ops.verdict_missing")
		return c.showQuestion(w, r, http.StatusUnprocessableEntity, p)
	}
	err := c.storeReview(r, review, p.latest)
	if conflict, ok := errors.AsType[*journal.ReviewConflictError](err); ok {
		return c.reviewConflict(w, r, p, conflict.Latest)
	}
	if err != nil {
		return err
	}
	if p.Queue != nil && r.PostForm.Get("do") == "next" {
		return seeOther(w, r, p.Queue.Next)
	}
	return seeOther(w, r, p.url("review_saved")+"#review")
}

// storeReview keeps a review on top of the latest one.
func (c *Console) storeReview(r *http.Request, review, latest journal.Review) error {
	if review.Base != latest.N {
		return &journal.ReviewConflictError{Latest: latest}
	}
	detail := accounts.Facts("verdict", string(review.Verdict), "clause", cmp.Or(review.Clause, "none"))
	return c.change(r, didReview, review.Question, detail, func(ctx context.Context) error {
		_, err := c.Service.Journal.SaveReview(ctx, review)
		return err
	})
}

// url is the page of the question with what was done.
func (p *questionData) url(done string) string {
	return "/ops/questions/" + url.PathEscape(p.ID) + "?" + url.Values{"from": {p.From}, "done": {done}}.Encode()
}

// reviewConflict shows what was saved meanwhile beside what the form says, which can be saved on top of it.
func (c *Console) reviewConflict(w http.ResponseWriter, r *http.Request, p *questionData, latest journal.Review) error {
	names, err := c.clauseNames(r.Context(), []string{latest.Clause})
	if err != nil {
		return err
	}
	theirs := p.earlier(latest, names)
	p.Review.Conflict, p.Review.Base = &theirs, latest.N
	return c.showQuestion(w, r, http.StatusConflict, p)
}

// A queueView is where a reviewer is among the questions of a filter that nobody has reviewed.
type queueView struct {
	Left       int
	Next, Prev string // addresses
	At         string // what the form of the review sends along
	Form       filterView
}

// queueOf is the queue that a form came from; none for "".
func (p *questionData) queueOf(at string) {
	seq, filter, ok := strings.Cut(at, "?")
	n, err := strconv.ParseInt(seq, 10, 64)
	values, wrong := url.ParseQuery(filter)
	if !ok || err != nil || wrong != nil {
		return
	}
	f := readFilter(values, p.now)
	p.Here, p.Queue = "review", &queueView{At: at, Next: queueURL(f, "before", n), Prev: queueURL(f, "after", n)}
}

func queueURL(f logFilter, name string, seq int64) string {
	return "/ops/review?" + f.with(name, strconv.FormatInt(seq, 10))
}

// emptyQueue is the queue when nothing is left in it.
type emptyQueue struct {
	opsData
	Form filterView
}

// reviewPage shows the next question of a filter that nobody has reviewed, or that the filter's verdict asks for.
func (c *Console) reviewPage(w http.ResponseWriter, r *http.Request) error {
	form := r.URL.Query()
	f := readFilter(form, c.Now())
	if f.Query.Verdict == "" {
		form.Set("verdict", journal.None)
		f = readFilter(form, c.Now())
	}
	q := f.placed(form)
	q.Size = 1
	found, err := c.Service.Journal.Search(r.Context(), q)
	if err != nil {
		return err
	}
	page := c.opsPage(r, "review")
	if len(found.Rows) == 0 {
		return c.show(w, r, http.StatusOK, "opsqueue", emptyQueue{page, c.filterView(page.View, f, "/ops/review")})
	}
	row := found.Rows[0]
	p, err := c.opsQuestion(r, row.ID)
	if err != nil {
		return err
	}
	p.queueOf(strconv.FormatInt(row.Seq, 10) + "?" + f.Encode())
	p.Queue.Left, p.Queue.Form = found.Total, c.filterView(p.View, f, "/ops/review")
	if found.Newer == 0 {
		p.Queue.Prev = ""
	}
	p.From, p.Back = f.Encode(), "/ops/log?"+f.Encode()
	return c.showQuestion(w, r, http.StatusOK, p)
}
