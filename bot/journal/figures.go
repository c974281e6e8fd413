package journal

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"
)

// Figures sum up questions. They name no person, but those of few questions may tell of one: they are for who may read the log.
type Figures struct {
	All Group `json:"all"`
	// Hours says that Times are hours and not days: the questions span at most two days.
	Hours bool        `json:"hours"`
	Times []time.Time `json:"times"` // beginnings, each once, without gaps

	Channels  []Group `json:"channels"`  // most questions first, as all lists here
	Places    []Group `json:"places"`    // a question may be in several
	Documents []Group `json:"documents"` // that are cited; a question may be in several
	Langs     []Group `json:"langs"`

	Abstentions []Count `json:"abstentions"` // reasons
	Clauses     []Count `json:"clauses"`     // that are cited, at most MostCited; of a query with AnyClause, of those
}

// Bounds of lists in Figures.
const (
	MostGroups = 100
	MostCited  = 50
)

// A Count is how often something was so.
type Count struct {
	Name string `json:"name"` // "" when it is not known
	N    int    `json:"n"`
}

// A Group sums up the questions that have something in common.
type Group struct {
	Name       string  `json:"name"` // "" of all, and where it is not known
	Questions  int     `json:"questions"`
	Volume     []int   `json:"volume"`      // questions, for each of Figures.Times
	Outcomes   []Count `json:"outcomes"`    // "" of those without one yet
	Good       int     `json:"good"`        // questions whose latest rating is good
	Bad        int     `json:"bad"`         //
	BadReasons []Count `json:"bad_reasons"` //
	Latency    Latency `json:"latency"`
	TokensIn   int64   `json:"tokens_in"`
	TokensOut  int64   `json:"tokens_out"`
}

// Latency is how long answers took, in milliseconds: quantiles by the nearest rank, each at most LatencyError
// away from the true one as a part of it, but for times below a tenth of a millisecond, which count as that.
type Latency struct {
	Answers int     `json:"answers"` // that were timed
	P50     float64 `json:"p50"`     // 0 without answers, as the others
	P95     float64 `json:"p95"`
	P99     float64 `json:"p99"`
}

// LatencyError is how far a quantile may be off, as a part of it. Times are counted in ranges each of which ends
// latencyStep times higher than the last one, and told by the geometric middle of their range.
const (
	LatencyError = 0.025
	latencyStep  = (1 + LatencyError) * (1 + LatencyError)
	latencyLeast = 100 * time.Microsecond
)

// A Logged is what figures need of one question.
type Logged struct {
	At                             time.Time
	Channel, Lang, Outcome, Reason string
	Took                           time.Duration
	TokensIn, TokensOut            int64
	Clauses, Documents, Places     []string
	Rating, RatingReason           string
}

// A Tally makes figures of questions, given in any order. Make one with NewTally.
type Tally struct {
	zone                               *time.Location
	all                                *tallied
	channels, places, documents, langs map[string]*tallied
	abstentions, clauses               map[string]int
	only                               []string        // clauses that are counted, in order; empty: all
	quarters                           map[int64]int64 // number of a quarter of an hour → beginning of its hour, in seconds since 1970
	first, last                        time.Time
}

// A tallied is a group while it is counted.
type tallied struct {
	questions, good, bad int
	hours                map[int64]int // seconds since 1970 of the beginning of the hour
	outcomes, reasons    map[string]int
	ranges               map[int]int
	in, out              int64
}

// NewTally counts what a query finds, in the days of its zone.
func NewTally(q Query) *Tally {
	zone := q.Zone
	if zone == nil {
		zone = time.UTC
	}
	return &Tally{
		zone: zone, all: newTallied(), only: slices.Sorted(slices.Values(q.AnyClause)),
		channels: map[string]*tallied{}, places: map[string]*tallied{}, documents: map[string]*tallied{}, langs: map[string]*tallied{},
		abstentions: map[string]int{}, clauses: map[string]int{}, quarters: map[int64]int64{},
	}
}

func newTallied() *tallied {
	return &tallied{hours: map[int64]int{}, outcomes: map[string]int{}, reasons: map[string]int{}, ranges: map[int]int{}}
}

// Add counts one question.
func (t *Tally) Add(l Logged) {
	hour := t.hour(l.At)
	span := -1
	if l.Took > 0 {
		span = rangeOf(l.Took)
	}
	t.all.add(l, hour, span)
	in(t.channels, l.Channel).add(l, hour, span)
	in(t.langs, l.Lang).add(l, hour, span)
	for _, place := range l.Places {
		in(t.places, place).add(l, hour, span)
	}
	for _, document := range l.Documents {
		in(t.documents, document).add(l, hour, span)
	}
	for _, clause := range l.Clauses {
		if _, counts := slices.BinarySearch(t.only, clause); counts || len(t.only) == 0 {
			t.clauses[clause]++
		}
	}
	if l.Outcome == "abstained" {
		t.abstentions[l.Reason]++
	}
}

// hour gives the beginning of the hour of a time in the zone, in seconds since 1970.
func (t *Tally) hour(at time.Time) int64 {
	const quarter = 15 * 60 // no zone is shifted by less
	n := at.Unix() / quarter
	begun, ok := t.quarters[n]
	if !ok {
		local := at.In(t.zone)
		hour := local.Truncate(time.Minute).Add(-time.Duration(local.Minute()) * time.Minute)
		begun = hour.Unix()
		t.quarters[n] = begun
		if t.first.IsZero() || hour.Before(t.first) {
			t.first = hour
		}
		if hour.After(t.last) {
			t.last = hour
		}
	}
	return begun
}

// in gives the group of a name.
func in(groups map[string]*tallied, name string) *tallied {
	g := groups[name]
	if g == nil {
		g = newTallied()
		groups[name] = g
	}
	return g
}

// add counts one question of a group.
func (g *tallied) add(l Logged, hour int64, span int) {
	g.questions++
	g.hours[hour]++
	g.outcomes[l.Outcome]++
	switch l.Rating {
	case Good:
		g.good++
	case Bad:
		g.bad++
		g.reasons[l.RatingReason]++
	}
	if span >= 0 {
		g.ranges[span]++
	}
	g.in += l.TokensIn
	g.out += l.TokensOut
}

// rangeOf gives the number of the range that a time is counted in.
func rangeOf(took time.Duration) int {
	if took <= latencyLeast {
		return 0
	}
	return 1 + int(math.Log(float64(took)/float64(latencyLeast))/math.Log(latencyStep))
}

// middle gives the time that stands for a range, in milliseconds.
func middle(span int) float64 {
	least := float64(latencyLeast) / float64(time.Millisecond)
	if span == 0 {
		return least
	}
	return least * math.Pow(latencyStep, float64(span)-0.5)
}

// Figures gives what was counted.
func (t *Tally) Figures() Figures {
	var f Figures
	f.Hours = t.last.Sub(t.first) < 48*time.Hour
	f.Times = t.times(f.Hours)
	places := map[int64]int{}
	for i, at := range f.Times {
		places[at.Unix()] = i
	}
	f.All = t.group("", t.all, places, f.Hours)
	f.Channels = t.groups(t.channels, places, f.Hours)
	f.Places = t.groups(t.places, places, f.Hours)
	f.Documents = t.groups(t.documents, places, f.Hours)
	f.Langs = t.groups(t.langs, places, f.Hours)
	f.Abstentions = counts(t.abstentions, MostGroups)
	f.Clauses = counts(t.clauses, MostCited)
	return f
}

// times gives the beginnings of all hours or days from the first question to the last.
func (t *Tally) times(hours bool) []time.Time {
	if t.all.questions == 0 {
		return nil
	}
	var list []time.Time
	if hours {
		for at := t.first; !at.After(t.last); at = at.Add(time.Hour) {
			list = append(list, at)
		}
		return list
	}
	for at, last := day(t.first), day(t.last); !at.After(last); at = day(at.AddDate(0, 0, 1)) {
		list = append(list, at)
	}
	return list
}

// day gives the beginning of the day of a time.
func day(at time.Time) time.Time {
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location())
}

// groups gives the largest groups.
func (t *Tally) groups(groups map[string]*tallied, places map[int64]int, hours bool) []Group {
	names := slices.SortedFunc(maps.Keys(groups), func(a, b string) int {
		return cmp.Or(cmp.Compare(groups[b].questions, groups[a].questions), cmp.Compare(a, b))
	})
	var list []Group
	for _, name := range names[:min(len(names), MostGroups)] {
		list = append(list, t.group(name, groups[name], places, hours))
	}
	return list
}

// group gives one group.
func (t *Tally) group(name string, g *tallied, places map[int64]int, hours bool) Group {
	out := Group{
		Name: name, Questions: g.questions, Volume: make([]int, len(places)), Outcomes: counts(g.outcomes, MostGroups),
		Good: g.good, Bad: g.bad, BadReasons: counts(g.reasons, MostGroups), Latency: g.latency(), TokensIn: g.in, TokensOut: g.out,
	}
	for hour, n := range g.hours {
		if !hours {
			hour = day(time.Unix(hour, 0).In(t.zone)).Unix()
		}
		out.Volume[places[hour]] += n
	}
	return out
}

// latency gives quantiles.
func (g *tallied) latency() Latency {
	var l Latency
	spans := slices.Sorted(maps.Keys(g.ranges))
	for _, span := range spans {
		l.Answers += g.ranges[span]
	}
	for _, q := range []struct {
		part float64
		to   *float64
	}{{0.5, &l.P50}, {0.95, &l.P95}, {0.99, &l.P99}} {
		rank, seen := int(math.Ceil(q.part*float64(l.Answers))), 0
		for _, span := range spans {
			if seen += g.ranges[span]; seen >= rank {
				*q.to = middle(span)
				break
			}
		}
	}
	return l
}

// counts lists how often each name came, at most so many.
func counts(of map[string]int, most int) []Count {
	var list []Count
	for name, n := range of {
		list = append(list, Count{name, n})
	}
	slices.SortFunc(list, func(a, b Count) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Name, b.Name)) })
	return list[:min(len(list), most)]
}
