package wecomfake

import (
	"encoding/json"
	"errors"

	"policybot/bot/wecomfake/judge"
)

// check judges what the bot sends. The caller holds mu.
func (s *Server) check(surface string, body json.RawMessage) error {
	if s.o.Check != nil {
		return s.o.Check(surface, body)
	}
	err := judged(surface, body)
	if p, ok := errors.AsType[*judge.Problem](err); ok && p.Advice {
		s.advice = append(s.advice, p.Error())
		return nil
	}
	return err
}

// judged asks package judge. A stream that is not finished may show nothing yet.
func judged(surface string, body json.RawMessage) error {
	switch surface {
	case typeCard:
		return judge.Card(judge.Bot, body)
	case updateCard:
		return judge.CardUpdate(judge.Bot, body)
	}
	var c struct {
		Content string
		Finish  bool
	}
	if json.Unmarshal(body, &c) != nil {
		return refuse(codeTooLong, "no %s", surface)
	}
	switch {
	case surface == typeText:
		return judge.Text(judge.Bot, c.Content)
	case surface == typeStream && !c.Finish && c.Content == "":
		return nil
	}
	return judge.Markdown(judge.Bot, c.Content)
}
