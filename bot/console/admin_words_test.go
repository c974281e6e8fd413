package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"policybot/bot"
	"policybot/bot/eval"
	"policybot/retrieval/bridge"
)

// Words of nobody, in both languages, with the lines that tell what they mean.
const (
	nobodysChinese = "龘靐齉"
	nobodysEnglish = "zorbling"
	nobodysLines   = "# own\r\n龘靐齉 > 生物医药企业上市\r\nzorbling = 企业上市"
)

// found is what the library finds, as JSON.
func (w *world) found(questions ...string) string {
	w.t.Helper()
	var out strings.Builder
	for _, q := range questions {
		found, err := w.desk.Search(w.t.Context(), bot.Question{Text: q, AsOf: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}, 20)
		must(w.t, err)
		text, err := json.Marshal(found)
		must(w.t, err)
		out.Write(text)
	}
	return out.String()
}

// TestAdminWordsWalk tries lines, saves them, goes back, and wants every byte of a search to be as before.
func TestAdminWordsWalk(t *testing.T) {
	s := newWorld(t, setup{files: true})
	boss, chen := s.signedIn("boss"), s.signedIn("chen")
	lay := []string{nobodysChinese, nobodysEnglish}
	before, shown := s.found(lay...), s.adminShown()
	right, err := s.desk.Search(t.Context(), bot.Question{Text: "生物医药企业上市"}, 1)
	must(t, err)
	golds, err := s.console.golds(t.Context(), []string{right.Hits[0].Clause.ID})
	must(t, err)
	must(t, s.console.putGolden(t.Context(), goldenQuestion{eval.Question{
		ID: "q-1", Lang: "zh", Type: "reviewed", Text: nobodysChinese, Expect: eval.ExpectAnswer, Points: []string{}, MustNot: []string{},
		Gold: golds,
	}, "a", "boss", time.Now()}))

	boss.post("/admin/vocabulary", url.Values{"do": {"try"}, "text": {nobodysLines}, "base": {"0"}, "question": {nobodysChinese}})
	boss.sees(http.StatusOK, "With these lines", "not among the first", "<strong>rank 1</strong>", "1 right clauses of the golden set would move", "Nothing was saved.", nobodysEnglish+" = 企业上市</textarea>")
	boss.post("/admin/vocabulary", url.Values{"do": {"try"}, "text": {""}, "base": {"0"}, "question": {nobodysEnglish}}).sees(http.StatusOK, "Nothing is found, neither now nor", "None of the 1 golden questions is affected")
	if s.found(lay...) != before {
		t.Fatal("trying changes what is found")
	}
	save := url.Values{"do": {"save"}, "text": {nobodysLines}, "base": {"0"}}
	boss.post("/admin/vocabulary", save).sees(http.StatusOK, "Save these lines?", "Entries now: 0; then: 2.", "Of 1 golden questions, 0 right clauses would fall.", "龘靐齉 &gt; 生物医药企业上市")
	if s.found(lay...) != before {
		t.Fatal("asking changes what is found")
	}
	save.Set("sure", "yes")
	boss.post("/admin/vocabulary", save).sees(http.StatusOK, "Saved; searches use these lines from now on.", "Lines of this installation (2)", "Version 1")
	for _, q := range lay {
		if found, err := s.desk.Search(t.Context(), bot.Question{Text: q}, 5); err != nil || len(found.Hits) == 0 || !strings.Contains(found.Hits[0].Clause.Text, "上市") {
			t.Errorf("%s: %d hits, %v", q, len(found.Hits), err)
		}
	}
	boss.get("/admin/vocabulary?q="+nobodysEnglish).sees(http.StatusOK, "own:3")
	boss.post("/admin/vocabulary", url.Values{"do": {"save"}, "text": {nobodysLines}, "base": {"1"}, "sure": {"yes"}}).sees(http.StatusOK, "These lines count already")

	// Somebody else who began before gets both texts, and nothing is lost.
	theirs := url.Values{"do": {"save"}, "text": {"chens own > 补贴"}, "base": {"0"}, "sure": {"yes"}}
	chen.post("/admin/vocabulary", theirs).sees(http.StatusConflict, "While you were writing, boss saved these lines", "龘靐齉 &gt; 生物医药企业上市", "chens own &gt; 补贴</textarea>", `name="base" value="1"`)
	theirs.Set("base", "1")
	chen.post("/admin/vocabulary", theirs).sees(http.StatusOK, "Saved;", "Version 2", "Version 1")

	chen.post("/admin/vocabulary/undo", url.Values{"to": {"1"}, "base": {"1"}, "sure": {"yes"}}).sees(http.StatusConflict, "Not done: the lines have changed meanwhile")
	chen.post("/admin/vocabulary/undo", url.Values{"to": {"7"}, "base": {"2"}, "sure": {"yes"}}).sees(http.StatusConflict)
	chen.post("/admin/vocabulary/undo", url.Values{"to": {"1"}, "base": {"2"}}).sees(http.StatusOK, "Save these lines?", "Entries now: 1; then: 2.", "Of 1 golden questions, 0 right")
	chen.post("/admin/vocabulary/undo", url.Values{"to": {"1"}, "base": {"2"}, "sure": {"yes"}}).sees(http.StatusOK, "The lines of before count again.", "Version 3")
	boss.post("/admin/vocabulary", url.Values{"do": {"try"}, "text": {""}, "base": {"3"}}).sees(http.StatusOK, `<span class="tag warn">Falls</span>`)
	boss.post("/admin/vocabulary", url.Values{"do": {"save"}, "text": {""}, "base": {"3"}}).sees(http.StatusOK, "Of 1 golden questions, 1 right clauses would fall.", `class="danger"`)
	boss.post("/admin/vocabulary", url.Values{"do": {"save"}, "text": {""}, "base": {"3"}, "sure": {"yes"}}).sees(http.StatusOK, "Saved;")
	if s.found(lay...) != before || s.adminShown() != shown {
		t.Error("something of the lines is left")
	}
	set, undone := s.audited(didSetWords), s.audited(didUndoWords)
	if len(set) != 3 || set[0].Detail != "version=4 entries=0" || set[1].By != "chen" || len(undone) != 1 || undone[0].Detail != "version=3 entries=2 as=1" || undone[0].Object != "words" {
		t.Errorf("the audit says %+v, %+v", set, undone)
	}
}

// TestAdminWordsBad wants a sentence for each line that cannot be, with what was written kept and escaped.
func TestAdminWordsBad(t *testing.T) {
	s := newWorld(t, setup{files: true})
	boss := s.signedIn("boss")
	const script = `</textarea><script>alert(1)</script>`
	text := "fine words > 补贴\n" + script + "\n\"' onmouseover;x ~ 怎么\n> 补贴\nmoney\u202e > 补贴"
	for _, do := range []string{"try", "save"} {
		boss.post("/admin/vocabulary", url.Values{"do": {do}, "text": {text}, "base": {"0"}, "question": {script}, "sure": {"yes"}})
		boss.sees(http.StatusUnprocessableEntity, "Not saved: 4 lines cannot be read.", "Line 2:", "has more than one of =", "Line 3:", "only asks", "Line 4:", "has nothing on one side", "Line 5:", "has characters that cannot be seen", "fine words &gt; 补贴", "&lt;/textarea&gt;&lt;script&gt;")
		boss.lacks(script, "<script>alert", `" onmouseover=`)
	}
	if list, err := s.library.Words(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("kept %+v, %v", list, err)
	}
	hostile := "<b>bold</b> > <img src=x onerror=alert(1)>"
	boss.post("/admin/vocabulary", url.Values{"do": {"save"}, "text": {strings.ReplaceAll(hostile, " > ", " ~ ")}, "base": {"0"}, "sure": {"yes"}}).sees(http.StatusUnprocessableEntity).lacks("<b>bold", "<img src=x")
	boss.post("/admin/vocabulary", url.Values{"do": {"save"}, "text": {"bold&<b ~ \"quoted\"' onload"}, "base": {"x"}}).sees(http.StatusOK, "bold&amp;&lt;b").lacks("&<b", `"quoted"' onload`)
	boss.post("/admin/vocabulary", url.Values{"do": {"save"}, "text": {"bold&<b ~ \"quoted\"' onload"}, "base": {"0"}, "sure": {"yes"}}).sees(http.StatusOK, "bold&amp;&lt;b").lacks("&<b", `"quoted"' onload`)
	boss.post("/admin/vocabulary", url.Values{"do": {"save"}, "text": {fmt.Sprintf("%0201d > x", 1)}, "base": {"1"}}).sees(http.StatusUnprocessableEntity, "has more than 200 characters")
	for _, lang := range []string{chinese, english} {
		for _, m := range []bridge.Mistake{
			bridge.NoMark, bridge.TwoMarks, bridge.EmptySide, bridge.NoLetter, bridge.PartWithin, bridge.OneLetter, bridge.OnlyAsks,
			bridge.LongLine, bridge.ManyWords, bridge.OftenWord, bridge.ManyLines, bridge.LongText, bridge.NotText, bridge.Hidden,
		} {
			if _, ok := words[lang]["mistake."+string(m)]; !ok {
				t.Errorf("%s: no sentence for %s", lang, m)
			}
		}
	}
}
