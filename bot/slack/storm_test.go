package slack_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/journal"
	"policybot/bot/journal/memory"
	"policybot/bot/slackfake"
)

var (
	stormAnswers = flag.Int("answers", 300, "questions of TestStorm")
	stormSeed    = flag.Uint64("storm", 1, "seed of TestStorm")
)

// A storm is a service in a bad time: what people asked, and what was broken.
type storm struct {
	t       *testing.T
	p       *platform
	random  *rand.Rand
	rows    journal.Journal
	desk    *fakeDesk
	bot     *robot
	threads []thread
	asked   []string // gestures, by number
	faults  map[string]int
}

type thread struct{ channel, ts string }

// TestStorm: a service on the fake, through expired streams, limits, failures, cut lines and ends of the process. In
// the end each question has exactly one complete answer, or one notice that there is none, and nothing else is there.
func TestStorm(t *testing.T) {
	began := time.Now()
	synctest.Test(t, func(t *testing.T) {
		s := &storm{
			t: t, random: rand.New(rand.NewPCG(*stormSeed, 3)), rows: memory.New(), desk: &fakeDesk{asked: map[string]int{}}, faults: map[string]int{},
			p: newPlatform(t, slackfake.Options{Seed: *stormSeed, Events: heard, Limits: true, Shuffle: 50 * time.Millisecond}, false),
		}
		start := time.Now()
		s.bot = boot(t, s.p, s.rows, s.desk)
		time.Sleep(2 * time.Second)
		for n := range *stormAnswers {
			s.ask(n)
			if s.random.IntN(8) == 0 {
				s.breaks()
			}
			time.Sleep(time.Duration(s.random.IntN(1000)) * time.Millisecond)
		}
		s.calm()
		s.check()
		s.bot.end(t)
		t.Logf("seed %d: %d questions in %s of the bubble, faults %v", *stormSeed, *stormAnswers, time.Since(start).Round(time.Second), s.faults)
	})
	t.Logf("%s", time.Since(began).Round(time.Millisecond))
}

func (s *storm) n(n int) int { return s.random.IntN(n) }

// ask lets somebody ask the question of a number: in a channel, in a thread, or directly.
func (s *storm) ask(n int) {
	said := slackfake.Said{User: fmt.Sprint("U", s.n(100)), Channel: fmt.Sprint("C", s.n(60)), Text: fmt.Sprintf("%s 问题 %d：有什么补贴？", mention, n)}
	switch s.n(5) {
	case 0:
		said.Channel, said.Text = "", fmt.Sprintf("问题 %d：有什么补贴？", n)
	case 1:
		if len(s.threads) > 0 {
			in := s.threads[s.n(len(s.threads))]
			said.Channel, said.Thread = in.channel, in.ts
		}
	}
	g, err := s.p.Say(said)
	if err != nil {
		s.t.Fatal(err)
	}
	if in, ts := s.p.TS(g); said.Channel != "" && said.Thread == "" {
		s.threads = append(s.threads, thread{in, ts})
	}
	s.asked = append(s.asked, g)
}

var (
	stormMethods = []string{
		"chat.postMessage", "chat.update", "chat.startStream", "chat.appendStream", "chat.stopStream", "chat.delete", "conversations.replies", "chat.", "*",
	}
	stormKinds = []string{
		slackfake.FaultWait, slackfake.FaultHang, slackfake.FaultLost, slackfake.FaultBroken, slackfake.FaultNoise, slackfake.FaultSlow,
	}
	stormRefusals = map[string][]string{
		"chat.stopStream":   {"message_not_in_streaming_state", "invalid_blocks", "internal_error"},
		"chat.appendStream": {"message_not_in_streaming_state", "internal_error"},
		"chat.startStream":  {"channel_type_not_supported", "internal_error"},
		"chat.update":       {"edit_window_closed", "cant_update_message", "internal_error"},
		"chat.postMessage":  {"channel_not_found", "is_archived", "internal_error"},
	}
)

// breaks breaks something.
func (s *storm) breaks() {
	what := ""
	k := s.n(20)
	if k >= 16 && s.n(4) > 0 { // not down most of the time
		k = s.n(16)
	}
	switch {
	case k < 10:
		f := slackfake.Fault{
			Method: stormMethods[s.n(len(stormMethods))], Kind: stormKinds[s.n(len(stormKinds))], Times: 1 + s.n(3), After: time.Duration(1+s.n(15)) * time.Second,
		}
		what = f.Kind
		s.fault(f)
	case k < 14:
		method := stormMethods[s.n(5)]
		names := stormRefusals[method]
		s.fault(slackfake.Fault{Method: method, Kind: slackfake.FaultError, Error: names[s.n(len(names))], Times: 1 + s.n(2)})
		what = "refusal"
	case k < 16:
		reason := []string{slackfake.ReasonWarning, slackfake.ReasonRefresh}[s.n(2)]
		s.p.Disconnect(reason)
		what = reason
	case k == 16:
		s.p.Cut()
		time.Sleep(time.Duration(1+s.n(20)) * time.Second)
		s.p.Mend()
		what = "cut"
	case k == 17:
		s.p.Stall()
		what = "stall"
	case k == 18:
		old := s.bot
		old.kill()
		s.bot = boot(s.t, s.p, s.rows, s.desk)
		old.end(s.t)
		what = "kill"
	default:
		s.bot.end(s.t)
		s.bot = boot(s.t, s.p, s.rows, s.desk)
		what = "restart"
	}
	s.faults[what]++
}

func (s *storm) fault(f slackfake.Fault) {
	if err := s.p.Break(f); err != nil {
		s.t.Fatal(err)
	}
}

// calm waits until nothing is under way any more.
func (s *storm) calm() {
	for range 400 {
		time.Sleep(time.Minute)
		c, err := s.rows.Count(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		if c.Waiting+c.Claimed+c.Ready+c.Posting == 0 && s.p.Pending() == 0 {
			return
		}
	}
	c, _ := s.rows.Count(s.t.Context())
	s.t.Errorf("it does not come to an end: %+v, %d deliveries to the bot", c, s.p.Pending())
}

// check compares what people see with what they asked.
func (s *storm) check() {
	byKey := map[string][]slackfake.Message{}
	for _, m := range own(s.p.All("")) {
		byKey[identityOf(m).Key] = append(byKey[identityOf(m).Key], m)
	}
	ids := map[string]string{} // of questions, by number
	complete, notices, undeliverable, streamed := 0, 0, 0, 0
	gone := map[string]bool{} // by number: what was shown of the answer cannot be taken away either
	for q, err := range s.rows.Entries(context.Background(), journal.Filter{}) {
		if err != nil {
			s.t.Fatal(err)
		}
		n := number.FindString(q.Text)
		if ids[n] != "" {
			s.t.Errorf("question %s was taken twice: %s, %s", n, ids[n], q.ID)
		}
		ids[n] = q.ID
		e, err := s.rows.Entry(context.Background(), q.ID)
		if err != nil {
			s.t.Fatal(err)
		}
		if len(e.Deliveries) != 1 {
			s.t.Errorf("question %s has %d replies", n, len(e.Deliveries))
			continue
		}
		d := e.Deliveries[0]
		switch d.State {
		case journal.Posted:
			if err := s.seen(e.Question, d, byKey[d.ID]); err != nil {
				s.t.Errorf("question %s in %+v: %v", n, q.Place, err)
			}
			complete++
			if d.Doc.Label == "notice" {
				notices++
			}
			if slices.ContainsFunc(byKey[d.ID], func(m slackfake.Message) bool { return m.State != "" }) {
				streamed++
			}
		case journal.Failed:
			undeliverable++
			gone[n] = true
			if len(byKey[d.ID]) > 0 && !slices.ContainsFunc(byKey[d.ID], func(m slackfake.Message) bool { return identityOf(m).Parts > 1 }) {
				s.t.Errorf("question %s was given up and yet is there", n)
			}
			if cases, err := s.rows.ListCases(context.Background(), journal.CaseOpen); err != nil || !slices.ContainsFunc(cases, func(c journal.Case) bool { return c.Question == q.ID }) {
				s.t.Errorf("question %s was given up without a case: %v", n, err)
			}
		default:
			s.t.Errorf("the reply to question %s is %s", n, d.State)
		}
		delete(byKey, d.ID)
	}
	never := 0 // told in vain: Slack gives up after four attempts
	for n, g := range s.asked {
		switch trouble := s.p.Trouble(g); {
		case ids[fmt.Sprint(n)] != "":
		case trouble != "":
			never++
		default:
			s.t.Errorf("question %d is lost", n)
		}
	}
	if never > len(s.asked)/500 {
		s.t.Errorf("%d questions were told four times in vain", never)
	}
	for key, messages := range byKey {
		for _, m := range messages {
			if gone[number.FindString(m.Text)] {
				continue
			}
			s.t.Errorf("%s in %s is of no reply (%q): %.80q", m.TS, m.Channel, key, m.Text)
		}
	}
	s.t.Logf("%d complete (%d of them streams, %d notices), %d undeliverable with a case, %d told four times in vain", complete, streamed, notices, undeliverable, never)
}

// seen checks that people see a reply once and whole, where the question was asked.
func (s *storm) seen(q journal.Question, d journal.Delivery, messages []slackfake.Message) error {
	for _, m := range messages {
		if m.Channel != q.Place.ID || q.Place.Thread != "" && m.Thread != q.Place.Thread {
			return fmt.Errorf("a message of it is in %s %s", m.Channel, m.Thread)
		}
	}
	slices.SortFunc(messages, func(a, b slackfake.Message) int { return strings.Compare(a.TS, b.TS) })
	return whole(messages, d.Doc, d.ID)
}
