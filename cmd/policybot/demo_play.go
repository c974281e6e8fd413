package main

import (
	"context"

	"policybot/bot/slack/act"
	"policybot/bot/slackfake"
)

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
	s.note("频道里提问，回答在话题里 · asked in a channel, answered in the thread")
	thread, err := s.says(ctx, slackfake.Said{User: demoAnn, Channel: demoRoom, Text: toBot + "厦门对生物医药企业上市有什么目标？"})
	if err != nil {
		return err
	}
	s.note("话题里追问，不用再 @ · a follow-up in the thread needs no mention")
	if _, err := s.says(ctx, slackfake.Said{User: demoAnn, Channel: demoRoom, Thread: thread, Text: "那北京呢？"}); err != nil {
		return err
	}
	s.note("看条款原文，引用处有标记 · the clause, with the quote marked")
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
	s.note("没用：说明原因 · not helpful: why")
	if err := s.presses(demoAnn, demoRoom, thread, act.Rate); err != nil {
		return err
	}
	if v, err = s.modal(ctx, demoAnn, act.ViewFeedback); err != nil {
		return err
	}
	return s.submits(ctx, demoAnn, v, "incomplete", "想知道有没有资金支持")
}

// eligible: the form of the slash command; the answer comes as a direct message.
func (s *troupe) eligible(ctx context.Context) error {
	s.note("/policy eligibility：按条件核对 · conditions one by one")
	s.fake.Command(slackfake.Command{User: demoAnn, Channel: demoRoom, Name: act.Command, Text: "eligibility"})
	v, err := s.modal(ctx, demoAnn, act.ViewProfile)
	if err != nil {
		return err
	}
	if err := s.submits(ctx, demoAnn, v, "我们能享受哪些政策？", "厦门"); err != nil {
		return err
	}
	return s.directly(ctx, demoAnn)
}

// directly waits for a direct message of the bot and prints it.
func (s *troupe) directly(ctx context.Context, user string) error {
	var new []slackfake.Message
	err := s.until(ctx, "a direct message", func() bool {
		new = nil
		for _, m := range s.fake.All("") {
			if m.Own && m.Channel[0] == 'D' && m.State != slackfake.StateStreaming && len(m.Metadata) > 0 && s.seen[m.Channel+m.TS] == "" {
				new = append(new, m)
			}
		}
		return len(new) > 0
	})
	if err != nil {
		return err
	}
	for _, m := range new {
		s.print(m)
	}
	return nil
}

// handOver: a person is asked for, replies from the staff channel, and the reply comes back.
func (s *troupe) handOver(ctx context.Context) error {
	s.note("转人工 · asking a person")
	thread, err := s.says(ctx, slackfake.Said{User: demoAnn, Channel: demoRoom, Text: toBot + "厦门生物医药产业2022年的规模目标是多少？"})
	if err != nil {
		return err
	}
	if err := s.presses(demoAnn, demoRoom, thread, act.Person); err != nil {
		return err
	}
	if err := s.answered(ctx, demoRoom, thread); err != nil {
		return err
	}
	s.note("工作人员频道 %s · in the staff's channel", demoNames[demoStaff])
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
	if err := s.submits(ctx, demoBen, v, ""); err != nil {
		return err
	}
	s.note("答复回到原来的话题 · the reply comes back to the thread")
	return s.answered(ctx, demoRoom, thread)
}

// stopped: an answer that is under way is stopped, and nothing follows.
func (s *troupe) stopped(ctx context.Context) error {
	s.note("停止（演示里这一问被有意拖住）· stop (the demonstration holds this answer back)")
	g, err := s.fake.Say(slackfake.Said{User: demoAnn, Channel: demoRoom, Text: toBot + heldMark + "中关村对人工智能企业有什么支持？"})
	if err != nil {
		return err
	}
	_, thread := s.fake.TS(g)
	s.line(demoAnn, heldMark+"中关村对人工智能企业有什么支持？")
	if err := s.until(ctx, "the button that stops", func() bool { return s.fake.Thread(demoRoom, thread).Status != "" }); err != nil {
		return err
	}
	s.note("状态 status: %s", s.fake.Thread(demoRoom, thread).Status)
	if _, err := s.fake.Stop(demoAnn, demoRoom, thread); err != nil {
		return err
	}
	s.line(demoAnn, "[停止 Stop]")
	if err := s.until(ctx, "the end of the status", func() bool { return s.fake.Thread(demoRoom, thread).Status == "" }); err != nil {
		return err
	}
	s.note("没有再发任何消息 · nothing more was said: %d", len(s.fake.Messages(demoRoom, thread)))
	return nil
}

// others: a question without an answer, and a direct message in English.
func (s *troupe) others(ctx context.Context) error {
	s.note("库里没有的，就说没有 · what the library lacks is said to be lacking")
	if _, err := s.says(ctx, slackfake.Said{User: demoAnn, Channel: demoRoom, Text: toBot + "深圳对生物医药企业上市有什么奖励？"}); err != nil {
		return err
	}
	s.note("私信，英文 · a direct message in English")
	_, err := s.says(ctx, slackfake.Said{User: demoBen, Text: "What support does Zhongguancun give to hard-tech companies?"})
	return err
}
