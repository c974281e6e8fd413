package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"policybot/bot/accounts"
	"policybot/bot/journal"
	journaldb "policybot/bot/sqlite"
	"policybot/retrieval/publication"
)

// me is whoever runs the tests, as records call them.
func me() string { return "local:" + login() }

// trailOf are the rows of the audit as "what object detail", oldest first; each must be of whoever runs the tests.
func trailOf(t *testing.T, data string) []string {
	t.Helper()
	var out []string
	for _, e := range decodeAll[accounts.Entry](t, pb(t, data, "audit", "list", "--json", "-n", "1000").want(t, exitOK)) {
		if e.By == accounts.Program { // no command did it
			continue
		}
		if e.By != me() {
			t.Errorf("%+v is of somebody else", e)
		}
		out = append([]string{strings.TrimSpace(e.Does + " " + e.Object + " " + e.Detail)}, out...)
	}
	return out
}

// TestTrail: what commands change is in the audit, by the name that the operating system knows, and in no words of people;
// what is refused, or changes nothing, is not.
func TestTrail(t *testing.T) {
	if accounts.Local != publication.Local {
		t.Error("two packages know people at the machine by different names")
	}
	data, secret := seeded(t), "Zhang13800138000"
	seen := 0
	wants := func(args []string, code int, rows ...string) {
		t.Helper()
		pb(t, data, args...).want(t, code)
		list := trailOf(t, data)
		if got := strings.Join(list[seen:], "\n"); got != strings.Join(rows, "\n") || strings.Contains(got, secret) {
			t.Errorf("%q: the audit has\n%s\nwant\n%s", args, got, strings.Join(rows, "\n"))
		}
		seen = len(list)
	}
	pause := []string{"pause", "--reason", secret}
	wants(pause, exitOK, "answering.paused answering reason_chars=16")
	wants(pause, exitOK)
	wants([]string{"resume"}, exitOK, "answering.resumed answering")
	wants([]string{"resume"}, exitOK)

	mine := proposeAs(t, data, login(), publication.Upload{Kind: publication.Withdraw, Document: xiamen, Note: secret})
	wants([]string{"publication", "publish", mine.ID}, exitError)
	wants([]string{"publication", "publish", mine.ID, "--alone"}, exitOK, "document.publish "+mine.ID+" kind=withdraw document="+xiamen+" from=1 to=0 alone")
	wants([]string{"publication", "publish", mine.ID, "--alone"}, exitError)
	wants([]string{"publication", "rollback", mine.ID, "--reason", secret}, exitOK, "document.roll_back "+mine.ID+" kind=withdraw document="+xiamen+" from=0 to=1")
	anna := propose(t, data, publication.Upload{Kind: publication.Withdraw, Document: xiamen})
	wants([]string{"publication", "reject", anna.ID, "--reason", secret}, exitOK, "document.reject "+anna.ID+" kind=withdraw document="+xiamen+" from=1")

	wants([]string{"measures", "reject", "b-04", "none", "--reason", secret}, exitError, "measure.rejected b-04 reason_chars=16")
	wants([]string{"measures", "approve", "b-04"}, exitOK, "measure.approved b-04")
	wants([]string{"review", "teach", "none", secret}, exitError)
	teach := []string{"review", "teach", "beijing-2018-2020.h3.b3", secret}
	wants(teach, exitOK, "entry.made beijing-2018-2020.h3.b3")
	wants(teach, exitOK)
	entry := decode[struct{ Taught []struct{ ID string } }](t, pb(t, data, "review", "list", "--json").want(t, exitOK)).Taught[0].ID
	wants([]string{"review", "undo", entry, entry}, exitError, "entry.undone beijing-2018-2020.h3.b3 entry="+entry)

	file := filepath.Join(t.TempDir(), "honey.txt")
	for i, text := range []string{"关于蜂蜜的措施\n\n第一条 给予补贴。\n", "关于蜂蜜的措施\n\n第一条 给予奖励。\n"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		wants([]string{"index", file, filepath.Join(t.TempDir(), "none.txt")}, exitError, []string{"document.indexed honey", "document.indexed honey"}[i])
		wants([]string{"index", file}, exitOK)
	}
	erase := []string{"privacy", "erase", "--user", "aaaaaaaaaaaaaaaaaaaaaaaa"}
	wants(erase, exitError) // there is nothing of them
	withDB(t, data, func(db *journaldb.DB) error {
		return db.SaveView(t.Context(), journal.View{Owner: "olga", Name: secret, Query: "asker=" + erase[3]})
	})
	wants(erase, exitOK, "person.erased  questions=0")
	pb(t, data, "audit", "verify").want(t, exitOK)
}

// TestTrailCarried: what a running service carries out is by whoever ran the command, and case work is too.
func TestTrailCarried(t *testing.T) {
	data := seeded(t)
	s := serving(t, data, nil, nil)
	first, second := s.handOver(s.ask(unknownQuestion).ID, ""), s.handOver(s.ask(englishQuestion).ID, "")
	pb(t, data, "pause", "--reason", "x").want(t, exitOK)
	pb(t, data, "case", "reply", first, "请问市科创局。").want(t, exitOK)
	pb(t, data, "case", "reply", first, "请问市科创局。").want(t, exitError)
	pb(t, data, "case", "close", second, "--why", "重复").want(t, exitOK)
	pb(t, data, "case", "close", second, "--why", "重复").want(t, exitError)
	want := "answering.paused answering reason_chars=1\ncase.replied " + first + " chars=7\ncase.closed " + second + " reason_chars=2"
	if got := strings.Join(trailOf(t, data), "\n"); got != want {
		t.Errorf("the audit has\n%s\nwant\n%s", got, want)
	}
}
