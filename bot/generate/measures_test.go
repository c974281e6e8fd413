package generate

import (
	"context"
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"policybot/bot/fakemodel"
	"policybot/bot/model"
	"policybot/prompts/task"
)

// reading is what a fake gets to tell the offers of an invented clause.
func reading() Reading {
	return Reading{Lang: "zh", Clause: clause("a.h2", first), Facts: []task.Fact{{Need: "entity = enterprise", Name: "是企业"}}}
}

const offered = `{"quote":"给予最高50万元支持","title_zh":"首版次支持","title_en":"First releases","criteria":[{"words":"企业","need":"entity = enterprise"},{"words":"首版次软件","need":""}]}` + "\n"

// TestMeasures: a line of the form is taken as it is, in pieces and among other text.
func TestMeasures(t *testing.T) {
	want := encode([]Offer{{"给予最高50万元支持", "首版次支持", "First releases", []Condition{{"企业", "entity = enterprise"}, {"首版次软件", ""}}}})
	for name, text := range map[string]string{
		"alone": offered, "in Markdown": "```json\n[\n" + offered + "]\n```", "after thoughts": "<think>" + strings.ReplaceAll(offered, "50", "80") + "</think>" + offered,
		"and none": offered + `{"none":true}`, "other fields": strings.Replace(offered, "{", `{"strength":"entitlement","approved":true,`, 1),
	} {
		script := fakemodel.Scripted(text)
		g, _, _ := generator(script)
		got, call, err := g.Measures(t.Context(), reading())
		if err != nil || encode(got) != want || call.Dropped != 0 || call.Task != model.Measures || !strings.HasPrefix(call.Prompt, "measures.zh@") || call.Usage.TokensOut == 0 {
			t.Errorf("%s: %s, %+v, %v", name, encode(got), call, err)
		}
		asked := script.Asked()[0]
		if !strings.Contains(asked.User, first) || !strings.Contains(asked.User, "entity = enterprise — 是企业") || strings.Contains(asked.User+asked.System, "a.h2") || asked.MaxTokens == 0 {
			t.Errorf("%s: asked %+v", name, asked)
		}
	}
	g, _, _ := generator(fakemodel.Scripted(`{"none":true}`))
	if got, call, err := g.Measures(t.Context(), reading()); len(got) != 0 || call.Dropped != 0 || err != nil {
		t.Errorf("none: %+v, %d dropped, %v", got, call.Dropped, err)
	}
}

// TestMeasuresForm: what is not of the form is left out and counted.
func TestMeasuresForm(t *testing.T) {
	_, h, _ := generator(nil)
	line := func(quote, words, need string) string {
		return `{"quote":"` + quote + `","title_zh":"甲","title_en":"a","criteria":[{"words":"企业","need":""},{"words":"` + words + `","need":"` + need + `"}]}`
	}
	many := strings.Repeat(`{"words":"企业","need":""},`, 40)
	for name, tt := range map[string]struct {
		text                       string
		offers, criteria, dropping int
	}{
		"no JSON":             {"抱歉，我不能。", 0, 0, 1},
		"a list of strings":   {`{"quote":["给予"],"criteria":[]}`, 0, 0, 1},
		"no quote":            {line("", "企业", ""), 0, 0, 1},
		"long quote":          {line(strings.Repeat("长", maxPhrase+1), "企业", ""), 0, 0, 1},
		"invisible in quote":  {line("给予\u200b支持", "企业", ""), 0, 0, 1},
		"filler in quote":     {line("给予\u3164支持", "企业", ""), 0, 0, 1},
		"tags in quote":       {line("给予\U000e0041支持", "企业", ""), 0, 0, 1},
		"markup in quote":     {line("<b>给予</b>", "企业", ""), 0, 0, 1},
		"a line end in quote": {line(`给予\n支持`, "企业", ""), 0, 0, 1},
		"half a character":    {line(`给予\ud800支持`, "企业", ""), 0, 0, 1},
		"handle in quote":     {line("给予"+h[0], "企业", ""), 0, 0, 1},
		"no words":            {line("给予", "", "role_rd"), 1, 1, 1},
		"markup in words":     {line("给予", "[企业](x)", ""), 1, 1, 1},
		"long need":           {line("给予", "企业", strings.Repeat("x", maxNeed+1)), 1, 1, 1},
		"program as need":     {line("给予", "企业", "role_rd; drop table"), 1, 1, 1},
		"need of a number":    {line("给予", "企业", "revenue >= 2000"), 1, 2, 0},
		"no need at all":      {line("给予", "", ""), 1, 1, 1},
		"only bad conditions": {`{"quote":"给予","criteria":[{"words":"","need":"x"},{"words":"\u202e","need":""}]}`, 0, 0, 3},
		"bad titles":          {`{"quote":"给予","title_zh":"<script>","title_en":"` + strings.Repeat("x", maxTitle+1) + `"}`, 1, 0, 2},
		"many conditions":     {`{"quote":"给予","criteria":[` + strings.TrimSuffix(many, ",") + `]}`, 1, maxCriteria, 40 - maxCriteria},
		"many offers":         {strings.Repeat(line("给予", "企业", ""), 20), maxOffers, 2 * maxOffers, 20 - maxOffers},
		"deep":                {`{"quote":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`, 0, 0, 1},
	} {
		g, _, _ := generator(fakemodel.Scripted(tt.text))
		got, call, err := g.Measures(t.Context(), reading())
		criteria := 0
		for _, o := range got {
			criteria += len(o.Criteria)
		}
		if err != nil || len(got) != tt.offers || criteria != tt.criteria || call.Dropped != tt.dropping {
			t.Errorf("%s: %d offers, %d conditions, %d dropped, %v; want %d, %d, %d", name, len(got), criteria, call.Dropped, err, tt.offers, tt.criteria, tt.dropping)
		}
	}
}

// TestMeasuresEnds: a model that does not stop is stopped, and what came before counts.
func TestMeasuresEnds(t *testing.T) {
	for name, text := range map[string]string{
		"10 MB of text":      strings.Repeat("x", 10<<20),
		"10 MB in a string":  `{"quote":"` + strings.Repeat("长", 10<<20/3),
		"10 MB of line ends": strings.Repeat("\n", 10<<20),
		"10 MB of objects":   strings.Repeat("{}", 5<<20),
	} {
		g, _, _ := generator(fakemodel.Scripted(offered + text))
		got, call, err := g.Measures(t.Context(), reading())
		if err != nil || len(got) != 1 || len(call.Reply) > MaxReply || call.Dropped == 0 {
			t.Errorf("%s: %d offers, %d bytes kept, %d dropped, %v", name, len(got), len(call.Reply), call.Dropped, err)
		}
	}
}

// TestMeasuresFails: a failure of the model is an error of its class; that of ctx too.
func TestMeasuresFails(t *testing.T) {
	for _, class := range []model.Class{model.Unauthorized, model.Unavailable, model.Slow, model.Open, model.Budget, model.Refused} {
		g, _, _ := generator(fakemodel.Failing(&model.Error{Class: class}))
		got, call, err := g.Measures(t.Context(), reading())
		if model.ClassOf(err) != class || call.Class != class || len(got) != 0 {
			t.Errorf("%s: %v, %+v", class, err, call)
		}
	}
	g, _, _ := generator(fakemodel.Failing(&model.Error{Class: model.Cut}))
	if _, call, err := g.Measures(t.Context(), reading()); err != nil || call.Class != model.Cut {
		t.Errorf("cut: %v, %+v", err, call)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	g, _, _ = generator(fakemodel.Scripted(offered))
	if _, _, err := g.Measures(ctx, reading()); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// FuzzMeasures: whatever a model writes, what comes out is of the form.
func FuzzMeasures(f *testing.F) {
	f.Add(offered)
	f.Add(`{"none":true}` + offered + "<think>" + offered)
	f.Add(`{"quote":"\ud800","criteria":[{}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		g, _, _ := generator(fakemodel.Scripted(strings.ToValidUTF8(text, "?")))
		got, _, err := g.Measures(t.Context(), reading())
		if err != nil || len(got) > maxOffers {
			t.Fatalf("%d offers, %v", len(got), err)
		}
		for _, o := range got {
			all := []string{o.Quote, o.TitleZh, o.TitleEn}
			for _, c := range o.Criteria {
				all = append(all, c.Words, c.Need)
			}
			for _, s := range all {
				if len(o.Criteria) > maxCriteria || o.Quote == "" || utf8.RuneCountInString(s) > maxPhrase || strings.ContainsFunc(s, unicode.IsControl) || strings.Contains(s, "canary") {
					t.Errorf("%+v", o)
				}
			}
		}
	})
}
