package views

import (
	"fmt"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"pgregory.net/rapid"
)

// clauseShown is the text of a clause as a view shows it, the part of it that is highlighted, and in how many
// blocks each stands. Texts are told from the others of the view by a mark in their first block.
func clauseShown(v slack.ModalViewRequest) (text, quoted string, blocks int) {
	for _, b := range v.Blocks.BlockSet {
		rich, ok := b.(*slack.RichTextBlock)
		if !ok {
			continue
		}
		blocks++
		for _, e := range rich.Elements[0].(*slack.RichTextSection).Elements {
			one := e.(*slack.RichTextSectionTextElement)
			text += one.Text
			if one.Style != nil && one.Style.Bold && one.Style.Code {
				quoted += one.Text
			}
		}
	}
	return text, quoted, blocks
}

// flat is a text without the line ends that may be dropped between blocks.
func flat(s string) string { return strings.ReplaceAll(clean(s), "\n", "") }

func TestQuoteIsHighlighted(t *testing.T) {
	c := zhGiven.clause
	text, quoted, _ := clauseShown(Clause(ClauseData{Title: "t", Text: c.Text, QuoteStart: c.QuoteStart, QuoteEnd: c.QuoteEnd}, "zh"))
	if text != c.Text || quoted != "力争到2022年，新增上市企业5家以上" {
		t.Errorf("%q with %q", text, quoted)
	}
	for _, at := range [][2]int{{3, 3}, {5, 2}, {-4, 0}, {1000, 2000}} {
		v := Clause(ClauseData{Title: "t", Text: c.Text, QuoteStart: at[0], QuoteEnd: at[1]}, "zh")
		if text, quoted, _ := clauseShown(v); text != c.Text || quoted != "" || strings.Contains(words(v), clauseLegend.zh) {
			t.Errorf("%v: %q with %q", at, text, quoted)
		}
	}
	v := Clause(ClauseData{Title: "t", Text: c.Text, QuoteStart: -3, QuoteEnd: 1000}, "en")
	if _, quoted, _ := clauseShown(v); quoted != c.Text || !strings.Contains(words(v), clauseLegend.en) {
		t.Errorf("%q for a quote of everything", quoted)
	}
	if v := Clause(ClauseData{Title: "t", Text: " \n", QuoteEnd: 2}, "zh"); !strings.Contains(words(v), clauseEmpty.zh) {
		t.Errorf("a clause without text: %s", words(v))
	}
}

// TestLongClause shows the part of a long clause that is around its quote, and says what is left out.
func TestLongClause(t *testing.T) {
	sentence := func(i int) string { return fmt.Sprintf("第%05d项支持措施的内容如下。\n", i) }
	var b strings.Builder
	for i := range 2000 {
		b.WriteString(sentence(i))
	}
	all := b.String()
	each := len([]rune(sentence(0)))
	for _, tt := range []struct {
		from, to      int // sentences of the quote
		first, before bool
		after, short  bool // the quote is not shown whole
	}{
		{0, 1, true, false, true, false},
		{1000, 1003, false, true, true, false},
		{1000, 1200, false, true, true, false},
		{1999, 2000, false, true, false, false},
		{100, 1900, false, true, true, true},
		{0, 0, true, false, true, false},
	} {
		v := Clause(ClauseData{Title: "t", Text: all, QuoteStart: tt.from * each, QuoteEnd: tt.to * each}, "zh")
		text, quoted, blocks := clauseShown(v)
		said := words(v)
		left := len([]rune(flat(all))) - len([]rune(text))
		for what, pair := range map[string][2]bool{
			"the beginning":                 {tt.first, strings.HasPrefix(text, "第00000项")},
			"that something stands before":  {tt.before, strings.Contains(said, "前面略去")},
			"that something follows":        {tt.after, strings.Contains(said, "后面略去")},
			"that the quote has no end":     {tt.short, strings.Contains(said, clauseQuoteCut.zh)},
			"the whole quote":               {!tt.short, quoted == flat(strings.Join(strings.SplitAfter(all, "\n")[tt.from:tt.to], "")) || strings.ReplaceAll(quoted, "\n", "") == flat(string([]rune(all)[tt.from*each:tt.to*each]))},
			"that something is left out":    {true, left > 0},
			"a clause of at least 4 blocks": {true, blocks >= 4},
		} {
			if pair[0] != pair[1] {
				t.Errorf("sentences %d to %d: %v, want %v: %s", tt.from, tt.to, pair[1], pair[0], what)
			}
		}
		if !strings.HasPrefix(text, "第") || !strings.HasSuffix(strings.TrimSpace(text), "。") {
			t.Errorf("sentences %d to %d: cut within a sentence: %q … %q", tt.from, tt.to, text[:30], text[len(text)-30:])
		}
		if n := size(text); n > shownClause || n < shownClause-shownLead {
			t.Errorf("sentences %d to %d: %d characters are shown", tt.from, tt.to, n)
		}
	}
}

// TestQuoteOverBlocks quotes any part of any text: what is shown is a part of the text, what is highlighted is the
// quote as far as it is shown, and a clause that is not too long is shown whole.
func TestQuoteOverBlocks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.SampledFrom([]string{"条款原文。", "Words of a clause. ", "字", "x", "一行\n", "👩‍👩‍👧", "a<b>&c", "\r\n第一条\r\n", "\u202e"}).Draw(t, "unit")
		text := strings.Repeat(unit+texts().Draw(t, "more"), rapid.IntRange(1, 1200).Draw(t, "times"))
		if size(text) > 60_000 {
			text = string([]rune(text)[:10_000])
		}
		rs := []rune(text)
		from := rapid.IntRange(0, len(rs)).Draw(t, "from")
		to := min(len(rs), from+rapid.OneOf(rapid.IntRange(0, 50), rapid.IntRange(0, 20_000)).Draw(t, "length"))
		v := Clause(ClauseData{Title: "t", Text: text, QuoteStart: from, QuoteEnd: to}, "zh")
		shown, quoted, _ := clauseShown(v)
		if !strings.Contains(blank(text), blank(shown)) {
			t.Fatalf("shown: %q", shown)
		}
		quote := blank(string(rs[from:to]))
		if size(text) <= shownClause && blank(text) != blank(shown) {
			t.Fatalf("a short clause is not shown whole: %q", shown)
		}
		if got := blank(quoted); !strings.HasPrefix(quote, got) || got != quote && !strings.Contains(words(v), clauseQuoteCut.zh) {
			t.Fatalf("highlighted: %q, want %q", got, quote)
		}
		if blank(quoted) == "" && quote != "" {
			t.Fatal("nothing of the quote is shown")
		}
	})
}

// blank is a text without blanks, of which blocks drop some at their ends, nor what clean leaves out or changes.
func blank(s string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(clean(s)), ""), "\uFFFD", "")
}

func TestNeighboursHaveButtons(t *testing.T) {
	long := strings.Repeat("i", maxValue)
	v := Clause(ClauseData{Title: "t", Text: "x", Before: &Neighbour{Path: "1", Text: "一", ID: long}, After: &Neighbour{Text: "二", ID: long + "i"}}, "zh")
	var ids []string
	for _, b := range v.Blocks.BlockSet {
		if s, ok := b.(*slack.SectionBlock); ok && s.Accessory != nil {
			ids = append(ids, s.Accessory.ButtonElement.ActionID+" "+s.Accessory.ButtonElement.Value)
		}
	}
	if len(ids) != 1 || ids[0] != "pb_clause_1 "+long {
		t.Errorf("buttons %q", ids)
	}
	if text := words(v); !strings.Contains(text, "上一条：1\n一") || !strings.Contains(text, "下一条：二") {
		t.Errorf("%s", text)
	}
}

func TestAddress(t *testing.T) {
	for _, s := range []string{good, "http://localhost:8080/clause/1", good + "条款?a=1&b=2#c"} {
		if address(s) != s {
			t.Errorf("%q is refused", s)
		}
	}
	for _, s := range []string{
		"", "x", "/a", "//host/a", "javascript:alert(1)", "https://", "https:///a", "https://u@host/", "https://u:p@host/", "ftp://host/", good + " ", good + "<", good + "|", good + "\n", good + "\u202e",
		good + "\xff", "https://host:x/", good + strings.Repeat("a", 3000), "HTTPS", "mailto:a@b",
	} {
		if got := address(s); got != "" {
			t.Errorf("%q is taken", got)
		}
	}
}

func TestParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := texts().Draw(t, "text")
		each, most := rapid.IntRange(10, 200).Draw(t, "each"), rapid.IntRange(1, 50).Draw(t, "most")
		pieces, left := parts(text, each, most)
		whole := ""
		for _, p := range pieces {
			if size(p) > each || strings.TrimSpace(p) == "" {
				t.Fatalf("piece %q", p)
			}
			whole += p
		}
		if all := blank(text); !strings.HasPrefix(all, blank(whole)) || left == 0 && all != blank(whole) || left > 0 && len(pieces) != most {
			t.Fatalf("%q and %d left of %q", whole, left, all)
		}
	})
}
