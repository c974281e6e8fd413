package slackfake

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"
)

// A Said is what somebody says in a conversation.
type Said struct {
	User    string // "U…"
	Team    string // of the person; another than Options.Team is one from outside, over Slack Connect
	Channel string // made if it is not there; "" is the direct messages with the bot
	Thread  string // ts of the root, "" for the channel itself
	Text    string // with marks, such as <@U…>
	Files   bool   // a file is shared with it
	// Bot is the id of the bot that says it; Options.BotID is the bot itself. "" is a person.
	Bot       string
	Subtype   string // such as "thread_broadcast" or "bot_message"; "" as it follows from the rest
	Workspace string // of the organisation where it is said; "" is Options.Team
}

// Say lets somebody say something and gives the gesture a name. When it mentions the bot in a
// conversation of several, the bot is told twice, in any order: by app_mention and by message, with
// different event ids and the same channel and ts (https://docs.slack.dev/reference/events/app_mention).
func (s *Server) Say(a Said) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.User == "" && a.Bot == "" {
		return "", fmt.Errorf("slackfake: say %.40q: nobody says it", a.Text)
	}
	var r *room
	if a.Channel == "" {
		r = s.dm(a.User)
	} else {
		r = s.room(a.Channel)
	}
	if r.Archived {
		return "", fmt.Errorf("slackfake: say %.40q: %s is archived", a.Text, r.ID)
	}
	m := &message{
		channel: r.ID, ts: s.stamp(r), thread: a.Thread, user: a.User, bot: a.Bot, text: a.Text, files: a.Files, subtype: a.Subtype,
		team: cmp.Or(a.Team, s.o.Team), broadcast: a.Subtype == "thread_broadcast",
	}
	switch a.Bot {
	case s.o.BotID:
		m.user = s.o.BotUser
	case "":
		m.clientID = s.uuid()
		s.person(a.User, a.Team)
		r.join(a.User)
	}
	if a.Files && a.Subtype == "" {
		m.subtype = "file_share"
	}
	m.blocks = s.identify([]raw{spoken(a.Text)})
	s.keep(m)
	g := s.gesture("message", r.ID, m.ts)
	s.tellMessage(g, m, r, a.Workspace)
	return g.name, nil
}

// tellMessage tells the bot of a new message, if it can hear it. The caller holds mu.
func (s *Server) tellMessage(g *gesture, m *message, r *room, workspace string) {
	if r.Absent {
		return
	}
	events := []obj{}
	if s.hears("message." + suffix(r.Kind)) {
		events = append(events, s.messageEvent(m))
	}
	if r.Kind != KindIM && s.hears("app_mention") && strings.Contains(m.text, "<@"+s.o.BotUser+">") && m.bot != s.o.BotID {
		mention := s.messageEvent(m)
		mention["type"] = "app_mention"
		delete(mention, "channel_type")
		delete(mention, "subtype")
		events = append(events, mention)
	}
	if len(events) > 1 && s.random.IntN(2) == 0 {
		events[0], events[1] = events[1], events[0]
	}
	for i, e := range events {
		late := time.Duration(i) * time.Duration(1+s.random.IntN(30)) * time.Millisecond
		s.tell(g, s.event(e, workspace), late)
	}
}

// suffix is what follows "message." in the name of a subscription.
func suffix(kind string) string {
	return map[string]string{KindChannel: "channels", KindGroup: "groups", KindIM: "im", KindMPIM: "mpim"}[kind]
}

// spoken is a text as the client of a person sends it: one rich_text block with its mentions.
func spoken(text string) raw {
	var elements []obj
	for text != "" {
		before, rest, found := strings.Cut(text, "<@")
		if before != "" {
			elements = append(elements, obj{"type": "text", "text": before})
		}
		user, after, closed := strings.Cut(rest, ">")
		if found && closed {
			elements = append(elements, obj{"type": "user", "user_id": user})
		}
		text = after
		if found && !closed {
			elements = append(elements, obj{"type": "text", "text": "<@" + rest})
			text = ""
		}
	}
	section := obj{"type": "rich_text_section", "elements": elements}
	return encode(obj{"type": "rich_text", "elements": []obj{section}})
}

// messageEvent is a message as an event (https://docs.slack.dev/reference/events/message). The caller holds mu.
func (s *Server) messageEvent(m *message) obj {
	e := s.wire(m, false)
	e["channel"], e["event_ts"] = m.channel, m.ts
	e["channel_type"] = s.room(m.channel).Kind
	if m.team != "" && m.team != s.o.Team {
		e["user_team"], e["source_team"] = m.team, m.team
		e["user_profile"] = obj{"name": strings.ToLower(m.user), "real_name": m.user, "display_name": m.user, "team": m.team}
	}
	return e
}

// changedEvent tells of an edit. The caller holds mu.
func (s *Server) changedEvent(m *message, before obj) obj {
	at := s.stamp(s.room(m.channel))
	return obj{
		"type": "message", "subtype": "message_changed", "hidden": true, "channel": m.channel, "channel_type": s.room(m.channel).Kind,
		"ts": at, "event_ts": at, "message": s.wire(m, false), "previous_message": before,
	}
}

// event wraps an event for delivery (https://docs.slack.dev/apis/events-api/#callback-field). The caller
// holds mu.
func (s *Server) event(inner obj, workspace string) *delivery {
	workspace = cmp.Or(workspace, s.o.Team)
	var enterprise any
	if s.o.Enterprise != "" {
		enterprise = s.o.Enterprise
	}
	id := s.named("Ev")
	channel, _ := inner["channel"].(string)
	payload := obj{
		"token": "verification-token", "team_id": workspace, "context_team_id": workspace, "context_enterprise_id": enterprise,
		"api_app_id": s.o.AppID, "event": inner, "type": "event_callback", "event_id": id, "event_time": s.o.Now().Unix(),
		"authorizations": []obj{{
			"enterprise_id": enterprise, "team_id": workspace, "user_id": s.o.BotUser, "is_bot": true, "is_enterprise_install": s.o.OrgInstall,
		}},
		"is_ext_shared_channel": channel != "" && s.room(channel).Shared,
		"event_context":         "4-fake",
	}
	if enterprise != nil {
		payload["enterprise_id"] = enterprise
	}
	return &delivery{kind: typeEvent, id: id, payload: encode(payload)}
}

// tellEvent tells one event of a gesture. The caller holds mu.
func (s *Server) tellEvent(g *gesture, inner obj) { s.tell(g, s.event(inner, ""), 0) }

// renamed is an event with another event_id.
func renamed(payload raw, id string) raw {
	var fields map[string]raw
	if json.Unmarshal(payload, &fields) != nil {
		return payload
	}
	fields["event_id"] = encode(id)
	return encode(fields)
}

// said finds the message of a gesture. The caller holds mu.
func (s *Server) said(name string) (*message, error) {
	g := s.gestures[name]
	if g == nil || g.kind != "message" {
		return nil, fmt.Errorf("slackfake: no gesture %q said something", name)
	}
	m := s.find(g.channel, g.ts)
	if m == nil {
		return nil, fmt.Errorf("slackfake: what gesture %q said is not there any more", name)
	}
	return m, nil
}

// Edit changes what a gesture said, and gives the new gesture a name.
func (s *Server) Edit(gesture, text string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.said(gesture)
	if err != nil {
		return "", err
	}
	before := s.wire(m, false)
	m.text, m.blocks, m.edited = text, s.identify([]raw{spoken(text)}), s.eventStamp()
	g := s.gesture("edit", m.channel, m.ts)
	if s.hears("message." + suffix(s.room(m.channel).Kind)) {
		s.tellEvent(g, s.changedEvent(m, before))
	}
	return g.name, nil
}

// Delete takes back what a gesture said, and gives the new gesture a name.
func (s *Server) Delete(gesture string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.said(gesture)
	if err != nil {
		return "", err
	}
	before := s.wire(m, false)
	s.drop(m)
	r := s.room(m.channel)
	at := s.stamp(r)
	g := s.gesture("delete", m.channel, m.ts)
	if s.hears("message." + suffix(r.Kind)) {
		s.tellEvent(g, obj{
			"type": "message", "subtype": "message_deleted", "hidden": true, "channel": m.channel, "channel_type": r.Kind,
			"ts": at, "event_ts": at, "deleted_ts": m.ts, "previous_message": before,
		})
	}
	return g.name, nil
}

// TS gives the channel and the ts of the message of a gesture, or "" when it has none.
func (s *Server) TS(gesture string) (channel, ts string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.gestures[gesture]; g != nil {
		return g.channel, g.ts
	}
	return "", ""
}

// OpenHome lets a person open the app, at its tab "home" or "messages"
// (https://docs.slack.dev/reference/events/app_home_opened).
func (s *Server) OpenHome(user, tab string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.person(user, "")
	r := s.dm(user)
	e := obj{"type": "app_home_opened", "user": user, "channel": r.ID, "tab": tab, "event_ts": s.eventStamp()}
	if v := s.homes[user]; v != nil && tab == "home" {
		e["view"] = s.wireView(v, nil)
	}
	return s.plain("home", r.ID, e)
}

// Stop lets a person press the stop button of a session. Slack stops its streams; the status stays
// (https://docs.slack.dev/reference/events/agent_session_stopped). It fails when no such button is shown.
func (s *Server) Stop(user, channel, thread string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.threads[place{channel, thread}]
	stopped := []string{}
	for _, m := range s.messages {
		if m.channel == channel && m.thread == thread && m.stream != nil && m.stream.state(s.o.Now()) == StateStreaming {
			stopped = append(stopped, m.ts)
		}
	}
	if (t == nil || t.Session != "processing") && len(stopped) == 0 || !s.hears("agent_session_stopped") {
		return "", fmt.Errorf("slackfake: stop %s in %s: no stop button is shown there", thread, channel)
	}
	for _, ts := range stopped {
		st := s.find(channel, ts).stream
		st.stopped, st.byPerson = true, true
	}
	return s.plain("stop", channel, obj{
		"type": "agent_session_stopped", "channel": channel, "user": user, "thread_ts": thread, "streaming_message_ts": stopped, "event_ts": s.eventStamp(),
	}), nil
}

// React lets a person put an emoji on a message (https://docs.slack.dev/reference/events/reaction_added).
func (s *Server) React(user, channel, ts, emoji string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.find(channel, ts)
	if m == nil {
		return "", fmt.Errorf("slackfake: react to %s in %s: there is no such message", ts, channel)
	}
	return s.plain("reaction", channel, obj{
		"type": "reaction_added", "user": user, "reaction": emoji, "item_user": m.user, "event_ts": s.eventStamp(),
		"item": obj{"type": "message", "channel": channel, "ts": ts},
	}), nil
}

// Happen tells the bot of any event, such as tokens_revoked; fields are those besides its type and
// event_ts, and may be nil.
func (s *Server) Happen(kind string, fields map[string]any) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := obj{"type": kind, "event_ts": s.eventStamp()}
	maps.Copy(e, fields)
	channel, _ := e["channel"].(string)
	return s.plain(kind, channel, e)
}

// plain tells one event, if the app has subscribed to it, and gives the gesture's name. The caller holds mu.
func (s *Server) plain(kind, channel string, e obj) string {
	g := s.gesture(kind, channel, "")
	if s.hears(e["type"].(string)) {
		s.tellEvent(g, e)
	}
	return g.name
}
