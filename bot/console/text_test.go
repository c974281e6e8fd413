package console

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"policybot/retrieval"
)

func TestMarkQuote(t *testing.T) {
	const text = "给予5000万元，最高。"
	for span, want := range map[string][]marked{
		"2-8":  {{"给予", false}, {"5000万元", true}, {"，最高。", false}},
		"0-12": {{text, true}},
		"0-2":  {{"给予", true}, {"5000万元，最高。", false}},
		"":     {{text, false}}, "2": {{text, false}}, "8-2": {{text, false}}, "2-13": {{text, false}}, "-1-3": {{text, false}}, "a-b": {{text, false}},
		"2-2": {{text, false}}, "2-999999999999999999999": {{text, false}},
	} {
		if diff := cmp.Diff(want, markQuote(text, span)); diff != "" {
			t.Errorf("%q: %s", span, diff)
		}
	}
}

// FuzzMarks wants whatever is marked to leave the text as it is.
func FuzzMarks(f *testing.F) {
	f.Add("给予5000万元", "1-3", "万元")
	f.Add("government-led GO public", "0-1", "go")
	f.Add("İstanbul", "0-2", "i̇s")
	f.Fuzz(func(t *testing.T, text, span, word string) {
		if !utf8.ValidString(text) {
			return
		}
		for _, parts := range [][]marked{markQuote(text, span), markWords(text, []retrieval.WordPart{{Word: word}})} {
			var b strings.Builder
			for _, p := range parts {
				b.WriteString(p.Text)
			}
			if b.String() != text {
				t.Errorf("%q becomes %q", text, b.String())
			}
		}
	})
}

func TestMarkWords(t *testing.T) {
	words := []retrieval.WordPart{{Word: "go"}, {Word: "上市"}, {Word: "a"}}
	for text, want := range map[string][]marked{
		"the government": {{"the government", false}},
		"to go public":   {{"to ", false}, {"go", true}, {" public", false}},
		"Go":             {{"Go", true}},
		"企业上市与上市":        {{"企业", false}, {"上市", true}, {"与", false}, {"上市", true}},
		"上市go":           {{"上市go", true}},
		"":               nil,
	} {
		if diff := cmp.Diff(want, markWords(text, words)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

func TestQuestionOf(t *testing.T) {
	for _, tt := range []struct {
		form url.Values
		want string
	}{
		{url.Values{"question": {"  问 "}}, "问"},
		{url.Values{"pick": {"中药", "体外诊断"}, "say": {" 还有别的 "}}, "中药，体外诊断，还有别的"},
		{url.Values{"question": {"问"}, "pick": {"中药"}}, "问"},
		{url.Values{"pick": {""}, "say": {""}}, ""},
	} {
		if got := questionOf(tt.form); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.form, got, tt.want)
		}
	}
}

func TestProfileOf(t *testing.T) {
	form := url.Values{
		"fact.place": {"厦门市海沧区"}, "kind.place": {"place"}, "fact.device": {"yes"}, "kind.device": {"yes_no"}, "fact.drug": {"no"}, "kind.drug": {"yes_no"},
		"fact.revenue": {"1,200.5"}, "kind.revenue": {"number"}, "fact.staff": {"many"}, "kind.staff": {"number"}, "fact.open": {" "}, "kind.open": {"yes_no"},
		"fact.ratio": {"NaN"}, "kind.ratio": {"number"},
		"question": {"x"},
	}
	const want = `{"device":true,"drug":false,"open":null,"place":"厦门市海沧区","ratio":"NaN","revenue":1200.5,"staff":"many"}`
	if got := string(profileOf(form)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := profileOf(url.Values{"fact.place": {""}, "kind.place": {"place"}}); got != nil {
		t.Errorf("a form that tells nothing is %v", got)
	}
}

func TestSay(t *testing.T) {
	if got := say(english, "clause.place", 3, "{}"); got != "Clause 3 of {\u200b}" {
		t.Errorf("%q", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("a text with too few values was said")
		}
	}()
	say(english, "clause.place", 3)
}

func TestDirectiveOf(t *testing.T) {
	for report, want := range map[string]string{
		`{"csp-report":{"effective-directive":"script-src-elem"}}`:    "script-src-elem",
		`{"csp-report":{"violated-directive":"style-src"}}`:           "style-src",
		`{"csp-report":{"effective-directive":"<b>\n{\"level\":1}"}}`: "",
		`nonsense`: "", ``: "",
	} {
		if got := directiveOf([]byte(report)); got != want {
			t.Errorf("%s: %q, want %q", report, got, want)
		}
	}
}
