package console

import (
	"bytes"
	"context"
	"database/sql"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"policybot/bot"
	"policybot/bot/accounts"
	accountsmemory "policybot/bot/accounts/memory"
	"policybot/bot/channel"
	"policybot/bot/eligibility"
	"policybot/bot/eligibility/register"
	"policybot/bot/httpapi"
	"policybot/bot/journal"
	"policybot/bot/journal/memory"
	journaldb "policybot/bot/sqlite"
	"policybot/retrieval"
	"policybot/retrieval/publication"
	"policybot/retrieval/retrievaltest"
	"policybot/retrieval/sqlite"
	"policybot/seeds"
)

// A world is a console with everything beneath it: the seeds with their measures, a journal, accounts, and a service
// that runs.
type world struct {
	t       testing.TB
	folder  string // of the files; "" where everything is in memory
	store   publication.Store
	library *retrieval.Library
	desk    *bot.Desk
	journal journal.Journal
	service *bot.Service
	book    *accounts.Book
	console *Console

	mu    sync.Mutex
	ahead time.Duration // of the clock of the console and the accounts
}

// A setup says how a world is; the zero setup is in memory, and its console is open for reading.
type setup struct {
	files  bool // the library, the journal and the accounts are in SQLite files
	closed bool // reading needs an account
}

// password is that of every account.
const password = "nine small green doors 7"

// people are the accounts of every world.
var people = map[string]accounts.Role{
	"boss": accounts.Admin, "chen": accounts.Admin, "olga": accounts.Ops, "otto": accounts.Ops, "ann": accounts.Staff, "bea": accounts.Staff, "vic": accounts.Viewer,
}

// answers are what the HTTP API asks of a service that is made after it.
type answers struct{ *bot.Service }

// Reply gives the handle of a question.
func (a *answers) Reply(ctx context.Context, id string) (channel.Handle, error) {
	e, err := a.Journal.Entry(ctx, id)
	return e.Question.Reply, err
}

// newWorld starts a world, which ends with the test.
func newWorld(t testing.TB, how setup) *world {
	t.Helper()
	w := &world{t: t}
	rows := w.stores(how)
	measures := seededMeasures(t, w.store, w.library)
	w.desk = &bot.Desk{Library: w.library, Measures: measures}
	inside := &answers{}
	api := httpapi.New(httpapi.Options{Answers: inside, Desk: inside})
	limits := bot.DefaultLimits
	limits.PerUser = 1000
	var err error
	w.service, err = bot.NewService(t.Context(), bot.Options{
		Journal: w.journal, Answerer: w.desk, Channels: []channel.Channel{api}, Key: []byte("0123456789abcdef"), Limits: limits, Lang: chinese, Alone: true,
	})
	must(t, err)
	inside.Service = w.service
	w.book, err = accounts.New(accounts.Options{Store: rows, Now: w.now, Cost: accounts.Cost{Memory: 64, Time: 1, Threads: 1}})
	must(t, err)
	w.console = New(Options{
		Service: w.service, Desk: w.desk, Library: w.library, Store: w.store, Measures: measures, Ask: api.Inside(), Channel: httpapi.Name, Accounts: w.book,
		Open: !how.closed, Now: w.now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Admin: Administration{Measures: measures, Installed: func(context.Context) Installation {
			return Installation{Public: true, Files: []Kept{{"policybot.db", 4096}}, Configured: []Configured{{"service.total", "1000"}, {"own.name", ""}}, DailyTokens: 5000, Tokens: 1200}
		}},
	})
	w.run(api)
	t.Cleanup(w.console.Close)
	for name, role := range people {
		_, code, err := w.book.Create(t.Context(), accounts.Actor{Name: "test"}, accounts.NewAccount{Name: name, Role: role})
		must(t, err)
		_, err = w.book.Redeem(t.Context(), code, password, accounts.Client{})
		must(t, err)
	}
	return w
}

// stores opens what keeps the texts, the journal and the accounts.
func (w *world) stores(how setup) accounts.Store {
	w.t.Helper()
	var err error
	if !how.files {
		texts := retrieval.NewMemory()
		w.store, w.journal = texts, memory.New()
		w.library, err = retrievaltest.SeedsIn(w.t.Context(), texts)
		must(w.t, err)
		return accountsmemory.New()
	}
	w.folder = w.t.TempDir()
	texts, err := sqlite.Open(w.t.Context(), filepath.Join(w.folder, sqlite.FileName), sqlite.Options{})
	must(w.t, err)
	w.t.Cleanup(func() { must(w.t, texts.Close()) })
	db, err := journaldb.Open(w.t.Context(), filepath.Join(w.folder, journaldb.FileName), journaldb.Options{})
	must(w.t, err)
	w.t.Cleanup(func() { must(w.t, db.Close()) })
	w.store, w.journal = texts, db
	w.library, err = retrievaltest.SeedsIn(w.t.Context(), texts)
	must(w.t, err)
	return db
}

// seededMeasures are those of the seeds, approved.
func seededMeasures(t testing.TB, store publication.Store, lib *retrieval.Library) *register.Register {
	t.Helper()
	f, err := seeds.FS().Open("measures.yaml")
	must(t, err)
	defer f.Close()
	list, err := eligibility.Read(f, "measures.yaml")
	must(t, err)
	r := &register.Register{Store: store, Library: lib}
	must(t, r.Seed(t.Context(), "measures.yaml", list, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)))
	return r
}

// run runs the service until the test ends.
func (w *world) run(api *httpapi.API) {
	running, stop := context.WithCancel(context.WithoutCancel(w.t.Context()))
	var ended sync.WaitGroup
	ended.Go(func() {
		if err := w.service.Run(running); err != nil {
			w.t.Errorf("the service ended: %v", err)
		}
	})
	w.t.Cleanup(func() { stop(); api.StopWaiting(); ended.Wait() })
	<-api.Up()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// now is the clock of the console and the accounts.
func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.ahead)
}

// later sets the clock forward.
func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ahead += d
}

// elsewhere moves a session to another workspace of the same database.
func (w *world) elsewhere(token string) {
	w.t.Helper()
	before, _, err := w.book.Session(w.t.Context(), token)
	must(w.t, err)
	db, err := sql.Open("sqlite", filepath.Join(w.folder, journaldb.FileName))
	must(w.t, err)
	defer db.Close()
	for _, change := range []string{
		"PRAGMA foreign_keys = OFF", "PRAGMA busy_timeout = 10000", "INSERT OR IGNORE INTO accounts SELECT 'other', id, name, display, role, lang, disabled, issuer, subject, password, created_at FROM accounts",
		"UPDATE sessions SET workspace = 'other' WHERE id = '" + before.ID + "'",
	} {
		_, err := db.ExecContext(w.t.Context(), change)
		must(w.t, err)
	}
}

// audited is what the audit says was done, newest first; "" for everything.
func (w *world) audited(does string) []accounts.Entry {
	w.t.Helper()
	list, err := w.book.Entries(w.t.Context(), accounts.Filter{Does: does})
	must(w.t, err)
	return list
}

// searched is what a search of the desk finds, and the clause that it finds first, "" for none.
func (w *world) searched(question string, n int) (first string, all retrieval.Found) {
	w.t.Helper()
	all, err := w.desk.Search(w.t.Context(), bot.Question{Text: question, AsOf: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)}, n)
	must(w.t, err)
	if len(all.Hits) > 0 {
		first = all.Hits[0].Clause.ID
	}
	return first, all
}

// listing is a question that the seeds answer, from xiamen, their document that tests change.
const (
	listing = "厦门对生物医药企业上市有什么目标？"
	xiamen  = "xiamen-2020-2022"
)

// A person is somebody at the console, with what was last shown to them.
type person struct {
	w       *world
	console *Console
	lang    string // that they have chosen; "" for none
	part    bool   // asks for parts of pages, as scripts do
	headers http.Header
	cookies map[string]string
	talk    string // conversation that they ask in; "": each question is in one of its own

	code   int
	page   string
	at     string // its address
	header http.Header
}

// visitor is somebody without an account, who reads English.
func (w *world) visitor() *person {
	return &person{w: w, console: w.console, lang: english, cookies: map[string]string{}}
}

// signedIn is somebody with an account.
func (w *world) signedIn(name string) *person {
	w.t.Helper()
	p := w.visitor().post("/login", url.Values{"name": {name}, "password": {password}})
	if p.cookies[cookieSession] == "" {
		w.t.Fatalf("%s cannot sign in: %d %s", name, p.code, mainOf(p.page))
	}
	return p
}

// send sends one request; kind is the media type of its body.
func (p *person) send(method, path, kind string, body io.Reader) *person {
	p.w.t.Helper()
	r := httptest.NewRequestWithContext(p.w.t.Context(), method, "http://console.example"+path, body)
	for name, values := range p.headers {
		r.Header[name] = values
	}
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if p.part {
		r.Header.Set(headerPart, "1")
	}
	if p.lang != "" {
		r.AddCookie(&http.Cookie{Name: cookieLang, Value: p.lang})
	}
	for name, value := range p.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	out := httptest.NewRecorder()
	p.console.Handler().ServeHTTP(out, r)
	for _, line := range out.Header().Values("Set-Cookie") {
		c, err := http.ParseSetCookie(line)
		must(p.w.t, err)
		p.cookies[c.Name] = c.Value
	}
	p.code, p.page, p.at, p.header = out.Code, out.Body.String(), path, out.Header()
	return p
}

// ask sends one request with a form; nil for none.
func (p *person) ask(method, path string, form url.Values) *person {
	p.w.t.Helper()
	if form == nil {
		return p.send(method, path, "", nil)
	}
	return p.send(method, path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

// follow goes where the last reply leads.
func (p *person) follow() *person {
	p.w.t.Helper()
	for range 5 {
		if p.code != http.StatusSeeOther {
			return p
		}
		path, _, _ := strings.Cut(p.header.Get("Location"), "#")
		p.send(http.MethodGet, path, "", nil)
	}
	p.w.t.Fatal("too many redirects")
	return p
}

// get opens a page.
func (p *person) get(path string) *person {
	p.w.t.Helper()
	return p.ask(http.MethodGet, path, nil).follow()
}

// post sends a form, and opens the page that it leads to.
func (p *person) post(path string, form url.Values) *person {
	p.w.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	return p.ask(http.MethodPost, path, form).follow()
}

// upload proposes a file.
func (p *person) upload(name string, data []byte, fields map[string]string) *person {
	p.w.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for field, value := range fields {
		must(p.w.t, form.WriteField(field, value))
	}
	f, err := form.CreateFormFile("file", name)
	must(p.w.t, err)
	_, err = f.Write(data)
	must(p.w.t, err)
	must(p.w.t, form.Close())
	return p.send(http.MethodPost, "/admin/documents", form.FormDataContentType(), &b).follow()
}

// sees wants a status, and texts on the page.
func (p *person) sees(code int, texts ...string) *person {
	p.w.t.Helper()
	if p.code != code {
		p.w.t.Fatalf("%s: status %d, want %d: %s", p.at, p.code, code, mainOf(p.page))
	}
	for _, text := range texts {
		if !strings.Contains(p.page, text) {
			p.w.t.Fatalf("%s lacks %q: %s", p.at, text, mainOf(p.page))
		}
	}
	return p
}

// lacks wants texts not to be on the page.
func (p *person) lacks(texts ...string) *person {
	p.w.t.Helper()
	for _, text := range texts {
		if strings.Contains(p.page, text) {
			p.w.t.Fatalf("%s has %q: %s", p.at, text, mainOf(p.page))
		}
	}
	return p
}

// found is the page's first match of a pattern's first group, as it was before it became a part of the page.
func (p *person) found(pattern string) string {
	p.w.t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(p.page)
	if m == nil {
		p.w.t.Fatalf("%s: nothing fits %s: %s", p.at, pattern, mainOf(p.page))
	}
	return unescaped.Replace(m[1])
}

var unescaped = strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&#43;", "+", "&lt;", "<", "&gt;", ">", "&amp;", "&")

// mainOf is the main part of a page, as much of it as a failure needs.
func mainOf(page string) string {
	if i := strings.Index(page, "<main"); i >= 0 {
		page = page[i:]
	}
	return page[:min(len(page), 6000)]
}

var answerOnPage = regexp.MustCompile(`data-answer="([^"]+)" data-state="([^"]+)"`)

// asked asks a question, waits for the answer, and gives its id.
func (p *person) asked(question string) string {
	p.w.t.Helper()
	form := url.Values{"question": {question}}
	if p.talk != "" {
		form.Set("c", p.talk)
	}
	list := answerOnPage.FindAllStringSubmatch(p.post("/ask", form).page, -1)
	if p.code != http.StatusOK || len(list) == 0 || list[len(list)-1][2] == stateWaiting {
		p.w.t.Fatalf("asking %q: %d %s", question, p.code, mainOf(p.page))
	}
	return list[len(list)-1][1]
}
