package console

import (
	"context"
	"database/sql"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"policybot/bot"
	"policybot/bot/accounts"
	"policybot/bot/channel"
	"policybot/bot/eligibility"
	"policybot/bot/eligibility/register"
	"policybot/bot/httpapi"
	"policybot/bot/sqlite"
	"policybot/retrieval"
	"policybot/retrieval/publication"
	"policybot/retrieval/retrievaltest"
	"policybot/seeds"
)

// A world is a console with everything beneath it: the seeds, a journal in a file, a service that runs.
type world struct {
	t       *testing.T
	path    string // of the journal
	service *bot.Service
	book    *accounts.Book
	console *Console // where reading needs an account
	open    *Console // where it does not

	mu  sync.Mutex
	now time.Time
}

// password is that of every account.
const password = "a plain long password"

// clock gives instants an hour apart, so that no try has to wait for the one before.
func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(time.Second)
	return w.now
}

// later lets an hour pass.
func (w *world) later() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(time.Hour)
}

// answers are what the HTTP API asks of the service.
type answers struct{ *bot.Service }

// Reply gives the handle of a question.
func (a *answers) Reply(ctx context.Context, id string) (channel.Handle, error) {
	e, err := a.Journal.Entry(ctx, id)
	return e.Question.Reply, err
}

// newWorld starts a world, with an account of each role that is named after it.
func newWorld(t *testing.T) *world {
	t.Helper()
	ctx := t.Context()
	w := &world{t: t, path: filepath.Join(t.TempDir(), sqlite.FileName), now: time.Now()}
	db, err := sqlite.Open(ctx, w.path, sqlite.Options{})
	must(t, err)
	t.Cleanup(func() { db.Close() })
	store := retrieval.NewMemory()
	lib, err := retrievaltest.SeedsIn(ctx, store)
	must(t, err)
	measures := seededMeasures(t, store, lib)
	desk, inside := &bot.Desk{Library: lib, Measures: measures}, &answers{}
	api := httpapi.New(httpapi.Options{Answers: inside, Desk: inside})
	w.service, err = bot.NewService(ctx, bot.Options{
		Journal: db, Answerer: desk, Channels: []channel.Channel{api}, Key: []byte(strings.Repeat("k", 32)), Limits: bot.DefaultLimits, Lang: "en",
	})
	must(t, err)
	inside.Service = w.service
	running, stop := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	ended.Go(func() {
		if err := w.service.Run(running); err != nil {
			t.Errorf("the service ended: %v", err)
		}
	})
	t.Cleanup(func() { stop(); api.StopWaiting(); ended.Wait() })
	<-api.Up()
	w.book, err = accounts.New(accounts.Options{Store: db, Now: w.clock, Cost: accounts.Cost{Memory: 64, Time: 1, Threads: 1}})
	must(t, err)
	o := Options{
		Admin: Administration{Measures: measures}, Store: store,
		Service: w.service, Desk: desk, Library: lib, Measures: measures, Ask: api.Inside(), Channel: httpapi.Name, Accounts: w.book, Lang: english, Now: w.clock, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	w.console = New(o)
	o.Open = true
	w.open = New(o)
	for _, role := range accounts.Roles() {
		_, code, err := w.book.Create(ctx, accounts.Actor{Name: "test"}, accounts.NewAccount{Name: string(role), Role: role})
		must(t, err)
		_, err = w.book.Redeem(ctx, code, password, accounts.Client{From: "127.0.0.1"})
		must(t, err)
	}
	return w
}

// seededMeasures are those of the seeds, approved.
func seededMeasures(t *testing.T, store publication.Store, lib *retrieval.Library) *register.Register {
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

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// session signs an account in and gives its token.
func (w *world) session(name string) string {
	w.t.Helper()
	w.later()
	e, err := w.book.Login(w.t.Context(), accounts.Attempt{Name: name, Password: password, Client: accounts.Client{From: "127.0.0.1"}})
	must(w.t, err)
	return e.Token
}

// elsewhere moves a session to another workspace of the same database.
func (w *world) elsewhere(token string) {
	w.t.Helper()
	before, _, err := w.book.Session(w.t.Context(), token)
	must(w.t, err)
	db, err := sql.Open("sqlite", w.path)
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

// A request is one to a console.
type request struct {
	method, path string
	form         url.Values
	token        string // of the session; "" for none
	headers      http.Header
}

// send gives the reply to a request.
func (r request) send(t *testing.T, c *Console) *httptest.ResponseRecorder {
	t.Helper()
	in := httptest.NewRequestWithContext(t.Context(), r.method, r.path, strings.NewReader(r.form.Encode()))
	if r.method == http.MethodPost {
		in.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, values := range r.headers {
		in.Header[name] = values
	}
	if r.token != "" {
		in.AddCookie(&http.Cookie{Name: cookieSession, Value: r.token})
	}
	out := httptest.NewRecorder()
	c.Handler().ServeHTTP(out, in)
	return out
}

// asked asks a question as an account, waits for the answer, and gives its id.
func (w *world) asked(name, question string) string {
	w.t.Helper()
	_, account, err := w.book.Session(w.t.Context(), w.session(name))
	must(w.t, err)
	token, conversation := w.session(name), "conversation00"+name
	r := request{"POST", "/ask", url.Values{"c": {conversation}, "question": {question}}, token, nil}.send(w.t, w.console)
	if r.Code != http.StatusSeeOther {
		w.t.Fatalf("asking gives %d: %s", r.Code, r.Body)
	}
	who := channel.Actor{ID: "account " + account.ID}
	list, err := w.service.Conversation(w.t.Context(), httpapi.Name, who, channel.Place{ID: who.ID, Thread: conversation})
	must(w.t, err)
	if len(list) == 0 || list[len(list)-1].Answer == nil {
		w.t.Fatalf("no answer to %q", question)
	}
	return list[len(list)-1].ID
}
