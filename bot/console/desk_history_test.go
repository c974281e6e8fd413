package console

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"policybot/bot/journal"
)

// TestDeskHistoryPages: of many revisions the newest are shown, and the rest in pages, each with what it changes.
func TestDeskHistoryPages(t *testing.T) {
	w := newWorld(t, setup{})
	ann, k := w.signedIn("ann"), w.asker().handedOver(listing)
	const many = 2*historyRows + 5
	for n := range many {
		_, err := w.journal.SaveDraft(t.Context(), journal.Draft{Case: k.ID, Base: n, Text: fmt.Sprintf("Words w%d.", n+1), By: "ann", At: time.Now().UTC().Truncate(time.Microsecond)})
		must(t, err)
	}
	at := "/desk/cases/" + k.ID + "/history"
	shows := func(path string, first, last int, more ...string) {
		t.Helper()
		ann.get(path).sees(200, append(more, fmt.Sprintf("<ins>%d</ins>", first))...)
		var got, want []string
		for _, m := range regexp.MustCompile(`<h3>Revision (\d+)`).FindAllStringSubmatch(ann.page, -1) {
			got = append(got, m[1])
		}
		for n := first; n >= last; n-- {
			want = append(want, fmt.Sprint(n))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s shows %v, want %v", path, got, want)
		}
	}
	shows(at, many, many-historyRows+1, "("+fmt.Sprint(many)+")", at+"?page=2", "page 1 of 3", `class="steps"`)
	shows(at+"?page=2", many-historyRows, many-2*historyRows+1, at+"?page=1", at+"?page=3")
	if strings.Contains(ann.page, `class="steps"`) {
		t.Error("the steps are on the second page too")
	}
	ann.get(at+"?page=3").sees(200, "Words w1.")
	ann.get(at+"?page=x").sees(200, "page 1 of 3")
}
