package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"policybot/bot"
	"policybot/bot/wecomfake"
	"policybot/bot/wecomfake/judge"
)

// Who and where in the fake corporation.
const (
	wecomRoom = "wrPOLICY"
	wecomAnn  = "LinXiaoyu"
	wecomBen  = "chen"

	wecomHookKey = "fake-group-robot"
)

var wecomNames = map[string][2]string{
	wecomAnn: {"林小雨", "Ann"}, wecomBen: {"陈老师（工作人员）", "Ben (staff)"}, wecomRoom: {"园区企业群", "the park's group"},
}

// wecomBot is what the bot is called: a name with a blank.
var wecomBot = [2]string{"政策 助手", "Policy Bot"}

// A wecomScript is what people say in the demonstration.
type wecomScript struct {
	ask, other, who, clause, why, eligible, city, handOver, person, stopped, stop, none string
}

var wecomScripts = map[string]wecomScript{
	"zh": {
		ask: "厦门对生物医药企业上市有什么目标？", other: "北京怎么支持生物医药企业上市融资？", who: "这个目标由谁负责？", clause: "原文 1",
		why: "想知道有没有资金支持", eligible: "我们能享受哪些政策？", city: "北京", handOver: "厦门生物医药产业2022年的规模目标是多少？", person: "转人工",
		stopped: "中关村对人工智能企业有什么支持？", stop: "停止", none: "深圳对生物医药企业上市有什么奖励？",
	},
	"en": {
		ask: "What is Xiamen's target for listed biomedical companies?", other: "How does Beijing support biomedical companies that go public?",
		who: "Who is responsible for this target?", clause: "clause 1", why: "We would like to know about funding", eligible: "What are we eligible for?", city: "Beijing",
		handOver: "How large should Xiamen's biomedical industry be in 2022?", person: "ask a person",
		stopped: "What support does Zhongguancun give to AI companies?", stop: "stop", none: "What reward does Shenzhen give biomedical companies for a listing?",
	},
}

var wecomNotes = map[string]map[string]string{
	"zh": {
		"welcome": "打开和机器人的单聊", "ask": "群里 @ 机器人提问（名字里有空格）", "clause": "发“原文 1”看条款全文，不用登录", "quote": "又问了别的；再引用前面的回答追问",
		"rate": "点踩并说明原因（企业微信自带的反馈）", "eligible": "单聊里逐步核对能享受什么", "person": "转人工", "staff": "群机器人告诉工作人员", "console": "在网页台上答复",
		"back": "答复回到企业的群里", "stop": "停止（演示里有意拖住了这个回答）", "none": "库里没有的，就说没有",
	},
	"en": {
		"welcome": "opening the chat with the bot", "ask": "mentioned in a group (its name has a blank)", "clause": "\"clause 1\" shows the whole clause without a login",
		"quote": "something else is asked; then an earlier answer is quoted", "rate": "not helpful, with reasons (WeCom's own feedback)",
		"eligible": "what applies to us, step by step, in a chat with the bot", "person": "asking a person", "staff": "the group robot tells the staff",
		"console": "the reply is written on the console", "back": "it comes back to the group", "stop": "stop (the demonstration holds this answer back)",
		"none": "what the library lacks is said to be lacking",
	},
}

// A wecomTroupe plays the demonstration in WeCom.
type wecomTroupe struct {
	boards
	fake   *wecomfake.Server
	script wecomScript
	seen   map[string]bool // messages that were printed
}

// play lets people talk with the bot: one whole conversation.
func (s *wecomTroupe) play(ctx context.Context) error {
	for _, scene := range []func(context.Context) error{s.welcome, s.question, s.rated, s.eligible, s.handOver, s.stopped, s.lacking} {
		if err := scene(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *wecomTroupe) name(id string) string { return s.in(wecomNames[id][0], wecomNames[id][1]) }

// until waits for something that people see.
func (s *wecomTroupe) until(ctx context.Context, what string, done func() bool) error {
	ctx, quit := context.WithTimeout(ctx, demoTime)
	defer quit()
	if err := s.fake.Wait(ctx, done); err != nil {
		return fmt.Errorf("wait for %s: %w", what, err)
	}
	return nil
}

// says lets Ann say something, in the group or alone with the bot, and prints the answer.
func (s *wecomTroupe) says(ctx context.Context, chat, text string, quote *wecomfake.Quote) error {
	where, shown := s.in("单聊", "alone with the bot"), text
	if chat != "" {
		where, shown = s.name(chat), "@"+s.in(wecomBot[0], wecomBot[1])+" "+text
	}
	fmt.Fprintf(s.out, "\n%s  %s\n", s.name(wecomAnn), where)
	if quote != nil {
		first, _, _ := strings.Cut(quote.Text, "\n")
		fmt.Fprintf(s.out, "    ❝ %s\n", first)
	}
	fmt.Fprintf(s.out, "    %s\n", shown)
	if _, err := s.fake.Say(wecomfake.Say{User: wecomAnn, Chat: chat, Text: text, Quote: quote}); err != nil {
		return err
	}
	return s.answered(ctx, chat)
}

// chatID is the id under which a chat's messages are: of the group, or of the one person.
func chatID(chat string) string {
	if chat == "" {
		return wecomAnn
	}
	return chat
}

// answered waits for one more whole message of the bot and prints what is new.
func (s *wecomTroupe) answered(ctx context.Context, chat string) error {
	if err := s.until(ctx, "an answer", func() bool { return len(s.fresh(chat)) > 0 }); err != nil {
		return err
	}
	for _, m := range s.fresh(chat) {
		s.seen[m.ID] = true
		how := ""
		if m.Frames > 1 {
			how = "  " + s.in("（逐句更新）", "(sentence by sentence)")
		}
		fmt.Fprintf(s.out, "\n%s%s\n", s.in(wecomBot[0], wecomBot[1]), how)
		s.show(judge.Bot, m.Text, m.Card)
	}
	return nil
}

// fresh are whole messages of the bot that were not printed yet.
func (s *wecomTroupe) fresh(chat string) []wecomfake.Message {
	return slices.DeleteFunc(s.fake.Messages(chatID(chat)), func(m wecomfake.Message) bool { return m.User != "" || !m.Finished || s.seen[m.ID] })
}

// show prints a message as people see it.
func (s *wecomTroupe) show(surface judge.Surface, text string, card json.RawMessage) {
	shown := judge.Read(surface, text)
	for line := range strings.SplitSeq(strings.TrimSpace(shown.Text), "\n") {
		if line != "" {
			fmt.Fprintf(s.out, "    %s\n", line)
		}
	}
	var links []string
	for _, l := range shown.Links {
		if !slices.Contains(links, l.URL) {
			links = append(links, l.URL)
			fmt.Fprintf(s.out, "    ↳ %s\n", l.URL)
		}
	}
	if card == nil {
		return
	}
	c := judge.ReadCard(card)
	fmt.Fprintln(s.out, "    ┌")
	for line := range strings.SplitSeq(strings.TrimSpace(c.Text), "\n") {
		fmt.Fprintf(s.out, "    │ %s\n", line)
	}
	var buttons []string
	for _, b := range c.Buttons {
		buttons = append(buttons, "["+b.Text+"]")
	}
	if len(buttons) > 0 {
		fmt.Fprintf(s.out, "    │ %s\n", strings.Join(buttons, " "))
	}
	fmt.Fprintln(s.out, "    └")
}

func (s *wecomTroupe) welcome(ctx context.Context) error {
	s.note("welcome")
	if _, err := s.fake.Enter(wecomAnn); err != nil {
		return err
	}
	return s.answered(ctx, "")
}

// question: asked in a group; the clause is looked at; another question; the first answer is quoted.
func (s *wecomTroupe) question(ctx context.Context) error {
	s.note("ask")
	if err := s.says(ctx, wecomRoom, s.script.ask, nil); err != nil {
		return err
	}
	first := s.last(wecomRoom)
	s.note("clause")
	if err := s.says(ctx, wecomRoom, s.script.clause, nil); err != nil {
		return err
	}
	s.note("quote")
	if err := s.says(ctx, wecomRoom, s.script.other, nil); err != nil {
		return err
	}
	return s.says(ctx, wecomRoom, s.script.who, &wecomfake.Quote{Text: judge.Read(judge.Bot, first.Text).Text})
}

// last is the bot's last message in a chat.
func (s *wecomTroupe) last(chat string) wecomfake.Message {
	all := s.fake.Messages(chatID(chat))
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].User == "" && all[i].Finished {
			return all[i]
		}
	}
	return wecomfake.Message{}
}

func (s *wecomTroupe) rated(ctx context.Context) error {
	s.note("rate")
	m := s.last(wecomRoom)
	if len(m.FeedbackIDs) == 0 {
		return fmt.Errorf("the answer cannot be rated")
	}
	_, err := s.fake.Rate(wecomAnn, m.FeedbackIDs[0], wecomfake.Rating{Type: wecomfake.RatedBad, Reasons: []int{2}, Text: s.script.why})
	fmt.Fprintf(s.out, "\n%s\n    %s\n", s.name(wecomAnn), s.in("👎 回答不完整："+s.script.why, "👎 incomplete: "+s.script.why))
	return err
}

// wecomSteps is how many questions of the interview are answered.
const wecomSteps = 3

// eligible: an interview, by the buttons of cards.
func (s *wecomTroupe) eligible(ctx context.Context) error {
	s.note("eligible")
	for _, text := range []string{s.script.eligible, s.script.city} {
		if err := s.says(ctx, "", text, nil); err != nil {
			return err
		}
	}
	for range wecomSteps {
		m := s.last("")
		card := judge.ReadCard(m.Card)
		i := slices.IndexFunc(card.Buttons, func(b judge.Button) bool {
			return strings.HasPrefix(b.Text, s.in("是", "Yes"))
		})
		if i < 0 {
			return nil
		}
		fmt.Fprintf(s.out, "\n%s\n    [%s]\n", s.name(wecomAnn), card.Buttons[i].Text)
		if _, err := s.fake.Press(wecomAnn, m.ID, card.Buttons[i].Key, nil); err != nil {
			return err
		}
		if err := s.answered(ctx, ""); err != nil {
			return err
		}
	}
	return nil
}

var caseLink = regexp.MustCompile(`(http://[^/]+)/desk/cases/(c-[a-z2-7]+)`)

// handOver: a person is asked for, is told by the group robot, replies on the console, and the reply comes back.
func (s *wecomTroupe) handOver(ctx context.Context) error {
	s.note("person")
	if err := s.says(ctx, wecomRoom, s.script.handOver, nil); err != nil {
		return err
	}
	if err := s.says(ctx, wecomRoom, s.script.person, nil); err != nil {
		return err
	}
	s.note("staff")
	var at []string
	told := func() bool {
		for _, m := range s.fake.HookMessages(wecomHookKey) {
			if link := caseLink.FindStringSubmatch(m.Text); link != nil {
				at = link
			}
		}
		return at != nil
	}
	if err := s.until(ctx, "the group robot", told); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\n%s\n", s.in("群机器人  政策办理群", "group robot  the staff's group"))
	for _, m := range s.fake.HookMessages(wecomHookKey) {
		s.show(judge.Hook, m.Text, nil)
	}
	s.note("console")
	if err := s.replies(ctx, at[1], at[2]); err != nil {
		return err
	}
	s.note("back")
	return s.answered(ctx, wecomRoom)
}

// replies writes the reply to a case: the clause that the program had found.
func (s *wecomTroupe) replies(ctx context.Context, base, id string) error {
	var c struct{ Question string }
	if err := getJSON(ctx, base+"/api/v1/cases/"+url.PathEscape(id), &c); err != nil {
		return err
	}
	var a bot.Answer
	if err := getJSON(ctx, base+"/api/v1/answers/"+url.PathEscape(c.Question), &a); err != nil {
		return err
	}
	if len(a.Citations) == 0 {
		return fmt.Errorf("the answer to the case has no citation")
	}
	text := fmt.Sprintf(s.in("“%s”[1]", "“%s”[1]"), a.Citations[0].Quote)
	fmt.Fprintf(s.out, "\n%s\n    %s\n", s.name(wecomBen), text)
	body, err := json.Marshal(map[string]string{"by": wecomBen, "text": text})
	if err != nil {
		return err
	}
	return callJSON(ctx, http.MethodPost, base+"/api/v1/cases/"+url.PathEscape(id)+"/reply", body, nil)
}

func getJSON(ctx context.Context, address string, out any) error {
	return callJSON(ctx, http.MethodGet, address, nil, out)
}

// callJSON calls the HTTP API of a service on this machine.
func callJSON(ctx context.Context, method, address string, body []byte, out any) error {
	ctx, quit := context.WithTimeout(ctx, demoTime)
	defer quit()
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		var problem bytes.Buffer
		_, _ = problem.ReadFrom(http.MaxBytesReader(nil, resp.Body, 4096)) // it only explains
		return fmt.Errorf("%s %s: %s: %s", method, r.URL.Path, resp.Status, problem.String())
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(resp.Body).Decode(out)
}

// stopped: an answer that is under way is stopped.
func (s *wecomTroupe) stopped(ctx context.Context) error {
	s.note("stop")
	fmt.Fprintf(s.out, "\n%s  %s\n    @%s %s\n", s.name(wecomAnn), s.name(wecomRoom), s.in(wecomBot[0], wecomBot[1]), s.script.stopped)
	before := len(s.fake.Messages(wecomRoom))
	if _, err := s.fake.Say(wecomfake.Say{User: wecomAnn, Chat: wecomRoom, Text: delayMark + s.script.stopped}); err != nil {
		return err
	}
	err := s.until(ctx, "the beginning of the work", func() bool { return len(s.fake.Messages(wecomRoom)) > before+1 })
	if err != nil {
		return err
	}
	return s.says(ctx, wecomRoom, s.script.stop, nil)
}

func (s *wecomTroupe) lacking(ctx context.Context) error {
	s.note("none")
	return s.says(ctx, wecomRoom, s.script.none, nil)
}
