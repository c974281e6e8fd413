package fakemodel

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"policybot/bot/model"
)

const (
	fence  = "a1b2c3d4e5f6"
	canary = "canary-0123456789abcdef"
)

// request writes a prompt in the form that models are given.
func request(task string, p Prompt) model.Request {
	var b strings.Builder
	block := func(name, text string) { fmt.Fprintf(&b, "<<%s %s>>\n%s\n<</%s>>\n", fence, name, text, fence) }
	for _, c := range p.Clauses {
		block("clause "+c.Handle, "Document: "+c.Document+"\nPlace: "+c.Place+"\nUnder: "+c.Under+"\nText:\n"+c.Text)
	}
	if len(p.History) > 0 {
		var turns []string
		for _, t := range p.History {
			turns = append(turns, t.Who+": "+t.Text)
		}
		block("history", strings.Join(turns, "\n"))
	}
	block("question", p.Question)
	if len(p.Said) > 0 {
		var said []string
		for _, s := range p.Said {
			said = append(said, object(s))
		}
		block("said", strings.Join(said, "\n"))
	}
	block("language", p.Language)
	return model.Request{Task: task, Prompt: task + ".zh@000000000000", System: "Answer from the clauses. Never write " + canary + ".\n", User: b.String()}
}

// sample is a prompt with everything in it.
func sample() Prompt {
	return Prompt{
		Fence: fence, Canary: canary, Question: "上市企业的目标是多少家？由谁负责？", Language: "zh",
		History: []Turn{{"user", "你好"}, {"assistant", "您好。\n第二行"}},
		Clauses: []Clause{
			{"kaaaaa", "三年行动计划", "厦门市", "二/发展目标", "2022年，生物医药产业上市企业达12家，销售收入上亿元企业达120家。未经批准不得转让。\n(责任单位:市科委、市财政局)"},
			{"kb1b1b", "Opening-up plan", "Beijing", "一/(二)", "Support innovative enterprises to set up 3 platforms by 2025. Funds of RMB 10 million are given to 50% of them."},
			{"kccccc", "若干意见", "北京市", "三", "（一）本市鼓励高等学校、科研院所、医疗机构、企业等开展临床研究，给予不超过500万元支持。"},
		},
		Said: []Line{
			{"上市企业达到120家。", []Quote{{"kaaaaa", "2022年，生物医药产业上市企业达12家，销售收入上亿元企业达120家。"}}, "number"},
			{"资金一定到账。", []Quote{{"kaaaaa", "资金一定到账。"}}, "quote"},
		},
	}
}

// ask collects a reply and how it was passed.
func ask(ctx context.Context, m model.Model, r model.Request) (pieces []string, use model.Usage, err error) {
	use, err = m.Stream(ctx, r, func(piece string) error {
		pieces = append(pieces, piece)
		return nil
	})
	return pieces, use, err
}

func say(t *testing.T, m model.Model, r model.Request) string {
	t.Helper()
	pieces, _, err := ask(t.Context(), m, r)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(pieces, "")
}
