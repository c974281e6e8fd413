package render_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"policybot/bot/channel"
	"policybot/bot/channel/randomdoc"
	"policybot/bot/wecom/card"
	"policybot/bot/wecom/render"
	"policybot/bot/wecomfake/judge"
)

// checkCards holds the cards of a document against it.
func checkCards(t tester, d channel.Doc) {
	t.Helper()
	for _, o := range []render.CardOptions{
		{TaskID: "task-1", Bot: true, Pages: "https://policy.example/"},
		{TaskID: "no task.", Bot: true, MaxButtons: 3},
		{TaskID: "task-1", Pages: "javascript:alert(1)"},
		{Pages: "https://policy.example"},
	} {
		c, ok := render.Card(d, o)
		if !ok {
			if len(buttonsOf(d)) > 0 {
				t.Fatalf("no card for %+v", d.Buttons)
			}
			continue
		}
		checkCard(t, d, o, c)
	}
	for _, b := range d.Buttons {
		raw, err := json.Marshal(render.Done(d.Lang, b.Label, "task-1"))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []judge.Surface{judge.Bot, judge.App} {
			if err := judge.CardUpdate(s, raw); err != nil {
				t.Fatalf("%v in %s", err, raw)
			}
		}
	}
}

// buttonsOf are the tokens of a document's buttons that can be seen.
func buttonsOf(d channel.Doc) []string {
	var out []string
	for _, b := range d.Buttons {
		if randomdoc.Bare(b.Label) != "" || strings.Contains(b.Label, "\ufffd") {
			out = append(out, b.Token)
		}
	}
	return out
}

func checkCard(t tester, d channel.Doc, o render.CardOptions, c card.Card) {
	t.Helper()
	on := judge.App
	if o.Bot {
		on = judge.Bot
	}
	raw, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(o.Bot); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	if err := judge.Card(on, raw); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
	shown := judge.ReadCard(raw)
	unpressed := c
	unpressed.Buttons = nil
	if text, err := json.Marshal(unpressed); err != nil || strings.Contains(string(text), `\u003c@`) || len(shown.Images) > 0 {
		t.Fatalf("a mention or an image in %s", raw)
	}
	for _, l := range shown.Links {
		own := o.Pages != "" && strings.HasPrefix(l.URL, strings.TrimRight(o.Pages, "/")+"/clauses/")
		if !own && !slices.ContainsFunc(d.Citations, func(c channel.Citation) bool { return c.URL == l.URL }) {
			t.Fatalf("a link to %q in %s", l.URL, raw)
		}
	}
	most := card.MaxButtons
	if o.MaxButtons > 0 {
		most = o.MaxButtons
	}
	if len(shown.Buttons) > most || len(shown.Buttons) == 0 && len(buttonsOf(d)) > 0 {
		t.Fatalf("%d buttons of %d", len(shown.Buttons), len(buttonsOf(d)))
	}
	for _, b := range shown.Buttons {
		if !slices.Contains(buttonsOf(d), b.Key) {
			t.Fatalf("a button with the key %q", b.Key)
		}
	}
	for _, a := range shown.Asks {
		n := 0
		if _, err := fmt.Sscanf(strings.NewReplacer("原文 ", "", "clause ", "").Replace(a.Question), "%d", &n); err != nil || n < 1 || n > len(d.Citations) {
			t.Fatalf("a jump asks %q", a.Question)
		}
	}
}

// cardOf is the card of a document, which must have one.
func cardOf(t *testing.T, d channel.Doc, o render.CardOptions) card.Card {
	t.Helper()
	c, ok := render.Card(d, o)
	if !ok {
		t.Fatal("no card")
	}
	checkCard(t, d, o, c)
	return c
}

// TestCardButtons wants the first buttons, the one that asks for a person among them, and words that fit.
func TestCardButtons(t *testing.T) {
	all := func(does ...string) []channel.Button {
		var out []channel.Button
		for i, d := range does {
			out = append(out, channel.Button{Token: fmt.Sprint("t", i), Label: fmt.Sprint(d, i), Does: d})
		}
		return out
	}
	cases := []struct {
		name    string
		buttons []channel.Button
		most    int
		want    string
	}{
		{"rating and a person", all("good", "bad", "person"), 0, "good0=t0 bad1=t1 person2=t2"},
		{"in their order", all("good", "person", "reply", "good"), 0, "good0=t0 person1=t1 reply2=t2 good3=t3"},
		{"many replies", all("reply", "reply", "reply", "reply", "reply", "reply", "good", "person", "person"), 0, "reply0=t0 reply1=t1 reply2=t2 reply3=t3 reply4=t4 person7=t7"},
		{"fewer wanted", all("reply", "reply", "person"), 2, "reply0=t0 person2=t2"},
		{"one wanted", all("reply", "person"), 1, "person1=t1"},
		{"more wanted than can be", all("reply", "person", "reply", "reply", "reply", "reply", "reply"), 25, "reply0=t0 person1=t1 reply2=t2 reply3=t3 reply4=t4 reply5=t5"},
		{"a token twice", []channel.Button{{Token: "t", Label: "a"}, {Token: "t", Label: "b"}}, 0, "a=t"},
		{"bad tokens", []channel.Button{{Label: "a"}, {Token: "a\x00", Label: "b"}, {Token: strings.Repeat("t", 65), Label: "c"}, {Token: render.DoneKey, Label: "d"}, {Token: "t", Label: "e"}}, 0, "e=t"},
		{"as they are", []channel.Button{{Token: "t", Label: "Press <0>"}}, 0, "Press <0>=t"},
		{"nothing to see", []channel.Button{{Token: "t", Label: "\u200b\n"}, {Token: "u", Label: "x\ty"}}, 0, "x y=u"},
		{"long labels", []channel.Button{
			{Token: "a", Label: "Not very helpful", Does: "bad"},
			{Token: "b", Label: "Ask a person", Does: "person"},
			{Token: "c", Label: "a very long label", Does: "reply"},
			{Token: "d", Label: "在中国（北京）自由贸易试验区内", Does: "reply"},
			{Token: "e", Label: "👩‍👩‍👧‍👦👩‍👩‍👧‍👦", Does: "reply"},
			{Token: "f", Label: "是企业（不是医疗机构）", Does: "reply"},
		}, 0, "Not useful=a Ask staff=b a very lo…=c 在中国（北京）自由…=d 👩‍👩‍👧‍👦…=e 是企业=f"},
	}
	for _, c := range cases {
		got, ok := render.Card(channel.Doc{Lang: "en", Buttons: c.buttons}, render.CardOptions{TaskID: "t", Bot: true, MaxButtons: c.most})
		var list []string
		for _, b := range got.Buttons {
			list = append(list, b.Text+"="+b.Key)
		}
		if s := strings.Join(list, " "); s != c.want || !ok {
			t.Errorf("%s: %s\nwant %s", c.name, s, c.want)
		}
	}
}

// TestCardNeeds wants a card where there is a button or a page, and of the kind that WeCom has for it.
func TestCardNeeds(t *testing.T) {
	cite := channel.Citation{N: 1, Title: "办法", Path: "第三条", Clause: "a.1"}
	linked := cite
	linked.URL = "https://other.example/a"
	button := []channel.Button{{Token: "t", Label: "是", Does: "reply"}}
	cases := []struct {
		name string
		doc  channel.Doc
		o    render.CardOptions
		want string // type, address of the action, address of the quote, jumps
	}{
		{"nothing", channel.Doc{Text: "x"}, render.CardOptions{Pages: "https://p.example"}, "false"},
		{"a source without a page", channel.Doc{Citations: []channel.Citation{cite}}, render.CardOptions{Bot: true}, "false"},
		{"a button that cannot be seen", channel.Doc{Buttons: []channel.Button{{Token: "t"}}}, render.CardOptions{}, "false"},
		{"a source with a page, for the bot", channel.Doc{Citations: []channel.Citation{linked}}, render.CardOptions{Bot: true}, "text_notice https://other.example/a https://other.example/a [{3 Clause 1  clause 1}]"},
		{"a source with a page, for an app", channel.Doc{Citations: []channel.Citation{linked}}, render.CardOptions{}, "text_notice https://other.example/a https://other.example/a [{1 Clause 1 https://other.example/a }]"},
		{"a page of the console", channel.Doc{Lang: "zh", Citations: []channel.Citation{cite}}, render.CardOptions{Bot: true, Pages: "https://p.example/"}, "text_notice https://p.example/clauses/a.1 https://p.example/clauses/a.1 [{3 原文 1  原文 1}]"},
		{"a button", channel.Doc{Buttons: button}, render.CardOptions{}, "button_interaction - - []"},
		{"a button and a source", channel.Doc{Buttons: button, Citations: []channel.Citation{linked}}, render.CardOptions{Bot: true}, "button_interaction - https://other.example/a []"},
	}
	for _, c := range cases {
		got, ok := render.Card(c.doc, c.o)
		s := "false"
		if ok {
			action, quote := "-", "-"
			if got.Action != nil {
				action = got.Action.URL
			}
			if got.Quote != nil {
				quote = got.Quote.URL
			}
			s = fmt.Sprint(got.Type, " ", action, " ", quote, " ", got.Jumps)
			checkCard(t, c.doc, c.o, got)
		}
		if s != c.want {
			t.Errorf("%s: %s\nwant %s", c.name, s, c.want)
		}
	}
}

// TestCardTexts wants what a card says cut at its limits and no sooner: a notice before all, and the place of a clause
// however long the title of its document is.
func TestCardTexts(t *testing.T) {
	long := strings.Repeat("措施", 50)
	d := channel.Doc{
		Lang: "zh", Label: channel.LabelAI, Buttons: []channel.Button{{Token: "t", Label: "没用", Does: "bad"}},
		Nodes: []channel.Node{{Kind: channel.Sentence, Text: "可以。", Cites: []int{1}}, {Kind: channel.Notice, Text: "本办法已失效。<@all>" + long}, {Kind: channel.Notice, Text: "另一条"}},
	}
	for i := range 8 {
		d.Citations = append(d.Citations, channel.Citation{
			N: i + 1, Title: "关于" + long, Number: "厦府办〔2020〕57号", Path: "第三章/第十二条/(二)", Quote: strings.Repeat("对符合条件的企业给予补贴。", 20), Clause: "a.1",
		})
	}
	c := cardOf(t, d, render.CardOptions{TaskID: "t"})
	for _, want := range [][2]string{
		{c.Title.Title, "答复的依据"},
		{c.Title.Desc, "AI 生成，逐句核对过出处"},
		{c.Subtitle, "注意：本办法已失效。<\u200b@all>" + strings.Repeat("措施", 41) + "…（另有 1 条，见上文）"},
		{c.Quote.Title, "[1] 《关于措施措施措施措施措施措施措施措施措施…》 第三章/第十二条/(二)"},
		{c.Quote.Text, "“" + strings.Repeat("对符合条件的企业给予补贴。", 12) + "…”"},
		{c.Rows[5].Key, "[6]"},
		{c.Rows[5].Value, "《关于措施措施措施措施…》 第三章/第十二条/(二)"},
	} {
		if want[0] != want[1] {
			t.Errorf("the card says\n%q, want\n%q", want[0], want[1])
		}
	}
	for _, full := range []int{
		utf8.RuneCountInString(c.Subtitle) - card.MaxSubtitle, utf8.RuneCountInString(c.Quote.Title) - card.MaxQuoteHead, utf8.RuneCountInString(c.Rows[0].Value) - card.MaxRowValue,
	} {
		if full != 0 {
			t.Errorf("a text is %d characters over its limit", full)
		}
	}
	if len(c.Rows) != card.MaxRows || len(c.Jumps) > 0 {
		t.Errorf("%d rows, %d jumps", len(c.Rows), len(c.Jumps))
	}
}

// TestCardNotice wants the end of a notice to be seen where the title of a document leaves no room for it.
func TestCardNotice(t *testing.T) {
	title := strings.Repeat("关于支持生物医药产业高质量发展的若干措施", 6)
	for lang, text := range map[string]string{"zh": "《" + title + "》的实施期已经结束，不能当作现行政策申报。", "en": "The period of “" + title + "” is over; it cannot be applied under."} {
		c := cardOf(t, channel.Doc{
			Lang: lang, Nodes: []channel.Node{{Kind: channel.Notice, Text: text}}, Buttons: []channel.Button{{Token: "t", Label: "x", Does: "reply"}},
			Citations: []channel.Citation{{N: 1, Title: title, Path: "一", Quote: "x"}},
		}, render.CardOptions{TaskID: "t"})
		_, end, _ := strings.Cut(text, title)
		if !strings.HasSuffix(c.Subtitle, "…"+end) || utf8.RuneCountInString(c.Subtitle) > card.MaxSubtitle {
			t.Errorf("the card says %q", c.Subtitle)
		}
	}
}

// TestReasons wants the reasons of a bad rating in an app that asks for one, and nowhere else.
func TestReasons(t *testing.T) {
	rated := channel.Doc{Lang: "en", Text: "x", Buttons: []channel.Button{{Token: "a", Label: "Helpful", Does: "good"}, {Token: "b", Label: "Not helpful", Does: "bad"}}}
	for _, lang := range []string{"zh", "en"} {
		rated.Lang = lang
		s := cardOf(t, rated, render.CardOptions{TaskID: "t"}).Selection
		if s == nil || s.Key != render.ReasonKey || s.Selected != render.ReasonNone {
			t.Fatalf("the list of reasons is %+v", s)
		}
		var ids []string
		for _, o := range s.Options {
			ids = append(ids, o.ID)
		}
		if want := append([]string{render.ReasonNone}, channel.Reasons...); !slices.Equal(ids, want) {
			t.Errorf("reasons %q, want %q", ids, want)
		}
	}
	if c := cardOf(t, rated, render.CardOptions{TaskID: "t", Bot: true}); c.Selection != nil {
		t.Error("the AI bot asks for reasons, which WeCom does itself")
	}
	rated.Buttons = rated.Buttons[:1]
	if c := cardOf(t, rated, render.CardOptions{TaskID: "t"}); c.Selection != nil {
		t.Error("reasons without a bad rating")
	}
}

// TestDone wants a card to say what was pressed.
func TestDone(t *testing.T) {
	for _, c := range []struct{ lang, label, want string }{
		{"zh", "转人工", "已收到：转人工"},
		{"en", "Ask a person", "Received: Ask a person"},
		{"zh", "", "已收到"},
		{"en", " \x00", "Received"},
		{"zh", strings.Repeat("长", 30), "已收到：" + strings.Repeat("长", 21) + "…"},
		{"zh", "<@all>", "已收到：<\u200b@all>"},
	} {
		got := render.Done(c.lang, c.label, "task-1")
		raw, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		if got.Title.Title != c.want || got.TaskID != "task-1" || judge.CardUpdate(judge.Bot, raw) != nil || judge.CardUpdate(judge.App, raw) != nil {
			t.Errorf("after %q: %s", c.label, raw)
		}
	}
}

// TestCardWords wants every word of a card within its limit, in both languages.
func TestCardWords(t *testing.T) {
	d := channel.Doc{Text: "x", Citations: []channel.Citation{{N: 999, Title: "t", Number: "n", URL: "https://policy.example/clauses/a", Clause: "a"}}}
	for _, lang := range []string{"zh", "en"} {
		for _, l := range []channel.Label{channel.LabelExtract, channel.LabelAI, channel.LabelStaff, channel.LabelNotice, "other"} {
			for _, does := range []string{"", "good", "bad", "person", "case", "reply"} {
				d.Lang, d.Label, d.Buttons = lang, l, nil
				if does != "" {
					d.Buttons = []channel.Button{{Token: "t", Label: strings.Repeat("w", 11), Does: does}}
				}
				for _, cites := range [][]channel.Citation{nil, d.Citations} {
					one := d
					one.Citations = cites
					if does != "" || cites != nil {
						c := cardOf(t, one, render.CardOptions{TaskID: "t"})
						if c.Title.Title == "" || c.Title.Desc == "" {
							t.Errorf("%s %s %s: %+v", lang, l, does, c.Title)
						}
					}
				}
			}
		}
	}
}
