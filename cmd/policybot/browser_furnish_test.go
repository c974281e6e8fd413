//go:build browser

package main

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"policybot/bot/accounts"
	"policybot/bot/journal"
)

// A furnished is what furnish has put into a service.
type furnished struct {
	s     *site
	boss  string // the cookies of an administrator, and of a second one
	chen  string
	list  []string            // the texts, cut
	given map[string]string   // what stands for the names in addresses
	shown map[string][]string // texts by the page that has to show them
}

// furnish fills every field of the desk, of operations and of administration with texts, as two administrators.
func (s *site) furnish(boss, chen string, list []string) *furnished {
	s.t.Helper()
	list = slices.Clone(list)
	f := &furnished{
		s: s, boss: "policybot_session=" + s.session(boss) + "; policybot_lang=en", chen: "policybot_session=" + s.session(chen) + "; policybot_lang=en",
		given: map[string]string{}, shown: map[string][]string{},
	}
	for i, text := range list { // the longest only fill the pages
		list[i] = string([]rune(text)[:min(150, utf8.RuneCountInString(text))])
	}
	f.list = list
	f.desk(list)
	f.operations(list)
	f.people(list)
	f.documents(list)
	f.switches(list)
	return f
}

// post sends a form, which must be taken, and gives where it leads.
func (f *furnished) post(who, path string, pairs ...string) string {
	f.s.t.Helper()
	form := url.Values{}
	for pair := range slices.Chunk(pairs, 2) {
		form.Add(pair[0], pair[1])
	}
	r, err := f.s.sendTo(path, form, "Cookie", who, "Content-Type", "application/x-www-form-urlencoded")
	if err != nil || r.status >= http.StatusBadRequest {
		f.s.t.Fatalf("%s: status %d, %v, form %q", path, r.status, err, form)
	}
	to, _, _ := strings.Cut(r.header.Get("Location"), "#")
	return to
}

// shows notes that a page has to show a text.
func (f *furnished) shows(path, text string) { f.shown[path] = append(f.shown[path], text) }

// desk writes drafts, returns them, closes cases and dismisses questions with the texts.
func (f *furnished) desk(list []string) {
	f.s.t.Helper()
	asked := f.s.ask(goalAsked["zh"]).ID
	k, err := f.s.server.service.OpenCase(f.s.t.Context(), asked, "asked")
	if err != nil {
		f.s.t.Fatal(err)
	}
	at, revision := "/desk/cases/"+k.ID, 0
	f.given["/desk/cases/"], f.given["/answers/"] = k.ID, asked
	for _, why := range batches(list, 950) {
		revision++
		f.post(f.boss, at+"/submit", "base", fmt.Sprint(revision-1), "text", fmt.Sprintf("%d. %s", revision, why), "clause", goalDocument+".h2", "clause", why[:min(len(why), 100)])
		f.post(f.chen, at+"/return", "revision", fmt.Sprint(revision), "why", why)
		f.shows(at+"/history", why)
	}
	whole := strings.Join(list, "\n")
	whole = string([]rune(whole)[:min(19_000, len([]rune(whole)))])
	f.post(f.boss, at+"/save", "base", fmt.Sprint(revision), "text", whole, "clause", goalDocument+".h2")
	f.shows(at, whole)
	f.shows(at+"/history", whole)
	for _, why := range batches(list, 450) {
		k, err := f.s.server.service.OpenCase(f.s.t.Context(), f.s.ask(goalAsked["zh"]).ID, "asked")
		if err != nil {
			f.s.t.Fatal(err)
		}
		f.post(f.boss, "/desk/cases/"+k.ID+"/close", "why", why)
		f.shows("/desk/cases/"+k.ID, why)
	}
	open := f.s.ask("深圳市的人才公寓怎么申请？").ID
	f.post(f.boss, "/desk/questions/"+open+"/dismiss", "kind", "abstained", "why", batches(list, 450)[0])
	f.shows("/desk?tab=closed", batches(list, 450)[0])
}

// operations reviews a question, and keeps views, notes of gaps and golden questions with the texts.
func (f *furnished) operations(list []string) {
	f.s.t.Helper()
	id := f.s.ask(hotpot).ID
	at := "/ops/questions/" + id
	f.given["/ops/questions/"] = id
	for n, text := range batches(list, 3900) {
		f.post(f.boss, at+"/review", "base", fmt.Sprint(n), "verdict", "should_answer", "clause", hotpotClause, "note", text, "text", text)
		f.shows(at, text)
	}
	for n, name := range batches(list, 78) {
		f.post([]string{f.boss, f.chen}[n%2], "/ops/views", "name", name, "filter", url.Values{"q": {name}}.Encode(), "shared", "yes")
		f.shows("/ops/log", name)
	}
	page, err := f.s.server.journal.Search(f.s.t.Context(), journal.Query{})
	if err != nil {
		f.s.t.Fatal(err)
	}
	for _, row := range page.Rows[:min(20, len(page.Rows))] {
		at := "/ops/questions/" + row.ID
		if row.ID != id {
			f.post(f.boss, at+"/review", "base", "0", "verdict", "should_abstain", "note", row.Text)
		}
		f.post(f.boss, at+"/golden", "expect", "abstain")
		f.shows("/ops/golden", row.Text)
	}
	// Questions so different that each is a gap of its own.
	gaps := []string{"上海 落户积分是如何计算的", "广州 车牌必须摇号吗", "成都 地铁票多少钱一张", "杭州 垃圾该怎么分类", "武汉 护照几天能够换好", "西安 博物馆周一几点开门", "青岛 游泳馆要预约么"}
	for n, text := range batches(list, 3900) {
		f.post(f.boss, "/ops/gaps/mark", "question", f.s.ask(gaps[n]).ID, "note", text)
		topic, _, _ := strings.Cut(gaps[n], " ")
		f.shows("/ops/gaps?q="+url.QueryEscape(topic), text)
	}
	f.post(f.boss, at+"/entry", "base", fmt.Sprint(len(batches(list, 3900))), "do", "make")
	f.shows("/ops/entries", hotpot)
}

// people makes accounts whose owners are called as the texts.
func (f *furnished) people(list []string) {
	f.s.t.Helper()
	for n, name := range batches(list, 98) {
		f.post(f.boss, "/admin/users", "name", fmt.Sprintf("u%d", n), "display", name, "role", string(accounts.Viewer))
		f.shows("/admin/users", name)
	}
}

// documents proposes files with names, facts and clauses of the texts, and rejects, publishes and rolls back for reasons.
func (f *furnished) documents(list []string) {
	f.s.t.Helper()
	for n, text := range batches(list, 1900) {
		facts := batches(list, 300)
		facts = facts[n%len(facts):]
		at := f.upload(text, text, facts)
		f.shows(at, text)
		for _, does := range []string{"reject", "publish", "rollback"} {
			if does == "publish" {
				at = f.upload("a.txt", text, facts)
			}
			f.post(f.chen, at+"/"+does, "sure", "yes", "why", text)
			f.shows(at, text)
		}
		f.given["/admin/documents/proposals/"] = at[strings.LastIndex(at, "/")+1:]
	}
	f.given["/admin/documents/"], f.given["/documents/"], f.given["/clauses/"] = goalDocument, goalDocument, goalDocument+".h2"
	measures := f.s.get(http.StatusOK, "GET", "/admin/measures", "", "Cookie", f.boss)
	found := regexp.MustCompile(`href="/admin/measures/([^"?]+)"`).FindStringSubmatch(measures.body)
	if found == nil {
		f.s.t.Fatal("no measures are listed")
	}
	f.given["/admin/measures/"] = found[1]
}

// upload proposes a new document and gives the address of the proposal.
func (f *furnished) upload(name, text string, facts []string) string {
	f.s.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	field := func(name, value string) {
		if err := form.WriteField(name, value); err != nil {
			f.s.t.Fatal(err)
		}
	}
	field("document", "")
	for i, fact := range []string{"title", "number", "issuer", "jurisdiction"} {
		field("is."+fact, strings.Join(strings.Fields(facts[i%len(facts)]), " "))
		field("from."+fact, strings.Join(strings.Fields(facts[i%len(facts)]), " "))
	}
	field("note", text)
	if !strings.HasSuffix(name, ".txt") {
		name = string([]rune(name)[:min(100, utf8.RuneCountInString(name))]) + ".txt"
	}
	file, err := form.CreateFormFile("file", name)
	if err != nil {
		f.s.t.Fatal(err)
	}
	content := "第一条 " + strings.ReplaceAll(text, "\x00", "") + "\n第二条 支持企业。\n"
	if _, err := file.Write([]byte(strings.ToValidUTF8(content, ""))); err != nil {
		f.s.t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		f.s.t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, "http://"+f.s.at.HTTP+"/admin/documents", &body)
	if err != nil {
		f.s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Cookie", f.boss)
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		f.s.t.Fatal(err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusSeeOther {
		f.s.t.Fatalf("uploading %q: status %d, %v\n%.3000s", name, resp.StatusCode, err, said)
	}
	to, _, _ := strings.Cut(resp.Header.Get("Location"), "?")
	return to
}

// switches pauses answering for the texts, and lets it go on.
func (f *furnished) switches(list []string) {
	f.s.t.Helper()
	for _, why := range batches(list, 180) {
		f.post(f.boss, "/admin/settings/pause", "sure", "yes", "reason", why)
		f.post(f.boss, "/admin/settings/resume", "sure", "yes")
	}
}
