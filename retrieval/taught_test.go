package retrieval_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"policybot/retrieval"
)

func teach(t testing.TB, l *retrieval.Library, clause, question string) retrieval.Taught {
	t.Helper()
	e, err := l.Teach(ctx, retrieval.Taught{Clause: clause, Question: question, By: "lin", At: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func listed(t testing.TB, l *retrieval.Library, clause string) []retrieval.Taught {
	t.Helper()
	list, err := l.Taught(ctx, clause)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// bothStores runs a test over a memory store and a file.
func bothStores(t *testing.T, test func(t *testing.T, store retrieval.Store)) {
	t.Run("memory", func(t *testing.T) { test(t, retrieval.NewMemory()) })
	t.Run("sqlite", func(t *testing.T) { test(t, sqliteStore(t)) })
}

const (
	lastClause    = "05-faq.q8" // what the questions below do not find
	taughtAsk     = "开火锅店借钱的利息政府能帮着付一点吗"
	paraphrase    = "开火锅店借钱,利息政府帮着付一点吗?"
	otherQuestion = "充电设施补贴每千瓦时多少"
)

// A marked question finds its clause first, whether the search had found it or not, and
// so does what asks the same; other questions find what they did. Taking it back restores
// every byte.
func TestTeach(t *testing.T) {
	bothStores(t, func(t *testing.T, store retrieval.Store) {
		l := sampleLibrary(t, store, "")
		asked := []retrieval.Query{{Text: taughtAsk}, {Text: paraphrase}, {Text: otherQuestion}, {Text: "研发费用补贴"}, {Text: "补贴", Context: []string{taughtAsk}}}
		found := func() []string {
			var out []string
			for _, q := range asked {
				text, err := json.Marshal(search(t, l, q, 50))
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, string(text))
			}
			return out
		}
		before, revision := found(), l.Revision()
		e := teach(t, l, lastClause, " "+taughtAsk+"?")
		if e.ID == "" || e.Question != taughtAsk+"?" || e.By != "lin" || e.Stale {
			t.Errorf("stored %+v", e)
		}
		for _, q := range asked[:2] {
			hits := search(t, l, q, 10)
			if w := hits[0].Why.Taught; hits[0].Clause.ID != lastClause || w == nil || w.Entry != e.ID || w.Question != e.Question || w.Similarity < 0.6 || w.Part <= 0 {
				t.Errorf("%s: first is %s with %+v", q.Text, hits[0].Clause.ID, hits[0].Why.Taught)
			}
			parts := hits[0].Why.Vector + hits[0].Why.Focus + hits[0].Why.Taught.Part
			for _, p := range hits[0].Why.Signals {
				parts += p.Part
			}
			if math.Abs(parts-hits[0].Score) > 1e-9 || hits[0].Score <= hits[1].Score {
				t.Errorf("%s: score %g is not the sum %g, or not above %g", q.Text, hits[0].Score, parts, hits[1].Score)
			}
			if slices.ContainsFunc(hits[1:], func(h retrieval.Hit) bool { return h.Clause.ID == lastClause || h.Why.Taught != nil }) {
				t.Errorf("%s: the clause is there twice, or two are raised", q.Text)
			}
		}
		if now := found(); !slices.Equal(now[2:], before[2:]) || now[0] == before[0] {
			t.Error("other questions find something else, or the marked one does not")
		}
		if got := search(t, l, retrieval.Query{Text: taughtAsk, Bare: true}, 50); got[0].Why.Taught != nil {
			t.Error("a bare search uses entries")
		}
		if l.Revision() != revision {
			t.Error("the texts have another revision")
		}
		if gone, err := l.Unteach(ctx, e.ID); err != nil || gone.Question != e.Question {
			t.Errorf("took back %+v, %v", gone, err)
		}
		if !slices.Equal(found(), before) || len(listed(t, l, "")) != 0 {
			t.Error("something of the entry is left")
		}
		if _, err := l.Unteach(ctx, e.ID); !errors.Is(err, retrieval.ErrNotFound) {
			t.Errorf("taking it back twice: %v", err)
		}
	})
}

// One question is one entry.
func TestTeachRefuses(t *testing.T) {
	l := sampleLibrary(t, retrieval.NewMemory(), "")
	e := teach(t, l, lastClause, taughtAsk)
	if again := teach(t, l, lastClause, "开火锅店,借钱的利息?政府能帮着付一点吗"); again != e || len(listed(t, l, lastClause)) != 1 {
		t.Errorf("the same words are another entry: %+v", again)
	}
	_, err := l.Teach(ctx, retrieval.Taught{Clause: "05-faq.q7", Question: taughtAsk + "!"})
	if taken, ok := errors.AsType[*retrieval.TaughtError](err); !ok || taken.Existing != e {
		t.Errorf("for another clause: %v", err)
	}
	for name, tt := range map[string]struct {
		clause, question string
		want             error
	}{
		"no such clause":   {"05-faq.q99", "怎么办", retrieval.ErrNotFound},
		"not a leaf":       {"05-faq", "怎么办", retrieval.ErrNotFound},
		"no clause":        {"", "怎么办", retrieval.ErrNotFound},
		"empty":            {lastClause, " ", retrieval.ErrTaughtQuestion},
		"only marks":       {lastClause, "?!…", retrieval.ErrTaughtQuestion},
		"too long":         {lastClause, strings.Repeat("问", retrieval.MaxTaughtText+1), retrieval.ErrTaughtQuestion},
		"not UTF-8":        {lastClause, "问\xff", retrieval.ErrTaughtQuestion},
		"50 of the clause": {lastClause, "第五十一问", retrieval.ErrTaughtLimit},
	} {
		if errors.Is(tt.want, retrieval.ErrTaughtLimit) {
			for i := 1; i < retrieval.MaxTaughtClause; i++ {
				teach(t, l, lastClause, fmt.Sprintf("问题%d", i))
			}
		}
		if _, err := l.Teach(ctx, retrieval.Taught{Clause: tt.clause, Question: tt.question}); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	teach(t, l, "05-faq.q7", strings.Repeat("问", retrieval.MaxTaughtText))
}

// The entries of a clause that a new version lacks do nothing until it is back.
func TestTaughtStale(t *testing.T) {
	bothStores(t, func(t *testing.T, store retrieval.Store) {
		l := retrieval.New(store, t.TempDir())
		whole := measures(1)
		short, _, _ := strings.Cut(whole, "第19条")
		put := func(text string) {
			add(t, l, file("/d", "a.txt", text))
			refresh(t, l)
		}
		put(whole)
		clause := search(t, l, retrieval.Query{Text: "第19类条件 190万元"}, 1)[0].Clause.ID
		e := teach(t, l, clause, "养猫有补贴吗")
		raised := func() bool {
			hits := search(t, l, retrieval.Query{Text: "养猫有补贴吗"}, 5)
			return len(hits) > 0 && hits[0].Why.Taught != nil && hits[0].Clause.ID == clause
		}
		for _, tt := range []struct {
			text string
			back bool
		}{{whole, true}, {short, false}, {whole, true}} {
			put(tt.text)
			list := listed(t, l, "")
			if raised() != tt.back || len(list) != 1 || list[0].ID != e.ID || list[0].Stale == tt.back {
				t.Errorf("clause there: %v; raised: %v; listed %+v", tt.back, raised(), list)
			}
		}
	})
}

// What one process marks, another finds after Refresh, and it is there after a restart.
func TestTaughtInAnotherProcess(t *testing.T) {
	bothStores(t, func(t *testing.T, store retrieval.Store) {
		l, other := sampleLibrary(t, store, ""), retrieval.New(store, "")
		refresh(t, other)
		first := func() string { return search(t, other, retrieval.Query{Text: taughtAsk}, 1)[0].Clause.ID }
		before := first()
		e := teach(t, l, lastClause, taughtAsk)
		if first() != before {
			t.Error("found before Refresh")
		}
		refresh(t, other)
		if first() != lastClause {
			t.Errorf("found %s", first())
		}
		if _, err := l.Unteach(ctx, e.ID); err != nil {
			t.Fatal(err)
		}
		refresh(t, other)
		if first() != before {
			t.Errorf("found %s after it was taken back", first())
		}
	})
}

// An entry does not act for a question about another place, as its focus says.
func TestTaughtMisplaced(t *testing.T) {
	l := sampleLibrary(t, retrieval.NewMemory(), "")
	teach(t, l, lastClause, taughtAsk)
	for weight, acts := range map[float64]bool{-1.5: false, -1: false, -0.1: true, 0.5: true} {
		q := retrieval.Query{Text: taughtAsk, Focus: []retrieval.Focus{{Document: "05-faq", Weight: weight}}}
		if hits := search(t, l, q, 50); (hits[0].Why.Taught != nil) != acts {
			t.Errorf("focus %g: %s first with %+v", weight, hits[0].Clause.ID, hits[0].Why.Taught)
		}
	}
}

// Try searches with an entry that nobody else sees.
func TestTry(t *testing.T) {
	l := sampleLibrary(t, retrieval.NewMemory(), "")
	trial, err := l.Try(ctx, retrieval.Taught{Clause: lastClause, Question: taughtAsk})
	if err != nil {
		t.Fatal(err)
	}
	if got := search(t, trial, retrieval.Query{Text: taughtAsk}, 1); got[0].Clause.ID != lastClause {
		t.Errorf("found %s", got[0].Clause.ID)
	}
	if got := search(t, l, retrieval.Query{Text: taughtAsk}, 1); got[0].Clause.ID == lastClause || len(listed(t, l, "")) > 0 {
		t.Error("it is in the library")
	}
	e := teach(t, l, lastClause, taughtAsk)
	for clause, want := range map[string]string{lastClause: "", "05-faq.q7": e.ID, "05-faq.q99": retrieval.ErrNotFound.Error()} {
		if _, err := l.Try(ctx, retrieval.Taught{Clause: clause, Question: taughtAsk}); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", clause, err, want)
		}
	}
}

// taughtLibrary is a large library with n entries.
func taughtLibrary(b *testing.B, n int) *retrieval.Library {
	b.Helper()
	store := retrieval.NewMemory()
	l := largeLibraryIn(b, store)
	var list []retrieval.Attachment
	var found [][]retrieval.Hit
	for _, text := range benchmarkQuestions {
		found = append(found, search(b, l, retrieval.Query{Text: text, Told: -1}, 50))
	}
	for i := range n {
		hits := found[i%len(found)]
		data, err := json.Marshal(retrieval.Taught{
			Clause: hits[i%len(hits)].Clause.ID, Question: fmt.Sprintf("%s第%d类企业在%d年能拿多少", benchmarkQuestions[i*7%len(benchmarkQuestions)], i%97, 2000+i%50),
		})
		if err != nil {
			b.Fatal(err)
		}
		list = append(list, retrieval.Attachment{Kind: "taught", ID: fmt.Sprint(i), Data: data})
	}
	list = append(list, retrieval.Attachment{Kind: "taught-changed", ID: "last", Data: []byte{1}})
	if err := store.PutAttachments(ctx, list...); err != nil {
		b.Fatal(err)
	}
	refresh(b, l)
	return l
}

// BenchmarkTaught searches with as many entries; none is what it cost before.
func BenchmarkTaught(b *testing.B) {
	for _, n := range []int{0, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			l := taughtLibrary(b, n)
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				search(b, l, retrieval.Query{Text: benchmarkQuestions[i%len(benchmarkQuestions)], Told: -1}, 20)
				i++
			}
		})
	}
}
