package main

import (
	"context"

	"policybot/bot/slack/act"
	"policybot/bot/slackfake"
)

// A script is what people say in the demonstration, and what is noted between.
type script struct {
	ask, followUp, place, why, handOver, stop, none, direct string
	eligible, nobody                                        string
	notes                                                   map[string]string
}

var scripts = map[string]script{
	"zh": {
		ask: "厦门对生物医药企业上市有什么目标？", followUp: "那北京呢？", eligible: "我们能享受哪些政策？", place: "北京", why: "想知道有没有资金支持",
		handOver: "厦门生物医药产业2022年的规模目标是多少？", stop: "中关村对人工智能企业有什么支持？",
		none: "深圳对生物医药企业上市有什么奖励？", direct: "中关村对硬科技企业有什么支持？", nobody: "没有再发任何消息。",
		notes: map[string]string{
			"ask": "频道里提问，回答在话题里", "followUp": "话题里追问，不用再 @", "clause": "看条款原文，引用处有标记", "why": "没用：说明原因",
			"eligible": "/policy eligibility：填表，按条件逐条核对，结果发私信", "person": "转人工", "staff": "工作人员频道", "back": "答复回到原来的话题",
			"stop": "停止（演示里有意拖住了这个回答）", "status": "话题下方显示：", "stopped": "按下停止", "none": "库里没有的，就说没有", "direct": "私信提问",
		},
	},
	"en": {
		ask: "What is Xiamen's target for listed biomedical companies?", followUp: "And in Beijing?", eligible: "What are we eligible for?", place: "Beijing",
		why: "We would like to know about funding", handOver: "How large should Xiamen's biomedical industry be in 2022?",
		stop: "What support does Zhongguancun give to AI companies?", none: "What reward does Shenzhen give biomedical companies for a listing?",
		direct: "What support does Zhongguancun give to hard-tech companies?", nobody: "Nothing more is said.",
		notes: map[string]string{
			"ask": "asked in a channel, answered in the thread", "followUp": "a follow-up in the thread needs no mention", "clause": "the clause, with the quote marked",
			"why": "not helpful: why", "eligible": "/policy eligibility: a form, each condition compared; the result comes as a direct message",
			"person": "asking a person", "staff": "in the staff's channel", "back": "the reply comes back to the thread",
			"stop": "stop (the demonstration holds this answer back)", "status": "below the thread: ", "stopped": "presses stop", "none": "what the library lacks is said to be lacking",
			"direct": "a direct message",
		},
	},
}

// play lets people talk with the bot: one whole conversation.
func (s *troupe) play(ctx context.Context) error {
	for _, scene := range []func(context.Context) error{s.question, s.eligible, s.handOver, s.stopped, s.others} {
		if err := scene(ctx); err != nil {
			return err
		}
	}
	return nil
}

const toBot = "<@" + demoBot + "> "

// question: asked in a channel, followed up in the thread, a clause looked at, and said not to be enough.
func (s *troupe) question(ctx context.Context) error {
	s.note("ask")
	thread, err := s.says(ctx, slackfake.Said{User: demoAnn, Channel: demoRoom, Text: toBot + s.script.ask})
	if err != nil {
		return err
	}
	s.note("clause")
	if err := s.presses(demoAnn, demoRoom, thread, act.Clause); err != nil {
		return err
	}
	v, err := s.modal(ctx, demoAnn, act.ViewClause)
	if err != nil {
		return err
	}
	if _, err := s.fake.CloseView(demoAnn, v.ID); err != nil {
		return err
	}
	s.note("followUp")
	if _, err := s.says(ctx, slackfake.Said{User: demoAnn, Channel: demoRoom, Thread: thread, Text: s.script.followUp}); err != nil {
		return err
	}
	s.note("why")
	if err := s.presses(demoAnn, demoRoom, thread, act.Rate); err != nil {
		return err
	}
	if v, err = s.modal(ctx, demoAnn, act.ViewFeedback); err != nil {
		return err
	}
	return s.submits(ctx, demoAnn, v, "incomplete", s.script.why)
}

// eligible: the form of the slash command; the answer comes as a direct message.
func (s *troupe) eligible(ctx context.Context) error {
	s.note("eligible")
	s.fake.Command(slackfake.Command{User: demoAnn, Channel: demoRoom, Name: act.Command, Text: "eligibility"})
	v, err := s.modal(ctx, demoAnn, act.ViewProfile)
	if err != nil {
		return err
	}
	if err := s.submits(ctx, demoAnn, v, s.script.eligible, s.script.place); err != nil {
		return err
	}
	return s.directly(ctx)
}

// handOver: a person is asked for, replies from the staff channel, and the reply comes back.
func (s *troupe) handOver(ctx context.Context) error {
	s.note("person")
	thread, err := s.says(ctx, slackfake.Said{User: demoAnn, Channel: demoRoom, Text: toBot + s.script.handOver})
	if err != nil {
		return err
	}
	if err := s.presses(demoAnn, demoRoom, thread, act.Person); err != nil {
		return err
	}
	if err := s.answered(ctx, demoRoom, thread); err != nil {
		return err
	}
	s.note("staff")
	if err := s.answered(ctx, demoStaff, ""); err != nil {
		return err
	}
	if err := s.presses(demoBen, demoStaff, "", act.Case); err != nil {
		return err
	}
	v, err := s.modal(ctx, demoBen, act.ViewCase)
	if err != nil {
		return err
	}
	if err := s.submits(ctx, demoBen, v); err != nil {
		return err
	}
	s.note("back")
	return s.answered(ctx, demoRoom, thread)
}

// stopped: an answer that is under way is stopped, and nothing follows.
func (s *troupe) stopped(ctx context.Context) error {
	s.note("stop")
	text := delayMark + s.script.stop
	g, err := s.fake.Say(slackfake.Said{User: demoAnn, Channel: demoRoom, Text: toBot + text})
	if err != nil {
		return err
	}
	_, thread := s.fake.TS(g)
	s.line(demoAnn, "@policybot "+s.script.stop)
	if err := s.until(ctx, "the button that stops", func() bool { return s.fake.Thread(demoRoom, thread).Session == "processing" }); err != nil {
		return err
	}
	s.plain(s.script.notes["status"] + s.fake.Thread(demoRoom, thread).Status)
	if _, err := s.fake.Stop(demoAnn, demoRoom, thread); err != nil {
		return err
	}
	s.line(demoAnn, s.script.notes["stopped"])
	if err := s.until(ctx, "the end of the work", func() bool { return s.fake.Thread(demoRoom, thread).Session != "processing" }); err != nil {
		return err
	}
	if len(s.fake.Messages(demoRoom, thread)) == 0 {
		s.plain(s.script.nobody)
	}
	return nil
}

// others: a question without an answer, and a direct message.
func (s *troupe) others(ctx context.Context) error {
	s.note("none")
	if _, err := s.says(ctx, slackfake.Said{User: demoAnn, Channel: demoRoom, Text: toBot + s.script.none}); err != nil {
		return err
	}
	s.note("direct")
	_, err := s.says(ctx, slackfake.Said{User: demoAnn, Text: s.script.direct})
	return err
}
