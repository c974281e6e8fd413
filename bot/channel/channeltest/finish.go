package channeltest

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/bot/channel"
)

func finishCases(w *world) []Case {
	var out []Case
	for _, l := range []channel.Label{channel.LabelExtract, channel.LabelAI, channel.LabelStaff, channel.LabelNotice} {
		out = append(out, Case{"finish/the label " + string(l) + " is seen", func(w *world) error { return labelSeen(w, l) }})
	}
	out = append(out, Case{"finish/English is shown once", func(w *world) error {
		d := notice("The allowance is paid once a year.")
		d.Lang = "en"
		return w.shown(d)
	}})
	out = append(out, when(w.caps.Formatted, Case{"finish/parts and sources are seen", partsSeen})...)
	out = append(out, when(w.can.Late, Case{"finish/a later document follows", func(w *world) error { return lateFollows(w, false) }})...)
	return append(out, when(w.can.Late && w.can.Lasting,
		Case{"finish/a later document by a fresh channel follows", func(w *world) error { return lateFollows(w, true) }})...)
}

// shown delivers documents in answer to one question each and checks the screen.
func (w *world) shown(d channel.Doc) error {
	t, err := w.asked()
	if err != nil {
		return err
	}
	if err := t.deliver(d); err != nil {
		return err
	}
	return w.shows(room, d)
}

func labelSeen(w *world, l channel.Label) error {
	d := document(l, "第三条 对符合条件的企业给予补贴。")
	if err := w.shown(d); err != nil {
		return err
	}
	return w.labelled(l)
}

// labelled checks that every message in the room shows the label.
func (w *world) labelled(l channel.Label) error {
	for i, m := range w.screen(room).Messages {
		if m.Label != l {
			return fmt.Errorf("message %d shows the label %q, want %q", i+1, m.Label, l)
		}
	}
	return nil
}

func partsSeen(w *world) error {
	d := channel.Doc{
		Lang: "zh", Label: channel.LabelExtract, Text: "第一句。第二句。本办法已失效。",
		Nodes: []channel.Node{
			{Kind: channel.Sentence, Text: "第一句。", Cites: []int{1}},
			{Kind: channel.Sentence, Text: "第二句。", Cites: []int{2, 1}},
			{Kind: channel.Notice, Text: "本办法已失效。"},
		},
		Citations: []channel.Citation{
			{N: 1, Title: "办法甲", Number: "国发〔2020〕1号", Path: "第三条", Quote: "第一句。", Clause: "a.1"},
			{N: 2, Title: "办法乙 <@all>", Path: "第四条", Quote: "第二句。", Clause: "b.1", URL: "https://example.com/b"},
		},
	}
	t, err := w.asked()
	if err != nil {
		return err
	}
	if err := t.deliver(d); err != nil {
		return err
	}
	var text, sources strings.Builder
	for _, m := range w.screen(room).Messages {
		text.WriteString(m.Text)
		for _, s := range m.Sources {
			sources.WriteString(s + "\n")
		}
		err = errors.Join(err, check(m.Pings == 0, "the title of a document called on %d people", m.Pings))
	}
	for _, n := range d.Nodes {
		err = errors.Join(err, check(strings.Contains(bare(text.String()), bare(n.Text)), "%q is not on screen", n.Text))
	}
	for _, c := range d.Citations {
		err = errors.Join(err, check(strings.Contains(sources.String(), c.Title), "the source %q is not on screen", c.Title))
	}
	return err
}

// lateFollows delivers the reply to a question and then a person's, which has an id of its own.
func lateFollows(w *world, restart bool) error {
	t, err := w.asked()
	if err != nil {
		return err
	}
	first, second := notice("Nothing was found, a person will answer."), document(channel.LabelStaff, "见第五条。")
	if err := t.deliver(first); err != nil {
		return err
	}
	if restart {
		if err := w.restart(); err != nil {
			return err
		}
	}
	t.id = "r-1"
	if err := t.deliver(second); err != nil {
		return err
	}
	if err := w.shows(room, first, second); err != nil {
		return err
	}
	m := w.screen(room).Messages
	return check(m[len(m)-1].Label == channel.LabelStaff, "the last message shows the label %q", m[len(m)-1].Label)
}

func textOutCases(*world) []Case {
	var out []Case
	for _, n := range nasty {
		if utf8.ValidString(n.text) && strings.TrimSpace(n.text) != "" {
			out = append(out, Case{"text out/" + n.name, func(w *world) error { return textOut(w, n.text) }})
		}
	}
	return out
}

// escapes are the sequences that move a terminal's cursor, colour text or set its title.
var escapes = regexp.MustCompile(`\x1b\[[0-9;]*[A-Za-z]|\x1b\][^\x07]*\x07`)

func textOut(w *world, text string) error {
	d := notice(text)
	if n := w.fits(); n > 0 && len(text) > n {
		if err := w.shortened(d); err != nil && w.shows(room, d) != nil {
			return err
		}
	} else if err := w.shown(d); err != nil {
		without := notice(escapes.ReplaceAllString(text, ""))
		if without.Text == text || w.shows(room, without) != nil {
			return err
		}
	}
	for i, m := range w.screen(room).Messages {
		if m.Pings > 0 {
			return fmt.Errorf("message %d called on %d people", i+1, m.Pings)
		}
		if at := strings.IndexFunc(m.Text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }); at >= 0 {
			return fmt.Errorf("message %d shows a control character: %s", i+1, brief(m.Text[at:]))
		}
		if !utf8.ValidString(m.Text) {
			return fmt.Errorf("message %d is not valid UTF-8: %s", i+1, brief(m.Text))
		}
	}
	return w.labelled(channel.LabelNotice)
}

func budgetCases(w *world) []Case {
	n := w.caps.Budget
	if n == 0 {
		n = 4000
	}
	texts := []struct{ name, text, end string }{ // every cut can be made after end, if there is one
		{"one byte less than the budget", strings.Repeat("a", n-1), ""},
		{"exactly the budget", strings.Repeat("a", n), ""},
		{"one byte over the budget", strings.Repeat("a", n+1), ""},
		{"a rune across the budget", strings.Repeat("a", n-1) + "税", ""},
		{"Chinese sentences", fill("对符合。", w.most(3*n)), "。"},
		{"English sentences", fill("It was so. ", w.most(3*n)), "."},
		{"sentences in quotes", fill("“好。”", w.most(2*n)), "”"},
		{"Chinese without an end", strings.Repeat("税", w.most(3*n)/3), ""},
		{"emoji of many runes", strings.Repeat("👩‍👩‍👧‍👦", n/20), ""},
		{"one long word", strings.Repeat("x", w.most(3*n+1)), ""},
		{"lines", fill("a line\n", w.most(2*n)), "line"},
		{"blank lines", fill("a\n\n\n\n", w.most(2*n)), "a"},
		{"a long sentence among short ones", "短。" + strings.Repeat("长", w.most(3*n)/3-8) + "。短。短。", ""},
		{"ten messages", numbered(w.most(10 * n)), "。"},
	}
	var out []Case
	for _, t := range texts {
		out = append(out, Case{"budget/" + t.name, func(w *world) error { return budget(w, t.text, t.end) }})
	}
	return append(out, when(w.caps.Messages > 0, Case{"budget/what is longer than all messages says so", tooLong})...)
}

// tooLong delivers more than there are messages for.
func tooLong(w *world) error {
	d := document(channel.LabelAI, numbered(10*w.caps.Messages*max(w.caps.Budget, 400)))
	return errors.Join(w.shortened(d), w.labelled(channel.LabelAI))
}

// shortened delivers a document that is too long, and looks for its beginning.
func (w *world) shortened(d channel.Doc) error {
	t, err := w.asked()
	if err != nil {
		return err
	}
	if err := t.deliver(d); err != nil {
		return err
	}
	return w.showsBeginning(room, d)
}

// fill repeats a text until it has at least so many bytes.
func fill(s string, bytes int) string { return strings.Repeat(s, bytes/len(s)+1) }

// numbered is a text of numbered sentences, in which a lost or exchanged one shows.
func numbered(bytes int) string {
	var b strings.Builder
	for i := 1; b.Len() < bytes; i++ {
		fmt.Fprintf(&b, "%d。", i)
	}
	return b.String()
}

func budget(w *world, text, end string) error {
	if err := w.shown(document(channel.LabelAI, text)); err != nil {
		return err
	}
	messages := w.screen(room).Messages
	if w.caps.Budget == 0 || len(text) <= w.caps.Budget {
		if len(messages) != 1 {
			return fmt.Errorf("%d messages, where one would do", len(messages))
		}
	}
	for i, m := range messages {
		if w.caps.Budget > 0 && len(m.Text) > w.caps.Budget {
			return fmt.Errorf("message %d has %d bytes, the budget is %d", i+1, len(m.Text), w.caps.Budget)
		}
		if !utf8.ValidString(m.Text) || strings.ContainsRune(m.Text, utf8.RuneError) {
			return fmt.Errorf("message %d has a rune cut in two: %s", i+1, brief(m.Text))
		}
		if strings.TrimSpace(m.Text) == "" {
			return fmt.Errorf("message %d is blank", i+1)
		}
		if i < len(messages)-1 && !strings.HasSuffix(strings.TrimSpace(m.Text), end) {
			return fmt.Errorf("message %d of %d does not end with a sentence: %s", i+1, len(messages), brief(m.Text))
		}
	}
	return w.labelled(channel.LabelAI)
}

func againCases(w *world) []Case {
	out := []Case{
		{"again/after success in the same channel shows one", func(w *world) error { return againDone(w, notice("Answer."), false) }},
		{"again/where nothing had arrived shows one", againFirst},
		{"again/of one document does not hide another of the same words", againOther},
	}
	long := document(channel.LabelAI, w.long(3))
	out = append(out, Case{"again/a long document in the same channel shows one", func(w *world) error { return againDone(w, long, false) }})
	out = append(out, when(w.can.Lasting,
		Case{"again/after success and a restart shows one", func(w *world) error { return againDone(w, notice("Answer."), true) }},
		Case{"again/a long document after a restart shows one", func(w *world) error { return againDone(w, long, true) }})...)
	for _, kind := range []FaultKind{FaultHang, FaultLost, FaultNoise, FaultBroken} {
		out = append(out, when(w.breaks(kind),
			Case{fmt.Sprintf("again/after %s shows one", kind), func(w *world) error { return againBroken(w, kind, notice("Answer."), false) }},
			Case{fmt.Sprintf("again/a long document after %s shows one", kind), func(w *world) error { return againBroken(w, kind, long, false) }})...)
		out = append(out, when(w.breaks(kind) && w.can.Lasting,
			Case{fmt.Sprintf("again/after %s and a restart shows one", kind), func(w *world) error { return againBroken(w, kind, long, true) }})...)
	}
	return append(out, when(w.breaks(FaultHang), Case{"again/after many attempts that hang shows one", againOften})...)
}

func againDone(w *world, d channel.Doc, restart bool) error {
	t, err := w.asked()
	if err != nil {
		return err
	}
	if err := t.insist(d, channel.Delivery{Key: "k1"}); err != nil {
		return err
	}
	return w.repeats(t, d, restart)
}

// repeats delivers a document once more, perhaps after a restart, and wants it shown once.
func (w *world) repeats(t *task, d channel.Doc, restart bool) error {
	if restart {
		if err := w.restart(); err != nil {
			return err
		}
	}
	if err := t.insist(d, channel.Delivery{Key: "k1", Again: true}); err != nil {
		return err
	}
	return w.shows(room, d)
}

func againFirst(w *world) error {
	t, err := w.asked()
	if err != nil {
		return err
	}
	d := notice("Answer.")
	if err := t.insist(d, channel.Delivery{Key: "k1", Again: true}); err != nil {
		return err
	}
	return w.shows(room, d)
}

func againOther(w *world) error {
	first, err := w.asked()
	if err != nil {
		return err
	}
	second, err := w.asked()
	if err != nil {
		return err
	}
	d := notice("The same answer.")
	if err := first.insist(d, channel.Delivery{Key: "k1"}); err != nil {
		return err
	}
	if err := second.insist(d, channel.Delivery{Key: "k10", Again: true}); err != nil {
		return err
	}
	return w.shows(room, d, d)
}

// againBroken lets the first attempt fail; what came of it is not known.
func againBroken(w *world, kind FaultKind, d channel.Doc, restart bool) error {
	t, err := w.asked()
	if err != nil {
		return err
	}
	w.p.(Breaker).Break(Fault{Kind: kind, On: OnFinish, Times: 1})
	// The channel may have found out by itself what came of it: then the first attempt succeeds.
	err = t.once(context.Background(), d, channel.Delivery{Key: "k1"})
	if _, wait := errors.AsType[*channel.WaitError](err); wait || channel.IsGone(err) {
		return fmt.Errorf("a call that failed with %q gave %w, want a temporary error", kind, err)
	}
	if err != nil {
		if err := w.noSecret("the error", err.Error()); err != nil {
			return err
		}
	}
	return w.repeats(t, d, restart)
}

func againOften(w *world) error {
	t, err := w.asked()
	if err != nil {
		return err
	}
	d := document(channel.LabelAI, w.long(4))
	for i := range 6 {
		w.p.(Breaker).Break(Fault{Kind: FaultHang, On: OnFinish, Times: 1})
		// Each attempt may get one part further; its error says no more than that its end is not known.
		_ = t.once(context.Background(), d, channel.Delivery{Key: "k1", Again: i > 0})
	}
	if err := t.insist(d, channel.Delivery{Key: "k1", Again: true}); err != nil {
		return err
	}
	return w.shows(room, d)
}
