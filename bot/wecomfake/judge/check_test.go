package judge

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// problem gives the *Problem of an error, or nil.
func problem(t testing.TB, err error) *Problem {
	t.Helper()
	if err == nil {
		return nil
	}
	p, ok := errors.AsType[*Problem](err)
	if !ok || p == nil {
		t.Fatalf("%v is no problem", err)
	}
	return p
}

func TestTexts(t *testing.T) {
	bytes := func(n int) string { return strings.Repeat("政", n/3) + strings.Repeat("a", n%3) }
	for s, most := range map[Surface]int{Bot: 20480, App: 2048, Hook: 4096, HookV2: 4096} {
		if err := Markdown(s, bytes(most)); err != nil {
			t.Errorf("%s: %d bytes: %v", s, most, err)
		}
		if p := problem(t, Markdown(s, bytes(most+1))); p == nil || p.Code != 40058 {
			t.Errorf("%s: %d bytes: %v", s, most+1, p)
		}
	}
	for _, s := range []Surface{Bot, App, Hook} {
		if err := Text(s, bytes(2048)); err != nil {
			t.Errorf("text on %s: %v", s, err)
		}
		if problem(t, Text(s, bytes(2049))) == nil {
			t.Errorf("text on %s: 2049 bytes are taken", s)
		}
	}
	codes := map[string]int{
		"": 44004, " \n\t　": 44004, "\u200b\u200d": 44004, "ok \xff": 40033, "a\x00b": 40033, "a\rb": 40033, "\x1b[31m": 40033, "a\u0085b": 40033,
		"one\ntwo\tthree": 0, "𠮷\u202e": 0, "a\u2028b": 0,
	}
	for text, want := range codes {
		for name, check := range map[string]func(Surface, string) error{"markdown": Markdown, "text": Text} {
			got := 0
			if p := problem(t, check(App, text)); p != nil {
				got = p.Code
			}
			if got != want {
				t.Errorf("%s %q: code %d, want %d", name, text, got, want)
			}
		}
	}
	for s, text := range map[Surface]string{Bot: "<think>hm</think>", App: "# \u200b", Hook: "> ", HookV2: "---"} {
		if p := problem(t, Markdown(s, text)); p == nil || p.Code != 44004 {
			t.Errorf("%s: %q, of which nothing is seen: %v", s, text, p)
		}
	}
	if Markdown("", "x") == nil || Text(HookV2, "x") == nil || Markdown("console", "x") == nil {
		t.Error("a surface that is none is taken")
	}
}

// whole cards with every field that a type may have.
var wholeCards = map[string]string{
	"text_notice": `{"card_type":"text_notice","source":{"icon_url":"https://a.example/i.png","desc":"<<13>>","desc_color":3},
		"action_menu":{"desc":"more","action_list":[{"text":"a","key":"k1"},{"text":"b","key":"k2"},{"text":"c","key":"k3"}]},
		"main_title":{"title":"<<26>>","desc":"<<30>>"},"quote_area":{"type":1,"url":"https://a.example/","title":"t","quote_text":"q"},
		"sub_title_text":"<<112>>","horizontal_content_list":[{"keyname":"<<5>>","value":"<<26>>"},{"keyname":"k","type":1,"url":"https://a.example/"},
		{"keyname":"k","type":3,"userid":"u"},{"keyname":"k"},{"keyname":"k"},{"keyname":"k"}],
		"jump_list":[{"title":"<<13>>","type":1,"url":"https://a.example/"},{"title":"t","type":2,"appid":"a","pagepath":"p"},{"title":"t"}],
		"card_action":{"type":1,"url":"https://a.example/"},"task_id":"AZaz09_-@"}`,
	"news_notice": `{"card_type":"news_notice","source":{"desc":"d"},"action_menu":{"desc":"more","action_list":[{"text":"a","key":"k"}]},
		"main_title":{"title":"t"},"card_image":{"url":"https://a.example/i.png","aspect_ratio":1.3},
		"image_text_area":{"type":1,"url":"https://a.example/","title":"t","desc":"d","image_url":"https://a.example/i.png"},
		"quote_area":{"title":"t"},"vertical_content_list":[{"title":"<<26>>","desc":"<<112>>"},{"title":"t"},{"title":"t"},{"title":"t"}],
		"horizontal_content_list":[],"jump_list":[],"card_action":{"type":2,"appid":"a"},"task_id":"t"}`,
	"button_interaction": `{"card_type":"button_interaction","main_title":{"title":"t"},"quote_area":{"quote_text":"q"},"sub_title_text":"s",
		"horizontal_content_list":[{"keyname":"k"}],"card_action":{"type":0},
		"button_selection":{"question_key":"q","title":"<<13>>","option_list":[{"id":"1","text":"<<10>>"},{"id":"2","text":"b"}],"selected_id":"2"},
		"button_list":[{"text":"<<10>>","style":4,"key":"k1"},{"text":"b","key":"k2"},{"text":"b","key":"k3"},{"text":"b","key":"k4"},
		{"text":"b","key":"k5"},{"text":"b","key":"k6"}],"task_id":"t"}`,
	"vote_interaction": `{"card_type":"vote_interaction","main_title":{"title":"t","desc":"d"},"source":{"desc":"d"},
		"checkbox":{"question_key":"q","mode":1,"option_list":[{"id":"1","text":"<<11>>","is_checked":true},{"id":"2","text":"b","is_checked":true}]},
		"submit_button":{"text":"<<10>>","key":"k"},"task_id":"t"}`,
	"multiple_interaction": `{"card_type":"multiple_interaction","main_title":{"title":"t"},
		"select_list":[{"question_key":"q1","title":"t","option_list":[{"id":"1","text":"a"}]},{"question_key":"q2","option_list":[{"id":"1","text":"a"}]},
		{"question_key":"q3","option_list":[{"id":"1","text":"a"}]}],"submit_button":{"text":"s","key":"k"},"task_id":"t"}`,
}

// card gives a whole card; <<5>> is written out as five characters.
func card(kind string) json.RawMessage {
	s := wholeCards[kind]
	for n := range 120 {
		s = strings.ReplaceAll(s, fmt.Sprintf("<<%d>>", n), strings.Repeat("字", n))
	}
	return json.RawMessage(s)
}

// changed sets a value in a card at a JSON pointer, or deletes it when value is nil.
func changed(t testing.TB, body json.RawMessage, at string, value any) json.RawMessage {
	t.Helper()
	var root any
	if err := json.Unmarshal(body, &root); err != nil {
		t.Fatal(err)
	}
	path := strings.Split(at, "/")[1:]
	in := root
	for _, name := range path[:len(path)-1] {
		if list, ok := in.([]any); ok {
			in = list[int(name[0]-'0')]
			continue
		}
		in = in.(map[string]any)[name]
	}
	last := path[len(path)-1]
	switch in := in.(type) {
	case map[string]any:
		if in[last] = value; value == nil {
			delete(in, last)
		}
	case []any:
		in[int(last[0]-'0')] = value
	default:
		t.Fatalf("nothing at %s", at)
	}
	out, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWholeCards(t *testing.T) {
	for kind := range wholeCards {
		for _, s := range []Surface{Bot, App, Hook} {
			body := card(kind)
			if s == Hook {
				body = changed(t, body, "/action_menu", nil)
			}
			err := Card(s, body)
			if s == Hook && kind != "text_notice" && kind != "news_notice" {
				if err == nil {
					t.Errorf("a webhook takes %s", kind)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s on %s: %v", kind, s, err)
			}
		}
	}
}

func chars(n int) string { return strings.Repeat("字", n) }

func repeated(n int, item string) []any {
	out := make([]any, n)
	for i := range out {
		json.Unmarshal([]byte(strings.ReplaceAll(item, "#", fmt.Sprint(i))), &out[i])
	}
	return out
}

// TestCardLimits changes one thing in a good card: good is taken, bad is a problem, of which advice tells that
// it is only one of length.
func TestCardLimits(t *testing.T) {
	type o = map[string]any
	const text, news, buttons, vote, many = "text_notice", "news_notice", "button_interaction", "vote_interaction", "multiple_interaction"
	button, option := `{"text":"b","key":"#"}`, `{"id":"#","text":"x"}`
	url, script := "https://b.example/政策?a=1", "javascript:alert(1)"
	cases := []struct {
		kind, at  string
		good, bad any
		advice    bool
	}{
		{text, "/source/desc", "", chars(14), true},
		{text, "/source/desc_color", 0, 4, false},
		{text, "/source/icon_url", url, script, false},
		{text, "/action_menu/desc", "d", "", false},
		{text, "/action_menu/action_list", repeated(1, button), repeated(4, button), false},
		{text, "/action_menu/action_list", repeated(3, button), repeated(0, button), false},
		{text, "/action_menu/action_list/1/key", strings.Repeat("k", 1024), strings.Repeat("k", 1025), false},
		{text, "/action_menu/action_list/1/key", "other", "k1", false},
		{text, "/main_title/title", "", chars(27), true},
		{text, "/main_title/desc", "", chars(31), true},
		{text, "/main_title/title", "t", 7, false},
		{text, "/main_title/title", "t\n", "a\x07", false},
		{text, "/quote_area/type", 1, 3, false},
		{text, "/quote_area/url", url, nil, false},
		{text, "/quote_area/url", url, "ftp://a.example/", false},
		{text, "/quote_area/url", url, "https:///path", false},
		{text, "/quote_area/url", url, "https://a.example/ b", false},
		{text, "/quote_area/url", url, "https://a.example/" + strings.Repeat("a", 2048), false},
		{text, "/quote_area", o{"title": "t"}, o{"title": " "}, false},
		{text, "/quote_area", o{"type": 2, "appid": "a", "title": "t"}, o{"type": 2, "title": "t"}, false},
		{text, "/sub_title_text", "", chars(113), true},
		{text, "/horizontal_content_list", repeated(6, `{"keyname":"k"}`), repeated(7, `{"keyname":"k"}`), false},
		{text, "/horizontal_content_list/0/keyname", chars(5), chars(6), true},
		{text, "/horizontal_content_list/0/keyname", "k", "\u200b", false},
		{text, "/horizontal_content_list/0/value", chars(26), chars(27), true},
		{text, "/horizontal_content_list/1/url", url, nil, false},
		{text, "/horizontal_content_list/2/userid", "v", nil, false},
		{text, "/horizontal_content_list/0/type", 0, 4, false},
		{text, "/jump_list", repeated(3, `{"title":"t"}`), repeated(4, `{"title":"t"}`), false},
		{text, "/jump_list/0/title", chars(13), chars(14), true},
		{text, "/jump_list/0/url", url, nil, false},
		{text, "/jump_list/1/appid", "b", nil, false},
		{text, "/card_action", o{"type": 2, "appid": "a"}, nil, false},
		{text, "/card_action/type", 1, 0, false},
		{text, "/card_action/url", url, "", false},
		{text, "/task_id", strings.Repeat("t", 128), strings.Repeat("t", 129), false},
		{text, "/task_id", "1", "", false},
		{text, "/task_id", "a-b_c@d", "a.b", false},
		{text, "/task_id", "a", "政", false},
		{text, "/task_id", "a", nil, false}, // with a menu
		{text, "/button_list", nil, repeated(1, button), false},
		{text, "/emphasis_content", nil, o{"title": "1"}, true}, // with a quotation
		{news, "/main_title/title", "t", nil, false},
		{news, "/main_title", o{"title": "t"}, nil, false},
		{news, "/card_image/aspect_ratio", 2.2, 2.25, false},
		{news, "/card_image/aspect_ratio", nil, 1.2, false},
		{news, "/card_image/url", url, nil, false},
		{news, "/image_text_area/image_url", url, nil, false},
		{news, "/image_text_area/url", url, nil, false},
		{news, "/vertical_content_list", repeated(4, `{"title":"t"}`), repeated(5, `{"title":"t"}`), false},
		{news, "/vertical_content_list/0/title", "t", chars(27), true},
		{news, "/vertical_content_list/0/desc", "", chars(113), true},
		{news, "/vertical_content_list/0/title", "t", "", false},
		{news, "/card_action", o{"type": 1, "url": url}, nil, false},
		{buttons, "/main_title/title", "t", "", false},
		{buttons, "/task_id", "u", nil, false},
		{buttons, "/button_list", repeated(6, button), repeated(7, button), false},
		{buttons, "/button_list", repeated(1, button), repeated(0, button), false},
		{buttons, "/button_list/0/text", chars(10), chars(11), true},
		{buttons, "/button_list/0/text", "b", "", false},
		{buttons, "/button_list/0/style", 1, 5, false},
		{buttons, "/button_list/0/key", strings.Repeat("k", 1024), strings.Repeat("政", 342), false},
		{buttons, "/button_list/0/key", "other", "k2", false},
		{buttons, "/button_list/0/key", "other", nil, false},
		{buttons, "/button_selection/option_list", repeated(10, option), repeated(11, option), false},
		{buttons, "/button_selection/option_list", repeated(3, option), repeated(0, option), false},
		{buttons, "/button_selection/option_list/0/id", strings.Repeat("i", 128), strings.Repeat("i", 129), false},
		{buttons, "/button_selection/option_list/0/id", "3", "2", false},
		{buttons, "/button_selection/option_list/0/text", chars(10), chars(11), true},
		{buttons, "/button_selection/title", chars(13), chars(14), true},
		{buttons, "/button_selection/selected_id", "1", "3", true},
		{buttons, "/button_selection/question_key", "q2", nil, false},
		{buttons, "/card_action/type", 0, 1, false},
		{buttons, "/checkbox", nil, o{}, false},
		{vote, "/checkbox/option_list", repeated(20, option), repeated(21, option), false},
		{vote, "/checkbox/option_list", repeated(1, option), repeated(0, option), false},
		{vote, "/checkbox/option_list/0/text", chars(11), chars(12), true},
		{vote, "/checkbox/option_list/0/id", "3", "2", false},
		{vote, "/checkbox/option_list/0/is_checked", false, "yes", false},
		{vote, "/checkbox/mode", 1, 0, false}, // two are checked
		{vote, "/checkbox/mode", 1, 2, false},
		{vote, "/submit_button", o{"text": "s", "key": "k"}, nil, false},
		{vote, "/submit_button/text", "s", chars(11), true},
		{vote, "/submit_button/key", "s", strings.Repeat("k", 1025), false},
		{vote, "/task_id", "u", nil, false},
		{many, "/select_list", repeated(3, `{"question_key":"#","option_list":[{"id":"1","text":"a"}]}`), repeated(4, `{"question_key":"#","option_list":[{"id":"1","text":"a"}]}`), false},
		{many, "/select_list/0/question_key", "q", "q2", false},
		{many, "/select_list", repeated(1, `{"question_key":"#","option_list":[{"id":"1","text":"a"}]}`), repeated(0, ""), false},
		{many, "/card_type", many, vote, false},
		{many, "/card_type", many, "list", false},
		{many, "/extra", nil, "x", false},
	}
	for _, c := range cases {
		if err := Card(Bot, changed(t, card(c.kind), c.at, c.good)); err != nil {
			t.Errorf("%s with %s = %.60v: %v", c.kind, c.at, c.good, err)
		}
		p := problem(t, Card(Bot, changed(t, card(c.kind), c.at, c.bad)))
		if p == nil {
			t.Errorf("%s with %s = %.60v is taken", c.kind, c.at, c.bad)
		} else if p.Advice != c.advice {
			t.Errorf("%s with %s = %.60v: %v, want advice: %t", c.kind, c.at, c.bad, p, c.advice)
		}
	}
}

// TestCardSurfaces is what surfaces do not have in common.
func TestCardSurfaces(t *testing.T) {
	type o = map[string]any
	file := o{"keyname": "k", "type": 2, "media_id": "m", "value": "a.pdf"}
	ask := o{"title": "t", "type": 3, "question": strings.Repeat("q", 200)}
	cases := []struct {
		name, kind, at string
		value          any
		on             []Surface // that take it
	}{
		{"a file", "text_notice", "/horizontal_content_list/0", file, []Surface{App, Hook}},
		{"a file without a file", "text_notice", "/horizontal_content_list/0", o{"keyname": "k", "type": 2}, nil},
		{"a question", "text_notice", "/jump_list/2", ask, []Surface{Bot}},
		{"a question of 201 bytes", "text_notice", "/jump_list/2", o{"title": "t", "type": 3, "question": strings.Repeat("q", 201)}, nil},
		{"a question without a question", "text_notice", "/jump_list/2", o{"title": "t", "type": 3}, nil},
		{"feedback", "text_notice", "/feedback", o{"id": strings.Repeat("f", 256)}, []Surface{Bot}},
		{"feedback of 257 bytes", "text_notice", "/feedback", o{"id": strings.Repeat("f", 257)}, nil},
		{"a button that leads", "button_interaction", "/button_list/0", o{"text": "b", "type": 1, "url": "https://a.example/"}, []Surface{App}},
		{"a button that leads nowhere", "button_interaction", "/button_list/0", o{"text": "b", "type": 1, "key": "x"}, nil},
		{"a button without a key", "button_interaction", "/button_list/0", o{"text": "b", "type": 0, "url": "https://a.example/"}, nil},
		{"no text", "text_notice", "/sub_title_text", nil, []Surface{Bot, App, Hook}},
	}
	for _, c := range cases {
		for _, s := range []Surface{Bot, App, Hook} {
			body := changed(t, card(c.kind), c.at, c.value)
			if s == Hook {
				body = changed(t, body, "/action_menu", nil)
			}
			takes := strings.Contains(fmt.Sprint(c.on)+" ", string(s)+" ") || strings.Contains(fmt.Sprint(c.on), string(s)+"]")
			if err := Card(s, body); (err == nil) != takes {
				t.Errorf("%s on %s: %v", c.name, s, err)
			}
		}
	}
	if p := problem(t, Card(Hook, card("text_notice"))); p == nil {
		t.Error("a webhook takes a menu")
	}
	bare := json.RawMessage(`{"card_type":"text_notice","main_title":{"desc":"d"},"card_action":{"type":1,"url":"https://a.example/"}}`)
	if Card(Bot, bare) == nil || Card(Bot, changed(t, bare, "/sub_title_text", "s")) != nil {
		t.Error("a card of text wants a title or a text")
	}
	picture := json.RawMessage(`{"card_type":"news_notice","main_title":{"title":"t"},"card_action":{"type":1,"url":"https://a.example/"}}`)
	if Card(Bot, picture) == nil || Card(Bot, changed(t, picture, "/card_image", map[string]any{"url": "https://a.example/"})) != nil {
		t.Error("a card of news wants a picture")
	}
}

func TestCardUpdate(t *testing.T) {
	closed := changed(t, card("vote_interaction"), "/checkbox/disable", true)
	if Card(Bot, closed) == nil || CardUpdate(App, closed) == nil {
		t.Error("a closed question is taken")
	}
	if err := CardUpdate(Bot, closed); err != nil {
		t.Error(err)
	}
	used := changed(t, card("button_interaction"), "/replace_text", "done")
	if Card(App, used) == nil || CardUpdate(Bot, used) == nil {
		t.Error("used buttons are taken")
	}
	if err := CardUpdate(App, used); err != nil {
		t.Error(err)
	}
	if shown := ReadCard(used); !shown.Buttons[0].Used || shown.Buttons[0].Text != "done" {
		t.Errorf("a used button is %+v", shown.Buttons[0])
	}
}

func TestNoCards(t *testing.T) {
	for body, code := range map[string]int{
		"": 47001, "{": 47001, "{} {}": 47001, "null": 40058, "[]": 40058, `"x"`: 40058, "{}": 40058, "{\"card_type\":\"\xff\"}": 40033,
	} {
		if p := problem(t, Card(App, json.RawMessage(body))); p == nil || p.Code != code {
			t.Errorf("%q: %v, want %d", body, p, code)
		}
	}
	for _, s := range []Surface{HookV2, ""} {
		if Card(s, card("text_notice")) == nil {
			t.Errorf("surface %q takes a card", s)
		}
	}
}

// TestAnyCard breaks good cards at random: whatever is made of them, they are judged without a panic.
func TestAnyCard(t *testing.T) {
	kinds := []string{"text_notice", "news_notice", "button_interaction", "vote_interaction", "multiple_interaction"}
	rapid.Check(t, func(rt *rapid.T) {
		body := []byte(card(rapid.SampledFrom(kinds).Draw(rt, "kind")))
		for range rapid.IntRange(1, 4).Draw(rt, "changes") {
			at := rapid.IntRange(0, len(body)-1).Draw(rt, "at")
			body[at] = rapid.SampledFrom([]byte(`"{}[],:0a`)).Draw(rt, "sign")
		}
		if p := problem(t, Card(Bot, body)); p != nil && (p.Code == 0 || p.Text == "") {
			rt.Fatalf("%+v", p)
		}
		if !utf8.ValidString(ReadCard(body).Text) {
			rt.Fatal("what is read is no UTF-8")
		}
	})
}
