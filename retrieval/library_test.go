package retrieval_test

import (
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"policybot/retrieval"
	"policybot/retrieval/charset"
	"policybot/retrieval/retrievaltest"
	"policybot/retrieval/sqlite"
	"policybot/seeds"
)

// sampleFiles are the twelve documents of many styles and the five seeds.
func sampleFiles(t testing.TB) []retrieval.File {
	t.Helper()
	var out []retrieval.File
	collect := func(files fs.FS, pattern string) {
		names, err := fs.Glob(files, pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(names), err)
		}
		for _, name := range names {
			data, err := fs.ReadFile(files, name)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, retrieval.File{Source: filepath.Base(name), Origin: "/sample/" + name, Data: data})
		}
	}
	collect(osDir("outline/testdata/styles"), "*.txt")
	collect(seeds.FS(), "*.txt")
	return out
}

// sampleLibrary returns a library of sampleFiles over a store, ready to search.
func sampleLibrary(t testing.TB, store retrieval.Store, dir string) *retrieval.Library {
	t.Helper()
	l := retrieval.New(store, dir)
	for _, f := range sampleFiles(t) {
		add(t, l, f)
	}
	refresh(t, l)
	return l
}

func refresh(t testing.TB, l *retrieval.Library) {
	t.Helper()
	if err := l.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
}

func search(t testing.TB, l *retrieval.Library, q retrieval.Query, k int) []retrieval.Hit {
	t.Helper()
	found, err := l.Search(ctx, q, k)
	if err != nil {
		t.Fatal(err)
	}
	return found.Hits
}

// ids lists the clauses of hits with their scores.
func ids(hits []retrieval.Hit) []string {
	var out []string
	for _, h := range hits {
		out = append(out, fmt.Sprintf("%s %.6f", h.Clause.ID, h.Score))
	}
	return out
}

func sqliteStore(t testing.TB) retrieval.Store {
	t.Helper()
	db, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), sqlite.FileName), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func TestSearchFinds(t *testing.T) {
	l := sampleLibrary(t, retrieval.NewMemory(), "")
	for _, tt := range []struct{ question, want string }{
		{"研发费用补贴的比例是多少，单个企业最高多少", "01-measures.chapter2.section2.art6"},
		{"餐饮企业贷款贴息", "02-notice.h2.b3"},
		{"创新药上市一次性奖励", "03-guide.h1.b1.n1.m3"},
		{"registration grant for class III devices", "04-english-notice.section2.art5"},
		{"租房补贴最多领几个月", "05-faq.q8"},
		{"托育机构评为市级示范机构的奖励", "06-gbk.h2.b2.s3"},
		{"充电设施补贴每千瓦时", "08-duplicate-articles.chapter3.art9x1"},
		{"异地就医直接结算进展", "10-press-conference."},
		{"subsidy per parcel for rural routes", "12-english-plan."},
		{"药品上市许可持有人制度", "000-d486a0f142223587."},
		{"生物材料快速通关", "001-348a0d9b94f4f60d."},
		{"招商引资扩容工程", "003-5be9f72802f73f51."},
	} {
		hits := search(t, l, retrieval.Query{Text: tt.question}, 10)
		if !slices.ContainsFunc(hits, func(h retrieval.Hit) bool { return strings.HasPrefix(h.Clause.ID, tt.want) }) {
			t.Errorf("%s: %q, want %s among them", tt.question, ids(hits), tt.want)
		}
	}
}

// The text of a hit is the clause's own, and lies where it says.
func TestSearchReturnsClauses(t *testing.T) {
	l := sampleLibrary(t, retrieval.NewMemory(), "")
	texts := map[string][]rune{}
	for _, f := range sampleFiles(t) {
		text, _, err := charset.Decode(f.Data)
		if err != nil {
			t.Fatal(err)
		}
		texts[f.Source] = []rune(text)
	}
	hits := search(t, l, retrieval.Query{Text: "支持企业发展"}, 100)
	if len(hits) < 50 {
		t.Fatalf("%d hits", len(hits))
	}
	for _, h := range hits {
		c := h.Clause
		if got := string(texts[c.Document.Source][c.Start:c.End]); got != c.Text || c.Text == "" {
			t.Errorf("%s: %q at its place, not %q", c.ID, got, c.Text)
		}
	}
}

// The parts of a score, and of each part the words, add up to it: words that were
// typed, and other forms of what the query speaks of.
func TestWhyAddsUp(t *testing.T) {
	l := sampleLibrary(t, retrieval.NewMemory(), "")
	for _, q := range []retrieval.Query{
		{Text: "研发费用补贴", Focus: []retrieval.Focus{{Document: "01-measures", Weight: 0.5}, {Document: "06-gbk", Weight: -0.25}}},
		{Text: "01-measures 研发费用补贴", Names: []string{"研发费用"}},
		{Text: "研发费用补贴"},
		{Text: "支持企业 support enterprises 50万元"},
		{Text: "最高多少", Context: []string{"南汀市研发补贴", "研发补贴的对象"}},
		{Context: []string{"医疗器械注册"}},
		{Text: "的的的的的"},
	} {
		found, err := l.Search(ctx, q, 50)
		if err != nil {
			t.Fatal(err)
		}
		hits := found.Hits
		if len(hits) == 0 {
			t.Errorf("%+v: nothing found", q)
		}
		highest := 0.0
		for _, h := range hits {
			highest = max(highest, h.Why.Clause+h.Why.Document)
		}
		near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-6*max(highest, 1) }
		all := strings.Join(append(slices.Clone(q.Context), q.Text), "\n")
		for _, c := range found.Concepts {
			for _, f := range c.Forms {
				all += "\n" + f.Text
			}
		}
		for i, h := range hits {
			if i > 0 && h.Score > hits[i-1].Score {
				t.Errorf("%+v: %s scores more than the hit before it", q, h.Clause.ID)
			}
			var clause, document float64
			for j, w := range h.Why.Words {
				clause += w.Clause
				document += w.Document
				if w.Word == "" || !strings.Contains(all, w.Word) {
					t.Errorf("%+v: %s: the word %q was not typed and is no other form", q, h.Clause.ID, w.Word)
				}
				if w.Clause+w.Document <= 0 {
					t.Errorf("%+v: %s: %q has no effect", q, h.Clause.ID, w.Word)
				}
				if j > 0 && w.Clause+w.Document > h.Why.Words[j-1].Clause+h.Why.Words[j-1].Document {
					t.Errorf("%+v: %s: the words are not in order", q, h.Clause.ID)
				}
			}
			parts := h.Why.Vector + h.Why.Focus
			for _, p := range h.Why.Signals {
				parts += p.Part
			}
			if math.Abs(h.Score-parts) > 1e-9 {
				t.Errorf("%+v: %s: score %g, parts %g", q, h.Clause.ID, h.Score, parts)
			}
			if !near(clause, h.Why.Clause) || !near(document, h.Why.Document) {
				t.Errorf("%+v: %s: BM25 %g + %g, words %g + %g", q, h.Clause.ID, h.Why.Clause, h.Why.Document, clause, document)
			}
		}
	}
}

// Of hits after the first Told ones Why has the sums without the words.
func TestWhyTold(t *testing.T) {
	l := sampleLibrary(t, retrieval.NewMemory(), "")
	all := search(t, l, retrieval.Query{Text: "研发费用补贴"}, 10)
	some := search(t, l, retrieval.Query{Text: "研发费用补贴", Told: 3}, 10)
	for i := range all {
		if i >= 3 {
			if len(all[i].Why.Words) == 0 || len(some[i].Why.Words) != 0 {
				t.Errorf("hit %d: %d words of all, %d when three are told", i, len(all[i].Why.Words), len(some[i].Why.Words))
			}
			all[i].Why.Words = []retrieval.WordPart{}
		}
	}
	if diff := cmp.Diff(all, some); diff != "" {
		t.Errorf("-all +told:\n%s", diff)
	}
}

// Documents that say the same rank by id, and clauses by their order, in every
// store, on every run and from the stored index.
func TestTies(t *testing.T) {
	dir := t.TempDir()
	want := []string{ // the first clause of a document has a signal of its own
		"a.2", "a.3", "a.4", "b.2", "b.3", "b.4", "c.2", "c.3", "c.4", "a.1", "b.1", "c.1",
	}
	for name, store := range map[string]retrieval.Store{"memory": retrieval.NewMemory(), "sqlite": sqliteStore(t), "memory again": retrieval.NewMemory()} {
		for _, id := range []string{"c", "a", "b"} {
			text := strings.Repeat("最高50万元。\n", 4)
			clauses := retrievaltest.Cut(id, text, "最高50万元。", "最高50万元。", "最高50万元。", "最高50万元。")
			for i := range clauses {
				clauses[i].Path = "一"
			}
			if _, err := store.Put(ctx, retrieval.Document{ID: id, Title: "办法"}, text, clauses); err != nil {
				t.Fatal(err)
			}
		}
		l := retrieval.New(store, dir)
		refresh(t, l)
		for range 5 {
			var got []string
			for _, h := range search(t, l, retrieval.Query{Text: "最高万元"}, 20) {
				got = append(got, h.Clause.ID)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s (-want +got):\n%s", name, diff)
			}
			if some := search(t, l, retrieval.Query{Text: "最高万元"}, 5); len(some) != 5 || some[4].Clause.ID != want[4] {
				t.Fatalf("%s: the first five are %q", name, ids(some))
			}
		}
	}
}

// All stores give the same hits with the same scores.
func TestStoresAgree(t *testing.T) {
	memory, file := sampleLibrary(t, retrieval.NewMemory(), ""), sampleLibrary(t, sqliteStore(t), t.TempDir())
	if memory.Revision() != file.Revision() || memory.Len() != file.Len() || memory.Len() == 0 {
		t.Errorf("%d clauses at %s, %d at %s", memory.Len(), memory.Revision(), file.Len(), file.Revision())
	}
	for _, text := range []string{"补贴", "registration", "支持企业发展", "有效期"} {
		q := retrieval.Query{Text: text}
		if diff := cmp.Diff(search(t, memory, q, 30), search(t, file, q, 30)); diff != "" {
			t.Errorf("%s (-memory +sqlite):\n%s", text, diff)
		}
	}
}

// What is added is found after Refresh, and what was replaced is not.
func TestRefreshAfterAdding(t *testing.T) {
	for name, store := range map[string]retrieval.Store{"memory": retrieval.NewMemory(), "sqlite": sqliteStore(t)} {
		t.Run(name, func(t *testing.T) {
			l := retrieval.New(store, t.TempDir())
			find := func(word string) int { return len(search(t, l, retrieval.Query{Text: word}, 10)) }
			if find("青蒿素") != 0 {
				t.Error("found before anything was added")
			}
			refresh(t, l)
			empty := l.Revision()
			add(t, l, file("/d", "a.txt", policy("南汀市扶持办法", "青蒿素")))
			if find("青蒿素") != 0 || l.Revision() != empty {
				t.Error("found before Refresh")
			}
			refresh(t, l)
			if find("青蒿素") == 0 || find("紫杉醇") != 0 {
				t.Error("the first document is not found, or more than it")
			}
			add(t, l, file("/d", "b.txt", policy("云岭市扶持办法", "紫杉醇")))
			add(t, l, file("/d", "a.txt", policy("南汀市扶持办法", "奎宁")))
			if hits := search(t, l, retrieval.Query{Text: "青蒿素"}, 10); len(hits) > 0 && strings.Contains(hits[0].Clause.Text, "青蒿素") {
				t.Error("a replaced text is shown before Refresh")
			}
			refresh(t, l)
			if find("青蒿素") != 0 || find("紫杉醇") == 0 || find("奎宁") == 0 {
				t.Error("the changes are not found")
			}
			if l.Len() != 4 || l.Revision() == empty {
				t.Errorf("%d clauses at %s", l.Len(), l.Revision())
			}
		})
	}
}

// Searching goes on, on one view or the next, while documents are added and
// the index is built again and again. Run with -race.
func TestSearchDuringRefresh(t *testing.T) {
	l := retrieval.New(retrieval.NewMemory(), t.TempDir())
	add(t, l, file("/d", "first.txt", policy("第一份办法", "青蒿素")))
	refresh(t, l)
	stop := make(chan struct{})
	var readers, writers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				found, err := l.Search(ctx, retrieval.Query{Text: "青蒿素企业最高万元"}, 10)
				hits := found.Hits
				if err != nil || len(hits) == 0 {
					t.Errorf("%d hits, %v", len(hits), err)
					return
				}
				for i, h := range hits {
					if h.Clause.Text == "" || i > 0 && h.Score > hits[i-1].Score {
						t.Errorf("hit %d: %q %g", i, h.Clause.Text, h.Score)
					}
				}
			}
		})
	}
	for w := range 3 {
		writers.Go(func() {
			for i := range 15 {
				name := fmt.Sprintf("%d-%d.txt", w, i)
				if _, err := l.Add(ctx, file("/d", name, policy("办法"+name, "奎宁"+name))); err != nil {
					t.Error(err)
				}
				if err := l.Refresh(ctx); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
	refresh(t, l)
	if l.Len() != 2*46 {
		t.Errorf("%d clauses", l.Len())
	}
}
