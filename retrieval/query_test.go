package retrieval_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"policybot/retrieval"
)

// Pairs and words of the question count in full, single characters less, words
// that only ask next to nothing; those of earlier turns count for a share of
// that, and only where the question does not have them.
func TestQueryWeights(t *testing.T) {
	l := sampleLibrary(t, retrieval.NewMemory(), "")
	q := retrieval.Query{Text: "补贴最高多少", Context: []string{"托育机构的补贴", "托育"}}
	weights := map[string]float64{}
	for _, h := range search(t, l, q, 100) {
		for _, w := range h.Why.Words {
			if before, ok := weights[w.Word]; ok && before != w.Weight {
				t.Errorf("%q weighs %g and %g", w.Word, before, w.Weight)
			}
			weights[w.Word] = w.Weight
		}
	}
	const unigram, asking = 0.6, 0.1
	want := map[string]float64{
		"补": unigram, "贴": unigram, "补贴": 1, "最": unigram, "高": unigram, "最高": 1, "多": asking, "少": asking, "多少": asking,
		"托": unigram * retrieval.ContextWeight, "育": unigram * retrieval.ContextWeight,
		"托育": retrieval.ContextWeight, "机构": retrieval.ContextWeight,
	}
	for word, weight := range want {
		if math.Abs(weights[word]-weight) > 1e-12 {
			t.Errorf("%q weighs %g, want %g", word, weights[word], weight)
		}
	}
}

// Earlier turns move a follow-up to their subject, and do not drown it.
func TestQueryContext(t *testing.T) {
	l := sampleLibrary(t, retrieval.NewMemory(), "")
	first := func(q retrieval.Query) string {
		hits := search(t, l, q, 1)
		if len(hits) == 0 {
			t.Fatalf("%+v: nothing found", q)
		}
		return hits[0].Clause.Document.Source
	}
	for _, tt := range []struct{ text, context, want string }{
		{"最高多少？", "普惠托育机构有什么补贴", "06-gbk.txt"},
		{"最高多少？", "充电设施建设有什么补贴", "08-duplicate-articles.txt"},
		{"最高多少？", "会展业有什么补助", "07-broken.txt"},
		{"托育机构最高多少？", "充电设施建设有什么补贴", "06-gbk.txt"}, // the question names its own subject
		{"", "普惠托育机构有什么补贴", "06-gbk.txt"},
	} {
		if got := first(retrieval.Query{Text: tt.text, Context: []string{tt.context}}); got != tt.want {
			t.Errorf("%q after %q: %s, want %s", tt.text, tt.context, got, tt.want)
		}
	}
}

// How a question is typed makes no difference.
func TestQueryForms(t *testing.T) {
	l := sampleLibrary(t, retrieval.NewMemory(), "")
	for _, forms := range [][]string{
		{"医疗器械注册证的奖励", "醫療器械註冊證的獎勵", "醫療器械注册証的獎勵？", "　医疗器械注册证的奖励！"},
		{"CRO平台GLP认证", "ｃｒｏ平台ｇｌｐ認證", "Cro 平台 glp 认证"},
		{"最高50万元", "最高５０万元", "最高50萬元"},
		{"补贴1200元", "补贴1,200元", "補貼１，２００元"},
		{"medical device enterprises", "MEDICAL DEVICES, enterprise", "ｍｅｄｉｃａｌ ｄｅｖｉｃｅ ｅｎｔｅｒｐｒｉｓｅｓ"},
		{"Ⅱ类器械", "II类器械", "ii類器械"},
	} {
		want := ids(search(t, l, retrieval.Query{Text: forms[0]}, 20))
		if len(want) == 0 {
			t.Errorf("%s: nothing found", forms[0])
		}
		for _, form := range forms[1:] {
			if diff := cmp.Diff(want, ids(search(t, l, retrieval.Query{Text: form}, 20))); diff != "" {
				t.Errorf("%s and %s (-first +second):\n%s", forms[0], form, diff)
			}
			context := ids(search(t, l, retrieval.Query{Context: []string{form}}, 20))
			if len(context) != len(want) {
				t.Errorf("%s as context: %d hits, want %d", form, len(context), len(want))
			}
		}
	}
}

// Words that are typed twice count once: what earlier turns say again adds
// nothing to the BM25 of any clause.
func TestQueryRepeats(t *testing.T) {
	l := sampleLibrary(t, retrieval.NewMemory(), "")
	once := search(t, l, retrieval.Query{Text: "研发补贴"}, 1000)
	again := search(t, l, retrieval.Query{Text: "研发补贴", Context: []string{"研发补贴", "研发补贴？"}}, 1000)
	bm25 := func(hits []retrieval.Hit) map[string][2]float64 {
		out := map[string][2]float64{}
		for _, h := range hits {
			out[h.Clause.ID] = [2]float64{h.Why.Clause, h.Why.Document}
		}
		return out
	}
	if diff := cmp.Diff(bm25(once), bm25(again)); diff != "" || len(once) == 0 {
		t.Errorf("context without new words (-without +with):\n%s", diff)
	}
	one := search(t, l, retrieval.Query{Text: "研发"}, 1)
	three := search(t, l, retrieval.Query{Text: "研发，研发，研发"}, 1)
	if math.Abs(one[0].Score-three[0].Score) > 1e-9 {
		t.Errorf("%g for one, %g for three", one[0].Score, three[0].Score)
	}
}

// Names that Focus stands for count next to nothing, as words that only ask do,
// and only where they stand.
func TestQueryNames(t *testing.T) {
	l := sampleLibrary(t, retrieval.NewMemory(), "")
	weights := func(q retrieval.Query) map[string]float64 {
		out := map[string]float64{}
		for _, h := range search(t, l, q, 100) {
			for _, w := range h.Why.Words {
				out[w.Word] = w.Weight
			}
		}
		return out
	}
	q := retrieval.Query{Text: "研发补贴最高", Names: []string{"研发", "没有的名称", ""}}
	for word, want := range map[string]float64{"研发": 0.1, "补贴": 1, "最高": 1} {
		if got := weights(q)[word]; got != want {
			t.Errorf("%q weighs %g, want %g", word, got, want)
		}
	}
	q.Text = "研发的研发补贴"
	if got := weights(q)["研发"]; got != 0.1 {
		t.Errorf("a name that stands twice weighs %g", got)
	}
	plain := weights(retrieval.Query{Text: "研发补贴最高"})
	if plain["研发"] != 1 || plain["补助"] <= 0 || plain["补助"] > 0.6 {
		t.Errorf("without names: %v", plain)
	}
}

// Focus raises and lowers the clauses of a document by its weight and moves no
// other part of their scores. Of documents whose ids begin alike the longest
// counts.
func TestQueryFocus(t *testing.T) {
	l := sampleLibrary(t, retrieval.NewMemory(), "")
	q := retrieval.Query{Text: "支持企业发展"}
	plain := map[string]retrieval.Hit{}
	for _, h := range search(t, l, q, 1000) {
		plain[h.Clause.ID] = h
	}
	q.Focus = []retrieval.Focus{{Document: "01-measures", Weight: 0.75}, {Document: "01", Weight: 9}, {Document: "06-gbk", Weight: -2}}
	hits := search(t, l, q, 1000)
	if len(hits) != len(plain) || len(hits) == 0 {
		t.Fatalf("%d hits, %d without focus", len(hits), len(plain))
	}
	for _, h := range hits {
		want := map[string]float64{"01-measures": 0.75, "06-gbk": -2}[h.Clause.Document.ID]
		before := plain[h.Clause.ID]
		if h.Why.Focus != want || math.Abs(h.Score-before.Score-want) > 1e-9 {
			t.Errorf("%s: focus %g, score %g, before %g", h.Clause.ID, h.Why.Focus, h.Score, before.Score)
		}
	}
}

func TestQueryWithoutWords(t *testing.T) {
	l := sampleLibrary(t, retrieval.NewMemory(), "")
	for _, q := range []retrieval.Query{
		{},
		{Text: " \t\n\u3000"},
		{Text: "？！……——"},
		{Text: "\xff\xfe"},
		{Text: "😀"},
		{Text: "", Context: []string{"", "！"}},
		{Text: "zzzzqqqq"},
	} {
		if hits := search(t, l, q, 10); len(hits) != 0 {
			t.Errorf("%v: %q", q, ids(hits))
		}
	}
	for _, k := range []int{0, -1, math.MinInt} {
		if hits := search(t, l, retrieval.Query{Text: "补贴"}, k); len(hits) != 0 {
			t.Errorf("k = %d: %d hits", k, len(hits))
		}
	}
	if all := search(t, l, retrieval.Query{Text: "的"}, math.MaxInt); len(all) == 0 || len(all) > l.Len() {
		t.Errorf("%d of %d clauses have 的", len(all), l.Len())
	}
}

// A question of the greatest length, ten of them before it, takes no longer
// than a person waits.
func TestQueryLong(t *testing.T) {
	l := sampleLibrary(t, retrieval.NewMemory(), "")
	long := strings.Repeat("支持医疗器械企业研发补贴最高多少", 125)
	q := retrieval.Query{Text: long}
	for range 10 {
		q.Context = append(q.Context, long)
	}
	if hits := search(t, l, q, 10); len(hits) != 10 {
		t.Errorf("%d hits", len(hits))
	}
}
