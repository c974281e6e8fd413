package callback_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/journal"
	"policybot/bot/journal/memory"
	"policybot/bot/wecomfake"
	"policybot/bot/wecomfake/judge"
)

var caseID = regexp.MustCompile(`c-[a-z0-9]{12}`)

var (
	badAnswers = flag.Int("answers", 120, "questions of TestBadTime")
	badSeed    = flag.Uint64("bad-seed", 1, "seed of TestBadTime")
)

// A badTime is a service in a bad time.
type badTime struct {
	t      *testing.T
	p      *platform
	random *rand.Rand
	rows   journal.Journal
	bot    *robot
	asked  []string // gestures, by number
	downs  []down
	faults map[string]int
}

// A down is when nobody was there.
type down struct{ from, until time.Time }

// covers reports whether a stream that began at some time could not be ended because of it: a process that does not know
// of the message ends a stream after 45 seconds.
func (d down) covers(began time.Time) bool {
	end := began.Add(6 * time.Minute)
	return d.from.Before(end) && end.Before(d.until.Add(50*time.Second))
}

// TestBadTime: a service on the fake, through lost answers to callbacks and looks, failures of response_urls, repeated
// deliveries, ends of the process and answers that take longer than a stream. In the end each question has one answer that is
// seen once and whole, or a case for the staff because nobody can know; never two, and nothing that hangs.
func TestBadTime(t *testing.T) {
	began := time.Now()
	synctest.Test(t, func(t *testing.T) {
		o := wecomfake.Options{Seed: *badSeed, Bot: wecomfake.BotOptions{SpentSilent: true}}
		s := &badTime{t: t, random: rand.New(rand.NewPCG(*badSeed, 5)), rows: memory.New(), faults: map[string]int{}, p: newPlatform(t, o)}
		s.bot = s.boot()
		time.Sleep(time.Second)
		for n := range *badAnswers {
			s.ask(n)
			if s.n(5) == 0 {
				s.breaks()
			}
			time.Sleep(time.Duration(s.n(2000)) * time.Millisecond)
		}
		s.calm()
		s.check()
		s.bot.end(t)
	})
	t.Logf("seed %d: %d questions, %s", *badSeed, *badAnswers, time.Since(began).Round(time.Millisecond))
}

func (s *badTime) n(n int) int { return s.random.IntN(n) }

func (s *badTime) boot() *robot {
	return boot(s.t, s.p, s.rows, &fakeDesk{}, time.Duration(s.n(300))*time.Millisecond)
}

func (s *badTime) ask(n int) {
	said := wecomfake.Say{User: fmt.Sprint("u", s.n(60)), Text: fmt.Sprintf("问题 %d：有什么补贴？", n)}
	if s.n(3) == 0 {
		said.Chat = fmt.Sprint("room", s.n(20))
	}
	g, err := s.p.fake.Say(said)
	if err != nil {
		s.t.Fatal(err)
	}
	s.asked = append(s.asked, g)
}

// breaks breaks something.
func (s *badTime) breaks() {
	kinds := []string{wecomfake.FaultWait, wecomfake.FaultHang, wecomfake.FaultLost, wecomfake.FaultBroken, wecomfake.FaultNoise, wecomfake.FaultSlow}
	what, began := "", time.Now()
	switch s.n(12) {
	case 0, 1, 2:
		what = "lost look"
		s.p.must(wecomfake.Fault{Call: "poll", Kind: wecomfake.FaultLost, Times: 1 + s.n(3)})
	case 3, 4:
		what = "lost answer"
		s.p.must(wecomfake.Fault{Call: "callback", Kind: wecomfake.FaultLost, Times: 1 + s.n(2)})
	case 5:
		what = "slow look"
		s.p.must(wecomfake.Fault{Call: "poll", Kind: wecomfake.FaultSlow, After: time.Duration(1+s.n(8)) * time.Second, Times: 1 + s.n(3)})
	case 6, 7:
		kind := kinds[s.n(len(kinds))]
		what = "response " + kind
		s.p.must(wecomfake.Fault{Call: "response", Kind: kind, After: time.Duration(1+s.n(15)) * time.Second, Times: 1 + s.n(3)})
	case 8:
		what = "told again"
		if err := s.p.fake.Redeliver(s.asked[s.n(len(s.asked))]); err != nil {
			s.t.Fatal(err)
		}
	case 9:
		what = "restart"
		s.bot.end(s.t)
		s.bot = s.boot()
	case 10:
		what = "kill"
		old := s.bot
		old.kill()
		s.p.taking.Store(nil)
		time.Sleep(time.Duration(s.n(3000)) * time.Millisecond)
		s.bot = s.boot()
		old.end(s.t)
	case 11:
		what = "kill, and nobody for long"
		if s.n(4) > 0 {
			return
		}
		old := s.bot
		old.kill()
		s.p.taking.Store(nil)
		time.Sleep(time.Duration(5+s.n(5)) * time.Minute)
		s.bot = s.boot()
		old.end(s.t)
	}
	if what == "restart" || strings.HasPrefix(what, "kill") {
		s.downs = append(s.downs, down{began, time.Now()})
	}
	s.faults[what]++
}

// calm waits until nothing is under way any more.
func (s *badTime) calm() {
	for range 200 {
		time.Sleep(time.Minute)
		c, err := s.rows.Count(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		if c.Waiting+c.Claimed+c.Ready+c.Posting == 0 {
			time.Sleep(7 * time.Minute) // the streams
			return
		}
	}
	s.t.Error("it does not come to an end")
}

// check compares what people see with what they asked.
func (s *badTime) check() {
	shown, hanging := s.shown()
	times := map[string]int{}
	posted, failed := 0, map[string]int{}
	for q, err := range s.rows.Entries(context.Background(), journal.Filter{}) {
		if err != nil {
			s.t.Fatal(err)
		}
		n := number.FindString(q.Text)
		times[n]++
		e, err := s.rows.Entry(context.Background(), q.ID)
		if err != nil {
			s.t.Fatal(err)
		}
		if len(e.Deliveries) != 1 {
			s.t.Errorf("question %s has %d replies", n, len(e.Deliveries))
			continue
		}
		d := e.Deliveries[0]
		words := sentenceOf(n, 0)
		if id := caseID.FindString(d.Doc.Text); id != "" { // the staff answers it
			words = id
		}
		seen := strings.Count(shown, words)
		switch {
		case d.State == journal.Posted && seen == 1:
			posted++
		case d.State == journal.Failed && seen <= 1:
			failed[fmt.Sprintf("%s, seen: %d", d.Why, seen)]++
		default:
			s.t.Errorf("question %s: the reply is %s (%s) and seen %d times", n, d.State, d.Why, seen)
		}
		for i := range 8 {
			if c := strings.Count(shown, sentenceOf(n, i)); c > 1 {
				s.t.Errorf("question %s: sentence %d is seen %d times", n, i+1, c)
			} else if strings.Contains(d.Doc.Text, sentenceOf(n, i)) && c == 0 && d.State == journal.Posted {
				s.t.Errorf("question %s: sentence %d is not seen", n, i+1)
			}
		}
	}
	vain := 0
	for n, g := range s.asked {
		switch {
		case times[fmt.Sprint(n)] > 1:
			s.t.Errorf("question %d was taken %d times", n, times[fmt.Sprint(n)])
		case times[fmt.Sprint(n)] == 0 && len(s.p.fake.Trouble(g)) < 4:
			s.t.Errorf("question %d is lost: %q", n, s.p.fake.Trouble(g))
		case times[fmt.Sprint(n)] == 0:
			vain++ // WeCom gave up
		}
	}
	if drops := len(s.p.fake.SilentDrops()); drops > 0 {
		s.t.Logf("%d repeated messages to a response_url, which WeCom does not show", drops)
	}
	s.t.Logf("%d answered, given up %v, told four times in vain %d, streams that hang %d, faults %v", posted, failed, vain, hanging, s.faults)
	if len(failed) > len(s.asked)/20 {
		s.t.Errorf("%v were given up", failed)
	}
}

// shown is all that the bot's messages show, and how many streams hang.
func (s *badTime) shown() (text string, hanging int) {
	var b strings.Builder
	chats := map[string]bool{}
	for i := range 60 {
		chats[fmt.Sprint("u", i)], chats[fmt.Sprint("room", i)] = true, true
	}
	for chat := range chats {
		for _, m := range s.p.fake.Messages(chat) {
			if m.User != "" {
				continue
			}
			if m.Hangs { // what is seen there is no answer
				hanging++
				if !slices.ContainsFunc(s.downs, func(d down) bool { return d.covers(m.At) }) {
					s.t.Errorf("a stream hangs since %s: %q", m.Changed.Format(time.TimeOnly), m.Text)
				}
				continue
			}
			b.WriteString(judge.Read(judge.Bot, m.Text).Text + "\n")
		}
	}
	return b.String(), hanging
}
