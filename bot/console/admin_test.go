package console

import (
	"bytes"
	"context"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"policybot/bot"
	"policybot/bot/accounts"
	"policybot/bot/channel"
	"policybot/bot/httpapi"
	journaldb "policybot/bot/sqlite"
	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
	"policybot/retrieval/sqlite"
)

// What tests change and ask, and how everybody signs in.
const (
	adminTestDocument = "xiamen-2020-2022"
	adminQuestion     = "厦门对生物医药企业上市有什么目标？"
	adminPassword     = "nine small green doors 7"
)

// An adminSite is the console over files, with accounts of every role.
type adminSite struct {
	*testing.T
	console *Console
	handler http.Handler
	lib     *retrieval.Library
	desk    *bot.Desk
	service *bot.Service
	book    *accounts.Book
	text    string // of the document that tests change
}

// adminAnswers are what the HTTP API asks of a service that is made after it.
type adminAnswers struct{ *bot.Service }

func (a *adminAnswers) Reply(ctx context.Context, id string) (channel.Handle, error) {
	e, err := a.Journal.Entry(ctx, id)
	return e.Question.Reply, err
}

// newAdminSite starts a site with the accounts boss and chen (admin), ops, staff and viewer.
func newAdminSite(t *testing.T) *adminSite {
	t.Helper()
	s := &adminSite{T: t}
	dir := t.TempDir()
	store, err := sqlite.Open(t.Context(), filepath.Join(dir, sqlite.FileName), sqlite.Options{})
	s.ok(err)
	t.Cleanup(func() { s.ok(store.Close()) })
	s.lib, err = retrievaltest.SeedsIn(t.Context(), store)
	s.ok(err)
	db, err := journaldb.Open(t.Context(), filepath.Join(dir, journaldb.FileName), journaldb.Options{})
	s.ok(err)
	t.Cleanup(func() { s.ok(db.Close()) })
	measures := seededMeasures(t, store, s.lib)
	s.desk = &bot.Desk{Library: s.lib, Measures: measures}
	answers := &adminAnswers{}
	api := httpapi.New(httpapi.Options{Answers: answers})
	s.service, err = bot.NewService(t.Context(), bot.Options{
		Journal: db, Answerer: s.desk, Channels: []channel.Channel{api}, Key: []byte("0123456789abcdef"), Limits: bot.DefaultLimits, Lang: "zh", Alone: true,
	})
	s.ok(err)
	answers.Service = s.service
	s.book, err = accounts.New(accounts.Options{Store: db, Cost: accounts.Cost{Memory: 64, Time: 1, Threads: 1}})
	s.ok(err)
	s.console = New(Options{
		Service: s.service, Desk: s.desk, Library: s.lib, Measures: measures, Ask: api.Inside(), Channel: httpapi.Name, Accounts: s.book, Open: true,
		Store: store, Admin: Administration{Measures: measures, Installed: func(context.Context) Installation {
			return Installation{Public: true, Files: []Kept{{"policybot.db", 4096}}, Configured: []Configured{{"service.total", "1000"}, {"own.name", ""}}, DailyTokens: 5000, Tokens: 1200}
		}},
	})
	s.handler = s.console.Handler()
	s.run(api)
	for name, role := range map[string]accounts.Role{"boss": accounts.Admin, "chen": accounts.Admin, "ops": accounts.Ops, "staff": accounts.Staff, "viewer": accounts.Viewer} {
		_, code, err := s.book.Create(t.Context(), accounts.Actor{Name: "test"}, accounts.NewAccount{Name: name, Role: role, Lang: "en"})
		s.ok(err)
		_, err = s.book.Redeem(t.Context(), code, adminPassword, accounts.Client{})
		s.ok(err)
	}
	_, text, _, err := store.Version(t.Context(), adminTestDocument, 1)
	s.ok(err)
	s.text = text
	return s
}

// run runs the service until the test ends.
func (s *adminSite) run(api *httpapi.API) {
	ctx, stop := context.WithCancel(context.WithoutCancel(s.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.service.Run(ctx)
	}()
	s.Cleanup(func() { stop(); <-done })
	<-api.Up()
}

func (s *adminSite) ok(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// An adminPerson is somebody at the console.
type adminPerson struct {
	s       *adminSite
	lang    string
	cookies map[string]string
	page    string // that was last shown
	at      string // its address
	code    int
	header  http.Header
}

// enter signs somebody in; "" for a visitor.
func (s *adminSite) enter(name string) *adminPerson {
	s.Helper()
	p := &adminPerson{s: s, lang: "en", cookies: map[string]string{}}
	if name != "" {
		p.post("/login", url.Values{"name": {name}, "password": {adminPassword}})
		p.sees(http.StatusOK)
	}
	return p
}

func (p *adminPerson) do(method, path, kind string, body []byte) {
	p.s.Helper()
	for range 5 {
		r := httptest.NewRequestWithContext(p.s.Context(), method, "http://console.example"+path, bytes.NewReader(body))
		if kind != "" {
			r.Header.Set("Content-Type", kind)
		}
		r.AddCookie(&http.Cookie{Name: cookieLang, Value: p.lang})
		for name, value := range p.cookies {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		w := httptest.NewRecorder()
		p.s.handler.ServeHTTP(w, r)
		for _, c := range w.Result().Cookies() {
			p.cookies[c.Name] = c.Value
		}
		p.code, p.page, p.at, p.header = w.Code, w.Body.String(), path, w.Header()
		if w.Code != http.StatusSeeOther {
			return
		}
		path, _, _ = strings.Cut(w.Header().Get("Location"), "#")
		method, kind, body = http.MethodGet, "", nil
	}
	p.s.Fatal("too many redirects")
}

func (p *adminPerson) get(path string) *adminPerson {
	p.s.Helper()
	p.do(http.MethodGet, path, "", nil)
	return p
}

func (p *adminPerson) post(path string, form url.Values) *adminPerson {
	p.s.Helper()
	p.do(http.MethodPost, path, "application/x-www-form-urlencoded", []byte(form.Encode()))
	return p
}

// upload proposes a file.
func (p *adminPerson) upload(name string, data []byte, fields map[string]string) *adminPerson {
	p.s.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for field, value := range fields {
		p.s.ok(w.WriteField(field, value))
	}
	f, err := w.CreateFormFile("file", name)
	p.s.ok(err)
	_, err = f.Write(data)
	p.s.ok(err)
	p.s.ok(w.Close())
	p.do(http.MethodPost, "/admin/documents", w.FormDataContentType(), b.Bytes())
	return p
}

// sees wants a status, and texts on the page.
func (p *adminPerson) sees(code int, texts ...string) *adminPerson {
	p.s.Helper()
	if p.code != code {
		p.s.Fatalf("%s: status %d, want %d: %.1500s", p.at, p.code, code, p.page)
	}
	for _, text := range texts {
		if !strings.Contains(p.page, text) {
			p.s.Fatalf("%s lacks %q: %s", p.at, text, p.page[max(0, strings.Index(p.page, "<main")):])
		}
	}
	return p
}

// lacks wants texts not to be on the page.
func (p *adminPerson) lacks(texts ...string) *adminPerson {
	p.s.Helper()
	for _, text := range texts {
		if strings.Contains(p.page, text) {
			p.s.Fatalf("%s has %q: %s", p.at, text, p.page[max(0, strings.Index(p.page, "<main")):])
		}
	}
	return p
}

// found is the page's first match of a pattern's first group.
func (p *adminPerson) found(pattern string) string {
	p.s.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(p.page)
	if m == nil {
		p.s.Fatalf("%s: nothing fits %s", p.at, pattern)
	}
	return m[1]
}

var adminSure = url.Values{"sure": {"yes"}}

// with adds fields to a form that is meant.
func sureWith(pairs ...string) url.Values {
	form := url.Values{"sure": {"yes"}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

// adminShown is what the library answers: a search and an answer, without id and times.
func (s *adminSite) adminShown() string {
	s.Helper()
	q := bot.Question{ID: "a-fixed", Text: adminQuestion, Lang: "zh", AsOf: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
	found, err := s.desk.Search(s.Context(), q, 20)
	s.ok(err)
	a, err := s.desk.Ask(s.Context(), q)
	s.ok(err)
	a.Ms = bot.Answer{}.Ms
	text, err := json.Marshal(map[string]any{"found": found, "answer": a})
	s.ok(err)
	return string(text)
}

// audited is what the audit says was done, newest first.
func (s *adminSite) audited(does string) []accounts.Entry {
	s.Helper()
	list, err := s.book.Entries(s.Context(), accounts.Filter{Does: does})
	s.ok(err)
	return list
}
