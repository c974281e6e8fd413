package console_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"policybot/bot"
	"policybot/bot/accounts"
	accountsmemory "policybot/bot/accounts/memory"
	"policybot/bot/channel"
	"policybot/bot/console"
	"policybot/bot/httpapi"
	"policybot/bot/journal"
	"policybot/bot/journal/memory"
	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
)

// seedLibrary is the library of the seeds, which no test changes.
var seedLibrary = sync.OnceValues(func() (*retrieval.Library, error) { return retrievaltest.Seeds(context.Background()) })

// A site is the console with all that stands behind it, in memory.
type site struct {
	t       *testing.T
	handler http.Handler
	service *bot.Service
	desk    *bot.Desk
	journal journal.Journal
	book    *accounts.Book
	admin   accounts.Actor
	mu      sync.Mutex
	ahead   time.Duration // of the clock of the console
}

// answersOf are what the HTTP API asks of a service that is made after it.
type answersOf struct{ *bot.Service }

func (a *answersOf) Reply(ctx context.Context, id string) (channel.Handle, error) {
	e, err := a.Journal.Entry(ctx, id)
	return e.Question.Reply, err
}

// newSite starts a site that is open for reading, with the accounts boss (admin), ann and bea (staff), and vic (viewer).
func newSite(t *testing.T) *site {
	t.Helper()
	lib, err := seedLibrary()
	must(t, err)
	s := &site{t: t, journal: memory.New()}
	answers := &answersOf{}
	api := httpapi.New(httpapi.Options{Answers: answers})
	s.desk = &bot.Desk{Library: lib}
	s.service, err = bot.NewService(t.Context(), bot.Options{
		Journal: s.journal, Answerer: s.desk, Channels: []channel.Channel{api}, Key: []byte("0123456789abcdef"), Limits: bot.DefaultLimits, Lang: "zh",
	})
	must(t, err)
	answers.Service = s.service
	s.book, err = accounts.New(accounts.Options{Store: accountsmemory.New(), Cost: accounts.Cost{Memory: 64, Time: 1, Threads: 1}})
	must(t, err)
	s.handler = console.New(console.Options{
		Service: s.service, Desk: s.desk, Library: lib, Ask: api.Inside(), Channel: httpapi.Name, Accounts: s.book, Open: true, Now: s.now,
	}).Handler()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.service.Run(ctx)
	}()
	t.Cleanup(func() { stop(); <-done })
	<-api.Up()
	s.accounts()
	return s
}

func (s *site) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.ahead)
}

// later sets the clock of the console forward.
func (s *site) later(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

const password = "correct horse battery"

func (s *site) accounts() {
	ctx := s.t.Context()
	code, err := s.book.Setup(ctx)
	must(s.t, err)
	boss, err := s.book.First(ctx, code, "boss", password, accounts.Client{})
	must(s.t, err)
	s.admin = accounts.Actor{Account: boss.ID, Name: boss.Name}
	for name, role := range map[string]accounts.Role{"ann": accounts.Staff, "bea": accounts.Staff, "vic": accounts.Viewer} {
		_, code, err := s.book.Create(ctx, s.admin, accounts.NewAccount{Name: name, Role: role, Lang: "en"})
		must(s.t, err)
		_, err = s.book.Redeem(ctx, code, password, accounts.Client{})
		must(s.t, err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A browser is somebody at the console.
type browser struct {
	s       *site
	cookies map[string]string
	part    bool // asks for parts of pages, as scripts do
	at      string
}

// visitor is a browser of nobody in particular; the pages are in English.
func (s *site) visitor() *browser {
	return &browser{s: s, cookies: map[string]string{"policybot_lang": "en"}}
}

// signedIn is a browser of an account.
func (s *site) signedIn(name string) *browser {
	b := s.visitor()
	if code, page := b.post("/login", url.Values{"name": {name}, "password": {password}}); code != http.StatusOK {
		s.t.Fatalf("%s cannot sign in: %d %s", name, code, page)
	}
	return b
}

// do sends a request and gives the status, where it leads to, and the page.
func (b *browser) do(method, path string, form url.Values) (code int, to, page string) {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequestWithContext(b.s.t.Context(), method, "http://desk.example"+path, body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if b.part {
		r.Header.Set("X-Policybot-Part", "1")
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.s.handler.ServeHTTP(w, r)
	for _, line := range w.Header().Values("Set-Cookie") {
		c, err := http.ParseSetCookie(line)
		must(b.s.t, err)
		b.cookies[c.Name] = c.Value
	}
	return w.Code, w.Header().Get("Location"), w.Body.String()
}

// follow is do that goes where it is sent.
func (b *browser) follow(method, path string, form url.Values) (int, string) {
	code, to, page := b.do(method, path, form)
	for code == http.StatusSeeOther {
		b.at, _, _ = strings.Cut(to, "#")
		code, to, page = b.do(http.MethodGet, b.at, nil)
	}
	return code, page
}

func (b *browser) get(path string) (int, string) { return b.follow(http.MethodGet, path, nil) }
func (b *browser) post(path string, form url.Values) (int, string) {
	return b.follow(http.MethodPost, path, form)
}

// sees fails the test unless a page has the status and all the texts.
func (b *browser) sees(code int, page string, want int, texts ...string) {
	b.s.t.Helper()
	if code != want {
		b.s.t.Fatalf("status %d, want %d: %s", code, want, page)
	}
	for _, text := range texts {
		if !strings.Contains(page, text) {
			b.s.t.Fatalf("the page lacks %q:\n%s", text, page)
		}
	}
}

const conversation = "conversation1"

// asked asks a question and gives its id.
func (b *browser) asked(question string) string {
	b.s.t.Helper()
	code, page := b.post("/ask", url.Values{"c": {conversation}, "question": {question}})
	ids := regexp.MustCompile(`data-answer="([^"]+)"`).FindAllStringSubmatch(page, -1)
	if code != http.StatusOK || len(ids) == 0 {
		b.s.t.Fatalf("asking: %d %s", code, page)
	}
	return ids[len(ids)-1][1]
}

// handedOver asks a question, then for a person, and gives the case.
func (s *site) handedOver(b *browser, question string) journal.Case {
	s.t.Helper()
	id := b.asked(question)
	if code, page := b.post("/answers/"+id+"/handover", url.Values{"text": {"please call"}}); code != http.StatusOK {
		s.t.Fatalf("handing over: %d %s", code, page)
	}
	cases, err := s.service.Cases(s.t.Context(), journal.CaseOpen)
	must(s.t, err)
	for _, k := range cases {
		if k.Question == id {
			return k
		}
	}
	s.t.Fatal("no case was opened")
	return journal.Case{}
}

// found are the clauses that a search finds first.
func (s *site) found(text string, n int) []string {
	s.t.Helper()
	found, err := s.desk.Search(s.t.Context(), bot.Question{Text: text}, n)
	must(s.t, err)
	var ids []string
	for _, h := range found.Hits {
		ids = append(ids, h.Clause.ID)
	}
	if len(ids) != n {
		s.t.Fatalf("the search has found %d clauses", len(ids))
	}
	return ids
}

// did are what the audit says was done, oldest first.
func (s *site) did() []string {
	s.t.Helper()
	list, err := s.book.Entries(s.t.Context(), accounts.Filter{})
	must(s.t, err)
	var out []string
	for _, e := range list {
		if strings.HasPrefix(e.Does, "case.") {
			out = append([]string{e.By + " " + e.Does + " " + e.Detail}, out...)
		}
	}
	return out
}

// draft is the form of an editor.
func draft(base, text string, clauses ...string) url.Values {
	return url.Values{"base": {base}, "text": {text}, "clause": clauses}
}

const listing = "厦门对生物医药企业上市有什么目标？"

// TestDeskWalk follows a case from the question to the reply in the asker's conversation, with an approval on the way.
func TestDeskWalk(t *testing.T) {
	s := newSite(t)
	must(t, s.journal.SetSetting(t.Context(), journal.SettingApproval, journal.ApprovalOn))
	asker, ann, bea := s.visitor(), s.signedIn("ann"), s.signedIn("bea")
	k := s.handedOver(asker, listing)
	at := "/desk/cases/" + k.ID
	code, page := ann.get("/desk")
	ann.sees(code, page, 200, listing, "asked for a person", at, "nobody")
	code, page = ann.post(at+"/assign", url.Values{"owner": {"ann"}})
	ann.sees(code, page, 200, "owner: ann", "please call", listing)

	code, page = ann.post(at+"/program", draft("0", ""))
	ann.sees(code, page, 200, "Revision 1, saved by ann")
	letter, err := s.journal.ListDrafts(t.Context(), k.ID)
	must(t, err)
	if len(letter) != 1 || letter[0].Origin != journal.ByProgram || len(letter[0].Clauses) == 0 {
		t.Fatalf("the program's draft is %+v", letter)
	}
	body := filled(letter[0].Text)
	wrong := body + "\n全市每家企业奖励999万元。"
	code, page = ann.post(at+"/check", draft("1", wrong, letter[0].Clauses...))
	ann.sees(code, page, 200, "needs a clause", "There are unsaved changes")
	code, page = ann.post(at+"/save", draft("1", wrong, letter[0].Clauses...))
	ann.sees(code, page, 200, "Revision 2, saved by ann")
	code, page = ann.post(at+"/submit", draft("2", body, letter[0].Clauses...))
	ann.sees(code, page, 200, "awaiting approval", "Nobody approves what they wrote")

	code, page = ann.post(at+"/approve", url.Values{"revision": {"3"}})
	ann.sees(code, page, 403, "Nobody approves what they wrote")
	code, page = ann.post(at+"/send", url.Values{"revision": {"3"}, "although": {"yes"}, "why": {"hurry"}})
	ann.sees(code, page, 409, "another person has not approved")
	code, page = bea.get("/desk?tab=awaiting")
	bea.sees(code, page, 200, listing)
	code, page = bea.post(at+"/return", url.Values{"revision": {"3"}, "why": {"too curt"}})
	bea.sees(code, page, 200, "too curt")
	code, page = ann.get("/desk?tab=returned")
	ann.sees(code, page, 200, listing, "too curt")
	code, page = ann.post(at+"/submit", draft("3", body, letter[0].Clauses...))
	ann.sees(code, page, 200, "awaiting approval")
	code, page = bea.post(at+"/approve", url.Values{"revision": {"3"}})
	bea.sees(code, page, 200, "This revision is approved", "Send revision 3")
	code, page = ann.post(at+"/send", url.Values{"revision": {"3"}})
	ann.sees(code, page, 200, "Reply by ann", `id="delivery"`)

	code, page = asker.get("/?c=" + conversation)
	asker.sees(code, page, 200, "Reply of the staff", "贵公司：", `class="based"`)
	code, page = ann.get("/desk?tab=replied")
	ann.sees(code, page, 200, listing)
	code, page = ann.get(at + "/history")
	ann.sees(code, page, 200, "<del>", "999", "drafted by the program", "too curt", "submitted for approval")
	code, page = ann.get(at + "/print")
	ann.sees(code, page, 200, "政策咨询答复函", "依据", k.ID)
	audit := strings.Join(s.did(), "\n")
	for _, want := range []string{
		"ann case.assigned owner=ann", "ann case.draft revision=1 origin=program", "ann case.submitted revision=3", "bea case.returned revision=3 why=too curt",
		"bea case.approved revision=3", "ann case.replied revision=3",
	} {
		if !strings.Contains(audit, want) {
			t.Errorf("the audit lacks %q:\n%s", want, audit)
		}
	}
	if strings.Contains(audit, "厦门") {
		t.Errorf("the audit has words of the question:\n%s", audit)
	}
}
