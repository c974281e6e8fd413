package slackfake

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// interactive is the common part of what people do with controls
// (https://docs.slack.dev/reference/interaction-payloads). The caller holds mu.
func (s *Server) interactive(kind, user string) obj {
	u := s.person(user, "")
	team := obj{"id": s.o.Team, "domain": "fake"}
	var enterprise any
	if s.o.Enterprise != "" {
		enterprise = obj{"id": s.o.Enterprise, "name": "Fake"}
		team["enterprise_id"], team["enterprise_name"] = s.o.Enterprise, "Fake"
	}
	return obj{
		"type": kind, "token": "verification-token", "api_app_id": s.o.AppID, "team": team, "enterprise": enterprise,
		"is_enterprise_install": s.o.OrgInstall, "user": obj{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": u.Team},
	}
}

// send delivers an interaction and gives the gesture's name. The caller holds mu.
func (s *Server) send(g *gesture, payload obj, answer func(raw) string) string {
	s.tell(g, &delivery{kind: typeInteractive, id: s.named("I"), payload: encode(payload), accepts: answer != nil, answer: answer}, 0)
	return g.name
}

// A Press is what a person does with an element of a message or a view.
type Press struct {
	User    string
	Channel string // of the message
	TS      string // of the message, an ephemeral one too
	View    string // id of a view, in the place of Channel and TS
	Action  string // action_id of the element
	// Value tells which of several elements with that action_id, and which button or option of it; for an
	// element with a text or a date it is what the person enters.
	Value string
}

// Press lets a person use an element and gives the gesture a name. It fails when they see no such element
// (https://docs.slack.dev/reference/interaction-payloads/block_actions-payload).
func (s *Server) Press(p Press) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	payload := s.interactive("block_actions", p.User)
	var blocks []raw
	g := &gesture{}
	if p.View != "" {
		v := s.views[p.View]
		if v == nil || v.closed || v.user != p.User {
			return "", fmt.Errorf("slackfake: press %s: %s does not see the view %s", p.Action, p.User, p.View)
		}
		blocks = v.blocks
		payload["view"] = s.wireView(v, nil)
		payload["container"] = obj{"type": "view", "view_id": v.id}
	} else {
		m := s.visible(p.User, p.Channel, p.TS)
		if m == nil {
			return "", fmt.Errorf("slackfake: press %s: %s does not see the message %s in %s", p.Action, p.User, p.TS, p.Channel)
		}
		blocks, g.channel, g.ts = m.content(), m.channel, m.ts
		s.pressedMessage(payload, m, p.User)
	}
	action := pressed(blocks, p)
	if action == nil {
		return "", fmt.Errorf("slackfake: press: there is no element %s with the value %q", p.Action, p.Value)
	}
	action["action_ts"] = s.eventStamp()
	payload["actions"], payload["state"] = []obj{action}, obj{"values": obj{}}
	payload["trigger_id"] = s.trigger(p.User, p.View)
	return s.send(s.gesture("press", g.channel, g.ts), payload, nil), nil
}

// pressedMessage says in a payload where an element was. A payload about an ephemeral message does not
// hold it. The caller holds mu.
func (s *Server) pressedMessage(payload obj, m *message, user string) {
	r := s.room(m.channel)
	container := obj{"type": "message", "message_ts": m.ts, "channel_id": m.channel, "is_ephemeral": m.only != ""}
	set(container, "thread_ts", m.thread)
	payload["container"], payload["channel"] = container, obj{"id": r.ID, "name": cmp.Or(r.Name, "directmessage")}
	payload["response_url"] = s.responseURL(user, m.channel, m.thread, m)
	if m.only == "" {
		payload["message"] = s.wire(m, true)
	}
}

// visible finds a message that a person sees, one for them alone too. The caller holds mu.
func (s *Server) visible(user, channel, ts string) *message {
	if m := s.find(channel, ts); m != nil {
		return m
	}
	for _, m := range s.messages {
		if m.channel == channel && m.ts == ts && m.only == user && !m.deleted {
			return m
		}
	}
	return nil
}

// pressed finds the element and gives the action of it, or nil.
func pressed(blocks []raw, p Press) obj {
	for _, block := range blocks {
		var b obj
		if json.Unmarshal(block, &b) != nil {
			continue
		}
		if e := findElement(b, p); e != nil {
			e["block_id"] = b["block_id"]
			return e
		}
	}
	return nil
}

// findElement looks for the element in whatever depth and gives the action of it, or nil.
func findElement(v any, p Press) obj {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			if found := findElement(e, p); found != nil {
				return found
			}
		}
	case obj:
		if str(v["action_id"]) == p.Action {
			return used(v, p.Value)
		}
		for _, e := range v {
			if found := findElement(e, p); found != nil {
				return found
			}
		}
	}
	return nil
}

// used is the action of an element that was used, or nil when the value is none of it
// (https://docs.slack.dev/reference/block-kit/block-elements).
func used(element obj, value string) obj {
	kind := str(element["type"])
	out := obj{"type": kind, "action_id": element["action_id"]}
	switch kind {
	case "button", "icon_button":
		if value != "" && str(element["value"]) != value {
			return nil
		}
		out["text"] = element["text"]
		set(out, "value", str(element["value"]))
		return out
	case "feedback_buttons":
		for _, name := range []string{"positive_button", "negative_button"} {
			b, _ := element[name].(obj)
			if b != nil && str(b["value"]) == value {
				out["text"], out["value"] = b["text"], value
				return out
			}
		}
		return nil
	}
	state := entered(element, value)
	if state == nil {
		return nil
	}
	for name, v := range state {
		out[name] = v
	}
	return out
}

// entered is what a payload says of an element in which a person has entered something, or nil when that
// cannot be. Several options have commas between them.
func entered(element obj, value string) obj {
	kind := str(element["type"])
	out := obj{"type": kind}
	switch kind {
	case "plain_text_input", "email_text_input", "url_text_input", "number_input":
		out["value"] = value
	case "datepicker":
		out["selected_date"] = value
	case "timepicker":
		out["selected_time"] = value
	case "users_select":
		out["selected_user"] = value
	case "radio_buttons", "static_select", "overflow", "external_select":
		option := optionOf(element, value)
		if option == nil {
			return nil
		}
		out["selected_option"] = option
	case "checkboxes", "multi_static_select":
		chosen := []any{}
		for _, one := range splitList(value) {
			option := optionOf(element, one)
			if option == nil {
				return nil
			}
			chosen = append(chosen, option)
		}
		out["selected_options"] = chosen
	default:
		return nil
	}
	return out
}

// optionOf finds an option by its value, in groups too.
func optionOf(element obj, value string) any {
	options, _ := element["options"].([]any)
	groups, _ := element["option_groups"].([]any)
	for _, g := range groups {
		if group, ok := g.(obj); ok {
			more, _ := group["options"].([]any)
			options = append(options, more...)
		}
	}
	for _, o := range options {
		if option, ok := o.(obj); ok && str(option["value"]) == value {
			return option
		}
	}
	return nil
}

// A Command is a slash command that a person sends.
type Command struct {
	User, Channel string
	Name          string // "/policy"
	Text          string
}

// Command lets a person send a slash command and gives the gesture a name. The bot's acknowledgement may
// be a message (https://docs.slack.dev/interactivity/implementing-slash-commands).
func (s *Server) Command(c Command) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, r := s.person(c.User, ""), s.room(c.Channel)
	r.join(c.User)
	link := s.responseURL(c.User, r.ID, "", nil)
	payload := map[string]string{
		"token": "verification-token", "team_id": s.o.Team, "team_domain": "fake", "channel_id": r.ID, "channel_name": r.Name,
		"user_id": u.ID, "user_name": u.Name, "command": c.Name, "text": c.Text, "api_app_id": s.o.AppID,
		"is_enterprise_install": fmt.Sprint(s.o.OrgInstall), "response_url": link, "trigger_id": s.trigger(c.User, ""),
	}
	if s.o.Enterprise != "" {
		payload["enterprise_id"], payload["enterprise_name"] = s.o.Enterprise, "Fake"
	}
	if r.Kind == KindIM {
		payload["channel_name"] = "directmessage"
	}
	to := s.answers[link[strings.LastIndex(link, "/")+1:]]
	g := s.gesture("command", r.ID, "")
	s.tell(g, &delivery{
		kind: typeCommand, id: s.named("S"), payload: encode(payload), accepts: true,
		answer: func(answer raw) string { return s.commandAnswer(to, answer) },
	}, 0)
	return g.name
}

// commandAnswer posts what the bot acknowledged a command with: nothing, a text, or a message. The caller
// holds mu.
func (s *Server) commandAnswer(to *responseURL, answer raw) string {
	text := strings.TrimSpace(string(answer))
	if text == "" || text == "{}" || text == "null" {
		return ""
	}
	a := args{}
	if readJSON([]byte(text), a) != nil {
		a = args{"text": text}
	}
	c, err := s.contents(a, "message")
	if err != nil {
		return err.Error()
	}
	s.answered(to, a["response_type"], c, "")
	return ""
}

// commandForm is a command as a form.
func commandForm(payload raw) []byte {
	var fields map[string]string
	form := url.Values{}
	if json.Unmarshal(payload, &fields) == nil {
		for name, value := range fields {
			form.Set(name, value)
		}
	}
	return []byte(form.Encode())
}

// Shortcut lets a person choose a global shortcut and gives the gesture a name
// (https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload).
func (s *Server) Shortcut(user, callback string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	payload := s.interactive("shortcut", user)
	payload["callback_id"], payload["action_ts"], payload["trigger_id"] = callback, s.eventStamp(), s.trigger(user, "")
	return s.send(s.gesture("shortcut", "", ""), payload, nil)
}

// MessageShortcut lets a person choose a shortcut of a message and gives the gesture a name. It fails when
// there is no such message.
func (s *Server) MessageShortcut(user, channel, ts, callback string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.find(channel, ts)
	if m == nil {
		return "", fmt.Errorf("slackfake: shortcut %s: there is no message %s in %s", callback, ts, channel)
	}
	payload := s.interactive("message_action", user)
	s.pressedMessage(payload, m, user)
	delete(payload, "container")
	payload["callback_id"], payload["action_ts"], payload["trigger_id"] = callback, s.eventStamp(), s.trigger(user, "")
	payload["message_ts"] = m.ts
	return s.send(s.gesture("message_shortcut", channel, ts), payload, nil), nil
}
