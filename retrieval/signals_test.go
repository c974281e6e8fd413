package retrieval_test

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"policybot/retrieval"
	"policybot/retrieval/analysis"
	"policybot/retrieval/bridge"
	"policybot/retrieval/training"
)

// signal returns the place of a signal by its name.
func signal(t interface{ Fatalf(string, ...any) }, name string) int {
	i := slices.Index(retrieval.Signals, name)
	if i < 0 {
		t.Fatalf("there is no signal %q", name)
	}
	return i
}

// TestSignals compares the signals of the cases in testdata/signals.txt, which
// says what they must be.
func TestSignals(t *testing.T) {
	const file = "testdata/signals.txt"
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	blocks := strings.SplitAfter(string(data), "\n\n")
	for _, block := range blocks {
		_, text, ok := strings.Cut("\n"+block, "\n== ")
		if !ok {
			out.WriteString(block)
			continue
		}
		name, _, _ := strings.Cut(text, "\n")
		t.Run(name, func(t *testing.T) {
			given, want, got := signalCase(t, block)
			if diff := cmp.Diff(want, got); diff != "" && !*update {
				t.Errorf("found (-want +got):\n%s", diff)
			}
			out.WriteString(given + strings.Join(got, ""))
		})
		out.WriteString("\n")
	}
	if *update {
		if err := os.WriteFile(file, []byte(strings.TrimRight(out.String(), "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// signalCase returns what is given in a case, the lines that it says are found,
// and those that are.
func signalCase(t *testing.T, block string) (given string, want, got []string) {
	t.Helper()
	var q retrieval.Query
	var all []retrieval.Passage
	var show []string
	title, document, clauses, bare := "", 0, 0, false
	for line := range strings.Lines(block) {
		if strings.HasPrefix(line, "found ") {
			want = append(want, line)
			continue
		}
		if strings.TrimSpace(line) != "" {
			given += line
		}
		field, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch value = strings.TrimSpace(value); field {
		case "", "#", "==":
		case "question":
			q.Text = value
		case "words":
			bare = value == "none"
		case "earlier":
			q.Context = append(q.Context, value)
		case "document":
			document, clauses, title = document+1, 0, value
		case "clause":
			path, text, ok := strings.Cut(value, "|")
			if !ok {
				t.Fatalf("a clause without a bar: %q", line)
			}
			clauses++
			all = append(all, retrieval.Passage{
				ID: fmt.Sprintf("%d.%d", document, clauses), Document: fmt.Sprint(document), Title: title,
				Path: strings.TrimSpace(path), Text: strings.TrimSpace(text),
			})
		case "show":
			show = strings.Fields(value)
		default:
			t.Fatalf("cannot read %q", line)
		}
	}
	if len(show) == 0 {
		t.Fatal("the case shows nothing")
	}
	x := training.Index(all)
	if bare {
		x = x.WithBridge(nil)
	}
	for _, m := range x.Rank(q) {
		line := "found " + m.ID + " "
		for _, s := range show {
			line += fmt.Sprintf(" %s %.3f", s, m.Signals[signal(t, s)])
		}
		got = append(got, line+"\n")
	}
	return given, want, got
}

// Which questions ask for a number, in whatever way they are typed.
func TestSignalNumbersAsked(t *testing.T) {
	numbers := signal(t, "numbers")
	for question, want := range map[string]float64{
		"补贴最高多少":                            1,
		"补贴可以领几年":                           1,
		"補貼可以領幾年":                           1,
		"补贴多久发放":                            1,
		"补贴多长时间发放":                          1,
		"补贴何时发放":                            1,
		"補貼什麼時候發放":                          1,
		"补贴申请截止哪一天":                         1,
		"补贴":                                0,
		"谁可以申请补贴":                           0,
		"How many grants are there?":        1,
		"HOW MUCH is the grant?":            1,
		"ｈｏｗ　ｌｏｎｇ are grants paid?":         1,
		"When are grants paid?":             1,
		"What is the Deadline for grants?":  1,
		"By what date must I apply, grants": 1,
		"Who may apply for grants?":         0,
		"grants":                            0,
		"":                                  0,
	} {
		x := training.Index([]retrieval.Passage{{ID: "a", Document: "d", Text: "补贴 grants 1 2 3"}})
		q := retrieval.Query{Text: question, Context: []string{"补贴多少"}} // so that the clause is found
		matches := x.Rank(q)
		if len(matches) != 1 || matches[0].Signals[numbers] != want {
			t.Errorf("%q: %+v, want numbers %v", question, matches, want)
		}
	}
}

// A pair or word counts as said at the beginning while it begins within the first
// 40 characters; a Latin word takes as much room as five. Other words for the same
// are left aside here.
func TestSignalBeginning(t *testing.T) {
	beginning := signal(t, "beginning")
	for _, tt := range []struct {
		name, text string
		want       float64
	}{
		{"first", "补贴企业", 1},
		{"the last of 40", strings.Repeat("甲", 39) + "补贴", 1},
		{"after 40", strings.Repeat("甲", 40) + "补贴", 0},
		{"after 40, and before", "补贴" + strings.Repeat("甲", 40) + "补贴", 1},
		{"marks before it", "“（补贴", 1},
		{"a mark counts as one", strings.Repeat("甲", 38) + "，补贴", 1},
		{"marks beyond 40", strings.Repeat("甲", 39) + "，补贴", 0},
		{"its characters apart", "补助，贴息", 0},
		{"the eighth word", strings.Repeat("a ", 7) + "grant", 0.5},
		{"the ninth word", strings.Repeat("a ", 8) + "grant", 0},
	} {
		x := training.Index([]retrieval.Passage{{ID: "a", Document: "d", Text: tt.text + "。补 grants", Path: "补贴"}}).WithBridge(nil)
		q := retrieval.Query{Text: "补贴"}
		if strings.Contains(tt.text, "grant") {
			q.Text = "grant 补贴" // equally rare
		}
		matches := x.Rank(q)
		if len(matches) != 1 || math.Abs(matches[0].Signals[beginning]-tt.want) > 1e-9 {
			t.Errorf("%s: %+v, want beginning %v", tt.name, matches, tt.want)
		}
	}
}

// Words of policies and questions, of which small libraries are drawn.
var (
	asWords  = []string{"补贴", "贴息", "企业", "研发", "最高", "多少", "几", "50万元", "3", "1.5%", "grant", "grants", "R&D", "how many", "發放", "的"}
	marks    = []string{"", "", "，", "。", " ", "\n"}
	asSilent = []string{"甲", "丙丁", "戊己", "zulu", "9981"} // nothing of asWords
)

func drawText(t *rapid.T, words []string, most int, name string) string {
	var b strings.Builder
	for range rapid.IntRange(0, most).Draw(t, name) {
		b.WriteString(rapid.SampledFrom(words).Draw(t, name) + rapid.SampledFrom(marks).Draw(t, name))
	}
	return b.String()
}

// drawDocuments returns the passages of a few documents.
func drawDocuments(t *rapid.T) [][]retrieval.Passage {
	var out [][]retrieval.Passage
	for d := range rapid.IntRange(1, 4).Draw(t, "documents") {
		var document []retrieval.Passage
		title := drawText(t, asWords, 2, "title")
		for c := range rapid.IntRange(1, 8).Draw(t, "clauses") {
			p := retrieval.Passage{ID: fmt.Sprintf("d%d.c%d", d, c), Document: fmt.Sprint("d", d), Title: title}
			p.Path, p.Text = drawText(t, asWords, 2, "path"), drawText(t, asWords, 12, "text")
			document = append(document, p)
		}
		out = append(out, document)
	}
	return out
}

func drawQuery(t *rapid.T) retrieval.Query {
	q := retrieval.Query{Text: drawText(t, asWords, 5, "question")}
	for range rapid.IntRange(0, 2).Draw(t, "earlier") {
		q.Context = append(q.Context, drawText(t, asWords, 3, "earlier"))
	}
	return q
}

func byID(matches []retrieval.Match) map[string]retrieval.Match {
	out := map[string]retrieval.Match{}
	for _, m := range matches {
		out[m.ID] = m
	}
	return out
}

// bridges are what libraries are drawn with: without a bridge, with one that knows
// no words, and with the program's own.
func bridges(t interface {
	Helper()
	Fatal(...any)
},
) map[string]*bridge.Bridge {
	t.Helper()
	empty, err := bridge.Read(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*bridge.Bridge{"none": nil, "empty": empty, "default": bridge.Default()}
}

// Of any library and question: a value for each signal, all of them between 0 and
// 1, and the values that follow from other ones or from the scores. Where no other
// words for the same are known, all but those of concepts are known exactly.
func TestSignalLaws(t *testing.T) {
	for name, words := range bridges(t) {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				documents, q := drawDocuments(t), drawQuery(t)
				matches := training.Index(slices.Concat(documents...)).WithBridge(words).Rank(q)
				wantLaws(t, matches, words != nil)
				wantTwins(t, documents, byID(matches))
				switch name {
				case "none":
					wantNearly(t, byID(matches), expected(documents, q, matches, 1))
				case "empty":
					wantNearly(t, byID(matches), expected(documents, q, matches, 0.6))
				}
			})
		})
	}
}

// wantLaws checks what holds of any candidates; without concepts their signals
// are 0.
func wantLaws(t *rapid.T, matches []retrieval.Match, concepts bool) {
	t.Helper()
	if found := byID(matches); len(found) != len(matches) {
		t.Fatalf("%d candidates, %d ids", len(matches), len(found))
	}
	all, text, path := signal(t, "concepts"), signal(t, "concept_text"), signal(t, "concept_path")
	for i, m := range matches {
		if len(m.Signals) != len(retrieval.Signals) {
			t.Fatalf("%d signals, want %d", len(m.Signals), len(retrieval.Signals))
		}
		for k, v := range m.Signals {
			if !(v >= 0 && v <= 1+1e-9) { // not with NaN either
				t.Fatalf("%s: %s is %v", m.ID, retrieval.Signals[k], v)
			}
		}
		if i > 0 && m.Score > matches[i-1].Score {
			t.Fatalf("candidate %d scores %v after %v", i, m.Score, matches[i-1].Score)
		}
		if m.Signals[all] < max(m.Signals[text], m.Signals[path])-1e-9 || !concepts && m.Signals[all] != 0 {
			t.Fatalf("%s: the concepts are %v, %v of them in the text and %v in the path", m.ID, m.Signals[all], m.Signals[text], m.Signals[path])
		}
	}
	if len(matches) > 0 && matches[0].Signals[signal(t, "score")] != 1 {
		t.Fatalf("the best candidate's score is %v", matches[0].Signals[0])
	}
}

// wantTwins checks the signals that are there twice: once more for clauses
// without a path.
func wantTwins(t *rapid.T, documents [][]retrieval.Passage, found map[string]retrieval.Match) {
	t.Helper()
	for _, p := range slices.Concat(documents...) {
		m, ok := found[p.ID]
		if !ok {
			continue
		}
		for k, name := range retrieval.Signals {
			twin, plain := strings.CutPrefix(name, "plain.")
			want := 0.0
			if plain && len(analysis.AppendKeys(nil, p.Path)) == 0 {
				want = m.Signals[signal(t, twin)]
			}
			if plain && m.Signals[k] != want {
				t.Fatalf("%s with the path %q: %s is %v, want %v", p.ID, p.Path, name, m.Signals[k], want)
			}
		}
	}
}

func wantNearly(t *rapid.T, found map[string]retrieval.Match, want map[string]map[string]float64) {
	t.Helper()
	if len(found) != len(want) {
		t.Fatalf("%d candidates, want %d", len(found), len(want))
	}
	for id, values := range want {
		for name, v := range values {
			if got := found[id].Signals[signal(t, name)]; math.Abs(got-v) > 1e-9 {
				t.Fatalf("%s: %s is %v, want %v", id, name, got, v)
			}
		}
	}
}

// expected says of each clause that shares a key with the question what most of
// its signals are, in the simplest way that leads there; unigram is what a single
// character weighs.
func expected(documents [][]retrieval.Passage, q retrieval.Query, matches []retrieval.Match, unigram float64) map[string]map[string]float64 {
	weight := weighed(documents, q, unigram)
	all, pairs := weight.of(func(uint64) bool { return true }), weight.of(pair)
	clause := map[string]float64{}
	bestClause, bestScore, bestText, bestMean := 0.0, 0.0, 0.0, 0.0
	for _, m := range matches {
		clause[m.ID] = m.Clause
		bestClause, bestScore = max(bestClause, m.Clause), max(bestScore, m.Clause+m.Document)
	}
	score := map[string]float64{}
	for _, m := range matches {
		score[m.ID] = (m.Clause + m.Document) / bestScore
	}
	out := map[string]map[string]float64{}
	for _, document := range documents {
		title, said := count(document[0].Title), map[uint64]int{}
		var scores []float64
		for i, p := range document {
			text, path := count(p.Text), count(p.Path)
			any := func(k uint64) bool { return text[k]+path[k]+title[k] > 0 }
			if weight.of(any) == 0 {
				continue
			}
			s := map[string]float64{"score": score[p.ID], "coverage": weight.of(any) / all}
			for k, w := range weight {
				tf := float64(text[k])
				s["text"] += w * tf * 1.9 / (tf + 0.9)
				said[k] += text[k]
			}
			bestText = max(bestText, s["text"])
			s["title"], s["path"] = part(weight, title, pairs), part(weight, path, pairs)
			if i == 0 {
				s["first"] = 1
			} else {
				s["previous"] = clause[document[i-1].ID] / bestClause
				s["neighbour"] = s["previous"]
			}
			if i+1 < len(document) {
				s["neighbour"] = max(s["neighbour"], clause[document[i+1].ID]/bestClause)
			}
			scores = append(scores, clause[p.ID])
			out[p.ID] = s
		}
		slices.Sort(scores)
		mean := 0.0
		for _, s := range scores[max(0, len(scores)-5):] {
			mean += s
		}
		bestMean = max(bestMean, mean)
		for _, p := range document {
			if s := out[p.ID]; s != nil {
				s["document_coverage"], s["document_mean"] = part(weight, said, pairs), mean
			}
		}
	}
	for _, s := range out {
		if s["document_mean"] /= bestMean; bestText > 0 {
			s["text"] /= bestText
		}
	}
	return out
}

// weights are the keys of a question with what they weigh.
type weights map[uint64]float64

func (w weights) of(has func(uint64) bool) float64 {
	sum := 0.0
	for k, v := range w {
		if has(k) {
			sum += v
		}
	}
	return sum
}

func pair(k uint64) bool { return analysis.KindOf(k) != analysis.Unigram }

func part(w weights, in map[uint64]int, whole float64) float64 {
	if whole == 0 {
		return 0
	}
	return w.of(func(k uint64) bool { return pair(k) && in[k] > 0 }) / whole
}

func count(text string) map[uint64]int {
	out := map[uint64]int{}
	for _, k := range analysis.AppendKeys(nil, text) {
		out[k]++
	}
	return out
}

// weighed weighs the keys of a question: by how rare they are, and single
// characters and those that only earlier turns have by a share.
func weighed(documents [][]retrieval.Passage, q retrieval.Query, unigram float64) weights {
	all := slices.Concat(documents...)
	w := weights{}
	for i, text := range append([]string{q.Text}, q.Context...) {
		for _, k := range analysis.AppendKeys(nil, text) {
			if _, ok := w[k]; ok {
				continue
			}
			df := 0
			for _, p := range all {
				if count(p.Title + "\n" + p.Path + "\n" + p.Text)[k] > 0 {
					df++
				}
			}
			w[k] = math.Log1p((float64(len(all)-df) + 0.5) / (float64(df) + 0.5))
			if i > 0 {
				w[k] *= retrieval.ContextWeight
			}
			if !pair(k) {
				w[k] *= unigram
			}
		}
	}
	return w
}

// Neither what clauses and documents are called nor the order of documents makes
// any difference.
func TestSignalsIgnoreNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		documents, q := drawDocuments(t), drawQuery(t)
		want := byID(training.Index(slices.Concat(documents...)).Rank(q))
		before := map[string]string{}
		shuffled := rapid.Permutation(documents).Draw(t, "order")
		for d, document := range shuffled {
			document = slices.Clone(document)
			for c := range document {
				id := fmt.Sprintf("%s-%d", rapid.StringMatching(`[a-z]{0,9}`).Draw(t, "id"), len(before))
				before[id] = document[c].ID
				document[c].ID, document[c].Document = id, fmt.Sprint("other-", d)
			}
			shuffled[d] = document
		}
		got := training.Index(slices.Concat(shuffled...)).Rank(q)
		if len(got) != len(want) {
			t.Fatalf("%d candidates, want %d", len(got), len(want))
		}
		for _, m := range got {
			if diff := cmp.Diff(want[before[m.ID]].Signals, m.Signals); diff != "" {
				t.Fatalf("%s, now %s (-before +after):\n%s", before[m.ID], m.ID, diff)
			}
		}
	})
}

// How long a document goes on after a clause and its neighbour is told by no
// signal but score, which has the BM25 of the document in it: clauses that share
// nothing with the question may move from the end of any document to that of any
// other.
func TestSignalsIgnoreLength(t *testing.T) {
	score := slices.Index(retrieval.Signals, "score")
	rapid.Check(t, func(t *rapid.T) {
		documents, q := drawDocuments(t), drawQuery(t)
		var silent []retrieval.Passage
		for i := range rapid.IntRange(1, 10).Draw(t, "silent") {
			silent = append(silent, retrieval.Passage{ID: fmt.Sprint("silent", i), Text: drawText(t, asSilent, 12, "silent text")})
		}
		spread := func(name string) map[string]retrieval.Match {
			longer := slices.Clone(documents)
			for _, p := range silent {
				d := rapid.IntRange(0, len(longer)-1).Draw(t, name)
				p.Document = longer[d][0].Document
				longer[d] = append(slices.Clone(longer[d]), p)
			}
			return byID(training.Index(slices.Concat(longer...)).Rank(q))
		}
		one, other := spread("one way"), spread("another way")
		if len(one) != len(other) {
			t.Fatalf("%d candidates, then %d", len(one), len(other))
		}
		for id, m := range one {
			a, b := slices.Clone(m.Signals), slices.Clone(other[id].Signals)
			if len(b) == 0 {
				t.Fatalf("%s is no candidate any more", id)
			}
			a[score], b[score] = 0, 0
			if diff := cmp.Diff(a, b); diff != "" {
				t.Fatalf("%s (-one +other):\n%s", id, diff)
			}
		}
	})
}

// A question that is only earlier turns has the signals of the same question
// typed now: all words weigh the same share. It asks for no number. With words that
// are known this holds of Chinese ones that do not only ask: what words that ask
// and English words weigh has a fixed upper end.
func TestSignalsOfContextAlone(t *testing.T) {
	numbers := slices.Index(retrieval.Signals, "numbers")
	for name, words := range bridges(t) {
		drawn := asWords
		if name == "default" {
			drawn = []string{"补贴", "贴息", "研发", "最高", "发放", "临床试验"}
		}
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				documents, text := drawDocuments(t), drawText(t, drawn, 6, "question")
				x := training.Index(slices.Concat(documents...)).WithBridge(words)
				now, earlier := byID(x.Rank(retrieval.Query{Text: text})), byID(x.Rank(retrieval.Query{Context: []string{text}}))
				if len(now) != len(earlier) {
					t.Fatalf("%d candidates, %d as context", len(now), len(earlier))
				}
				for id, m := range now {
					for k, v := range m.Signals {
						got := earlier[id].Signals[k]
						if k == numbers {
							v = 0
						}
						if math.Abs(got-v) > 1e-6 {
							t.Fatalf("%s: %s is %v, as context %v", id, retrieval.Signals[k], v, got)
						}
					}
				}
			})
		})
	}
}

// Where there is nothing to find there are no candidates.
func TestSignalsOfNothing(t *testing.T) {
	some := []retrieval.Passage{{ID: "a", Document: "d", Title: "办法", Path: "第一条", Text: "补贴"}, {ID: "b", Document: "d"}}
	for _, tt := range []struct {
		name     string
		passages []retrieval.Passage
		q        retrieval.Query
	}{
		{"an empty library", nil, retrieval.Query{Text: "补贴多少"}},
		{"an empty question", some, retrieval.Query{}},
		{"marks", some, retrieval.Query{Text: "？！", Context: []string{"", "。"}}},
		{"unknown words", some, retrieval.Query{Text: "魑魅 zzzz", Context: []string{"魍魉"}}},
		{"a library of empty clauses", []retrieval.Passage{{ID: "a", Document: "d"}, {ID: "b", Document: "d"}}, retrieval.Query{Text: "补贴多少"}},
	} {
		if got := training.Index(tt.passages).Rank(tt.q); len(got) != 0 {
			t.Errorf("%s: %+v", tt.name, got)
		}
	}
}
