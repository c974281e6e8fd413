package bot

import (
	"cmp"
	"context"
	"fmt"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/prompts"
)

// An Alert tells who runs the service that something became bad, or is good again. It holds no secrets and no words of
// askers.
type Alert struct {
	About string // what it is about: the same for the alert that it is good again; never empty
	Good  bool   // it is good again
	Text  string // one line in Options.Lang
}

// Of alerts.
const (
	watchEvery   = 5 * time.Second  // it is looked how the service is
	alertAfter   = 2 * time.Minute  // that something has to last, unless somebody has to mend it
	alertApart   = 10 * time.Minute // least time between two alerts about the same
	alertQueue   = 32               // most that wait to be told
	alertTries   = 5
	alertFirst   = 5 * time.Second // wait after a first failure; it grows fourfold
	alertCases   = 200             // open cases that are looked at, from the oldest
	overdueEvery = time.Minute     // it is looked for those that wait too long
)

// How bad something is.
const (
	levelFine    = 0
	levelBad     = 1 // it may mend itself
	levelStopped = 2 // somebody has to mend it
)

// A standing is how one thing is now, and what is to be said of it.
type standing struct {
	about string
	level int
	at    bool   // it is told at once
	text  string // why it is bad, or that it is good again
}

// A matter is what is known of one thing that alerts are about.
type matter struct {
	since  time.Time // it has been bad; zero when it is not
	told   int       // the level of the last alert
	toldAt time.Time // when that was
}

// alerts watches how a service is and tells who runs it.
type alerts struct {
	s       *Service
	queue   chan Alert
	matters map[string]*matter // of watch
	overdue standing           // as it was when it was last looked for; of watch
	looked  time.Time          // for it

	mu      sync.Mutex
	givenUp map[string]int // replies of each channel, since they were told of
}

func newAlerts(s *Service) *alerts {
	return &alerts{s: s, queue: make(chan Alert, alertQueue), matters: map[string]*matter{}, givenUp: map[string]int{}}
}

// gaveUp notes that a reply cannot be delivered.
func (a *alerts) gaveUp(channel string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.givenUp[channel]++
}

// watch looks how the service is until ctx ends.
func (a *alerts) watch(ctx context.Context) {
	for sleep(ctx, watchEvery) {
		a.look(ctx)
	}
}

// look looks once. What cannot be queued is looked at again.
func (a *alerts) look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, a.s.Limits.Lease)
	defer cancel()
	now := a.s.clock.now()
	h := a.s.Health(ctx)
	for _, c := range a.all(ctx, h, now) {
		a.tellOf(c, now)
	}
	a.tellOfGivenUp(now)
}

// all is how everything is.
func (a *alerts) all(ctx context.Context, h Health, now time.Time) []standing {
	var out []standing
	for name, v := range h.Channels {
		out = append(out, a.ofChannel(name, v))
	}
	store := standing{about: "store", text: a.say("alert_store_good", nil)}
	if h.Counts == nil || a.s.health.broken() {
		store.level, store.text = levelBad, a.say("alert_store", prompts.Slots{"minutes": minutes(alertAfter)})
		return append(out, store) // of the rest nothing is known
	}
	return append(out, store, a.ofWaiting(*h.Counts, now), a.ofCases(ctx, now))
}

// ofChannel is how a channel is.
func (a *alerts) ofChannel(name string, h channel.Health) standing {
	c := standing{about: "channel " + name}
	slots, template := prompts.Slots{"channel": name}, "alert_channel"
	switch h.State {
	case channel.Up:
		c.text = a.say("alert_channel_good", slots)
		return c
	case channel.Stopped:
		c.level, c.at, template = levelStopped, true, "alert_channel_stopped"
	case channel.Kicked: // two processes with one bot: nobody answers who the other does not answer
		c.level, c.at = levelBad, true
		c.text = a.say("alert_channel_kicked", slots)
		return c
	default:
		c.level = levelBad
		slots["minutes"] = minutes(alertAfter)
	}
	slots["why"] = cmp.Or(shortened(h.Reason), string(h.State))
	c.text = a.say(template, slots)
	return c
}

// ofWaiting is whether questions wait too long: for half of the time after which they are no more answered.
func (a *alerts) ofWaiting(n journal.Counts, now time.Time) standing {
	c := standing{about: "waiting", at: true, text: a.say("alert_waiting_good", nil)}
	if waited := now.Sub(n.Oldest); !n.Oldest.IsZero() && a.s.Limits.Age > 0 && waited > a.s.Limits.Age/2 {
		c.level, c.text = levelBad, a.say("alert_waiting", prompts.Slots{"count": strconv.Itoa(n.Waiting), "minutes": minutes(waited)})
	}
	return c
}

// ofCases is whether a case waits for the staff for too long.
func (a *alerts) ofCases(ctx context.Context, now time.Time) standing {
	if a.s.Limits.Overdue <= 0 || !a.looked.IsZero() && now.Sub(a.looked) < overdueEvery {
		return a.overdue
	}
	list, err := a.s.Journal.Inbox(ctx, journal.CaseFilter{State: journal.CaseOpen, Limit: alertCases})
	if err != nil {
		return a.overdue
	}
	a.looked = now
	a.overdue = standing{about: "cases", at: true, text: a.say("alert_cases_good", nil)}
	count, oldest := 0, journal.Case{}
	for _, k := range list {
		if now.Sub(k.OpenedAt) <= a.s.Limits.Overdue {
			continue
		}
		if count++; oldest.ID == "" || k.OpenedAt.Before(oldest.OpenedAt) {
			oldest = k
		}
	}
	if count > 0 {
		slots := prompts.Slots{"count": strconv.Itoa(count), "hours": strconv.Itoa(int(now.Sub(oldest.OpenedAt).Hours())), "case": oldest.ID}
		a.overdue.level, a.overdue.text = levelBad, a.say("alert_cases", slots)
	}
	return a.overdue
}

// tellOf tells of a standing what is new: that it is bad, worse, or good again.
func (a *alerts) tellOf(c standing, now time.Time) {
	if c.about == "" {
		return
	}
	m := a.matter(c.about)
	if !m.isNews(c, now) {
		return
	}
	if a.put(Alert{About: c.about, Good: c.level == levelFine, Text: a.headed(c.level, c.text)}) {
		m.told, m.toldAt = c.level, now
	}
}

// isNews takes note of a standing and reports whether it is to be told now.
func (m *matter) isNews(c standing, now time.Time) bool {
	if c.level == levelFine {
		m.since = time.Time{}
		return m.told != levelFine && m.apart(now)
	}
	if m.since.IsZero() {
		m.since = now
	}
	lasts := c.at || now.Sub(m.since) > alertAfter
	return lasts && c.level > m.told && (c.level == levelStopped || m.apart(now))
}

// matter is what is known of one thing.
func (a *alerts) matter(about string) *matter {
	if a.matters[about] == nil {
		a.matters[about] = &matter{}
	}
	return a.matters[about]
}

// apart reports whether the last alert about it was long ago.
func (m *matter) apart(now time.Time) bool {
	return m.toldAt.IsZero() || now.Sub(m.toldAt) >= alertApart
}

// tellOfGivenUp tells how many replies could not be delivered. Each is a case by now; there is nothing to be good again.
func (a *alerts) tellOfGivenUp(now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for name, n := range a.givenUp {
		about := "replies " + name
		m := a.matter(about)
		text := a.say("alert_replies", prompts.Slots{"channel": name, "count": strconv.Itoa(n)})
		if m.apart(now) && a.put(Alert{About: about, Text: a.headed(levelBad, text)}) {
			m.toldAt = now
			delete(a.givenUp, name)
		}
	}
}

// put queues an alert, and reports whether there was room.
func (a *alerts) put(x Alert) bool {
	select {
	case a.queue <- x:
		return true
	default:
		return false
	}
}

// tellAll tells one alert after the other until ctx ends.
func (a *alerts) tellAll(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case x := <-a.queue:
			a.insist(ctx, x)
		}
	}
}

// insist tells an alert, and tries again a few times.
func (a *alerts) insist(ctx context.Context, x Alert) {
	wait := alertFirst
	for try := 1; ; try++ {
		err := a.once(ctx, x)
		switch {
		case err == nil, ctx.Err() != nil:
			return
		case try == alertTries:
			a.s.Log.Error("an alert could not be told", "about", x.About, "good", x.Good, "error", err)
			return
		}
		a.s.Log.Warn("an alert was not told and is tried again", "about", x.About, "after", wait, "error", err)
		if !sleep(ctx, wait) {
			return
		}
		wait *= 4
	}
}

// once tries once to tell an alert.
func (a *alerts) once(ctx context.Context, x Alert) (err error) {
	ctx, cancel := context.WithTimeout(ctx, a.s.Limits.Deliver)
	defer cancel()
	defer func() {
		if v := recover(); v != nil {
			a.s.Log.Error("telling an alert panicked", "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			err = &panicError{v}
		}
	}()
	return a.s.Alert(ctx, x)
}

func (a *alerts) say(name string, slots prompts.Slots) string {
	return prompts.Render(cmp.Or(a.s.Lang, prompts.Chinese), name, slots)
}

// headed is the text of an alert with what it begins with.
func (a *alerts) headed(level int, text string) string {
	name := "alert_bad"
	if level == levelFine {
		name = "alert_good"
	}
	return a.say(name, prompts.Slots{"text": text})
}

// minutes is a time in whole minutes.
func minutes(d time.Duration) string { return strconv.Itoa(int(d.Minutes())) }
