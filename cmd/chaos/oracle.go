//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"policybot/bot/journal"
)

// A page is what the journal says of one question.
type page struct {
	id, text string
	state    journal.State
	reason   string
	user     string
	at       time.Time // of acceptance
	finals   int       // deliveries of the one reply
	notices  int       // deliveries that tell of a refusal
	failed   int       // of both, those that never arrived
	open     int       // of both, those that are still on their way
}

// judgeAsked wants for each question that was acknowledged exactly one reply or notice in the asker's eyes,
// and for every other at most one. It gives one line for each that is lost or doubled.
func judgeAsked(all []asked) []string {
	var problems []string
	for _, a := range all {
		name := a.via + " " + a.mark + " (" + a.key + ")"
		switch n := len(a.replies); {
		case n > 1:
			problems = append(problems, fmt.Sprintf("doubled: %s got %d replies: %q", name, n, clipAll(a.replies)))
		case n == 0 && a.turnedAway == 0 && a.acked && !a.withdrawn && !a.untold:
			problems = append(problems, "lost: "+name+" was acknowledged and got no reply")
		}
	}
	return problems
}

// judgeJournal wants each question stored once and at its end: a closed one with exactly one final
// delivery, which arrived; a cancelled one with none; a refused one with at most one notice.
func judgeJournal(pages []page, all []asked) []string {
	var problems []string
	stored, taken := map[string]bool{}, map[string]int{} // by mark; taken are those not refused
	for _, p := range pages {
		m := markIn(p.text)
		stored[m] = true
		if p.state != journal.Refused && m != "" {
			if taken[m]++; taken[m] == 2 {
				problems = append(problems, fmt.Sprintf("doubled: the journal holds %s more than once", m))
			}
		}
		if why := p.wrong(); why != "" {
			problems = append(problems, fmt.Sprintf("journal: question %s (%s) %s", p.id, p.state, why))
		}
	}
	for _, a := range all {
		if a.mark != "" && a.acked && !a.withdrawn && !stored[a.mark] {
			problems = append(problems, fmt.Sprintf("lost: %s %s was acknowledged and is not in the journal", a.via, a.mark))
		}
	}
	return problems
}

// tellOnce is for how long one notice of a refusal is enough for one user in the chat.
const tellOnce = time.Minute

// excuse marks as untold those that were refused in the chat within tellOnce of a notice to the same user.
func excuse(pages []page, all []asked) {
	told := map[string][]time.Time{}
	refused := map[string]page{}
	for _, p := range pages {
		if p.state != journal.Refused {
			continue
		}
		if p.notices > 0 {
			told[p.user] = append(told[p.user], p.at)
		}
		refused[markIn(p.text)] = p
	}
	for i := range all {
		p, ok := refused[all[i].mark]
		if all[i].via != viaChat || all[i].mark == "" || !ok {
			continue
		}
		all[i].untold = slices.ContainsFunc(told[p.user], func(at time.Time) bool { return !at.After(p.at) && p.at.Sub(at) <= tellOnce })
	}
}

// wrong says what is wrong with a question after everything has come to rest; "" when nothing is.
func (p page) wrong() string {
	want := 0
	switch p.state {
	case journal.Closed:
		want = 1
	case journal.Cancelled, journal.Refused:
	default:
		return "has not come to its end"
	}
	switch {
	case p.finals != want:
		return fmt.Sprintf("has %d final deliveries, want %d", p.finals, want)
	case p.notices > 1 || p.notices > 0 && p.state != journal.Refused:
		return fmt.Sprintf("has %d notices", p.notices)
	case p.failed > 0:
		return "has a delivery that was given up"
	case p.open > 0:
		return "has a delivery on its way"
	}
	return ""
}

// markIn finds the mark in a question's text; "" when there is none.
func markIn(text string) string {
	_, rest, ok := strings.Cut(text, "ref-")
	if !ok || len(rest) < 5 {
		return ""
	}
	return "ref-" + rest[:5]
}

// readPages reads what a journal says of all its questions.
func readPages(ctx context.Context, log journal.Log) ([]page, error) {
	var pages []page
	var ids []string
	for q, err := range log.Entries(ctx, journal.Filter{Brief: true}) {
		if err != nil {
			return nil, fmt.Errorf("read the journal: %w", err)
		}
		ids = append(ids, q.ID)
	}
	for _, id := range ids {
		e, err := log.Entry(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("read question %s of the journal: %w", id, err)
		}
		pages = append(pages, pageOf(e))
	}
	return pages, nil
}

func pageOf(e journal.Entry) page {
	p := page{id: e.Question.ID, text: e.Question.Text, state: e.Question.State, reason: e.Question.Reason, user: e.Question.User, at: e.Question.AcceptedAt}
	for _, d := range e.Deliveries {
		switch d.Purpose {
		case journal.Final:
			p.finals++
		case journal.Notice:
			p.notices++
		default:
			continue
		}
		switch d.State {
		case journal.Failed, journal.Dropped:
			p.failed++
		case journal.Ready, journal.Posting:
			p.open++
		}
	}
	return p
}

// problems makes one error of a list; nil when it is empty.
func problems(what string, list []string) error {
	if len(list) == 0 {
		return nil
	}
	return fmt.Errorf("%s: %s", what, shorten(list, 5))
}

func clipAll(texts []string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = clip(t, 60)
	}
	return out
}

// leak reports secrets in what a program printed or sent.
func leak(where, text string) error {
	var found []error
	for _, secret := range canaries {
		if at := strings.Index(text, secret.value); at >= 0 {
			found = append(found, fmt.Errorf("%s holds %s near %q", where, secret.name, around(text, at)))
		}
	}
	return errors.Join(found...)
}

// around quotes what stands before a place, so that the secret itself is not printed.
func around(text string, at int) string {
	return strings.ToValidUTF8(text[max(0, at-60):at], "")
}
