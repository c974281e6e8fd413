package retrieval_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"policybot/retrieval"
	"policybot/retrieval/charset"
	"policybot/retrieval/retrievaltest"
)

// measures is a document of 20 clauses; n makes it another one.
func measures(n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "南汀市第%d号研发补贴办法\n\n南府办〔2023〕%d号\n\n", n, n)
	for i := 1; i < 20; i++ {
		fmt.Fprintf(&b, "第%d条　对符合第%d类条件的企业，按照其上一年度研发费用的%d%%给予补贴，单个企业每年最高%d万元，"+
			"由市科技局会同市财政局审核后拨付。(责任单位:市科技局、市财政局)\n", i, n%7+i, i%20+1, 10*i)
	}
	b.WriteString("第20条　本办法自2023年5月1日起施行，有效期5年。\n南汀市人民政府办公室\n2023年4月1日\n")
	return b.String()
}

// BenchmarkAdd adds a document of 20 clauses to a library that holds up to 250.
func BenchmarkAdd(b *testing.B) {
	for name, open := range map[string]func() retrieval.Store{
		"memory": func() retrieval.Store { return retrieval.NewMemory() },
		"sqlite": func() retrieval.Store { return sqliteStore(b) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var l *retrieval.Library
			for i := 0; b.Loop(); i++ {
				if i%250 == 0 {
					b.StopTimer()
					l = retrieval.New(open(), "")
					b.StartTimer()
				}
				a := add(b, l, file("/d", fmt.Sprintf("%d.txt", i), measures(i)))
				if a.Document.Clauses != 22 { // with head and signature
					b.Fatalf("%d clauses", a.Document.Clauses)
				}
			}
		})
	}
}

// benchmarkQuestions are asked in turn.
var benchmarkQuestions = []string{
	"研发费用补贴的比例是多少", "申请高新技术企业认定需要哪些材料", "餐饮企业贷款贴息最高多少", "创新药上市奖励",
	"租房补贴最多领几个月", "异地就医怎么备案", "充电设施建设补贴标准", "会展业有什么支持政策", "有效期到什么时候",
	"老旧工业区改造的责任单位", "registration grant for class III devices", "托育机构建设补贴",
}

// largeLibrary returns a library of 20,000 clauses of real sentences, mixed by
// chance, the same on every run: 500 documents of 40 clauses.
func largeLibrary(b *testing.B) *retrieval.Library {
	b.Helper()
	return largeLibraryIn(b, retrieval.NewMemory())
}

// largeLibraryIn is largeLibrary in a store that holds nothing yet.
func largeLibraryIn(b *testing.B, store retrieval.Store) *retrieval.Library {
	b.Helper()
	var sentences []string
	for _, f := range sampleFiles(b) {
		text, _, err := charset.Decode(f.Data)
		if err != nil {
			b.Fatal(err)
		}
		for s := range strings.SplitAfterSeq(text, "。") {
			if s = strings.Join(strings.Fields(s), " "); len(s) > 30 && len(s) < 600 {
				sentences = append(sentences, s)
			}
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 500 {
		var parts []string
		for i := range 40 {
			part := fmt.Sprintf("第%d条　", i+1)
			for range 1 + random.IntN(3) {
				part += sentences[random.IntN(len(sentences))]
			}
			parts = append(parts, part)
		}
		text := strings.Join(parts, "\n")
		id := fmt.Sprintf("doc-%03d", n)
		doc := retrieval.Document{ID: id, Title: sentences[random.IntN(len(sentences))], Source: id + ".txt"}
		if _, err := store.Put(ctx, doc, text, retrievaltest.Cut(id, text, parts...)); err != nil {
			b.Fatal(err)
		}
	}
	l := retrieval.New(store, "")
	refresh(b, l)
	if l.Len() != 20_000 {
		b.Fatalf("%d clauses", l.Len())
	}
	return l
}

// BenchmarkSearch finds the ten best of 20,000 clauses, with what makes up
// their scores.
func BenchmarkSearch(b *testing.B) {
	l := largeLibrary(b)
	follow := make([]string, 5)
	for i := range follow {
		follow[i] = benchmarkQuestions[i]
	}
	for name, context := range map[string][]string{"question": nil, "follow-up": follow} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				q := retrieval.Query{Text: benchmarkQuestions[i%len(benchmarkQuestions)], Context: context}
				if found, err := l.Search(ctx, q, 10); err != nil || len(found.Hits) != 10 {
					b.Fatalf("%d hits, %v", len(found.Hits), err)
				}
			}
		})
	}
}

// BenchmarkRefresh builds the index of 20,000 clauses.
func BenchmarkRefresh(b *testing.B) {
	s := &watched{Store: retrieval.NewMemory()}
	for n := range 500 {
		doc, text, clauses := retrievaltest.Numbered(n, 1, 40)
		if _, err := s.Put(ctx, doc, text, clauses); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, read := indexed(b, s, ""); read != 500 {
			b.Fatalf("%d documents read", read)
		}
	}
}
