package wecomfake

import (
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// responseWithin is how long a response_url is good for one reply
// (https://developer.work.weixin.qq.com/document/path/101138).
const responseWithin = time.Hour

// A responseURL takes one reply to what a person did.
type responseURL struct {
	id   string
	chat *chat
	o    origin
	at   time.Time
	used bool
}

// responseFor gives the response_url of a gesture, which all its deliveries share. The caller holds mu.
func (s *Server) responseFor(in *inbound) string {
	if in.response == nil {
		in.response = &responseURL{id: s.named("code-"), chat: in.chat, o: origin{gesture: in.gesture}, at: in.at}
		s.bot.responses[in.response.id] = in.response
	}
	return s.base + "/response/" + in.response.id
}

func (s *Server) serveResponse(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAnswer))
	if err != nil {
		return // the other side broke off
	}
	s.withFaults(w, r, "response", body, func(w http.ResponseWriter, f Fault) {
		s.mu.Lock()
		code, text := f.refusal(), "refused by a fault"
		if code == 0 {
			code, text = codeOf(s.respondTo(r.PathValue("id"), body))
		}
		s.noted(Call{Name: "response", ReqID: r.PathValue("id"), Body: body, Code: code, Fault: f.Kind})
		s.mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		// What cannot be written was broken off by the other side.
		_, _ = w.Write(encode(map[string]any{"errcode": code, "errmsg": text}))
	})
}

// respondTo does what is posted to a response_url. A reply that is refused for its content does not spend
// it, which is chosen. The caller holds mu.
func (s *Server) respondTo(id string, body json.RawMessage) error {
	u := s.bot.responses[id]
	switch {
	case u == nil || s.revoked:
		return refuse(codeTooLong, "invalid response_code")
	case u.used && s.o.Bot.SpentSilent:
		s.dropped(u.chat.id, body)
		return nil
	case u.used || time.Since(u.at) >= responseWithin:
		return refuse(codeTooLong, "response_code is used or expired")
	}
	var b replyBody
	if err := b.read(body); err != nil {
		return err
	}
	if err := s.deliver(target{kind: KindReply, chat: u.chat, origin: &u.o, types: []string{typeMarkdown, typeCard}}, b); err != nil {
		return err
	}
	u.used = true
	return nil
}
