package slack

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"policybot/bot/channel"
	"policybot/bot/channel/inlet"
	"policybot/bot/slack/views"
)

// commandTime is how long may be searched before the slash command is answered.
const commandTime = 2 * time.Second

// spokenWords are what the parts of the slash command may be called.
var spokenWords = map[string]string{
	"ask": "ask", "问": "ask", "提问": "ask", "eligibility": "eligibility", "资格": "eligibility", "条件": "eligibility", "search": "search", "搜": "search",
	"搜索": "search", "查": "search", "help": "help", "帮助": "help", "lang": "lang", "语言": "lang", "forget": "forget", "忘记": "forget",
}

// takeCommand takes a use of the slash command. A question is stored before Slack is answered; its answer goes to
// the talk between the person and the bot, where it stays and can be asked about.
func (c *Channel) takeCommand(ctx context.Context, in *inlet.Intake, s slash) (answer any, err error) {
	if s.UserID == "" || s.Command == "" {
		return nil, fmt.Errorf("%w: a command without a person or a name", errUnreadable)
	}
	who := channel.Actor{Tenant: c.tenant(s.EnterpriseID, s.TeamID), ID: s.UserID}
	lang := c.lang(ctx, who)
	word, rest, _ := strings.Cut(strings.TrimSpace(s.Text), " ")
	does, known := spokenWords[strings.ToLower(word)]
	switch {
	case !known && s.Text != "":
		does, rest = "ask", s.Text
	case !known:
		does = "help"
	}
	rest = strings.TrimSpace(rest)
	switch does {
	case "ask":
		if rest != "" {
			return c.commandAsk(ctx, in, s, who, spoken(rest, c.me().user))
		}
		c.courtesy(in, func(ctx context.Context) { c.open(ctx, s.TriggerID, views.Ask("", "", lang)) })
		return nil, nil
	case "eligibility":
		c.courtesy(in, func(ctx context.Context) { c.showProfile(ctx, who, s.TriggerID) })
		return nil, nil
	case "search":
		return c.commandSearch(ctx, spoken(rest, ""), lang), nil
	case "lang":
		return c.commandLang(ctx, who, strings.ToLower(rest), lang), nil
	case "forget":
		return c.commandForget(ctx, who, lang), nil
	}
	return only(views.HelpText(lang), views.Help(lang)...), nil
}

// only is an answer that only who used the command sees.
func only(text string, blocks ...slack.Block) any {
	out := map[string]any{"response_type": "ephemeral", "text": text}
	if len(blocks) > 0 {
		out["blocks"] = blocks
	}
	return out
}

func say(lang, zh, en string) any {
	if lang == "en" {
		return only(en)
	}
	return only(zh)
}

// commandAsk takes a question.
func (c *Channel) commandAsk(ctx context.Context, in *inlet.Intake, s slash, who channel.Actor, text string) (any, error) {
	to := c.direct(ctx, s.UserID, s.TeamID, text)
	key := "command/" + s.TriggerID
	err := c.give(ctx, in, channel.Event{
		Kind: channel.Question, DeliveryKey: key, ContentKey: key, Actor: who, Place: to.place(), Text: text, Reply: to.handle(),
	})
	if err != nil {
		return nil, err
	}
	if langOf(text) == "en" {
		return say("en", "", "Asked. The answer comes as a direct message from me, with its clauses."), nil
	}
	return say("zh", "已收到。答案和依据条款会以私信发给您。", ""), nil
}

// commandSearch finds clauses.
func (c *Channel) commandSearch(ctx context.Context, query, lang string) any {
	if query == "" {
		return say(lang, "请在 search 后面写要找的词，例如：/policy search 上市 目标", "Write what to look for after search, such as: /policy search listing target")
	}
	if c.o.Office.Search == nil {
		return say(lang, "现在无法检索，请稍后再试。", "Searching is not available now. Please try again later.")
	}
	ctx, quit := context.WithTimeout(ctx, commandTime)
	defer quit()
	hits, err := c.o.Office.Search(ctx, query, lang)
	if err != nil {
		c.o.Log.Warn("slack: a search failed", "error", err)
		return say(lang, "现在无法检索，请稍后再试。", "Searching is not available now. Please try again later.")
	}
	text, blocks := views.SearchResults(query, hits, lang)
	return only(text, blocks...)
}

// commandLang chooses the language.
func (c *Channel) commandLang(ctx context.Context, who channel.Actor, chosen, lang string) any {
	switch chosen {
	case "中文", "chinese", "cn", "zh":
		chosen = "zh"
	case "英文", "english", "en":
		chosen = "en"
	default:
		return say(lang, "请写 /policy lang zh 或 /policy lang en。", "Write /policy lang zh or /policy lang en.")
	}
	if c.o.Office.SetLang == nil || c.o.Office.SetLang(ctx, who, chosen) != nil {
		return say(lang, "现在无法保存，请稍后再试。", "It could not be kept. Please try again later.")
	}
	return say(chosen, "好的，从现在起用中文。答案仍随问题的语言。", "From now on in English. Answers still follow the language of the question.")
}

// commandForget forgets what is kept for a person.
func (c *Channel) commandForget(ctx context.Context, who channel.Actor, lang string) any {
	if c.o.Office.Forget == nil || c.o.Office.Forget(ctx, who) != nil {
		return say(lang, "现在无法清除，请稍后再试。", "It could not be forgotten. Please try again later.")
	}
	return say(lang,
		"已清除为您保存的企业情况，之后的回答不再用到。提问记录按保存期限删除；要提前删除，请联系本服务的管理员。",
		"What was kept of your organisation is forgotten and no longer used. Questions are removed after the retention period; to have them removed earlier, ask who runs this service.")
}
