package bot

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"policybot/retrieval"
)

// TestUnderstand reads testdata/understand.txt: a question, then how it must be
// read, separated by |.
func TestUnderstand(t *testing.T) {
	data, err := os.ReadFile("testdata/understand.txt")
	if err != nil {
		t.Fatal(err)
	}
	docs := []retrieval.Document{{ID: "a", Jurisdiction: "北京市"}, {ID: "b", Jurisdiction: "北京市中关村国家自主创新示范区"}, {ID: "c", Title: "厦门市行动计划"}}
	cases := 0
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cases++
		question, want, _ := strings.Cut(line, " | ")
		question = strings.ReplaceAll(question, `\n`, "\n")
		u := understand(Question{Text: question}, docs)
		list := "-"
		if u.List {
			list = "list"
		}
		got := fmt.Sprintf("%s %s %s held=%s others=%s", u.Lang, u.Intent, list, strings.Join(u.Places, ","), strings.Join(u.Others, ","))
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", question, got, want)
		}
	}
	if cases < 15 {
		t.Fatalf("only %d cases", cases)
	}
}

func TestEarlier(t *testing.T) {
	history := []Turn{{Role: RoleUser, Text: "厦门有什么目标？"}, {Role: RoleAssistant, Text: "12家。"}}
	cases := map[string]int{
		"那国家级高新技术企业呢？":                    2,
		"这条谁负责？":                          2,
		"And is it still in force today?": 2,
		"换个话题，北京有什么政策？":                   0,
		"北京市级财政资金对于重大疾病临床数据和样本资源库的建设有什么安排和支持？": 0,
	}
	for question, want := range cases {
		if got := understand(Question{Text: question, History: history}, nil).Query.Context; len(got) != want {
			t.Errorf("%s: context %q, want %d turns", question, got, want)
		}
	}
}

// TestContent: words that only ask are taken away, also beside punctuation.
func TestContent(t *testing.T) {
	cases := map[string]string{
		"厦门对上市有什么目标":                           "厦门对上市有 目标",
		"what is the target of xiamen's plan?": "target xiamen",
		"有效期是多久":                               "有效期是",
		"什么":                                   "",
	}
	for question, want := range cases {
		if got := content(question); got != want {
			t.Errorf("content(%q) = %q, want %q", question, got, want)
		}
	}
}

func TestClean(t *testing.T) {
	cases := map[string]string{
		" 厦门\x1b[31m \u202e目标\x00 ": "厦门 [31m  目标",
		"a\xffb":                    "a b",
		"\U000e0041\U000e0042":      "",
	}
	for text, want := range cases {
		if got := clean(text); got != want {
			t.Errorf("clean(%q) = %q, want %q", text, got, want)
		}
	}
}
