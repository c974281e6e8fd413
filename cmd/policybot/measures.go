package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"policybot/bot/eligibility"
	"policybot/bot/eligibility/register"
	"policybot/bot/terminal"
	"policybot/retrieval"
)

type measuresCmd struct {
	List    measuresListCmd    `cmd:"" help:"列出措施 · list measures"`
	Show    measuresShowCmd    `cmd:"" aliases:"review" help:"一项措施：提供什么、条件、原文 · one measure: offer, conditions, text"`
	Approve measuresApproveCmd `cmd:"" help:"通过，从此用于回答 · approve; answers use it from now on"`
	Reject  measuresRejectCmd  `cmd:"" help:"退回，不再使用 · reject; answers do not use it"`
	Draft   measuresDraftCmd   `cmd:"" help:"重新起草文件的措施，待审 · draft the measures of documents again, for review"`
	Check   measuresCheckCmd   `cmd:"" help:"核对一份措施目录，不存 · check a file of measures, store nothing"`
}

// register opens the data folder for the measures that are kept in it.
func (a *app) register(ctx context.Context) (*register.Register, func(), error) {
	lib, db, done, err := a.openStore(ctx, false)
	if err != nil {
		return nil, nil, err
	}
	return &register.Register{Store: db, Library: lib}, done, nil
}

// stateStale stands in lists for the state of a measure whose words are not in the text.
const stateStale = "stale"

// A listedMeasure is a measure as lists print it.
type listedMeasure struct {
	register.Listed
	Stale bool `json:"stale"`
}

// shownState is the state of a measure with regard to the text of its document.
func (m listedMeasure) shownState() string {
	if m.Stale {
		return stateStale
	}
	return string(m.State)
}

// where is the path of the clause of a measure, as far as it can be found.
func (m listedMeasure) where() string {
	if m.Bound != nil {
		return m.Bound.Clause.Path
	}
	return m.Path
}

type measuresListCmd struct {
	State    string `help:"只要这种状态；stale 为原文已变 · only this state; stale: the text has changed" enum:",draft,approved,rejected,stale" default:"" placeholder:"draft|approved|rejected|stale"`
	Document string `help:"只要这份文件的 · only of this document" placeholder:"ID"`
	JSON     bool   `name:"json" help:"输出 JSON · print JSON"`
}

// Run lists the measures, ordered by id.
func (c *measuresListCmd) Run(ctx context.Context, a *app) error {
	r, done, err := a.register(ctx)
	if err != nil {
		return err
	}
	defer done()
	document := ""
	if c.Document != "" {
		d, err := a.documentNamed(ctx, r.Library, c.Document)
		if err != nil {
			return err
		}
		document = d.ID
	}
	all, err := r.List(ctx)
	if err != nil {
		return err
	}
	list := []listedMeasure{}
	for _, l := range all {
		m := listedMeasure{l, l.Stale()}
		if (c.State == "" || c.State == m.shownState()) && (document == "" || document == m.Document) {
			list = append(list, m)
		}
	}
	if c.JSON {
		return a.printJSON(map[string]any{"measures": list})
	}
	if len(list) == 0 {
		fmt.Fprintln(a.out, a.msg("me_none"))
		return nil
	}
	return a.printMeasures(list)
}

// documentNamed finds a document by one of its names.
func (a *app) documentNamed(ctx context.Context, lib *retrieval.Library, name string) (retrieval.Document, error) {
	docs, err := lib.Documents(ctx)
	if err != nil {
		return retrieval.Document{}, err
	}
	d, err := retrieval.Find(docs, name)
	if several, ok := errors.AsType[*retrieval.AmbiguousError](err); ok {
		return d, &messageError{"which", []any{name, some(several.IDs)}}
	}
	if errors.Is(err, retrieval.ErrNotFound) {
		return d, &messageError{"no_document", []any{name}}
	}
	return d, err
}

func (a *app) printMeasures(list []listedMeasure) error {
	t := terminal.Table{Columns: []terminal.Column{
		{Head: a.msg("l_id"), Keep: true},
		{Head: a.msg("l_state"), Keep: true},
		{Head: a.msg("me_document"), Enough: 24, Fold: true},
		{Head: a.msg("me_clause"), Enough: 16, Fold: true},
		{Head: a.msg("me_title")},
	}}
	for _, m := range list {
		row := terminal.Row{Cells: []string{m.ID, a.word(m.shownState()), m.Document, m.where(), m.Title.In(a.lang)}}
		switch {
		case m.Stale:
			row.Notes = []string{m.Problem}
		case m.State == register.Rejected:
			row.Notes = []string{m.Why}
		}
		t.Rows = append(t.Rows, row)
	}
	s := a.screen()
	s.Table(t)
	return s.Err()
}

type measuresShowCmd struct {
	ID   string `arg:"" help:"编号 · id of the measure"`
	JSON bool   `name:"json" xor:"form" help:"输出 JSON · print JSON"`
	YAML bool   `name:"yaml" xor:"form" help:"输出措施目录的一项，改好后交给 approve --with · print an entry of a file of measures, to be edited for approve --with"`
}

// A shownMeasure is a measure with the words that it was read from.
type shownMeasure struct {
	listedMeasure
	Offer      string           `json:"offer,omitempty"` // the sentences of the offer, while it fits the text
	Conditions []shownCondition `json:"conditions"`
	Texts      []shownText      `json:"texts"` // of the clauses that it points at, its own first
}

// A shownCondition is a criterion in words.
type shownCondition struct {
	eligibility.Criterion
	Name  eligibility.Text `json:"name"`
	Where string           `json:"where,omitempty"` // path of the clause that has the words
}

// A shownText is the text of a clause with the words in it that a measure points at.
type shownText struct {
	Path  string   `json:"path"`
	Text  string   `json:"text"`
	Words []string `json:"words"`
}

// Run shows all that there is to know of a measure.
func (c *measuresShowCmd) Run(ctx context.Context, a *app) error {
	r, done, err := a.register(ctx)
	if err != nil {
		return err
	}
	defer done()
	l, err := r.Get(ctx, c.ID)
	if err != nil {
		return measureError(c.ID, err)
	}
	if c.YAML {
		text, err := measureYAML(l.Measure)
		if err != nil {
			return err
		}
		_, err = a.out.Write(append([]byte(a.msg("me_yaml", l.ID)), text...))
		return err
	}
	m, document, err := newShown(ctx, r, l)
	if err != nil {
		return err
	}
	if c.JSON {
		return a.printJSON(m)
	}
	s := a.screen()
	s.Print(a.describe(m, document))
	return s.Err()
}

// measureError words what keeps a measure from being found or approved.
func measureError(id string, err error) error {
	if errors.Is(err, register.ErrNotFound) {
		return &messageError{"no_measure", []any{id}}
	}
	if at, ok := errors.AsType[*eligibility.FileError](err); ok {
		return &messageError{"measures_bad", []any{at}}
	}
	if errors.Is(err, register.ErrStale) {
		return &messageError{"me_misfit", []any{id, err}}
	}
	return err
}

// newShown gathers what a measure points at, and its document.
func newShown(ctx context.Context, r *register.Register, l register.Listed) (shownMeasure, retrieval.Document, error) {
	m := shownMeasure{listedMeasure: listedMeasure{l, l.Stale()}, Conditions: []shownCondition{}, Texts: []shownText{}}
	document := retrieval.Document{ID: l.Document}
	clauses, err := r.Store.Clauses(ctx, l.Document)
	if err != nil && !errors.Is(err, retrieval.ErrNotFound) {
		return m, document, err
	}
	if len(clauses) > 0 {
		document = clauses[0].Document
	}
	vocabulary, err := eligibility.Builtin().With(l.Facts)
	if err != nil {
		vocabulary = eligibility.Builtin()
	}
	if l.Bound != nil {
		m.Offer = l.Bound.Offer()
	}
	m.point(clauses, l.Path, l.Quote)
	for _, c := range l.Criteria {
		name := eligibility.Text{Zh: c.Name(vocabulary, "zh"), En: c.Name(vocabulary, "en")}
		if name.IsZero() { // it cannot be read any more
			name = eligibility.Text{Zh: c.Need, En: c.Need}
		}
		m.Conditions = append(m.Conditions, shownCondition{c, name, m.point(clauses, first(c.In, l.Path), c.Words)})
	}
	return m, document, nil
}

// point adds words to those of the clause with this path or id, if there is one, and
// gives its path.
func (m *shownMeasure) point(clauses []retrieval.Clause, path, words string) string {
	var found *retrieval.Clause
	for i := range clauses {
		c := &clauses[i]
		if (c.ID == path || c.Path == path) && (found == nil || !strings.Contains(found.Text, words)) {
			found = c
		}
	}
	if found == nil {
		return ""
	}
	i := slices.IndexFunc(m.Texts, func(t shownText) bool { return t.Path == found.Path && t.Text == found.Text })
	if i < 0 {
		i = len(m.Texts)
		m.Texts = append(m.Texts, shownText{Path: found.Path, Text: found.Text})
	}
	m.Texts[i].Words = append(m.Texts[i].Words, words)
	return found.Path
}

// marked is the text with a mark before and after the words.
func (t shownText) marked() string {
	inside := make([]bool, len(t.Text)+1)
	for _, w := range t.Words {
		if from := strings.Index(t.Text, w); from >= 0 {
			for i := range w {
				inside[from+i] = true
			}
		}
	}
	var b strings.Builder
	was := false
	for i, r := range t.Text {
		if inside[i] != was {
			was = !was
			b.WriteString(map[bool]string{true: "【", false: "】"}[was])
		}
		b.WriteRune(r)
	}
	if was {
		b.WriteString("】")
	}
	return b.String()
}

// describe words a measure for people.
func (a *app) describe(m shownMeasure, document retrieval.Document) string {
	lines := []string{
		fmt.Sprintf("%s  %s", m.ID, m.Title.In(a.lang)),
		strings.Join([]string{a.word(m.shownState()), a.word(m.Strength), a.msg("me_origin", m.Origin), a.reviewer(m.Entry)}, " · "),
	}
	if m.Why != "" {
		lines = append(lines, a.msg("me_why", m.Why))
	}
	if m.Problem != "" {
		lines = append(lines, a.msg("me_problem", m.Problem))
	}
	lines = append(lines, "", a.msg("me_at", first(document.Title, document.ID), document.ID, m.where()), a.msg("me_offer", first(m.Offer, m.Quote)))
	lines = append(lines, "", a.msg("me_conditions"))
	for i, c := range m.Conditions {
		words := fmt.Sprintf("   “%s”", c.Words)
		if c.In != "" {
			words += "  " + first(c.Where, c.In)
		}
		lines = append(lines, fmt.Sprintf("%d. %s  [%s]", i+1, c.Name.In(a.lang), c.Need), words)
	}
	if len(m.Texts) > 0 {
		lines = append(lines, "", a.msg("me_text"))
	}
	for _, t := range m.Texts {
		lines = append(lines, t.Path, t.marked())
	}
	return strings.Join(lines, "\n")
}

// word names a state or a strength; one of another version of the program as it is.
func (a *app) word(value string) string {
	if _, ok := messages["me_"+value]; ok {
		return a.msg("me_" + value)
	}
	return value
}

// reviewer says who decided about a measure and when, or when it was drafted.
func (a *app) reviewer(e register.Entry) string {
	at := e.At.Local().Format(time.DateTime)
	if e.By == "" {
		return at
	}
	return e.By + " " + at
}
