package register_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"policybot/bot/eligibility"
	"policybot/bot/eligibility/register"
	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
	"policybot/retrieval/sqlite"
	"policybot/seeds"
)

const (
	offer   = "支持研发型企业建设平台，给予资助。"
	another = "支持中药企业改造工艺。"
)

var day = time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)

// A shelf is a register with a library that a test changes.
type shelf struct {
	*register.Register
	t     testing.TB
	store retrieval.Store
	lib   *retrieval.Library
}

// newShelf is a register of two documents, a and b, each with the offers above.
func newShelf(t testing.TB, store retrieval.Store) *shelf {
	s := &shelf{t: t, store: store, lib: retrieval.New(store, "")}
	s.Register = &register.Register{Store: store, Library: s.lib}
	s.write("a", offer, another)
	s.write("b", offer, another)
	return s
}

// write stores a document with these clauses and makes it searchable.
func (s *shelf) write(id string, parts ...string) {
	s.t.Helper()
	text := strings.Join(parts, "\n")
	clauses := retrievaltest.Cut(id, text, parts...)
	if _, err := s.store.Put(context.Background(), retrieval.Document{ID: id}, text, clauses); err != nil {
		s.t.Fatal(err)
	}
	if err := s.lib.Refresh(context.Background()); err != nil {
		s.t.Fatal(err)
	}
}

// measures writes a file of measures, ids before their documents: "m1 a", of the first
// clause; "m2 b 2", of the second. What follows is the title.
func measures(t testing.TB, name string, list ...string) []eligibility.Measure {
	t.Helper()
	var b strings.Builder
	b.WriteString("measures:\n")
	for _, text := range list {
		f := append(strings.Fields(text), "1", "题")
		quote, words := "给予资助", "研发型企业"
		if f[2] == "2" {
			quote, words = "改造工艺", "中药企业"
		}
		fmt.Fprintf(&b, "  - id: %s\n    document: %s\n    clause: %s.%s\n    title: {zh: %s, en: title}\n    quote: %s\n"+
			"    strength: support\n    criteria:\n      - {need: role_rd, words: %s}\n", f[0], f[1], f[1], f[2], f[3], quote, words)
	}
	out, err := eligibility.Read(strings.NewReader(b.String()), name)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// draft drafts measures by rules and wants so many to be new.
func (s *shelf) draft(want int, list ...string) {
	s.t.Helper()
	n, err := s.Draft(s.t.Context(), measures(s.t, "", list...), register.Rules, day)
	if err != nil || n != want {
		s.t.Errorf("Draft = %d, %v; want %d", n, err, want)
	}
}

// load imports measures and wants so many to be new.
func (s *shelf) load(want int, list ...string) {
	s.t.Helper()
	n, err := s.Import(s.t.Context(), "measures.yaml", measures(s.t, "dir/measures.yaml", list...), "李四", day)
	if err != nil || n != want {
		s.t.Errorf("Import = %d, %v; want %d", n, err, want)
	}
}

// is wants the register to have these measures: "m1 approved", "m2 draft stale".
func (s *shelf) is(want ...string) {
	s.t.Helper()
	list, err := s.List(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	var got, counts []string
	for _, l := range list {
		text := l.ID + " " + string(l.State)
		if l.Stale() {
			text += " stale"
		}
		if (l.Problem == "") != (l.Bound != nil) {
			s.t.Errorf("%s: problem %q, bound %v", l.ID, l.Problem, l.Bound)
		}
		if l.State == register.Approved && l.Bound != nil {
			counts = append(counts, l.ID)
		}
		got = append(got, text)
	}
	if !slices.Equal(got, want) {
		s.t.Errorf("the register has %q, want %q", got, want)
	}
	s.counts(counts...)
}

// counts wants these measures to be approved and in the text.
func (s *shelf) counts(want ...string) {
	s.t.Helper()
	list, err := s.Approved(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	var got []string
	for _, b := range list {
		got = append(got, b.ID)
		if !strings.Contains(b.Offer(), b.Quote) {
			s.t.Errorf("%s offers %q", b.ID, b.Offer())
		}
	}
	if !slices.Equal(got, want) {
		s.t.Errorf("approved are %q, want %q", got, want)
	}
}

func (s *shelf) get(id string) register.Listed {
	s.t.Helper()
	l, err := s.Get(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return l
}

func (s *shelf) ok(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Error(err)
	}
}

// onBoth runs a test on each store.
func onBoth(t *testing.T, test func(t *testing.T, s *shelf)) {
	t.Run("memory", func(t *testing.T) { test(t, newShelf(t, retrieval.NewMemory())) })
	t.Run("sqlite", func(t *testing.T) { test(t, newShelf(t, openStore(t))) })
}

func openStore(t testing.TB) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), sqlite.FileName), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// TestReview: a draft counts once it is approved, and no more when it is rejected.
func TestReview(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		s.is()
		s.draft(2, "m2 b 2", "m1 a")
		s.is("m1 draft", "m2 draft")
		if m := s.get("m1"); m.Origin != register.Rules || m.By != "" || !m.At.Equal(day) || m.Imported != "" {
			t.Errorf("%+v", m.Entry)
		}
		later := day.Add(time.Hour)
		s.ok(s.Approve(t.Context(), "m1", "张三", later, nil))
		s.is("m1 approved", "m2 draft")
		if m := s.get("m1"); m.By != "张三" || !m.At.Equal(later) || m.Origin != register.Rules || m.Criteria[0].Words != "研发型企业" {
			t.Errorf("%+v", m.Entry)
		}
		s.ok(s.Reject(t.Context(), "m1", "李四", "重复", later))
		s.ok(s.Reject(t.Context(), "m2", "李四", "不对", later))
		s.is("m1 rejected", "m2 rejected")
		if m := s.get("m2"); m.By != "李四" || m.Why != "不对" {
			t.Errorf("%+v", m.Entry)
		}
		s.ok(s.Approve(t.Context(), "m2", "张三", later, nil))
		s.is("m1 rejected", "m2 approved")
		if m := s.get("m2"); m.Why != "" {
			t.Errorf("%+v", m.Entry)
		}
	})
}

// TestNotFound: each way to name a measure that is not there.
func TestNotFound(t *testing.T) {
	s := newShelf(t, retrieval.NewMemory())
	s.draft(1, "m1 a")
	for _, id := range []string{"", "m", "m2", "M1"} {
		_, err := s.Get(t.Context(), id)
		for _, err := range []error{err, s.Approve(t.Context(), id, "x", day, nil), s.Reject(t.Context(), id, "x", "y", day)} {
			if !errors.Is(err, register.ErrNotFound) {
				t.Errorf("%q: error %v, want ErrNotFound", id, err)
			}
		}
	}
	s.is("m1 draft")
}

// TestCorrect: a corrected version must fit the text and have the same id.
func TestCorrect(t *testing.T) {
	s := newShelf(t, retrieval.NewMemory())
	s.draft(1, "m1 a")
	correct := func(text string) error {
		return s.Approve(t.Context(), "m1", "x", day, &measures(t, "fixed.yaml", text)[0])
	}
	if err := correct("m2 a"); err == nil || !strings.Contains(err.Error(), `"m1" is not corrected by "m2"`) {
		t.Errorf("another id: %v", err)
	}
	at, ok := errors.AsType[*eligibility.FileError](correct("m1 none"))
	if !ok || at.File != "fixed.yaml" || at.Line != 2 || !strings.Contains(at.Problem, "no document") {
		t.Errorf("another document: %v", at)
	}
	s.is("m1 draft")
	s.ok(correct("m1 b 2 新题"))
	s.is("m1 approved")
	if m := s.get("m1"); m.Document != "b" || m.Title.Zh != "新题" || m.Origin != register.Rules {
		t.Errorf("%+v", m.Entry)
	}
	s.ok(correct("m1 a 1 再改")) // what is approved can be corrected again
	s.is("m1 approved")
}

// TestStale: a measure whose words are gone does not count, and does again when they
// are back.
func TestStale(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		s.load(3, "m1 a", "m2 a 2", "m3 b")
		s.is("m1 approved", "m2 approved", "m3 approved")
		s.write("a", "支持研发型企业建设平台。", another)
		s.is("m1 approved stale", "m2 approved", "m3 approved")
		if m := s.get("m1"); !strings.Contains(m.Problem, "给予资助") {
			t.Errorf("problem %q", m.Problem)
		}
		if err := s.Approve(t.Context(), "m1", "x", day, nil); !errors.Is(err, register.ErrStale) || !strings.Contains(err.Error(), "给予资助") {
			t.Errorf("a measure that does not fit is approved: %v", err)
		}
		s.ok(s.Reject(t.Context(), "m2", "x", "y", day))
		s.write("a", "别的。")
		s.is("m1 approved stale", "m2 rejected", "m3 approved")
		s.write("a", "序言。", offer, another)
		s.is("m1 approved stale", "m2 rejected", "m3 approved") // the clause is now another one
		s.write("a", offer, another)
		s.is("m1 approved", "m2 rejected", "m3 approved")
	})
}

// TestDrafts: what a draft gives way to, and what gives way to it.
func TestDrafts(t *testing.T) {
	s := newShelf(t, retrieval.NewMemory())
	s.draft(3, "m1 a", "m2 a 2", "m3 b")
	s.draft(0, "m1 a", "m3 b")
	s.draft(0, "m4 none", "m5 a 7")
	s.draft(1, "m1 a 1 新题", "m3 b")
	s.is("m1 draft", "m2 draft", "m3 draft")
	if m := s.get("m1"); m.Title.Zh != "新题" {
		t.Errorf("%+v", m.Entry)
	}
	s.ok(s.Approve(t.Context(), "m1", "x", day, nil))
	s.ok(s.Reject(t.Context(), "m2", "x", "y", day))
	s.draft(0, "m1 a 1 又一题", "m2 a 2 又一题")
	s.draft(0, "other a", "more a 2") // the same offers by other ids
	s.is("m1 approved", "m2 rejected", "m3 draft")
	if m := s.get("m1"); m.Title.Zh != "新题" {
		t.Errorf("%+v", m.Entry)
	}
	s.draft(1, "m1 b 2") // another offer by the same id
	s.draft(0, "m1 b 2")
	s.is("m1 approved", "m1-2 draft", "m2 rejected", "m3 draft")
	broken := measures(t, "", "m6 a")
	broken[0].Criteria[0].Need = "no such fact"
	if n, err := s.Draft(t.Context(), broken, "model", day); n != 0 || err != nil {
		t.Errorf("Draft of what cannot be read = %d, %v", n, err)
	}
	s.write("b", another)
	s.is("m1 approved", "m1-2 draft stale", "m2 rejected", "m3 draft stale")
	s.draft(0) // the words are gone
	s.is("m1 approved", "m2 rejected")
	documents, err := s.Documents(t.Context())
	if err != nil || len(documents) != 1 || documents["a"] {
		t.Errorf("documents %v, %v", documents, err)
	}
	if n, err := s.Count(t.Context()); err != nil || n[register.Draft] != 0 || n[register.Approved] != 1 || n[register.Rejected] != 1 {
		t.Errorf("counts %v, %v", n, err)
	}
}

// TestCheck tells of every measure that does not fit, and keeps nothing.
func TestCheck(t *testing.T) {
	s := newShelf(t, retrieval.NewMemory())
	misfits, err := s.Check(t.Context(), measures(t, "f", "m1 a", "m2 a 7", "m3 b 2", "m4 none"))
	if err != nil || len(misfits) != 2 || misfits[0].Error() != "f:10: m2: a has no clause a.7" || misfits[1].Error() != `f:26: m4: there is no document "none"` {
		t.Errorf("%v, %v", misfits, err)
	}
	s.is()
}

// TestImport: a file is taken over whole or not at all, and does not undo what a person
// has decided since.
func TestImport(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		s.draft(4, "m1 a", "d1 a", "d2 b", "m2 a 2")
		_, err := s.Import(t.Context(), "measures.yaml", measures(t, "dir/measures.yaml", "m1 a", "m2 b 7"), "李四", day)
		if at, ok := errors.AsType[*eligibility.FileError](err); !ok || at.Error() != "dir/measures.yaml:10: m2: b has no clause b.7" {
			t.Errorf("error %v", err)
		}
		_, err = s.Import(t.Context(), "measures.yaml", measures(t, "dir/measures.yaml", "m1 a", "m2 none"), "李四", day)
		if at, ok := errors.AsType[*eligibility.FileError](err); !ok || at.Error() != `dir/measures.yaml:10: m2: there is no document "none"` {
			t.Errorf("error %v", err)
		}
		s.is("d1 draft", "d2 draft", "m1 draft", "m2 draft")
		s.load(2, "m1 a", "m3 a 2")
		s.is("d2 draft", "m1 approved", "m3 approved") // the file is what there is to say of a
		if m := s.get("m1"); m.By != "李四" || m.Origin != "measures.yaml" || m.Imported == "" {
			t.Errorf("%+v", m.Entry)
		}
		s.load(0, "m1 a", "m3 a 2")
		s.ok(s.Reject(t.Context(), "m1", "x", "y", day))
		s.ok(s.Approve(t.Context(), "m3", "x", day, &measures(t, "", "m3 a 2 新题")[0]))
		s.load(0, "m1 a", "m3 a 2")
		s.is("d2 draft", "m1 rejected", "m3 approved")
		if m := s.get("m3"); m.Title.Zh != "新题" {
			t.Errorf("%+v", m.Entry)
		}
		s.load(2, "m1 a 1 改", "m3 a 2 改") // the file says something new
		s.is("d2 draft", "m1 approved", "m3 approved")
		s.load(0)
		s.is("d2 draft", "m1 approved", "m3 approved")
		documents, err := s.Documents(t.Context())
		if err != nil || len(documents) != 2 || !documents["a"] || documents["b"] {
			t.Errorf("documents %v, %v", documents, err)
		}
	})
}

// TestBefore: what is about to be stored is told, what is refused or the same is not, and telling can keep it back.
func TestBefore(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		var told []int
		broken := error(nil)
		s.Before = func(n int) error { told = append(told, n); return broken }
		s.draft(3, "m1 a", "d1 a", "d2 b")
		s.draft(0, "m1 a", "d1 a", "d2 b")
		s.load(1, "m2 a 2") // drops the drafts of a
		s.load(0, "m2 a 2")
		s.ok(s.Reject(t.Context(), "m2", "x", "y", day))
		if err := s.Reject(t.Context(), "none", "x", "y", day); err == nil {
			t.Error("there is no such measure")
		}
		if !slices.Equal(told, []int{3, 1, 1}) {
			t.Errorf("told %v", told)
		}
		broken = errors.New("cannot be entered")
		if err := s.Approve(t.Context(), "m2", "x", day, nil); !errors.Is(err, broken) {
			t.Errorf("%v", err)
		}
		s.is("d2 draft", "m2 rejected")
	})
}

// TestSeed: what comes with the program is added once, and follows the program until a
// person decides.
func TestSeed(t *testing.T) {
	s := newShelf(t, retrieval.NewMemory())
	seed := func(list ...string) {
		s.ok(s.Seed(t.Context(), "measures.yaml", measures(t, "measures.yaml", list...), day))
	}
	s.draft(1, "m1 a")
	s.load(1, "m2 b")
	seed("m1 a", "m2 b 1 另", "m3 a 2", "m4 none")
	s.is("m1 approved", "m2 approved", "m3 approved", "m4 approved stale")
	if one, two := s.get("m1"), s.get("m2"); one.By != register.BySeeds || two.By != "李四" || two.Title.Zh != "题" {
		t.Errorf("%+v, %+v", one.Entry, two.Entry)
	}
	s.ok(s.Reject(t.Context(), "m1", "x", "y", day))
	seed("m1 a 1 新", "m3 a 2 新")
	s.is("m1 rejected", "m2 approved", "m3 approved", "m4 approved stale")
	if m := s.get("m3"); m.Title.Zh != "新" {
		t.Errorf("%+v", m.Entry)
	}
}

// TestUnreadable: an entry of another version of the program is listed and does not
// count.
func TestUnreadable(t *testing.T) {
	s := newShelf(t, retrieval.NewMemory())
	s.load(2, "m1 a", "m2 a 2")
	for id, data := range map[string]string{
		"m2": `{"id":"m2","document":"a","clause":"a.2","quote":"改造工艺","strength":"support","title":{"zh":"题","en":"t"},"criteria":[{"need":"future","words":"中药企业"}],"state":"approved"}`,
		"m3": `{"id":3}`, "m4": "\x00",
	} {
		s.ok(s.store.PutAttachments(t.Context(), retrieval.Attachment{Kind: "measure", ID: id, Data: []byte(data)}))
	}
	s.is("m1 approved", "m2 approved stale", "m3  stale", "m4  stale")
	if m := s.get("m2"); !strings.Contains(m.Problem, "future") {
		t.Errorf("problem %q", m.Problem)
	}
	if err := s.Reject(t.Context(), "m3", "x", "y", day); err == nil || errors.Is(err, register.ErrNotFound) {
		t.Errorf("error %v", err)
	}
	s.ok(s.Reject(t.Context(), "m2", "x", "y", day))
	s.load(1, "m3 a")
	s.is("m1 approved", "m2 rejected", "m3 approved", "m4  stale")
}

// A countingStore counts how often clauses are read.
type countingStore struct {
	retrieval.Store
	mu    sync.Mutex
	reads int
	err   error
}

func (c *countingStore) Clauses(ctx context.Context, id string) ([]retrieval.Clause, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads++
	if c.err != nil {
		return nil, c.err
	}
	return c.Store.Clauses(ctx, id)
}

// TestApprovedIsKept: the texts are read again only when a measure or a text has
// changed, and what a caller does to the list is the caller's.
func TestApprovedIsKept(t *testing.T) {
	s := newShelf(t, retrieval.NewMemory())
	s.load(3, "m1 a", "m2 a 2", "m3 b")
	store := &countingStore{Store: s.store}
	s.Register = &register.Register{Store: store, Library: s.lib}
	reads := func(want int) {
		t.Helper()
		for range 3 {
			s.counts("m1", "m2", "m3")
		}
		if store.reads != want {
			t.Errorf("texts were read %d times, want %d", store.reads, want)
		}
	}
	reads(2)
	list, err := s.Approved(t.Context())
	s.ok(err)
	clear(list)
	reads(2)
	s.write("c", offer)
	reads(4)
	s.draft(1, "m4 b 2")
	store.reads = 4
	reads(4) // a draft is no matter of questions
	s.ok(s.Approve(t.Context(), "m1", "x", day, nil))
	store.reads = 4
	reads(6)

	store.err = errors.New("disk")
	reads(6)
	s.write("c", another)
	if _, err := s.Approved(t.Context()); !errors.Is(err, store.err) {
		t.Errorf("error %v, want that of the store", err)
	}
	store.err = nil
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Approved(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	s.counts("m1", "m2", "m3")
}

// TestStoreFails: an error of the store is the caller's, and not a stale measure.
func TestStoreFails(t *testing.T) {
	s := newShelf(t, retrieval.NewMemory())
	s.draft(1, "m1 a")
	store := &countingStore{Store: s.store, err: errors.New("disk")}
	r := &register.Register{Store: store, Library: s.lib}
	_, listed := r.List(t.Context())
	_, drafted := r.Draft(t.Context(), measures(t, "", "m2 a"), register.Rules, day)
	_, imported := r.Import(t.Context(), "f", measures(t, "f", "m2 a"), "x", day)
	_, checked := r.Check(t.Context(), measures(t, "f", "m2 a"))
	for _, err := range []error{listed, drafted, imported, checked, r.Approve(t.Context(), "m1", "x", day, nil)} {
		if !errors.Is(err, store.err) {
			t.Errorf("error %v, want that of the store", err)
		}
	}
	s.is("m1 draft")
}

// TestConcurrent: questions are asked while texts and measures change.
func TestConcurrent(t *testing.T) {
	onBoth(t, func(t *testing.T, s *shelf) {
		s.load(2, "m1 a", "m2 b")
		var asking sync.WaitGroup
		done := make(chan struct{})
		for range 4 {
			asking.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
					}
					list, err := s.Approved(context.Background())
					if err != nil {
						t.Error(err)
						return
					}
					for _, b := range list {
						if b.ID == "" || !strings.Contains(b.Offer(), b.Quote) {
							t.Errorf("%+v", b)
						}
					}
				}
			})
		}
		for range 8 {
			s.write("a", "别的。")
			s.ok(s.Reject(t.Context(), "m2", "x", "y", day))
			s.write("a", offer)
			s.ok(s.Approve(t.Context(), "m2", "x", day, nil))
		}
		close(done)
		asking.Wait()
		s.is("m1 approved", "m2 approved")
	})
}

// seededRegister has the documents and measures of the seeds in a file.
func seededRegister(t testing.TB) *register.Register {
	t.Helper()
	db := openStore(t)
	lib, err := retrievaltest.SeedsIn(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	f, err := seeds.FS().Open("measures.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	list, err := eligibility.Read(f, "measures.yaml")
	if err != nil {
		t.Fatal(err)
	}
	r := &register.Register{Store: db, Library: lib}
	if err := r.Seed(t.Context(), "measures.yaml", list, day); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestSeeds: every measure of the seeds fits their texts, as stored and read again.
func TestSeeds(t *testing.T) {
	r := seededRegister(t)
	list, err := r.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range list {
		if l.Problem != "" {
			t.Errorf("%s: %s", l.ID, l.Problem)
		}
	}
	if bound, err := r.Approved(t.Context()); err != nil || len(bound) != len(list) || len(bound) < 40 {
		t.Errorf("%d of %d measures, %v", len(bound), len(list), err)
	}
}

func BenchmarkApproved(b *testing.B) {
	r := seededRegister(b)
	b.Run("kept", func(b *testing.B) {
		for b.Loop() {
			if _, err := r.Approved(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("bound", func(b *testing.B) {
		for b.Loop() {
			fresh := &register.Register{Store: r.Store, Library: r.Library}
			if _, err := fresh.Approved(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
