package slackfake

import (
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"strings"
)

func splitList(text string) []string {
	return slices.DeleteFunc(strings.Split(text, ","), func(e string) bool { return e == "" })
}

// seen finds a conversation that the bot can see. The caller holds mu.
func (s *Server) seen(id string) (*room, error) {
	r := s.rooms[id]
	if r == nil || r.Absent && r.Kind != KindChannel {
		return nil, refuse("channel_not_found")
	}
	return r, nil
}

// within checks that one scope of a family is the one for this kind of conversation.
func (s *Server) within(r *room, family string) error {
	of := map[string]string{KindChannel: "channels:", KindGroup: "groups:", KindIM: "im:", KindMPIM: "mpim:"}
	if need := of[r.Kind] + family; !slices.Contains(s.o.Scopes, need) {
		return &apiError{name: "missing_scope", more: obj{"needed": need, "provided": strings.Join(s.o.Scopes, ",")}}
	}
	return nil
}

// member reports whether a person is in a conversation. The caller holds mu.
func (s *Server) member(r *room, user string) bool {
	return user != "" && slices.Contains(r.Members, user)
}

// wireRoom is a conversation as the API shows it (https://docs.slack.dev/reference/objects/conversation-object).
func (s *Server) wireRoom(r *room) obj {
	out := obj{
		"id": r.ID, "created": 1, "is_archived": r.Archived, "is_channel": r.Kind == KindChannel, "is_group": r.Kind == KindGroup,
		"is_im": r.Kind == KindIM, "is_mpim": r.Kind == KindMPIM, "is_private": r.Kind != KindChannel, "is_member": !r.Absent,
		"is_ext_shared": r.Shared, "is_shared": r.Shared, "context_team_id": s.o.Team, "num_members": len(r.Members) + 1,
	}
	if r.Kind == KindIM {
		if len(r.Members) > 0 {
			out["user"] = r.Members[0]
		}
		return out
	}
	out["name"], out["name_normalized"] = r.Name, r.Name
	return out
}

// open (https://docs.slack.dev/reference/methods/conversations.open).
func (s *Server) open(a args) (obj, error) {
	if id := a["channel"]; id != "" {
		r, err := s.seen(id)
		if err != nil {
			return nil, err
		}
		return obj{"channel": s.wireRoom(r), "already_open": true, "no_op": true}, nil
	}
	users := splitList(a["users"])
	switch {
	case len(users) == 0:
		return nil, refuse("users_list_not_supplied")
	case len(users) > 8:
		return nil, refuse("too_many_users")
	}
	for _, u := range users {
		if s.users[u] == nil || s.users[u].Bot {
			return nil, refuse("user_not_found")
		}
	}
	r := s.dm(users[0])
	if len(users) > 1 {
		slices.Sort(users)
		r = s.room("G" + strings.Join(users, ""))
		r.Kind, r.Members = KindMPIM, users
	}
	if a.yes("return_im") {
		return obj{"channel": s.wireRoom(r)}, nil
	}
	return obj{"channel": obj{"id": r.ID}}, nil
}

func (s *Server) info(a args) (obj, error) {
	r, err := s.seen(a["channel"])
	if err == nil {
		err = s.within(r, "read")
	}
	if err != nil {
		return nil, err
	}
	return obj{"channel": s.wireRoom(r)}, nil
}

// list (https://docs.slack.dev/reference/methods/conversations.list).
func (s *Server) list(a args) (obj, error) {
	types := splitList(a["types"])
	if len(types) == 0 {
		types = []string{"public_channel"}
	}
	kinds := map[string]string{"public_channel": KindChannel, "private_channel": KindGroup, "im": KindIM, "mpim": KindMPIM}
	var wanted []string
	for _, t := range types {
		if kinds[t] == "" {
			return nil, refuse("invalid_types")
		}
		wanted = append(wanted, kinds[t])
	}
	var all []obj
	for _, id := range slices.Sorted(maps.Keys(s.rooms)) {
		r, err := s.seen(id)
		if err == nil && slices.Contains(wanted, r.Kind) && (!r.Archived || !a.yes("exclude_archived")) {
			all = append(all, s.wireRoom(r))
		}
	}
	out, next, err := page(all, a, 100)
	if err != nil {
		return nil, err
	}
	return obj{"channels": out, "response_metadata": obj{"next_cursor": next}}, nil
}

func (s *Server) members(a args) (obj, error) {
	r, err := s.seen(a["channel"])
	if err == nil {
		err = s.within(r, "read")
	}
	if err != nil {
		return nil, err
	}
	all := slices.Clone(r.Members)
	if !r.Absent {
		all = append(all, s.o.BotUser)
	}
	out, next, err := page(all, a, 100)
	if err != nil {
		return nil, err
	}
	return obj{"members": out, "response_metadata": obj{"next_cursor": next}}, nil
}

// page gives the part of a list that the arguments ask for, and where the next begins
// (https://docs.slack.dev/apis/web-api/pagination).
func page[T any](all []T, a args, usual int) ([]T, string, error) {
	limit, from := usual, 0
	if text := a["limit"]; text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 1000 {
			return nil, "", refuse("invalid_limit")
		}
		limit = n
	}
	if text := a["cursor"]; text != "" {
		b, err := base64.StdEncoding.DecodeString(text)
		n, err2 := strconv.Atoi(strings.TrimPrefix(string(b), "next:"))
		if err != nil || err2 != nil || n < 0 || n > len(all) {
			return nil, "", refuse("invalid_cursor")
		}
		from = n
	}
	to := min(len(all), from+limit)
	next := ""
	if to < len(all) {
		next = base64.StdEncoding.EncodeToString([]byte("next:" + strconv.Itoa(to)))
	}
	return append([]T{}, all[from:to]...), next, nil
}

// readable finds a conversation whose messages the bot may read. The caller holds mu.
func (s *Server) readable(a args) (*room, error) {
	r, err := s.seen(a["channel"])
	if err != nil {
		return nil, err
	}
	if r.Absent {
		return nil, refuse("not_in_channel")
	}
	for _, name := range []string{"oldest", "latest"} {
		if text := a[name]; text != "" {
			if _, err := strconv.ParseFloat(text, 64); err != nil {
				return nil, refuse("invalid_ts_" + name)
			}
		}
	}
	return r, s.within(r, "history")
}

// between reports whether a message is in the asked time (page of conversations.history).
func between(ts string, a args) bool {
	at, _ := strconv.ParseFloat(ts, 64)
	oldest, _ := strconv.ParseFloat(a["oldest"], 64)
	latest, _ := strconv.ParseFloat(a["latest"], 64)
	if a.yes("inclusive") {
		return at >= oldest && (a["latest"] == "" || at <= latest)
	}
	return at > oldest && (a["latest"] == "" || at < latest)
}

// found gives one page of messages as an answer.
func found(all []obj, a args, usual int) (obj, error) {
	out, next, err := page(all, a, usual)
	if err != nil {
		return nil, err
	}
	return obj{"messages": out, "has_more": next != "", "response_metadata": obj{"next_cursor": next}}, nil
}

// history gives what stands in a conversation itself, the newest first
// (https://docs.slack.dev/reference/methods/conversations.history).
func (s *Server) history(a args) (obj, error) {
	r, err := s.readable(a)
	if err != nil {
		return nil, err
	}
	var all []obj
	for _, m := range slices.Backward(s.messages) {
		top := m.thread == "" || m.thread == m.ts || m.broadcast
		if m.channel == r.ID && top && !m.deleted && m.only == "" && between(m.ts, a) {
			all = append(all, s.wire(m, a.yes("include_all_metadata")))
		}
	}
	return found(all, a, 100)
}

// replies gives a thread, its root first (https://docs.slack.dev/reference/methods/conversations.replies).
// A message without replies is a thread of one.
func (s *Server) replies(a args) (obj, error) {
	r, err := s.readable(a)
	if err != nil {
		return nil, err
	}
	var all []obj
	exists := false
	for _, m := range s.messages {
		if m.channel != r.ID || m.ts != a["ts"] && m.thread != a["ts"] || a["ts"] == "" || m.deleted || m.only != "" {
			continue
		}
		exists = true
		if m.ts == a["ts"] || between(m.ts, a) {
			all = append(all, s.wire(m, a.yes("include_all_metadata")))
		}
	}
	if !exists {
		return nil, refuse("thread_not_found")
	}
	return found(all, a, 1000)
}

// usersInfo (https://docs.slack.dev/reference/methods/users.info).
func (s *Server) usersInfo(a args) (obj, error) {
	u := s.users[a["user"]]
	if u == nil {
		return nil, refuse("user_not_found")
	}
	profile := obj{"real_name": u.Name, "display_name": u.Name, "team": u.Team}
	if slices.Contains(s.o.Scopes, "users:read.email") {
		set(profile, "email", u.Email)
	}
	out := obj{"id": u.ID, "team_id": u.Team, "name": u.Name, "real_name": u.Name, "deleted": false, "tz": "Etc/UTC", "is_bot": u.Bot, "profile": profile}
	if a.yes("include_locale") {
		out["locale"] = u.Locale
		if u.Locale == "" {
			out["locale"] = "en-US"
		}
	}
	out["is_stranger"] = u.Team != s.o.Team
	return obj{"user": out}, nil
}

func (s *Server) botsInfo(a args) (obj, error) {
	if a["bot"] != "" && a["bot"] != s.o.BotID {
		return nil, refuse("bot_not_found")
	}
	return obj{"bot": obj{"id": s.o.BotID, "deleted": false, "name": s.users[s.o.BotUser].Name, "app_id": s.o.AppID, "user_id": s.o.BotUser}}, nil
}
