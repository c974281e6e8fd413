package bot_test

import (
	"strings"
	"testing"

	"policybot/bot"
)

// TestPages wants each clause of an answer to have the address of its page, and nothing else to change.
func TestPages(t *testing.T) {
	plain, linked := desk(t), desk(t)
	linked = &bot.Desk{Library: linked.Library, Now: linked.Now, Measures: linked.Measures, Pages: "https://policy.example"}
	for _, text := range []string{"厦门对生物医药企业上市有什么目标？", "申请厦门的科技信贷要交哪些材料？"} {
		q := bot.Question{ID: "a-1", Text: text}
		was, err := plain.Ask(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		is, err := linked.Ask(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if is.Text != was.Text || len(is.Citations)+len(is.Nearest) == 0 {
			t.Errorf("%s: %q, want %q", text, is.Text, was.Text)
		}
		for _, c := range is.Citations {
			if want := "https://policy.example/clauses/" + c.Clause.ID + "?quote="; !strings.HasPrefix(c.Clause.URL, want) {
				t.Errorf("%s: page %q, want %s…", text, c.Clause.URL, want)
			}
		}
		for _, c := range is.Nearest {
			if want := "https://policy.example/clauses/" + c.ID; c.URL != want {
				t.Errorf("%s: page %q, want %s", text, c.URL, want)
			}
		}
		for _, c := range was.Citations {
			if c.Clause.URL != "" {
				t.Errorf("%s: page %q without an address", text, c.Clause.URL)
			}
		}
	}
}
