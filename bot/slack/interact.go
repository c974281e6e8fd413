package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"policybot/bot/channel"
	"policybot/bot/channel/inlet"
	"policybot/bot/slack/act"
	"policybot/bot/slack/views"
)

// takeInteraction takes what somebody did with one of our controls. What tells the service something is stored
// before Slack is answered; what only shows something follows in the background.
func (c *Channel) takeInteraction(ctx context.Context, in *inlet.Intake, i interaction) (answer any, err error) {
	switch i.Type {
	case "block_actions":
		for _, a := range i.Actions {
			if err := c.press(ctx, in, i, a); err != nil {
				return nil, err
			}
		}
		return nil, nil
	case "view_submission":
		if i.View == nil {
			return nil, fmt.Errorf("%w: a submission without a view", errUnreadable)
		}
		return c.submit(ctx, in, i)
	case "message_action", "shortcut":
		return nil, c.shortcut(in, i)
	}
	return nil, nil
}

// who is the person of an interaction. Without an organisation of several workspaces, one of another workspace comes
// over Slack Connect.
func (c *Channel) who(i interaction) channel.Actor {
	me := c.me()
	if home := i.User.TeamID; home != "" && home != i.Team.ID && home != me.team && i.Enterprise.ID == "" && me.enterprise == "" {
		return channel.Actor{Tenant: home, ID: i.User.ID, External: true}
	}
	return channel.Actor{Tenant: c.tenant(i.Enterprise.ID, cmp.Or(i.Team.ID, i.User.TeamID)), ID: i.User.ID}
}

// press takes the press of one element.
func (c *Channel) press(ctx context.Context, in *inlet.Intake, i interaction, a action) error {
	switch {
	case act.Is(a.ActionID, act.Clause):
		c.courtesy(in, func(ctx context.Context) { c.showClause(ctx, i, a.Value) })
	case a.ActionID == act.Case:
		c.courtesy(in, func(ctx context.Context) { c.showCase(ctx, i, a.Value) })
	case a.ActionID == act.HomeAsk:
		c.courtesy(in, func(ctx context.Context) {
			c.open(ctx, i.TriggerID, views.Ask(a.Value, "", c.lang(ctx, c.who(i))))
		})
	case a.ActionID == act.HomeProfile:
		c.courtesy(in, func(ctx context.Context) { c.showProfile(ctx, c.who(i), i.TriggerID) })
	case a.ActionID == act.HomeForget:
		c.courtesy(in, func(ctx context.Context) { c.forgetFromHome(ctx, c.who(i)) })
	case isToken(a):
		return c.pressToken(ctx, in, i, a)
	}
	return nil // a link, or a control that this version knows nothing of
}

// isToken reports whether an element's value is the token of a button.
func isToken(a action) bool {
	switch a.ActionID {
	case act.Rate, act.RateGood, act.RateBad, act.Person:
		return a.Value != ""
	}
	return act.Is(a.ActionID, act.Reply) && a.Value != ""
}

// pressToken takes the press of a button of a document. Who says that an answer did not help is asked why.
func (c *Channel) pressToken(ctx context.Context, in *inlet.Intake, i interaction, a action) error {
	token, bad := rated(a)
	e := c.pressed(i, token, a.ActionID+"/"+token, cmp.Or(a.ActionTS, i.ActionTS)+"/"+i.TriggerID)
	if err := c.give(ctx, in, e); err != nil {
		return err
	}
	if bad {
		c.courtesy(in, func(ctx context.Context) {
			c.open(ctx, i.TriggerID, views.Feedback(token, c.lang(ctx, e.Actor)))
		})
	}
	return nil
}

// rated gives the token of a pressed element, and whether it says that an answer did not help.
func rated(a action) (token string, bad bool) {
	if token, bad = strings.CutPrefix(a.Value, act.Bad); bad {
		return token, true
	}
	return a.Value, a.ActionID == act.RateBad
}

// pressed is the event of a press: what names what was done, and when tells one time from another.
func (c *Channel) pressed(i interaction, token, what, when string) channel.Event {
	to := c.whereTo(i)
	key := strings.Join([]string{"press", to.Channel, first(i.Container.MessageTS, i.Container.ViewID), i.User.ID, what}, "/")
	return channel.Event{
		Kind: channel.Pressed, DeliveryKey: key + "/" + when, ContentKey: key, Actor: c.who(i), Token: token,
		Place: placeOf(to.Channel, to.Message, to.Thread, to.Direct), Reply: to.handle(),
	}
}

// whereTo is where the reply to an interaction goes: to the thread in which it happened, else to the person.
func (c *Channel) whereTo(i interaction) *target {
	t := &target{User: i.User.ID, Team: cmp.Or(i.User.TeamID, i.Team.ID), Asked: stamp(time.Now())}
	t.Channel = cmp.Or(i.Container.Channel, i.Channel.ID)
	if t.Channel == "" {
		return t
	}
	t.Message = cmp.Or(i.Container.MessageTS)
	t.Thread = i.Container.ThreadTS
	if m := i.Message; m != nil {
		t.Thread = cmp.Or(m.ThreadTS, t.Thread, m.TS)
	}
	t.Thread = cmp.Or(t.Thread, t.Message)
	t.Direct = isDirect(t.Channel, "")
	return t
}

// submit takes a form that was sent.
func (c *Channel) submit(ctx context.Context, in *inlet.Intake, i interaction) (answer any, err error) {
	var v slack.View
	if err := json.Unmarshal(i.View.raw, &v); err != nil {
		return nil, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	switch i.View.CallbackID {
	case act.ViewFeedback:
		reason, text := views.ReadFeedback(v)
		e := c.pressed(i, i.View.Metadata, "feedback", i.View.ID)
		e.Place.ID = cmp.Or(e.Place.ID, i.User.ID)
		e.Feedback = &channel.Feedback{Reason: reason, Text: text}
		return nil, c.give(ctx, in, e)
	case act.ViewAsk:
		text, problems := views.ReadAsk(v)
		if len(problems) > 0 {
			return slack.NewErrorsViewSubmissionResponse(problems), nil
		}
		return nil, c.askDirectly(ctx, in, i, text, nil)
	case act.ViewProfile:
		text, facts, problems := views.ReadProfile(v)
		if len(problems) > 0 {
			return slack.NewErrorsViewSubmissionResponse(problems), nil
		}
		var profile json.RawMessage
		if facts != nil {
			if profile, err = json.Marshal(facts); err != nil {
				return nil, fmt.Errorf("%w: %w", errUnreadable, err)
			}
		}
		return nil, c.askDirectly(ctx, in, i, text, profile)
	case act.ViewCase:
		return c.respond(ctx, in, i, v), nil
	}
	return nil, nil
}

// askDirectly takes a question that was asked in a form: the reply goes to the talk between the person and the bot.
func (c *Channel) askDirectly(ctx context.Context, in *inlet.Intake, i interaction, text string, profile json.RawMessage) error {
	to := c.direct(ctx, i.User.ID, cmp.Or(i.User.TeamID, i.Team.ID), text)
	return c.give(ctx, in, channel.Event{
		Kind: channel.Question, DeliveryKey: "view/" + i.View.ID, ContentKey: "view/" + i.View.ID, Actor: c.who(i),
		Place: to.place(), Text: text, Profile: profile, Reply: to.handle(),
	})
}

// direct is the talk between a person and the bot. Where Slack does not say in time which channel it is, that is
// found out when the reply goes there.
func (c *Channel) direct(ctx context.Context, user, team, text string) *target {
	ctx, quit := context.WithTimeout(ctx, sinkTime/2)
	defer quit()
	t := &target{User: user, Team: team, Direct: true, Lang: langOf(text), Asked: stamp(time.Now())}
	id, err := c.talk(ctx, user)
	if err != nil {
		c.o.Log.Info("slack: a direct message was not opened yet", "error", plain(err))
		return t
	}
	t.Channel = id
	return t
}

// place is where a question is asked whose reply goes to t.
func (t *target) place() channel.Place {
	if t.Direct {
		return channel.Place{ID: cmp.Or(t.Channel, t.User)}
	}
	return placeOf(t.Channel, t.Message, t.Thread, false)
}

// shortcut takes a shortcut: a form opens.
func (c *Channel) shortcut(in *inlet.Intake, i interaction) error {
	text := ""
	if i.Message != nil {
		text = spoken(i.Message.Text, c.me().user)
	}
	switch i.CallbackID {
	case act.ShortcutAsk, act.ShortcutAskAbout:
		c.courtesy(in, func(ctx context.Context) {
			c.open(ctx, i.TriggerID, views.Ask(text, "", c.lang(ctx, c.who(i))))
		})
	case act.ShortcutDraft:
		c.courtesy(in, func(ctx context.Context) { c.showDraft(ctx, i, text) })
	}
	return nil
}
