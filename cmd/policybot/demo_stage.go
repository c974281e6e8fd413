package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"policybot/bot"
	"policybot/bot/slack/act"
	"policybot/bot/slackfake"
	"policybot/bot/slackfake/blockkit"
)

// Who and where in the fake workspace.
const (
	demoBot   = "U0BOT"
	demoRoom  = "C0POLICY"
	demoStaff = "C0STAFF"
	demoAnn   = "U0ANN"
	demoBen   = "U0BEN"
)

var demoNames = map[string][2]string{
	demoAnn: {"林小雨", "Ann"}, demoBen: {"陈老师（工作人员）", "Ben (staff)"}, demoRoom: {"#政策咨询", "#policy"}, demoStaff: {"#政策办理", "#policy-staff"},
}

// Boards are where a demonstration is printed.
type boards struct {
	out   io.Writer
	lang  string            // zh or en
	notes map[string]string // what is noted between the scenes
}

// A troupe plays the demonstration in Slack.
type troupe struct {
	boards
	fake   *slackfake.Server
	script script
	seen   map[string]string // messages that were printed, as they were then
}

// in is a word of the transcript in its language.
func (s *boards) in(zh, en string) string {
	if s.lang == "en" {
		return en
	}
	return zh
}

// name is how somebody, or a channel, is called.
func (s *troupe) name(id string) string { return s.in(demoNames[id][0], demoNames[id][1]) }

// delayed answers all but questions that begin so, which wait until they are withdrawn: so that there is something to stop.
type delayed struct{ bot.Answerer }

const delayMark = "\u3000"

// Explain implements bot.Answerer.
func (h delayed) Explain(ctx context.Context, q bot.Question) (bot.Answer, bot.Explanation, error) {
	if strings.HasPrefix(q.Text, delayMark) {
		<-ctx.Done()
		return bot.Answer{}, bot.Explanation{}, ctx.Err()
	}
	return h.Answerer.Explain(ctx, q)
}

// until waits for something that people see.
func (s *troupe) until(ctx context.Context, what string, done func() bool) error {
	ctx, quit := context.WithTimeout(ctx, demoTime)
	defer quit()
	if err := s.fake.Wait(ctx, done); err != nil {
		return fmt.Errorf("wait for %s: %w", what, err)
	}
	return nil
}

// ready waits until the bot is connected.
func (s *troupe) ready(ctx context.Context) error {
	s.fake.AddChannel(slackfake.Channel{ID: demoRoom, Name: strings.TrimPrefix(s.name(demoRoom), "#"), Kind: slackfake.KindChannel, Members: []string{demoAnn, demoBen}})
	s.fake.AddChannel(slackfake.Channel{ID: demoStaff, Name: strings.TrimPrefix(s.name(demoStaff), "#"), Kind: slackfake.KindGroup, Members: []string{demoBen}})
	s.fake.AddUser(slackfake.User{ID: demoAnn, Name: s.name(demoAnn)})
	s.fake.AddUser(slackfake.User{ID: demoBen, Name: s.name(demoBen)})
	return s.until(ctx, "the bot's connections", func() bool { return s.fake.Connections() > 1 })
}

// note prints what comes next.
func (s *boards) note(what string) { fmt.Fprintf(s.out, "\n— %s\n", s.notes[what]) }

// plain prints a line that nobody says.
func (s *boards) plain(text string) { fmt.Fprintf(s.out, "\n    %s\n", text) }

// line prints what somebody does.
func (s *troupe) line(user, text string) { fmt.Fprintf(s.out, "\n%s\n    %s\n", s.name(user), text) }

// says lets somebody speak, prints it, and waits for one more message of the bot in the thread.
func (s *troupe) says(ctx context.Context, said slackfake.Said) (thread string, err error) {
	where := s.in("私信", "direct message")
	if said.Channel != "" {
		where = s.name(said.Channel)
	}
	if said.Thread != "" {
		where += s.in("，话题里", ", in the thread")
	}
	fmt.Fprintf(s.out, "\n%s  %s\n    %s\n", s.name(said.User), where, strings.ReplaceAll(said.Text, "<@"+demoBot+">", "@policybot"))
	g, err := s.fake.Say(said)
	if err != nil {
		return "", err
	}
	place, ts := s.fake.TS(g)
	thread = first(said.Thread, ts)
	return thread, s.answered(ctx, place, thread)
}

// answered waits for one more whole message of the bot in a thread and prints what is new there.
func (s *troupe) answered(ctx context.Context, place, thread string) error {
	err := s.until(ctx, "an answer", func() bool { return len(s.fresh(place, thread)) > 0 })
	if err != nil {
		return err
	}
	for _, m := range s.fresh(place, thread) {
		s.print(m)
	}
	return nil
}

// fresh are whole messages of the bot that were not printed yet.
func (s *troupe) fresh(place, thread string) []slackfake.Message {
	var out []slackfake.Message
	for _, m := range s.fake.Messages(place, thread) {
		if m.Own && m.State != slackfake.StateStreaming && (len(m.Metadata) > 0 || m.Ephemeral != "") && s.seen[m.Channel+m.TS] == "" {
			out = append(out, m)
		}
	}
	return out
}

// print prints a message of the bot as people see it.
func (s *troupe) print(m slackfake.Message) {
	if s.seen == nil {
		s.seen = map[string]string{}
	}
	s.seen[m.Channel+m.TS] = m.Text
	how := ""
	switch {
	case m.Ephemeral != "":
		how = "  " + s.in("（仅本人可见）", "(only visible to you)")
	case m.State != "":
		how = "  " + s.in("（逐句流出）", "(streamed)")
	}
	fmt.Fprintf(s.out, "\npolicybot%s\n", how)
	shown := blockkit.ReadMrkdwn(m.Text)
	if len(m.Blocks) > 0 {
		shown = blockkit.Read(m.Blocks)
	}
	s.show(shown)
}

// shownInputs is how many fields of a form are printed.
const shownInputs = 5

// show prints what blocks show.
func (s *troupe) show(shown blockkit.Shown) {
	fields := map[string]bool{} // they are printed below
	for _, in := range shown.Inputs {
		fields[in.Label], fields[in.Hint] = true, true
	}
	for line := range strings.SplitSeq(strings.TrimSpace(shown.Text), "\n") {
		if !fields[line] || line == "" {
			fmt.Fprintln(s.out, strings.TrimRight("    "+line, " "))
		}
	}
	var links []string
	for _, c := range shown.Citations {
		if !slices.Contains(links, c.URL) {
			links = append(links, c.URL)
		}
	}
	if len(links) > 0 {
		fmt.Fprintf(s.out, "    ↳ %s\n", strings.Join(links, "\n    ↳ "))
	}
	var labels []string
	for _, b := range shown.Buttons {
		labels = append(labels, "["+b.Text+"]")
	}
	if len(labels) > 0 {
		fmt.Fprintf(s.out, "    %s\n", strings.Join(labels, " "))
	}
	s.inputs(shown.Inputs)
}

// inputs prints the fields of a form.
func (s *troupe) inputs(all []blockkit.Input) {
	for _, in := range all[:min(len(all), shownInputs)] {
		fmt.Fprintf(s.out, "    ▢ %s%s\n", in.Label, options(in.Menu))
		for line := range strings.SplitSeq(in.Initial, "\n") {
			if line != "" {
				fmt.Fprintf(s.out, "      │ %s\n", line)
			}
		}
	}
	if more := len(all) - shownInputs; more > 0 {
		fmt.Fprintf(s.out, s.in("    ……另有 %d 项\n", "    … and %d more\n"), more)
	}
}

func options(m *blockkit.Menu) string {
	if m == nil {
		return ""
	}
	var all []string
	for _, o := range m.Options {
		all = append(all, o.Text)
	}
	return ": " + strings.Join(all, " / ")
}

// presses lets somebody press a button of the latest message that has it in a thread.
func (s *troupe) presses(user, place, thread, action string) error {
	all := s.fake.Messages(place, thread)
	for _, m := range slices.Backward(all) {
		for _, b := range blockkit.Read(m.Blocks).Buttons {
			if !act.Is(b.ActionID, action) && b.ActionID != action || action == act.Rate && !strings.HasPrefix(b.Value, act.Bad) {
				continue
			}
			fmt.Fprintf(s.out, "\n%s  [%s]\n", s.name(user), b.Text)
			_, err := s.fake.Press(slackfake.Press{User: user, Channel: place, TS: m.TS, Action: b.ActionID, Value: b.Value})
			return err
		}
	}
	return fmt.Errorf("no button %s in %s", action, place)
}

// directly waits for a direct message of the bot and prints it.
func (s *troupe) directly(ctx context.Context) error {
	var fresh []slackfake.Message
	err := s.until(ctx, "a direct message", func() bool {
		fresh = nil
		for _, m := range s.fake.All("") {
			if m.Own && strings.HasPrefix(m.Channel, "D") && m.State != slackfake.StateStreaming && len(m.Metadata) > 0 && s.seen[m.Channel+m.TS] == "" {
				fresh = append(fresh, m)
			}
		}
		return len(fresh) > 0
	})
	for _, m := range fresh {
		s.print(m)
	}
	return err
}

// modal waits for a modal to open for somebody and prints it.
func (s *troupe) modal(ctx context.Context, user, callback string) (slackfake.View, error) {
	var open slackfake.View
	err := s.until(ctx, "the form "+callback, func() bool {
		all := s.fake.Views(user)
		if len(all) == 0 || all[len(all)-1].CallbackID != callback {
			return false
		}
		open = all[len(all)-1]
		return true
	})
	if err != nil {
		return open, err
	}
	fmt.Fprintf(s.out, "\n┌ %s\n", open.Title)
	s.show(blockkit.Read(open.Blocks))
	if open.Submit != "" {
		fmt.Fprintf(s.out, "    [%s]\n", open.Submit)
	}
	fmt.Fprintln(s.out, "└")
	return open, nil
}

// submits lets somebody fill a form in by the order of its inputs, and send it.
func (s *troupe) submits(ctx context.Context, user string, v slackfake.View, entered ...string) error {
	inputs := blockkit.Read(v.Blocks).Inputs
	values := map[string]string{}
	for i, text := range entered {
		if i >= len(inputs) {
			return errors.New("the form has too few fields")
		}
		if text != "" {
			values[inputs[i].BlockID] = text
			fmt.Fprintf(s.out, "    %s ← %s\n", inputs[i].Label, strings.ReplaceAll(text, "\n", "\n      "))
		}
	}
	g, err := s.fake.Submit(user, v.ID, values)
	if err != nil {
		return err
	}
	err = s.until(ctx, "the form's answer", func() bool { _, ok := s.fake.Acked(g); return ok })
	if trouble := s.fake.Trouble(g); err == nil && trouble != "" {
		err = errors.New(trouble)
	}
	return err
}
