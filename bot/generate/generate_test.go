package generate

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"policybot/bot/fakemodel"
	"policybot/bot/model"
	"policybot/retrieval"
)

// clause makes a clause of an invented measure.
func clause(id, text string) retrieval.Clause {
	return retrieval.Clause{ID: id, Path: "二", Heading: "支持首版次", Text: text, End: len([]rune(text)), Document: retrieval.Document{
		ID: "a", Title: "甲市支持软件产业若干措施", Jurisdiction: "甲市", Language: "zh",
	}}
}

const (
	first  = "(二)支持首版次。鼓励企业研发首版次软件,按不超过销售额10%给予最高50万元支持。由市工信局牵头。"
	second = "(三)场地。企业不得转租政府提供的场地。符合条件的除外。"
)

func material() Material {
	return Material{Question: "首版次有钱吗？", Lang: "zh", Clauses: []retrieval.Clause{clause("a.h2", first), clause("a.h3", second)}}
}

// generator is one whose handles are known: those of its first and second request.
func generator(m model.Model) (*Generator, []string, []string) {
	n := 0
	g := &Generator{Model: m, Seed: func() string {
		n++
		return "seed" + string(rune('0'+n))
	}}
	probe := &Generator{Seed: func() string { return "seed1" }}
	again := &Generator{Seed: func() string { return "seed2" }}
	return g, probe.frame(2).handles, again.frame(2).handles
}

// say is one line of a reply.
func say(sentence string, quotes ...string) string {
	r := reply{Sentence: &sentence}
	for i := 0; i+1 < len(quotes); i += 2 {
		r.Quotes = append(r.Quotes, replyQuote{quotes[i], quotes[i+1]})
	}
	return toJSON(r) + "\n"
}

const (
	quote  = "鼓励企业研发首版次软件,按不超过销售额10%给予最高50万元支持。"
	truth  = "甲市鼓励企业研发首版次软件，按不超过销售额10%给予最高50万元支持。"
	untrue = "甲市鼓励企业研发首版次软件，按不超过销售额10%给予最高80万元支持。"
)

// TestAnswer: what passes is kept as it is written; what fails is replaced by its
// quote, asked for once more, or dropped.
func TestAnswer(t *testing.T) {
	_, h, again := generator(nil)
	cases := []struct {
		name    string
		replies []string
		want    []string // texts
		quoted  []bool
		problem string
		asked   int
	}{
		{"true", []string{say(truth, h[0], quote)}, []string{truth}, []bool{false}, "", 1},
		{"quote cut at the front is made whole", []string{say(truth, h[0], "按不超过销售额10%给予最高50万元支持")}, []string{truth}, []bool{false}, "", 1},
		{"untrue after true", []string{say("牵头的是市工信局。", h[0], "由市工信局牵头。") + say(untrue, h[0], quote)}, []string{"牵头的是市工信局。", quote}, []bool{false, true}, "", 1},
		{"untrue alone, mended", []string{say(untrue, h[0], quote), say(truth, again[0], quote)}, []string{truth}, []bool{false}, "", 2},
		{"untrue twice", []string{say(untrue, h[0], quote), say(untrue, again[0], quote)}, []string{quote}, []bool{true}, "", 2},
		{"handle of an earlier request", []string{say(truth, h[0], quote[:3]), say(truth, h[0], quote)}, nil, nil, ProblemFailed, 2},
		{"handle that nobody has", []string{say(truth, "kzzzzz", quote), say(truth, "a.h2", quote)}, nil, nil, ProblemFailed, 2},
		{"quote of another clause", []string{say(truth, h[1], quote), ""}, nil, nil, ProblemFailed, 2},
		{"a negation cut off the quote", []string{say("企业可以转租政府提供的场地。", h[1], "转租政府提供的场地。"), ""}, []string{"企业不得转租政府提供的场地。"}, []bool{true}, "", 2},
		{"nothing answers", []string{`{"none":true}`}, nil, nil, ProblemNone, 1},
		{"none, and a sentence", []string{`{"none":true,"sentence":"甲"}`, ""}, nil, nil, ProblemFailed, 2},
		{"no JSON", []string{"抱歉，我不能回答。", "抱歉。"}, nil, nil, ProblemFailed, 2},
		{"unknown field", []string{strings.Replace(say(truth, h[0], quote), "{", `{"link":"x",`, 1), ""}, nil, nil, ProblemFailed, 2},
		{"two objects on a line", []string{strings.TrimSpace(say(truth, h[0], quote)) + `{}`}, []string{truth}, []bool{false}, "", 1},
		{"a list over several lines", []string{"[\n" + strings.ReplaceAll(say(truth, h[0], quote), ",\"quotes\"", ",\n  \"quotes\"") + "]\n"}, []string{truth}, []bool{false}, "", 1},
		{"signs of JSON in a string", []string{strings.Replace(say(truth, h[0], quote), "甲市鼓励", `甲市\"}{]鼓励`, 1), ""}, []string{quote}, []bool{true}, "", 2},
		{"between fences of Markdown", []string{"```json\n" + say(truth, h[0], quote) + "```\n"}, []string{truth}, []bool{false}, "", 1},
		{"after thoughts", []string{"<think>\n" + say(untrue, h[0], quote) + "</think>\n" + say(truth, h[0], quote)}, []string{truth}, []bool{false}, "", 1},
		{"no line end", []string{strings.TrimSpace(say(truth, h[0], quote))}, []string{truth}, []bool{false}, "", 1},
		{"said twice", []string{say(truth, h[0], quote) + say(truth, h[0], quote)}, []string{truth}, []bool{false}, "", 1},
		{"another language", []string{say("The city encourages it.", h[0], quote), ""}, []string{quote}, []bool{true}, "", 2},
		{"our own words", []string{say("注意：甲市鼓励企业研发首版次软件。", h[0], quote), ""}, []string{quote}, []bool{true}, "", 2},
		{"a marker", []string{say("甲市鼓励企业研发首版次软件[9]。", h[0], quote), ""}, []string{quote}, []bool{true}, "", 2},
		{"a handle in the sentence", []string{say("甲市鼓励企业研发首版次软件，见"+h[0]+"。", h[0], quote), ""}, []string{quote}, []bool{true}, "", 2},
		{"two sentences in one", []string{say(truth+"为10家。", h[0], quote), ""}, []string{quote}, []bool{true}, "", 2},
		{"empty", []string{""}, nil, nil, ProblemFailed, 1},
	}
	for _, tt := range cases {
		script := fakemodel.Scripted(tt.replies...)
		g, _, _ := generator(script)
		var passed []string
		got, trace, err := g.Answer(t.Context(), material(), func(s Statement) error {
			passed = append(passed, s.Text)
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		var texts []string
		var quoted []bool
		for _, s := range got {
			texts, quoted = append(texts, s.Text), append(quoted, s.Quoted)
		}
		if !slices.Equal(texts, tt.want) || !slices.Equal(quoted, tt.quoted) || !slices.Equal(passed, texts) || trace.Problem != tt.problem || len(script.Asked()) != tt.asked {
			t.Errorf("%s: %q %v, passed on %q, problem %q, %d calls\n%+v", tt.name, texts, quoted, passed, trace.Problem, len(script.Asked()), trace.Verdicts)
		}
		replayed, _, err := Replay(trace).Answer(t.Context(), material(), nil)
		if a, b := encode(replayed), encode(got); err != nil || a != b {
			t.Errorf("%s: replayed %s, want %s; %v", tt.name, a, b, err)
		}
	}
}

func encode(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// TestLimits: a model that does not stop is stopped.
func TestLimits(t *testing.T) {
	_, h, _ := generator(nil)
	line := say(untrue, h[0], quote)
	for name, text := range map[string]string{
		"a line without end": strings.Repeat("x", 3*MaxReply),
		"lines without end":  strings.Repeat(line, 2000),
		"empty lines":        strings.Repeat("\n", 3*MaxReply),
	} {
		script := fakemodel.Scripted(text, "")
		g, _, _ := generator(script)
		_, trace, err := g.Answer(t.Context(), material(), nil)
		if err != nil || len(trace.Calls[0].Reply) > MaxReply || len(trace.Verdicts) > 2*maxLines {
			t.Errorf("%s: %v, %d bytes kept, %d verdicts", name, err, len(trace.Calls[0].Reply), len(trace.Verdicts))
		}
	}
}

// TestPassEnds: when nobody wants more, the call ends with that error.
func TestPassEnds(t *testing.T) {
	_, h, _ := generator(nil)
	gone := errors.New("gone")
	g, _, _ := generator(fakemodel.Scripted(say(truth, h[0], quote) + say("牵头的是市工信局。", h[0], "由市工信局牵头。")))
	got, _, err := g.Answer(t.Context(), material(), func(Statement) error { return gone })
	if !errors.Is(err, gone) || len(got) != 1 {
		t.Errorf("%v after %d statements", err, len(got))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := g.Answer(ctx, material(), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestModelFails: each failure of a model is told by its class, and is no error.
func TestModelFails(t *testing.T) {
	for _, class := range []model.Class{model.Unauthorized, model.Unavailable, model.Slow, model.Open, model.Budget, model.Cut, model.Refused} {
		g, _, _ := generator(fakemodel.Failing(&model.Error{Class: class}))
		got, trace, err := g.Answer(t.Context(), material(), nil)
		if err != nil || len(got) != 0 || trace.Problem != string(class) || trace.Calls[0].Class != class {
			t.Errorf("%s: %v, problem %q, %d statements", class, err, trace.Problem, len(got))
		}
	}
}

// TestFrames: nothing that a request keeps secret is in another request. Handles are short: a few may come
// again by chance, which tells nobody which they are.
func TestFrames(t *testing.T) {
	g := &Generator{}
	seen, before := map[string]bool{}, map[string]bool{}
	for range 50 {
		f := g.frame(20)
		for _, s := range []string{f.Fence, f.Canary} {
			if seen[s] {
				t.Errorf("%s comes twice", s)
			}
			seen[s] = true
		}
		again := 0
		for _, h := range f.handles {
			if before[h] {
				again++
			}
			before[h] = true
		}
		if again > 3 || len(f.handles) != 20 || len(f.Fence) != 12 {
			t.Errorf("%d handles of earlier requests in %+v", again, f)
		}
	}
}

// TestSearchWords: words of a model are few, short and no secrets; an order has each
// clause once, whatever the model says.
func TestSearchWords(t *testing.T) {
	many := `{"words":["首版次","首版次"," ","x","` + strings.Repeat("长", 50) + `","first release","a b","c d","e f","g h","i j","k l","m n"]}`
	g, _, _ := generator(fakemodel.Scripted(many))
	words, call := g.Rewrite(t.Context(), "zh", nil, "首版次有钱吗？")
	if len(words) != maxWords || words[0] != "首版次" || words[1] != "first release" || call.Task != model.Rewrite {
		t.Errorf("%q", words)
	}
	_, h, _ := generator(nil)
	g, _, _ = generator(fakemodel.Scripted(`{"order":["` + h[1] + `","kzzzzz","` + h[1] + `"]}`))
	if order, _ := g.Rerank(t.Context(), "zh", "q", material().Clauses); !slices.Equal(order, []int{1, 0}) {
		t.Errorf("%v", order)
	}
	g, _, _ = generator(fakemodel.Failing(&model.Error{Class: model.Slow}))
	if order, call := g.Rerank(t.Context(), "zh", "q", material().Clauses); !slices.Equal(order, []int{0, 1}) || call.Class != model.Slow {
		t.Errorf("%v, %s", order, call.Class)
	}
}

// FuzzReply: whatever a model writes, only sentences that passed come out, with
// quotes that stand in their clauses.
func FuzzReply(f *testing.F) {
	_, h, _ := generator(nil)
	f.Add(say(truth, h[0], quote) + say(untrue, h[0], quote))
	f.Add("<think>" + say(truth, h[0], quote))
	f.Add(`{"sentence":"\ud800","quotes":[{"clause":"` + h[1] + `","quote":"企业不得"}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		g, _, _ := generator(fakemodel.Scripted(strings.ToValidUTF8(text, "?"), ""))
		m := material()
		got, trace, err := g.Answer(t.Context(), m, nil)
		if err != nil || len(got) == 0 && trace.Problem == "" {
			t.Fatalf("%v, %q", err, trace.Problem)
		}
		for _, s := range got {
			if len(s.Quotes) == 0 || strings.Contains(s.Text, "canary") {
				t.Errorf("%+v", s)
			}
			for _, q := range s.Quotes {
				if text := m.Clauses[q.Clause].Text; q.Start < 0 || q.End > len(text) || q.Start >= q.End {
					t.Errorf("%+v", q)
				}
			}
		}
	})
}
