package storm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/journal"
	"policybot/bot/wecomfake"
)

// Twice lets people ask the questions of o, each of which the platform delivers twice and, because three answers to it are
// lost, up to five times altogether. With [Replays] somebody sends each request twice more besides. It wants each to be
// taken once, answered once and seen once.
func Twice(t *testing.T, o Options) {
	synctest.Test(t, func(t *testing.T) {
		s := newStorm(t, o.Seed, 0, o.Open)
		time.Sleep(2 * time.Second)
		for range o.Questions {
			if err := s.f.Server.Break(wecomfake.Fault{Call: "callback", Kind: wecomfake.FaultLost, Times: 3}); err != nil {
				t.Fatal(err)
			}
			n := fmt.Sprint(len(s.said))
			s.say(Said{User: "U" + n, Text: fmt.Sprintf("问题 %s：有什么补贴？", n)}, n)
			if err := s.f.Server.Redeliver(s.said[len(s.said)-1].gesture); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(12+s.random.IntN(10)) * time.Second)
		}
		s.calm()
		s.check()
		s.once(o.Questions)
		s.bot.end(t)
	})
}

// once wants each of so many questions to be taken and answered once, though it came at least five times.
func (s *storm) once(questions int) {
	taken := 0
	for q, err := range s.rows.Entries(context.Background(), journal.Filter{}) {
		if err != nil {
			s.t.Fatal(err)
		}
		taken++
		if times := s.desk.asked[q.ID]; times < 1 || times > 2 { // one in fifty fails the first time
			s.t.Errorf("question %s was answered %d times", numberOf(q.Text), times)
		}
		if q.Duplicates < 4 {
			s.t.Errorf("question %s came %d times again, want 4", numberOf(q.Text), q.Duplicates)
		}
	}
	if taken != questions {
		s.t.Errorf("%d of %d questions were taken", taken, questions)
	}
}

// Replays makes a handler to which somebody sends each request of another one twice more, byte for byte, as soon as it is
// answered.
func Replays(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, "broken off", http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		h.ServeHTTP(w, r)
		again := r.Clone(context.WithoutCancel(r.Context()))
		for range 2 {
			again.Body = io.NopCloser(bytes.NewReader(body))
			h.ServeHTTP(deaf{http.Header{}}, again)
		}
	})
}

// deaf is where an answer goes that nobody waits for.
type deaf struct{ header http.Header }

// Header implements http.ResponseWriter.
func (d deaf) Header() http.Header { return d.header }

// Write implements http.ResponseWriter.
func (deaf) Write(b []byte) (int, error) { return 0, errors.ErrUnsupported }

// WriteHeader implements http.ResponseWriter.
func (deaf) WriteHeader(int) {}
