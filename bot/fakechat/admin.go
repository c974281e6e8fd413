package fakechat

import (
	"context"
	"net/http"
	"strconv"
	"time"
)

// adminRoutes serves whoever plays the people, from another process too:
//
//	POST /admin/say       {"place","thread","user","text"}          gives {"gesture"}
//	POST /admin/edit      {"place","user","gesture","text"}         the same
//	POST /admin/delete    {"place","user","gesture"}                the same
//	POST /admin/press     {"place","user","token"}                  the same
//	POST /admin/rate      {"place","user","answer","good","reason"} the same
//	POST /admin/stop      {"place","thread","user"}                 the same
//	POST /admin/handover  {"place","user","text"}                   the same
//	POST /admin/redeliver {"gesture"}; POST /admin/tellagain {"gesture"}
//	POST /admin/fault     a Fault
//	POST /admin/cut, POST /admin/mend, POST /admin/bot {"url"}
//	GET  /admin/seen?place=P&thread=T&least=N&wait=SECONDS          a Seen, at once or with N messages
//	GET  /admin/stats                                               Stats
//
// What is posted of a person's acts are fields of [Act]. Whoever can reach these may do anything; they are for tests.
func (s *Server) adminRoutes(mux *http.ServeMux) {
	for path, kind := range map[string]string{
		"say": TypeMessage, "edit": TypeEdit, "delete": TypeDelete, "press": TypePress, "rate": TypeRate, "stop": TypeStop, "handover": TypeHandOver,
	} {
		mux.HandleFunc("POST /admin/"+path, func(w http.ResponseWriter, r *http.Request) {
			var a Act
			if !read(w, r, &a) {
				return
			}
			name, err := s.Do(kind, a)
			result(w, map[string]string{"gesture": name}, err)
		})
	}
	mux.HandleFunc("POST /admin/redeliver", s.named(s.Redeliver))
	mux.HandleFunc("POST /admin/tellagain", s.named(s.TellAgain))
	mux.HandleFunc("POST /admin/fault", func(w http.ResponseWriter, r *http.Request) {
		var f Fault
		if read(w, r, &f) {
			result(w, struct{}{}, s.Break(f))
		}
	})
	mux.HandleFunc("POST /admin/cut", func(w http.ResponseWriter, _ *http.Request) { s.Cut(); answer(w, struct{}{}) })
	mux.HandleFunc("POST /admin/mend", func(w http.ResponseWriter, _ *http.Request) { s.Mend(); answer(w, struct{}{}) })
	mux.HandleFunc("POST /admin/bot", func(w http.ResponseWriter, r *http.Request) {
		var b struct {
			URL string `json:"url"`
		}
		if read(w, r, &b) {
			s.SetBot(b.URL)
			answer(w, struct{}{})
		}
	})
	mux.HandleFunc("GET /admin/seen", s.adminSeen)
	mux.HandleFunc("GET /admin/stats", func(w http.ResponseWriter, _ *http.Request) { answer(w, s.Stats()) })
}

// named serves what is done to a gesture.
func (s *Server) named(do func(string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var a Act
		if read(w, r, &a) {
			result(w, struct{}{}, do(a.Of))
		}
	}
}

// longestWait bounds how long /admin/seen waits.
const longestWait = time.Minute

func (s *Server) adminSeen(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	number := func(name string) int {
		n, err := strconv.Atoi(q.Get(name))
		if err != nil {
			return 0
		}
		return n
	}
	ctx, quit := context.WithTimeout(r.Context(), min(time.Duration(number("wait"))*time.Second, longestWait))
	defer quit()
	answer(w, s.WaitSeen(ctx, q.Get("place"), q.Get("thread"), number("least")))
}

// result writes v, or why it failed.
func result(w http.ResponseWriter, v any, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer(w, v)
}
