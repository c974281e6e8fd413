package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"policybot/bot"
	"policybot/bot/accounts"
	"policybot/bot/channel"
	"policybot/bot/console"
	"policybot/bot/eligibility/register"
	"policybot/bot/generate"
	"policybot/bot/guard"
	"policybot/bot/httpapi"
	"policybot/bot/journal"
	"policybot/bot/prometheus"
	journaldb "policybot/bot/sqlite"
	"policybot/retrieval"
	"policybot/retrieval/sqlite"
)

type serveCmd struct {
	HTTP string `name:"http" help:"监听地址（默认 $$POLICYBOT_HTTP，否则 127.0.0.1:8080） · listen address" placeholder:"HOST:PORT"`
}

const defaultHTTP = "127.0.0.1:8080"

// Run serves until the context ends.
func (c *serveCmd) Run(ctx context.Context, a *app) error {
	if err := a.checkChats(); err != nil {
		return err
	}
	lock, err := a.takeFolder()
	if err != nil {
		return err
	}
	defer lock.Close()
	v, err := a.newServer(ctx, lock, slog.LevelInfo)
	if err != nil {
		return err
	}
	defer v.close()
	listener, err := listen(ctx, first(c.HTTP, a.env("POLICYBOT_HTTP"), a.settings.Service.HTTP, defaultHTTP))
	if err != nil {
		return err
	}
	if err := v.withHTTP(ctx, listener.Addr()); err != nil {
		listener.Close()
		return err
	}
	if err := v.withConsole(ctx, listener.Addr()); err != nil {
		listener.Close()
		return err
	}
	return v.serve(ctx, listener)
}

// makeFolder makes the data folder, if there is none.
func (a *app) makeFolder() error {
	if err := os.MkdirAll(a.data, 0o755); err != nil {
		return &messageError{"data_folder", []any{a.data, plain(err)}}
	}
	return nil
}

// takeFolder makes the data folder, if there is none, and takes the lock of the service on it. Temporary files that a
// process has left there are removed.
func (a *app) takeFolder() (*os.File, error) {
	if err := a.makeFolder(); err != nil {
		return nil, err
	}
	lock, err := a.hold()
	if err != nil {
		return nil, err
	}
	if err := os.RemoveAll(a.temporary()); err != nil {
		lock.Close()
		return nil, &messageError{"data_folder", []any{a.data, plain(err)}}
	}
	return lock, nil
}

// temporary is the folder of temporary files with texts of the log.
func (a *app) temporary() string { return filepath.Join(a.data, "tmp") }

// exporting is the folder for the temporary files of an export, "" for the system's where the data folder cannot be
// written to.
func (a *app) exporting() string {
	if err := os.MkdirAll(a.temporary(), 0o700); err != nil {
		return ""
	}
	return a.temporary()
}

// A server is the service with all that it stands on.
type server struct {
	app     *app
	lock    *os.File
	lib     *retrieval.Library
	store   *sqlite.DB
	journal *journaldb.DB
	key     []byte
	service *bot.Service
	desk    *bot.Desk
	api     *httpapi.API        // nil where there is no HTTP
	book    *accounts.Book      // nil where there is no HTTP
	console *console.Console    // nil where there is no HTTP
	metrics *prometheus.Metrics // nil where there is no HTTP
	extra   *extras
	log     *slog.Logger
	closers []func()

	platforms // of chat
}

func (v *server) close() {
	for i := range v.closers {
		v.closers[len(v.closers)-1-i]()
	}
}

// newServer opens everything that a service needs, and logs from a level on. The caller closes it.
func (a *app) newServer(ctx context.Context, lock *os.File, level slog.Level) (_ *server, err error) {
	v := &server{app: a, lock: lock, log: slog.New(slog.NewJSONHandler(a.err, &slog.HandlerOptions{Level: level}))}
	defer func() {
		if err != nil {
			v.close()
		}
	}()
	var done func()
	if v.lib, v.store, done, err = a.openStore(ctx, true); err != nil {
		return nil, err
	}
	v.closers = append(v.closers, done)
	if v.journal, err = a.openJournal(ctx, false); err != nil {
		return nil, err
	}
	v.closers = append(v.closers, func() { v.journal.Close() })
	v.warnOfKey(ctx)
	if v.key, err = a.secretKey(); err != nil {
		return nil, err
	}
	if v.extra, err = startExtras(ctx, a); err != nil {
		return nil, err
	}
	v.closers = append(v.closers, v.extra.close)
	return v, nil
}

// warnOfKey logs that the key of earlier questions is gone: those who asked them are not recognised any more.
func (v *server) warnOfKey(ctx context.Context) {
	_, err := v.app.readKey()
	if c, failed := v.journal.Count(ctx); failed == nil && c.Questions > 0 && errors.Is(err, os.ErrNotExist) {
		v.log.Warn("the key file is missing and is made anew: earlier askers are not recognised; restore it from a backup", "file", keyName)
	}
}

// start makes the service with what o says of channels, limits and observer.
func (v *server) start(ctx context.Context, o bot.Options) (err error) {
	w, err := v.app.writing(v.log, v.journal)
	if err != nil {
		return err
	}
	if answer := cmp.Or(o.Limits.Answer, bot.DefaultLimits.Answer); w != nil && cmp.Or(w.Timeout, generate.DefaultTimeout) > answer*3/4 {
		w.Timeout = answer * 3 / 4 // what is left is for the answer without a model
	}
	if w != nil {
		guard.Prepare()
	}
	v.desk = &bot.Desk{Library: v.lib, Now: v.extra.now, Writing: w, Measures: &register.Register{Store: v.store, Library: v.lib}}
	o.ModelHealth = modelHealth(w)
	o.Journal, o.Answerer, o.Replies = v.extra.journal(v.journal), v.extra.answerer(v.desk), v.desk
	o.Alone = true // the folder is locked
	if v.app.around != nil {
		o.Answerer = v.app.around(o.Answerer)
	}
	o.Key, o.Lang, o.Now, o.Log, o.Program = v.key, v.app.lang, v.extra.now, v.log, version()
	v.service, err = bot.NewService(ctx, o)
	return err
}

// withHTTP makes the service with the HTTP API, for an address that is listened on, and the chat platforms, and counts
// what it does.
func (v *server) withHTTP(ctx context.Context, at net.Addr) error {
	a := v.app
	base, err := a.baseURL()
	if err != nil {
		return err
	}
	v.book, err = accounts.New(accounts.Options{Store: v.journal, Now: v.extra.now, Log: v.log, SignOn: a.settings.SignOn.rules()})
	if err != nil {
		return err
	}
	answers := &apiAnswers{book: v.book}
	v.metrics = prometheus.New()
	v.api = httpapi.New(httpapi.Options{
		Answers: answers, Desk: answers, Token: a.env("POLICYBOT_API_TOKEN"), Proxied: behindProxy(base), Wait: a.settings.Service.wait(), Log: v.log,
	})
	chats, err := v.chats(at)
	if err != nil {
		return err
	}
	err = v.start(ctx, bot.Options{
		Channels: append([]channel.Channel{v.api}, chats...), StaffDesk: v.staff, Alert: v.alert, Limits: a.settings.Service.limits(), Observer: v.metrics,
	})
	if err != nil {
		return err
	}
	answers.Service = v.service
	v.metrics.Watch(v.service.Health)
	return nil
}

// apiAnswers are what the HTTP API asks of the service.
type apiAnswers struct {
	*bot.Service
	book *accounts.Book
}

// Respond sends a reply, with its row in the audit. The API has one token, so who replies is whoever its caller says: in
// the audit they stand behind a word that no account's name begins with.
func (s *apiAnswers) Respond(ctx context.Context, id, by, text string) (journal.Case, error) {
	k, err := s.Case(ctx, id)
	if err == nil {
		err = (&journal.Work{Case: k}).Open()
	}
	if err != nil {
		return k, err
	}
	t := trail{s.book, accounts.API + by}
	err = t.change(ctx, console.DidSend, id, accounts.Facts("chars", accounts.Length(text)), func() (err error) {
		k, err = s.Service.Respond(ctx, id, by, text)
		return err
	})
	return k, err
}

// Reply gives the handle of a question that came over HTTP.
func (s *apiAnswers) Reply(ctx context.Context, id string) (channel.Handle, error) {
	e, err := s.Journal.Entry(ctx, id)
	if err == nil && e.Question.Channel != httpapi.Name {
		err = journal.ErrNotFound
	}
	return e.Question.Reply, err
}

// serve runs the service until ctx ends, and answers over HTTP meanwhile.
func (v *server) serve(ctx context.Context, listener net.Listener) error {
	keeping, stop := context.WithCancel(ctx)
	var keeper sync.WaitGroup
	if v.book != nil {
		keeper.Go(func() { v.keepBook(keeping, v.book) })
	}
	defer keeper.Wait()
	defer stop()
	return v.run(ctx, &front{v.httpServer(v.routes()), listener})
}

// A front is an HTTP server with what it listens on.
type front struct {
	*http.Server
	listener net.Listener
}

// run runs the service until ctx ends, drains, and returns. Meanwhile it takes commands of other runs of the
// program, and web answers over HTTP; nil for nothing.
func (v *server) run(ctx context.Context, web *front) error {
	token := make([]byte, 24)
	rand.Read(token) // never fails
	c := &carrier{app: v.app, token: base64.RawURLEncoding.EncodeToString(token), done: v.refresh}
	fronts, here := []*front{}, running{PID: os.Getpid(), Token: c.token, Started: time.Now().UTC()}
	if web != nil {
		fronts, here.HTTP = append(fronts, web), web.listener.Addr().String()
	}
	control, err := listen(ctx, "127.0.0.1:0")
	if err != nil {
		closeListeners(fronts)
		return err
	}
	commands, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	back := v.httpServer(c)
	back.BaseContext = func(net.Listener) context.Context { return commands }
	fronts, here.Control = append([]*front{{back, control}}, fronts...), control.Addr().String()
	if err := announce(v.lock, here); err != nil {
		closeListeners(fronts)
		return &messageError{"data_folder", []any{v.app.data, plain(err)}}
	}
	if web != nil {
		fmt.Fprintln(v.app.err, v.app.msg("serving", here.HTTP, v.app.data))
	}
	err = v.between(ctx, fronts, web, stop)
	c.close()
	return errors.Join(err, announce(v.lock, running{}))
}

// between serves the fronts while the service runs, and shuts them down. stop
// ends commands under way. A front that ends by itself ends the service.
func (v *server) between(ctx context.Context, fronts []*front, web *front, stop func()) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var servers sync.WaitGroup
	for _, f := range fronts {
		servers.Go(func() {
			if f == web { // until then connections wait
				select {
				case <-v.api.Up():
				case <-ctx.Done():
				}
			}
			if err := f.Serve(f.listener); !errors.Is(err, http.ErrServerClosed) {
				fail(&messageError{"listen", []any{f.listener.Addr(), err}})
			}
		})
	}
	err := v.service.Run(ctx)
	if failed, ok := errors.AsType[*messageError](context.Cause(ctx)); ok {
		err = errors.Join(failed, err)
	}
	stop()
	if v.api != nil {
		v.api.StopWaiting()
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	for _, f := range fronts {
		if f.Shutdown(closing) != nil {
			f.Close()
		}
	}
	servers.Wait()
	return err
}

func listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if op, ok := errors.AsType[*net.OpError](err); ok {
		err = op.Err // the message has the address
	}
	if err != nil {
		return nil, &messageError{"listen", []any{address, err}}
	}
	return l, nil
}

func closeListeners(fronts []*front) {
	for _, f := range fronts {
		f.listener.Close()
	}
}

// shutdownTime is how long requests under way get after the service has drained.
const shutdownTime = 3 * time.Second

func (v *server) httpServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(v.log.Handler(), slog.LevelWarn),
	}
}

// refresh takes over what a carried command changed.
func (v *server) refresh(ctx context.Context) error {
	return errors.Join(v.lib.Refresh(ctx), v.service.Refresh(ctx))
}

func (v *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/api/v1/", v.api.Handler())
	mux.Handle("GET /metrics", v.metrics.Handler())
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"state": "ok", "version": version()})
	})
	mux.HandleFunc("GET /readyz", v.ready)
	if v.console != nil {
		mux.Handle("/", v.console.Handler())
	}
	v.chatRoutes(mux)
	v.extra.routes(mux)
	return mux
}

// ready tells the state of each channel, with its reason.
func (v *server) ready(w http.ResponseWriter, r *http.Request) {
	h := v.service.Health(r.Context())
	state, status := "ready", http.StatusOK
	switch {
	case !h.Ready:
		state, status = "not_ready", http.StatusServiceUnavailable
	case h.Stopped != nil:
		state = "paused"
	}
	writeJSON(w, status, struct {
		State string `json:"state"`
		bot.Health
		Library string `json:"library"`
		Clauses int    `json:"clauses"`
	}{state, h, v.lib.Revision(), v.lib.Len()})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // the reader went away
}

// openJournal opens the journal in the data folder.
func (a *app) openJournal(ctx context.Context, readOnly bool) (*journaldb.DB, error) {
	if err := a.whole(); err != nil {
		return nil, err
	}
	return journaldb.Open(ctx, filepath.Join(a.data, journaldb.FileName), journaldb.Options{ReadOnly: readOnly})
}

// keyName is the file with the key of the hashes that stand for people; keySize is how many bytes it has at least.
const (
	keyName = "secret.key"
	keySize = 32
)

// readKey reads the key. The error is os.ErrNotExist when there is none.
func (a *app) readKey() ([]byte, error) {
	path := filepath.Join(a.data, keyName)
	key, err := os.ReadFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, os.ErrNotExist
	case err != nil:
		return nil, &messageError{"read_file", []any{path, plain(err)}}
	case len(key) < keySize:
		return nil, &messageError{"key_bad", []any{path}}
	}
	return key, nil
}

// secretKey reads the key, or makes one.
func (a *app) secretKey() ([]byte, error) {
	key, err := a.readKey()
	if !errors.Is(err, os.ErrNotExist) {
		return key, err
	}
	path := filepath.Join(a.data, keyName)
	key = make([]byte, keySize)
	rand.Read(key) // never fails
	if err := writeWhole(path, key, 0o600); err != nil {
		return nil, &messageError{"write_file", []any{path, plain(err)}}
	}
	return key, nil
}

// writeWhole writes a file that is there whole or not at all.
func writeWhole(path string, data []byte, perm os.FileMode) error {
	return writeFile(path, perm, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// writeFile lets fill write a file that is there whole or not at all.
func writeFile(path string, perm os.FileMode, fill func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	if err := errors.Join(f.Chmod(perm), fill(f), f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}
