package console

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"policybot/bot/accounts"
	"policybot/retrieval"
)

// unknown is a question that nothing answers.
const unknown = "紫罗兰金丝雀在深圳前海的租金减免怎么申请？"

// copied has ann ask, and olga and boss make all the copies that can be made of it: an index entry, a golden question with
// two runs, a note on a gap, a search, and a reply. It gives the ids of the questions.
func (w *world) copied(ann, olga *person) (entry, gap string) {
	w.t.Helper()
	entry, gap = ann.asked(hotpot), ann.asked(unknown)
	path := "/ops/questions/" + entry
	olga.post(path+"/review", url.Values{"base": {"0"}, "verdict": {"should_answer"}, "clause": {rightOne}, "note": {hotpot}}).sees(http.StatusOK)
	olga.post(path+"/entry", url.Values{"base": {"1"}, "do": {"make"}}).sees(http.StatusOK, "It is an index entry now")
	olga.post(path+"/golden", url.Values{"expect": {"answer"}, "gold": {rightOne}}).sees(http.StatusOK)
	olga.runGolden()
	olga.runGolden()
	olga.post("/ops/gaps/mark", url.Values{"question": {gap}, "note": {"asked for " + unknown}}).sees(http.StatusOK, "Known gap")
	olga.post("/ops/views", url.Values{"name": {"hers"}, "filter": {url.Values{"q": {`"` + unknown + `"`}}.Encode()}}).sees(http.StatusOK)
	return entry, gap
}

// TestAdminEraseCopies wants no byte of a person's words in any file, and says before what there is.
func TestAdminEraseCopies(t *testing.T) {
	w := newWorld(t, setup{files: true})
	ann, olga, boss := w.signedIn("ann"), w.signedIn("olga"), w.signedIn("boss")
	entry, _ := w.copied(ann, olga)
	again := w.visitor().asked(hotpot + "？") // the entry raises its clause: the trace names the entry
	olga.post("/ops/views", url.Values{"name": {"other"}, "filter": {"q=补贴"}}).sees(http.StatusOK)
	ann.post("/ops/views", url.Values{}) // may not
	who := url.Values{"platform": {"account"}, "id": {"ann"}}
	boss.post("/admin/erase", who).sees(http.StatusOK, "2 questions, 0 cases", "1 index entries, 1 golden questions, 2 results of kept runs, 1 notes on gaps, 1 saved searches.", "cannot be undone")
	boss.lang = chinese
	boss.post("/admin/erase", who).sees(http.StatusOK, "提问 2 次", "索引词条 1 条，评测题 1 道，保留的评测结果 2 条，缺口备注 1 条，保存的查询 1 个")
	boss.lang = english
	if len(w.holding("金丝雀")) == 0 || len(w.holding("火锅")) == 0 {
		t.Fatal("the search finds nothing where there is something")
	}
	boss.post("/admin/erase", sureWith("platform", "account", "id", "ann")).sees(http.StatusOK, "Erased: 2 questions", "1 index entries, 1 golden questions, 2 results", "What to look at", "/ops/gaps")
	if files := w.holding("金丝雀"); len(files) > 0 {
		t.Errorf("her words are in %q", files)
	}
	olga.get("/ops/entries").sees(http.StatusOK).lacks("火锅")
	olga.get("/ops/golden").sees(http.StatusOK).lacks("火锅")
	olga.get("/ops/log").sees(http.StatusOK, ">other<").lacks(">hers<")
	olga.get("/ops/questions/"+again).sees(http.StatusOK, "index entry: t")
	if files := w.holding(hotpot); len(files) > 1 { // the journal, of who asked it too
		t.Errorf("her words are in %q", files)
	}
	e, err := w.journal.Entry(t.Context(), again)
	must(t, err)
	if n := bytes.Count(e.Question.Record, []byte(`"taught"`)); n == 0 || strings.Contains(string(e.Question.Record), `"question":"`+hotpot+`"`) {
		t.Errorf("the trace of another has the words of the entry, or has none (%d)", n)
	}
	olga.get("/ops/questions/"+entry).sees(http.StatusOK, "(erased)")
	boss.post("/admin/erase", sureWith("platform", "account", "id", "ann")).sees(http.StatusOK, "they were erased on")
}

// holding names the files of the world that hold a text.
func (w *world) holding(text string) []string {
	w.t.Helper()
	var out []string
	must(w.t, filepath.WalkDir(w.folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(text)) {
			out = append(out, d.Name())
		}
		return err
	}))
	return out
}

// TestAdminEraseLooks names what has the words and is not only theirs.
func TestAdminEraseLooks(t *testing.T) {
	w := newWorld(t, setup{})
	ann, bea, olga, boss := w.signedIn("ann"), w.signedIn("bea"), w.signedIn("olga"), w.signedIn("boss")
	entry, _ := w.copied(ann, olga)
	theirs, gap := bea.asked(hotpot), bea.asked(unknown)
	path := "/ops/questions/" + theirs
	olga.post(path+"/review", url.Values{"base": {"0"}, "verdict": {"should_answer"}, "clause": {rightOne}, "note": {"as " + unknown}}).sees(http.StatusOK)
	olga.post(path+"/entry", url.Values{"base": {"1"}, "do": {"make"}}).sees(http.StatusOK, "It is an index entry now")
	k := w.asker().handedOver(listing)
	bea.post("/desk/cases/"+k.ID+"/save", draft("0", "As to: "+unknown)).sees(http.StatusOK)
	_, err := w.library.Teach(t.Context(), retrieval.Taught{Clause: rightOne, Question: unknown, By: "machine"})
	must(t, err)
	boss.post("/admin/erase", sureWith("platform", "account", "id", "ann")).sees(http.StatusOK, "Erased: 2 questions", "0 index entries, 1 golden questions, 2 results", "0 notes",
		"Index entries that others asked too", "/ops/entries?clause="+url.QueryEscape(rightOne), "/ops/questions/"+gap, "/ops/questions/"+theirs, "/desk/cases/"+k.ID+"/history")
	olga.get("/ops/entries").sees(http.StatusOK, hotpot)
	olga.get("/ops/gaps").sees(http.StatusOK, "Known gap")
	olga.get("/ops/questions/"+entry).sees(http.StatusOK, "(erased)")
}

// TestAdminEraseRun wants a run that is under way to keep nothing of who is erased meanwhile.
func TestAdminEraseRun(t *testing.T) {
	w := newWorld(t, setup{})
	ann, olga := w.signedIn("ann"), w.signedIn("olga")
	w.copied(ann, olga)
	questions, err := w.console.goldenSet(t.Context())
	must(t, err)
	w.signedIn("boss").post("/admin/erase", sureWith("platform", "account", "id", "ann")).sees(http.StatusOK, "Erased: 2 questions")
	must(t, w.console.run(t.Context(), &w.console.golden, "olga", questions))
	held, err := w.store.Attachments(t.Context(), runKind)
	must(t, err)
	for _, a := range held {
		if strings.Contains(string(a.Data), "火锅") || !json.Valid(a.Data) {
			t.Errorf("the run %s has the words: %s", a.ID, a.Data)
		}
	}
	olga.get("/ops/golden").sees(http.StatusOK)
}

// TestAdminEraseViews wants the searches of an account to go with it, whoever they are about.
func TestAdminEraseViews(t *testing.T) {
	w := newWorld(t, setup{})
	olga, otto, boss := w.signedIn("olga"), w.signedIn("otto"), w.signedIn("boss")
	olga.asked(listing)
	olga.post("/ops/views", url.Values{"name": {"mine"}, "filter": {"outcome=abstained"}}).sees(http.StatusOK)
	a, err := w.book.Account(t.Context(), "olga")
	must(t, err)
	hash := w.service.Asker(w.console.Channel, accountActor(a.ID))
	otto.post("/ops/views", url.Values{"name": {"of olga"}, "filter": {"asker=" + hash}}).sees(http.StatusOK)
	boss.post("/admin/erase", sureWith("hash", hash)).sees(http.StatusOK, "2 saved searches")
	list, err := w.journal.EveryView(t.Context())
	must(t, err)
	if len(list) > 0 {
		t.Errorf("left: %+v", list)
	}
}

// TestOpsErasedGap wants neither a note nor a case for what was erased.
func TestOpsErasedGap(t *testing.T) {
	w := newWorld(t, setup{})
	ann, olga := w.signedIn("ann"), w.signedIn("olga")
	gap := ann.asked(unknown)
	w.signedIn("boss").post("/admin/erase", sureWith("platform", "account", "id", "ann")).sees(http.StatusOK)
	for _, does := range []string{"mark", "hand"} {
		olga.post("/ops/gaps/"+does, url.Values{"question": {gap}, "note": {"known"}}).sees(http.StatusUnprocessableEntity, "This question was erased")
	}
	marks, err := w.console.gapMarks(t.Context())
	must(t, err)
	cases, err := w.service.Cases(t.Context(), "")
	must(t, err)
	if len(marks)+len(cases) > 0 {
		t.Errorf("%+v, %+v", marks, cases)
	}
}

// TestOpsLeftViews wants the shared view of a closed account to be anybody's to remove, and no other.
func TestOpsLeftViews(t *testing.T) {
	w := newWorld(t, setup{})
	olga, otto := w.signedIn("olga"), w.signedIn("otto")
	for name, shared := range map[string]string{"ours": "yes", "mine": ""} {
		olga.post("/ops/views", url.Values{"name": {name}, "filter": {"rating=bad"}, "shared": {shared}}).sees(http.StatusOK)
	}
	remove := func(name string) *person {
		return otto.post("/ops/views/delete", url.Values{"view": {name}, "owner": {"olga"}})
	}
	remove("ours").sees(http.StatusNotFound)
	otto.get("/ops/log").sees(http.StatusOK, "shared by olga").lacks(`value="olga"`)
	a, err := w.book.Account(t.Context(), "olga")
	must(t, err)
	_, err = w.book.SetDisabled(t.Context(), accounts.Actor{Name: "test"}, a.Name, true)
	must(t, err)
	otto.get("/ops/log").sees(http.StatusOK, "shared by olga", `value="olga"`)
	remove("mine").sees(http.StatusNotFound)
	remove("ours").sees(http.StatusOK, "The view is deleted").lacks("shared by olga")
}
