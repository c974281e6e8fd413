package judge

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func lines(s ...string) string { return strings.Join(s, "\n") }

func TestRead(t *testing.T) {
	type links = []Link
	cases := []struct {
		name string
		on   Surface
		in   string
		want Shown
	}{
		{"plain text", Bot, "第一条 a & b 2*3 x_y_z", Shown{Text: "第一条 a & b 2*3 x_y_z"}},
		{
			"bold and the like", Bot, "**bold** *it* __too__ _it_ ~~gone~~ ***all***",
			Shown{Text: "bold it too it gone all", Bold: []string{"bold", "too", "all"}, Italic: []string{"it", "it", "all"}, Struck: []string{"gone"}},
		},
		{"bold between Chinese letters", Bot, "申请**材料**如下", Shown{Text: "申请材料如下", Bold: []string{"材料"}}},
		{
			"bold that quotation marks undo", Bot, "见**《办法》**第三条",
			Shown{Text: "见**《办法》**第三条", Doubtful: []string{"**《办法》**"}},
		},
		{"badly broken marks", Bot, "*\u200b*not bold*\u200b*", Shown{Text: "*not bold*", Italic: []string{"not bold"}, Doubtful: []string{"*\u200bnot bold\u200b*"}}},
		{"broken marks", Bot, "*\u200b*\u200bnot bold*\u200b* #\u200b a", Shown{Text: "**not bold** # a", Doubtful: []string{"*\u200b*", "*\u200b*"}}},
		{"a mark broken at its end", Bot, "*a\u200b* b", Shown{Text: "*a* b", Doubtful: []string{"*a\u200b*"}}},
		{"broken signs at line ends", Bot, "#\u200b a\n\u200b> b\n-\u200b c\n1\u200b. d\n`\u200b`\u200b`\u200be`", Shown{
			Text: "# a\n> b\n- c\n1. d\n```e`", Doubtful: []string{"`", "`", "`"},
		}},
		{"a quotation that is not broken", Bot, ">\u200b b", Shown{Text: " b", Quotes: []string{" b"}}},
		{"lonely signs", Bot, "2 * 3 * 4, 5 ** 6 and 7 ~ 8", Shown{Text: "2 * 3 * 4, 5 ** 6 and 7 ~ 8"}},
		{"bold in an app", App, "**bold** and *not* _this_ ~~or~~ that", Shown{Text: "bold and *not* _this_ ~~or~~ that", Bold: []string{"bold"}}},
		{"bold with blanks in an app", App, "** bold ** a** b", Shown{Text: "** bold ** a** b"}},
		{"bold that letters hold in an app", App, "见**《办法》**第三条", Shown{Text: "见**《办法》**第三条", Doubtful: []string{"**《办法》**"}}},
		{
			"mentions", Bot, "ask <@zhangsan>, `<@lisi>` or <@all>\n```\n<@wangwu>\n```",
			Shown{Text: "ask @zhangsan, @lisi or @all\n@wangwu", Mentions: []string{"zhangsan", "lisi", "all", "wangwu"}, Code: []string{"<@lisi>", "<@wangwu>"}},
		},
		{"mentions of all as they stand", Hook, "@all，@所有人！(@ALL) mail@all.example @allow <@@all>", Shown{
			Text: "@all，@所有人！(@ALL) mail@all.example @allow @all", Mentions: []string{"all", "all", "all", "all"},
		}},
		{"broken mentions", App, "<\u200b@zhangsan> @\u200ball", Shown{Text: "<@zhangsan> @all"}},
		{"a mention that does not end", App, "a <@zhang\nsan>", Shown{Text: "a <@zhang\nsan>", Doubtful: []string{"<@"}}},
		{"mentions where there are none", HookV2, "<@zhangsan> @all", Shown{Text: "<@zhangsan> @all", Doubtful: []string{"<@"}}},
		{
			"links", Bot, `[办法](https://a.example/x_(y)) and [**b** c](<https://b.example/> "title") [d](javascript:alert(1))`,
			Shown{
				Text: "办法 and b c d", Bold: []string{"b"},
				Links: links{{"办法", "https://a.example/x_(y)"}, {"b c", "https://b.example/"}, {"d", "javascript:alert(1)"}},
			},
		},
		{"links in an app", App, "[a](https://a.example/) [](b)", Shown{Text: "a ", Links: links{{"a", "https://a.example/"}, {"b", "b"}}}},
		{"broken links", Bot, "[a]\u200b(https://a.example/)", Shown{Text: "[a](https://a.example/)", Links: links{{"https://a.example/", "https://a.example/"}}}},
		{"links with blanks in the address", Hook, "[a](b c) [d](e", Shown{Text: "[a](b c) [d](e", Doubtful: []string{"[a](", "[d]("}}},
		{"brackets", Bot, "[1] [2][3] [a]: b", Shown{Text: "[1] [2][3] [a]: b"}},
		{"a definition", Bot, "[a]: https://a.example", Shown{
			Text: "[a]: https://a.example", Links: links{{"https://a.example", "https://a.example"}}, Doubtful: []string{"[a]: https://a.example"},
		}},
		{"bare addresses", App, "见https://a.example/1。(http://b.example/) www.c.example, xhttp://no.example <https://d.example>", Shown{
			Text:  "见https://a.example/1。(http://b.example/) www.c.example, xhttp://no.example <https://d.example>",
			Links: links{{"https://a.example/1", "https://a.example/1"}, {"http://b.example/", "http://b.example/"}, {"www.c.example", "http://www.c.example"}, {"https://d.example", "https://d.example"}},
		}},
		{"addresses in brackets", Bot, "<https://a.example> <javascript:x>", Shown{
			Text: "https://a.example javascript:x", Links: links{{"https://a.example", "https://a.example"}, {"javascript:x", "javascript:x"}},
		}},
		{"addresses in code", Bot, "`https://a.example`", Shown{Text: "https://a.example", Code: []string{"https://a.example"}}},
		{"code", Bot, "`a` ``b`c`` `d", Shown{Text: "a b`c `d", Code: []string{"a", "b`c"}, Doubtful: []string{"`"}}},
		{"code in an app", App, "`a` ``b``", Shown{Text: "a `b`", Code: []string{"a", "b"}}},
		{"fences", Bot, "a\n```go\n**x** # y\n~~~\n```\nb\n~~~\nc", Shown{Text: "a\n**x** # y\n~~~\nb\nc", Code: []string{"**x** # y\n~~~", "c"}}},
		{"fences in an app", App, "```\nx\n```", Shown{Text: "```\nx\n```"}},
		{"images", Bot, "![alt](https://a.example/i.png)x", Shown{Text: "x", Images: links{{"alt", "https://a.example/i.png"}}}},
		{"images in an app", App, "![alt](https://a.example/i.png)", Shown{Text: "!alt", Links: links{{"alt", "https://a.example/i.png"}}}},
		{"fonts", Hook, `<font color="warning">**a** b</font> <FONT color='red'>c</FONT>`, Shown{
			Text: "a b c", Bold: []string{"a"}, Fonts: []Font{{"warning", "a b"}, {"red", "c"}},
		}},
		{"fonts that do not end", App, `<font color="info">a`, Shown{Text: `<font color="info">a`, Doubtful: []string{`<font color="info">`}}},
		{"fonts that are none", App, `<font size="9">a</font>`, Shown{Text: `<font size="9">a</font>`, Doubtful: []string{`<font size="9">`}}},
		{"fonts where there are none", HookV2, `<font color="info">a</font>`, Shown{
			Text: `<font color="info">a</font>`, Doubtful: []string{`<font color="info">`, "</font>"},
		}},
		{"headings", Bot, "# a #\n###### b\n#c\n####### d", Shown{Text: "a\nb\n#c\n####### d", Headings: []string{"a", "b"}}},
		{"headings in an app", App, "# a\n##b\n  # c", Shown{Text: "a\n##b\n  # c", Headings: []string{"a"}}},
		{"an underlined heading", Bot, "a\n===", Shown{Text: "a\n===", Doubtful: []string{"==="}}},
		{"quotations", Bot, "> a\n> > b\n>c\nd", Shown{Text: "a\nb\nc\nd", Quotes: []string{"a", "b", "c"}}},
		{"quotations in an app", App, "> a\n>>b\nc > d", Shown{Text: "a\n>b\nc > d", Quotes: []string{"a", ">b"}}},
		{"a quotation of a heading", Bot, "> # a", Shown{Text: "a", Headings: []string{"a"}, Quotes: []string{"a"}}},
		{"lists", Bot, "- a\n  * b\n1. c\n2) d\n-e", Shown{Text: "• a\n  • b\n1. c\n2) d\n-e"}},
		{"lists in an app", App, "- a\n1. b", Shown{Text: "- a\n1. b"}},
		{"rules", Bot, "a\n---\n***\nb", Shown{Text: "a\nb"}},
		{"rules in an app", App, "a\n---", Shown{Text: "a\n---"}},
		{"tables", HookV2, "| a | **b** |\n|:--|--:|\n| 1 | 2 |", Shown{
			Text: "a | b\n1 | 2", Bold: []string{"b"}, Rows: [][]string{{"a", "b"}, {"1", "2"}},
		}},
		{"tables in an app", App, "| a |\n|---|", Shown{Text: "| a |\n|---|"}},
		{"thoughts", Bot, "<think>first\nthis</think>then<THINK>and", Shown{Text: "then", Thoughts: []string{"first\nthis", "and"}}},
		{"thoughts where there are none", App, "<think>a</think>", Shown{Text: "<think>a</think>", Doubtful: []string{"<think>", "</think>"}}},
		{"broken thoughts", Bot, "<\u200bthink>a", Shown{Text: "<think>a"}},
		{
			"HTML", Bot, `<a href="https://a.example">x</a> <img src=https://b.example/i.png> <b>c</b> &lt;d&gt; <!-- e`,
			Shown{
				Text:     `<a href="https://a.example">x</a> <img src=https://b.example/i.png> <b>c</b> &lt;d&gt; <!-- e`,
				Links:    links{{"https://a.example", "https://a.example"}, {"https://b.example/i.png", "https://b.example/i.png"}},
				Doubtful: []string{`<a href="https://a.example">`, "</a>", "<img src=https://b.example/i.png>", "<b>", "</b>", "&lt;", "&gt;", "<!--"},
			},
		},
		{"escapes", Bot, `a \* b \\ c \d`, Shown{Text: `a \* b \\ c \d`, Doubtful: []string{`\*`, `\\`}}},
		{"escapes do nothing", App, `\**a\**`, Shown{Text: `\a\`, Bold: []string{`a\`}}},
		{"names to fill in", App, "$userName=zhangsan$ $5 and $6", Shown{Text: "$userName=zhangsan$ $5 and $6", Doubtful: []string{"$userName=zhangsan$"}}},
		{"line ends", Bot, "a\r\nb\n\n\n", Shown{Text: "a\nb"}},
		{"nothing", Bot, "", Shown{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, Read(c.on, c.in)); diff != "" {
				t.Errorf("%q on %s (-want +got):\n%s", c.in, c.on, diff)
			}
		})
	}
}

func TestReadText(t *testing.T) {
	cases := []struct {
		name string
		on   Surface
		in   string
		want Shown
	}{
		{"markdown", App, "# **a** [b](c)\n- d", Shown{Text: "# **a** [b](c)\n- d"}},
		{"a link of HTML", App, `see <a href="https://a.example/?b=1" target=x>the measures</a>, <a href='javascript:x'></a>.`, Shown{
			Text: "see the measures, .", Links: []Link{{"the measures", "https://a.example/?b=1"}, {"javascript:x", "javascript:x"}},
		}},
		{"a link of HTML in a webhook", Hook, `<a href="https://a.example">b</a>`, Shown{
			Text: `<a href="https://a.example">b</a>`, Links: []Link{{"https://a.example", "https://a.example"}},
		}},
		{"mentions", Hook, "<@zhangsan> @all https://a.example", Shown{
			Text: "@zhangsan @all https://a.example", Mentions: []string{"zhangsan", "all"}, Links: []Link{{"https://a.example", "https://a.example"}},
		}},
		{"broken", App, "<\u200ba href=x>b</a> @\u200ball", Shown{Text: "<a href=x>b</a> @all"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, ReadText(c.on, c.in)); diff != "" {
				t.Errorf("%q on %s (-want +got):\n%s", c.in, c.on, diff)
			}
		})
	}
}

// TestReadAnything reads texts made of what is markup somewhere. Nothing that can be read is invented, and the
// time grows with the text.
func TestReadAnything(t *testing.T) {
	signs := []string{
		"*", "**", "_", "~~", "`", "```", "\n", "<", ">", "<@", "[", "]", "](", ")", "!", "#", "# ", "> ", "- ", "|", "<font color=\"info\">", "</font>",
		"<think>", "</think>", "a", "政策", " ", "\\", "&lt;", "https://a.example/", "@all", "\u200b", "\xff", "1. ", "---",
	}
	rapid.Check(t, func(rt *rapid.T) {
		in := strings.Join(rapid.SliceOfN(rapid.SampledFrom(signs), 0, 60).Draw(rt, "text"), "")
		for _, s := range []Surface{Bot, App, Hook, HookV2} {
			got := Read(s, in)
			if strings.Contains(got.Text, "\u200b") {
				rt.Fatalf("%q on %s is read as %q", in, s, got.Text)
			}
			if utf8.ValidString(in) && !utf8.ValidString(got.Text) {
				rt.Fatalf("%q on %s is read as %q", in, s, got.Text)
			}
			for _, word := range []string{"政策"} {
				if strings.Count(got.Text, word) > strings.Count(in, word) {
					rt.Fatalf("%q on %s is read as %q", in, s, got.Text)
				}
			}
		}
		ReadText(App, in)
	})
	for _, sign := range signs {
		Read(Bot, strings.Repeat(sign, 1500)) // must end
	}
}

func TestReadCard(t *testing.T) {
	got := ReadCard([]byte(`{"card_type":"button_interaction","task_id":"t1","source":{"desc":"惠企\u200b政策","icon_url":"https://a.example/i"},
		"main_title":{"title":"Title","desc":"Desc"},"quote_area":{"type":1,"url":"https://a.example/q","title":"Art. 3","quote_text":"The text."},
		"sub_title_text":"Sub","horizontal_content_list":[{"keyname":"号","value":"1"},{"keyname":"see","value":"here","type":1,"url":"https://a.example/r"}],
		"card_action":{"type":1,"url":"https://a.example/"},"feedback":{"id":"f1"},
		"action_menu":{"desc":"More","action_list":[{"text":"Hide","key":"h"}]},
		"button_selection":{"question_key":"q","title":"Which","option_list":[{"id":"1","text":"One"},{"id":"2","text":"Two"}],"selected_id":"2"},
		"button_list":[{"text":"Yes","key":"y","style":4},{"text":"Open","type":1,"url":"https://a.example/b"}]}`))
	want := ShownCard{
		Type: "button_interaction", Source: "惠企政策", Title: "Title", Desc: "Desc", Quote: "Art. 3\nThe text.", Subtitle: "Sub",
		Rows:    []Row{{"号", "1"}, {"see", "here"}},
		Options: []Option{{"q", "Which", "1", "One", false}, {"q", "Which", "2", "Two", true}},
		Buttons: []Button{
			{Text: "Hide", Key: "h", Style: 1, Kind: "menu"},
			{Text: "Yes", Key: "y", Style: 4, Kind: "button"},
			{Text: "Open", Style: 1, Kind: "button", URL: "https://a.example/b"},
		},
		Links:  []Link{{"", "https://a.example/"}, {"Art. 3\nThe text.", "https://a.example/q"}, {"here", "https://a.example/r"}},
		Images: []string{"https://a.example/i"}, TaskID: "t1", Feedback: "f1",
		Text: lines("惠企政策", "Title", "Desc", "Art. 3", "The text.", "Sub", "号 1", "see here", "Which", "One", "Two", "More", "Hide", "Yes", "Open"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	got = ReadCard([]byte(`{"card_type":"news_notice","main_title":{"title":"T"},"emphasis_content":{"title":"100","desc":"yuan"},
		"card_image":{"url":"https://a.example/1"},"image_text_area":{"type":1,"url":"https://a.example/s","title":"Side","desc":"D","image_url":"https://a.example/2"},
		"vertical_content_list":[{"title":"V","desc":"W"}],"jump_list":[{"title":"Go","type":1,"url":"https://a.example/g"},
		{"title":"Ask","type":3,"question":"what?"}],"checkbox":{"question_key":"c","option_list":[{"id":"1","text":"One","is_checked":true}]},
		"submit_button":{"text":"Send","key":"s"}}`))
	want = ShownCard{
		Type: "news_notice", Title: "T", Emphasis: "100\nyuan", Rows: []Row{{"Side", "D"}, {"V", "W"}},
		Links: []Link{{"Side", "https://a.example/s"}, {"Go", "https://a.example/g"}}, Asks: []Ask{{"Ask", "what?"}},
		Options: []Option{{"c", "", "1", "One", true}}, Buttons: []Button{{Text: "Send", Key: "s", Style: 1, Kind: "submit"}},
		Images: []string{"https://a.example/1", "https://a.example/2"},
		Text:   lines("T", "100", "yuan", "Side", "D", "V", "W", "Go", "Ask", "One", "Send"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, body := range []string{"", "x", "[]", "null", `{"button_list":7,"source":[],"select_list":[null]}`} {
		if got := ReadCard([]byte(body)); got.Text != "" {
			t.Errorf("%q is read as %+v", body, got)
		}
	}
}
