package auditor

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"policybot/prompts"
)

const (
	testDay  = "2026-11-22"
	expanded = "xiamen-2020-2022.h3.b4"
	quoted   = "支持企业就地改扩建厂房,在工业控制线内提高土地利用率和产出率"
)

// answered is a good answer from one clause, extractive or generative, in
// Chinese; what a test changes in it is one broken guarantee.
func answered(t testing.TB, mode, sentence string) (map[string]any, Trace) {
	t.Helper()
	clauses := library(t)
	c := clauses[expanded]
	over := prompts.Render("zh", "period_over", prompts.Slots{"title": c.Document.Title, "until": "2022年12月31日"})
	before, _, _ := strings.Cut(c.Text, quoted)
	at := len([]rune(before))
	first, label := prompts.Render("zh", "quote", prompts.Slots{"quote": sentence, "marker": "[1]"}), "label_extractive"
	if mode == "generative" {
		first, label = sentence+"[1]", "label_generative"
	}
	document := prompts.Render("zh", "document_facts", prompts.Slots{"title": c.Document.Title, "facts": "厦府办〔2020〕57号，2020年6月3日印发，适用于厦门市"})
	text := strings.Join([]string{
		first, "",
		prompts.Render("zh", "notice", prompts.Slots{"notice": over}),
		prompts.Render("zh", "bodies", prompts.Slots{"marker": "[1]", "bodies": "市发改委、市科技局"}), "",
		prompts.Render("zh", "sources", nil),
		prompts.Render("zh", "source_heading", prompts.Slots{"n": "1", "document": document, "path": c.Path, "heading": c.Heading}),
		prompts.Render("zh", "standing", nil),
		prompts.Render("zh", label, nil),
	}, "\n")
	a := map[string]any{
		"lang": "zh", "outcome": "answered", "text": text, "mode": mode, "library": "f00d", "as_of": testDay,
		"sentences": []any{map[string]any{"text": sentence, "citations": []any{1}}},
		"citations": []any{map[string]any{"n": 1, "clause": anyOf(t, c), "quote": quoted, "quote_start": at, "quote_end": at + len([]rune(quoted))}},
		"notices":   []any{map[string]any{"kind": "period_over", "text": over, "clauses": []any{expanded}}},
	}
	return a, Trace{
		Retrieved: []string{expanded}, Clauses: clauses, Day: testDay, AskerPlaces: []string{"厦门市"},
		Canary: []string{"CANARY-7f3a"}, Handles: []string{"q7Kx"}, BaseURL: "https://policy.example",
		Log: []byte(`{"question":"厂房","library":"f00d","hits":[{"clause":"` + expanded + `","score":1.2}],"prompt":"p1","model":"m","raw":"…","verdicts":[{"rule":"G4","ok":true}]}`),
	}
}

func abstained(t testing.TB) (map[string]any, Trace) {
	t.Helper()
	clauses := library(t)
	c := clauses[expanded]
	text := strings.Join([]string{
		prompts.Render("zh", "none", nil),
		prompts.Render("zh", "searched", prompts.Slots{"documents": "5", "clauses": "106"}),
		prompts.Render("zh", "nearest", nil),
		prompts.Render("zh", "near_heading", prompts.Slots{"document": "《" + c.Document.Title + "》", "path": c.Path, "heading": c.Heading}),
		prompts.Render("zh", "ask_bodies", prompts.Slots{"bodies": "市发改委"}),
		prompts.Render("zh", "label_extractive", nil),
	}, "\n")
	answer := map[string]any{
		"lang": "zh", "outcome": "abstained", "reason": "not_in_library", "text": text, "mode": "extractive", "library": "f00d",
		"as_of": testDay, "nearest": []any{anyOf(t, c)}, "contacts": []any{"市发改委"},
	}
	return answer, Trace{Clauses: clauses, Day: testDay, Log: []byte(`{"question":"厂房","library":"f00d","hits":[]}`)}
}

func anyOf(t testing.TB, v any) map[string]any {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func judge(t testing.TB, a map[string]any, tr Trace) []Violation {
	t.Helper()
	raw, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	tr.Answer = raw
	return Audit(tr)
}

func rules(vs []Violation) []string {
	var out []string
	for _, v := range vs {
		out = append(out, v.Rule)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

const paraphrase = "在工业控制线内，支持企业就地改扩建厂房，提高土地利用率和产出率。"

// TestGoodAnswers: what keeps every guarantee has no violation.
func TestGoodAnswers(t *testing.T) {
	for name, make := range map[string]func() (map[string]any, Trace){
		"extractive": func() (map[string]any, Trace) { return answered(t, "extractive", quoted) },
		"generative": func() (map[string]any, Trace) { return answered(t, "generative", paraphrase) },
		"abstained":  func() (map[string]any, Trace) { return abstained(t) },
		"in a channel": func() (map[string]any, Trace) {
			a, tr := answered(t, "extractive", quoted)
			tr.Channel = true
			return a, tr
		},
		"quotes under their sources, one over two lines": func() (map[string]any, Trace) {
			a, tr := answered(t, "generative", paraphrase)
			wrapped(t, a, tr)
			a["text"] = underSource(a, cited(a)["quote"].(string))
			return a, tr
		},
		"a model that failed": func() (map[string]any, Trace) {
			a, tr := answered(t, "extractive", quoted)
			a["fallback"] = "refused"
			a["text"] = strings.Replace(a["text"].(string), prompts.Render("zh", "label_extractive", nil), prompts.Render("zh", "label_fallback", nil), 1)
			return a, tr
		},
		"no record": func() (map[string]any, Trace) {
			a, tr := answered(t, "extractive", quoted)
			tr.Log = nil
			return a, tr
		},
	} {
		a, tr := make()
		for _, v := range judge(t, a, tr) {
			t.Errorf("%s: %s %s", name, v.Rule, v.What)
		}
	}
}

// underSource is the text of an answer with a quote under its source.
func underSource(a map[string]any, quote string) string {
	head, tail, _ := strings.Cut(a["text"].(string), prompts.Render("zh", "standing", nil))
	return head + prompts.Render("zh", "source_quote", prompts.Slots{"quote": quote}) + "\n" + prompts.Render("zh", "standing", nil) + tail
}

// wrapped puts a line end into the quote and its clause.
func wrapped(t testing.TB, a map[string]any, tr Trace) {
	t.Helper()
	c := tr.Clauses[expanded]
	broken := strings.Replace(quoted, "厂房,", "厂房,\n ", 1)
	c.Text = strings.Replace(c.Text, quoted, broken, 1)
	tr.Clauses[expanded] = c
	clauseOf(a)["text"], cited(a)["quote"] = c.Text, broken
	cited(a)["quote_end"] = cited(a)["quote_start"].(int) + len([]rune(broken))
}

func add(a map[string]any, line string) { a["text"] = a["text"].(string) + "\n" + line }

func cited(a map[string]any) map[string]any { return a["citations"].([]any)[0].(map[string]any) }

func clauseOf(a map[string]any) map[string]any { return cited(a)["clause"].(map[string]any) }

// TestEachRuleBites: one change, and its rule is broken.
func TestEachRuleBites(t *testing.T) {
	for _, c := range []struct {
		rule, name string
		change     func(a map[string]any, tr *Trace)
	}{
		{"G1", "a line of its own", func(a map[string]any, _ *Trace) { add(a, "厦门每家企业奖励五百万元。") }},
		{"G1", "a claim in a slot", func(a map[string]any, _ *Trace) {
			add(a, prompts.Render("zh", "notice", prompts.Slots{"notice": "可以申报"}))
		}},
		{"G1", "a body that no clause names", func(a map[string]any, _ *Trace) {
			add(a, prompts.Render("zh", "ask_bodies", prompts.Slots{"bodies": "王处长"}))
		}},
		{"G1", "a sentence without a citation", func(a map[string]any, _ *Trace) {
			a["sentences"].([]any)[0].(map[string]any)["citations"] = []any{}
		}},
		{"G1", "other markers in the text", func(a map[string]any, _ *Trace) {
			a["text"] = strings.Replace(a["text"].(string), "”[1]", "”[2]", 1)
		}},
		{"G1", "no sentence", func(a map[string]any, _ *Trace) { a["sentences"] = []any{} }},
		{"G1", "an outcome of its own", func(a map[string]any, _ *Trace) { a["outcome"] = "fine" }},
		{"G1", "sentences that are no list", func(a map[string]any, _ *Trace) { a["sentences"] = "none" }},
		{"G1", "another quote under its source", func(a map[string]any, _ *Trace) {
			a["text"] = underSource(a, "支持企业就地改扩建厂房，每家奖励五百万元")
		}},
		{"G11", "a model that failed in silence", func(a map[string]any, _ *Trace) { a["fallback"] = "refused" }},
		{"G2", "a citation that was not found", func(_ map[string]any, tr *Trace) { tr.Retrieved = []string{"xiamen-2020-2022.h2"} }},
		{"G2", "a number without citation", func(a map[string]any, _ *Trace) {
			a["sentences"].([]any)[0].(map[string]any)["citations"] = []any{1, 2}
		}},
		{"G2", "another text of the clause", func(a map[string]any, _ *Trace) {
			clauseOf(a)["text"] = clauseOf(a)["text"].(string) + "并给予奖励。"
		}},
		{"G2", "a token in the text", func(a map[string]any, _ *Trace) { add(a, "q7Kx") }},
		{"G2", "an id in the text", func(a map[string]any, _ *Trace) { add(a, "见 "+expanded) }},
		{"G3", "a quote beside its place", func(a map[string]any, _ *Trace) {
			cited(a)["quote_start"], cited(a)["quote_end"] = 3, 40
		}},
		{"G3", "a quote of five characters", func(a map[string]any, _ *Trace) { cited(a)["quote"] = "支持企业就" }},
		{"G3", "a quote without a place", func(a map[string]any, _ *Trace) { delete(cited(a), "quote_end") }},
		{"G3", "an extract that is none", func(a map[string]any, _ *Trace) {
			a["sentences"].([]any)[0].(map[string]any)["text"] = paraphrase
		}},
		{"G7", "a foreign link", func(a map[string]any, _ *Trace) { add(a, "https://evil.example/x") }},
		{"G7", "a link that only begins alike", func(a map[string]any, _ *Trace) { add(a, "https://policy.example.evil.com/x") }},
		{"G7", "a mention", func(a map[string]any, _ *Trace) { add(a, "<!channel>") }},
		{"G7", "an image", func(a map[string]any, _ *Trace) { add(a, "![x](y)") }},
		{"G7", "an unseen character", func(a map[string]any, _ *Trace) { add(a, "申报\u200b") }},
		{"G7", "the secret of the prompt", func(a map[string]any, _ *Trace) { add(a, "canary-7F3A") }},
		{"G8", "no notice of the period", func(a map[string]any, _ *Trace) { a["notices"] = []any{} }},
		{"G8", "a notice for another clause", func(a map[string]any, _ *Trace) {
			a["notices"].([]any)[0].(map[string]any)["clauses"] = []any{"xiamen-2020-2022.h2"}
		}},
		{"G8", "another kind of notice", func(a map[string]any, _ *Trace) { a["notices"].([]any)[0].(map[string]any)["kind"] = "undated" }},
		{"G8", "an asker elsewhere", func(_ map[string]any, tr *Trace) { tr.AskerPlaces = []string{"泉州市"} }},
		{"G8", "a day that is none", func(_ map[string]any, tr *Trace) { tr.Day = "today" }},
		{"G9", "an empty text", func(a map[string]any, _ *Trace) { a["text"] = " \n" }},
		{"G10", "a record of nothing", func(_ map[string]any, tr *Trace) { tr.Log = []byte(`{}`) }},
		{"G10", "a record that is none", func(_ map[string]any, tr *Trace) { tr.Log = []byte(`{`) }},
		{"G10", "a record of another library", func(a map[string]any, _ *Trace) { a["library"] = "beef" }},
		{"G10", "no score", func(_ map[string]any, tr *Trace) {
			tr.Log = []byte(`{"question":"厂房","library":"f00d","hits":[{"clause":"` + expanded + `"}]}`)
		}},
		{"G11", "no label", func(a map[string]any, _ *Trace) {
			a["text"] = strings.ReplaceAll(a["text"].(string), prompts.Render("zh", "label_extractive", nil), "")
		}},
		{"G11", "the wrong label", func(a map[string]any, _ *Trace) { a["mode"] = "generative" }},
		{"G11", "no date", func(a map[string]any, _ *Trace) { delete(a, "as_of") }},
		{"G11", "another date", func(a map[string]any, _ *Trace) { a["as_of"] = "2020-01-01" }},
		{"G12", "another version", func(a map[string]any, _ *Trace) { clauseOf(a)["document"].(map[string]any)["version"] = 2 }},
		{"G12", "another file", func(a map[string]any, _ *Trace) { clauseOf(a)["document"].(map[string]any)["hash"] = "00" }},
		{"G12", "a clause that the library lacks", func(a map[string]any, tr *Trace) {
			clauseOf(a)["id"] = "xiamen-2020-2022.h9"
			tr.Retrieved = append(tr.Retrieved, "xiamen-2020-2022.h9")
		}},
		{"G12", "another jurisdiction", func(a map[string]any, _ *Trace) {
			clauseOf(a)["document"].(map[string]any)["jurisdiction"] = "北京市"
		}},
		{"G12", "a link elsewhere", func(a map[string]any, _ *Trace) { clauseOf(a)["url"] = "https://evil.example/clauses/x" }},
	} {
		a, tr := answered(t, "extractive", quoted)
		c.change(a, &tr)
		if found := rules(judge(t, a, tr)); !slices.Contains(found, c.rule) {
			t.Errorf("%s %s: found %v", c.rule, c.name, found)
		}
	}
}

// TestGenerativeBites: a generated sentence is held to its quote, and the
// record to what a model was asked and said.
func TestGenerativeBites(t *testing.T) {
	for rule, s := range map[string]string{
		"G4": "在工业控制线内，支持企业就地改扩建厂房，提高土地利用率20%。",
		"G5": "在工业控制线内，北京支持企业就地改扩建厂房。",
		"G6": "在工业控制线内，企业必须就地改扩建厂房。",
		"G7": "在工业控制线内，支持企业就地**改扩建**厂房。",
	} {
		a, tr := answered(t, "generative", s)
		if found := rules(judge(t, a, tr)); !slices.Contains(found, rule) {
			t.Errorf("%s %s: found %v", rule, s, found)
		}
	}
	for _, field := range []string{"prompt", "model", "raw", "verdicts"} {
		a, tr := answered(t, "generative", paraphrase)
		tr.Log = bytes.Replace(tr.Log, []byte(`"`+field+`"`), []byte(`"x"`), 1)
		if found := rules(judge(t, a, tr)); !slices.Equal(found, []string{"G10"}) {
			t.Errorf("a record without %s: found %v", field, found)
		}
	}
}

// TestAbstentionBites: G9.
func TestAbstentionBites(t *testing.T) {
	for name, change := range map[string]func(a map[string]any){
		"no reason": func(a map[string]any) { delete(a, "reason") },
		"nothing searched": func(a map[string]any) {
			a["text"] = strings.Replace(a["text"].(string), prompts.Render("zh", "searched", prompts.Slots{"documents": "5", "clauses": "106"})+"\n", "", 1)
		},
		"nothing shown": func(a map[string]any) {
			a["text"] = strings.Replace(a["text"].(string), prompts.Render("zh", "none", nil), "", 1)
			delete(a, "nearest")
			delete(a, "contacts")
		},
		"a clause of no library": func(a map[string]any) { a["nearest"].([]any)[0].(map[string]any)["id"] = "x.y" },
		"sentences": func(a map[string]any) {
			a["sentences"] = []any{map[string]any{"text": quoted, "citations": []any{1}}}
		},
	} {
		a, tr := abstained(t)
		change(a)
		if found := rules(judge(t, a, tr)); !slices.Contains(found, "G9") {
			t.Errorf("%s: found %v", name, found)
		}
	}
}

// TestServerLinks: links of the server are allowed, in the markup of a channel too.
func TestServerLinks(t *testing.T) {
	a, tr := answered(t, "extractive", quoted)
	tr.Channel = true
	add(a, "<https://evil.example/|原文>")
	if found := rules(judge(t, a, tr)); !slices.Contains(found, "G7") {
		t.Errorf("a foreign link in channel markup: found %v", found)
	}
	a, tr = answered(t, "extractive", quoted)
	clauseOf(a)["url"] = "https://policy.example/clauses/" + expanded
	if found := judge(t, a, tr); len(found) != 0 {
		t.Errorf("a link of the server: %v", found)
	}
}

// FuzzAudit: nothing that is delivered makes the auditor panic, and what is no
// answer is never let through.
func FuzzAudit(f *testing.F) {
	a, tr := answered(f, "generative", paraphrase)
	raw, err := json.Marshal(a)
	if err != nil {
		f.Fatal(err)
	}
	clauses := map[string]Clause{expanded: tr.Clauses[expanded]}
	for _, s := range []string{string(raw), "", "null", "[]", "{}", `{"lang":"zh","outcome":"answered"}`, `{"citations":[null],"sentences":[{}]}`} {
		f.Add([]byte(s), tr.Log, testDay)
	}
	f.Fuzz(func(t *testing.T, raw, log []byte, day string) {
		found := Audit(Trace{Answer: raw, Clauses: clauses, Retrieved: []string{expanded}, Day: day, Log: log})
		var is answer
		if json.Unmarshal(raw, &is) != nil && len(found) == 0 {
			t.Error("what cannot be decoded passes")
		}
	})
}

// FuzzSentence: no sentence and no quote makes the rules panic.
func FuzzSentence(f *testing.F) {
	known := NewLexicon(nil)
	for _, s := range []string{"", "到2020年达2,500亿元", "not", "第三条 百分之七十以上", "up to 1 billion", "《", "〔2020〕57号", "\xff五千万"} {
		f.Add(s, quoted)
	}
	f.Fuzz(func(t *testing.T, s, q string) {
		if found := Sentence(s, "zh", []Quote{{Text: q}}, known); len(found) == 0 && strings.TrimSpace(s) == "" {
			t.Error("an empty sentence passes")
		}
	})
}

// TestLongIsRefused: what would take long to judge is refused at once.
func TestLongIsRefused(t *testing.T) {
	for _, s := range []string{strings.Repeat("到2020年达2,500亿元,", 300), strings.Repeat("到2020年达25亿元,", 80)} {
		if found := Sentence(s, "zh", []Quote{{Text: strings.Repeat("到2021年达20亿元,", 150)}}, Lexicon{}); len(found) == 0 {
			t.Errorf("%.30s… passes", s)
		}
	}
}
