package console

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"policybot/bot/eval"
	"policybot/bot/journal"
	"policybot/retrieval/bridge"
)

// TestOpsAccess asks for every address of operations as who may not.
func TestOpsAccess(t *testing.T) {
	w := newWorld(t, setup{files: true})
	tried, olga := 0, w.signedIn("olga")
	people := map[string]*person{"nobody": w.visitor(), "vic": w.signedIn("vic"), "ann": w.signedIn("ann")}
	for _, to := range routes {
		if to.need != ops {
			continue
		}
		tried++
		path := strings.ReplaceAll(to.path, "{id}", "x")
		form := map[string]url.Values{http.MethodPost: {"x": {"y"}}}[to.method]
		for name, p := range people {
			p.ask(to.method, path, form)
			want := http.StatusForbidden
			if name == "nobody" {
				want = map[string]int{http.MethodGet: http.StatusSeeOther, http.MethodPost: http.StatusUnauthorized}[to.method]
			}
			if p.code != want || want == http.StatusSeeOther && !strings.HasPrefix(p.header.Get("Location"), "/login?to=") {
				t.Errorf("%s %s as %s: %d, want %d: %.200s", to.method, path, name, p.code, want, p.page)
			}
		}
		if olga.ask(to.method, path, form); olga.code == http.StatusForbidden || olga.code == http.StatusUnauthorized || olga.code >= 500 {
			t.Errorf("%s %s as olga: %d", to.method, path, olga.code)
		}
	}
	if tried < 20 {
		t.Fatalf("%d routes", tried)
	}
}

// TestOpsFigures wants nobody to see figures who may not read the log: those of few askers are not hidden.
func TestOpsFigures(t *testing.T) {
	needs := map[string]need{}
	for _, to := range routes {
		needs[to.method+" "+to.path] = to.need
	}
	if needs["GET /ops"] == "" || needs["GET /ops"] != needs["GET /ops/log"] || needs["GET /ops"] != needs["GET /ops/questions/{id}"] {
		t.Errorf("the overview needs %v, the log %v", needs["GET /ops"], needs["GET /ops/log"])
	}
}

// TestOpsFilter reads a filter with a value for everything, and finds it again.
func TestOpsFilter(t *testing.T) {
	now := time.Date(2026, 5, 20, 12, 0, 0, 0, time.Local)
	whole := url.Values{
		"q": {`补贴 "a b" <x>&`}, "since": {"2026-05-01"}, "until": {"2026-05-07"}, "outcome": {"abstained"}, "rating": {"bad"}, "in": {"yes"}, "channel": {"http"},
		"lang": {"zh"}, "reason": {"off_topic"}, "mode": {"extractive"}, "model": {"m"}, "place": {"厦门市"}, "document": {"d"}, "clause": {"c.1"}, "notice": {"undated"},
		"rating_reason": {"wrong"}, "case": {"open"}, "case_reason": {"asked"}, "verdict": {"right"}, "reviewer": {"olga"}, "asker": {"x"}, "dialogue": {"y"},
		"masked": {"yes"}, "duplicates": {"no"}, "ms_from": {"1"}, "ms_to": {"5"},
	}
	if got := readFilter(whole, now).Encode(); got != whole.Encode() {
		t.Errorf("got  %s\nwant %s", got, whole.Encode())
	}
	for _, name := range fieldNames() {
		if whole.Get(name) == "" {
			t.Errorf("the filter %s is not tried", name)
		}
	}
	for bad, want := range map[string]string{
		"outcome=no_such&q=a": "q=a", "since=yesterday": "", "ms_from=-1&ms_to=x": "", "span=7&since=2026-01-01": "span=7", "span=8": "", "other=1&q=": "", "rating=great": "",
	} {
		values, err := url.ParseQuery(bad)
		must(t, err)
		if got := readFilter(values, now).Encode(); got != want {
			t.Errorf("%s: %q, want %q", bad, got, want)
		}
	}
}

const (
	hotpot   = "开火锅店借钱的利息政府能帮着付一点吗"
	rightOne = "xiamen-2020-2022.h4.b2"
)

// baseOf is the review that a page of a question is on top of.
func baseOf(t *testing.T, page string) string {
	t.Helper()
	m := regexp.MustCompile(`name="base" value="(\d+)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no base on the page: %s", page)
	}
	return m[1]
}

// TestOpsEntry reviews a question, makes it an entry of a clause, finds the clause by it and five others like it, and takes
// it back.
func TestOpsEntry(t *testing.T) {
	w := newWorld(t, setup{files: true})
	id := w.visitor().asked(hotpot)
	asked := []string{
		hotpot, "开火锅店，借钱的利息政府帮着付一点吗？", "开火锅店借钱 利息 政府能帮着付吗", "我开火锅店，借钱的利息政府能不能帮着付一点", "开火锅店借来的钱，利息政府能帮着付一点吗",
		"火锅店借钱的利息，政府能帮着付一点吗", listing, "biomedical companies listed",
	}
	all := func() (out []string) {
		for _, q := range asked {
			_, found := w.searched(q, 50)
			text, err := json.Marshal(found)
			must(t, err)
			out = append(out, string(text))
		}
		return out
	}
	before := all()
	olga, path := w.signedIn("olga"), "/ops/questions/"+id
	page := olga.get(path).sees(http.StatusOK, hotpot).page
	olga.post(path+"/review", url.Values{"do": {"find"}, "base": {"0"}, "find": {"企业 贷款 贴息"}}).sees(http.StatusOK, "Clauses found", `name="clause" value="`)
	olga.post(path+"/review", url.Values{"do": {"save"}, "base": {baseOf(t, page)}, "verdict": {"should_answer"}, "clause": {rightOne}, "note": {"it does"}}).sees(http.StatusOK, "The review is saved", "Preview the effect")
	olga.post(path+"/entry", url.Values{"base": {"1"}, "do": {"preview"}}).sees(http.StatusOK, "The clause would go from", "to 1", "Make the entry")
	if now := all(); !slices.Equal(now, before) {
		t.Fatal("a preview changed the search")
	}
	olga.post(path+"/entry", url.Values{"base": {"1"}, "do": {"make"}}).sees(http.StatusOK, "It is an index entry now", "The clause stands at 1 now", "before")
	for _, q := range asked[:6] {
		if first, _ := w.searched(q, 50); first != rightOne {
			t.Errorf("%s finds %s first", q, first)
		}
	}
	if now := all(); now[6] != before[6] || now[7] != before[7] {
		t.Error("other questions find something else")
	}
	made := w.audited("entry.made")
	if len(made) != 1 || made[0].By != "olga" || made[0].Object != rightOne || strings.Contains(made[0].Detail, "火锅") {
		t.Errorf("audit: %+v", made)
	}
	entry := regexp.MustCompile(`/ops/entries/([^/]+)/undo`).FindStringSubmatch(olga.get("/ops/entries").sees(http.StatusOK, hotpot, "olga").page)[1]
	reviews, err := w.journal.Reviews(t.Context(), id)
	must(t, err)
	if n := len(reviews); n != 2 || reviews[1].Entry != entry || reviews[1].Verdict != journal.ShouldAnswer {
		t.Errorf("reviews %+v", reviews)
	}
	olga.post("/ops/entries/"+entry+"/undo", url.Values{"question": {id}}).sees(http.StatusOK, "The index entry is taken back")
	if !slices.Equal(all(), before) {
		t.Error("the search is not as it was, byte for byte")
	}
	if olga.post("/ops/entries/"+entry+"/undo", url.Values{}); olga.code != http.StatusNotFound {
		t.Errorf("taken back twice: %d", olga.code)
	}
	if reviews, err = w.journal.Reviews(t.Context(), id); err != nil || reviews[len(reviews)-1].Entry != "" || len(w.audited("entry.undone")) != 1 {
		t.Errorf("after undoing: %+v, %v", reviews, err)
	}
}

// TestOpsEntryFalls keeps a golden question from falling.
func TestOpsEntryFalls(t *testing.T) {
	w := newWorld(t, setup{files: true})
	olga := w.signedIn("olga")
	golden, other := w.visitor().asked(listing), w.visitor().asked("厦门对生物医药企业上市有什么目标呢？")
	first, _ := w.searched(listing, 50)
	olga.post("/ops/questions/"+golden+"/review", url.Values{"base": {"0"}, "verdict": {"right"}, "clause": {first}}).sees(http.StatusOK)
	olga.post("/ops/questions/"+golden+"/golden", url.Values{"expect": {"answer"}, "gold": {first}}).sees(http.StatusOK, "It is in the golden set now")
	olga.post("/ops/questions/"+other+"/review", url.Values{"base": {"0"}, "verdict": {"wrong_clause"}, "clause": {rightOne}}).sees(http.StatusOK)
	for _, do := range []string{"preview", "make"} {
		olga.post("/ops/questions/"+other+"/entry", url.Values{"base": {"1"}, "do": {do}}).sees(http.StatusConflict, "would fall", "Falls", listing)
	}
	if list, err := w.library.Taught(t.Context(), ""); err != nil || len(list) > 0 {
		t.Errorf("made %+v, %v", list, err)
	}
}

// TestOpsReviewConflict has two people review the same question.
func TestOpsReviewConflict(t *testing.T) {
	w := newWorld(t, setup{files: true})
	id := w.visitor().asked(listing)
	path := "/ops/questions/" + id + "/review"
	olga, otto := w.signedIn("olga"), w.signedIn("otto")
	olga.post(path, url.Values{"base": {"0"}, "verdict": {"right"}, "score0": {"supported"}, "note": {"mine"}}).sees(http.StatusOK)
	otto.post(path, url.Values{"base": {"0"}, "verdict": {"unclear"}, "note": {"his <b>own</b>"}, "score0": {"partly"}}).sees(http.StatusConflict, "olga saved another review", "mine", "his &lt;b&gt;own&lt;/b&gt;")
	otto.post(path, url.Values{"base": {baseOf(t, otto.page)}, "verdict": {"unclear"}, "note": {"his own"}}).sees(http.StatusOK, "Reviews so far (2)")
	for form, want := range map[string]int{"verdict=": 422, "verdict=great": 422, "verdict=right&clause=none.such": 422, "verdict=right&score0=much": 422} {
		values, err := url.ParseQuery(form + "&base=2")
		must(t, err)
		if otto.post(path, values); otto.code != want {
			t.Errorf("%s: %d %.300s", form, otto.code, otto.page)
		}
	}
	if list := w.audited("review.saved"); len(list) != 2 || strings.Contains(list[0].Detail, "own") {
		t.Errorf("audit %+v", list)
	}
	otto.post(path, url.Values{"base": {"2"}, "do": {"check"}, "verdict": {"wrong"}, "text": {"厦门有100家上市企业。[1]"}}).sees(http.StatusOK, "Not what the clause says")
}

// rowsOf are the ids of the questions on a page of the log.
func rowsOf(page string) (ids []string) {
	for _, m := range regexp.MustCompile(`href="/ops/questions/([^"?]+)`).FindAllStringSubmatch(page, -1) {
		if !slices.Contains(ids, m[1]) {
			ids = append(ids, m[1])
		}
	}
	return ids
}

// TestOpsExport exports views in each format: as many questions as the view has, in its order.
func TestOpsExport(t *testing.T) {
	w := newWorld(t, setup{files: true})
	olga, asker := w.signedIn("olga"), w.visitor()
	for i := range 7 {
		asker.asked(fmt.Sprintf("昆山对购买研发设备有什么补贴 %d", i))
	}
	asker.asked(`=cmd|' /C calc'!A0 补贴`)
	asker.asked("上海的落户积分怎么算？")
	for _, filter := range []string{"", "q=补贴", "outcome=abstained&q=%E8%90%BD%E6%88%B7", "q=nothing+like+it"} {
		page := olga.get("/ops/log?" + filter).sees(http.StatusOK).page
		want := rowsOf(page)
		if total := fmt.Sprintf("<strong>%d questions</strong>", len(want)); !strings.Contains(page, total) {
			t.Fatalf("%s: no %s", filter, total)
		}
		for _, format := range []string{"csv", "jsonl", "xlsx"} {
			got := olga.ask(http.MethodPost, "/ops/log/export", url.Values{"filter": {filter}, "format": {format}})
			if got.code != 200 || !strings.HasPrefix(got.header.Get("Content-Disposition"), `attachment; filename="policybot-log-`) ||
				!strings.HasSuffix(got.header.Get("Content-Disposition"), "."+format+`"`) || got.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Fatalf("%s: %d %v", format, got.code, got.header)
			}
			if ids := exported(t, format, got.page); format != "xlsx" && !slices.Equal(ids, want) {
				t.Errorf("%s of %q: %v, want %v", format, filter, ids, want)
			}
			if format == "csv" && strings.Contains(got.page, "\n=cmd") || strings.Contains(got.page, `,=cmd`) {
				t.Error("a formula is exported")
			}
		}
	}
	list := w.audited("log.exported")
	if len(list) != 12 || list[0].By != "olga" || !strings.Contains(list[0].Detail, "format=xlsx count=0") || strings.Contains(list[0].Detail, "nothing") {
		t.Errorf("audit: %d, %+v", len(list), list[0])
	}
	if olga.post("/ops/log/export", url.Values{"format": {"exe"}}); olga.code != http.StatusBadRequest {
		t.Errorf("no such format: %d", olga.code)
	}
}

// exported are the ids in a file.
func exported(t *testing.T, format, body string) (ids []string) {
	t.Helper()
	switch format {
	case "csv":
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff"))).ReadAll()
		must(t, err)
		for _, row := range rows[1:] {
			ids = append(ids, row[0])
		}
	case "jsonl":
		for line := range strings.Lines(body) {
			var row struct{ ID string }
			must(t, json.Unmarshal([]byte(line), &row))
			ids = append(ids, row.ID)
		}
	default:
		if !strings.HasPrefix(body, "PK") {
			t.Error("no XLSX")
		}
	}
	return ids
}

// TestOpsViews keeps views of one person from being changed by another.
func TestOpsViews(t *testing.T) {
	w := newWorld(t, setup{files: true})
	olga, otto := w.signedIn("olga"), w.signedIn("otto")
	olga.post("/ops/views", url.Values{"name": {"mine"}, "filter": {"outcome=abstained&done=x&q=a"}}).sees(http.StatusOK, "The view is saved", "mine")
	olga.post("/ops/views", url.Values{"name": {"ours <b>"}, "filter": {"rating=bad"}, "shared": {"yes"}}).sees(http.StatusOK, "ours &lt;b&gt;", "(shared)")
	if page := otto.get("/ops/log").sees(http.StatusOK, "(shared by olga)", `href="/ops/log?rating=bad"`).page; strings.Contains(page, ">mine<") {
		t.Error("a view that is not shared is seen")
	}
	for path, form := range map[string]url.Values{"rename": {"view": {"ours <b>"}, "name": {"his"}}, "delete": {"view": {"ours <b>"}}} {
		if otto.post("/ops/views/"+path, form); otto.code != http.StatusNotFound || !strings.Contains(otto.page, "theirs to change") {
			t.Errorf("%s of another's view: %d", path, otto.code)
		}
	}
	otto.post("/ops/views", url.Values{"name": {"ours <b>"}, "filter": {"lang=en"}}).sees(http.StatusOK)
	olga.get("/ops/log").sees(http.StatusOK, `href="/ops/log?rating=bad"`)
	olga.post("/ops/views/rename", url.Values{"view": {"mine"}, "name": {"still mine"}}).sees(http.StatusOK, "still mine")
	if olga.post("/ops/views/rename", url.Values{"view": {"still mine"}, "name": {"ours <b>"}}); olga.code != http.StatusConflict {
		t.Errorf("a taken name: %d", olga.code)
	}
	if olga.post("/ops/views", url.Values{"name": {" "}, "filter": {""}}); olga.code != http.StatusUnprocessableEntity {
		t.Errorf("no name: %d", olga.code)
	}
	if page := olga.post("/ops/views/delete", url.Values{"view": {"still mine"}}).sees(http.StatusOK, "The view is deleted").page; strings.Contains(page, "still mine") {
		t.Error("it is still there")
	}
	if views, err := w.journal.ListViews(t.Context(), "olga"); err != nil || len(views) != 1 || views[0].Query != "rating=bad" {
		t.Errorf("%+v, %v", views, err)
	}
}

const hostile = `<script>alert(1)</script>"><img src=x onerror=alert(2)> {{.}} 补贴`

// TestOpsHostile has a question, notes and names that would be more than text.
func TestOpsHostile(t *testing.T) {
	w := newWorld(t, setup{files: true})
	olga := w.signedIn("olga")
	id := w.visitor().asked(hostile)
	path := "/ops/questions/" + id
	olga.post(path+"/review", url.Values{"base": {"0"}, "verdict": {"should_answer"}, "note": {hostile}, "text": {hostile}, "clause": {rightOne}}).sees(http.StatusOK)
	olga.post("/ops/views", url.Values{"name": {`"><script>`}, "filter": {url.Values{"q": {hostile}}.Encode()}, "shared": {"yes"}}).sees(http.StatusOK)
	olga.post(path+"/entry", url.Values{"base": {"1"}, "do": {"make"}}).sees(http.StatusOK)
	olga.post(path+"/golden", url.Values{"expect": {"answer"}, "gold": {rightOne}}).sees(http.StatusOK)
	olga.post("/ops/gaps/mark", url.Values{"question": {id}, "note": {hostile}}).sees(http.StatusOK)
	for _, lang := range []string{"en", "zh"} {
		olga.lang = lang
		for _, p := range []string{
			"/ops", "/ops/log", "/ops/log?" + url.Values{"q": {hostile}, "place": {hostile}, "outcome": {hostile}}.Encode(), path, "/ops/entries", "/ops/gaps", "/ops/golden",
			"/ops/review?verdict=any", "/ops?" + url.Values{"channel": {hostile}}.Encode(), path + "?from=" + url.QueryEscape(hostile), "/ops/entries?clause=" + url.QueryEscape(hostile),
		} {
			page := olga.get(p).sees(http.StatusOK).page
			for _, bad := range []string{"<script>alert", "<img", "onerror=alert(2)>", "javascript:", " style="} {
				if strings.Contains(page, bad) {
					t.Errorf("%s in %s has %q", p, lang, bad)
				}
			}
		}
	}
}

// TestOpsPlots has labels that would be more than text, in pictures that must be well-formed.
func TestOpsPlots(t *testing.T) {
	label := `</svg></title><script>alert(1)</script>"'&` + "\x00\u202e"
	v := View{Lang: english}
	var drawn strings.Builder
	for _, p := range []plot{
		barPlot(v, "a", label, label, []string{label, label}, []plotItem{{Name: label, URL: "javascript:alert(1)", Value: 1, Shown: label}}),
		columnPlot(v, "b", label, label, []string{label, label}, []string{label, label}, []int{1, 2}, []int{2, 1}),
	} {
		must(t, templates["opsoverview"].ExecuteTemplate(&drawn, "opsplot", p))
	}
	page := drawn.String()
	if strings.Contains(page, "<script") || strings.Contains(page, "javascript:") {
		t.Errorf("more than text: %s", page)
	}
	pictures := regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(page, -1)
	if len(pictures) != 2 {
		t.Fatalf("%d pictures", len(pictures))
	}
	for _, one := range pictures {
		for d := xml.NewDecoder(strings.NewReader(strings.ReplaceAll(one, "\ufffd", ""))); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%v in %s", err, one)
			}
		}
		if !strings.Contains(one, "<desc") || !strings.Contains(one, "viewBox") || !strings.Contains(one, `role="img"`) {
			t.Errorf("not described: %s", one)
		}
	}
}

// TestOpsQuestion shows and replays a question, and tells only a code of who asked.
func TestOpsQuestion(t *testing.T) {
	w := newWorld(t, setup{files: true})
	id := w.visitor().asked(listing + " 我的电话是13800138000")
	olga, path := w.signedIn("olga"), "/ops/questions/"+id
	page := olga.get(path).sees(http.StatusOK, "Understood as", "Searched", "Evidence judged", "Checks before it left", "passed", "Accepted", "Claimed", "masked:", "The answer as the asker saw it").page
	if strings.Contains(page, "13800138000") || strings.Contains(page, `action="/answers/`) {
		t.Error("personal data, or a form of the asker's, is on the page")
	}
	olga.post(path+"/replay", url.Values{}).sees(http.StatusOK, "It comes out exactly the same")
	if olga.get("/ops/questions/nothing"); olga.code != http.StatusNotFound {
		t.Errorf("no such question: %d", olga.code)
	}
	for _, lang := range []string{"zh", "en"} {
		olga.lang = lang
		for _, p := range []string{"/ops", "/ops?span=1", "/ops?asker=x", "/ops/log", path, "/ops/review", "/ops/gaps", "/ops/entries", "/ops/golden", "/ops/review?outcome=failed"} {
			olga.get(p).sees(http.StatusOK, `<nav class="tabs"`)
		}
	}
}

// TestOpsQueue reviews one question after the other.
func TestOpsQueue(t *testing.T) {
	w := newWorld(t, setup{files: true})
	olga := w.signedIn("olga")
	var ids []string
	for i := range 3 {
		ids = append(ids, w.visitor().asked(fmt.Sprintf("厦门 上市 %d", i)))
	}
	page := olga.get("/ops/review").sees(http.StatusOK, "3 left", "/ops/questions/"+ids[2]+"/review").page
	at := regexp.MustCompile(`name="queue" value="([^"]+)"`).FindStringSubmatch(page)[1]
	at = strings.ReplaceAll(at, "&amp;", "&")
	page = olga.post("/ops/questions/"+ids[2]+"/review", url.Values{"base": {"0"}, "verdict": {"right"}, "queue": {at}, "do": {"next"}}).sees(http.StatusOK, "2 left", "/ops/questions/"+ids[1]+"/review").page
	next := regexp.MustCompile(`href="([^"]+)" data-key="j"`).FindStringSubmatch(page)[1]
	page = olga.get(strings.ReplaceAll(next, "&amp;", "&")).sees(http.StatusOK, "/ops/questions/"+ids[0]+"/review").page
	back := regexp.MustCompile(`href="([^"]+)" data-key="k"`).FindStringSubmatch(page)[1]
	olga.get(strings.ReplaceAll(back, "&amp;", "&")).sees(http.StatusOK, "/ops/questions/"+ids[1]+"/review")
}

// TestOpsGaps groups what was not answered, and hands one group over.
func TestOpsGaps(t *testing.T) {
	w := newWorld(t, setup{files: true})
	olga, asker := w.signedIn("olga"), w.visitor()
	var last string
	for _, q := range []string{"深圳前海的租金减免怎么申请？", "深圳前海租金减免怎么申请", "请问深圳前海的租金减免如何申请？", "上海的落户积分怎么算？"} {
		last = asker.asked(q)
	}
	page := olga.get("/ops/gaps").sees(http.StatusOK, "4 questions got no answer, in these 2 groups", "3 times", "Hand to the staff desk").page
	if strings.Index(page, "深圳") > strings.Index(page, "上海") {
		t.Error("the most frequent does not come first")
	}
	olga.post("/ops/gaps/hand", url.Values{"question": {last}}).sees(http.StatusOK, "with the staff desk now", "Open")
	cases, err := w.service.Cases(t.Context(), journal.CaseOpen)
	must(t, err)
	if len(cases) != 1 || cases[0].Question != last {
		t.Errorf("cases %+v", cases)
	}
	olga.post("/ops/gaps/mark", url.Values{"question": {last}, "note": {"nobody goes there"}}).sees(http.StatusOK, "Known gap", "nobody goes there", "olga")
	if page = olga.post("/ops/gaps/mark", url.Values{"question": {last}, "note": {" "}}).sees(http.StatusOK).page; strings.Contains(page, "nobody goes there") {
		t.Error("the mark stays")
	}
	olga.post("/ops/questions/"+last+"/review", url.Values{"base": {"0"}, "verdict": {"should_abstain"}}).sees(http.StatusOK)
	olga.get("/ops/gaps").sees(http.StatusOK, "3 questions got no answer, in these 1 groups")
}

// TestAlike puts texts together that say the same.
func TestAlike(t *testing.T) {
	got := sameQuestions(bridge.Comparing(), []string{"研发费用补贴怎么申请", "租金减免", "研发费用补贴如何申请？", "", "a", "A!", "租金减免的条件是什么，要交哪些材料", "研发费用 补贴 怎么申请"})
	if want := [][]int{{0, 2, 7}, {1}, {3}, {4, 5}, {6}}; !slices.EqualFunc(got, want, slices.Equal[[]int]) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestOpsGolden makes reviewed questions golden, runs them, and compares two runs.
func TestOpsGolden(t *testing.T) {
	w := newWorld(t, setup{files: true})
	olga := w.signedIn("olga")
	if olga.post("/ops/golden/run", url.Values{}); olga.code != http.StatusUnprocessableEntity {
		t.Errorf("an empty set is run: %d", olga.code)
	}
	first, _ := w.searched(listing, 50)
	ids := []string{w.visitor().asked(listing), w.visitor().asked(hotpot)}
	if olga.post("/ops/questions/"+ids[0]+"/golden", url.Values{"expect": {"answer"}, "gold": {first}}); olga.code != http.StatusUnprocessableEntity {
		t.Errorf("golden without a review: %d", olga.code)
	}
	for i, clause := range []string{first, rightOne} {
		olga.post("/ops/questions/"+ids[i]+"/review", url.Values{"base": {"0"}, "verdict": {"right"}, "clause": {clause}}).sees(http.StatusOK)
		if olga.post("/ops/questions/"+ids[i]+"/golden", url.Values{"expect": {"answer"}}); olga.code != http.StatusUnprocessableEntity {
			t.Errorf("an answer without a clause: %d", olga.code)
		}
		olga.post("/ops/questions/"+ids[i]+"/golden", url.Values{"expect": {"answer"}, "gold": {clause}}).sees(http.StatusOK, "It is in the golden set now")
	}
	olga.ask(http.MethodPost, "/ops/golden/export", nil)
	list, err := eval.ReadQuestions(strings.NewReader(olga.page))
	if err != nil || len(list) != 2 || olga.header.Get("Content-Disposition") == "" {
		t.Fatalf("%+v, %v", list, err)
	}
	olga.runGolden()
	olga.get("/ops/golden").sees(http.StatusOK, "Run at", "Right clause first", "1 / 2")
	olga.post("/ops/questions/"+ids[1]+"/entry", url.Values{"base": {"1"}, "do": {"preview"}}).sees(http.StatusOK, "Make the entry", "right clauses of the golden set would move")
	olga.post("/ops/questions/"+ids[1]+"/entry", url.Values{"base": {"1"}, "do": {"make"}}).sees(http.StatusOK, "It is an index entry now")
	olga.runGolden()
	olga.get("/ops/golden").sees(http.StatusOK, "1 questions came out differently", "2 / 2", "the one before at")
	golden := "/ops/golden/" + list[1].ID
	olga.post(golden, url.Values{"expect": {"abstain"}}).sees(http.StatusOK, "Changed", "Related")
	if olga.post(golden, url.Values{"expect": {"much"}}); olga.code != http.StatusBadRequest {
		t.Errorf("expects much: %d", olga.code)
	}
	if page := olga.post(golden+"/remove", url.Values{}).sees(http.StatusOK, "Removed from the golden set").page; strings.Contains(page, golden) {
		t.Error("it is still there")
	}
}

// runGolden runs the golden set and waits for its end.
func (p *person) runGolden() {
	p.w.t.Helper()
	p.post("/ops/golden/run", url.Values{}).sees(http.StatusOK, "The evaluation has begun")
	p.w.console.golden.work.Wait()
}

// TestOpsOverview sums up what was asked, and links to the same in the log.
func TestOpsOverview(t *testing.T) {
	w := newWorld(t, setup{files: true})
	asker := w.visitor()
	for i := range 4 {
		asker.asked(fmt.Sprintf("%s %d", listing, i))
	}
	asker.asked("上海的落户积分怎么算？")
	page := w.signedIn("olga").get("/ops").sees(http.StatusOK, "<strong>5</strong>", "All counts are exact", "within 2.5 %", "Most cited clauses", "80.0 %", "20.0 %", "was 0").page
	for _, m := range regexp.MustCompile(`href="(/ops/log\?[^"]+)"`).FindAllStringSubmatch(page, -1) {
		w.signedIn("olga").get(strings.ReplaceAll(m[1], "&amp;", "&")).sees(http.StatusOK, "questions</strong>")
	}
}
