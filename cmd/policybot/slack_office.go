package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"policybot/bot"
	"policybot/bot/accounts"
	"policybot/bot/channel"
	"policybot/bot/console"
	"policybot/bot/journal"
	"policybot/bot/slack"
	"policybot/bot/slack/views"
	"policybot/prompts"
	"policybot/retrieval"
)

// A slackOffice is what Slack shows beside the conversation.
type slackOffice struct {
	server *server
	pages  string // address of the console
}

func (o *slackOffice) office() slack.Office {
	return slack.Office{
		Lang: o.lang, SetLang: o.setLang, Home: o.home, Forget: o.forget, Clause: o.clause, Search: o.search, Fields: o.fields,
		Draft: o.draft, Case: o.staffCase, Respond: o.respond,
	}
}

// lang is the language that a person chose, else that of what they asked last, else that of the program's messages.
func (o *slackOffice) lang(ctx context.Context, who channel.Actor) string {
	s := o.server.service
	if lang, err := s.LangOf(ctx, slack.Name, who); err == nil && lang != "" {
		return lang
	}
	asked, err := s.Asked(ctx, slack.Name, who, 1)
	if err == nil && len(asked) > 0 {
		return s.LanguageOf(asked[0])
	}
	return o.server.app.lang
}

func (o *slackOffice) setLang(ctx context.Context, who channel.Actor, lang string) error {
	return o.server.service.SetLang(ctx, slack.Name, who, lang)
}

func (o *slackOffice) forget(ctx context.Context, who channel.Actor) error {
	return o.server.service.Forget(ctx, slack.Name, who)
}

// What the home tab shows at most.
const (
	homeDocuments = 30
	homeQuestions = 5
)

func (o *slackOffice) home(ctx context.Context, who channel.Actor, lang string) (views.HomeData, error) {
	v := o.server
	docs, err := v.lib.Documents(ctx)
	if err != nil {
		return views.HomeData{}, err
	}
	asked, err := v.service.Asked(ctx, slack.Name, who, homeQuestions)
	if err != nil {
		return views.HomeData{}, err
	}
	d := views.HomeData{LibraryURL: o.pages + "/library", More: max(0, len(docs)-homeDocuments)}
	for _, doc := range docs[:min(len(docs), homeDocuments)] {
		status := doc.StatusOn(v.extra.now())
		d.Documents = append(d.Documents, views.Document{
			Title: doc.Title, Number: doc.Number, Issuer: issued(doc, lang), Status: worded(lang, statusWords, status), From: doc.ValidFrom,
			Until: doc.ValidUntil, URL: o.pages + "/documents/" + doc.ID,
		})
	}
	for _, q := range asked {
		d.Questions = append(d.Questions, views.Question{
			Text: q.Text, When: q.AskedAt.In(v.extra.now().Location()).Format("2006-01-02 15:04"), Outcome: worded(lang, outcomeWords, q.Outcome),
		})
	}
	kept, err := v.service.Retention(ctx)
	if err != nil && !errors.Is(err, journal.ErrSetting) {
		return d, err
	}
	d.Retention = format(lang, "slack_kept", int(kept/(24*time.Hour)))
	if kept <= 0 {
		d.Retention = format(lang, "slack_kept_on")
	}
	d.Model = format(lang, "slack_no_model")
	if name := v.app.env("POLICYBOT_CHAT_MODEL"); name != "" {
		d.Model = format(lang, "slack_model", name, v.app.modelHost())
	}
	return d, nil
}

// issued says who issued a document and when, as far as is known.
func issued(doc retrieval.Document, lang string) string {
	if doc.IssuedOn == "" {
		return doc.Issuer
	}
	return strings.TrimSpace(doc.Issuer + " " + format(lang, "slack_issued", doc.IssuedOn))
}

func (o *slackOffice) clause(ctx context.Context, id, quote, lang string) (views.ClauseData, error) {
	v, err := o.server.desk.ClauseAt(ctx, id)
	if err != nil {
		return views.ClauseData{}, err
	}
	doc := v.Clause.Document
	out := views.ClauseData{
		Title: doc.Title, Number: doc.Number, Path: v.Clause.Path, Heading: v.Clause.Heading, Text: v.Clause.Text,
		Status: worded(lang, statusWords, doc.StatusOn(o.server.extra.now())), URL: o.pages + "/clauses/" + id,
	}
	if from, to, ok := strings.Cut(quote, "-"); ok {
		start, err1 := strconv.Atoi(from)
		end, err2 := strconv.Atoi(to)
		if err1 == nil && err2 == nil {
			out.QuoteStart, out.QuoteEnd, out.URL = start, end, out.URL+"?quote="+quote
		}
	}
	beside := func(c *retrieval.Clause) *views.Neighbour {
		if c == nil {
			return nil
		}
		return &views.Neighbour{Path: c.Path, Text: c.Text, ID: c.ID}
	}
	out.Before, out.After = beside(v.Before), beside(v.After)
	return out, nil
}

// searchHits is how many clauses a search shows.
const searchHits = 5

func (o *slackOffice) search(ctx context.Context, query, _ string) ([]views.Hit, error) {
	found, err := o.server.desk.Search(ctx, bot.Question{Text: query}, searchHits)
	if err != nil {
		return nil, err
	}
	var out []views.Hit
	for _, h := range found.Hits {
		c := h.Clause
		out = append(out, views.Hit{
			Title: c.Document.Title, Number: c.Document.Number, Path: c.Path, Text: c.Text, ClauseID: c.ID, URL: o.pages + "/clauses/" + c.ID,
		})
	}
	return out, nil
}

func (o *slackOffice) fields(ctx context.Context, lang string) ([]views.Field, string, error) {
	all, err := o.server.desk.Measures.Approved(ctx)
	if err != nil {
		return nil, "", err
	}
	var out []views.Field
	for _, f := range bot.FactFields(all, lang) {
		field := views.Field{Key: f.Key, Ask: f.Ask, Kind: string(f.Kind), Unit: f.Unit}
		for _, option := range f.Options {
			field.Options = append(field.Options, views.Option{Value: option.Value, Label: option.Label})
		}
		out = append(out, field)
	}
	return out, "", nil // the usual question
}

func (o *slackOffice) draft(ctx context.Context, text, lang string) (views.DraftData, error) {
	masked, _ := bot.Mask(text)
	l, err := o.server.desk.Letter(ctx, bot.Question{Text: masked}, lang)
	if errors.Is(err, bot.ErrNoLetter) {
		return views.DraftData{Notes: []string{format(lang, "draft_nothing")}}, nil
	}
	if err != nil {
		o.server.log.Error("a reply was not drafted", "error", err)
		return views.DraftData{Notes: []string{format(lang, "slack_no_draft")}}, nil
	}
	d := views.DraftData{Text: l.Text}
	for _, c := range l.Citations {
		d.Sources = append(d.Sources, sourceLine(c.Clause))
	}
	for _, n := range l.Notices {
		d.Notes = append(d.Notes, n.Text)
	}
	return d, nil
}

// sourceLine says where a clause is from.
func sourceLine(c retrieval.Clause) string {
	return strings.Join(strings.Fields(fmt.Sprintf("《%s》 %s %s", c.Document.Title, c.Document.Number, c.Path)), " ")
}

func (o *slackOffice) staffCase(ctx context.Context, token string, _ channel.Actor) (views.CaseData, string, error) {
	c, err := o.server.service.CaseOf(ctx, token)
	if err != nil {
		return views.CaseData{}, "", err
	}
	lang := o.server.app.lang
	d := views.CaseData{
		ID: c.Case.ID, Asked: c.Case.Asked, Reason: bot.CaseReason(c.Case.Reason, lang), Draft: c.Draft.Text, Approval: c.Approval,
		DeskURL: o.pages + "/desk/cases/" + c.Case.ID,
	}
	for _, t := range c.Turns {
		d.Conversation = append(d.Conversation, prompts.Render(lang, "desk_"+t.Role, prompts.Slots{"text": t.Text}))
	}
	for _, clause := range c.Clauses {
		d.Sources = append(d.Sources, sourceLine(clause))
	}
	return d, lang, nil
}

// respond sends a reply to a case. Its row in the audit is written before, under who pressed the button.
func (o *slackOffice) respond(ctx context.Context, token string, by channel.Actor, text string) ([]string, error) {
	s, lang := o.server.service, o.lang(ctx, by)
	c, err := s.CaseOf(ctx, token)
	if err != nil {
		return []string{format(lang, "slack_no_case")}, nil
	}
	name, clauses := accounts.Slack+by.ID, c.Draft.Clauses
	if _, err = s.CheckFrom(ctx, token, text, clauses); err == nil {
		err = trail{o.server.book, name}.change(ctx, console.DidSend, c.Case.ID, accounts.Facts("chars", accounts.Length(text)), func() error {
			_, err := s.RespondFrom(ctx, token, name, text, clauses)
			return err
		})
	}
	if found, ok := errors.AsType[*bot.FindingsError](err); ok {
		return found.Findings, nil
	}
	if m, ok := errors.AsType[*messageError](caseError(c.Case.ID, err)); ok {
		return []string{format(lang, m.name, m.args...)}, nil
	}
	if err != nil {
		o.server.log.Error("a reply from Slack was not sent", "case", c.Case.ID, "error", err)
		return []string{format(lang, "slack_not_sent")}, nil
	}
	return nil, nil
}

// worded is the word for a value in a language, the value itself where there is none.
func worded(lang string, words map[string][2]string, value string) string {
	w, ok := words[value]
	switch {
	case !ok:
		return value
	case lang == prompts.English:
		return w[1]
	}
	return w[0]
}

// statusWords are the states of documents; outcomeWords what became of questions: Chinese, English.
var (
	statusWords = map[string][2]string{
		retrieval.StatusInForce: {"有效", "in force"}, retrieval.StatusPeriodOver: {"期限已过", "period over"},
		retrieval.StatusTargetOver: {"目标年已过", "target year over"}, retrieval.StatusNotYet: {"尚未生效", "not yet in force"},
		retrieval.StatusRepealed: {"已废止", "repealed"}, retrieval.StatusNotPolicy: {"非政策文件", "not a policy"}, retrieval.StatusUnknown: {"效力不明", "status unknown"},
	}
	outcomeWords = map[string][2]string{
		bot.Answered: {"已回答", "answered"}, bot.Abstained: {"库中没有", "not in the library"}, bot.Clarify: {"待补充", "asked back"},
		bot.Refused: {"未受理", "not taken"}, bot.HandedOver: {"已转人工", "with our staff"}, bot.Failed: {"未能回答", "not answered"}, "": {"处理中", "under way"},
	}
)

// modelHost is where the language model is.
func (a *app) modelHost() string {
	u, err := url.Parse(cmp.Or(a.env("OPENAI_BASE_URL"), "https://api.openai.com"))
	if err != nil {
		return ""
	}
	return u.Hostname()
}
