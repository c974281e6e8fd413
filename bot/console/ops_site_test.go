package console_test

import (
	"context"
	"io"
	"log/slog"
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
	accountsmemory "policybot/bot/accounts/memory"
	"policybot/bot/channel"
	"policybot/bot/console"
	"policybot/bot/httpapi"
	"policybot/bot/sqlite"
	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
)

// An opsSite is the console with the real service over a journal in a file, and a library of the seeds of its own.
type opsSite struct {
	t       *testing.T
	handler http.Handler
	console *console.Console
	service *bot.Service
	desk    *bot.Desk
	library *retrieval.Library
	journal *sqlite.DB
	book    *accounts.Book
}

// opsAnswers are what the HTTP API asks of a service that is made after it.
type opsAnswers struct{ *bot.Service }

// Reply implements what the API needs.
func (a *opsAnswers) Reply(ctx context.Context, id string) (channel.Handle, error) {
	e, err := a.Journal.Entry(ctx, id)
	return e.Question.Reply, err
}

const opsPassword = "correct horse battery"

// newOpsSite starts a site with the accounts boss (admin), olga and otto (ops), sam (staff) and vic (viewer).
func newOpsSite(t *testing.T) *opsSite {
	t.Helper()
	store := retrieval.NewMemory()
	lib, err := retrievaltest.SeedsIn(t.Context(), store)
	fine(t, err)
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), sqlite.FileName), sqlite.Options{})
	fine(t, err)
	s := &opsSite{t: t, library: lib, journal: db, desk: &bot.Desk{Library: lib}}
	answers := &opsAnswers{}
	api := httpapi.New(httpapi.Options{Answers: answers})
	limits := bot.DefaultLimits
	limits.PerUser = 1000
	s.service, err = bot.NewService(t.Context(), bot.Options{
		Journal: db, Answerer: s.desk, Channels: []channel.Channel{api}, Key: []byte("0123456789abcdef"), Limits: limits, Lang: "zh",
	})
	fine(t, err)
	answers.Service = s.service
	s.book, err = accounts.New(accounts.Options{Store: accountsmemory.New(), Cost: accounts.Cost{Memory: 64, Time: 1, Threads: 1}})
	fine(t, err)
	s.console = console.New(console.Options{
		Service: s.service, Desk: s.desk, Library: lib, Store: store, Ask: api.Inside(), Channel: httpapi.Name, Accounts: s.book, Open: true,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	s.handler = s.console.Handler()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.service.Run(ctx)
	}()
	t.Cleanup(func() { s.console.Close(); stop(); <-done; db.Close() })
	<-api.Up()
	s.people()
	return s
}

// people makes the accounts.
func (s *opsSite) people() {
	ctx := s.t.Context()
	code, err := s.book.Setup(ctx)
	fine(s.t, err)
	boss, err := s.book.First(ctx, code, "boss", opsPassword, accounts.Client{})
	fine(s.t, err)
	for name, role := range map[string]accounts.Role{"olga": accounts.Ops, "otto": accounts.Ops, "sam": accounts.Staff, "vic": accounts.Viewer} {
		_, code, err := s.book.Create(ctx, accounts.Actor{Account: boss.ID, Name: boss.Name}, accounts.NewAccount{Name: name, Role: role, Lang: "en"})
		fine(s.t, err)
		_, err = s.book.Redeem(ctx, code, opsPassword, accounts.Client{})
		fine(s.t, err)
	}
}

func fine(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// An opsBrowser is somebody at the console.
type opsBrowser struct {
	s       *opsSite
	cookies map[string]string
	at      string
}

// nobody is a browser without an account; as is one of an account. Pages are in English.
func (s *opsSite) nobody() *opsBrowser {
	return &opsBrowser{s: s, cookies: map[string]string{"policybot_lang": "en"}}
}

func (s *opsSite) as(name string) *opsBrowser {
	b := s.nobody()
	if code, page := b.post("/login", url.Values{"name": {name}, "password": {opsPassword}}); code != http.StatusOK {
		s.t.Fatalf("%s cannot sign in: %d %s", name, code, page)
	}
	return b
}

// An opsReply is what a reply has besides its body.
type opsReply struct {
	StatusCode int
	Header     http.Header
}

func (b *opsBrowser) do(method, path string, form url.Values) (opsReply, string) {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequestWithContext(b.s.t.Context(), method, "http://ops.example"+path, body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.s.handler.ServeHTTP(w, r)
	got := w.Result()
	defer got.Body.Close()
	for _, c := range got.Cookies() {
		b.cookies[c.Name] = c.Value
	}
	return opsReply{got.StatusCode, got.Header}, w.Body.String()
}

// follow is do that goes where it is sent.
func (b *opsBrowser) follow(method, path string, form url.Values) (int, string) {
	got, page := b.do(method, path, form)
	for got.StatusCode == http.StatusSeeOther {
		b.at, _, _ = strings.Cut(got.Header.Get("Location"), "#")
		got, page = b.do(http.MethodGet, b.at, nil)
	}
	return got.StatusCode, page
}

func (b *opsBrowser) get(path string) (int, string) { return b.follow(http.MethodGet, path, nil) }
func (b *opsBrowser) post(path string, form url.Values) (int, string) {
	return b.follow(http.MethodPost, path, form)
}

// sees gets a page that must be there and have all the texts.
func (b *opsBrowser) sees(path string, texts ...string) string {
	b.s.t.Helper()
	code, page := b.get(path)
	b.has(code, page, http.StatusOK, texts...)
	return page
}

// does posts a form after which a page with all the texts is shown.
func (b *opsBrowser) does(path string, form url.Values, texts ...string) string {
	b.s.t.Helper()
	code, page := b.post(path, form)
	b.has(code, page, http.StatusOK, texts...)
	return page
}

func (b *opsBrowser) has(code int, page string, want int, texts ...string) {
	b.s.t.Helper()
	if code != want {
		b.s.t.Fatalf("status %d, want %d: %s", code, want, mainOf(page))
	}
	for _, text := range texts {
		if !strings.Contains(page, text) {
			b.s.t.Fatalf("the page lacks %q:\n%s", text, mainOf(page))
		}
	}
}

var markup = regexp.MustCompile(`<[^>]*>|\s+`)

// mainOf is the text of the main part of a page, as much as a failure needs.
func mainOf(page string) string {
	if _, after, ok := strings.Cut(page, "<main"); ok {
		page = after
	}
	text := strings.Join(strings.Fields(markup.ReplaceAllString(page, " ")), " ")
	return text[:min(len(text), 3000)]
}

var answerOnPage = regexp.MustCompile(`data-answer="([^"]+)"`)

// asked asks a question as somebody, in a conversation of its own, and gives its id.
func (b *opsBrowser) asked(question string) string {
	b.s.t.Helper()
	code, page := b.post("/ask", url.Values{"question": {question}})
	ids := answerOnPage.FindAllStringSubmatch(page, -1)
	if code != http.StatusOK || len(ids) == 0 {
		b.s.t.Fatalf("asking: %d %s", code, page)
	}
	return ids[len(ids)-1][1]
}

// audited are what the audit says was done, oldest first, of one kind.
func (s *opsSite) audited(does string) []accounts.Entry {
	s.t.Helper()
	list, err := s.book.Entries(s.t.Context(), accounts.Filter{Does: does})
	fine(s.t, err)
	return list
}

// searched is what a search of the desk finds, as JSON.
func (s *opsSite) searched(question string) (first string, all retrieval.Found) {
	s.t.Helper()
	found, err := s.desk.Search(s.t.Context(), bot.Question{Text: question, AsOf: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)}, 50)
	fine(s.t, err)
	if len(found.Hits) > 0 {
		first = found.Hits[0].Clause.ID
	}
	return first, found
}
