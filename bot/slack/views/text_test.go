package views

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
)

func TestTextsAreCleaned(t *testing.T) {
	for _, tt := range []struct{ name, got, want string }{
		{"line ends", clean("a\r\nb\rc\u2028d"), "a\nb\nc\nd"},
		{"bytes that are no text", clean("a\xffb"), "a\uFFFDb"},
		{"what cannot be seen", clean("\ufeffa\x00\u202eb\u2066c\U000E0041"), "abc"},
		{"what joins signs", clean("👩\u200d👧"), "👩\u200d👧"},
		{"one line", line(" a\n\u3000b\tc "), "a b c"},
		{"short", cut("条款", 2), "条款"},
		{"cut", cut("条款原文", 3), "条款…"},
		{"cut at a blank", cut("ab cdef", 4), "ab…"},
		{"signs of two units", cut("👧👧👧", 5), "👧👧…"},
		{"entities", cut("<<<<", 10), "<<…"},
		{"much too long", short(strings.Repeat("字", 1000), 4), "字字字…"},
		{"blanks for ever", short(strings.Repeat(" ", 1000)+"x", 4), "…"},
		{"escaped", escape("<!channel> & <@U1>"), "&lt;!channel&gt; &amp; &lt;@U1&gt;"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, tt.got, tt.want)
		}
	}
	if got, whole := fill(" <<👧 ", 4); got != "<<👧" || !whole {
		t.Errorf("%q %v", got, whole)
	}
	if got, whole := fill("<<👧", 3); got != "<<" || whole {
		t.Errorf("%q %v", got, whole)
	}
}

func TestPartsEndWithSentences(t *testing.T) {
	for _, tt := range []struct {
		text string
		each int
		want []string
	}{
		{"第一句话。第二句话。第三句话还没完", 12, []string{"第一句话。第二句话。", "第三句话还没完"}},
		{"第一行有字\n第二行。又一句话", 8, []string{"第一行有字", "第二行。又一句话"}},
		{"One sentence. Two of them", 15, []string{"One sentence.", " Two of them"}},
		{"3.14159265358979", 8, []string{"3.141592", "65358979"}},
	} {
		if got, left := parts(tt.text, tt.each, 9); left != 0 || !cmp.Equal(got, tt.want) {
			t.Errorf("%q: %q and %d left, want %q", tt.text, got, left, tt.want)
		}
	}
	if got, left := parts("一二三四五六", 2, 2); left != 2 || len(got) != 2 {
		t.Errorf("%q and %d left", got, left)
	}
}

// TestBorders fills what has a limit just as full as it goes, and one more.
func TestBorders(t *testing.T) {
	for n, want := range map[int]string{maxMetadata: strings.Repeat("m", 3000), maxMetadata + 1: ""} {
		v := Ask("", strings.Repeat("m", n), "zh")
		wantNone(t, checkView(v))
		if v.PrivateMetadata != want {
			t.Errorf("%d characters of metadata became %d", n, len(v.PrivateMetadata))
		}
	}
	for n, kind := range map[int]slack.MessageBlockType{150: slack.MBTHeader, 151: slack.MBTRichText} {
		v := Clause(ClauseData{Title: strings.Repeat("题", n), Text: "x"}, "zh")
		wantNone(t, checkView(v))
		if first := v.Blocks.BlockSet[0]; first.BlockType() != kind || !strings.Contains(words(v), strings.Repeat("题", n)) {
			t.Errorf("a title of %d characters is in a %s", n, first.BlockType())
		}
	}
}

// TestSourcesKeepTheirNumbers lists sources over several blocks: each has the number that the reply gives it.
func TestSourcesKeepTheirNumbers(t *testing.T) {
	all := make([]string, 40)
	for i := range all {
		all[i] = strings.Repeat("依据", 150)
	}
	all[3] = " "
	v := Case(CaseData{Draft: "x", Sources: all}, "", "zh")
	next, lists := 0, 0
	for _, b := range v.Blocks.BlockSet {
		rich, ok := b.(*slack.RichTextBlock)
		if !ok {
			continue
		}
		if list, ok := rich.Elements[0].(*slack.RichTextList); ok {
			if list.Offset != next || list.Style != slack.RTEListOrdered {
				t.Errorf("a list begins with number %d, want %d", list.Offset+1, next+1)
			}
			next += len(list.Elements)
			lists++
		}
	}
	if next != shownSources || lists < 3 || !strings.Contains(words(v), "另有 10 项") {
		t.Errorf("%d sources in %d lists: %s", next, lists, words(v))
	}
}
