package console_test

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

	"policybot/bot/console"
	"policybot/bot/eval"
	"policybot/bot/journal"
)

// TestOpsAccess asks for every address of operations as who may not.
func TestOpsAccess(t *testing.T) {
	s := newOpsSite(t)
	routes := console.OpsRoutes()
	if len(routes) < 20 {
		t.Fatalf("%d routes", len(routes))
	}
	people := map[string]*opsBrowser{"nobody": s.nobody(), "vic": s.as("vic"), "sam": s.as("sam")}
	for _, route := range routes {
		path := strings.ReplaceAll(route[1], "{id}", "x")
		for name, b := range people {
			form := url.Values(nil)
			if route[0] == http.MethodPost {
				form = url.Values{"x": {"y"}}
			}
			got, page := b.do(route[0], path, form)
			want := http.StatusForbidden
			if name == "nobody" {
				want = map[string]int{http.MethodGet: http.StatusSeeOther, http.MethodPost: http.StatusUnauthorized}[route[0]]
			}
			if got.StatusCode != want || want == http.StatusSeeOther && !strings.HasPrefix(got.Header.Get("Location"), "/login?to=") {
				t.Errorf("%s %s as %s: %d, want %d: %.200s", route[0], path, name, got.StatusCode, want, page)
			}
		}
		if got, _ := s.as("olga").do(route[0], path, map[string]url.Values{http.MethodPost: {"x": {"y"}}}[route[0]]); got.StatusCode == http.StatusForbidden || got.StatusCode == http.StatusUnauthorized || got.StatusCode >= 500 {
			t.Errorf("%s %s as olga: %d", route[0], path, got.StatusCode)
		}
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
	if got := console.FilterAgain(whole, now); got != whole.Encode() {
		t.Errorf("got  %s\nwant %s", got, whole.Encode())
	}
	for _, name := range console.FilterNames() {
		if name != "span" && whole.Get(name) == "" {
			t.Errorf("the filter %s is not tried", name)
		}
	}
	for bad, want := range map[string]string{
		"outcome=no_such&q=a": "q=a", "since=yesterday": "", "ms_from=-1&ms_to=x": "", "span=7&since=2026-01-01": "span=7", "span=8": "", "other=1&q=": "", "rating=great": "",
	} {
		values, err := url.ParseQuery(bad)
		fine(t, err)
		if got := console.FilterAgain(values, now); got != want {
			t.Errorf("%s: %q, want %q", bad, got, want)
		}
	}
}

const (
	hotpot     = "开火锅店借钱的利息政府能帮着付一点吗"
	rightOne   = "xiamen-2020-2022.h4.b2"
	listedGoal = "厦门对生物医药企业上市有什么目标？"
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
	s := newOpsSite(t)
	id := s.nobody().asked(hotpot)
	asked := []string{
		hotpot, "开火锅店，借钱的利息政府帮着付一点吗？", "开火锅店借钱 利息 政府能帮着付吗", "我开火锅店，借钱的利息政府能不能帮着付一点", "开火锅店借来的钱，利息政府能帮着付一点吗",
		"火锅店借钱的利息，政府能帮着付一点吗", listedGoal, "biomedical companies listed",
	}
	all := func() (out []string) {
		for _, q := range asked {
			_, found := s.searched(q)
			text, err := json.Marshal(found)
			fine(t, err)
			out = append(out, string(text))
		}
		return out
	}
	before := all()
	olga, path := s.as("olga"), "/ops/questions/"+id
	page := olga.sees(path, hotpot)
	olga.does(path+"/review", url.Values{"do": {"find"}, "base": {"0"}, "find": {"企业 贷款 贴息"}}, "Clauses found", `name="clause" value="`)
	olga.does(path+"/review", url.Values{"do": {"save"}, "base": {baseOf(t, page)}, "verdict": {"should_answer"}, "clause": {rightOne}, "note": {"it does"}}, "The review is saved", "Preview the effect")
	olga.does(path+"/entry", url.Values{"base": {"1"}, "do": {"preview"}}, "The clause would go from", "to 1", "Make the entry")
	if now := all(); !slices.Equal(now, before) {
		t.Fatal("a preview changed the search")
	}
	olga.does(path+"/entry", url.Values{"base": {"1"}, "do": {"make"}}, "It is an index entry now", "The clause stands at 1 now", "before")
	for _, q := range asked[:6] {
		if first, _ := s.searched(q); first != rightOne {
			t.Errorf("%s finds %s first", q, first)
		}
	}
	if now := all(); now[6] != before[6] || now[7] != before[7] {
		t.Error("other questions find something else")
	}
	made := s.audited("entry.made")
	if len(made) != 1 || made[0].By != "olga" || made[0].Object != rightOne || strings.Contains(made[0].Detail, "火锅") {
		t.Errorf("audit: %+v", made)
	}
	entry := regexp.MustCompile(`/ops/entries/([^/]+)/undo`).FindStringSubmatch(olga.sees("/ops/entries", hotpot, "olga"))[1]
	reviews, err := s.journal.Reviews(t.Context(), id)
	fine(t, err)
	if n := len(reviews); n != 2 || reviews[1].Entry != entry || reviews[1].Verdict != journal.ShouldAnswer {
		t.Errorf("reviews %+v", reviews)
	}
	olga.does("/ops/entries/"+entry+"/undo", url.Values{"question": {id}}, "The index entry is taken back")
	if !slices.Equal(all(), before) {
		t.Error("the search is not as it was, byte for byte")
	}
	if code, _ := olga.post("/ops/entries/"+entry+"/undo", url.Values{}); code != http.StatusNotFound {
		t.Errorf("taken back twice: %d", code)
	}
	if reviews, err = s.journal.Reviews(t.Context(), id); err != nil || reviews[len(reviews)-1].Entry != "" || len(s.audited("entry.undone")) != 1 {
		t.Errorf("after undoing: %+v, %v", reviews, err)
	}
}

// TestOpsEntryFalls keeps a golden question from falling.
func TestOpsEntryFalls(t *testing.T) {
	s := newOpsSite(t)
	olga := s.as("olga")
	golden, other := s.nobody().asked(listedGoal), s.nobody().asked("厦门对生物医药企业上市有什么目标呢？")
	first, _ := s.searched(listedGoal)
	olga.does("/ops/questions/"+golden+"/review", url.Values{"base": {"0"}, "verdict": {"right"}, "clause": {first}})
	olga.does("/ops/questions/"+golden+"/golden", url.Values{"expect": {"answer"}, "gold": {first}}, "It is in the golden set now")
	olga.does("/ops/questions/"+other+"/review", url.Values{"base": {"0"}, "verdict": {"wrong_clause"}, "clause": {rightOne}})
	for _, do := range []string{"preview", "make"} {
		code, page := olga.post("/ops/questions/"+other+"/entry", url.Values{"base": {"1"}, "do": {do}})
		olga.has(code, page, http.StatusConflict, "would fall", "Falls", listedGoal)
	}
	if list, err := s.library.Taught(t.Context(), ""); err != nil || len(list) > 0 {
		t.Errorf("made %+v, %v", list, err)
	}
}

// TestOpsReviewConflict has two people review the same question.
func TestOpsReviewConflict(t *testing.T) {
	s := newOpsSite(t)
	id := s.nobody().asked(listedGoal)
	path := "/ops/questions/" + id + "/review"
	olga, otto := s.as("olga"), s.as("otto")
	olga.does(path, url.Values{"base": {"0"}, "verdict": {"right"}, "score0": {"supported"}, "note": {"mine"}})
	code, page := otto.post(path, url.Values{"base": {"0"}, "verdict": {"unclear"}, "note": {"his <b>own</b>"}, "score0": {"partly"}})
	otto.has(code, page, http.StatusConflict, "olga saved another review", "mine", "his &lt;b&gt;own&lt;/b&gt;")
	otto.does(path, url.Values{"base": {baseOf(t, page)}, "verdict": {"unclear"}, "note": {"his own"}}, "Reviews so far (2)")
	for form, want := range map[string]int{"verdict=": 422, "verdict=great": 422, "verdict=right&clause=none.such": 422, "verdict=right&score0=much": 422} {
		values, err := url.ParseQuery(form + "&base=2")
		fine(t, err)
		if code, page := otto.post(path, values); code != want {
			t.Errorf("%s: %d %.300s", form, code, page)
		}
	}
	if list := s.audited("review.saved"); len(list) != 2 || strings.Contains(list[0].Detail, "own") {
		t.Errorf("audit %+v", list)
	}
	otto.does(path, url.Values{"base": {"2"}, "do": {"check"}, "verdict": {"wrong"}, "text": {"厦门有100家上市企业。[1]"}}, "Not what the clause says")
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
	s := newOpsSite(t)
	olga, asker := s.as("olga"), s.nobody()
	for i := range 7 {
		asker.asked(fmt.Sprintf("昆山对购买研发设备有什么补贴 %d", i))
	}
	asker.asked(`=cmd|' /C calc'!A0 补贴`)
	asker.asked("上海的落户积分怎么算？")
	for _, filter := range []string{"", "q=补贴", "outcome=abstained&q=%E8%90%BD%E6%88%B7", "q=nothing+like+it"} {
		page := olga.sees("/ops/log?" + filter)
		want := rowsOf(page)
		if total := fmt.Sprintf("<strong>%d questions</strong>", len(want)); !strings.Contains(page, total) {
			t.Fatalf("%s: no %s", filter, total)
		}
		for _, format := range []string{"csv", "jsonl", "xlsx"} {
			got, body := olga.do(http.MethodPost, "/ops/log/export", url.Values{"filter": {filter}, "format": {format}})
			if got.StatusCode != 200 || !strings.HasPrefix(got.Header.Get("Content-Disposition"), `attachment; filename="policybot-log-`) ||
				!strings.HasSuffix(got.Header.Get("Content-Disposition"), "."+format+`"`) || got.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Fatalf("%s: %d %v", format, got.StatusCode, got.Header)
			}
			if ids := exported(t, format, body); format != "xlsx" && !slices.Equal(ids, want) {
				t.Errorf("%s of %q: %v, want %v", format, filter, ids, want)
			}
			if format == "csv" && strings.Contains(body, "\n=cmd") || strings.Contains(body, `,=cmd`) {
				t.Error("a formula is exported")
			}
		}
	}
	list := s.audited("log.exported")
	if len(list) != 12 || list[0].By != "olga" || !strings.Contains(list[0].Detail, "format=xlsx count=0") || strings.Contains(list[0].Detail, "nothing") {
		t.Errorf("audit: %d, %+v", len(list), list[0])
	}
	if code, _ := olga.post("/ops/log/export", url.Values{"format": {"exe"}}); code != http.StatusBadRequest {
		t.Errorf("no such format: %d", code)
	}
}

// exported are the ids in a file.
func exported(t *testing.T, format, body string) (ids []string) {
	t.Helper()
	switch format {
	case "csv":
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff"))).ReadAll()
		fine(t, err)
		for _, row := range rows[1:] {
			ids = append(ids, row[0])
		}
	case "jsonl":
		for line := range strings.Lines(body) {
			var row struct{ ID string }
			fine(t, json.Unmarshal([]byte(line), &row))
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
	s := newOpsSite(t)
	olga, otto := s.as("olga"), s.as("otto")
	olga.does("/ops/views", url.Values{"name": {"mine"}, "filter": {"outcome=abstained&done=x&q=a"}}, "The view is saved", "mine")
	olga.does("/ops/views", url.Values{"name": {"ours <b>"}, "filter": {"rating=bad"}, "shared": {"yes"}}, "ours &lt;b&gt;", "(shared)")
	if page := otto.sees("/ops/log", "(shared by olga)", `href="/ops/log?rating=bad"`); strings.Contains(page, ">mine<") {
		t.Error("a view that is not shared is seen")
	}
	for path, form := range map[string]url.Values{"rename": {"view": {"ours <b>"}, "name": {"his"}}, "delete": {"view": {"ours <b>"}}} {
		if code, page := otto.post("/ops/views/"+path, form); code != http.StatusNotFound || !strings.Contains(page, "theirs to change") {
			t.Errorf("%s of another's view: %d", path, code)
		}
	}
	otto.does("/ops/views", url.Values{"name": {"ours <b>"}, "filter": {"lang=en"}})
	olga.sees("/ops/log", `href="/ops/log?rating=bad"`)
	olga.does("/ops/views/rename", url.Values{"view": {"mine"}, "name": {"still mine"}}, "still mine")
	if code, _ := olga.post("/ops/views/rename", url.Values{"view": {"still mine"}, "name": {"ours <b>"}}); code != http.StatusConflict {
		t.Errorf("a taken name: %d", code)
	}
	if code, _ := olga.post("/ops/views", url.Values{"name": {" "}, "filter": {""}}); code != http.StatusUnprocessableEntity {
		t.Errorf("no name: %d", code)
	}
	if page := olga.does("/ops/views/delete", url.Values{"view": {"still mine"}}, "The view is deleted"); strings.Contains(page, "still mine") {
		t.Error("it is still there")
	}
	if views, err := s.journal.ListViews(t.Context(), "olga"); err != nil || len(views) != 1 || views[0].Query != "rating=bad" {
		t.Errorf("%+v, %v", views, err)
	}
}

const hostile = `<script>alert(1)</script>"><img src=x onerror=alert(2)> {{.}} 补贴`

// TestOpsHostile has a question, notes and names that would be more than text.
func TestOpsHostile(t *testing.T) {
	s := newOpsSite(t)
	olga := s.as("olga")
	id := s.nobody().asked(hostile)
	path := "/ops/questions/" + id
	olga.does(path+"/review", url.Values{"base": {"0"}, "verdict": {"should_answer"}, "note": {hostile}, "text": {hostile}, "clause": {rightOne}})
	olga.does("/ops/views", url.Values{"name": {`"><script>`}, "filter": {url.Values{"q": {hostile}}.Encode()}, "shared": {"yes"}})
	olga.does(path+"/entry", url.Values{"base": {"1"}, "do": {"make"}})
	olga.does(path+"/golden", url.Values{"expect": {"answer"}, "gold": {rightOne}})
	olga.does("/ops/gaps/mark", url.Values{"question": {id}, "note": {hostile}})
	for _, lang := range []string{"en", "zh"} {
		olga.cookies["policybot_lang"] = lang
		for _, p := range []string{
			"/ops", "/ops/log", "/ops/log?" + url.Values{"q": {hostile}, "place": {hostile}, "outcome": {hostile}}.Encode(), path, "/ops/entries", "/ops/gaps", "/ops/golden",
			"/ops/review?verdict=any", "/ops?" + url.Values{"channel": {hostile}}.Encode(), path + "?from=" + url.QueryEscape(hostile), "/ops/entries?clause=" + url.QueryEscape(hostile),
		} {
			page := olga.sees(p)
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
	page, err := console.HostilePlots(`</svg></title><script>alert(1)</script>"'&` + "\x00\u202e")
	fine(t, err)
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
	s := newOpsSite(t)
	id := s.nobody().asked(listedGoal + " 我的电话是13800138000")
	olga, path := s.as("olga"), "/ops/questions/"+id
	page := olga.sees(path, "Understood as", "Searched", "Evidence judged", "Checks before it left", "passed", "Accepted", "Claimed", "masked:", "The answer as the asker saw it")
	if strings.Contains(page, "13800138000") || strings.Contains(page, `action="/answers/`) {
		t.Error("personal data, or a form of the asker's, is on the page")
	}
	olga.does(path+"/replay", url.Values{}, "It comes out exactly the same")
	if code, _ := olga.get("/ops/questions/nothing"); code != http.StatusNotFound {
		t.Errorf("no such question: %d", code)
	}
	for _, lang := range []string{"zh", "en"} {
		olga.cookies["policybot_lang"] = lang
		for _, p := range []string{"/ops", "/ops?span=1", "/ops?asker=x", "/ops/log", path, "/ops/review", "/ops/gaps", "/ops/entries", "/ops/golden", "/ops/review?outcome=failed"} {
			olga.sees(p, `<nav class="tabs"`)
		}
	}
}

// TestOpsQueue reviews one question after the other.
func TestOpsQueue(t *testing.T) {
	s := newOpsSite(t)
	olga := s.as("olga")
	var ids []string
	for i := range 3 {
		ids = append(ids, s.nobody().asked(fmt.Sprintf("厦门 上市 %d", i)))
	}
	page := olga.sees("/ops/review", "3 left", "/ops/questions/"+ids[2]+"/review")
	at := regexp.MustCompile(`name="queue" value="([^"]+)"`).FindStringSubmatch(page)[1]
	at = strings.ReplaceAll(at, "&amp;", "&")
	page = olga.does("/ops/questions/"+ids[2]+"/review", url.Values{"base": {"0"}, "verdict": {"right"}, "queue": {at}, "do": {"next"}}, "2 left", "/ops/questions/"+ids[1]+"/review")
	next := regexp.MustCompile(`href="([^"]+)" data-key="j"`).FindStringSubmatch(page)[1]
	page = olga.sees(strings.ReplaceAll(next, "&amp;", "&"), "/ops/questions/"+ids[0]+"/review")
	back := regexp.MustCompile(`href="([^"]+)" data-key="k"`).FindStringSubmatch(page)[1]
	olga.sees(strings.ReplaceAll(back, "&amp;", "&"), "/ops/questions/"+ids[1]+"/review")
}

// TestOpsGaps groups what was not answered, and hands one group over.
func TestOpsGaps(t *testing.T) {
	s := newOpsSite(t)
	olga, asker := s.as("olga"), s.nobody()
	var last string
	for _, q := range []string{"深圳前海的租金减免怎么申请？", "深圳前海租金减免怎么申请", "请问深圳前海的租金减免如何申请？", "上海的落户积分怎么算？"} {
		last = asker.asked(q)
	}
	page := olga.sees("/ops/gaps", "4 questions got no answer, in these 2 groups", "3 times", "Hand to the staff desk")
	if strings.Index(page, "深圳") > strings.Index(page, "上海") {
		t.Error("the most frequent does not come first")
	}
	olga.does("/ops/gaps/hand", url.Values{"question": {last}}, "with the staff desk now", "Open")
	cases, err := s.service.Cases(t.Context(), journal.CaseOpen)
	fine(t, err)
	if len(cases) != 1 || cases[0].Question != last {
		t.Errorf("cases %+v", cases)
	}
	olga.does("/ops/gaps/mark", url.Values{"question": {last}, "note": {"nobody goes there"}}, "Known gap", "nobody goes there", "olga")
	if page = olga.does("/ops/gaps/mark", url.Values{"question": {last}, "note": {" "}}); strings.Contains(page, "nobody goes there") {
		t.Error("the mark stays")
	}
	olga.does("/ops/questions/"+last+"/review", url.Values{"base": {"0"}, "verdict": {"should_abstain"}})
	olga.sees("/ops/gaps", "3 questions got no answer, in these 1 groups")
}

// TestAlike puts texts together that say the same.
func TestAlike(t *testing.T) {
	got := console.Alike([]string{"研发费用补贴怎么申请", "租金减免", "研发费用补贴如何申请？", "", "a", "A!", "租金减免的条件是什么，要交哪些材料", "研发费用 补贴 怎么申请"})
	if want := [][]int{{0, 2, 7}, {1}, {3}, {4, 5}, {6}}; !slices.EqualFunc(got, want, slices.Equal[[]int]) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestOpsGolden makes reviewed questions golden, runs them, and compares two runs.
func TestOpsGolden(t *testing.T) {
	s := newOpsSite(t)
	olga := s.as("olga")
	if code, _ := olga.post("/ops/golden/run", url.Values{}); code != http.StatusUnprocessableEntity {
		t.Errorf("an empty set is run: %d", code)
	}
	first, _ := s.searched(listedGoal)
	ids := []string{s.nobody().asked(listedGoal), s.nobody().asked(hotpot)}
	if code, _ := olga.post("/ops/questions/"+ids[0]+"/golden", url.Values{"expect": {"answer"}, "gold": {first}}); code != http.StatusUnprocessableEntity {
		t.Errorf("golden without a review: %d", code)
	}
	for i, clause := range []string{first, rightOne} {
		olga.does("/ops/questions/"+ids[i]+"/review", url.Values{"base": {"0"}, "verdict": {"right"}, "clause": {clause}})
		if code, _ := olga.post("/ops/questions/"+ids[i]+"/golden", url.Values{"expect": {"answer"}}); code != http.StatusUnprocessableEntity {
			t.Errorf("an answer without a clause: %d", code)
		}
		olga.does("/ops/questions/"+ids[i]+"/golden", url.Values{"expect": {"answer"}, "gold": {clause}}, "It is in the golden set now")
	}
	got, body := olga.do(http.MethodGet, "/ops/golden/export", nil)
	list, err := eval.ReadQuestions(strings.NewReader(body))
	if err != nil || len(list) != 2 || got.Header.Get("Content-Disposition") == "" {
		t.Fatalf("%+v, %v", list, err)
	}
	s.runGolden(olga)
	olga.sees("/ops/golden", "Run at", "Right clause first", "1 / 2")
	olga.does("/ops/questions/"+ids[1]+"/entry", url.Values{"base": {"1"}, "do": {"preview"}}, "Make the entry", "right clauses of the golden set would move")
	olga.does("/ops/questions/"+ids[1]+"/entry", url.Values{"base": {"1"}, "do": {"make"}}, "It is an index entry now")
	s.runGolden(olga)
	olga.sees("/ops/golden", "1 questions came out differently", "2 / 2", "the one before at")
	golden := "/ops/golden/" + list[1].ID
	olga.does(golden, url.Values{"expect": {"abstain"}}, "Changed", "Related")
	if code, _ := olga.post(golden, url.Values{"expect": {"much"}}); code != http.StatusBadRequest {
		t.Errorf("expects much: %d", code)
	}
	if page := olga.does(golden+"/remove", url.Values{}, "Removed from the golden set"); strings.Contains(page, golden) {
		t.Error("it is still there")
	}
}

// runGolden runs the golden set and waits for its end.
func (s *opsSite) runGolden(b *opsBrowser) {
	s.t.Helper()
	b.does("/ops/golden/run", url.Values{}, "The evaluation has begun")
	s.console.WaitGolden()
}

// TestOpsOverview sums up what was asked, and links to the same in the log.
func TestOpsOverview(t *testing.T) {
	s := newOpsSite(t)
	asker := s.nobody()
	for i := range 4 {
		asker.asked(fmt.Sprintf("%s %d", listedGoal, i))
	}
	asker.asked("上海的落户积分怎么算？")
	page := s.as("olga").sees("/ops", "<strong>5</strong>", "All counts are exact", "within 2.5 %", "Most cited clauses", "80.0 %", "20.0 %", "was 0")
	for _, m := range regexp.MustCompile(`href="(/ops/log\?[^"]+)"`).FindAllStringSubmatch(page, -1) {
		s.as("olga").sees(strings.ReplaceAll(m[1], "&amp;", "&"), "questions</strong>")
	}
}
