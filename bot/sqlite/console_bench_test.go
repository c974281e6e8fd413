package sqlite_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"policybot/bot"
	"policybot/bot/accounts"
	accountsmemory "policybot/bot/accounts/memory"
	"policybot/bot/console"
	"policybot/bot/journal"
	"policybot/retrieval/retrievaltest"
)

// BenchmarkConsole100k gets pages of operations, and files, through the console's handler.
func BenchmarkConsole100k(b *testing.B) {
	db, _ := logged(b, 1.0/3, false)
	for i := range 2000 {
		_, err := db.OpenCase(b.Context(), journal.NewCase{ID: fmt.Sprint("k", i), Question: fmt.Sprintf("q%07d", 50*i+1), Reason: "asked"}, time.Date(2026, 11, 1, 0, 0, i, 0, time.UTC))
		must(b, err)
	}
	lib, err := retrievaltest.Seeds(b.Context())
	must(b, err)
	desk := &bot.Desk{Library: lib}
	service, err := bot.NewService(b.Context(), bot.Options{Journal: db, Answerer: desk, Key: []byte("0123456789abcdef"), Limits: bot.DefaultLimits})
	must(b, err)
	book, err := accounts.New(accounts.Options{Store: accountsmemory.New(), Cost: accounts.Cost{Memory: 64, Time: 1, Threads: 1}})
	must(b, err)
	site := console.New(console.Options{
		Service: service, Desk: desk, Library: lib, Ask: http.NotFoundHandler(), Accounts: book, Open: true,
		Now: func() time.Time { return time.Date(2026, 11, 9, 12, 0, 0, 0, time.UTC) },
	})
	b.Cleanup(site.Close)
	cookie := entered(b, book)
	for _, tt := range []struct{ name, path, export string }{
		{"log", "/ops/log", ""},
		{"log of a word", "/ops/log?q=" + url.QueryEscape("补贴"), ""},
		{"log of a word in answers", "/ops/log?in=yes&q=" + url.QueryEscape("补贴 专利"), ""},
		{"log of many filters", "/ops/log?span=90&channel=chat&outcome=answered&mode=extractive&rating=none&case=none&verdict=none&place=" + url.QueryEscape("厦门市"), ""},
		{"log in the middle", "/ops/log?before=50000", ""},
		{"overview of 7 days", "/ops", ""},
		{"overview of 30 days", "/ops?span=30", ""},
		{"overview of 90 days", "/ops?span=90", ""},
		{"review", "/ops/review", ""},
		{"gaps", "/ops/gaps", ""},
		{"gaps that change each time", "/ops/gaps?span=30 /ops/gaps?span=90", ""}, // the addresses in turn
		{"desk", "/desk", ""},
		{"csv", "/ops/log/export", "csv"},
		{"jsonl", "/ops/log/export", "jsonl"},
		{"xlsx", "/ops/log/export", "xlsx"},
	} {
		b.Run(tt.name, func(b *testing.B) {
			size, paths := 0, strings.Fields(tt.path)
			for i := 0; b.Loop(); i++ {
				r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "http://ops.example"+paths[i%len(paths)], nil)
				if tt.export != "" {
					r = httptest.NewRequestWithContext(b.Context(), http.MethodPost, "http://ops.example"+tt.path, strings.NewReader("format="+tt.export))
					r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				}
				r.AddCookie(cookie)
				w := &counted{header: http.Header{}, code: http.StatusOK}
				site.Handler().ServeHTTP(w, r)
				if w.code != http.StatusOK {
					b.Fatalf("status %d", w.code)
				}
				size = w.size
			}
			b.ReportMetric(float64(size)/1e6, "MB")
		})
	}
}

// entered is the cookie of an administrator who has signed in.
func entered(b *testing.B, book *accounts.Book) *http.Cookie {
	b.Helper()
	ctx := context.WithoutCancel(b.Context())
	code, err := book.Setup(ctx)
	must(b, err)
	const password = "correct horse battery"
	_, err = book.First(ctx, code, "boss", password, accounts.Client{})
	must(b, err)
	in, err := book.Login(ctx, accounts.Attempt{Name: "boss", Password: password})
	must(b, err)
	return &http.Cookie{Name: "policybot_session", Value: in.Token}
}

// A counted reply is counted and not kept.
type counted struct {
	header http.Header
	code   int
	size   int
}

// Header implements http.ResponseWriter.
func (c *counted) Header() http.Header { return c.header }

// WriteHeader implements http.ResponseWriter.
func (c *counted) WriteHeader(code int) { c.code = code }

// Write implements http.ResponseWriter.
func (c *counted) Write(p []byte) (int, error) {
	c.size += len(p)
	return len(p), nil
}

// BenchmarkRecall100k finds what cites any of so many clauses of one document, and how often each is cited.
func BenchmarkRecall100k(b *testing.B) {
	db, _ := logged(b, 1.0/3, false)
	for _, n := range []int{1, 30, 300} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			q := journal.Query{Document: "doc-7", Size: 50}
			for i := range n {
				q.AnyClause = append(q.AnyClause, fmt.Sprintf("doc-7.%d", i))
			}
			for b.Loop() {
				_, err := db.Search(b.Context(), q)
				must(b, err)
				_, err = db.Figures(b.Context(), q)
				must(b, err)
			}
		})
	}
}
