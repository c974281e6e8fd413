package console

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"policybot/bot"
	"policybot/bot/accounts"
	"policybot/bot/oidc"
	"policybot/retrieval"
	"policybot/retrieval/publication"
)

// Options of a Console. Service, Desk, Library, Ask and Accounts are needed.
type Options struct {
	Service  *bot.Service
	Desk     *bot.Desk
	Library  *retrieval.Library
	Store    publication.Store // of the library; nil: no versions, proposals and golden questions
	Measures bot.Measures      // nil: there are none, and no form for them
	// Ask is the HTTP API of this process without its own access check: questions go through it.
	Ask http.Handler
	// Channel is the name of that API as a channel.
	Channel  string
	Accounts *accounts.Book
	Admin    Administration // what the pages for administrators stand on beside the rest
	SignOn   *oidc.Provider // where an organisation's own accounts sign in; nil: nowhere
	// Open lets everybody who reaches the console ask and read; else that needs an account.
	Open bool
	// Hosts are the names that the console answers to, without port; none: to every name. It keeps a
	// page of another site from reaching a console on this machine under a name of its own.
	Hosts []string
	// Trusted are the addresses of proxies before the console that say in X-Forwarded-For whom they ask for; none: nobody
	// is believed.
	Trusted []netip.Prefix
	// Secure is set where people reach the console over HTTPS: cookies then travel over nothing else.
	Secure  bool
	Lang    string           // of pages where a browser asks for neither language; "": zh
	Overdue time.Duration    // age from which what waits for the staff is marked; 0: 24 h
	Now     func() time.Time // nil: time.Now
	Log     *slog.Logger     // nil discards
	Version string
	// Temporary is the folder of temporary files with texts of the log, whose owner removes what is left there; "": the
	// system's.
	Temporary string
}

// A Console is the web application. Make one with New, and end it with Close; it may be used from several goroutines.
type Console struct {
	Options
	examples  examples
	handler   http.Handler
	present   *presence     // who has which case open
	gaps      gapGroups     // of the list that was shown last
	uploading chan struct{} // holds one while a file is read
	golden    goldenJob
	pages     []string // paths of the routes that are pages
	reports   reportGate
}

// New makes a console.
func New(o Options) *Console {
	if o.Service == nil || o.Desk == nil || o.Library == nil || o.Ask == nil || o.Accounts == nil {
		panic("console: New without Service, Desk, Library, Ask or Accounts")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Lang == "" {
		o.Lang = chinese
	}
	if o.Overdue <= 0 {
		o.Overdue = usuallyOverdue
	}
	c := &Console{Options: o, present: newPresence(), uploading: make(chan struct{}, 1)}
	c.handler = c.routed()
	return c
}

// Handler serves every address of the console.
func (c *Console) Handler() http.Handler { return c.handler }

// routed is the mux of all routes behind what is the same for every request.
func (c *Console) routed() http.Handler {
	mux := http.NewServeMux()
	for _, route := range routes {
		mux.Handle(route.method+" "+route.path, c.guarded(route))
		if route.method == http.MethodGet {
			c.pages = append(c.pages, route.path)
		}
	}
	mux.Handle("/", c.guarded(route{need: anyone, serve: (*Console).unknown}))
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.fail(w, r, errOrigin)
	}))
	return c.outermost(origin.Handler(mux))
}

// unknown is every address that is no route's.
func (c *Console) unknown(http.ResponseWriter, *http.Request) error { return errNotFound }

// outermost sets the headers of every reply, refuses other hosts' names, and catches panics.
func (c *Console) outermost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure(w.Header())
		if c.Secure {
			w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		}
		seen := *r // the one place that says where a request comes from; see client
		seen.RemoteAddr = remote(r, c.Trusted)
		r = &seen
		watched := &watchedWriter{ResponseWriter: w}
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(http.ErrAbortHandler)
			}
			c.Log.Error("a page of the console panicked", "method", r.Method, "route", r.Pattern, "panic", cause)
			if watched.began {
				panic(http.ErrAbortHandler)
			}
			c.fail(watched, r, errInternal)
		}()
		if !c.known(r.Host) {
			c.fail(watched, r, errHost)
			return
		}
		next.ServeHTTP(watched, r)
	})
}

// secure sets the headers that tell the browser what a page may do: load styles, scripts and pictures of its own
// host and send forms there, and nothing else.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "font-src 'self'", "connect-src 'self'",
		"form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
		"report-uri " + reportPath,
	}, "; "))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
}

// A watchedWriter knows whether a reply has begun.
type watchedWriter struct {
	http.ResponseWriter
	began bool
}

// WriteHeader implements http.ResponseWriter.
func (w *watchedWriter) WriteHeader(status int) {
	w.began = true
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *watchedWriter) Write(b []byte) (int, error) {
	w.began = true
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController find what the writer beneath can do.
func (w *watchedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// A pageError is an error that a person sees: a status and a sentence.
type pageError struct {
	status int
	name   string // of the sentence
	values []any
}

// Error implements error.
func (e *pageError) Error() string { return say(english, e.name, e.values...) }

// problem is an error for people.
func problem(status int, name string, values ...any) *pageError {
	return &pageError{status, name, values}
}

// Errors for people.
var (
	errNotFound = problem(http.StatusNotFound, "error.not_found")
	errInternal = problem(http.StatusInternalServerError, "error.internal")
	errOrigin   = problem(http.StatusForbidden, "error.origin")
	errHost     = problem(http.StatusMisdirectedRequest, "error.host")
	errRole     = problem(http.StatusForbidden, "error.role")
)

// fail shows an error. One that is not for people is logged, and shown as a sentence that says no more than that.
func (c *Console) fail(w http.ResponseWriter, r *http.Request, err error) {
	shown, ok := errors.AsType[*pageError](err)
	switch {
	case ok:
	case errors.Is(err, retrieval.ErrNotFound):
		shown = errNotFound
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		return // nobody is there to be told
	default:
		c.Log.Error("a page of the console failed", "method", r.Method, "route", r.Pattern, "error", err)
		shown = errInternal
	}
	v := c.view(r)
	page := struct {
		View
		Status  int
		Message string
	}{v, shown.status, v.T(shown.name, shown.values...)}
	if err := c.show(w, r, shown.status, "error", page); err != nil {
		c.Log.Error("the page of an error failed", "error", err)
		http.Error(w, page.Message, shown.status)
	}
}
