package storm

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"regexp"
	"sync"
	"time"
	"unicode/utf8"

	"policybot/bot"
	"policybot/retrieval"
)

// A desk answers with sentences that it makes up of the number in a question, and cites a clause for each. How long it
// takes, how much it says, and whether it fails follow from the number. It is a fake.
type desk struct {
	mu    sync.Mutex
	asked map[string]int // how often each question was answered, by id
	slow  int            // answers that took minutes
}

var number = regexp.MustCompile(`问题 (\d+)`)

// numberOf is the number in a question, "" where there is none.
func numberOf(text string) string {
	if m := number.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// Explain implements bot.Answerer.
func (f *desk) Explain(ctx context.Context, q bot.Question) (bot.Answer, bot.Explanation, error) {
	n := numberOf(q.Text)
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(n)) // it never fails
	dice := int(sum.Sum32() % 1000)
	f.mu.Lock()
	f.asked[q.ID]++
	times := f.asked[q.ID]
	f.mu.Unlock()
	sentences, length := 1+dice%4, 40
	switch {
	case dice < 20 && times == 1:
		return bot.Answer{}, bot.Explanation{}, errors.New("the library cannot be read")
	case dice < 30:
		panic("a fault of the answerer")
	case dice < 130:
		sentences, length = 6, 900
	}
	a := madeUp(q, n, sentences, length)
	pause := time.Duration(0)
	switch {
	case dice >= 970: // from three to fifteen minutes
		f.mu.Lock()
		f.slow++
		f.mu.Unlock()
		pause = time.Duration(3*60+(dice-970)*25) * time.Second / time.Duration(sentences)
	case dice%3 == 0:
		pause = time.Duration(500+dice*7) * time.Millisecond
	}
	return a, bot.Explanation{}, write(ctx, q, a, pause)
}

// write shows an answer bit by bit, with pauses.
func write(ctx context.Context, q bot.Question, a bot.Answer, pause time.Duration) error {
	for i := range a.Sentences {
		if pause == 0 {
			break
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
		so := a
		so.Sentences, so.Citations = a.Sentences[:i+1], a.Citations[:i+1]
		if q.Partly != nil {
			q.Partly(so)
		}
	}
	return nil
}

// madeUp is an answer that passes the checks of package bot: it says what its clauses say.
func madeUp(q bot.Question, n string, sentences, length int) bot.Answer {
	a := bot.Answer{ID: q.ID, Question: q.Text, Lang: "zh", Outcome: bot.Answered, Mode: bot.ModeExtractive, AsOf: "2000-01-02"}
	for i := range sentences {
		s := fmt.Sprintf("第%s号问题的第%d条答复：符合条件的企业奖励%d万元", n, i+1, 100+i)
		for j := 1; utf8.RuneCountInString(s) < length; j++ {
			s += fmt.Sprintf("，第%d项再补助%d.5万元", j, 1000+j)
		}
		s += "。"
		d := retrieval.Document{
			ID: fmt.Sprint("doc-", n, "-", i), Title: fmt.Sprintf("第%s号扶持办法之%d", n, i+1), Number: "市府办〔1999〕1号", IssuedOn: "1999-06-01",
			ValidFrom: "1999-06-01", ValidUntil: "2099-12-31", Language: "zh", Source: "fake.txt", Kind: "measures",
		}
		c := retrieval.Clause{ID: d.ID + ".1", Document: d, Path: "一", Text: s, End: utf8.RuneCountInString(s), URL: "https://policy.example/" + d.ID}
		a.Sentences = append(a.Sentences, bot.Sentence{Text: s, Citations: []int{i + 1}})
		a.Citations = append(a.Citations, bot.Citation{N: i + 1, Clause: c, Quote: s, QuoteEnd: c.End})
	}
	a.Text = bot.Compose(a)
	return a
}
