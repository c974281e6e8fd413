package storm

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/bot/wecom/outgoing"
	"policybot/bot/wecomfake"
	"policybot/bot/wecomfake/judge"
)

// lastLine is how a message of a document ends: its label, which part of how many it is, and the reference.
var lastLine = regexp.MustCompile(`(?m)^— (原文摘录|AI 生成，逐句核对过出处|系统消息)(?:（(\d+)/(\d+)）)? · 编号 ([0-9A-Z]+)$`)

// telling is how long after a message came people are told, at the latest, that it was not taken.
const telling = 15 * time.Minute

// tooLong is what a document ends with of which there is more.
const tooLong = "回答太长，企业微信里显示到这里为止"

// A piece is a message of a document.
type piece struct {
	Shown
	seen        string // as people see it, without the last line
	label       string
	part, parts int
}

var labels = map[channel.Label]string{channel.LabelExtract: "原文摘录", channel.LabelNotice: "系统消息"}

// A verdict gathers what is on screen.
type verdict struct {
	*storm
	pieces map[string][]piece // by reference
	own    map[string][]Shown // by gesture
	cases  map[string]journal.Case
	stored map[string]int // by number
	told   []Shown        // that something was not taken, without telling which
}

// check compares what people see with what they asked.
func (s *storm) check() {
	v := &verdict{storm: s, pieces: map[string][]piece{}, own: map[string][]Shown{}, cases: map[string]journal.Case{}, stored: map[string]int{}}
	v.readScreens()
	cases, err := s.rows.ListCases(context.Background(), "")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, c := range cases {
		v.cases[c.Question] = c
	}
	for q, err := range s.rows.Entries(context.Background(), journal.Filter{}) {
		if err != nil {
			s.t.Fatal(err)
		}
		v.stored[numberOf(q.Text)]++
		s.counts["questions taken"]++
		v.question(q.ID)
	}
	for ref, left := range v.pieces {
		s.t.Errorf("%d messages of %s in %s belong to no reply: %.80q", len(left), ref, left[0].Chat, left[0].Text)
	}
	v.arrivals()
	v.platform()
	s.counts["answers that took minutes"] += s.desk.slow
}

// readScreens sorts what is on screen.
func (v *verdict) readScreens() {
	for _, c := range slices.SortedFunc(maps.Keys(v.chats), func(a, b place) int { return strings.Compare(a.id, b.id) }) {
		for _, m := range v.f.Screen(c.id, c.group) {
			v.message(m)
		}
	}
}

func (v *verdict) message(m Shown) {
	if len(m.Text) > v.f.Bytes {
		v.t.Errorf("a message in %s has %d bytes", m.Chat, len(m.Text))
	}
	shown := judge.Read(v.f.Surface, m.Text).Text
	at := lastLine.FindStringSubmatchIndex(shown)
	switch {
	case m.Text == "":
		v.counts["seen: cards by themselves"]++
	case !m.Finished && m.Hangs:
		v.counts["seen: streams that WeCom ended"]++
		v.own[m.Gesture] = append(v.own[m.Gesture], m)
	case !m.Finished:
		v.t.Errorf("a stream in %s goes on for ever: %.80q", m.Chat, m.Text)
	case at != nil:
		v.counts["seen: messages of documents"]++
		group := func(i int) string {
			if at[2*i] < 0 {
				return ""
			}
			return shown[at[2*i]:at[2*i+1]]
		}
		p := piece{Shown: m, seen: shown[:at[0]] + shown[at[1]:], label: group(1), part: 1, parts: 1}
		if group(2) != "" {
			p.part, _ = strconv.Atoi(group(2)) // they are digits
			p.parts, _ = strconv.Atoi(group(3))
		}
		v.pieces[group(4)] = append(v.pieces[group(4)], p)
	case slices.Contains(v.f.Own, m.Text):
		v.own[m.Gesture] = append(v.own[m.Gesture], m)
		if m.Gesture == "" && isNotTaken(m) {
			v.told = append(v.told, m)
		}
		line, _, _ := strings.Cut(m.Text, "\n")
		v.counts["seen: "+line]++
	default:
		v.t.Errorf("a message in %s is of no document: %.80q", m.Chat, m.Text)
	}
}

// question judges one question that was taken.
func (v *verdict) question(id string) {
	e, err := v.rows.Entry(context.Background(), id)
	if err != nil {
		v.t.Fatal(err)
	}
	n := numberOf(e.Question.Text)
	if e.Question.State == journal.Cancelled {
		v.counts["end: stopped by the asker"]++
		if len(e.Deliveries) > 0 {
			v.t.Errorf("question %s was stopped and has a reply", n)
		}
		return
	}
	if len(e.Deliveries) != 1 {
		v.t.Errorf("question %s has %d replies", n, len(e.Deliveries))
		return
	}
	d := e.Deliveries[0]
	ref := outgoing.Ref(d.ID)
	pieces := v.pieces[ref]
	delete(v.pieces, ref)
	short, bad := v.whole(e.Question, d.Doc, pieces)
	if bad == nil {
		v.counts["pieces of complete documents"] += len(pieces)
	}
	switch c := v.cases[id]; {
	case d.State == journal.Posted && bad != nil:
		v.t.Errorf("question %s in %+v, delivered after %d attempts: %v", n, e.Question.Place, d.Attempts, bad)
	case d.State == journal.Posted && d.Doc.Label == channel.LabelNotice:
		v.counts["end: told that there is no answer"]++
	case d.State == journal.Posted && short:
		v.counts["end: complete as far as it can be shown"]++
	case d.State == journal.Posted:
		v.counts["end: complete"]++
	case d.State != journal.Failed:
		v.t.Errorf("the reply to question %s is %s after %d attempts: %s", n, d.State, d.Attempts, d.Why)
	case c.State != journal.CaseOpen || c.Reason != "undeliverable" && d.Doc.Label != channel.LabelNotice:
		v.t.Errorf("question %s was given up without a case: %+v", n, c)
	case len(pieces) == 0:
		v.counts["end: a case, nothing shown"]++
		v.counts["case: "+d.Why]++
	case bad == nil && !strings.Contains(d.Why, "cannot be known"):
		v.t.Errorf("question %s was given up and is there: %s", n, d.Why)
	case bad == nil:
		v.counts["end: complete and a case, the end of a push was not known"]++
	default:
		v.counts["end: a part and a case"]++
		v.counts["case: "+d.Why]++
	}
	for i, p := range pieces {
		if slices.ContainsFunc(pieces[:i], func(other piece) bool { return other.part == p.part }) {
			v.t.Errorf("question %s: part %d of its reply is there twice", n, p.part)
		}
	}
}

// whole tells what is wrong with messages that should be a document, whole and once, where it was asked for. short tells
// that they end where the platform takes no more.
func (v *verdict) whole(q journal.Question, d channel.Doc, pieces []piece) (short bool, err error) {
	if len(pieces) == 0 {
		return false, fmt.Errorf("it is not there")
	}
	var seen strings.Builder
	for i, p := range pieces {
		switch {
		case !strings.EqualFold(p.Chat, q.Place.ID) || p.Group != q.Place.Group:
			return false, fmt.Errorf("a message of it is in %s", p.Chat)
		case p.label != labels[d.Label]:
			return false, fmt.Errorf("message %d is labelled %q, want %s", i+1, p.label, d.Label)
		case p.part != i+1:
			return false, fmt.Errorf("message %d of %d is part %d of %d", i+1, len(pieces), p.part, p.parts)
		}
		short = strings.Contains(p.Text, tooLong)
		seen.WriteString(p.seen)
	}
	if short && (v.f.Most == 0 || len(pieces) > v.f.Most) || !short && len(pieces) != pieces[0].parts {
		return false, fmt.Errorf("%d of %d messages are there", len(pieces), pieces[0].parts)
	}
	return short, said(d, squash(seen.String()), short)
}

// said tells which sentence or source is missing, out of order, or there too often. Of a document that is short the
// first have to be there.
func said(d channel.Doc, all string, short bool) error {
	rest := all
	for i, n := range d.Nodes {
		if n.Kind != channel.Sentence && d.Label != channel.LabelNotice {
			continue // said in other words, and in other places
		}
		_, after, found := strings.Cut(rest, squash(n.Text))
		switch {
		case found:
			rest = after
		case short && i > 0:
			return nil
		default:
			return fmt.Errorf("%.60q is not there, or not in order", n.Text)
		}
		if times := strings.Count(all, squash(n.Text)); times > 1+len(d.Citations) {
			return fmt.Errorf("%.60q is there %d times", n.Text, times)
		}
	}
	for _, c := range d.Citations {
		if !short && (!strings.Contains(all, squash(c.Title)) || !strings.Contains(all, squash(c.Quote))) {
			return fmt.Errorf("source %d is not there: %.60q", c.N, c.Quote)
		}
	}
	return nil
}

// squash takes out what a layout may add between words.
func squash(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '>' || r == '•' {
			return -1
		}
		return r
	}, s)
}

// arrivals judges what became of what people said: it was taken once, or somebody knows why not.
func (v *verdict) arrivals() {
	lost := map[string]int{}
	for _, a := range v.said {
		lost[a.number]++
	}
	for n, times := range lost {
		if lost[n] -= v.stored[n]; lost[n] < 0 {
			v.t.Errorf("question %s was asked %d times and taken %d times", n, times, v.stored[n])
		}
	}
	for _, excuse := range []func(*saying) string{v.excuse, v.notice} {
		for _, a := range v.said {
			if lost[a.number] <= 0 {
				continue
			}
			if why := excuse(a); why != "" {
				lost[a.number]--
				v.counts["not taken: "+why]++
			}
		}
	}
	for n, times := range lost {
		if times > 0 {
			i := slices.IndexFunc(v.said, func(a *saying) bool { return a.number == n })
			v.t.Errorf("question %s is lost: first asked in %q by %s, %s", n, v.said[i].Group, v.said[i].User, v.around(v.said[i].at))
		}
	}
	v.counts["questions asked"] += len(v.said)
}

// around tells what broke around a time, for a person who looks for the cause.
func (s *storm) around(at time.Time) string {
	out := "at " + at.Format(time.TimeOnly+".000")
	for _, b := range s.broke {
		if d := b.at.Sub(at); d > -2*time.Minute && d < 4*time.Minute {
			out += fmt.Sprintf("; %s at %s", b.name, b.at.Format(time.TimeOnly+".000"))
		}
	}
	return out
}

// excuse tells why a question may not have been taken, "" for nothing that is sure to be of this question.
func (v *verdict) excuse(a *saying) string {
	if slices.ContainsFunc(v.own[a.gesture], isNotTaken) {
		return "the asker was told"
	}
	chat := a.chat()
	if v.f.Acks {
		if !v.f.Server.Acked(a.gesture) {
			return "WeCom gave up telling the bot"
		}
		return ""
	}
	if len(v.f.Server.Trouble(a.gesture)) > 0 {
		return "the bot was not connected"
	}
	if v.toldOnce(a) {
		return "the asker was told once for several"
	}
	if v.cutAt(a.at) {
		return "the connection or the process ended as it came"
	}
	for _, end := range v.ends {
		if d := end.at.Sub(a.at); d >= 0 && d < 50*time.Millisecond {
			return "the connection or the process ended as it came"
		}
		if v.wasFull(a.at, end.at) && v.crowded(chat, end.at) {
			return "the process ended while it could not be stored, and the chat had no room to be told"
		}
		if (end.kill || end.alone || v.failed(end.at)) && v.wasFull(a.at, end.at) {
			return "the process was killed, or ended without a connection that works, while it could not be stored"
		}
	}
	return ""
}

// notice looks for a message that something of the minutes before was not taken. Where it does not tell which, it counts for
// one question.
func (v *verdict) notice(a *saying) string {
	chat := a.chat()
	i := slices.IndexFunc(v.told, func(m Shown) bool {
		return place{m.Chat, m.Group} == chat && !m.At.Before(a.at) && m.At.Sub(a.at) < telling
	})
	if i < 0 {
		return ""
	}
	v.told = slices.Delete(v.told, i, i+1)
	return "the asker was told"
}

// cutAt reports whether a call took the connection with it at a time.
func (v *verdict) cutAt(at time.Time) bool {
	return slices.ContainsFunc(v.f.Server.Calls(), func(c wecomfake.Call) bool {
		return (c.Fault == wecomfake.FaultLost || c.Fault == wecomfake.FaultHang) && c.At.Sub(at).Abs() < 50*time.Millisecond
	})
}

// toldOnce reports whether the asker was told that another of their messages there, of the same minutes, was not taken.
func (v *verdict) toldOnce(a *saying) bool {
	return slices.ContainsFunc(v.said, func(other *saying) bool {
		return other.User == a.User && other.Group == a.Group && slices.ContainsFunc(v.own[other.gesture], func(m Shown) bool {
			return isNotTaken(m) && m.At.After(a.at) && m.At.Sub(a.at) < telling
		})
	})
}

// crowded reports whether a chat had as many messages within a minute as a process sends in its first.
func (v *verdict) crowded(chat place, at time.Time) bool {
	n := 0
	for _, m := range v.f.Screen(chat.id, chat.group) {
		if d := at.Sub(m.At); d >= 0 && d < 63*time.Second {
			n++
		}
	}
	return n >= 5
}

// failed reports whether calls failed when a process ended, or just before: a call that hangs takes the connection with it
// seconds later.
func (v *verdict) failed(end time.Time) bool {
	return slices.ContainsFunc(v.f.Server.Calls(), func(c wecomfake.Call) bool {
		d := c.At.Sub(end)
		return c.Fault != "" && d > -10*time.Second && d < 10*time.Second
	})
}

// wasFull reports whether an event of one time could not be stored until another, or was given up and people were still
// being told.
func (v *verdict) wasFull(from, to time.Time) bool {
	return !to.Before(from) && slices.ContainsFunc(v.fulls, func(full [2]time.Time) bool {
		until := full[1].Add(30 * time.Second)
		if full[1].Sub(from) > 100*time.Second {
			until = from.Add(telling)
		}
		return !from.Before(full[0]) && from.Before(full[1]) && to.Before(until)
	})
}

func isNotTaken(m Shown) bool { return strings.Contains(m.Text, "没能受理") }

// platform judges what the fake says of the bot.
func (v *verdict) platform() {
	if n := len(v.f.Server.SilentDrops()); n > 0 && !v.f.Repeats {
		v.t.Errorf("%d messages were dropped without a word: the first in %s", n, v.f.Server.SilentDrops()[0].Chat)
	}
	if advice := v.f.Server.Advice(); len(advice) > 0 {
		v.t.Errorf("%d messages are shown in part: %s", len(advice), advice[0])
	}
	for _, c := range v.f.Server.Calls() {
		switch {
		case c.Fault != "":
			v.counts["fault met: "+c.Fault]++
		case c.Code == 40058 && (c.Name != "response" || len(c.Body) > v.f.Bytes): // a response_url that was used is refused in the same way
			v.t.Errorf("%s was refused: %.200s", c.Name, c.Body)
		case c.Code != 0:
			v.counts[fmt.Sprintf("refused: %s with %d", c.Name, c.Code)]++
		}
	}
}
