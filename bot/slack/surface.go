package slack

import (
	"context"
	"strings"
	"time"
	"unicode"

	"github.com/slack-go/slack"

	"policybot/bot/channel"
	"policybot/bot/channel/inlet"
	"policybot/bot/slack/views"
)

// lang is the language in which a person is shown what is not an answer.
func (c *Channel) lang(ctx context.Context, who channel.Actor) string {
	if c.o.Office.Lang != nil {
		if lang := c.o.Office.Lang(ctx, who); lang != "" {
			return lang
		}
	}
	return "zh"
}

// langOf is the language of a text, for lines about the work on it.
func langOf(text string) string {
	if strings.IndexFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) < 0 && strings.IndexFunc(text, unicode.IsLetter) >= 0 {
		return "en"
	}
	return "zh"
}

// open opens a modal. Slack gives three seconds for it.
func (c *Channel) open(ctx context.Context, trigger string, v slack.ModalViewRequest) (id string) {
	ctx, quit := context.WithTimeout(ctx, ackTime)
	defer quit()
	got, err := c.api.OpenViewContext(ctx, trigger, v)
	if err != nil {
		c.o.Log.Warn("slack: a form was not opened", "view", v.CallbackID, "error", plain(err))
		return ""
	}
	return got.ID
}

// showIn shows a modal over the one from which it was asked for, or by itself.
func (c *Channel) showIn(ctx context.Context, i interaction, v slack.ModalViewRequest) {
	if i.View == nil || i.View.Type != "modal" {
		c.open(ctx, i.TriggerID, v)
		return
	}
	c.replace(ctx, i.View.ID, v)
}

// replace puts another modal in the place of one that is open.
func (c *Channel) replace(ctx context.Context, id string, v slack.ModalViewRequest) {
	if id == "" {
		return
	}
	if _, err := c.api.UpdateViewContext(ctx, v, "", "", id); err != nil {
		c.o.Log.Warn("slack: a form was not changed", "view", v.CallbackID, "error", plain(err))
	}
}

// unavailable says that there is nothing to show.
func unavailable(lang string) slack.ModalViewRequest {
	if lang == "en" {
		return views.Notice("Not available", "This is not available now. Please try again later.", lang)
	}
	return views.Notice("暂时不可用", "现在无法显示，请稍后再试。", lang)
}

// showClause shows a clause; value is its id, perhaps with the span of a quote.
func (c *Channel) showClause(ctx context.Context, i interaction, value string) {
	lang := c.lang(ctx, c.who(i))
	id, quote, _ := strings.Cut(value, "?quote=")
	if c.o.Office.Clause == nil {
		c.showIn(ctx, i, unavailable(lang))
		return
	}
	data, err := c.o.Office.Clause(ctx, id, quote, lang)
	if err != nil {
		c.o.Log.Warn("slack: a clause was not shown", "clause", id, "error", err)
		c.showIn(ctx, i, unavailable(lang))
		return
	}
	c.showIn(ctx, i, views.Clause(data, lang))
}

// showProfile shows the form of eligibility.
func (c *Channel) showProfile(ctx context.Context, who channel.Actor, trigger string) {
	lang := c.lang(ctx, who)
	if c.o.Office.Fields == nil {
		c.open(ctx, trigger, unavailable(lang))
		return
	}
	fields, question, err := c.o.Office.Fields(ctx, lang)
	if err != nil {
		c.o.Log.Warn("slack: the form of eligibility was not shown", "error", err)
		c.open(ctx, trigger, unavailable(lang))
		return
	}
	c.open(ctx, trigger, views.Profile(fields, question, "", lang))
}

// showCase shows a person of the staff the case that a button stands for.
func (c *Channel) showCase(ctx context.Context, i interaction, token string) {
	lang := c.lang(ctx, c.who(i))
	if c.o.Office.Case == nil {
		c.open(ctx, i.TriggerID, unavailable(lang))
		return
	}
	data, own, err := c.o.Office.Case(ctx, token, c.who(i))
	if err != nil {
		c.o.Log.Warn("slack: a case was not shown", "error", err)
		c.open(ctx, i.TriggerID, unavailable(lang))
		return
	}
	c.open(ctx, i.TriggerID, views.Case(data, token, first(own, lang)))
}

// respond sends what a person of the staff wrote, and gives what Slack shows of it.
func (c *Channel) respond(ctx context.Context, in *inlet.Intake, i interaction, v slack.View) any {
	lang := c.lang(ctx, c.who(i))
	if c.o.Office.Respond == nil {
		return update(unavailable(lang))
	}
	problems, err := c.o.Office.Respond(ctx, i.View.Metadata, c.who(i), views.ReadCase(v))
	switch {
	case err != nil:
		c.o.Log.Warn("slack: a reply was not sent", "error", err)
		problem := "现在无法处理，请稍后再试"
		if lang == "en" {
			problem = "this does not work now, please try again later"
		}
		return slack.NewErrorsViewSubmissionResponse(views.CaseProblems([]string{problem}, lang))
	case len(problems) > 0:
		return slack.NewErrorsViewSubmissionResponse(views.CaseProblems(problems, lang))
	case lang == "en":
		return update(views.Notice("Sent", "The reply is on its way to where the question was asked.", lang))
	}
	return update(views.Notice("已发送", "答复正发往提问的地方。", lang))
}

func update(v slack.ModalViewRequest) any { return slack.NewUpdateViewSubmissionResponse(&v) }

// showDraft shows the draft of a formal reply to a message.
func (c *Channel) showDraft(ctx context.Context, i interaction, text string) {
	lang := c.lang(ctx, c.who(i))
	if c.o.Office.Draft == nil || strings.TrimSpace(text) == "" {
		c.open(ctx, i.TriggerID, unavailable(lang))
		return
	}
	title, wait := "起草答复", "正在起草，请稍候……"
	if lang == "en" {
		title, wait = "Draft a reply", "The reply is being drafted…"
	}
	id := c.open(ctx, i.TriggerID, views.Notice(title, wait, lang))
	ctx, quit := context.WithTimeout(context.WithoutCancel(ctx), draftTime)
	defer quit()
	data, err := c.o.Office.Draft(ctx, text, first(langOf(text), lang))
	if err != nil {
		c.o.Log.Warn("slack: a reply was not drafted", "error", err)
		c.replace(ctx, id, unavailable(lang))
		return
	}
	c.replace(ctx, id, views.Draft(data, lang))
}

// draftTime is how long drafting may take, with a model.
const draftTime = time.Minute

// homeOpened shows the home tab to who has opened it, or suggests questions to who has opened the messages.
func (c *Channel) homeOpened(ctx context.Context, outer callback, e event) {
	who := channel.Actor{Tenant: c.tenant(outer.EnterpriseID, outer.TeamID), ID: e.User}
	if e.Tab == "messages" {
		c.suggest(ctx, e.Channel, "", c.lang(ctx, who))
		return
	}
	c.publishHome(ctx, who)
}

func (c *Channel) publishHome(ctx context.Context, who channel.Actor) {
	if c.o.Office.Home == nil || who.ID == "" {
		return
	}
	lang := c.lang(ctx, who)
	data, err := c.o.Office.Home(ctx, who, lang)
	if err == nil {
		_, err = c.api.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: who.ID, View: views.Home(data, lang)})
	}
	if err != nil {
		c.o.Log.Warn("slack: the home tab was not shown", "error", plain(err))
	}
}

// suggest offers questions to begin with. In an app with the agent view it is done without a thread: with one Slack
// does nothing and says nothing (https://docs.slack.dev/ai/migrating-to-agent-messaging).
func (c *Channel) suggest(ctx context.Context, place, thread, lang string) {
	if !c.can(methodPrompts) || place == "" {
		return
	}
	p := slack.AssistantThreadsSetSuggestedPromptsParameters{ChannelID: place, ThreadTS: thread}
	for _, q := range views.Examples(first(lang, "zh")) {
		p.AddPrompt(q, q)
	}
	if err := c.learn(methodPrompts, c.api.SetAssistantThreadsSuggestedPromptsContext(ctx, p)); err != nil {
		c.o.Log.Info("slack: no questions were suggested", "error", plain(err))
	}
}

// forgetFromHome forgets what is kept for a person, and shows that.
func (c *Channel) forgetFromHome(ctx context.Context, who channel.Actor) {
	if c.o.Office.Forget == nil {
		return
	}
	if err := c.o.Office.Forget(ctx, who); err != nil {
		c.o.Log.Warn("slack: it was not forgotten", "error", err)
		return
	}
	c.publishHome(ctx, who)
}
