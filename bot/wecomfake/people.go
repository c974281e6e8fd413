package wecomfake

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A Say is something that a person writes to the bot.
type Say struct {
	User string // userid; that of the bot itself is possible, though WeCom does not do it
	Chat string // chatid of a group; "": a talk with the bot alone
	Text string // without the mention that a group needs
	Kind string // one of the Said constants
	// Mention is where the name of the bot stands in a group, one of the Mention constants.
	Mention string
	Quote   *Quote
}

// A Quote is an earlier message that a person quotes. Its content is told and not its id
// (https://developer.work.weixin.qq.com/document/path/100719).
type Quote struct {
	Kind string // as of Say
	Text string
}

// Kinds of what a person says. Those besides text and mixed are possible only in a talk with one person.
const (
	SaidText  = "" // text
	SaidMixed = "mixed"
	SaidImage = "image"
	SaidVoice = "voice" // Text is what was heard
	SaidFile  = "file"
	SaidVideo = "video"
)

// Places of a mention.
const (
	MentionFirst  = ""       // "@Name text"
	MentionSpaces = "spaces" // "@Name  text"
	MentionMiddle = "middle" // after the first word
	MentionLast   = "last"   // "text @Name"
)

// Say lets a person write, and names the gesture. It fails when a person cannot do so.
func (s *Server) Say(m Say) (string, error) {
	kinds := []string{SaidText, SaidMixed, SaidImage, SaidVoice, SaidFile, SaidVideo}
	if m.User == "" || !slices.Contains(kinds, m.Kind) || m.Chat != "" && m.Kind != SaidText && m.Kind != SaidMixed {
		return "", fmt.Errorf("wecomfake: say %+v: want a user and a kind that is possible there", m)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chat(m.Chat, m.User)
	c.spoken = true
	text := m.Text
	if c.group {
		text = mentioned(text, s.o.Bot.Name, m.Mention)
	}
	kind := cmp.Or(m.Kind, typeText)
	in := s.gesture(ofMessage, c, m.User)
	in.body["msgtype"], in.body[kind] = kind, s.said(m.Kind, text)
	if m.Quote != nil {
		q := cmp.Or(m.Quote.Kind, typeText)
		in.body["quote"] = map[string]any{"msgtype": q, q: s.said(m.Quote.Kind, m.Quote.Text)}
	}
	s.keep(&message{chat: c, Message: Message{User: m.User, Kind: KindSaid, Type: kind, Text: text, Finished: true, Gesture: in.gesture}})
	s.tell(in)
	return in.gesture, nil
}

func mentioned(text, name, where string) string {
	switch where {
	case MentionSpaces:
		return "@" + name + "  " + text
	case MentionMiddle:
		if first, rest, ok := strings.Cut(text, " "); ok {
			return first + " @" + name + " " + rest
		}
		return text + " @" + name + " "
	case MentionLast:
		return text + " @" + name
	}
	return "@" + name + " " + text
}

// said is the object that has the name of its msgtype. The caller holds mu.
func (s *Server) said(kind, text string) map[string]any {
	switch kind {
	case SaidText, SaidVoice:
		return map[string]any{"content": text}
	case SaidMixed:
		return map[string]any{"msg_item": []any{
			map[string]any{"msgtype": "text", "text": map[string]any{"content": text}},
			map[string]any{"msgtype": "image", "image": s.said(SaidImage, "")},
		}}
	}
	out := map[string]any{"url": s.base + "/media/" + s.named("file-")} // valid for five minutes; the fake keeps none
	if s.bot.callback == "" {
		out["aeskey"] = fmt.Sprintf("%043d=", s.seq) // path/101463: one for each file
	}
	return out
}

// gesture makes what is told of a gesture. The caller holds mu.
func (s *Server) gesture(kind string, c *chat, user string) *inbound {
	in := &inbound{kind: kind, chat: c, user: user, msgid: s.named("msg"), at: time.Now()}
	in.body = map[string]any{"msgid": in.msgid, "aibotid": s.o.Bot.BotID, "from": map[string]any{"userid": user}, "chattype": "single"}
	if c.group {
		in.body["chattype"], in.body["chatid"] = "group", c.id
	}
	if kind != ofMessage {
		in.body["msgtype"], in.body["create_time"] = "event", in.at.Unix()
		in.body["event"] = map[string]any{"eventtype": kind}
	}
	in.gesture, _ = s.gestured(func() error {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.tell(in)
		return nil
	})
	return in
}

// event adds what an event says of itself, under its own name (path/101027).
func (in *inbound) event(about map[string]any) {
	in.body["event"] = map[string]any{"eventtype": in.kind, in.kind: about}
}

// China is the time zone of the platform's days.
var china = time.FixedZone("UTC+8", 8*60*60)

// Enter lets a person open the talk with the bot, and names the gesture. The bot is told only the first
// time in a day (https://developer.work.weixin.qq.com/document/path/101027): else it fails.
func (s *Server) Enter(user string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	day := time.Now().In(china).Format(time.DateOnly)
	if user == "" || s.bot.entered[strings.ToLower(user)] == day {
		return "", fmt.Errorf("wecomfake: %q enters: no user, or they were there today", user)
	}
	s.bot.entered[strings.ToLower(user)] = day
	in := s.gesture(ofEnter, s.chat("", user), user)
	delete(in.body, "chattype") // as in the example of the page
	s.tell(in)
	return in.gesture, nil
}

// Press lets a person press a button of a card that they see, after choosing options: ids by the key of the
// question; what is not chosen is as the card has it. It names the gesture, and fails when there is no such
// button or option.
func (s *Server) Press(user, message, key string, chosen map[string][]string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.find(message)
	if m == nil || m.shows(user) == nil || user == "" {
		return "", fmt.Errorf("wecomfake: %q presses %q: message %q has no card", user, key, message)
	}
	c, err := readCard(m.shows(user))
	if err != nil {
		return "", err
	}
	if !slices.Contains(c.keys(), key) {
		return "", fmt.Errorf("wecomfake: %q presses %q: the card has %q", user, key, c.keys())
	}
	items, err := c.selected(chosen)
	if err != nil {
		return "", err
	}
	in := s.gesture(ofCard, m.chat, user)
	in.card = m
	about := map[string]any{"card_type": c.CardType, "event_key": key, "task_id": taskOf(m.Card)}
	if len(items) > 0 {
		about["selected_items"] = map[string]any{"selected_item": items}
	}
	in.event(about)
	s.tell(in)
	return in.gesture, nil
}

// A card is what people can press of a template_card (path/101032).
type card struct {
	CardType string `json:"card_type"`
	Buttons  []struct {
		Key string
	} `json:"button_list"`
	Submit struct{ Key string } `json:"submit_button"`
	Menu   struct {
		Actions []struct{ Key string } `json:"action_list"`
	} `json:"action_menu"`
	Checkbox  *question  `json:"checkbox"`
	Selection *question  `json:"button_selection"`
	Selects   []question `json:"select_list"`
	Jumps     []struct {
		Type            int
		Title, Question string
	} `json:"jump_list"`
}

type question struct {
	Key      string `json:"question_key"`
	Mode     int
	Selected string `json:"selected_id"`
	Options  []struct {
		ID      string
		Checked bool `json:"is_checked"`
	} `json:"option_list"`
}

func readCard(body json.RawMessage) (card, error) {
	var c card
	if err := json.Unmarshal(body, &c); err != nil {
		return c, fmt.Errorf("wecomfake: read a card: %w", err)
	}
	return c, nil
}

func (c card) keys() []string {
	var out []string
	for _, b := range append(c.Buttons, c.Menu.Actions...) {
		out = append(out, b.Key)
	}
	if c.Submit.Key != "" {
		out = append(out, c.Submit.Key)
	}
	return out
}

func (c card) selected(chosen map[string][]string) ([]any, error) {
	all := slices.Clone(c.Selects)
	for _, q := range []*question{c.Checkbox, c.Selection} {
		if q != nil {
			all = append(all, *q)
		}
	}
	var out []any
	for _, q := range all {
		ids, ok := chosen[q.Key]
		if !ok {
			ids = q.usual(q.Key == keyOf(c.Checkbox))
		}
		for _, id := range ids {
			if !q.has(id) {
				return nil, fmt.Errorf("wecomfake: choose %q of question %q: there is no such option", id, q.Key)
			}
		}
		out = append(out, map[string]any{"question_key": q.Key, "option_ids": map[string]any{"option_id": ids}})
	}
	for _, key := range slices.Sorted(maps.Keys(chosen)) {
		if !slices.ContainsFunc(all, func(q question) bool { return q.Key == key }) {
			return nil, fmt.Errorf("wecomfake: choose of question %q: the card does not ask it", key)
		}
	}
	return out, nil
}

func keyOf(q *question) string {
	if q == nil {
		return ""
	}
	return q.Key
}

func (q question) has(id string) bool {
	for _, o := range q.Options {
		if o.ID == id {
			return true
		}
	}
	return false
}

// usual is what is chosen when a person chooses nothing.
func (q question) usual(box bool) []string {
	out := []string{}
	for _, o := range q.Options {
		if box && o.Checked || !box && o.ID == q.Selected {
			out = append(out, o.ID)
		}
	}
	if !box && len(out) == 0 && len(q.Options) > 0 {
		out = append(out, q.Options[0].ID)
	}
	return out
}

// Follow lets a person tap a line of a card's jump_list that asks a question (type 3), and names the
// gesture: they say that question. It fails when there is no such line.
func (s *Server) Follow(user, message, title string) (string, error) {
	s.mu.Lock()
	m := s.find(message)
	var c card
	var chat string
	if m != nil && m.Card != nil {
		c, _ = readCard(m.shows(user)) // a card that cannot be read has no lines
		if m.Group {
			chat = m.Chat
		}
	}
	s.mu.Unlock()
	for _, j := range c.Jumps {
		if j.Type == 3 && j.Title == title {
			return s.Say(Say{User: user, Chat: chat, Text: j.Question})
		}
	}
	return "", fmt.Errorf("wecomfake: %q follows %q: no such line in message %q", user, title, message)
}

// Types of a rating (https://developer.work.weixin.qq.com/document/path/101027).
const (
	RatedGood     = 1
	RatedBad      = 2
	RatedWithdraw = 3
)

// A Rating is what a person thinks of a message that can be rated.
type Rating struct {
	Type    int    // one of the Rated constants
	Text    string // in their own words
	Reasons []int  // of RatedBad: 1 beside the question, 2 incomplete, 3 wrong, 4 wrong sources
}

// Rate lets a person rate the message with a feedback.id, and names the gesture. It fails when they see none
// with that id.
func (s *Server) Rate(user, feedback string, r Rating) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.bot.messages, func(m *message) bool {
		return !m.hidden && slices.Contains(m.FeedbackIDs, feedback) && (m.Group || strings.EqualFold(m.Chat, user))
	})
	bad := slices.ContainsFunc(r.Reasons, func(n int) bool { return n < 1 || n > 4 })
	if i < 0 || user == "" || r.Type < RatedGood || r.Type > RatedWithdraw || bad || len(r.Reasons) > 0 && r.Type != RatedBad {
		return "", fmt.Errorf("wecomfake: %q rates %q with %+v: no such message or rating", user, feedback, r)
	}
	in := s.gesture(ofFeedback, s.bot.messages[i].chat, user)
	about := map[string]any{"id": feedback, "type": r.Type}
	if r.Text != "" {
		about["content"] = r.Text
	}
	if len(r.Reasons) > 0 {
		about["inaccurate_reason_list"] = r.Reasons
	}
	in.event(about)
	s.tell(in)
	return in.gesture, nil
}
