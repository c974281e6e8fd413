// Package storm puts a service with one channel of WeCom on a fake platform through a bad time, and judges what people see
// in the end: each question that was taken has exactly one whole reply, or a failure that somebody sees.
//
// It plays the people and breaks things, by seed; the tests of each surface of WeCom say how that surface is played
// ([Front]). It works in a bubble of testing/synctest, and is of no use for anything but tests.
package storm

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/bot/journal/memory"
	"policybot/bot/wecomfake"
	"policybot/bot/wecomfake/judge"
)

// A Front is one surface of WeCom: a fake, people in front of it, and a way to put a channel on it. All fields but Cut and
// Own are needed.
type Front struct {
	Server  *wecomfake.Server
	Surface judge.Surface
	Bytes   int      // most bytes of a message
	Groups  bool     // people talk in groups, too
	Acks    bool     // the platform is told that a message has arrived, and delivers it again when it is not
	Most    int      // messages of a document, the last of which then says that there is more; 0: no limit
	Repeats bool     // what the platform drops without a word are repetitions of what it shows
	Own     []string // whole messages of the channel that are no document
	// Connect makes a channel in a process, which takes what comes from then on.
	Connect func(p *Process) (channel.Channel, error)
	Say     func(said Said) (gesture string, err error)
	Screen  func(chat string, group bool) []Shown // of the bot, oldest first
	Breaks  []Break
}

// A Said is what a person says, in a group or, with none, alone with the bot.
type Said struct{ User, Group, Text, Quote string }

func (s Said) chat() place { return place{cmp.Or(s.Group, s.User), s.Group != ""} }

// A Shown is a message of the bot.
type Shown struct {
	ID, Chat string
	Group    bool
	Text     string // as it was sent, "" of a card
	Finished bool   // it is no stream, or one that has ended
	Hangs    bool   // the platform ended the stream
	At       time.Time
	Gesture  string // that it answers, "" where that is not known
}

// A Break is something that can go wrong. It is more frequent the more often it is in the list.
type Break struct {
	Name string
	Do   func(random *rand.Rand) // mends itself later
	Ends bool                    // connections end with it, so that what is on its way is lost
}

// Options of a storm. Questions are split over worlds, each with a fake of its own, of at most 500.
type Options struct {
	Questions int
	Seed      uint64
	Open      func(t *testing.T, world int, seed uint64) Front
}

// Run plays a storm and judges it.
func Run(t *testing.T, o Options) {
	worlds := max(3, (o.Questions+499)/500)
	if o.Questions < 90 {
		worlds = 1
	}
	began, all, bubble := time.Now(), map[string]int{}, time.Duration(0)
	for i := range worlds {
		n := o.Questions*(i+1)/worlds - o.Questions*i/worlds
		t.Run(fmt.Sprint("world ", i), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				s := newStorm(t, o.Seed*1000+uint64(i), i, o.Open)
				s.play(n)
				s.check()
				s.bot.end(t)
				for what, times := range s.counts {
					all[what] += times
				}
				bubble += time.Since(start)
			})
		})
	}
	var table strings.Builder
	for _, what := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&table, "\n%8d  %s", all[what], what)
	}
	t.Logf("seed %d, %d questions in %d worlds, %s of theirs, %s of ours:%s", o.Seed, o.Questions, worlds, bubble.Round(time.Second), time.Since(began).Round(time.Millisecond), table.String())
	if o.Questions >= 1000 {
		requireAll(t, all)
	}
}

// requireAll wants that everything that can break has broken.
func requireAll(t *testing.T, all map[string]int) {
	t.Helper()
	for what, times := range all {
		if strings.HasPrefix(what, "fault") && times == 0 {
			t.Errorf("%s never happened", what)
		}
	}
}

// A storm is one world.
type storm struct {
	t      *testing.T
	f      Front
	random *rand.Rand
	rows   journal.Journal
	desk   *desk
	bot    *robot
	full   atomic.Int64
	said   []*saying
	chats  map[place]bool
	ends   []end // when the bot was cut off from what had come in
	fulls  [][2]time.Time
	broke  []broken
	counts map[string]int
}

// broken is something that broke.
type broken struct {
	name string
	at   time.Time
}

// An end is when a process or its connection ended.
type end struct {
	at    time.Time
	kill  bool
	alone bool // there was no connection
}

type place struct {
	id    string
	group bool
}

// A saying is a question that somebody asked.
type saying struct {
	Said
	number, gesture string
	at              time.Time
}

func newStorm(t *testing.T, seed uint64, world int, open func(*testing.T, int, uint64) Front) *storm {
	t.Helper()
	s := &storm{
		t: t, f: open(t, world, seed), random: rand.New(rand.NewPCG(seed, 3)), rows: memory.New(), desk: &desk{asked: map[string]int{}},
		chats: map[place]bool{}, counts: map[string]int{},
	}
	for _, b := range s.breaks() {
		s.counts["fault: "+b.Name] = 0
	}
	s.bot = s.boot()
	return s
}

// play lets people ask and things break, and waits until all has come to an end.
func (s *storm) play(questions int) {
	time.Sleep(2 * time.Second)
	breaks := s.breaks()
	for n := 0; n < questions; {
		up := s.bot.ch.Health().State == channel.Up
		if up || s.random.IntN(20) == 0 {
			asked := s.ask()
			if up {
				n += asked
			}
		}
		if s.random.IntN(15) == 0 {
			b := breaks[s.random.IntN(len(breaks))]
			s.counts["fault: "+b.Name]++
			s.broke = append(s.broke, broken{b.Name, time.Now()})
			if b.Ends {
				s.ends = append(s.ends, end{at: time.Now()})
			}
			b.Do(s.random)
		}
		time.Sleep(time.Duration(s.random.IntN(1000)) * time.Millisecond)
	}
	s.calm()
}

// ask lets somebody ask, and tells how many questions that were.
func (s *storm) ask() int {
	said := Said{User: fmt.Sprint("U", s.random.IntN(100)), Group: fmt.Sprint("room", s.random.IntN(40))}
	if !s.f.Groups || s.random.IntN(3) == 0 {
		said.Group = ""
	}
	n := fmt.Sprint(len(s.said))
	said.Text = fmt.Sprintf("问题 %s：有什么补贴？", n)
	switch k := s.random.IntN(60); {
	case k < 4 && len(s.said) > 0: // the same words again
		last := s.said[max(0, len(s.said)-1-s.random.IntN(5))]
		s.say(last.Said, last.number)
		s.counts["asked: the same words again"]++
		return 1
	case k < 6 && len(s.said) > 0:
		last := s.said[max(0, len(s.said)-1-s.random.IntN(20))].Said
		last.Text, last.Quote = "停止", ""
		s.counts["asked: to stop"]++
		s.say(last, "")
		return 0
	case k < 10:
		said.Quote = "第三条 对符合条件的企业给予补贴。"
		s.counts["asked: with a quotation"]++
	case k < 14: // twice in a row
		s.say(said, n)
		n = fmt.Sprint(len(s.said))
		said.Text = fmt.Sprintf("问题 %s：还有什么补贴？", n)
		s.say(said, n)
		s.counts["asked: twice in a row"]++
		return 2
	case k == 14 && s.random.IntN(3) == 0:
		return s.crowd(said)
	case k == 15 && len(s.said) > 0: // WeCom delivers again
		last := s.said[max(0, len(s.said)-1-s.random.IntN(20))]
		if err := s.f.Server.Redeliver(last.gesture); err != nil {
			s.t.Error(err)
		}
		s.counts["fault: delivered again"]++
		return 0
	}
	s.say(said, n)
	return 1
}

// crowd lets many ask at once in one group, or one person many times.
func (s *storm) crowd(said Said) int {
	many := 20 + s.random.IntN(20)
	for range many {
		n := fmt.Sprint(len(s.said))
		if said.Group != "" {
			said.User = fmt.Sprint("U", s.random.IntN(100))
		}
		said.Text = fmt.Sprintf("问题 %s：有什么补贴？", n)
		s.say(said, n)
		time.Sleep(time.Duration(s.random.IntN(300)) * time.Millisecond)
	}
	s.counts["asked: by a crowd"]++
	return many
}

// say lets somebody say something; of a question the number is not "".
func (s *storm) say(said Said, n string) {
	g, err := s.f.Say(said)
	if err != nil {
		s.t.Error(err)
		return
	}
	s.chats[said.chat()] = true
	if n != "" {
		s.said = append(s.said, &saying{Said: said, number: n, gesture: g, at: time.Now()})
	}
}

// breaks are what can break: the process, the disk, and what the front has.
func (s *storm) breaks() []Break {
	kill := Break{Name: "kill -9", Do: func(random *rand.Rand) { s.stop(true, time.Duration(random.IntN(20))*time.Second) }}
	restart := Break{Name: "restart", Do: func(random *rand.Rand) { s.stop(false, time.Duration(random.IntN(5))*time.Second) }}
	disk := Break{Name: "disk full", Do: func(random *rand.Rand) {
		until := time.Now().Add(time.Duration(1+random.IntN(20)) * time.Second)
		if random.IntN(20) == 0 {
			until = until.Add(3 * time.Minute)
		}
		s.full.Store(until.UnixNano())
		s.fulls = append(s.fulls, [2]time.Time{time.Now(), until})
	}}
	return append(slices.Clone(s.f.Breaks), kill, restart, disk)
}

// stop ends the process, and starts another after a while.
func (s *storm) stop(kill bool, pause time.Duration) {
	old := s.bot
	s.ends = append(s.ends, end{time.Now(), kill, s.bot.ch.Health().State != channel.Up || s.justBroke()})
	if !kill {
		old.end(s.t)
		time.Sleep(pause)
		s.bot = s.boot()
		return
	}
	old.kill()
	old.quit()
	time.Sleep(pause)
	s.bot = s.boot()
	old.wait(s.t)
}

// justBroke reports whether the connection broke so lately that the bot may not know it.
func (s *storm) justBroke() bool {
	return slices.ContainsFunc(s.ends, func(e end) bool { return time.Since(e.at) < 30*time.Second })
}

// A robot is a service with a channel, and the process in which they run.
type robot struct {
	*Process
	ch    channel.Channel
	quit  context.CancelFunc
	ended chan error
}

// boot starts a service and a channel on what is in the journal.
func (s *storm) boot() *robot {
	s.t.Helper()
	r := &robot{Process: newProcess(s.t.Context(), s.rows, &s.full), ended: make(chan error, 1)}
	var err error
	if r.ch, err = s.f.Connect(r.Process); err != nil {
		s.t.Fatal(err)
	}
	limits := bot.DefaultLimits
	limits.PerUser, limits.Total, limits.Age, limits.Answer = 1000, 100_000, 4*time.Hour, 20*time.Minute
	limits.Workers, limits.Senders = 64, 16
	service, err := bot.NewService(s.t.Context(), bot.Options{
		Journal: r.Process, Answerer: s.desk, Channels: []channel.Channel{r.ch}, Key: []byte(strings.Repeat("k", 32)), Limits: limits, Lang: "zh", Alone: true,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, quit := context.WithCancel(s.t.Context())
	r.quit = quit
	go func() { r.ended <- service.Run(ctx) }()
	return r
}

// end ends the service and waits for it.
func (r *robot) end(t *testing.T) {
	t.Helper()
	r.quit()
	r.wait(t)
	r.kill()
}

// wait waits for the service, which was told to end.
func (r *robot) wait(t *testing.T) {
	t.Helper()
	if err := <-r.ended; err != nil {
		t.Error(err)
	}
}

// calm waits until nothing is under way any more, until every stream has had its time, and until everybody is told.
func (s *storm) calm() {
	s.f.Server.Mend()
	for range 1000 {
		time.Sleep(time.Minute)
		c, err := s.rows.Count(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		if c.Waiting+c.Claimed+c.Ready+c.Posting == 0 {
			time.Sleep(telling + time.Minute)
			return
		}
	}
	c, _ := s.rows.Count(s.t.Context()) // it was asked without an error before
	s.t.Errorf("it does not come to an end: %+v", c)
}
