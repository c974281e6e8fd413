package console

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"policybot/bot"
	"policybot/bot/journal"
)

// overviewData is the overview of a span.
type overviewData struct {
	opsData
	Form         filterView
	From, To     string // first and last day
	LogURL       string
	Personal     bool // figures of one person were asked for, which there are none of
	Tiles        []tile
	Plots        []plot
	Groups       []groupTable
	LatencyError string // in percent
}

// A tile is one figure with how it changed.
type tile struct {
	Name, Value, Before, Change string
}

// A groupTable is the figures of groups: of channels, places, documents or languages.
type groupTable struct {
	Name  string
	Lines []groupLine
	Many  bool // a question may be in several
	Cut   bool // there may be more groups
	Plot  plot
}

// A groupLine is one group.
type groupLine struct {
	Name, URL, Spark            string
	Questions                   int
	Answered, Abstained, Others string
	Good, Bad                   int
	P50, P95, P99               string
	In, Out                     string
}

// overviewSpan is how many days the overview shows where none are chosen.
const overviewSpan = "7"

// overviewPage shows figures of a span and how they changed. With narrow filters they may come from one asker: nothing is
// hidden, because who may see them may read the same questions in the log. Whoever shows figures to people who may not
// read the log has to leave out those of few askers.
func (c *Console) overviewPage(w http.ResponseWriter, r *http.Request) error {
	page := overviewData{opsData: c.opsPage(r, "overview"), LatencyError: strconv.FormatFloat(100*journal.LatencyError, 'f', 1, 64)}
	f := readSpan(r.URL.Query(), c.Now(), overviewSpan)
	page.Form, page.LogURL = c.filterView(page.View, f, "/ops"), "/ops/log?"+f.Encode()
	if f.Query.OfPerson() {
		page.Personal = true
		return c.show(w, r, http.StatusOK, "opsoverview", page)
	}
	q, before := spans(f.Query, c.Now())
	if !q.Since.IsZero() {
		page.From = q.Since.Local().Format(time.DateOnly)
	}
	page.To = q.Until.Add(-time.Second).Local().Format(time.DateOnly)
	now, was, err := c.figures(r.Context(), q, before)
	if err != nil {
		return err
	}
	if err := page.fill(r.Context(), c, f, q, now, was); err != nil {
		return err
	}
	return c.show(w, r, http.StatusOK, "opsoverview", page)
}

// figures sums up a span and, at the same time, the one before it; nil without one.
func (c *Console) figures(ctx context.Context, q journal.Query, before *journal.Query) (now journal.Figures, was *journal.Figures, err error) {
	var earlier journal.Figures
	var wrong error
	var work sync.WaitGroup
	if before != nil {
		was = &earlier
		work.Go(func() { earlier, wrong = c.Service.Journal.Figures(ctx, *before) })
	}
	now, err = c.Service.Journal.Figures(ctx, q)
	work.Wait()
	return now, was, errors.Join(err, wrong)
}

// spans are the span of a query with its end, and the one of the same length before it; nil where it has no
// beginning.
func spans(q journal.Query, now time.Time) (span journal.Query, before *journal.Query) {
	if q.Until.IsZero() {
		q.Until = startOfDay(now).AddDate(0, 0, 1)
	}
	if q.Since.IsZero() || !q.Since.Before(q.Until) {
		return q, nil
	}
	earlier := q
	days := int(q.Until.Sub(q.Since).Hours()/24 + 0.5)
	earlier.Since, earlier.Until = q.Since.AddDate(0, 0, -days), q.Since
	return q, &earlier
}

// fill takes over figures.
func (p *overviewData) fill(ctx context.Context, c *Console, f logFilter, q journal.Query, now journal.Figures, was *journal.Figures) error {
	p.tiles(now.All, was)
	names, values, before := volumes(q, now, was)
	title := p.T("ops.volume_days")
	if now.Hours {
		title = p.T("ops.volume_hours")
	}
	head := []string{p.T("ops.when"), p.T("ops.questions")}
	if before != nil {
		head = append(head, p.T("ops.before"))
	}
	p.Plots = append(p.Plots,
		columnPlot(p.View, "volume", title, p.T("ops.volume_desc", now.All.Questions, len(values)), head, names, values, before),
		p.countPlot("outcomes", now.All.Outcomes, "outcome", "outcome", f),
		p.feedbackPlot(now.All, f),
		p.latencyPlot(now.All.Latency),
		p.countPlot("abstentions", now.Abstentions, "ops.reason", "reason", f),
	)
	cited, err := p.citedPlot(ctx, c, now.Clauses, f)
	if err != nil {
		return err
	}
	p.Plots = append(p.Plots, cited)
	titles, err := c.documentTitles(ctx)
	if err != nil {
		return err
	}
	for _, g := range []struct {
		name, field, group string
		list               []journal.Group
		many               bool
		titles             map[string]string
	}{
		{"channel", "channel", "ops.channel", now.Channels, false, nil},
		{"place", "place", "", now.Places, true, nil},
		{"document", "document", "", now.Documents, true, titles},
		{"lang", "lang", "language", now.Langs, false, nil},
	} {
		p.Groups = append(p.Groups, p.groupTable(g.name, g.field, g.group, g.list, g.many, g.titles, f))
	}
	return nil
}

// outcomes counts the questions of a group with one of some outcomes.
func outcomes(g journal.Group, names ...string) int {
	n := 0
	for _, one := range g.Outcomes {
		if slices.Contains(names, one.Name) {
			n += one.N
		}
	}
	return n
}

// tiles are the figures of all questions beside those of the span before.
func (p *overviewData) tiles(now journal.Group, was *journal.Figures) {
	share := func(part, of int) string {
		if of == 0 {
			return "–"
		}
		return strconv.FormatFloat(100*float64(part)/float64(of), 'f', 1, 64) + " %"
	}
	for _, one := range []struct {
		name  string
		value func(journal.Group) (shown string, number float64)
	}{
		{"questions", func(g journal.Group) (string, float64) { return strconv.Itoa(g.Questions), float64(g.Questions) }},
		{"answered", func(g journal.Group) (string, float64) {
			n := outcomes(g, bot.Answered)
			return share(n, g.Questions), float64(n) / float64(max(1, g.Questions))
		}},
		{"abstained", func(g journal.Group) (string, float64) {
			n := outcomes(g, bot.Abstained)
			return share(n, g.Questions), float64(n) / float64(max(1, g.Questions))
		}},
		{"handed", func(g journal.Group) (string, float64) {
			n := outcomes(g, bot.HandedOver, bot.Failed)
			return strconv.Itoa(n), float64(n)
		}},
		{"good", func(g journal.Group) (string, float64) {
			return share(g.Good, g.Good+g.Bad), float64(g.Good) / float64(max(1, g.Good+g.Bad))
		}},
		{"p95", func(g journal.Group) (string, float64) { return ms(g.Latency.P95), g.Latency.P95 }},
		{"tokens", func(g journal.Group) (string, float64) {
			return strconv.FormatInt(g.TokensIn+g.TokensOut, 10), float64(g.TokensIn + g.TokensOut)
		}},
	} {
		shown, number := one.value(now)
		t := tile{Name: p.T("ops.tile." + one.name), Value: shown}
		if was != nil {
			before, earlier := one.value(was.All)
			t.Before, t.Change = before, p.change(number, earlier)
		}
		p.Tiles = append(p.Tiles, t)
	}
}

// change tells by how much a figure is another than before.
func (v View) change(now, before float64) string {
	switch {
	case now == before:
		return v.T("ops.same")
	case before == 0:
		return v.T("ops.from_none")
	case now > before:
		return "▲ " + strconv.FormatFloat(100*(now-before)/before, 'f', 0, 64) + " %"
	}
	return "▼ " + strconv.FormatFloat(100*(before-now)/before, 'f', 0, 64) + " %"
}

// ms is a time in milliseconds as people read it.
func ms(n float64) string {
	switch {
	case n == 0:
		return "–"
	case n < 10:
		return strconv.FormatFloat(n, 'f', 1, 64)
	}
	return strconv.FormatFloat(n, 'f', 0, 64)
}

// volumes are how many questions came in each day or hour of a span, from its first to its last, and as many of the
// span before.
func volumes(q journal.Query, now journal.Figures, was *journal.Figures) (names []string, values, before []int) {
	byTime := func(f journal.Figures) map[int64]int {
		out := map[int64]int{}
		for i, at := range f.Times {
			out[at.Unix()] = f.All.Volume[i]
		}
		return out
	}
	counts := byTime(now)
	step, layout := func(t time.Time) time.Time { return t.AddDate(0, 0, 1) }, "01-02"
	if now.Hours {
		step, layout = func(t time.Time) time.Time { return t.Add(time.Hour) }, "01-02 15h"
	}
	from := q.Since
	if from.IsZero() && len(now.Times) > 0 {
		from = now.Times[0]
	}
	if from.IsZero() || len(now.Times) == 0 {
		return nil, nil, nil
	}
	until := now.Times[len(now.Times)-1]
	if now.Hours { // a span of days with questions of two is shown from the first of these
		from = now.Times[0]
	} else if end := q.Until.Add(-time.Second); end.After(until) {
		until = end
	}
	for at := from.Local(); !at.After(until) && len(names) < mostColumns; at = step(at) {
		names, values = append(names, at.Format(layout)), append(values, counts[at.Unix()])
	}
	if was == nil || now.Hours || was.Hours {
		return names, values, nil
	}
	earlier, at := byTime(*was), q.Since.AddDate(0, 0, -len(values))
	for range values {
		before = append(before, earlier[at.Local().Unix()])
		at = at.AddDate(0, 0, 1)
	}
	return names, values, before
}

// mostColumns bounds how many days a plot shows.
const mostColumns = 400

// countPlot shows counts of a field, each with its questions in the log.
func (p *overviewData) countPlot(id string, counts []journal.Count, group, field string, f logFilter) plot {
	var items []plotItem
	for _, one := range counts[:min(len(counts), mostBars)] {
		item := plotItem{Name: p.T("ops.none_yet"), Value: float64(one.N), Shown: strconv.Itoa(one.N), Hatched: one.Name == ""}
		if one.Name != "" {
			item.Name, item.URL = p.Named(group, one.Name), "/ops/log?"+f.with(field, one.Name)
		}
		items = append(items, item)
	}
	return barPlot(p.View, id, p.T("ops.plot."+id), p.T("ops.plot_desc", len(counts)), []string{p.T("ops.f." + field), p.T("ops.questions")}, items)
}

// mostBars is how many bars a plot has.
const mostBars = 15

// feedbackPlot shows ratings, and the reasons of bad ones hatched.
func (p *overviewData) feedbackPlot(g journal.Group, f logFilter) plot {
	var items []plotItem
	if g.Good+g.Bad > 0 {
		items = []plotItem{
			{Name: p.Named("ops.rating", journal.Good), URL: "/ops/log?" + f.with("rating", journal.Good), Value: float64(g.Good), Shown: strconv.Itoa(g.Good)},
			{Name: p.Named("ops.rating", journal.Bad), URL: "/ops/log?" + f.with("rating", journal.Bad), Value: float64(g.Bad), Shown: strconv.Itoa(g.Bad), Hatched: true},
		}
	}
	for _, one := range g.BadReasons {
		if one.Name != "" {
			items = append(items, plotItem{
				Name: "– " + p.Named("reason", one.Name), URL: "/ops/log?" + f.with("rating_reason", one.Name), Value: float64(one.N), Shown: strconv.Itoa(one.N), Hatched: true,
			})
		}
	}
	return barPlot(p.View, "feedback", p.T("ops.plot.feedback"), p.T("ops.plot_desc", len(items)), []string{p.T("ops.f.rating"), p.T("ops.questions")}, items)
}

// latencyPlot shows the quantiles of how long answers took.
func (p *overviewData) latencyPlot(l journal.Latency) plot {
	var items []plotItem
	if l.Answers > 0 {
		items = []plotItem{
			{Name: "p50", Value: l.P50, Shown: ms(l.P50)}, {Name: "p95", Value: l.P95, Shown: ms(l.P95), Hatched: true}, {Name: "p99", Value: l.P99, Shown: ms(l.P99), Hatched: true},
		}
	}
	return barPlot(p.View, "latency", p.T("ops.plot.latency"), p.T("ops.latency_desc", l.Answers), []string{p.T("ops.quantile"), "ms"}, items)
}

// citedPlot shows the clauses that are cited most.
func (p *overviewData) citedPlot(ctx context.Context, c *Console, counts []journal.Count, f logFilter) (plot, error) {
	counts = counts[:min(len(counts), mostBars)]
	var ids []string
	for _, one := range counts {
		ids = append(ids, one.Name)
	}
	names, err := c.clauseNames(ctx, ids)
	if err != nil {
		return plot{}, err
	}
	var items []plotItem
	for _, one := range counts {
		items = append(items, plotItem{Name: cmp.Or(pathFirst(names[one.Name]), one.Name), URL: "/ops/log?" + f.with("clause", one.Name), Value: float64(one.N), Shown: strconv.Itoa(one.N)})
	}
	return barPlot(p.View, "clauses", p.T("ops.plot.clauses"), p.T("ops.plot_desc", len(items)), []string{p.T("ops.f.clause"), p.T("ops.questions")}, items), nil
}

// pathFirst puts the path of a clause before the title of its document, of which a label has room for the beginning.
func pathFirst(name string) string {
	if i := strings.LastIndexByte(name, ' '); i >= 0 {
		return name[i+1:] + " " + name[:i]
	}
	return name
}

// groupTable shows groups.
func (p *overviewData) groupTable(name, field, group string, list []journal.Group, many bool, titles map[string]string, f logFilter) groupTable {
	t := groupTable{Name: name, Many: many, Cut: len(list) >= journal.MostGroups}
	var items []plotItem
	for _, g := range list {
		line := groupLine{
			Name: p.T("ops.unknown"), Spark: sparkline(g.Volume), Questions: g.Questions, Good: g.Good, Bad: g.Bad, P50: ms(g.Latency.P50), P95: ms(g.Latency.P95),
			P99: ms(g.Latency.P99), In: strconv.FormatInt(g.TokensIn, 10), Out: strconv.FormatInt(g.TokensOut, 10),
		}
		if g.Name != "" {
			line.Name, line.URL = cmp.Or(titles[g.Name], p.Named(group, g.Name)), "/ops/log?"+f.with(field, g.Name)
		}
		answered, abstained := outcomes(g, bot.Answered), outcomes(g, bot.Abstained)
		line.Answered, line.Abstained, line.Others = percent(answered, g.Questions), percent(abstained, g.Questions), percent(g.Questions-answered-abstained, g.Questions)
		t.Lines = append(t.Lines, line)
		if len(items) < mostBars {
			items = append(items, plotItem{Name: line.Name, URL: line.URL, Value: float64(g.Questions), Shown: strconv.Itoa(g.Questions), Hatched: g.Name == ""})
		}
	}
	t.Plot = barPlot(p.View, "by-"+name, p.T("ops.by."+name), p.T("ops.plot_desc", len(list)), []string{p.T("ops.f." + field), p.T("ops.questions")}, items)
	return t
}

func percent(part, of int) string {
	return strconv.Itoa(int(100*float64(part)/float64(max(1, of))+0.5)) + " %"
}
