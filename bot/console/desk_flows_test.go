package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"policybot/bot/journal"
)

// filled is a draft of the program with its blanks filled in.
func filled(text string) string {
	return strings.NewReplacer("（单位名称）：", "贵公司：", "（落款单位）　　（日期）", "市政策咨询中心").Replace(text)
}

// suggested has the program draft the reply to a case, and gives it with its blanks filled in.
func (p *person) suggested(k journal.Case) (text string, clauses []string) {
	p.w.t.Helper()
	p.post("/desk/cases/"+k.ID+"/program", draft("0", "")).sees(http.StatusOK)
	list, err := p.w.journal.ListDrafts(p.w.t.Context(), k.ID)
	must(p.w.t, err)
	return filled(list[0].Text), list[0].Clauses
}

// TestDeskClash: two people write on the same revision. Nothing is lost, and each can go on from either text.
func TestDeskClash(t *testing.T) {
	w := newWorld(t, setup{})
	ann, bea := w.signedIn("ann"), w.signedIn("bea")
	k := w.asker().handedOver(listing)
	at := "/desk/cases/" + k.ID
	ann.post(at+"/save", draft("0", "Ann was here first.")).sees(200, "Revision 1")
	bea.post(at+"/save", draft("0", "Bea wrote this meanwhile.")).sees(409, "Ann was here first.", "Bea wrote this meanwhile.</textarea>", "ann has saved revision 1 before you", "<del>", "<ins>", `name="over" value="1"`)
	for _, does := range []string{"submit", "send", "program"} {
		bea.post(at+"/"+does, draft("0", "Bea wrote this meanwhile.")).sees(409, "Bea wrote this meanwhile.</textarea>", "Ann was here first.")
	}
	form := draft("0", "Bea wrote this meanwhile.")
	form.Set("theirs", "yes")
	bea.post(at+"/edit", form).sees(200, "Ann was here first.</textarea>", `name="base" value="1"`, "Bea wrote this meanwhile.</textarea>")
	form = draft("0", "Bea wrote this meanwhile.")
	form.Set("over", "1")
	bea.post(at+"/save", form).sees(200, "Revision 2, saved by bea", "Bea wrote this meanwhile.</textarea>")
	list, err := w.journal.ListDrafts(t.Context(), k.ID)
	must(t, err)
	if len(list) != 2 || list[0].Text != "Ann was here first." || list[1].Base != 1 {
		t.Errorf("the revisions are %+v", list)
	}
}

// TestDeskAutosave: of its own accord a page saves only what goes on from its reader's own revision.
func TestDeskAutosave(t *testing.T) {
	w := newWorld(t, setup{})
	ann, bea := w.signedIn("ann"), w.signedIn("bea")
	ann.part, bea.part = true, true
	k := w.asker().handedOver(listing)
	at := "/desk/cases/" + k.ID
	auto := func(base, text string) url.Values {
		f := draft(base, text)
		f.Set("auto", "yes")
		return f
	}
	ann.post(at+"/save", auto("0", "One.")).sees(200, `data-base="1"`, `data-own="yes"`)
	ann.post(at+"/save", auto("1", "Two.")).sees(200, `data-base="2"`)
	bea.post(at+"/save", auto("2", "Three.")).sees(409, "nothing is saved by itself")
	bea.post(at+"/save", draft("2", "Three.")).sees(200, `data-base="3"`)
	bea.post(at+"/submit", draft("3", "Three.")).sees(200)
	bea.post(at+"/save", auto("3", "Four.")).sees(409, "nothing is saved by itself")
	list, err := w.journal.ListDrafts(t.Context(), k.ID)
	must(t, err)
	if len(list) != 3 {
		t.Errorf("%d revisions, want 3", len(list))
	}
}

// TestDeskApproval: in approval mode nothing goes out but the approved revision to the letter, whatever a form says.
func TestDeskApproval(t *testing.T) {
	w := newWorld(t, setup{})
	ann, bea := w.signedIn("ann"), w.signedIn("bea")
	k := w.asker().handedOver(listing)
	at := "/desk/cases/" + k.ID
	text, clauses := ann.suggested(k)
	must(t, w.journal.SetSetting(t.Context(), journal.SettingApproval, journal.ApprovalOn))
	forms := func(revision string) []url.Values {
		list := []url.Values{draft("1", text, clauses...), draft("1", text, clauses...), draft(revision, "Other words."), {"revision": {revision}}, {}}
		for _, f := range list {
			f.Set("although", "yes")
			f.Set("why", "hurry")
			f.Set("approval", "off")
			f.Set("approved", revision)
		}
		list[1].Set("revision", revision)
		list[1].Set("mode", "off")
		return list
	}
	refused := func(who *person, revision string) {
		t.Helper()
		for _, f := range forms(revision) {
			if who.post(at+"/send", f); who.code != http.StatusConflict {
				t.Fatalf("sending %v: status %d\n%s", f, who.code, who.page)
			}
		}
	}
	refused(ann, "1")
	ann.post(at+"/submit", draft("1", text, clauses...)).sees(200)
	refused(ann, "2")
	refused(bea, "2")
	bea.post(at+"/approve", url.Values{"revision": {"1"}}).sees(409, "Revision 2 by ann is the latest")
	bea.post(at+"/approve", url.Values{"revision": {"2"}}).sees(200)
	bea.post(at+"/send", url.Values{"revision": {"1"}}).sees(409)
	ann.post(at+"/save", draft("2", text+"\n多谢来函。", clauses...)).sees(200, "Revision 3")
	refused(bea, "3")
	ann.post(at+"/submit", draft("3", text+"\n多谢来函。", clauses...)).sees(200)
	bea.post(at+"/approve", url.Values{"revision": {"3"}}).sees(200)
	bea.post(at+"/send", url.Values{"revision": {"3"}, "text": {"Other words."}, "although": {"yes"}, "why": {"x"}}).sees(200, "Reply by bea")
	got, err := w.service.Case(t.Context(), k.ID)
	must(t, err)
	if got.Response != text+"\n多谢来函。" {
		t.Errorf("what was sent is %q", got.Response)
	}
}

// TestDeskAlthough: what the check finds keeps a reply from being sent, unless somebody ticks a box and says why.
func TestDeskAlthough(t *testing.T) {
	w := newWorld(t, setup{})
	ann := w.signedIn("ann")
	k := w.asker().handedOver(listing)
	at := "/desk/cases/" + k.ID
	form := draft("0", "全市每家企业奖励999万元。")
	for _, more := range []url.Values{{}, {"although": {"yes"}}, {"why": {"hurry"}}, {"although": {"yes"}, "why": {" "}}} {
		f := draft("1", form.Get("text"))
		if len(more) == 0 {
			f = form
		}
		for name, values := range more {
			f[name] = values
		}
		ann.post(at+"/send", f).sees(422, "the check has found something", "needs a clause", "999")
	}
	f := draft("1", form.Get("text"))
	f.Set("although", "yes")
	f.Set("why", "the office insists")
	ann.post(at+"/send", f).sees(200, "Reply by ann")
	if audit := strings.Join(w.did(), "\n"); !strings.Contains(audit, "ann case.replied_unchecked revision=1 findings=1 reason_chars=18") {
		t.Errorf("the audit: %s", audit)
	}
	ann.post(at+"/send", f).sees(409, "replied to already")
}

// TestDeskEdit: the buttons of the editor change text and clauses together, and store nothing.
func TestDeskEdit(t *testing.T) {
	w := newWorld(t, setup{})
	ann := w.signedIn("ann")
	k := w.asker().handedOver(listing)
	at := "/desk/cases/" + k.ID
	_, found := w.searched(listing, 2)
	if len(found.Hits) != 2 {
		t.Fatalf("the search has found %d clauses", len(found.Hits))
	}
	ids := []string{found.Hits[0].Clause.ID, found.Hits[1].Clause.ID}
	edit := func(f url.Values, name, value string) (string, string) {
		t.Helper()
		f.Set(name, value)
		ann.post(at+"/edit", f).sees(200, `id="editor"`)
		text := regexp.MustCompile(`(?s)<textarea id="text"[^>]*>\n(.*?)</textarea>`).FindStringSubmatch(ann.page)[1]
		var clauses []string
		for _, m := range regexp.MustCompile(`name="clause" value="([^"]*)"`).FindAllStringSubmatch(ann.page, -1) {
			clauses = append(clauses, m[1])
		}
		return text, strings.Join(clauses, " ")
	}
	check := func(what, text, clauses, wantText string, want ...string) {
		t.Helper()
		if text != wantText || clauses != strings.Join(want, " ") {
			t.Errorf("%s: %q with %q, want %q with %q", what, text, clauses, wantText, want)
		}
	}
	f := draft("0", "甲。\r\n乙。")
	f.Set("at", "2")
	text, clauses := edit(f, "cite", ids[0])
	check("cite", text, clauses, "甲。[1]\n乙。", ids[0])
	text, clauses = edit(draft("0", "甲。", ids[0]), "cite", ids[0])
	check("cite without a place", text, clauses, "甲。", ids[0])
	text, clauses = edit(draft("0", "甲。", ids[0]), "apply", ids[1]+"@2")
	check("apply", text, clauses, "甲。[2]", ids[0], ids[1])
	text, clauses = edit(draft("0", "甲。 [1]\n乙。[1,2]\n〔2020〕[2]号", ids[0], ids[1]), "uncite", "1")
	check("uncite", text, clauses, "甲。\n乙。[1]\n〔2020〕[2]号", ids[1])
	text, clauses = edit(draft("0", "甲。", ids[0]), "uncite", "7")
	check("uncite what is not there", text, clauses, "甲。", ids[0])
	text, clauses = edit(draft("0", "甲。[1]\n此致", ids[0]), "notice", "说明：已过期。")
	check("notice", text, clauses, "甲。[1]\n说明：已过期。\n此致", ids[0])
	f = draft("0", "新。", ids[0])
	f.Set("was", "旧。\n")
	f.Set("wasclause", ids[1])
	text, clauses = edit(f, "undo", "yes")
	check("undo", text, clauses, "旧。\n", ids[1])
	ann.post(at+"/edit", url.Values{"text": {"keep me"}, "op": {"find"}, "q": {"研发 补贴"}, "base": {"0"}}).sees(200, "keep me</textarea>", `class="hits"`)
	if list, err := w.journal.ListDrafts(t.Context(), k.ID); err != nil || len(list) != 0 {
		t.Errorf("something was stored: %v %v", list, err)
	}
}

// TestDeskSuggestions: what the check suggests makes the reply one that can be sent, by its buttons alone.
func TestDeskSuggestions(t *testing.T) {
	w := newWorld(t, setup{})
	ann := w.signedIn("ann")
	k := w.asker().handedOver(listing)
	at := "/desk/cases/" + k.ID
	text, clauses := ann.suggested(k)
	claim := strings.TrimSuffix(strings.Split(text, "\n")[3], "[1]")
	form := draft("1", claim)
	for range 6 {
		ann.post(at+"/check", form).sees(200)
		if strings.Contains(ann.page, "this can be sent") {
			return
		}
		next := regexp.MustCompile(`name="(apply|notice)" value="([^"]*)"`).FindStringSubmatch(ann.page)
		if next == nil {
			t.Fatalf("nothing is suggested for %q with %v, of %v:\n%s", form.Get("text"), form["clause"], clauses, ann.page)
		}
		form.Set(next[1], strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&amp;", "&").Replace(next[2]))
		ann.post(at+"/edit", form).sees(200)
		form = draft("1", regexp.MustCompile(`(?s)<textarea id="text"[^>]*>\n(.*?)</textarea>`).FindStringSubmatch(ann.page)[1])
		for _, m := range regexp.MustCompile(`name="clause" value="([^"]*)"`).FindAllStringSubmatch(ann.page, -1) {
			form.Add("clause", m[1])
		}
	}
	t.Errorf("it never became one that can be sent: %v", form)
}

// TestDeskLog: questions without an answer and answers with a bad rating are taken or dismissed, each once.
func TestDeskLog(t *testing.T) {
	w := newWorld(t, setup{})
	asker, ann, bea := w.asker(), w.signedIn("ann"), w.signedIn("bea")
	open := asker.asked("深圳市的人才公寓怎么申请？")
	rated := asker.asked(listing)
	asker.post("/answers/"+rated+"/feedback", url.Values{"good": {"no"}, "text": {"too old"}})
	ann.get("/desk").sees(200, "人才公寓", "too old", "/desk/questions/"+open+"/take", "/desk/questions/"+rated+"/dismiss")
	ann.post("/desk/questions/"+open+"/dismiss", url.Values{"kind": {kindRated}, "why": {"x"}}).sees(409, "not of that kind")
	ann.post("/desk/questions/"+open+"/dismiss", url.Values{"kind": {kindAbstained}, "why": {" "}}).sees(422, "give a reason")
	ann.post("/desk/questions/"+open+"/dismiss", url.Values{"kind": {kindAbstained}, "why": {"not our town"}, "back": {"/desk?tab=abstained"}}).sees(200, "There is nothing here")
	bea.get("/desk?tab=closed").sees(200, "人才公寓", "not our town")
	bea.post("/desk/questions/"+open+"/dismiss", url.Values{"kind": {kindAbstained}, "why": {"again"}}).sees(409, "Somebody sees to this question already")

	ann.post("/desk/questions/"+rated+"/take", url.Values{"kind": {kindRated}}).sees(200, "owner: ann", listing)
	bea.post("/desk/questions/"+rated+"/take", url.Values{"kind": {kindRated}}).sees(200, "owner: ann")
	ann.get("/desk?tab=mine").sees(200, listing, "not helpful")
	ann.post(strings.TrimSuffix(bea.at, "/")+"/close", url.Values{"why": {"nothing to add"}}).sees(200, "Closed by ann", "nothing to add")
	if strings.Contains(asker.get("/?c="+conversation).page, `data-state="handed_over"`) {
		t.Error("the asker still waits for what was closed")
	}
	ann.post("/desk/questions/a-none/take", url.Values{"kind": {kindRated}}).sees(404)
}

// TestDeskList: age, filters, search, order and pages of the inbox.
func TestDeskList(t *testing.T) {
	w := newWorld(t, setup{})
	ann := w.signedIn("ann")
	for n := range 35 {
		_, err := w.journal.OpenCase(t.Context(), journal.NewCase{
			ID: fmt.Sprintf("c-%d", n), Reason: "undeliverable", Text: fmt.Sprintf("number %d of many", n), Channel: "carrier-pigeon", User: "u",
		}, time.Now().UTC().Truncate(time.Microsecond).Add(time.Duration(n)*time.Second))
		must(t, err)
	}
	_, err := w.journal.Assign(t.Context(), "c-3", "ann", "ann", time.Now())
	must(t, err)
	shows := func(path string, want int, first string) string {
		t.Helper()
		ann.get(path).sees(200)
		rows := regexp.MustCompile(`href="/desk/cases/(c-\d+)"`).FindAllStringSubmatch(ann.page, -1)
		if len(rows) != want || want > 0 && rows[0][1] != first {
			t.Errorf("%s shows %v, want %d from %s", path, rows, want, first)
		}
		return ann.page
	}
	page := shows("/desk", 30, "c-0")
	if strings.Contains(page, "overdue") || !strings.Contains(page, "page 1 of 2") {
		t.Error("the first page is not right")
	}
	shows("/desk?page=2", 5, "c-30")
	shows("/desk?page=99", 5, "c-30")
	shows("/desk?sort=newest", 30, "c-34")
	shows("/desk?q=number+33", 1, "c-33")
	shows("/desk?q=number+nothing", 0, "")
	shows("/desk?owner=ann", 1, "c-3")
	shows("/desk?tab=mine", 1, "c-3")
	shows("/desk?owner=-&page=2", 4, "c-31")
	shows("/desk?channel=carrier-pigeon&reason=undeliverable&page=2", 5, "c-30")
	shows("/desk?channel=http", 0, "")
	shows("/desk?tab=nonsense", 30, "c-0")
	w.later(25 * time.Hour)
	ann = w.signedIn("ann")
	if page := shows("/desk", 30, "c-0"); !strings.Contains(page, "overdue") {
		t.Error("what has waited a day is not marked")
	}
}

// TestDeskPresence: who has the same case open is told, until they are gone for a while.
func TestDeskPresence(t *testing.T) {
	w := newWorld(t, setup{})
	ann, bea := w.signedIn("ann"), w.signedIn("bea")
	k := w.asker().handedOver(listing)
	at := "/desk/cases/" + k.ID
	ann.get(at).sees(200)
	if strings.Contains(ann.page, "this open too") {
		t.Error("ann is told of herself")
	}
	bea.get(at).sees(200, "ann has this open too")
	bea.post(at+"/presence", url.Values{"editing": {"yes"}}).sees(200, "ann has this open too")
	ann.post(at+"/presence", url.Values{}).sees(200, "bea is editing")
	w.later(31 * time.Second)
	if strings.Contains(ann.post(at+"/presence", url.Values{}).page, "bea") {
		t.Error("bea is still here")
	}
}

// TestDeskSimilar: a reply to the same question is offered, and can be taken over.
func TestDeskSimilar(t *testing.T) {
	w := newWorld(t, setup{})
	ann := w.signedIn("ann")
	first := w.asker().handedOver(listing)
	text, clauses := ann.suggested(first)
	ann.post("/desk/cases/"+first.ID+"/send", draft("1", text, clauses...)).sees(200, "Reply by ann")
	second := w.asker().handedOver("厦门生物医药企业上市的目标是什么？")
	at := "/desk/cases/" + second.ID
	ann.get(at).sees(200, "Earlier replies to similar questions", `name="use" value="`+first.ID+`"`)
	form := draft("0", "mine so far")
	form.Set("use", first.ID)
	ann.post(at+"/edit", form).sees(200, "贵公司：", clauses[0], "mine so far</textarea>", "Undo the last step")
	form.Set("use", second.ID)
	ann.post(at+"/edit", form).sees(422, "mine so far</textarea>", "no reply to use")
}

// deskRoutes are all addresses of the desk, for a case and a question.
func deskRoutes(k, q string) map[string][]string {
	at := "/desk/cases/" + k
	posts := []string{"/desk/questions/" + q + "/take", "/desk/questions/" + q + "/dismiss"}
	for _, does := range []string{"presence", "assign", "edit", "check", "save", "program", "submit", "approve", "return", "send", "close"} {
		posts = append(posts, at+"/"+does)
	}
	return map[string][]string{http.MethodGet: {"/desk", at, at + "/clauses?q=x", at + "/history", at + "/print"}, http.MethodPost: posts}
}

// TestDeskAccess: nobody below the staff gets anything from the desk, or changes anything.
func TestDeskAccess(t *testing.T) {
	w := newWorld(t, setup{})
	asker := w.asker()
	k := asker.handedOver(listing)
	before, err := json.Marshal(k)
	must(t, err)
	vic, vicsScript := w.signedIn("vic"), w.visitor()
	vicsScript.cookies, vicsScript.part = vic.cookies, true
	for method, paths := range deskRoutes(k.ID, k.Question) {
		for _, path := range paths {
			form := draft("0", "Words.")
			form.Set("why", "because")
			form.Set("kind", kindAbstained)
			form.Set("revision", "1")
			if method == http.MethodGet {
				form = nil
			}
			nobody := w.visitor().ask(method, path, form)
			if method == http.MethodGet && (nobody.code != 303 || !strings.HasPrefix(nobody.header.Get("Location"), "/login")) || method == http.MethodPost && nobody.code != 401 {
				t.Errorf("%s %s for nobody: %d", method, path, nobody.code)
			}
			for _, who := range []*person{vic, vicsScript} {
				who.ask(method, path, form)
				if who.code != 403 || strings.Contains(who.page, listing) || strings.Contains(nobody.page, listing) {
					t.Errorf("%s %s for a viewer: %d", method, path, who.code)
				}
			}
		}
	}
	now, err := w.service.Case(t.Context(), k.ID)
	must(t, err)
	if after, err := json.Marshal(now); err != nil || string(after) != string(before) || len(w.did()) > 0 {
		t.Errorf("something was changed: %s (%v) %v", after, err, w.did())
	}
}

// TestDeskHostile: what people write comes out as text, in every page and every part, in both languages.
func TestDeskHostile(t *testing.T) {
	w := newWorld(t, setup{})
	const evil = `</textarea></p>"'><script>alert(1)</script><img src=x onerror=alert(1)>{{.}}{}`
	ann := w.signedIn("ann")
	id := w.asker().asked("深圳市的人才公寓怎么申请？" + evil)
	pages := []string{ann.get("/desk?q=" + url.QueryEscape(evil) + "&owner=" + url.QueryEscape(evil)).page, ann.get("/desk").page}
	k := w.asker().handedOver(listing + evil)
	at := "/desk/cases/" + k.ID
	form := url.Values{"base": {"0"}, "text": {evil}, "clause": {evil}, "q": {evil}, "at": {evil}, "was": {evil}, "wasclause": {evil}, "lang": {evil}}
	visit := func(path string, f url.Values) {
		for _, part := range []bool{false, true} {
			for _, lang := range []string{"zh", "en"} {
				ann.part, ann.lang = part, lang
				if f == nil {
					ann.get(path)
				} else {
					ann.post(path, f)
				}
				if ann.code >= 500 {
					t.Fatalf("%s: %d %s", path, ann.code, ann.page)
				}
				pages = append(pages, ann.page)
			}
		}
		ann.part = false
	}
	for _, name := range []string{"cite", "uncite", "apply", "notice", "use", "undo", "theirs", "op"} {
		f := url.Values{name: {evil}}
		for field, values := range form {
			f[field] = values
		}
		visit(at+"/edit", f)
	}
	visit(at+"/check", form)
	visit(at+"/clauses?q="+url.QueryEscape(evil), nil)
	visit(at+"/assign", url.Values{"owner": {evil}})
	visit(at+"/save", form)
	form.Set("base", "7")
	visit(at+"/save", form) // a clash
	visit(at+"/send", form)
	form.Set("base", "1")
	visit(at+"/program", form)
	visit(at+"/submit", draft("1", evil+"!", evil))
	bea := w.signedIn("bea")
	bea.post(at+"/return", url.Values{"revision": {"3"}, "why": {evil}})
	for _, path := range []string{at, at + "/history", at + "/print", "/desk"} {
		visit(path, nil)
	}
	visit("/desk/questions/"+id+"/dismiss", url.Values{"kind": {kindAbstained}, "why": {evil}, "back": {"//evil.example"}})
	visit(at+"/close", url.Values{"why": {evil}})
	visit("/desk?tab=closed", nil)
	for _, p := range pages {
		if strings.Contains(p, "<script>alert") || strings.Contains(p, "<img src=x") {
			t.Fatalf("it came out as markup:\n%s", p)
		}
	}
}

// TestDeskLanguages: each page and part of the desk is there in both languages.
func TestDeskLanguages(t *testing.T) {
	w := newWorld(t, setup{})
	ann := w.signedIn("ann")
	k := w.asker().handedOver(listing)
	at := "/desk/cases/" + k.ID
	text, clauses := ann.suggested(k)
	for lang, words := range map[string][]string{
		"zh": {"待办", "修改记录", "各稿", "打印", "核对", "没有依据", "也打开着"}, "en": {"To do", "Edit history", "Revisions", "Print", "Check", "", ""},
	} {
		ann.lang = lang
		for i, path := range []string{"/desk", at, at + "/history", at + "/print"} {
			ann.get(path).sees(200, words[i], `lang="`+map[string]string{"zh": "zh-CN", "en": "en"}[lang]+`"`)
		}
		ann.post(at+"/check", draft("1", text+"\n全市奖励999万元。", clauses...)).sees(200, words[4])
	}
	if _, err := w.service.RespondWith(t.Context(), journal.Response{Case: k.ID, By: "ann", Text: "Thank you.", Clauses: clauses}); err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"zh", "en"} {
		ann.lang = lang
		ann.get(at).sees(200, "Thank you.")
		ann.get(at+"/print").sees(200, "Reply to a policy enquiry", "Thank you.") // in the language of the reply
	}
}

// TestDeskErased: of an asker who was forgotten nothing is shown, and nobody can be replied to.
func TestDeskErased(t *testing.T) {
	w := newWorld(t, setup{})
	ann := w.signedIn("ann")
	k := w.asker().handedOver(listing)
	other := w.asker()
	other.asked("深圳市的人才公寓怎么申请？")
	at := "/desk/cases/" + k.ID
	ann.suggested(k)
	_, err := w.journal.Erase(t.Context(), k.User, time.Now())
	must(t, err)
	ann.get(at).sees(200, "data were erased")
	if strings.Contains(ann.page, listing) || strings.Contains(ann.page, "人才公寓") || strings.Contains(ann.page, "12家") {
		t.Errorf("something is left:\n%s", ann.page)
	}
	for _, does := range []string{"save", "submit", "send"} {
		ann.post(at+"/"+does, draft("1", "Words.")).sees(409, "data were erased")
	}
	ann.get("/desk").sees(200, "the text was removed")
}
