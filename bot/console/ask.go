package console

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/httpapi"
	"policybot/bot/journal"
)

// askData is the page where people ask.
type askData struct {
	View
	Conversation string
	Messages     []answerView
	Recent       []recent
	Before       []recent     // asked in this browser before signing in
	Asked        []answerView // the same, of this conversation
	Examples     []string
	Draft        string // what the text field begins with
	Form         bool   // there is a form for eligibility
}

// A recent is an earlier conversation of the reader.
type recent struct {
	Text, URL string
	At        string
}

// mostRecent is how many earlier conversations are listed.
const mostRecent = 8

// recents are the reader's latest conversations, newest first, by their first question.
func (c *Console) recents(r *http.Request, v View, who channel.Actor) ([]recent, error) {
	var list []recent
	seen := map[string]int{} // conversation → its place in list
	f := journal.Filter{User: c.Service.Asker(c.Channel, who), Limit: 20 * mostRecent, Brief: true}
	for q, err := range c.Service.Journal.Entries(r.Context(), f) {
		if err != nil {
			return nil, err
		}
		id := q.Place.Thread
		if q.State == journal.Cancelled || q.Text == "" || !conversationID.MatchString(id) {
			continue
		}
		one := recent{Text: q.Text, URL: "/?c=" + url.QueryEscape(id), At: v.Ago(q.AcceptedAt)}
		if i, ok := seen[id]; ok {
			list[i].At = one.At
			continue
		}
		seen[id] = len(list)
		list = append(list, one)
	}
	slices.Reverse(list)
	return list[:min(mostRecent, len(list))], nil
}

// conversationID is how a conversation is called in addresses.
var conversationID = regexp.MustCompile(`^[A-Za-z0-9]{8,40}$`)

// askPage shows a conversation: the one in the address, or a new one.
func (c *Console) askPage(w http.ResponseWriter, r *http.Request) error {
	g := guestOf(r)
	v := c.view(r)
	id := r.URL.Query().Get("c")
	page := askData{View: v, Conversation: id, Form: c.Measures != nil}
	if q := r.URL.Query().Get("q"); len(q) <= 4*bot.MaxQuestion {
		page.Draft = strings.ToValidUTF8(q, "\ufffd")
	}
	var err error
	if !conversationID.MatchString(id) {
		page.Conversation = rand.Text()
		if page.Examples, err = c.examples.of(r.Context(), c.Desk, v.Lang); err != nil {
			return err
		}
		if g.account != nil || g.visitor != "" {
			who := c.actor(w, g)
			if page.Recent, err = c.recents(r, v, who); err != nil {
				return err
			}
			if page.Before, err = c.recentsBefore(r, v, g); err != nil {
				return err
			}
		}
		return c.show(w, r, http.StatusOK, "ask", page)
	}
	who := c.actor(w, g)
	var messages []bot.Message
	messages, err = c.Service.Conversation(r.Context(), c.Channel, who, channel.Place{ID: who.ID, Thread: id})
	if err != nil {
		return err
	}
	for _, m := range messages {
		page.Messages = append(page.Messages, v.answerView(m, id))
	}
	if page.Asked, err = c.askedBefore(r, v, g, id); err != nil {
		return err
	}
	for i := range max(0, len(page.Messages)-1) {
		if next := page.Messages[i].Next; next != nil {
			next.Over = true
		}
	}
	return c.show(w, r, http.StatusOK, "ask", page)
}

// ask asks a question. A script gets the stream of the API as it is; else the reader goes back to the conversation.
func (c *Console) ask(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	id := r.PostForm.Get("c")
	if !conversationID.MatchString(id) {
		id = rand.Text()
	}
	body := map[string]any{"question": questionOf(r.PostForm), "lang": c.view(r).Lang}
	if p := profileOf(r.PostForm); p != nil {
		body["profile"] = p
	}
	key := r.PostForm.Get("key")
	if !conversationID.MatchString(key) {
		key = rand.Text()
	}
	in := c.inner(w, r, "ask", id, body)
	in.Header.Set(httpapi.HeaderKey, key)
	if strings.Contains(r.Header.Get("Accept"), "text/event-stream") {
		in.Header.Set("Accept", "text/event-stream")
		c.Ask.ServeHTTP(w, in)
		return nil
	}
	got := newHeld()
	c.Ask.ServeHTTP(got, in)
	return c.after(w, r, got, "/?c="+url.QueryEscape(id)+"#last")
}

// questionOf is what a form asks: its text, or what was picked in an interview.
func questionOf(form url.Values) string {
	text := strings.TrimSpace(form.Get("question"))
	var picked []string
	for _, p := range append(form["pick"], form.Get("say")) {
		if p = strings.TrimSpace(p); p != "" {
			picked = append(picked, p)
		}
	}
	if text == "" {
		text = strings.Join(picked, "，")
	}
	return text
}

// inner is a request to the API by who sent r.
func (c *Console) inner(w http.ResponseWriter, r *http.Request, path, conversation string, body any) *http.Request {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // it is made of texts
	}
	in, err := http.NewRequestWithContext(r.Context(), http.MethodPost, "/api/v1/"+path, bytes.NewReader(text))
	if err != nil {
		panic(err) // the address is right
	}
	in.Header.Set("Content-Type", "application/json")
	in.Header.Set("Accept-Language", c.view(r).Lang)
	in.Header.Set(httpapi.HeaderUser, c.actor(w, guestOf(r)).ID)
	in.Header.Set(httpapi.HeaderConversation, conversation)
	return in
}

// after sends the reader on when the API has done what was asked, and shows its sentence otherwise. A script gets
// that sentence as text.
func (c *Console) after(w http.ResponseWriter, r *http.Request, got *held, to string) error {
	var said struct {
		Error string `json:"error"`
	}
	if got.code >= http.StatusBadRequest && json.Unmarshal(got.body.Bytes(), &said) == nil && said.Error != "" {
		return problem(got.code, "error.said", said.Error)
	}
	if r.Header.Get(headerPart) != "" {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return seeOther(w, r, to)
}

// held is a reply of the API that is kept.
type held struct {
	code   int
	header http.Header
	body   bytes.Buffer
}

func newHeld() *held { return &held{code: http.StatusOK, header: http.Header{}} }

// Header implements http.ResponseWriter.
func (h *held) Header() http.Header { return h.header }

// WriteHeader implements http.ResponseWriter.
func (h *held) WriteHeader(code int) { h.code = code }

// Write implements http.ResponseWriter.
func (h *held) Write(b []byte) (int, error) { return h.body.Write(b) }

// own gives a question of the reader, or of anybody for the staff. What is not theirs does not exist for them.
func (c *Console) own(r *http.Request) (bot.Message, error) {
	m, err := c.Service.Message(r.Context(), r.PathValue("id"))
	if errors.Is(err, journal.ErrNotFound) {
		return m, errNotFound
	}
	if err != nil {
		return m, err
	}
	g := guestOf(r)
	mine := m.User == c.Service.Asker(c.Channel, g.actor())
	if !mine && r.Method == http.MethodGet && slices.ContainsFunc(g.before, func(name string) bool {
		return m.User == c.Service.Asker(c.Channel, visitorActor(name))
	}) {
		return m, nil
	}
	if !mine && (r.Method != http.MethodGet || c.allow(staff, g) != nil) {
		return m, errNotFound // the staff may read it; what it is worth to the asker, the asker alone says
	}
	return m, nil
}

// answerPage shows one answer of the reader.
func (c *Console) answerPage(w http.ResponseWriter, r *http.Request) error {
	m, err := c.own(r)
	if err != nil {
		return err
	}
	v := c.view(r)
	page := struct {
		View
		Message answerView
	}{v, v.answerView(m, m.Place.Thread)}
	g := guestOf(r)
	page.Message.Before = len(g.before) > 0 && m.User != c.Service.Asker(c.Channel, g.actor())
	return c.show(w, r, http.StatusOK, "answer", page)
}

// feedback keeps what the reader thinks of an answer.
func (c *Console) feedback(w http.ResponseWriter, r *http.Request) error {
	return c.about(w, r, "feedback", func(form url.Values) any {
		body := map[string]any{"good": form.Get("good") == "yes"}
		if form.Get("good") != "yes" {
			if form.Get("reason") != "" {
				body["reason"] = form.Get("reason")
			}
			body["text"] = form.Get("text")
		}
		return body
	})
}

// handOver asks for a person.
func (c *Console) handOver(w http.ResponseWriter, r *http.Request) error {
	return c.about(w, r, "handover", func(form url.Values) any { return map[string]any{"text": form.Get("text")} })
}

// about does something to an answer of the reader through the API.
func (c *Console) about(w http.ResponseWriter, r *http.Request, does string, body func(url.Values) any) error {
	m, err := c.own(r)
	if err != nil {
		return err
	}
	if err := readForm(w, r); err != nil {
		return err
	}
	got := newHeld()
	c.Ask.ServeHTTP(got, c.inner(w, r, "answers/"+m.ID+"/"+does, m.Place.Thread, body(r.PostForm)))
	return c.after(w, r, got, "/?c="+url.QueryEscape(m.Place.Thread)+"#a-"+m.ID)
}

// withdraw takes a question back that is being answered.
func (c *Console) withdraw(w http.ResponseWriter, r *http.Request) error {
	m, err := c.own(r)
	if err != nil {
		return err
	}
	in := c.inner(w, r, "answers/"+m.ID, m.Place.Thread, nil).WithContext(context.WithoutCancel(r.Context()))
	in.Method = http.MethodDelete
	got := newHeld()
	c.Ask.ServeHTTP(got, in)
	return c.after(w, r, got, "/?c="+url.QueryEscape(m.Place.Thread))
}
