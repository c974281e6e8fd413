package views

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
	"pgregory.net/rapid"

	"policybot/bot/channel"
)

// submit is what the platform sends when somebody fills in a view: values by block id, in place of what the
// fields were filled with.
func submit(t interface{ Fatal(...any) }, v slack.ModalViewRequest, values map[string]string) slack.View {
	state := map[string]map[string]object{}
	for _, b := range v.Blocks.BlockSet {
		in, ok := b.(*slack.InputBlock)
		if !ok {
			continue
		}
		value, given := values[in.BlockID]
		id, a := "", object{}
		switch e := in.Element.(type) {
		case *slack.PlainTextInputBlockElement:
			if !given {
				value = e.InitialValue
			}
			id, a = e.ActionID, object{"type": "plain_text_input", "value": nil}
			if value != "" {
				a["value"] = value
			}
		case *slack.SelectBlockElement:
			id, a = e.ActionID, object{"type": "static_select", "selected_option": chosen(t, e.Options, value)}
		case *slack.RadioButtonsBlockElement:
			id, a = e.ActionID, object{"type": "radio_buttons", "selected_option": chosen(t, e.Options, value)}
		case *slack.DatePickerBlockElement:
			id, a = e.ActionID, object{"type": "datepicker", "selected_date": nil}
			if value != "" {
				a["selected_date"] = value
			}
		}
		state[in.BlockID] = map[string]object{id: a}
	}
	data, err := json.Marshal(object{"type": "modal", "callback_id": v.CallbackID, "private_metadata": v.PrivateMetadata, "blocks": v.Blocks, "state": object{"values": state}})
	if err != nil {
		t.Fatal(err)
	}
	var out slack.View
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// chosen is an option as it is submitted, null for none.
func chosen(t interface{ Fatal(...any) }, options []*slack.OptionBlockObject, value string) any {
	if value == "" {
		return nil
	}
	for _, o := range options {
		if o.Value == value {
			return o
		}
	}
	t.Fatal("no such option: " + value)
	return nil
}

func TestFeedbackIsRead(t *testing.T) {
	if diff := cmp.Diff(channel.Reasons, reasons); diff != "" {
		t.Errorf("reasons are not those of package channel:\n%s", diff)
	}
	for _, lang := range []string{"zh", "en"} {
		for _, reason := range reasons {
			v := submit(t, Feedback("token", lang), map[string]string{blockReason: reason, blockComment: " 缺金额\r\n "})
			if got, text := ReadFeedback(v); got != reason || text != "缺金额" || v.PrivateMetadata != "token" {
				t.Errorf("%q %q %q, want %q", got, text, v.PrivateMetadata, reason)
			}
		}
	}
	if reason, text := ReadFeedback(submit(t, Feedback("token", "zh"), nil)); reason != "" || text != "" {
		t.Errorf("%q %q out of an empty form", reason, text)
	}
	forged := slack.View{State: &slack.ViewState{Values: map[string]map[string]slack.BlockAction{
		blockReason:  {fieldValue: {SelectedOption: slack.OptionBlockObject{Value: "spam"}}},
		blockComment: {fieldValue: {Value: strings.Repeat("长", 5000)}},
	}}}
	if reason, text := ReadFeedback(forged); reason != "" || len([]rune(text)) != maxComment {
		t.Errorf("%q and %d characters", reason, len([]rune(text)))
	}
	if reason, text := ReadFeedback(slack.View{}); reason != "" || text != "" {
		t.Errorf("%q %q out of nothing", reason, text)
	}
}

func TestAskIsRead(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		if text, problems := ReadAsk(submit(t, Ask("问什么？\n再问。", "m", lang), nil)); text != "问什么？\n再问。" || len(problems) > 0 {
			t.Errorf("%q %v", text, problems)
		}
		want := map[string]string{blockQuestion: askEmpty.in(lang)}
		if text, problems := ReadAsk(submit(t, Ask("", "m", lang), map[string]string{blockQuestion: " \n\u3000"})); text != "" || !cmp.Equal(problems, want) {
			t.Errorf("%q %v, want %v", text, problems, want)
		}
	}
	if text, problems := ReadAsk(slack.View{}); text != "" || len(problems) != 1 {
		t.Errorf("%q %v", text, problems)
	}
	long := strings.Repeat("很长", 2000)
	v := Ask(long, "", "zh")
	if text, _ := ReadAsk(submit(t, v, nil)); text != long[:maxQuestion*3] {
		t.Errorf("%d characters of a long text", len([]rune(text)))
	}
	if !strings.Contains(words(v), fmt.Sprintf(askLong.zh, maxQuestion)) {
		t.Error("nothing says that the text was cut")
	}
}

func TestProfileIsRead(t *testing.T) {
	fields := append(slices.Clone(zhGiven.fields), Field{Key: "role_production", Kind: "yes_no"}, Field{Key: "staff", Kind: Number, Unit: "人"}, Field{Key: "open", Kind: YesNo},
		Field{Key: "size", Kind: Choice, Options: []Option{{"sme", "中小微企业"}}}, Field{Key: "empty", Kind: Text})
	v := submit(t, Profile(fields, "问", "m", "zh"), map[string]string{
		blockFact + "place": " 厦门市海沧区 ", blockFact + "entity": "enterprise", blockFact + "role_rd": yes, blockFact + "revenue": "１，２００．５",
		blockFact + "founded": "2020-02-29", blockFact + "role_production": no, blockFact + "staff": "很多", blockFact + "open": unknown, blockFact + "size": unknown,
	})
	asked, facts, problems := ReadProfile(v)
	want := map[string]any{
		"place": "厦门市海沧区", "entity": "enterprise", "role_rd": true, "revenue": 1200.5, "founded": "2020-02-29", "role_production": false, "open": nil,
		"size": nil, "empty": nil,
	}
	if diff := cmp.Diff(want, facts); diff != "" || asked != "问" {
		t.Errorf("asked %q:\n%s", asked, diff)
	}
	if p := problems[blockFact+"staff"]; len(problems) != 1 || !strings.Contains(p, "“很多”") {
		t.Errorf("problems %v", problems)
	}

	asked, facts, problems = ReadProfile(submit(t, Profile(fields, "", "m", "en"), nil))
	if asked != "What are we eligible for?" || facts != nil || len(problems) > 0 {
		t.Errorf("%q %v %v out of a form that tells nothing", asked, facts, problems)
	}
	_, facts, problems = ReadProfile(submit(t, Profile(fields, "x", "m", "en"), map[string]string{blockQuestion: " ", blockFact + "staff": "x", blockFact + "founded": "2023-02-31"}))
	wantProblems := map[string]string{
		blockQuestion: askEmpty.en, blockFact + "staff": fmt.Sprintf(profileBadNumber.en, "x"), blockFact + "founded": profileBadDate.en,
	}
	if diff := cmp.Diff(wantProblems, problems); diff != "" || facts != nil {
		t.Errorf("facts %v:\n%s", facts, diff)
	}
}

func TestProfileNamesWhatDoesNotFit(t *testing.T) {
	var fields []Field
	for i := range 150 {
		fields = append(fields, Field{Key: fmt.Sprintf("key%d", i), Ask: fmt.Sprintf("第%d项？", i), Kind: YesNo})
	}
	v := Profile(fields, "", "", "zh")
	wantNone(t, checkView(v))
	blocks := v.Blocks.BlockSet
	if last := words(slack.ModalViewRequest{Blocks: slack.Blocks{BlockSet: blocks[99:]}}); len(blocks) != 100 || !strings.Contains(last, "还有 53 项") || !strings.Contains(last, "第97项？；第98项？") {
		t.Errorf("%d blocks, the last says %s", len(blocks), last)
	}
	odd := []Field{
		{Key: "", Ask: "no key?"},
		{Key: strings.Repeat("k", 201), Ask: "long key?"},
		{Key: "none", Ask: "no options?", Kind: Choice},
		{Key: "many", Ask: "many options?", Kind: Choice, Options: make([]Option, 100)},
		{Key: "empty", Ask: "empty value?", Kind: Choice, Options: []Option{{"", "x"}}},
		{Key: "taken", Ask: "value of ours?", Kind: Choice, Options: []Option{{unknown, "x"}}},
		{Key: "unit", Ask: "long unit?", Kind: Number, Unit: strings.Repeat("元", 28)},
		{Key: "fine", Ask: "fine?", Kind: "surprise"},
		{Key: "fine", Ask: "twice?"},
	}
	odd = append(odd, Field{Key: "same", Ask: "same values?", Kind: Choice, Options: []Option{{"a", "first"}, {"a", "second"}}})
	form := Profile(odd, "", "", "en")
	wantNone(t, checkView(form))
	text := words(form)
	if !strings.Contains(text, "7 more") || !strings.Contains(text, "fine?") || strings.Contains(text, "twice?") || !strings.Contains(text, "first") || strings.Contains(text, "second") || !strings.Contains(text, "no key?; long key?; no options?") {
		t.Errorf("%s", text)
	}
}

func TestNumber(t *testing.T) {
	for _, tt := range []struct {
		text, unit string
		want       float64
	}{
		{"1200", "万元", 1200},
		{"1,200", "万元", 1200},
		{"1 200", "万元", 1200},
		{"１，２００．５", "万元", 1200.5},
		{"1,0000", "元", 10000},
		{"3000万", "万元", 3000},
		{"3000万元", "万元", 3000},
		{"0.3亿", "万元", 3000},
		{"￥3000元", "万元", 0.3},
		{"RMB 3000", "元", 3000},
		{"3千万", "亿元", 0.3},
		{"3.5萬", "元", 35000},
		{"5 million", "万元", 500},
		{"5 million yuan", "万元", 500},
		{"5 million", "million yuan", 5},
		{"5 million", "10,000 yuan", 500},
		{"5", "100 million yuan", 5},
		{"2 billion", "100 million yuan", 20},
		{"1.2万", "人", 12000},
		{"12 人", "人", 12},
		{"5%", "%", 5},
		{"５．５％", "%", 5.5},
		{"0", "件", 0},
		{"3年", "年", 3},
		{"999999999999999", "", 999999999999999},
		{"7", "", 7},
	} {
		if got, ok := number(tt.text, tt.unit); !ok || got != tt.want {
			t.Errorf("%q of %q: %v %v, want %v", tt.text, tt.unit, got, ok, tt.want)
		}
	}
	for _, tt := range [][2]string{
		{"", "元"},
		{"很多", "元"},
		{"-5", "元"},
		{"1,5", "元"},
		{"12,00", "元"},
		{"1.2.3", "元"},
		{"1e5", "元"},
		{"0x10", "元"},
		{"1/2", "元"},
		{"3 apples", "件"},
		{"3件", "人"},
		{"5万", "%"},
		{"5%", "元"},
		{"¥5", "人"},
		{"1亿2000万", "元"},
		{"1元", "亿元"},
		{"1000000000000000", "元"},
		{"999999999999999亿", "元"},
		{"1.1234567", "元"},
		{"5 6", "元"},
		{"NaN", "元"},
		{strings.Repeat("9", 200), "元"},
	} {
		if got, ok := number(tt[0], tt[1]); ok {
			t.Errorf("%q of %q is read as %v", tt[0], tt[1], got)
		}
	}
}

// TestNumberAsWritten writes numbers in several ways and reads them back.
func TestNumberAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 1e12).Draw(t, "n")
		plain := fmt.Sprint(n)
		grouped := plain
		for i := len(plain) - 3; i > 0; i -= 3 {
			grouped = grouped[:i] + "," + grouped[i:]
		}
		wide := strings.Map(func(r rune) rune { return r + 0xFEE0 }, grouped)
		for _, text := range []string{plain, grouped, wide, plain + "元", " " + grouped + " 元 "} {
			if got, ok := number(text, "元"); !ok || got != float64(n) {
				t.Errorf("%q is read as %v %v", text, got, ok)
			}
		}
		if got, ok := number(plain+"万", "万元"); !ok || got != float64(n) {
			t.Errorf("%s万 is %v 万元", plain, got)
		}
		if data, err := json.Marshal(float64(n) / 4); err != nil || strings.ContainsAny(string(data), "eE") {
			t.Errorf("%s %v", data, err)
		}
	})
}

func TestCaseIsRead(t *testing.T) {
	c := zhGiven.caseData
	if got := ReadCase(submit(t, Case(c, "token", "zh"), nil)); got != c.Draft {
		t.Errorf("%q, want %q", got, c.Draft)
	}
	if got := ReadCase(submit(t, Case(c, "token", "zh"), map[string]string{blockReply: " 改好了\n"})); got != "改好了" {
		t.Errorf("%q", got)
	}
	full := strings.Repeat("<", maxInput)
	c.Draft = full
	if v := Case(c, "token", "en"); v.Submit == nil || ReadCase(submit(t, v, nil)) != full {
		t.Error("a draft that just fits cannot be submitted as it is")
	}
	c.Draft += "x"
	if v := Case(c, "token", "en"); v.Submit != nil || !strings.Contains(words(v), fmt.Sprintf(caseLong.en, maxInput)) {
		t.Error("a draft that does not fit can be submitted, or nothing says so")
	}
	if got := ReadCase(slack.View{}); got != "" {
		t.Errorf("%q out of nothing", got)
	}
	want := map[string]string{blockReply: "Not sent: (1) a (2) b"}
	if got := CaseProblems([]string{"a\n", " ", "b"}, "en"); !cmp.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := CaseProblems(nil, "zh"); got[blockReply] != caseProblemsNone.zh {
		t.Errorf("%v", got)
	}
}

// FuzzRead reads submissions of any form: nothing panics, and what comes out keeps its contract.
func FuzzRead(f *testing.F) {
	for _, v := range []slack.View{
		submit(f, Profile(zhGiven.fields, "问", "m", "zh"), map[string]string{blockFact + "revenue": "3万", blockFact + "role_rd": yes}),
		submit(f, Feedback("t", "en"), map[string]string{blockReason: "wrong"}), submit(f, Ask("q", "", "en"), nil), submit(f, Case(zhGiven.caseData, "t", "zh"), nil),
	} {
		data, err := json.Marshal(object{"state": v.State})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"state":{"values":{"pb_fact_":{"pb_text":{"value":"x"}},"pb_fact_a":{},"pb_fact_b":{"pb_number_%zz":{"value":"1"}},"pb_fact_c":{"pb_date":{"selected_date":"0000-99-99"}}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var v slack.View
		if json.Unmarshal(data, &v) != nil {
			return
		}
		if reason, text := ReadFeedback(v); reason != "" && !slices.Contains(channel.Reasons, reason) || len([]rune(text)) > maxComment {
			t.Errorf("feedback %q %q", reason, text)
		}
		if text, problems := ReadAsk(v); (text == "") != (len(problems) == 1) || len([]rune(text)) > maxQuestion {
			t.Errorf("question %q %v", text, problems)
		}
		if text := ReadCase(v); len([]rune(text)) > maxInput {
			t.Errorf("reply of %d characters", len([]rune(text)))
		}
		_, facts, problems := ReadProfile(v)
		for block, problem := range problems {
			if v.State != nil && v.State.Values[block] == nil && block != blockQuestion || problem == "" {
				t.Errorf("problem %q of %q", problem, block)
			}
		}
		for key, value := range facts {
			switch value := value.(type) {
			case nil, bool:
			case string:
				if value == "" {
					t.Errorf("fact %q is an empty text", key)
				}
			case float64:
				if value < 0 || value >= 1e15 || value > 0 && value < 1e-6 {
					t.Errorf("fact %q is %v", key, value)
				}
			default:
				t.Errorf("fact %q is a %T", key, value)
			}
		}
	})
}
