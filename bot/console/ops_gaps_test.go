package console

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestOpsGapNotes: a group of questions shows the notes of all of them, and the form that of the newest.
func TestOpsGapNotes(t *testing.T) {
	w := newWorld(t, setup{})
	olga := w.signedIn("olga")
	first, second := w.asker().asked("深圳市的人才公寓怎么申请？"), w.asker().asked("深圳市人才公寓怎么申请呢")
	for _, one := range []struct{ id, note string }{{first, "the town has none"}, {second, "asked for in May"}} {
		olga.post("/ops/gaps/mark", url.Values{"question": {one.id}, "note": {one.note}}).sees(200, one.note)
		w.later(time.Minute)
	}
	olga.get("/ops/gaps").sees(200, "the town has none <span", "asked for in May <span", "asked for in May</textarea>")
	if n := strings.Count(olga.page, `<li class="card">`); n != 1 {
		t.Errorf("%d groups, want 1", n)
	}
	olga.post("/ops/gaps/mark", url.Values{"question": {second}, "note": {""}}).sees(200, "the town has none <span").lacks("asked for in May")
}

// TestChannelWords: every channel that the desk names, the pages of operations name too.
func TestChannelWords(t *testing.T) {
	for _, lang := range []string{chinese, english} {
		for _, name := range []string{"http", "terminal"} {
			for _, group := range []string{"casechannel", "ops.channel"} {
				if words[lang][group+"."+name] == "" {
					t.Errorf("%s has no %s.%s", lang, group, name)
				}
			}
		}
	}
}
