package eval

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"testing"
	"unicode"

	"policybot/bot"
)

// suggested are the letters drafted to every so many of the questions of the sets that are
// answered, as replies to go on with, in both languages.
func suggested(t *testing.T, desk *bot.Desk, every int, each func(id, lang string, l bot.Letter, r bot.Reply), files ...string) {
	t.Helper()
	for _, file := range files {
		for _, q := range sampled(readQuestions(t, file), every) {
			for _, lang := range []string{"zh", "en"} {
				l, err := desk.Letter(context.Background(), bot.Question{Text: q.Text, History: q.History}, lang)
				if errors.Is(err, bot.ErrNoLetter) {
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				if l.Outcome == bot.Answered {
					r := bot.SuggestedReply(l)
					r.History = q.History
					each(q.ID, lang, l, r)
				}
			}
		}
	}
}

// TestSuggestedReplies: what the program suggests passes the check of what people write.
// Every third question is asked, with -whole each.
func TestSuggestedReplies(t *testing.T) {
	t.Parallel()
	desk, err := seededDesk()
	if err != nil {
		t.Fatal(err)
	}
	all, good := 0, 0
	suggested(t, desk, 3, func(id, lang string, l bot.Letter, r bot.Reply) {
		all++
		got, err := desk.CheckReply(context.Background(), r)
		if err != nil {
			t.Fatal(err)
		}
		if got.Sendable {
			good++
			return
		}
		t.Errorf("%s %s is not sendable: %s", id, lang, bad(got))
	}, "dev.jsonl", "questions.jsonl", "pairs.jsonl")
	t.Logf("%d of %d suggested replies are sendable", good, all)
	if all < 250 {
		t.Errorf("only %d letters", all)
	}
}

func bad(c bot.Checked) string {
	var b strings.Builder
	for _, s := range c.Sentences {
		if s.State != bot.Fine && s.State != bot.Courtesy {
			b.WriteString("\n  " + string(s.State) + ": " + s.Text)
			for _, p := range s.Problems {
				b.WriteString("\n    " + string(p.Kind) + ": " + p.Message)
			}
		}
	}
	for _, m := range c.Missing {
		b.WriteString("\n  missing " + m.Kind + ": " + m.Text)
	}
	return b.String()
}

// TestSuggestedReplyWithADigitChanged: every digit of a cited sentence counts. Every second
// question is asked, with -whole each.
func TestSuggestedReplyWithADigitChanged(t *testing.T) {
	t.Parallel()
	desk, err := seededDesk()
	if err != nil {
		t.Fatal(err)
	}
	tried, missed := 0, 0
	seen := map[string]bool{}
	suggested(t, desk, 2, func(id, lang string, _ bot.Letter, r bot.Reply) {
		before, err := desk.CheckReply(context.Background(), r)
		if err != nil {
			t.Fatal(err)
		}
		text := []rune(r.Text)
		for _, s := range before.Sentences {
			if s.State != bot.Fine || len(s.Cites) == 0 || seen[s.Text] {
				continue
			}
			seen[s.Text] = true
			for i := s.Start; i < s.End; i++ {
				if !unicode.IsDigit(text[i]) || i+1 < len(text) && text[i+1] == ']' {
					continue
				}
				other := append([]rune{}, text...)
				other[i] = '0' + (text[i]-'0'+1)%10
				changed := r
				changed.Text = string(other)
				got, err := desk.CheckReply(context.Background(), changed)
				if err != nil {
					t.Fatal(err)
				}
				tried++
				if state := stateAt(got, i); state != bot.Wrong {
					missed++
					t.Errorf("%s %s: %s is %s", id, lang, string(other[s.Start:s.End]), cmp.Or(state, "not checked"))
				}
			}
		}
	}, "dev.jsonl")
	t.Logf("%d of %d changed digits are found", tried-missed, tried)
	if tried < 100 {
		t.Errorf("only %d digits", tried)
	}
}

// stateAt is the state of the sentence at a code point.
func stateAt(c bot.Checked, at int) bot.State {
	for _, s := range c.Sentences {
		if s.Start <= at && at < s.End {
			return s.State
		}
	}
	return ""
}
