package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"policybot/bot"
	"policybot/bot/console"
	"policybot/bot/httpapi"
	"policybot/bot/journal"
	journaldb "policybot/bot/sqlite"
)

// TestEraseAccount: the saved searches of an account go with it, however it is named, and no others.
func TestEraseAccount(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	pb(t, data, "users", "add", "olga", "--role", "ops").want(t, exitOK)
	pb(t, data, "users", "add", "otto", "--role", "ops").want(t, exitOK)
	s := serving(t, data, nil, nil)
	s.stop() // it has made the key
	a, err := book(t, data).Account(t.Context(), "olga")
	if err != nil {
		t.Fatal(err)
	}
	actor := console.AccountActor(a.ID)
	hash := bot.UserHash([]byte(read(t, filepath.Join(data, keyName))), httpapi.Name, actor)
	erase := func(args ...string) output { return pb(t, data, append([]string{"privacy", "erase"}, args...)...) }
	for _, args := range [][]string{
		{"--user", hash},
		{"--platform", httpapi.Name, "--id", actor.ID},
		{"--platform", console.AccountPlatform, "--id", "olga"},
	} {
		saveViews(t, data, "olga", "otto")
		erase(args...).want(t, exitOK).shows(t, "1 saved searches")
		if left := viewsOf(t, data); !slices.Equal(left, []string{"otto"}) {
			t.Errorf("%q leaves those of %q", args, left)
		}
	}
	erase("--platform", console.AccountPlatform, "--id", "nobody").want(t, exitError).says(t, "no account nobody")
	saveViews(t, data, "olga")
	if err := os.Remove(filepath.Join(data, keyName)); err != nil {
		t.Fatal(err)
	}
	if r := erase("--user", hash); !strings.Contains(r.out, "accounts are not recognised") {
		t.Errorf("nothing is said of a missing key:\n%s", r.out)
	}
	erase("--platform", console.AccountPlatform, "--id", "olga").want(t, exitError).says(t, "key file")
}

// saveViews keeps one search for each account.
func saveViews(t testing.TB, data string, owners ...string) {
	t.Helper()
	withDB(t, data, func(db *journaldb.DB) error {
		for _, owner := range owners {
			if err := db.SaveView(t.Context(), journal.View{Owner: owner, Name: "mine", Query: "outcome=abstained"}); err != nil {
				return err
			}
		}
		return nil
	})
}

// viewsOf lists whose searches are kept.
func viewsOf(t testing.TB, data string) (owners []string) {
	t.Helper()
	withDB(t, data, func(db *journaldb.DB) error {
		list, err := db.EveryView(t.Context())
		for _, v := range list {
			owners = append(owners, v.Owner)
		}
		return err
	})
	return owners
}
