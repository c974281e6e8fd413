package app_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/bot/journal/memory"
	"policybot/bot/wecom/app"
	"policybot/bot/wecom/render"
	"policybot/bot/wecomfake"
	"policybot/retrieval"
)

// A fakeDesk answers with a sentence that it makes up of the number in a question, and counts.
type fakeDesk struct {
	mu    sync.Mutex
	asked map[string]int // how often each question was answered
}

var number = regexp.MustCompile(`\d+`)

// Explain implements bot.Answerer.
func (f *fakeDesk) Explain(_ context.Context, q bot.Question) (bot.Answer, bot.Explanation, error) {
	n := number.FindString(q.Text)
	f.mu.Lock()
	f.asked[n]++
	f.mu.Unlock()
	sentence := fmt.Sprintf("第%s号问题的答复：符合条件的企业奖励100万元。", n)
	d := retrieval.Document{
		ID: "doc-" + n, Title: fmt.Sprintf("第%s号扶持办法", n), Number: "市府办〔1999〕1号", IssuedOn: "1999-06-01", ValidFrom: "1999-06-01",
		ValidUntil: "2099-12-31", Language: "zh", Source: "fake.txt", Kind: "measures",
	}
	c := retrieval.Clause{ID: d.ID + ".1", Document: d, Path: "一", Text: sentence, End: utf8.RuneCountInString(sentence)}
	a := bot.Answer{ID: q.ID, Question: q.Text, Lang: "zh", Outcome: bot.Answered, Mode: bot.ModeExtractive, AsOf: "2000-01-02"}
	a.Sentences = []bot.Sentence{{Text: sentence, Citations: []int{1}}}
	a.Citations = []bot.Citation{{N: 1, Clause: c, Quote: sentence, QuoteEnd: c.End}}
	a.Text = bot.Compose(a)
	return a, bot.Explanation{}, nil
}

// boot starts a service on a channel of the platform, and gives what ends it.
func boot(t testing.TB, p *platform, rows journal.Journal, desk bot.Answerer) (c *app.Channel, end func()) {
	t.Helper()
	c, err := app.New(p.options())
	if err != nil {
		t.Fatal(err)
	}
	limits := bot.DefaultLimits
	limits.PerUser, limits.Age = 1000, 2*time.Hour
	s, err := bot.NewService(context.Background(), bot.Options{
		Journal: rows, Answerer: desk, Channels: []channel.Channel{c}, Key: []byte(strings.Repeat("k", 32)), Limits: limits, Lang: "zh", Alone: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	p.taking.Store(c)
	ctx, quit := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	return c, func() {
		quit()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// TestOneAnswer is F18 to its end: each of five hundred questions is delivered up to four times, the API fails now and
// then in every way that it can, the process is started anew twice in between; each question gets one answer, which is
// seen once, and nothing is dropped without a word.
func TestOneAnswer(t *testing.T) {
	const questions, people = 500, 40
	synctest.Test(t, func(t *testing.T) {
		rows, desk := memory.New(), &fakeDesk{asked: map[string]int{}}
		p := newPlatform(t, wecomfake.CorpOptions{})
		_, end := boot(t, p, rows, desk)
		r := rand.New(rand.NewPCG(3, 4))
		faults := []wecomfake.Fault{
			{Kind: wecomfake.FaultHang},
			{Kind: wecomfake.FaultLost},
			{Kind: wecomfake.FaultNoise},
			{Kind: wecomfake.FaultBroken},
			{Kind: wecomfake.FaultWait},
			{Kind: wecomfake.FaultSlow, After: 30 * time.Second},
			{Kind: wecomfake.FaultCode, Code: -1},
			{Kind: wecomfake.FaultCode, Code: 42001},
		}
		for n := range questions {
			name, err := p.AppSay(fmt.Sprint("person-", n%people), fmt.Sprintf("问题 %d", n))
			if err != nil {
				t.Fatal(err)
			}
			for range r.IntN(4) {
				if err := p.Redeliver(name); err != nil {
					t.Fatal(err)
				}
			}
			if r.IntN(8) == 0 {
				f := faults[r.IntN(len(faults))]
				f.Call = sending
				if err := p.Server.Break(f); err != nil {
					t.Fatal(err)
				}
			}
			switch {
			case n == questions/3 || n == 2*questions/3:
				end()
				_, end = boot(t, p, rows, desk)
			case n%100 == 50:
				p.RevokeToken()
			}
			time.Sleep(time.Duration(r.IntN(2000)) * time.Millisecond)
		}
		time.Sleep(time.Hour)
		end()
		seen := map[string]int{} // texts, by question
		for i := range people {
			refs := map[string]bool{}
			for _, m := range p.AppMessages(fmt.Sprint("person-", i)) {
				if m.Type == wecomfake.TypeCard {
					continue
				}
				seen[number.FindString(m.Text)]++
				ref := render.ReadRef(m.Text)
				if ref == "" || refs[ref] {
					t.Errorf("the reference %q is there twice, or there is none", ref)
				}
				refs[ref] = true
			}
		}
		for n := range questions {
			if k := fmt.Sprint(n); seen[k] != 1 || desk.asked[k] != 1 {
				t.Errorf("question %d was answered %d times and its answer is seen %d times", n, desk.asked[k], seen[k])
			}
		}
		if drops := p.SilentDrops(); len(drops) > 0 {
			t.Errorf("%d messages were dropped without a word", len(drops))
		}
	})
}
