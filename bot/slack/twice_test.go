package slack_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/journal"
	"policybot/bot/journal/memory"
	"policybot/bot/slackfake"
)

// TestManyDeliveries: a thousand questions, each told as a mention and as a message, and each of these delivered three
// times more, over two connections and in any order, get a thousand answers.
func TestManyDeliveries(t *testing.T) {
	const questions = 1000
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(func() { time.Sleep(time.Second) })
		rows, desk := memory.New(), &fakeDesk{quick: true, asked: map[string]int{}}
		p := newPlatform(t, slackfake.Options{Seed: 5, Events: heard, Shuffle: 5 * time.Second}, false)
		robot := boot(t, p, rows, desk)
		time.Sleep(2 * time.Second)
		var asked []string
		for n := range questions {
			g, err := p.Say(slackfake.Said{User: fmt.Sprint("U", n%50), Channel: fmt.Sprint("C", n%80), Text: fmt.Sprintf("%s 问题 %d", mention, n)})
			if err != nil {
				t.Fatal(err)
			}
			asked = append(asked, g)
			for again := range 3 {
				if i := n - 7*again; i >= 0 {
					if err := errors.Join(p.Redeliver(asked[i]), ignored(again, func() error { return p.TellAgain(asked[i]) })); err != nil {
						t.Fatal(err)
					}
				}
			}
			time.Sleep(100 * time.Millisecond)
		}
		time.Sleep(20 * time.Minute)
		if n := p.Connections(); n != 2 {
			t.Errorf("%d connections", n)
		}
		seen := map[string]int{} // messages by key
		for _, m := range own(p.All("")) {
			seen[identityOf(m).Key]++
		}
		stored := 0
		for q, err := range rows.Entries(context.Background(), journal.Filter{}) {
			e, other := rows.Entry(context.Background(), q.ID)
			if err = errors.Join(err, other); err != nil {
				t.Fatal(err)
			}
			stored++
			if len(e.Deliveries) != 1 || e.Deliveries[0].State != journal.Posted || seen[e.Deliveries[0].ID] != 1 || e.Question.Duplicates < 3 {
				t.Errorf("%s: %d replies, %d duplicates", q.Text, len(e.Deliveries), e.Question.Duplicates)
			}
		}
		answered := 0
		for _, times := range desk.asked {
			answered += times
		}
		if stored != questions || len(seen) != questions || answered != questions {
			t.Errorf("%d questions were stored, %d answered, %d replies are there, want %d", stored, answered, len(seen), questions)
		}
		robot.end(t)
	})
}

// ignored does something the first time only.
func ignored(again int, do func() error) error {
	if again > 0 {
		return nil
	}
	return do()
}
