package journaltest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/bot/journal/memory"
)

// A fault makes a good journal bad in one way.
type fault struct {
	name   string
	wrap   func(good) journal.Journal
	reopen func(good) func() journal.Journal // nil: nothing outlives
	cases  []string                          // cases of the suite that must find it, among others
	walk   bool                              // the walk must find it too
}

// good is a journal without fault, to be embedded.
type good struct{ journal.Journal }

// TestFaults breaks a journal in one way at a time. The suite has to find it, and where it should, the walk alone.
func TestFaults(t *testing.T) {
	for _, f := range append(faults(), searchFaults()...) {
		t.Run(f.name, func(t *testing.T) {
			open := func() (journal.Journal, func() journal.Journal) {
				inner := good{memory.New()}
				j := f.wrap(inner)
				if f.reopen != nil {
					return j, f.reopen(inner)
				}
				return j, nil
			}
			failed := failedCases(t.Context(), open)
			for _, name := range f.cases {
				if !slices.Contains(failed, name) {
					t.Errorf("case %s does not find it; these do: %v", name, failed)
				}
			}
			if f.walk && !walkFinds(t.Context(), open) {
				t.Errorf("the walk does not find it")
			}
		})
	}
}

// TestNoFault says that the harness itself finds nothing.
func TestNoFault(t *testing.T) {
	open := func() (journal.Journal, func() journal.Journal) {
		j := memory.New()
		return j, func() journal.Journal { return j } // as if it outlived the process
	}
	if failed := failedCases(t.Context(), open); len(failed) > 0 {
		t.Errorf("cases %v fail", failed)
	}
	if walkFinds(t.Context(), open) {
		t.Errorf("the walk finds something")
	}
}

// A recorder notes that a case failed.
type recorder struct{ failed bool }

// errStop leaves a case that cannot go on.
var errStop = errors.New("stop")

func (*recorder) Helper()                 {}
func (r *recorder) Errorf(string, ...any) { r.failed = true }
func (r *recorder) Fatalf(string, ...any) {
	r.failed = true
	panic(errStop)
}

// failedCases runs all cases but the concurrent ones, which bad journals are not made for, and tells which fail.
func failedCases(ctx context.Context, open func() (journal.Journal, func() journal.Journal)) []string {
	var failed []string
	for _, c := range cases() {
		if strings.HasPrefix(c.name, "Concurrent") {
			continue
		}
		j, reopen := open()
		if !passes(c, newBench(ctx, &recorder{}, j, reopen)) {
			failed = append(failed, c.name)
		}
	}
	return failed
}

// passes runs one case. A case that a bad journal makes panic has failed.
func passes(c check, b *bench) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	c.run(b)
	return !b.failer.(*recorder).failed
}

// walkFinds does some walks and tells whether one fails.
func walkFinds(ctx context.Context, open func() (journal.Journal, func() journal.Journal)) bool {
	const walksOfOne = 60
	for _, what := range []map[string]int{often, atDesk} {
		list := walks(what)
		for seed := range walksOfOne {
			j, reopen := open()
			if walk(ctx, j, reopen, list.Example(seed)) != nil {
				return true
			}
		}
	}
	return false
}

func faults() []fault {
	return []fault{
		{name: "claims twice", wrap: func(g good) journal.Journal { return &claimsTwice{good: g} }, cases: []string{"ClaimNone"}, walk: true},
		{name: "oldest first", wrap: func(g good) journal.Journal { return oldestFirst{g} }, cases: []string{"ClaimFairness", "ClaimLatecomer"}, walk: true},
		{name: "no content keys", wrap: func(g good) journal.Journal { return noContentKeys{g} }, cases: []string{"DuplicateKeys"}, walk: true},
		{name: "duplicates teach no keys", wrap: func(g good) journal.Journal { return &noNewKeys{good: g, known: map[string]bool{}} }, cases: []string{"DuplicateTeachesKeys"}, walk: true},
		{name: "keys forgotten", wrap: func(g good) journal.Journal { return &keysForgotten{good: g} }, cases: []string{"ForgetLateDuplicate"}, walk: true},
		{name: "one more than the limit", wrap: func(g good) journal.Journal { return wideLimit{g} }, cases: []string{"LimitPerUser", "LimitTotal"}, walk: true},
		{name: "tells each time", wrap: func(g good) journal.Journal { return tells{g} }, cases: []string{"TellOnce"}},
		{name: "lost is no error", wrap: func(g good) journal.Journal { return neverLost{g} }, cases: []string{"CompleteTwice", "LostClaims", "LostDeliveries"}, walk: true},
		{name: "edit keeps the claim", wrap: func(g good) journal.Journal { return softEdit{g} }, cases: []string{"EditClaimed"}, walk: true},
		{name: "NotBefore ignored", wrap: func(g good) journal.Journal { return eager{g} }, cases: []string{"ClaimNotBefore"}, walk: true},
		{name: "lease too long", wrap: func(g good) journal.Journal { return longLease{g} }, cases: []string{"ClaimLease", "DeliveryLease"}, walk: true},
		{name: "never uncertain", wrap: func(g good) journal.Journal { return certain{g} }, cases: []string{"DeliveryLease", "LaterArrived"}, walk: true},
		{name: "no pauses", wrap: func(g good) journal.Journal { return noPauses{g} }, cases: []string{"PausePlace", "PauseChannel", "PausePosted"}, walk: true},
		{name: "dialogues mixed", wrap: func(g good) journal.Journal { return mixed{g} }, cases: []string{"DialogueInOrder", "ClaimDialogue"}, walk: true},
		{name: "last delivery first", wrap: func(g good) journal.Journal { return lastFirst{g} }, cases: []string{"DeliveriesBySeq"}, walk: true},
		{name: "erase leaves texts", wrap: func(g good) journal.Journal { return &leavesTexts{good: g, texts: map[string]string{}} }, cases: []string{"EraseLeavesNothing", "EraseRemains"}, walk: true},
		{name: "no profiles", wrap: func(g good) journal.Journal { return noProfiles{g} }, cases: []string{"AcceptEveryField", "AcceptProfile"}, walk: true},
		{name: "profiles written anew", wrap: func(g good) journal.Journal { return tidyProfiles{g} }, cases: []string{"AcceptEveryField", "AcceptProfile"}, walk: true},
		{name: "erase leaves organisations", wrap: func(g good) journal.Journal { return &leavesOrgs{good: g, orgs: map[string]string{}} }, cases: []string{"EraseLeavesNothing", "EraseRemains"}, walk: true},
		{name: "takes no rating back", wrap: func(g good) journal.Journal { return rates{g, func(r *journal.Rating) bool { return !r.Withdrawn }} }, cases: []string{"RateWithdrawn"}, walk: true},
		{name: "takes a rating that was taken back for a bad one", wrap: func(g good) journal.Journal {
			return rates{g, func(r *journal.Rating) bool { r.Withdrawn = false; return true }}
		}, cases: []string{"RateWithdrawn"}, walk: true},
		{name: "erase leaves ratings", wrap: func(g good) journal.Journal { return leavesRatings{g} }, cases: []string{"EraseLeavesNothing"}, walk: true},
		{name: "steps out of order", wrap: func(g good) journal.Journal { return backward{g} }, cases: []string{"Complete"}, walk: true},
		{name: "context ignored", wrap: func(g good) journal.Journal { return deaf{g} }, cases: []string{"ContextOver"}},
		{name: "own approvals", wrap: func(g good) journal.Journal { return ownApprovals{g} }, cases: []string{"OwnApproval"}, walk: true},
		{name: "only the last author does not approve", wrap: func(g good) journal.Journal { return lastAuthors{g} }, cases: []string{"ApprovalOfRound"}, walk: true},
		{name: "approval mode ignored", wrap: func(g good) journal.Journal { return lax{g} }, cases: []string{"Approval", "ApprovalToTheLetter", "ApprovalTakenBack"}, walk: true},
		{name: "documents not looked at", wrap: func(g good) journal.Journal { return &otherDocs{good: g, docs: map[string]channel.Doc{}} }, cases: []string{"ApprovalToTheLetter"}, walk: true},
		{name: "an approval outlives a change", wrap: func(g good) journal.Journal { return staysApproved{g} }, cases: []string{"ApprovalTakenBack", "Decide"}, walk: true},
		{name: "the last draft wins", wrap: func(g good) journal.Journal { return lastWins{g} }, cases: []string{"SaveDraftConflict", "NewRound"}, walk: true},
		{name: "erase leaves drafts", wrap: func(g good) journal.Journal { return &leavesDrafts{good: g, texts: map[string]string{}} }, cases: []string{"EraseDrafts", "EraseLeavesNothing"}, walk: true},
		{name: "open cases forgotten", wrap: func(g good) journal.Journal { return forgetsCases{g} }, cases: []string{"ForgetDrafts", "ForgetOpenCase", "ForgetTurns"}, walk: true},
		{name: "tells the staff each time", wrap: func(g good) journal.Journal { return &alwaysTells{good: g} }, cases: []string{"PostOnce"}, walk: true},
		{name: "tells the staff never again", wrap: func(g good) journal.Journal { return tellsOnce{g} }, cases: []string{"PostAgain"}, walk: true},
		{name: "a case of what was to tell of a case", wrap: func(g good) journal.Journal { return casesOfCases{g} }, cases: []string{"PostGivenUp"}, walk: true},
		{name: "the staff told in the asker's dialogue", wrap: func(g good) journal.Journal { return oneDialogue{g} }, cases: []string{"PostApart"}, walk: true},
		{name: "no second page", wrap: func(g good) journal.Journal { return firstPage{g} }, cases: []string{"InboxPages"}, walk: true},
		{name: "all lost at a restart", wrap: func(g good) journal.Journal { return g }, reopen: func(good) func() journal.Journal {
			return func() journal.Journal { return memory.New() }
		}, cases: []string{"Accept", "Posted", "Settings"}, walk: true},
	}
}

type claimsTwice struct {
	good
	last journal.Claim
}

func (f *claimsTwice) Claim(ctx context.Context, o journal.ClaimOptions) (journal.Claim, error) {
	c, err := f.good.Claim(ctx, o)
	if errors.Is(err, journal.ErrNone) && f.last.Token != "" {
		return f.last, nil
	}
	f.last = c
	return c, err
}

type oldestFirst struct{ good }

func (f oldestFirst) Claim(ctx context.Context, o journal.ClaimOptions) (journal.Claim, error) {
	if o.AcceptedBefore.IsZero() {
		for q := range f.Entries(ctx, journal.Filter{}) {
			narrow := o
			narrow.AcceptedBefore = q.AcceptedAt.Add(time.Microsecond)
			if c, err := f.good.Claim(ctx, narrow); err == nil {
				return c, nil
			}
		}
	}
	return f.good.Claim(ctx, o)
}

type noContentKeys struct{ good }

func (f noContentKeys) Accept(ctx context.Context, a journal.Arrival) (journal.Accepted, error) {
	a.ContentKey = ""
	return f.good.Accept(ctx, a)
}

type noNewKeys struct {
	good
	known map[string]bool
}

func (f *noNewKeys) Accept(ctx context.Context, a journal.Arrival) (journal.Accepted, error) {
	switch {
	case f.known[a.DeliveryKey]:
		a.ContentKey = ""
	case f.known[a.ContentKey]:
		a.DeliveryKey = ""
	default:
		f.known[a.DeliveryKey], f.known[a.ContentKey] = true, true
	}
	return f.good.Accept(ctx, a)
}

type keysForgotten struct {
	good
	n int
}

func (f *keysForgotten) Accept(ctx context.Context, a journal.Arrival) (journal.Accepted, error) {
	got, err := f.good.Accept(ctx, a)
	if err == nil && got.Duplicate && got.Question.AcceptedAt.IsZero() {
		f.n++
		a.DeliveryKey, a.ContentKey = fmt.Sprintf("again%d", f.n), ""
		return f.good.Accept(ctx, a)
	}
	return got, err
}

type wideLimit struct{ good }

func (f wideLimit) Accept(ctx context.Context, a journal.Arrival) (journal.Accepted, error) {
	if a.Limits.PerUser > 0 {
		a.Limits.PerUser++
	}
	if a.Limits.Total > 0 {
		a.Limits.Total++
	}
	return f.good.Accept(ctx, a)
}

type tells struct{ good }

func (f tells) Accept(ctx context.Context, a journal.Arrival) (journal.Accepted, error) {
	a.TellOnce = 0
	return f.good.Accept(ctx, a)
}

type neverLost struct{ good }

// fine hides that something was lost.
func fine(err error) error {
	if errors.Is(err, journal.ErrLost) {
		return nil
	}
	return err
}

func (f neverLost) Complete(ctx context.Context, c journal.Claim, r journal.Result) error {
	return fine(f.good.Complete(ctx, c, r))
}

func (f neverLost) Posted(ctx context.Context, d journal.Delivery, at time.Time, r channel.Receipt, p journal.Pause) error {
	return fine(f.good.Posted(ctx, d, at, r, p))
}

type softEdit struct{ good }

func (f softEdit) Edit(ctx context.Context, e journal.Edit) (journal.State, error) {
	for q := range f.Entries(ctx, journal.Filter{State: journal.Claimed}) {
		if q.User == e.User {
			return journal.Claimed, nil
		}
	}
	return f.good.Edit(ctx, e)
}

type eager struct{ good }

func (f eager) Release(ctx context.Context, c journal.Claim, r journal.Release) error {
	r.NotBefore = time.Time{}
	return f.good.Release(ctx, c, r)
}

type longLease struct{ good }

func (f longLease) Claim(ctx context.Context, o journal.ClaimOptions) (journal.Claim, error) {
	o.Until = o.Until.Add(time.Second)
	return f.good.Claim(ctx, o)
}

func (f longLease) Next(ctx context.Context, o journal.NextOptions) (journal.Delivery, error) {
	o.Until = o.Until.Add(time.Second)
	return f.good.Next(ctx, o)
}

type certain struct{ good }

func (f certain) Next(ctx context.Context, o journal.NextOptions) (journal.Delivery, error) {
	d, err := f.good.Next(ctx, o)
	d.Uncertain = false
	return d, err
}

type noPauses struct{ good }

func (f noPauses) Posted(ctx context.Context, d journal.Delivery, at time.Time, r channel.Receipt, _ journal.Pause) error {
	return f.good.Posted(ctx, d, at, r, journal.Pause{})
}

func (f noPauses) Later(ctx context.Context, d journal.Delivery, l journal.Later) error {
	l.Pause = journal.Pause{}
	return f.good.Later(ctx, d, l)
}

// mixed gives each question a dialogue of its own, and shows the one that it had.
type mixed struct{ good }

func cut(name string) string {
	name, _, _ = strings.Cut(name, "#")
	return name
}

func (f mixed) Accept(ctx context.Context, a journal.Arrival) (journal.Accepted, error) {
	a.Question.Dialogue += "#" + a.Question.ID
	got, err := f.good.Accept(ctx, a)
	got.Question.Dialogue = cut(got.Question.Dialogue)
	return got, err
}

func (f mixed) Claim(ctx context.Context, o journal.ClaimOptions) (journal.Claim, error) {
	c, err := f.good.Claim(ctx, o)
	c.Question.Dialogue = cut(c.Question.Dialogue)
	return c, err
}

func (f mixed) Next(ctx context.Context, o journal.NextOptions) (journal.Delivery, error) {
	d, err := f.good.Next(ctx, o)
	d.Dialogue = cut(d.Dialogue)
	return d, err
}

func (f mixed) OpenCase(ctx context.Context, c journal.NewCase, at time.Time) (journal.Case, error) {
	got, err := f.good.OpenCase(ctx, c, at)
	got.Dialogue = cut(got.Dialogue)
	return got, err
}

func (f mixed) Entry(ctx context.Context, id string) (journal.Entry, error) {
	e, err := f.good.Entry(ctx, id)
	e.Question.Dialogue = cut(e.Question.Dialogue)
	for i := range e.Deliveries {
		e.Deliveries[i].Dialogue = cut(e.Deliveries[i].Dialogue)
	}
	return e, err
}

func (f mixed) Entries(ctx context.Context, filter journal.Filter) iter.Seq2[journal.Question, error] {
	return func(yield func(journal.Question, error) bool) {
		for q, err := range f.good.Entries(ctx, filter) {
			q.Dialogue = cut(q.Dialogue)
			if !yield(q, err) {
				return
			}
		}
	}
}

type lastFirst struct{ good }

func (f lastFirst) Next(ctx context.Context, o journal.NextOptions) (journal.Delivery, error) {
	first, err := f.good.Next(ctx, o)
	if err != nil {
		return first, err
	}
	second, err := f.good.Next(ctx, o)
	if err != nil {
		return first, nil
	}
	if second.ID == first.ID {
		return second, nil
	}
	return second, f.Later(ctx, first, journal.Later{At: o.Now, Next: o.Now})
}

type leavesTexts struct {
	good
	texts map[string]string
}

func (f *leavesTexts) Accept(ctx context.Context, a journal.Arrival) (journal.Accepted, error) {
	got, err := f.good.Accept(ctx, a)
	if !got.Duplicate {
		f.texts[got.Question.ID] = got.Question.Text
	}
	return got, err
}

func (f *leavesTexts) Entry(ctx context.Context, id string) (journal.Entry, error) {
	e, err := f.good.Entry(ctx, id)
	if e.Question.Text == "" {
		e.Question.Text = f.texts[id]
	}
	return e, err
}

type noProfiles struct{ good }

func (f noProfiles) Accept(ctx context.Context, a journal.Arrival) (journal.Accepted, error) {
	a.Question.Profile = nil
	return f.good.Accept(ctx, a)
}

type tidyProfiles struct{ good }

func (f tidyProfiles) Accept(ctx context.Context, a journal.Arrival) (journal.Accepted, error) {
	var tidy bytes.Buffer
	if err := json.Compact(&tidy, a.Question.Profile); err == nil {
		a.Question.Profile = tidy.Bytes()
	}
	return f.good.Accept(ctx, a)
}

type leavesOrgs struct {
	good
	orgs map[string]string
}

func (f *leavesOrgs) Accept(ctx context.Context, a journal.Arrival) (journal.Accepted, error) {
	got, err := f.good.Accept(ctx, a)
	if !got.Duplicate {
		f.orgs[got.Question.ID] = got.Question.Org
	}
	return got, err
}

func (f *leavesOrgs) Entry(ctx context.Context, id string) (journal.Entry, error) {
	e, err := f.good.Entry(ctx, id)
	e.Question.Org = f.orgs[id]
	return e, err
}

// rates changes ratings, and drops those that take does not want.
type rates struct {
	good
	take func(*journal.Rating) bool
}

func (f rates) Rate(ctx context.Context, r journal.Rating) error {
	if !f.take(&r) {
		return nil
	}
	return f.good.Rate(ctx, r)
}

type leavesRatings struct{ good }

func (f leavesRatings) Erase(ctx context.Context, user string, at time.Time) (journal.Erased, error) {
	var kept []journal.Rating
	for q := range f.Entries(ctx, journal.Filter{}) {
		e, err := f.Entry(ctx, q.ID)
		if err != nil {
			return journal.Erased{}, err
		}
		kept = append(kept, e.Ratings...)
	}
	got, err := f.good.Erase(ctx, user, at)
	for _, r := range kept {
		if r.User == user {
			err = errors.Join(err, f.Rate(ctx, r))
		}
	}
	return got, err
}

type backward struct{ good }

func (f backward) Entry(ctx context.Context, id string) (journal.Entry, error) {
	e, err := f.good.Entry(ctx, id)
	slices.Reverse(e.Steps)
	return e, err
}

type deaf struct{ good }

func (f deaf) Complete(ctx context.Context, c journal.Claim, r journal.Result) error {
	return f.good.Complete(context.WithoutCancel(ctx), c, r)
}
