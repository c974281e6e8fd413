package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"policybot/bot/channel"
	"policybot/bot/channel/inlet"
)

// A delivery is what came in, over a socket or over HTTP, from Slack for certain.
type delivery struct {
	kind    string // events_api, interactive or slash_commands
	payload json.RawMessage
}

// take has stored what a delivery tells, and gives what Slack is to be answered, if anything. Slack may be
// told that it has arrived when the error is nil; errUnreadable is for what nobody can make use of.
func (c *Channel) take(in *inlet.Intake, d delivery) (answer any, err error) {
	ctx, quit := context.WithTimeout(in.Context(), sinkTime)
	defer quit()
	switch d.kind {
	case "events_api":
		outer, err := unpack[callback](d.payload)
		if err != nil {
			return nil, err
		}
		return nil, c.takeEvent(ctx, in, outer)
	case "interactive":
		act, err := unpack[interaction](d.payload)
		if err != nil {
			return nil, err
		}
		return c.takeInteraction(ctx, in, act)
	case "slash_commands":
		cmd, err := unpack[slash](d.payload)
		if err != nil {
			return nil, err
		}
		return c.takeCommand(ctx, in, cmd)
	}
	return nil, nil // a kind that this version knows nothing of
}

// give has an event stored.
func (c *Channel) give(ctx context.Context, in *inlet.Intake, e channel.Event) error {
	if e.Actor.ID == "" || e.Place.ID == "" {
		return fmt.Errorf("%w: it names no person or no place", errUnreadable)
	}
	if _, err := in.Sink(ctx, e); err != nil {
		return fmt.Errorf("store an event: %w", err)
	}
	return nil
}

// taken are the types of event that are made use of.
var taken = map[string]bool{
	"app_mention": true, "message": true, "agent_session_stopped": true, "app_home_opened": true, "assistant_thread_started": true,
	"app_uninstalled": true, "tokens_revoked": true,
}

// readEvent reads the inner part of an event. Of a type that nobody makes use of only the type is read, for it may be
// of any form.
func readEvent(outer callback) (event, error) {
	kind, err := unpack[struct {
		Type string `json:"type"`
	}](outer.Event)
	switch {
	case err != nil:
		return event{}, err
	case kind.Type == "" || outer.EventID == "":
		return event{}, fmt.Errorf("%w: it has no type or no id", errUnreadable)
	case !taken[kind.Type]:
		return event{Type: kind.Type}, nil
	}
	return unpack[event](outer.Event)
}

func (c *Channel) takeEvent(ctx context.Context, in *inlet.Intake, outer callback) error {
	if outer.Type == "app_rate_limited" {
		c.o.Log.Error("slack: too many events in an hour; Slack leaves some out")
		return nil
	}
	inner, err := readEvent(outer)
	if err != nil || !taken[inner.Type] {
		return err
	}
	switch inner.Type {
	case "app_mention", "message":
		return c.takeMessage(ctx, in, outer, inner)
	case "agent_session_stopped":
		who := channel.Actor{Tenant: c.tenant(outer.EnterpriseID, outer.TeamID), ID: inner.User}
		return c.give(ctx, in, channel.Event{
			Kind: channel.Stop, DeliveryKey: outer.EventID, ContentKey: inner.Channel + "/" + cmp.Or(inner.EventTS, outer.EventID), Actor: who,
			Place: placeOf(inner.Channel, "", inner.ThreadTS, isDirect(inner.Channel, "")), At: timeOf(inner.EventTS),
		})
	case "app_home_opened":
		c.courtesy(in, func(ctx context.Context) { c.homeOpened(ctx, outer, inner) })
	case "assistant_thread_started":
		if t := inner.Thread; t != nil {
			c.courtesy(in, func(ctx context.Context) { c.suggest(ctx, t.Channel, t.ThreadTS, "") })
		}
	case "app_uninstalled", "tokens_revoked":
		c.courtesy(in, func(ctx context.Context) { c.rightsChanged(ctx, inner.Type) })
	}
	return nil
}

// rightsChanged looks whether the token still holds: in an organisation one workspace may have removed the app.
func (c *Channel) rightsChanged(ctx context.Context, what string) {
	err := c.check(ctx)
	if reason := fatalReason(err); reason != "" {
		c.revoke(reason)
		return
	}
	c.o.Log.Warn("slack: the app was removed from a workspace, or tokens were revoked", "event", what)
}

// takeMessage takes a message that somebody wrote, changed or removed. What is not for the bot is nothing.
func (c *Channel) takeMessage(ctx context.Context, in *inlet.Intake, outer callback, m event) error {
	switch m.Subtype {
	case "", "file_share", "thread_broadcast", "bot_message":
	case "message_changed":
		return c.takeChange(ctx, in, outer, m)
	case "message_deleted":
		return c.takeDeletion(ctx, in, outer, m, m.Previous, m.DeletedTS)
	default:
		return nil // somebody has joined, a topic was set, …
	}
	me := c.me()
	if m.bot() || m.User == "" || m.User == me.user {
		return nil
	}
	if m.TS == "" || m.Channel == "" {
		return fmt.Errorf("%w: a message without a time or a channel", errUnreadable)
	}
	direct := isDirect(m.Channel, m.ChannelType)
	who := c.actor(outer, m)
	place := placeOf(m.Channel, m.TS, m.ThreadTS, direct)
	named := m.Type == "app_mention" || mentions(m.Text, me.user)
	if !direct && !named && !c.follows(ctx, who, m, place) {
		return nil // and its keys are not used: the same message may come as a mention
	}
	quote := quoted(m)
	if quote == "" && !direct && named {
		quote = c.threadOf(ctx, who, m, place)
	}
	e := channel.Event{
		Kind: channel.Question, DeliveryKey: outer.EventID, ContentKey: m.Channel + "/" + m.TS, Actor: who, Place: place,
		Text: spoken(m.Text, me.user), Quote: quote, At: timeOf(m.TS),
		Reply: (&target{Channel: m.Channel, Thread: cmp.Or(m.ThreadTS, m.TS), Message: m.TS, User: m.User, Team: cmp.Or(m.UserTeam, m.Team, outer.TeamID), Direct: direct, Lang: langOf(m.Text)}).handle(),
	}
	if outer.Shared && !direct && !c.o.External {
		e.Refuse = channel.RefuseExternal
	}
	return c.give(ctx, in, e)
}

// follows reports whether a message without a mention is a question all the same: it goes on in a thread in
// which the same person has asked, and speaks to nobody else.
func (c *Channel) follows(ctx context.Context, who channel.Actor, m event, p channel.Place) bool {
	if c.o.Follows == nil || m.ThreadTS == "" || m.ThreadTS == m.TS || addresses(m.Text, c.me().user) {
		return false
	}
	return c.o.Follows(ctx, who, p)
}

// threadOf is the message under which somebody calls the bot for the first time: what they mean by "this". It is a
// courtesy, for which Slack has a moment.
func (c *Channel) threadOf(ctx context.Context, who channel.Actor, m event, p channel.Place) string {
	if m.ThreadTS == "" || m.ThreadTS == m.TS || c.o.Follows != nil && c.o.Follows(ctx, who, p) {
		return ""
	}
	ctx, quit := context.WithTimeout(ctx, sinkTime/2)
	defer quit()
	found, _, _, err := c.api.GetConversationRepliesContext(ctx, &slack.GetConversationRepliesParameters{ChannelID: m.Channel, Timestamp: m.ThreadTS, Limit: 1})
	if err != nil || len(found) == 0 || found[0].User == c.me().user || found[0].BotID != "" {
		return ""
	}
	return spoken(found[0].Text, c.me().user)
}

// quoted is the text of a message that somebody has shared with theirs.
func quoted(m event) string {
	for _, a := range m.Attachments {
		if a.Shared || a.Unfurl {
			return spoken(a.Text, "")
		}
	}
	return ""
}

// takeChange takes a message that was changed. A link that was unfurled changes nothing that was said.
func (c *Channel) takeChange(ctx context.Context, in *inlet.Intake, outer callback, m event) error {
	now := m.Message
	if now == nil || now.bot() {
		return nil
	}
	if now.Subtype == "tombstone" { // it was removed, but has replies
		return c.takeDeletion(ctx, in, outer, m, m.Previous, now.TS)
	}
	if now.User == "" || now.TS == "" || m.Previous != nil && m.Previous.Text == now.Text {
		return nil
	}
	return c.give(ctx, in, channel.Event{
		Kind: channel.Edited, DeliveryKey: outer.EventID, ContentKey: m.Channel + "/" + now.TS, Actor: c.actor(outer, *now),
		Place: placeOf(m.Channel, now.TS, now.ThreadTS, isDirect(m.Channel, m.ChannelType)), Text: spoken(now.Text, c.me().user), At: timeOf(cmp.Or(m.EventTS, m.TS)),
	})
}

// takeDeletion takes a message that was removed.
func (c *Channel) takeDeletion(ctx context.Context, in *inlet.Intake, outer callback, m event, was *event, ts string) error {
	if was == nil || was.bot() || was.User == "" || ts == "" {
		return nil
	}
	return c.give(ctx, in, channel.Event{
		Kind: channel.Deleted, DeliveryKey: outer.EventID, ContentKey: m.Channel + "/" + ts, Actor: c.actor(outer, *was),
		Place: placeOf(m.Channel, ts, was.ThreadTS, isDirect(m.Channel, m.ChannelType)), At: timeOf(cmp.Or(m.EventTS, m.TS)),
	})
}

// actor is who wrote a message. In a channel that is shared with another organisation it may be one of theirs.
func (c *Channel) actor(outer callback, m event) channel.Actor {
	own := c.tenant(outer.EnterpriseID, outer.TeamID)
	team := cmp.Or(m.UserTeam, m.SourceTeam)
	if outer.Shared && team != "" && !c.ours(outer, team) {
		return channel.Actor{Tenant: team, ID: m.User, External: true}
	}
	return channel.Actor{Tenant: own, ID: m.User}
}

// ours reports whether a team belongs to the organisation in which the app is installed.
func (c *Channel) ours(outer callback, team string) bool {
	me := c.me()
	if team == outer.TeamID || team == outer.EnterpriseID || team == me.team || team == me.enterprise {
		return true
	}
	for _, a := range outer.Authorizations {
		if team == a.TeamID || team == a.EnterpriseID {
			return true
		}
	}
	return false
}

// tenant is what tells organisations apart: in an Enterprise organisation people have one id in all workspaces.
func (c *Channel) tenant(enterprise, team string) string {
	return cmp.Or(enterprise, c.me().enterprise, team, c.me().team)
}

// isDirect reports whether a channel is a talk between one person and the bot.
func isDirect(id, kind string) bool { return kind == "im" || kind == "" && strings.HasPrefix(id, "D") }

// placeOf is where something was said. In a channel each thread is a conversation, and a message begins one; a talk
// with the bot is one conversation, whichever of its threads is used.
func placeOf(id, ts, thread string, direct bool) channel.Place {
	if direct {
		return channel.Place{ID: id}
	}
	return channel.Place{ID: id, Thread: cmp.Or(thread, ts), Group: true}
}

// A target is where a reply goes: what the handle of an event holds.
type target struct {
	Channel string `json:"c,omitempty"`
	Thread  string `json:"t,omitempty"` // "": at the end of the channel
	Message string `json:"m,omitempty"` // that is replied to
	Asked   string `json:"a,omitempty"` // when, as a ts, where that is not the time of the message
	User    string `json:"u,omitempty"`
	Team    string `json:"w,omitempty"` // the user's
	Direct  bool   `json:"d,omitempty"`
	Lang    string `json:"l,omitempty"` // of lines about the work
}

func (t *target) handle() channel.Handle {
	data, err := json.Marshal(t)
	if err != nil {
		panic("slack: " + err.Error()) // texts alone
	}
	return channel.Handle{Data: data}
}

// HandleOf is the handle of a channel in which nobody has asked, such as that of the staff: what goes there stands in
// the channel itself.
func HandleOf(id string) channel.Handle { return (&target{Channel: id}).handle() }

// courtesy does in the background what nobody is promised: a modal, the home tab. Where too much is under way it
// is left out.
func (c *Channel) courtesy(in *inlet.Intake, do func(ctx context.Context)) {
	select {
	case c.spare <- struct{}{}:
	default:
		c.o.Log.Info("slack: too much is under way; a view was left out")
		return
	}
	in.Go(func(ctx context.Context) {
		defer func() { <-c.spare }()
		ctx, quit := context.WithTimeout(ctx, callTime)
		defer quit()
		do(ctx)
	})
}
