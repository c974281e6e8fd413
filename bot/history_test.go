package bot_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"policybot/bot"
)

// TestHistoryAlone has the scripted conversations a second time, with nothing but the
// texts of what was said before: what is known of the asker is the same.
func TestHistoryAlone(t *testing.T) {
	files, err := filepath.Glob("testdata/interviews/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no interviews", err)
	}
	same, all := 0, 0
	for _, file := range files {
		script, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var before *bot.Interview
		var history []bot.Turn
		for line := range strings.Lines(string(script)) {
			text, asked := strings.CutPrefix(strings.TrimRight(line, "\n"), "> ")
			if !asked {
				continue
			}
			q := bot.Question{ID: "q", Text: text, AsOf: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), Before: before}
			a := answer(t, q)
			q.Before, q.History = nil, history
			b := answer(t, q)
			all++
			if x, y := factsOf(a), factsOf(b); slices.Equal(x, y) {
				same++
			} else if testing.Verbose() {
				t.Logf("%s %q\n  %v\n  %v", filepath.Base(file), text, x, y)
			}
			before = a.Interview
			history = append(history, bot.Turn{Role: bot.RoleUser, Text: text}, bot.Turn{Role: bot.RoleAssistant, Text: a.Text})
		}
	}
	t.Logf("%d of %d messages leave the same facts", same, all)
	if same*100 < all*95 {
		t.Errorf("%d of %d messages leave the same facts, want 95 %%", same, all)
	}
}

func answer(t *testing.T, q bot.Question) bot.Answer {
	t.Helper()
	a, err := desk(t).Ask(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// factsOf are the facts that an answer has noted, sorted.
func factsOf(a bot.Answer) []string {
	var out []string
	if a.Interview != nil {
		for _, k := range a.Interview.Facts {
			out = append(out, fmt.Sprintf("%s=%s", k.Key, k.Value))
		}
	}
	slices.Sort(out)
	return out
}
