package wecomfake

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"
)

// Properties of callbacks (https://developer.work.weixin.qq.com/document/path/100719; path/90238 for the
// time-out and the attempts).
const (
	patience = 5 * time.Second // for the bot's answer
	attempts = 4               // the first and three more
	pause    = time.Second     // between two of them; chosen
	pollFor  = 6 * time.Minute // from what the person said
)

// Names of callbacks for faults.
const (
	callEvent = "callback"
	callPoll  = "poll"
)

// SetCallback says where the bot takes callbacks; "" is the long connection. Deliveries from now on go there.
func (s *Server) SetCallback(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bot.callback = address
	if address != "" {
		s.kick()
	}
}

// call delivers a gesture by callback: up to four times, until the bot answers with status 200; once where a card was
// used or something rated, which is chosen, as the harder way. What the answer says is shown, and a stream that is not finished is asked for until it is.
func (s *Server) call(in *inbound) {
	if !s.takeOff(in) {
		return
	}
	defer s.land(in)
	s.mu.Lock()
	body := s.bodyOf(in)
	o := s.bot.origins[in.msgid]
	if o == nil {
		o = s.originOf(in, in.msgid, nil)
	}
	s.mu.Unlock()
	for n := range attempts {
		if n > 0 && !s.sleep(pause) {
			return
		}
		reply, err := s.tryCall(callEvent, body)
		s.attempted(in, err)
		if _, spoilt := errors.AsType[*unreadable](err); spoilt || err == nil {
			if m := s.showReply(in, o, reply); m != nil {
				s.poll(in, o, m)
			}
			return
		}
		if in.kind == ofCard || in.kind == ofFeedback {
			return
		}
	}
}

// takeOff waits until the person has less than three interactions under way
// (https://developer.work.weixin.qq.com/document/path/100719). What becomes of a fourth is not documented;
// that it waits is chosen. It reports false when the server ended first.
func (s *Server) takeOff(in *inbound) bool {
	limit := s.o.Bot.InFlight
	for {
		s.mu.Lock()
		if in.kind != ofMessage || limit < 0 || in.chat.flying[in.user] < limit {
			in.chat.flying[in.user]++
			s.mu.Unlock()
			return true
		}
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-changed:
		case <-s.ctx.Done():
			return false
		}
	}
}

// land ends an interaction.
func (s *Server) land(in *inbound) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in.chat.flying[in.user]--
	s.touch()
}

// attempted notes what came of an attempt. An answer that cannot be read is one all the same.
func (s *Server) attempted(in *inbound, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, spoilt := errors.AsType[*unreadable](err)
	g := s.gestures[in.gesture]
	g.acked = g.acked || spoilt || err == nil
	if err != nil {
		g.trouble = append(g.trouble, err.Error())
	}
	s.touch()
}

// showReply does what the answer to a callback says. It gives the message of a stream that has to be asked
// for, or nil.
func (s *Server) showReply(in *inbound, o *origin, plain []byte) *message {
	s.mu.Lock()
	defer s.mu.Unlock()
	if plain == nil {
		return nil
	}
	var b replyBody
	err := b.read(plain)
	if err == nil {
		err = s.reply(in, o, b)
	}
	code, _ := codeOf(err)
	s.noted(Call{Name: "reply", ReqID: in.msgid, Body: plain, Code: code})
	if err != nil {
		g := s.gestures[in.gesture]
		g.trouble = append(g.trouble, fmt.Sprintf("the reply is not shown: %v", err))
		return nil
	}
	m := o.streams[streamID(b)]
	if m == nil || m.Finished || m.polled {
		return nil
	}
	m.polled = true
	return m
}

// reply does what a bot may say in the answer to a callback
// (https://developer.work.weixin.qq.com/document/path/101031). The caller holds mu.
func (s *Server) reply(in *inbound, o *origin, b replyBody) error {
	switch in.kind {
	case ofMessage:
		left := pollFor - time.Since(in.at)
		return s.deliver(target{kind: KindReply, chat: in.chat, origin: o, streams: left, types: []string{typeStream, typeStreamCard, typeCard}}, b)
	case ofEnter:
		return s.deliver(target{kind: KindWelcome, chat: in.chat, origin: o, types: []string{typeText, typeCard}}, b)
	case ofCard:
		if o.used {
			return refuse(codeNoReq, "the card was updated before")
		}
		return s.replace(o, b)
	}
	return refuse(codeNoType, "a rating takes no reply")
}

func streamID(b replyBody) string {
	var body streamBody
	if json.Unmarshal(b.Stream, &body) != nil {
		return ""
	}
	return body.ID
}

// poll asks for more of a stream until it is finished or six minutes have passed since the person wrote.
// Each question has a msgid of its own.
func (s *Server) poll(in *inbound, o *origin, m *message) {
	for s.sleep(s.o.Bot.PollEvery) {
		s.mu.Lock()
		if m.Finished || m.over() {
			s.mu.Unlock()
			return
		}
		body := maps.Clone(in.body)
		for _, key := range []string{"quote", "text", "mixed", "image", "voice", "file", "video"} {
			delete(body, key)
		}
		body["msgid"], body["msgtype"] = s.named("msg"), typeStream
		body["stream"] = map[string]any{"id": m.StreamID}
		s.mu.Unlock()
		reply, err := s.tryCall(callPoll, encode(body))
		if err != nil {
			s.mu.Lock()
			g := s.gestures[in.gesture]
			g.trouble = append(g.trouble, "poll: "+err.Error())
			s.mu.Unlock()
			continue
		}
		s.refresh(in, o, m, reply)
	}
}

// refresh shows what the answer to a poll says of the stream.
func (s *Server) refresh(in *inbound, o *origin, m *message, plain []byte) {
	if plain == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var b replyBody
	err := b.read(plain)
	switch {
	case err != nil:
	case streamID(b) == "":
		err = s.amend(o, m, b)
	case streamID(b) != m.StreamID:
		err = refuse(codeTooLong, "the stream is %q, asked for was %q", streamID(b), m.StreamID)
	default:
		err = s.reply(in, o, b)
	}
	code, _ := codeOf(err)
	s.noted(Call{Name: callPoll, ReqID: in.msgid, Body: plain, Code: code})
	if err != nil {
		g := s.gestures[in.gesture]
		g.trouble = append(g.trouble, fmt.Sprintf("poll: the reply is not shown: %v", err))
	}
}

// amend does a frame without a stream.id, which later ones need not have. The caller holds mu.
func (s *Server) amend(o *origin, m *message, b replyBody) error {
	o.streams[""] = m
	defer delete(o.streams, "")
	return s.stream(target{origin: o, chat: m.chat}, b)
}
