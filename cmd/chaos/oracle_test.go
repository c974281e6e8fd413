//go:build linux

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

// TestOracleBites feeds the oracle each thing that it must find, once, among questions that are fine.
func TestOracleBites(t *testing.T) {
	fineAsked := []asked{
		{via: viaHTTP, key: "a", mark: "ref-aaaaa", acked: true, replies: []string{"1"}},
		{via: viaChat, key: "b", mark: "ref-aaaab", acked: true, replies: []string{"1"}},
		{via: viaChat, key: "c", mark: "ref-aaaac"},
		{via: viaChat, key: "d", mark: "ref-aaaad", replies: []string{"1"}},
		{via: viaChat, key: "e", mark: "ref-aaaae", acked: true, withdrawn: true},
		{via: viaChat, key: "f", mark: "ref-aaaaf", acked: true, untold: true},
	}
	finePages := []page{
		{id: "1", text: "q ref-aaaaa", state: journal.Closed, finals: 1},
		{id: "2", text: "q ref-aaaab", state: journal.Closed, finals: 1},
		{id: "4", text: "q ref-aaaad", state: journal.Closed, finals: 1},
		{id: "5", text: "q ref-aaaae", state: journal.Cancelled},
		{id: "6", text: "q ref-aaaaf", state: journal.Refused},
		{id: "7", text: "no mark", state: journal.Refused, notices: 1},
		{id: "8", text: "no mark", state: journal.Closed, finals: 1},
	}
	cases := []struct {
		name  string
		asked *asked
		page  *page
		want  string
	}{
		{name: "all fine"},
		{name: "turned away", asked: &asked{via: viaHTTP, key: "x", acked: true, turnedAway: 2}},
		{name: "turned away, then answered", asked: &asked{via: viaHTTP, key: "x", acked: true, turnedAway: 1, replies: []string{"1"}}},
		{name: "refused, then asked anew", page: &page{id: "9", text: "ref-aaaaa q", state: journal.Refused, notices: 1}},
		{"turned away, then doubled", &asked{via: viaHTTP, key: "x", acked: true, turnedAway: 1, replies: []string{"1", "2"}}, nil, "doubled: http"},
		{"lost", &asked{via: viaChat, key: "x", acked: true}, nil, "lost: chat"},
		{"doubled", &asked{via: viaHTTP, key: "x", acked: true, replies: []string{"1", "2"}}, nil, "doubled: http"},
		{"doubled without an acknowledgement", &asked{via: viaChat, key: "x", replies: []string{"1", "2"}}, nil, "doubled"},
		{"doubled though withdrawn", &asked{via: viaChat, key: "x", withdrawn: true, replies: []string{"1", "2"}}, nil, "doubled"},
		{"doubled though untold", &asked{via: viaChat, key: "x", untold: true, replies: []string{"1", "2"}}, nil, "doubled"},
		{"not stored", &asked{via: viaHTTP, key: "x", mark: "ref-zzzzz", acked: true, replies: []string{"1"}}, nil, "not in the journal"},
		{"stored twice", nil, &page{id: "9", text: "ref-aaaaa q", state: journal.Closed, finals: 1}, "the journal holds ref-aaaaa more than once"},
		{"waiting", nil, &page{id: "9", state: journal.Waiting}, "has not come to its end"},
		{"claimed", nil, &page{id: "9", state: journal.Claimed}, "has not come to its end"},
		{"answered, not posted", nil, &page{id: "9", state: journal.Answered, finals: 1, open: 1}, "has not come to its end"},
		{"closed without a final", nil, &page{id: "9", state: journal.Closed}, "0 final deliveries, want 1"},
		{"two finals", nil, &page{id: "9", state: journal.Closed, finals: 2}, "2 final deliveries, want 1"},
		{"final of a refused one", nil, &page{id: "9", state: journal.Refused, finals: 1}, "1 final deliveries, want 0"},
		{"final of a cancelled one", nil, &page{id: "9", state: journal.Cancelled, finals: 1}, "1 final deliveries, want 0"},
		{"notice of an answered one", nil, &page{id: "9", state: journal.Closed, finals: 1, notices: 1}, "has 1 notices"},
		{"two notices", nil, &page{id: "9", state: journal.Refused, notices: 2}, "has 2 notices"},
		{"given up", nil, &page{id: "9", state: journal.Closed, finals: 1, failed: 1}, "given up"},
		{"still on its way", nil, &page{id: "9", state: journal.Refused, notices: 1, open: 1}, "on its way"},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			all, pages := append([]asked(nil), fineAsked...), append([]page(nil), finePages...)
			if tt.asked != nil {
				all = append(all, *tt.asked)
			}
			if tt.page != nil {
				pages = append(pages, *tt.page)
			}
			got := append(judgeAsked(all), judgeJournal(pages, all)...)
			if tt.want == "" && len(got) == 0 {
				return
			}
			if len(got) != 1 || !strings.Contains(got[0], tt.want) {
				t.Errorf("the oracle says %q, want one line with %q", got, tt.want)
			}
		})
	}
}

// TestExcuse: a refusal without a notice is fine only within a minute after a notice to the same user.
func TestExcuse(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	told := page{text: "ref-aaaaa", state: journal.Refused, user: "u", at: at, notices: 1}
	for _, tt := range []struct {
		name string
		via  string
		page page
		want bool
	}{
		{"soon after", viaChat, page{user: "u", at: at.Add(time.Minute), state: journal.Refused}, true},
		{"late", viaChat, page{user: "u", at: at.Add(time.Minute + 1), state: journal.Refused}, false},
		{"before", viaChat, page{user: "u", at: at.Add(-1), state: journal.Refused}, false},
		{"of another", viaChat, page{user: "v", at: at, state: journal.Refused}, false},
		{"not refused", viaChat, page{user: "u", at: at, state: journal.Closed, finals: 1}, false},
		{"over HTTP", viaHTTP, page{user: "u", at: at, state: journal.Refused}, false},
	} {
		tt.page.text = "ref-aaaab"
		all := []asked{{via: tt.via, mark: "ref-aaaab", acked: true}}
		excuse([]page{told, tt.page}, all)
		if all[0].untold != tt.want {
			t.Errorf("%s: excused %t", tt.name, all[0].untold)
		}
	}
}

func TestPageOf(t *testing.T) {
	delivery := func(p journal.Purpose, s journal.DeliveryState) journal.Delivery {
		return journal.Delivery{Purpose: p, State: s, Doc: channel.Doc{}}
	}
	got := pageOf(journal.Entry{
		Question: journal.Question{ID: "q", Text: "t", State: journal.Closed},
		Deliveries: []journal.Delivery{
			delivery(journal.Final, journal.Posted), delivery(journal.Final, journal.Failed), delivery(journal.Notice, journal.Ready),
			delivery(journal.Notice, journal.Posting), delivery(journal.Notice, journal.Dropped), delivery(journal.Staff, journal.Failed),
		},
	})
	want := page{id: "q", text: "t", state: journal.Closed, finals: 2, notices: 3, failed: 2, open: 2}
	if got != want {
		t.Errorf("page %+v, want %+v", got, want)
	}
}

func TestMarks(t *testing.T) {
	var l ledger
	seen := map[string]bool{}
	for range 30000 {
		m := l.mark()
		if seen[m] || markIn("a question "+m+"?") != m {
			t.Fatalf("mark %s: seen %t, found as %q", m, seen[m], markIn("a question "+m+"?"))
		}
		seen[m] = true
	}
	for _, text := range []string{"", "no mark", "ref-", "ref-abc"} {
		if got := markIn(text); got != "" {
			t.Errorf("mark in %q: %q", text, got)
		}
	}
}

func TestLedger(t *testing.T) {
	var l ledger
	a := l.add(viaHTTP, "k", "m")
	l.saw(a, "one")
	l.saw(a, "one")
	if got := l.all(); len(got) != 1 || !got[0].acked || len(got[0].replies) != 1 {
		t.Errorf("the same reply twice: %+v", got)
	}
	l.saw(a, "two")
	l.add(viaChat, "k", "m")
	if got := l.tally(); got != (tally{asked: 2, acked: 1, replied: 1}) {
		t.Errorf("tally %+v", got)
	}
}

func TestLeak(t *testing.T) {
	if err := leak("here", "nothing to see"); err != nil {
		t.Error(err)
	}
	for _, c := range canaries {
		err := leak("here", "before "+c.value+" after")
		if err == nil || !strings.Contains(err.Error(), c.name) || strings.Contains(err.Error(), c.value) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestProblems(t *testing.T) {
	if err := problems("w", nil); err != nil {
		t.Error(err)
	}
	var many []string
	for i := range 9 {
		many = append(many, fmt.Sprint("p", i))
	}
	if err := problems("w", many); err == nil || !strings.Contains(err.Error(), "p4; and 4 more") {
		t.Errorf("many: %v", err)
	}
}
