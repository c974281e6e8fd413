package publication_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"policybot/retrieval"
	"policybot/retrieval/publication"
	"policybot/retrieval/retrievaltest"
	"policybot/retrieval/sqlite"
)

const (
	anna, bert = "Anna", "bert"
	plan       = "关于支持企业的若干措施\n\n第一条 支持企业建设研发平台，最高给予五百万元资助。\n第二条 支持开展临床试验，给予资助。\n"
)

// stores are the stores that proposals are kept in.
var stores = map[string]func(t testing.TB) publication.Store{
	"memory": func(testing.TB) publication.Store { return retrieval.NewMemory() },
	"sqlite": func(t testing.TB) publication.Store {
		db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), sqlite.FileName), sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		return db
	},
}

// An office is a queue with a library that holds document a.
type office struct {
	*publication.Queue
	t     testing.TB
	store publication.Store
	lib   *retrieval.Library

	mu     sync.Mutex
	events []publication.Event // as told
	fails  error               // of being told
}

// heard is what was told last.
func (o *office) heard() publication.Event {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.events) == 0 {
		return publication.Event{}
	}
	return o.events[len(o.events)-1]
}

func newOffice(t testing.TB, store publication.Store, options publication.Options) *office {
	t.Helper()
	o := &office{t: t, store: store, lib: retrieval.New(store, "")}
	clock := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	var mu sync.Mutex
	options.Now = func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		clock = clock.Add(time.Second)
		return clock
	}
	options.Before = func(_ context.Context, e publication.Event) error {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.events = append(o.events, e)
		return o.fails
	}
	o.Queue = publication.New(store, o.lib, options)
	if _, err := o.lib.Add(t.Context(), retrieval.File{Source: "a.txt", Origin: "/x/a.txt", Data: []byte(plan)}); err != nil {
		t.Fatal(err)
	}
	if err := o.lib.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return o
}

// each runs a test on every store.
func each(t *testing.T, test func(t *testing.T, o *office)) {
	for name, open := range stores {
		t.Run(name, func(t *testing.T) { test(t, newOffice(t, open(t), publication.Options{})) })
	}
}

// shows is what the library shows: documents, clauses, a search, the revision.
func (o *office) shows() string {
	o.t.Helper()
	docs, err := o.lib.Documents(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	var b strings.Builder
	for _, d := range docs {
		clauses, err := o.lib.Clauses(o.t.Context(), d.ID)
		if err != nil {
			o.t.Fatal(err)
		}
		fmt.Fprintf(&b, "%#v %#v\n", d, clauses)
	}
	found, err := o.lib.Search(o.t.Context(), retrieval.Query{Text: "支持企业研发平台和临床试验的资助"}, 10)
	if err != nil {
		o.t.Fatal(err)
	}
	hits, _ := json.Marshal(found.Hits)
	return b.String() + string(hits) + o.lib.Revision()
}

// propose proposes a text as document a, or as a new one.
func (o *office) propose(document, text string, facts ...publication.Fact) publication.Proposal {
	o.t.Helper()
	done, err := o.Propose(o.t.Context(), publication.Upload{Kind: publication.Document, Document: document, Name: "new.txt", Data: []byte(text), Facts: facts, By: anna})
	if err != nil {
		o.t.Fatal(err)
	}
	return done.Proposal
}

func (o *office) publish(p publication.Proposal) publication.Done {
	o.t.Helper()
	done, err := o.Publish(o.t.Context(), p.ID, bert)
	if err != nil {
		o.t.Fatal(err)
	}
	return done
}

func (o *office) is(id string, want publication.State) publication.Proposal {
	o.t.Helper()
	p, err := o.Get(o.t.Context(), id)
	if err != nil || p.State != want {
		o.t.Errorf("proposal is %s, %v; want %s", p.State, err, want)
	}
	return p
}

func wantState(t testing.TB, err error, want publication.State) {
	t.Helper()
	if e, ok := errors.AsType[*publication.StateError](err); !ok || e.State != want {
		t.Errorf("error %v, want a StateError: %s", err, want)
	}
}

// From a proposal over publishing to rolling back: nothing before, everything after, and exactly
// what was before again.
func TestPublishAndRollBack(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		before := o.shows()
		text := strings.Replace(plan, "五百万", "八百万", 1) + "第三条 鼓励引进人才。\n"
		p := o.propose("a", text, publication.Fact{Field: "issuer", Value: "厦门市人民政府", Where: "公报"})
		if want := (publication.Counts{Added: 1, Changed: 1, Unchanged: 1, Facts: 1}); p.Counts != want || p.Base != 1 || p.State != publication.Proposed || p.File != "new.txt" {
			t.Errorf("proposal %+v, want %+v", p, want)
		}
		if o.shows() != before {
			t.Error("a proposal changes the library")
		}
		d, err := o.Diff(t.Context(), p.ID)
		if err != nil || !slices.Equal(told(d), []string{"changed a.art1>a.art1", "added >a.art3"}) || !slices.Equal(d.Touched(), []string{"a.art1"}) {
			t.Errorf("diff %q, touched %q, %v", told(d), d.Touched(), err)
		}
		done := o.publish(p)
		if done.Document == nil || done.Document.Version != 2 || done.Document.Issuer != "厦门市人民政府" || done.Document.Origin != "" || done.Document.Source != "a.txt" ||
			done.Proposal.Version != 2 || done.Proposal.DecidedBy != bert || o.heard().Detail != "kind=document document=a from=1 to=2" || o.heard().Does != "publish" {
			t.Errorf("published %+v", done)
		}
		if shown := o.shows(); shown == before || !strings.Contains(shown, "八百万") || o.is(p.ID, publication.Published).Version != 2 {
			t.Error("published, but not searched")
		}
		after, err := o.Diff(t.Context(), p.ID)
		if err != nil || !slices.Equal(told(after), told(d)) {
			t.Errorf("diff after publishing %q, %v", told(after), err)
		}
		done, err = o.RollBack(t.Context(), p.ID, anna, "金额有误")
		if err != nil || done.Document == nil || done.Document.Version != 1 || done.Proposal.RollBackWhy != "金额有误" || o.heard().Does != "roll_back" || o.heard().Detail != "kind=document document=a from=2 to=1" {
			t.Errorf("rolled back %+v, %v", done, err)
		}
		if o.shows() != before {
			t.Errorf("rolled back, the library shows\n%s\nwant\n%s", o.shows(), before)
		}
		o.is(p.ID, publication.RolledBack)
		for _, by := range []string{anna, bert} {
			_, err = o.Publish(t.Context(), p.ID, by)
			wantState(t, err, publication.RolledBack)
			_, err = o.RollBack(t.Context(), p.ID, by, "x")
			wantState(t, err, publication.RolledBack)
		}
		if again := o.publish(o.propose("a", text)); again.Document.Version != 3 || again.Proposal.Version != 3 {
			t.Errorf("published again %+v", again)
		}
	})
}

// A new document, one that is withdrawn, and one whose facts change.
func TestKinds(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx, before := t.Context(), o.shows()
		fresh := o.propose("", "第一条 鼓励引进人才。\n第二条 其他。\n")
		if fresh.Document != "new" || fresh.Base != 0 || fresh.Counts.Added != 2 {
			t.Errorf("new document %+v", fresh)
		}
		o.publish(fresh)
		if _, err := o.RollBack(ctx, fresh.ID, bert, "x"); err != nil || o.shows() != before {
			t.Errorf("a new document, rolled back: %v", err)
		}
		again := o.propose("new", "第一条 鼓励引进人才。\n第二条 其他。\n") // the same, of a document that is withdrawn now
		if len(again.Warnings) != 1 || again.Warnings[0].Kind != publication.WarnWithdrawn || again.Base != 0 {
			t.Errorf("new document %+v", again)
		}
		if done := o.publish(again); done.Document.Version != 2 || done.Proposal.Version != 2 {
			t.Errorf("published again %+v", done)
		}
		if _, err := o.RollBack(ctx, again.ID, bert, "x"); err != nil || o.shows() != before {
			t.Errorf("the same again, rolled back: %v", err)
		}

		for _, u := range []publication.Upload{
			{Kind: publication.Facts, Facts: []publication.Fact{{Field: "repealed", Value: "true", Where: "公告"}, {Field: "valid_until", Value: "2025-12-31"}}},
			{Kind: publication.Withdraw},
		} {
			u.Document, u.By = "a", anna
			done, err := o.Propose(ctx, u)
			if err != nil {
				t.Fatal(err)
			}
			p := done.Proposal
			d, err := o.Diff(ctx, p.ID)
			if err != nil || u.Kind == publication.Facts && (len(d.Facts) != 2 || len(d.Clauses) != 0) || u.Kind == publication.Withdraw && d.Count(publication.Removed) != 2 {
				t.Errorf("%s: diff %+v, %v", u.Kind, d, err)
			}
			done = o.publish(p)
			switch {
			case u.Kind == publication.Withdraw && done.Document != nil:
				t.Errorf("withdrawn, but %+v", done.Document)
			case u.Kind == publication.Facts && (!done.Document.Repealed || done.Document.ValidUntil != "2025-12-31" || done.Document.Notes["repealed"] != "公告"):
				t.Errorf("facts %+v", done.Document)
			}
			if after, err := o.Diff(ctx, p.ID); err != nil || !slices.Equal(told(after), told(d)) {
				t.Errorf("%s: diff after publishing %q, %v", u.Kind, told(after), err)
			}
			if _, err := o.RollBack(ctx, p.ID, anna, "x"); err != nil || o.shows() != before {
				t.Errorf("%s, rolled back: %v\n%s\n%s", u.Kind, err, o.shows(), before)
			}
		}
	})
}

func TestWhoMay(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx, before := t.Context(), o.shows()
		p := o.propose("a", plan+"第三条 其他。\n")
		for _, by := range []string{anna, "anna", " ANNA ", "aNNa"} {
			if _, err := o.Publish(ctx, p.ID, by); !errors.Is(err, publication.ErrSamePerson) {
				t.Errorf("%q publishes: %v", by, err)
			}
		}
		for _, by := range []string{"", " \t"} {
			if _, err := o.Publish(ctx, p.ID, by); !errors.Is(err, publication.ErrNobody) {
				t.Errorf("%q publishes: %v", by, err)
			}
		}
		_, err := o.Reject(ctx, p.ID, bert, " ")
		_, err2 := o.RollBack(ctx, p.ID, bert, "")
		if !errors.Is(err, publication.ErrNoReason) || !errors.Is(err2, publication.ErrNoReason) {
			t.Errorf("without a reason: %v, %v", err, err2)
		}
		if _, err := o.TakeBack(ctx, p.ID, bert); !errors.Is(err, publication.ErrOther) {
			t.Errorf("somebody else takes back: %v", err)
		}
		_, err = o.RollBack(ctx, p.ID, bert, "x")
		wantState(t, err, publication.Proposed)
		if _, err := o.Publish(ctx, "none", bert); !errors.Is(err, publication.ErrNotFound) {
			t.Errorf("no proposal: %v", err)
		}
		if o.shows() != before {
			t.Error("what was refused changes the library")
		}
		if done, err := o.Reject(ctx, p.ID, bert, "不完整"); err != nil || done.Proposal.Why != "不完整" || done.Document != nil {
			t.Errorf("rejected %+v, %v", done, err)
		}
		_, err = o.Publish(ctx, p.ID, bert)
		wantState(t, err, publication.Rejected)
		p = o.propose("a", plan+"第三条 其他。\n")
		if done, err := o.TakeBack(ctx, p.ID, "anna"); err != nil || o.heard().Does != "take_back" {
			t.Errorf("taken back %+v, %v", done, err)
		}
		_, err = o.Reject(ctx, p.ID, bert, "x")
		wantState(t, err, publication.Withdrawn)
		list, err := o.List(ctx, "")
		if err != nil || len(list) != 2 || list[0].ID != p.ID {
			t.Errorf("list %+v, %v", list, err)
		}
		if list, err = o.List(ctx, publication.Rejected); err != nil || len(list) != 1 {
			t.Errorf("rejected ones %+v, %v", list, err)
		}
	})
}

func TestAlone(t *testing.T) {
	o := newOffice(t, retrieval.NewMemory(), publication.Options{Alone: true})
	p := o.propose("a", plan+"第三条 其他。\n")
	done, err := o.Publish(t.Context(), p.ID, anna)
	if err != nil || !o.Alone() || !strings.HasSuffix(o.heard().Detail, " alone") {
		t.Errorf("published %+v, %v", done, err)
	}
}

// TestBefore: what is about to be stored is told first, in no words of people, and is not stored where telling fails;
// what is refused is not told.
func TestBefore(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		p := o.propose("a", plan+"第三条 其他。\n")
		if e := o.heard(); e.Does != "propose" || e.Object != p.ID || e.Detail != "kind=document document=a from=1" {
			t.Errorf("told %+v", e)
		}
		for name, refused := range map[string]func() (publication.Done, error){
			"publishing alone": func() (publication.Done, error) { return o.Publish(ctx, p.ID, anna) },
			"at the machine":   func() (publication.Done, error) { return o.Publish(ctx, p.ID, publication.Local+strings.ToUpper(anna)) },
			"without a reason": func() (publication.Done, error) { return o.Reject(ctx, p.ID, bert, " ") },
			"rolling back":     func() (publication.Done, error) { return o.RollBack(ctx, p.ID, bert, "x") },
			"proposing nothing": func() (publication.Done, error) {
				return o.Propose(ctx, publication.Upload{Kind: publication.Withdraw, Document: "none", By: anna})
			},
		} {
			if _, err := refused(); err == nil || len(o.events) != 1 {
				t.Errorf("%s: %v, told %+v", name, err, o.events)
			}
		}
		before, broken := o.shows(), errors.New("cannot be entered")
		o.fails = broken
		for name, do := range map[string]func() (publication.Done, error){
			"propose": func() (publication.Done, error) {
				return o.Propose(ctx, publication.Upload{Kind: publication.Withdraw, Document: "a", By: anna})
			},
			"publish": func() (publication.Done, error) { return o.Publish(ctx, p.ID, bert) },
			"reject":  func() (publication.Done, error) { return o.Reject(ctx, p.ID, bert, "不对") },
		} {
			if _, err := do(); !errors.Is(err, broken) || errors.Is(err, publication.ErrNotSearchable) || strings.Contains(o.heard().Detail, "不对") {
				t.Errorf("%s: %v", name, err)
			}
		}
		list, err := o.List(ctx, "")
		if err != nil || len(list) != 1 || list[0].State != publication.Proposed || o.shows() != before {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

// A proposal that was made against another version is not published, and what was published over
// is not rolled back.
func TestConflicts(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		first, second := o.propose("a", plan+"第三条 甲。\n"), o.propose("a", plan+"第三条 乙。\n")
		one, two := o.propose("new", "第一条 甲。\n"), o.propose("new", "第一条 乙。\n")
		o.publish(first)
		o.publish(one)
		for _, p := range []publication.Proposal{second, two} {
			before := o.shows()
			_, err := o.Publish(ctx, p.ID, bert)
			if e, ok := errors.AsType[*publication.ConflictError](err); !ok || e.Base != p.Base || e.Current != p.Base+1 || e.Document != p.Document {
				t.Errorf("error %v, want a conflict", err)
			}
			o.is(p.ID, publication.Proposed)
			if o.shows() != before {
				t.Error("a conflict changes the library")
			}
		}
		third := o.propose("a", plan+"第三条 丙。\n")
		o.publish(third)
		_, err := o.RollBack(ctx, first.ID, bert, "x")
		if e, ok := errors.AsType[*publication.NewerError](err); !ok || e.Newer != third.ID || e.Current != 3 {
			t.Errorf("error %v, want the newer one", err)
		}
		for _, id := range []string{third.ID, first.ID} {
			if _, err := o.RollBack(ctx, id, bert, "x"); err != nil {
				t.Error(err)
			}
		}
		if done := o.publish(second); done.Document.Version != 4 { // its version is current again
			t.Errorf("published %+v", done.Document)
		}
		if _, err := o.lib.Add(ctx, retrieval.File{Source: "z.txt", Data: []byte(plan), Facts: func(d *retrieval.Document) bool { d.ID = "a"; return true }}); err != nil {
			t.Fatal(err)
		}
		_, err = o.RollBack(ctx, second.ID, bert, "x")
		if e, ok := errors.AsType[*publication.NewerError](err); !ok || e.Newer != "" || e.Current != 5 {
			t.Errorf("error %v, want another change", err)
		}
	})
}

// Of many who decide at once, each with a queue of their own, one wins and the others are told.
func TestRaces(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		for round := range 5 {
			p := o.propose("a", fmt.Sprintf("%s第三条 %d。\n", plan, round))
			var wg sync.WaitGroup
			var mu sync.Mutex
			won := map[string]int{}
			do := func(name string, f func(q *publication.Queue) error) {
				q := publication.New(o.store, retrieval.New(o.store, ""), publication.Options{})
				wg.Go(func() {
					err := f(q)
					mu.Lock()
					defer mu.Unlock()
					if e, ok := errors.AsType[*publication.StateError](err); ok {
						if e.State != publication.Published && e.State != publication.Rejected {
							t.Errorf("%s: %v", name, err)
						}
						return
					}
					if err != nil {
						t.Errorf("%s: %v", name, err)
					}
					won[name]++
				})
			}
			for n := range 3 {
				do("publish", func(q *publication.Queue) error {
					_, err := q.Publish(ctx, p.ID, fmt.Sprint("person ", n))
					return err
				})
			}
			do("reject", func(q *publication.Queue) error {
				_, err := q.Reject(ctx, p.ID, bert, "x")
				return err
			})
			wg.Wait()
			if won["publish"]+won["reject"] != 1 {
				t.Errorf("round %d: %v", round, won)
			}
			list, err := o.store.Versions(ctx, "a")
			if err != nil {
				t.Fatal(err)
			}
			if won["publish"] == 1 != (retrieval.CurrentOf(list) > 1) {
				t.Errorf("round %d: %v, and version %d is current", round, won, retrieval.CurrentOf(list))
			}
			if won["publish"] == 1 {
				if _, err := o.RollBack(ctx, p.ID, bert, "x"); err != nil {
					t.Error(err)
				}
			}
		}
	})
}

// What people have stated goes on to the next version; what they state anew counts more.
func TestInherited(t *testing.T) {
	o := newOffice(t, retrieval.NewMemory(), publication.Options{})
	facts := []publication.Fact{{Field: "issuer", Value: "市政府", Where: "公报"}, {Field: "jurisdiction", Value: "厦门市"}, {Field: "valid_until", Value: "2025"}}
	o.publish(o.propose("a", plan+"第三条 甲。\n", facts...))
	done := o.publish(o.propose("a", plan+"第三条 乙。\n", publication.Fact{Field: "jurisdiction"}))
	if d := done.Document; d.Issuer != "市政府" || d.Notes["issuer"] != "公报" || d.Jurisdiction != "" || d.ValidUntil != "2025" {
		t.Errorf("next version %+v", d)
	}
}

// The index does not undo what was published: no file stands for the document any more.
func TestOrigin(t *testing.T) {
	o := newOffice(t, retrieval.NewMemory(), publication.Options{})
	p := o.propose("a", plan+"第三条 甲。\n")
	if done := o.publish(p); done.Document.Origin != "" {
		t.Errorf("origin %q", done.Document.Origin)
	}
	if done, err := o.RollBack(t.Context(), p.ID, bert, "x"); err != nil || done.Document.Origin != "/x/a.txt" {
		t.Errorf("origin %q, %v", done.Document.Origin, err)
	}
}

// The bytes are kept as they came, and apart from what is listed.
func TestFile(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		data := append([]byte("\xef\xbb\xbf"), plan+"第三条 其他。\r\n"+strings.Repeat("附", 100_000)...)
		p := o.propose("a", string(data))
		got, err := o.File(t.Context(), p.ID)
		if err != nil || !bytes.Equal(got, data) || p.Size != len(data) || p.Format != ".txt" {
			t.Errorf("%d bytes, %v; want %d", len(got), err, len(data))
		}
		list, err := o.store.Attachments(t.Context(), "proposal")
		if err != nil || len(list) != 1 || len(list[0].Data) > 2000 {
			t.Errorf("what is listed has %d bytes, %v", len(list[0].Data), err)
		}
		if _, err := o.File(t.Context(), "none"); !errors.Is(err, publication.ErrNotFound) {
			t.Errorf("error %v", err)
		}
	})
}

// BenchmarkList lists 50 proposals with files of about 500 KB.
func BenchmarkList(b *testing.B) {
	o := newOffice(b, stores["sqlite"](b), publication.Options{})
	_, text, _ := retrievaltest.Numbered(1, 1, 2000)
	for i := range 50 {
		o.propose(fmt.Sprint("n", i), fmt.Sprintf("第一条 支持%d。\n%s", i, text))
	}
	for b.Loop() {
		if list, err := o.List(b.Context(), ""); err != nil || len(list) != 50 {
			b.Fatal(len(list), err)
		}
	}
}
