package wecomfake

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// AppSay lets a member write to the app, and names the gesture. It does not wait for the app. It fails when
// there is nothing to be said, the text cannot stand in XML, or there is no such member.
func (s *Server) AppSay(user, text string) (string, error) {
	if strings.TrimSpace(text) == "" || !fitsXML(text) {
		return "", fmt.Errorf("wecomfake: %q says %.40q: that cannot be said", user, text)
	}
	return s.appMessageOf(user, "text", cdata("Content", text))
}

// AppSend lets a member send something else than text, and names the gesture
// (https://developer.work.weixin.qq.com/document/path/90239). Kind is image, voice, video, location or link.
func (s *Server) AppSend(user, kind string) (string, error) {
	fields := map[string]string{
		"image":    cdata("PicUrl", "https://pic.example/1.png") + cdata("MediaId", "media-1"),
		"voice":    cdata("MediaId", "media-1") + cdata("Format", "amr"),
		"video":    cdata("MediaId", "media-1") + cdata("ThumbMediaId", "media-2"),
		"location": "<Location_X>24.479</Location_X><Location_Y>118.089</Location_Y><Scale>15</Scale>" + cdata("Label", "厦门市") + cdata("AppType", "wxwork"),
		"link":     cdata("Title", "a page") + cdata("Description", "about it") + cdata("Url", "https://page.example/") + cdata("PicUrl", "https://pic.example/1.png"),
	}[kind]
	if fields == "" {
		return "", fmt.Errorf("wecomfake: %q sends %q: there is no such kind", user, kind)
	}
	return s.appMessageOf(user, kind, fields)
}

// appMessageOf delivers a message, which has a MsgId.
func (s *Server) appMessageOf(user, kind, fields string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.reachable(user) {
		return "", fmt.Errorf("wecomfake: %q sends %s: no such member", user, kind)
	}
	s.seq++
	id := strconv.FormatInt(7_000_000_000_000_000_000+int64(s.seq), 10)
	return s.tellApp(&appCallback{user: s.member(user), inner: s.inner(user, kind, fields, "<MsgId>"+id+"</MsgId>")}), nil
}

// inner is the document of a callback. The caller holds mu.
func (s *Server) inner(user, kind, fields, more string) []byte {
	return []byte("<xml>" + cdata("ToUserName", s.o.Corp.CorpID) + cdata("FromUserName", user) +
		"<CreateTime>" + strconv.FormatInt(time.Now().Unix(), 10) + "</CreateTime>" + cdata("MsgType", kind) +
		fields + more + "<AgentID>" + strconv.Itoa(s.o.Corp.AgentID) + "</AgentID></xml>")
}

// AppEnter lets a member open the app, and names the gesture.
func (s *Server) AppEnter(user string) (string, error) { return s.AppEvent(user, "enter_agent") }

// AppEvent lets something happen to a member that the app is told as an event without a key, such as
// enter_agent, subscribe or unsubscribe, and names the gesture. An event has no MsgId
// (https://developer.work.weixin.qq.com/document/path/90240).
func (s *Server) AppEvent(user, event string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.reachable(user) || event == "" || !fitsXML(event) {
		return "", fmt.Errorf("wecomfake: event %q of %q: no such member or event", event, user)
	}
	c := &appCallback{user: s.member(user), inner: s.inner(user, "event", cdata("Event", event), cdata("EventKey", ""))}
	return s.tellApp(c), nil
}

// AppPress lets a member press a button of a card that they see, after choosing options: ids by the key of
// the question; what is not chosen is as the card has it. It names the gesture, and fails when there is no
// such button or option, or the buttons were used. Unless CorpOptions.RetryCards, the app is told once only.
func (s *Server) AppPress(user, taskID, key string, chosen map[string][]string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.corp.members[strings.ToLower(user)]
	m := s.cardOf(u, taskID)
	if m == nil {
		return "", fmt.Errorf("wecomfake: %q presses %q: no card with the task %q is there", user, key, taskID)
	}
	v := m.view(u)
	c, err := readCard(v.card)
	if err != nil {
		return "", err
	}
	if v.used != "" || !slices.Contains(c.keys(), key) || key == "" {
		return "", fmt.Errorf("wecomfake: %q presses %q: the card has %q, and was used: %t", user, key, c.keys(), v.used != "")
	}
	items, err := c.selected(chosen)
	if err != nil {
		return "", err
	}
	event := "template_card_event"
	for _, a := range c.Menu.Actions {
		if a.Key == key {
			event = "template_card_menu_event"
		}
	}
	fields := cdata("Event", event) + cdata("EventKey", key) + cdata("TaskId", taskID) + cdata("CardType", c.CardType) +
		cdata("ResponseCode", s.newCode(m)) + selectedXML(items)
	return s.tellApp(&appCallback{user: u, card: m, once: !s.o.Corp.RetryCards, inner: s.inner(user, "event", fields, "")}), nil
}

// cardOf finds the newest card with a task that a member sees, or nil. The caller holds mu.
func (s *Server) cardOf(u *member, taskID string) *appMessage {
	for _, m := range slices.Backward(s.corp.sent) {
		if u != nil && slices.Contains(m.to, u) && taskOf(m.view(u).card) == taskID && taskID != "" {
			return m
		}
	}
	return nil
}

// selectedXML writes what was chosen.
func selectedXML(items []any) string {
	if len(items) == 0 {
		return ""
	}
	var b strings.Builder
	for _, it := range items {
		item := it.(map[string]any)
		b.WriteString("<SelectedItem>" + cdata("QuestionKey", item["question_key"].(string)) + "<OptionIds>")
		for _, id := range item["option_ids"].(map[string]any)["option_id"].([]string) {
			b.WriteString(cdata("OptionId", id))
		}
		b.WriteString("</OptionIds></SelectedItem>")
	}
	return "<SelectedItems>" + b.String() + "</SelectedItems>"
}

// fitsXML tells whether a text can stand in XML (https://www.w3.org/TR/xml/#charsets). A carriage return
// would be read as a line feed.
func fitsXML(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(c rune) bool {
		return c < 0x20 && c != '\t' && c != '\n' || c == 0xfffe || c == 0xffff
	})
}
