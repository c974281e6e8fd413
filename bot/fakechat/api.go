package fakechat

import (
	"crypto/hmac"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/hello", s.api(OnAny, func(w http.ResponseWriter, _ *http.Request) bool {
		answer(w, map[string]string{"bot": BotID})
		return true
	}))
	mux.HandleFunc("POST /api/messages", s.api(OnFinish, s.postMessage))
	mux.HandleFunc("GET /api/messages", s.api(OnAny, s.findMessage))
	mux.HandleFunc("PUT /api/drafts", s.api(OnUpdate, s.putDraft))
	mux.HandleFunc("DELETE /api/drafts", s.api(OnUpdate, s.deleteDraft))
	s.adminRoutes(mux)
	return mux
}

// api checks who calls and lets the call fail when a fault is due. h reports whether it did what it was
// asked to; its answer may be lost.
func (s *Server) api(on string, h func(http.ResponseWriter, *http.Request) bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.stats.Calls++
		cut := s.cut
		f, due := s.dueFault(on)
		revoked := s.revoked
		s.mu.Unlock()
		if cut {
			panic(http.ErrAbortHandler)
		}
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if revoked || !hmac.Equal([]byte(token), []byte(s.o.Secret)) {
			http.Error(w, "not allowed", http.StatusUnauthorized)
			return
		}
		if !due {
			h(w, r)
			return
		}
		s.fail(f, w, r, h)
	}
}

// ping finds what calls on people in markup.
var ping = regexp.MustCompile(`<[!@][^<>]*>`)

// postMessage shows a message.
func (s *Server) postMessage(w http.ResponseWriter, r *http.Request) bool {
	var p post
	if !read(w, r, &p) {
		return false
	}
	if why := p.wrong(); why != "" {
		http.Error(w, why, http.StatusBadRequest)
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.open(w, p.Place) || !s.mayPost(w, "message "+p.Place) {
		return false
	}
	m := Message{
		ID: s.state.name("m"), Place: p.Place, Thread: p.Thread, At: time.Now().UTC(), Answer: p.Answer, Key: p.Key, Part: p.Part, Parts: p.Parts,
		Label: p.Label, Text: unescape(p.Text), Buttons: p.Buttons, Sources: p.Sources, Pings: len(ping.FindAllString(p.Text, -1)),
	}
	for i, source := range m.Sources {
		m.Pings += len(ping.FindAllString(source, -1))
		m.Sources[i] = unescape(source)
	}
	s.state.Messages = append(s.state.Messages, m)
	s.dropDraft(p.Place, p.Thread, p.Answer)
	s.stats.Posts++
	s.touch()
	answer(w, posted{ID: m.ID})
	return true
}

// wrong says why the platform does not take a message.
func (p post) wrong() string {
	switch text := unescape(p.Text); {
	case p.Place == "":
		return "no place is named"
	case len(text) > maxText:
		return fmt.Sprintf("the text has %d bytes, at most %d are allowed", len(text), maxText)
	case !utf8.ValidString(text) || strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) >= 0:
		return "the text holds a control character"
	case len(p.Buttons) > maxButtons:
		return fmt.Sprintf("%d buttons, at most %d are allowed", len(p.Buttons), maxButtons)
	}
	return ""
}

// findMessage searches for what the bot posted under a key.
func (s *Server) findMessage(w http.ResponseWriter, r *http.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Searches++
	out := found{Parts: []int{}}
	for _, m := range s.state.Messages {
		if m.Place == r.URL.Query().Get("place") && m.Key == r.URL.Query().Get("key") {
			out.Parts = append(out.Parts, m.Part)
		}
	}
	answer(w, out)
	return true
}

// putDraft shows a reply under way in place of what was shown of it before. One that was posted already
// has no draft any more.
func (s *Server) putDraft(w http.ResponseWriter, r *http.Request) bool {
	var d draft
	if !read(w, r, &d) {
		return false
	}
	text := unescape(d.Text)
	if d.Place == "" || len(text) > maxText {
		http.Error(w, "no place is named or the text is too long", http.StatusBadRequest)
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.open(w, d.Place) || !s.mayPost(w, "draft "+d.Place) {
		return false
	}
	if slices.ContainsFunc(s.state.Messages, func(m Message) bool { return m.Answer == d.Answer && m.Place == d.Place }) {
		http.Error(w, "that reply was posted already", http.StatusConflict)
		return false
	}
	s.dropDraft(d.Place, d.Thread, d.Answer)
	s.state.Drafts = append(s.state.Drafts, Draft{Place: d.Place, Thread: d.Thread, Answer: d.Answer, Text: text, Progress: unescape(d.Progress)})
	s.touch()
	answer(w, struct{}{})
	return true
}

// deleteDraft takes a reply under way off the screen; one that is not there is fine.
func (s *Server) deleteDraft(w http.ResponseWriter, r *http.Request) bool {
	q := r.URL.Query()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropDraft(q.Get("place"), q.Get("thread"), q.Get("answer"))
	s.touch()
	answer(w, struct{}{})
	return true
}

// dropDraft takes a draft away. The caller holds mu.
func (s *Server) dropDraft(place, thread, answer string) {
	s.state.Drafts = slices.DeleteFunc(s.state.Drafts, func(d Draft) bool {
		return d.Place == place && d.Thread == thread && d.Answer == answer
	})
}

// open checks that a place exists still. The caller holds mu.
func (s *Server) open(w http.ResponseWriter, place string) bool {
	if slices.Contains(s.state.Gone, place) {
		http.Error(w, "the place was closed", http.StatusGone)
		return false
	}
	return true
}

// mayPost keeps the least time between two posts of one kind. The caller holds mu.
func (s *Server) mayPost(w http.ResponseWriter, what string) bool {
	if s.o.Interval < 0 {
		return true
	}
	now := time.Now()
	if last, ok := s.lastAt[what]; ok {
		if left := s.scaled(s.o.Interval) - now.Sub(last); left > 0 {
			s.limit(w, left)
			return false
		}
	}
	s.lastAt[what] = now
	return true
}

// limit tells the bot to wait. The caller holds mu.
func (s *Server) limit(w http.ResponseWriter, left time.Duration) {
	s.stats.Limited++
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(left.Seconds()))))
	http.Error(w, "too fast", http.StatusTooManyRequests)
}

// read reads a request's JSON, and answers when it cannot.
func read(w http.ResponseWriter, r *http.Request, to any) bool {
	body, err := readBody(w, r)
	if err != nil {
		http.Error(w, "the request is too long or broke off", http.StatusRequestEntityTooLarge)
		return false
	}
	if err := json.Unmarshal(body, to); err != nil {
		http.Error(w, "not the JSON that is wanted: "+err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}
