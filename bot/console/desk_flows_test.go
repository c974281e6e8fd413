package console_test

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
func (b *browser) suggested(k journal.Case) (text string, clauses []string) {
	b.s.t.Helper()
	code, page := b.post("/desk/cases/"+k.ID+"/program", draft("0", ""))
	b.sees(code, page, http.StatusOK)
	list, err := b.s.journal.ListDrafts(b.s.t.Context(), k.ID)
	must(b.s.t, err)
	return filled(list[0].Text), list[0].Clauses
}

// TestDeskClash: two people write on the same revision. Nothing is lost, and each can go on from either text.
func TestDeskClash(t *testing.T) {
	s := newSite(t)
	ann, bea := s.signedIn("ann"), s.signedIn("bea")
	k := s.handedOver(s.visitor(), listing)
	at := "/desk/cases/" + k.ID
	code, page := ann.post(at+"/save", draft("0", "Ann was here first."))
	ann.sees(code, page, 200, "Revision 1")
	code, page = bea.post(at+"/save", draft("0", "Bea wrote this meanwhile."))
	bea.sees(code, page, 409, "Ann was here first.", "Bea wrote this meanwhile.</textarea>", "ann has saved revision 1 before you", "<del>", "<ins>", `name="over" value="1"`)
	for _, does := range []string{"submit", "send", "program"} {
		code, page = bea.post(at+"/"+does, draft("0", "Bea wrote this meanwhile."))
		bea.sees(code, page, 409, "Bea wrote this meanwhile.</textarea>", "Ann was here first.")
	}
	form := draft("0", "Bea wrote this meanwhile.")
	form.Set("theirs", "yes")
	code, page = bea.post(at+"/edit", form)
	bea.sees(code, page, 200, "Ann was here first.</textarea>", `name="base" value="1"`, "Bea wrote this meanwhile.</textarea>")
	form = draft("0", "Bea wrote this meanwhile.")
	form.Set("over", "1")
	code, page = bea.post(at+"/save", form)
	bea.sees(code, page, 200, "Revision 2, saved by bea", "Bea wrote this meanwhile.</textarea>")
	list, err := s.journal.ListDrafts(t.Context(), k.ID)
	must(t, err)
	if len(list) != 2 || list[0].Text != "Ann was here first." || list[1].Base != 1 {
		t.Errorf("the revisions are %+v", list)
	}
}

// TestDeskAutosave: of its own accord a page saves only what goes on from its reader's own revision.
func TestDeskAutosave(t *testing.T) {
	s := newSite(t)
	ann, bea := s.signedIn("ann"), s.signedIn("bea")
	ann.part, bea.part = true, true
	k := s.handedOver(s.visitor(), listing)
	at := "/desk/cases/" + k.ID
	auto := func(base, text string) url.Values {
		f := draft(base, text)
		f.Set("auto", "yes")
		return f
	}
	code, page := ann.post(at+"/save", auto("0", "One."))
	ann.sees(code, page, 200, `data-base="1"`, `data-own="yes"`)
	code, page = ann.post(at+"/save", auto("1", "Two."))
	ann.sees(code, page, 200, `data-base="2"`)
	code, page = bea.post(at+"/save", auto("2", "Three."))
	bea.sees(code, page, 409, "nothing is saved by itself")
	code, page = bea.post(at+"/save", draft("2", "Three."))
	bea.sees(code, page, 200, `data-base="3"`)
	code, page = bea.post(at+"/submit", draft("3", "Three."))
	bea.sees(code, page, 200)
	code, page = bea.post(at+"/save", auto("3", "Four."))
	bea.sees(code, page, 409, "nothing is saved by itself")
	list, err := s.journal.ListDrafts(t.Context(), k.ID)
	must(t, err)
	if len(list) != 3 {
		t.Errorf("%d revisions, want 3", len(list))
	}
}

// TestDeskApproval: in approval mode nothing goes out but the approved revision to the letter, whatever a form says.
func TestDeskApproval(t *testing.T) {
	s := newSite(t)
	ann, bea := s.signedIn("ann"), s.signedIn("bea")
	k := s.handedOver(s.visitor(), listing)
	at := "/desk/cases/" + k.ID
	text, clauses := ann.suggested(k)
	must(t, s.journal.SetSetting(t.Context(), journal.SettingApproval, journal.ApprovalOn))
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
	refused := func(who *browser, revision string) {
		t.Helper()
		for _, f := range forms(revision) {
			if code, page := who.post(at+"/send", f); code != http.StatusConflict {
				t.Fatalf("sending %v: status %d\n%s", f, code, page)
			}
		}
	}
	refused(ann, "1")
	code, page := ann.post(at+"/submit", draft("1", text, clauses...))
	ann.sees(code, page, 200)
	refused(ann, "2")
	refused(bea, "2")
	code, page = bea.post(at+"/approve", url.Values{"revision": {"1"}})
	bea.sees(code, page, 409, "Revision 2 by ann is the latest")
	code, page = bea.post(at+"/approve", url.Values{"revision": {"2"}})
	bea.sees(code, page, 200)
	code, page = bea.post(at+"/send", url.Values{"revision": {"1"}})
	bea.sees(code, page, 409)
	code, page = ann.post(at+"/save", draft("2", text+"\n多谢来函。", clauses...))
	ann.sees(code, page, 200, "Revision 3")
	refused(bea, "3")
	code, page = ann.post(at+"/submit", draft("3", text+"\n多谢来函。", clauses...))
	ann.sees(code, page, 200)
	code, page = bea.post(at+"/approve", url.Values{"revision": {"3"}})
	bea.sees(code, page, 200)
	code, page = bea.post(at+"/send", url.Values{"revision": {"3"}, "text": {"Other words."}, "although": {"yes"}, "why": {"x"}})
	bea.sees(code, page, 200, "Reply by bea")
	got, err := s.service.Case(t.Context(), k.ID)
	must(t, err)
	if got.Response != text+"\n多谢来函。" {
		t.Errorf("what was sent is %q", got.Response)
	}
}

// TestDeskAlthough: what the check finds keeps a reply from being sent, unless somebody ticks a box and says why.
func TestDeskAlthough(t *testing.T) {
	s := newSite(t)
	ann := s.signedIn("ann")
	k := s.handedOver(s.visitor(), listing)
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
		code, page := ann.post(at+"/send", f)
		ann.sees(code, page, 422, "the check has found something", "needs a clause", "999")
	}
	f := draft("1", form.Get("text"))
	f.Set("although", "yes")
	f.Set("why", "the office insists")
	code, page := ann.post(at+"/send", f)
	ann.sees(code, page, 200, "Reply by ann")
	if audit := strings.Join(s.did(), "\n"); !strings.Contains(audit, "ann case.replied_unchecked revision=1 findings=1 why=the office insists") {
		t.Errorf("the audit: %s", audit)
	}
	code, page = ann.post(at+"/send", f)
	ann.sees(code, page, 409, "replied to already")
}

// TestDeskEdit: the buttons of the editor change text and clauses together, and store nothing.
func TestDeskEdit(t *testing.T) {
	s := newSite(t)
	ann := s.signedIn("ann")
	k := s.handedOver(s.visitor(), listing)
	at := "/desk/cases/" + k.ID
	ids := s.found(listing, 2)
	edit := func(f url.Values, name, value string) (string, string) {
		t.Helper()
		f.Set(name, value)
		code, page := ann.post(at+"/edit", f)
		ann.sees(code, page, 200, `id="editor"`)
		text := regexp.MustCompile(`(?s)<textarea id="text"[^>]*>\n(.*?)</textarea>`).FindStringSubmatch(page)[1]
		var clauses []string
		for _, m := range regexp.MustCompile(`name="clause" value="([^"]*)"`).FindAllStringSubmatch(page, -1) {
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
	code, page := ann.post(at+"/edit", url.Values{"text": {"keep me"}, "op": {"find"}, "q": {"研发 补贴"}, "base": {"0"}})
	ann.sees(code, page, 200, "keep me</textarea>", `class="hits"`)
	if list, err := s.journal.ListDrafts(t.Context(), k.ID); err != nil || len(list) != 0 {
		t.Errorf("something was stored: %v %v", list, err)
	}
}

// TestDeskSuggestions: what the check suggests makes the reply one that can be sent, by its buttons alone.
func TestDeskSuggestions(t *testing.T) {
	s := newSite(t)
	ann := s.signedIn("ann")
	k := s.handedOver(s.visitor(), listing)
	at := "/desk/cases/" + k.ID
	text, clauses := ann.suggested(k)
	claim := strings.TrimSuffix(strings.Split(text, "\n")[3], "[1]")
	form := draft("1", claim)
	for range 6 {
		code, page := ann.post(at+"/check", form)
		ann.sees(code, page, 200)
		if strings.Contains(page, "this can be sent") {
			return
		}
		next := regexp.MustCompile(`name="(apply|notice)" value="([^"]*)"`).FindStringSubmatch(page)
		if next == nil {
			t.Fatalf("nothing is suggested for %q with %v, of %v:\n%s", form.Get("text"), form["clause"], clauses, page)
		}
		form.Set(next[1], strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&amp;", "&").Replace(next[2]))
		code, page = ann.post(at+"/edit", form)
		ann.sees(code, page, 200)
		form = draft("1", regexp.MustCompile(`(?s)<textarea id="text"[^>]*>\n(.*?)</textarea>`).FindStringSubmatch(page)[1])
		for _, m := range regexp.MustCompile(`name="clause" value="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			form.Add("clause", m[1])
		}
	}
	t.Errorf("it never became one that can be sent: %v", form)
}

// TestDeskLog: questions without an answer and answers with a bad rating are taken or dismissed, each once.
func TestDeskLog(t *testing.T) {
	s := newSite(t)
	asker, ann, bea := s.visitor(), s.signedIn("ann"), s.signedIn("bea")
	open := asker.asked("深圳市的人才公寓怎么申请？")
	rated := asker.asked(listing)
	asker.post("/answers/"+rated+"/feedback", url.Values{"good": {"no"}, "text": {"too old"}})
	code, page := ann.get("/desk")
	ann.sees(code, page, 200, "人才公寓", "too old", "/desk/questions/"+open+"/take", "/desk/questions/"+rated+"/dismiss")
	code, page = ann.post("/desk/questions/"+open+"/dismiss", url.Values{"kind": {kindRated}, "why": {"x"}})
	ann.sees(code, page, 409, "not of that kind")
	code, page = ann.post("/desk/questions/"+open+"/dismiss", url.Values{"kind": {kindAbstained}, "why": {" "}})
	ann.sees(code, page, 422, "give a reason")
	code, page = ann.post("/desk/questions/"+open+"/dismiss", url.Values{"kind": {kindAbstained}, "why": {"not our town"}, "back": {"/desk?tab=abstained"}})
	ann.sees(code, page, 200, "There is nothing here")
	code, page = bea.get("/desk?tab=closed")
	bea.sees(code, page, 200, "人才公寓", "not our town")
	code, page = bea.post("/desk/questions/"+open+"/dismiss", url.Values{"kind": {kindAbstained}, "why": {"again"}})
	bea.sees(code, page, 409, "Somebody sees to this question already")

	code, page = ann.post("/desk/questions/"+rated+"/take", url.Values{"kind": {kindRated}})
	ann.sees(code, page, 200, "owner: ann", listing)
	code, page = bea.post("/desk/questions/"+rated+"/take", url.Values{"kind": {kindRated}})
	bea.sees(code, page, 200, "owner: ann")
	code, page = ann.get("/desk?tab=mine")
	ann.sees(code, page, 200, listing, "not helpful")
	code, page = ann.post(strings.TrimSuffix(bea.at, "/")+"/close", url.Values{"why": {"nothing to add"}})
	ann.sees(code, page, 200, "Closed by ann", "nothing to add")
	if _, page = asker.get("/?c=" + conversation); strings.Contains(page, `data-state="handed_over"`) {
		t.Error("the asker still waits for what was closed")
	}
	code, page = ann.post("/desk/questions/a-none/take", url.Values{"kind": {kindRated}})
	ann.sees(code, page, 404)
}

const (
	kindAbstained = "abstained"
	kindRated     = "rated"
)

// TestDeskList: age, filters, search, order and pages of the inbox.
func TestDeskList(t *testing.T) {
	s := newSite(t)
	ann := s.signedIn("ann")
	for n := range 35 {
		_, err := s.journal.OpenCase(t.Context(), journal.NewCase{
			ID: fmt.Sprintf("c-%d", n), Reason: "undeliverable", Text: fmt.Sprintf("number %d of many", n), Channel: "carrier-pigeon", User: "u",
		}, time.Now().UTC().Truncate(time.Microsecond).Add(time.Duration(n)*time.Second))
		must(t, err)
	}
	_, err := s.journal.Assign(t.Context(), "c-3", "ann", "ann", time.Now())
	must(t, err)
	shows := func(path string, want int, first string) string {
		t.Helper()
		code, page := ann.get(path)
		ann.sees(code, page, 200)
		rows := regexp.MustCompile(`href="/desk/cases/(c-\d+)"`).FindAllStringSubmatch(page, -1)
		if len(rows) != want || want > 0 && rows[0][1] != first {
			t.Errorf("%s shows %v, want %d from %s", path, rows, want, first)
		}
		return page
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
	s.later(25 * time.Hour)
	ann = s.signedIn("ann")
	if page := shows("/desk", 30, "c-0"); !strings.Contains(page, "overdue") {
		t.Error("what has waited a day is not marked")
	}
}

// TestDeskPresence: who has the same case open is told, until they are gone for a while.
func TestDeskPresence(t *testing.T) {
	s := newSite(t)
	ann, bea := s.signedIn("ann"), s.signedIn("bea")
	k := s.handedOver(s.visitor(), listing)
	at := "/desk/cases/" + k.ID
	code, page := ann.get(at)
	ann.sees(code, page, 200)
	if strings.Contains(page, "this open too") {
		t.Error("ann is told of herself")
	}
	code, page = bea.get(at)
	bea.sees(code, page, 200, "ann has this open too")
	code, page = bea.post(at+"/presence", url.Values{"editing": {"yes"}})
	bea.sees(code, page, 200, "ann has this open too")
	code, page = ann.post(at+"/presence", url.Values{})
	ann.sees(code, page, 200, "bea is editing")
	s.later(31 * time.Second)
	if _, page = ann.post(at+"/presence", url.Values{}); strings.Contains(page, "bea") {
		t.Error("bea is still here")
	}
}

// TestDeskSimilar: a reply to the same question is offered, and can be taken over.
func TestDeskSimilar(t *testing.T) {
	s := newSite(t)
	ann := s.signedIn("ann")
	first := s.handedOver(s.visitor(), listing)
	text, clauses := ann.suggested(first)
	code, page := ann.post("/desk/cases/"+first.ID+"/send", draft("1", text, clauses...))
	ann.sees(code, page, 200, "Reply by ann")
	second := s.handedOver(s.visitor(), "厦门生物医药企业上市的目标是什么？")
	at := "/desk/cases/" + second.ID
	code, page = ann.get(at)
	ann.sees(code, page, 200, "Earlier replies to similar questions", `name="use" value="`+first.ID+`"`)
	form := draft("0", "mine so far")
	form.Set("use", first.ID)
	code, page = ann.post(at+"/edit", form)
	ann.sees(code, page, 200, "贵公司：", clauses[0], "mine so far</textarea>", "Undo the last step")
	form.Set("use", second.ID)
	code, page = ann.post(at+"/edit", form)
	ann.sees(code, page, 422, "mine so far</textarea>", "no reply to use")
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
	s := newSite(t)
	asker := s.visitor()
	k := s.handedOver(asker, listing)
	before, err := json.Marshal(k)
	must(t, err)
	vic := s.signedIn("vic")
	for method, paths := range deskRoutes(k.ID, k.Question) {
		for _, path := range paths {
			form := draft("0", "Words.")
			form.Set("why", "because")
			form.Set("kind", kindAbstained)
			form.Set("revision", "1")
			if method == http.MethodGet {
				form = nil
			}
			code, to, page := s.visitor().do(method, path, form)
			if method == http.MethodGet && (code != 303 || !strings.HasPrefix(to, "/login")) || method == http.MethodPost && code != 401 {
				t.Errorf("%s %s for nobody: %d", method, path, code)
			}
			for _, who := range []*browser{vic, {s: s, cookies: vic.cookies, part: true}} {
				code, _, page2 := who.do(method, path, form)
				if code != 403 || strings.Contains(page2, listing) || strings.Contains(page, listing) {
					t.Errorf("%s %s for a viewer: %d", method, path, code)
				}
			}
		}
	}
	now, err := s.service.Case(t.Context(), k.ID)
	must(t, err)
	if after, err := json.Marshal(now); err != nil || string(after) != string(before) || len(s.did()) > 0 {
		t.Errorf("something was changed: %s (%v) %v", after, err, s.did())
	}
}

// TestDeskHostile: what people write comes out as text, in every page and every part, in both languages.
func TestDeskHostile(t *testing.T) {
	s := newSite(t)
	const evil = `</textarea></p>"'><script>alert(1)</script><img src=x onerror=alert(1)>{{.}}{}`
	ann := s.signedIn("ann")
	id := s.visitor().asked("深圳市的人才公寓怎么申请？" + evil)
	code, page := ann.get("/desk?q=" + url.QueryEscape(evil) + "&owner=" + url.QueryEscape(evil))
	pages := []string{page}
	_, page = ann.get("/desk")
	pages = append(pages, page)
	k := s.handedOver(s.visitor(), listing+evil)
	at := "/desk/cases/" + k.ID
	form := url.Values{"base": {"0"}, "text": {evil}, "clause": {evil}, "q": {evil}, "at": {evil}, "was": {evil}, "wasclause": {evil}, "lang": {evil}}
	visit := func(path string, f url.Values) {
		for _, part := range []bool{false, true} {
			for _, lang := range []string{"zh", "en"} {
				ann.part, ann.cookies["policybot_lang"] = part, lang
				if f == nil {
					code, page = ann.get(path)
				} else {
					code, page = ann.post(path, f)
				}
				if code >= 500 {
					t.Fatalf("%s: %d %s", path, code, page)
				}
				pages = append(pages, page)
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
	bea := s.signedIn("bea")
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
	s := newSite(t)
	ann := s.signedIn("ann")
	k := s.handedOver(s.visitor(), listing)
	at := "/desk/cases/" + k.ID
	text, clauses := ann.suggested(k)
	for lang, words := range map[string][]string{
		"zh": {"待办", "修改记录", "各稿", "打印", "核对", "没有依据", "也打开着"}, "en": {"To do", "Edit history", "Revisions", "Print", "Check", "", ""},
	} {
		ann.cookies["policybot_lang"] = lang
		for i, path := range []string{"/desk", at, at + "/history", at + "/print"} {
			code, page := ann.get(path)
			ann.sees(code, page, 200, words[i], `lang="`+map[string]string{"zh": "zh-CN", "en": "en"}[lang]+`"`)
		}
		code, page := ann.post(at+"/check", draft("1", text+"\n全市奖励999万元。", clauses...))
		ann.sees(code, page, 200, words[4])
	}
	if _, err := s.service.RespondWith(t.Context(), journal.Response{Case: k.ID, By: "ann", Text: "Thank you.", Clauses: clauses}); err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"zh", "en"} {
		ann.cookies["policybot_lang"] = lang
		code, page := ann.get(at)
		ann.sees(code, page, 200, "Thank you.")
		code, page = ann.get(at + "/print")
		ann.sees(code, page, 200, "Reply to a policy enquiry", "Thank you.") // in the language of the reply
	}
}

// TestDeskErased: of an asker who was forgotten nothing is shown, and nobody can be replied to.
func TestDeskErased(t *testing.T) {
	s := newSite(t)
	ann := s.signedIn("ann")
	k := s.handedOver(s.visitor(), listing)
	other := s.visitor()
	other.asked("深圳市的人才公寓怎么申请？")
	at := "/desk/cases/" + k.ID
	ann.suggested(k)
	_, err := s.journal.Erase(t.Context(), k.User, time.Now())
	must(t, err)
	code, page := ann.get(at)
	ann.sees(code, page, 200, "data were erased")
	if strings.Contains(page, listing) || strings.Contains(page, "人才公寓") || strings.Contains(page, "12家") {
		t.Errorf("something is left:\n%s", page)
	}
	for _, does := range []string{"save", "submit", "send"} {
		code, page = ann.post(at+"/"+does, draft("1", "Words."))
		ann.sees(code, page, 409, "data were erased")
	}
	code, page = ann.get("/desk")
	ann.sees(code, page, 200, "the text was removed")
}
