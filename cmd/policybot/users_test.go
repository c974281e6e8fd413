package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"policybot/bot/accounts"
	journaldb "policybot/bot/sqlite"
)

const longPassword = "a long enough password"

// book opens the accounts of a data folder.
func book(t testing.TB, data string) *accounts.Book {
	t.Helper()
	db, err := journaldb.Open(t.Context(), filepath.Join(data, journaldb.FileName), journaldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	b, err := accounts.New(accounts.Options{Store: db})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// oneTimeCode finds the code in what was printed.
func oneTimeCode(t testing.TB, r output) string {
	t.Helper()
	code := regexp.MustCompile(`(?m)([0-9A-Z]{6}-){3}[0-9A-Z]{6}$`).FindString(r.out)
	if code == "" {
		t.Fatalf("no code in:\n%s", r.out)
	}
	return code
}

// enter redeems a code and signs in.
func enter(t testing.TB, b *accounts.Book, code, name string) accounts.Entered {
	t.Helper()
	if _, err := b.Redeem(t.Context(), code, longPassword, accounts.Client{}); err != nil {
		t.Fatal(err)
	}
	e, err := b.Login(t.Context(), accounts.Attempt{Name: name, Password: longPassword})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestUsers: accounts are made, changed and listed, with the service and without, and all of it is in the audit.
func TestUsers(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	pb(t, data, "users", "list").want(t, exitError)
	made := pb(t, data, "users", "add", "Root", "--role", "admin", "--display", "管理员").want(t, exitOK).shows(t, "root", "admin", "24 hours")
	e := enter(t, book(t, data), oneTimeCode(t, made), "root")

	s := serving(t, data, nil, nil)
	made = setting{}.run(t, "--data", data, "--lang", "zh", "users", "add", "li", "--role", "staff").want(t, exitOK).shows(t, "已建立账号 li", "staff（处理）", "24 小时")
	b := book(t, data)
	li := enter(t, b, oneTimeCode(t, made), "li")
	pb(t, data, "users", "add", "LI", "--role", "viewer").want(t, exitError).says(t, "another account")
	pb(t, data, "users", "add", "l i", "--role", "viewer").want(t, exitError).says(t, "login name")
	pb(t, data, "users", "add", "x", "--role", "boss").want(t, exitUsage)
	pb(t, data, "users", "add", "wang@gov.example", "--role", "viewer", "--sign-on").want(t, exitOK)
	pb(t, data, "users", "role", "root", "staff").want(t, exitError).says(t, "last admin")
	pb(t, data, "users", "disable", "root").want(t, exitError).says(t, "last admin")
	pb(t, data, "users", "role", "nobody", "ops").want(t, exitError).says(t, "nobody", "users list")
	pb(t, data, "users", "role", "li", "ops").want(t, exitOK).shows(t, "li", "ops")
	if _, _, err := b.Session(t.Context(), li.Token); err == nil {
		t.Error("a session goes on with another role")
	}
	pb(t, data, "users", "disable", "li").want(t, exitOK).shows(t, "disabled")
	pb(t, data, "users", "reset", "li").want(t, exitError).says(t, "users enable")
	pb(t, data, "users", "enable", "li").want(t, exitOK).shows(t, "enabled")
	enter(t, b, oneTimeCode(t, pb(t, data, "users", "reset", "li").want(t, exitOK)), "li")
	list := decode[struct{ Users []accounts.Account }](t, pb(t, data, "users", "list", "--json").want(t, exitOK)).Users
	if len(list) != 3 || list[0].Name != "li" || list[0].Role != accounts.Ops || list[1].Display != "管理员" {
		t.Errorf("%+v", list)
	}
	pb(t, data, "users", "list").want(t, exitOK).shows(t, "root", "管理员", "ops", "enabled")
	s.stop()
	if _, _, err := b.Session(t.Context(), e.Token); err != nil {
		t.Errorf("who was let alone is signed in no more: %v", err)
	}

	entries := decodeAll[accounts.Entry](t, pb(t, data, "audit", "list", "--json", "--object", "li").want(t, exitOK))
	var did []string
	for _, e := range entries {
		if strings.HasPrefix(e.By, "local:") {
			did = append(did, e.Does)
		}
	}
	if got := strings.Join(did, " "); got != "account.reset account.enabled account.disabled account.role account.created" || entries[len(entries)-1].By != "local:"+login() {
		t.Errorf("did %s: %+v", got, entries)
	}
	pb(t, data, "audit", "list", "-n", "3").want(t, exitOK).shows(t, "session.started", "account.password", "account.reset")
	pb(t, data, "audit", "list", "--by", "nobody").want(t, exitOK).shows(t, "no such entries")
	pb(t, data, "audit", "list", "-n", "0").want(t, exitUsage)
	pb(t, data, "audit", "list", "--since", "2999-01-01").want(t, exitOK).shows(t, "no such entries")
	pb(t, data, "audit", "list", "--until", "2999-01-01", "-n", "3").want(t, exitOK).shows(t, "account.reset")
	pb(t, data, "audit", "list", "--since", "soon").want(t, exitUsage)
}

// TestAuditVerify: a head that was noted shows that the end is gone; doctor and verify find what was changed.
func TestAuditVerify(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	pb(t, data, "audit", "verify").want(t, exitError)
	pb(t, data, "users", "add", "root", "--role", "admin").want(t, exitOK)
	pb(t, data, "users", "add", "li", "--role", "staff").want(t, exitOK)
	head, err := book(t, data).Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	pb(t, data, "audit", "verify").want(t, exitOK).shows(t, "2 entries", head.String())
	pb(t, data, "audit", "verify", "--head", "2").want(t, exitUsage).says(t, "COUNT:HASH")
	pb(t, data, "doctor").want(t, exitOK)
	change := func(statement string) {
		t.Helper()
		raw(t, filepath.Join(data, journaldb.FileName), statement)
	}
	change(`DELETE FROM audit WHERE seq = 2`)
	pb(t, data, "audit", "verify").want(t, exitOK).shows(t, "1 entries")
	pb(t, data, "audit", "verify", "--head", head.String()).want(t, exitError).says(t, "from entry 2 on")
	change(`UPDATE audit SET object = 'roos'`)
	pb(t, data, "audit", "verify").want(t, exitError).says(t, "from entry 1 on")
	pb(t, data, "doctor").want(t, exitError)
}

// TestRestoredAccounts: a backup brings accounts and audit back, and nobody's session or code.
func TestRestoredAccounts(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	code := oneTimeCode(t, pb(t, data, "users", "add", "root", "--role", "admin").want(t, exitOK))
	b := book(t, data)
	e := enter(t, b, code, "root")
	code = oneTimeCode(t, pb(t, data, "users", "reset", "root").want(t, exitOK))
	head, err := b.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "backup.tar.gz")
	pb(t, data, "backup", file).want(t, exitOK)
	other := t.TempDir()
	m, err := unpack(file, t.TempDir())
	if err != nil || m.Audit != head.String() {
		t.Errorf("the manifest has the head %q, want %s; %v", m.Audit, head, err)
	}
	pb(t, other, "restore", file).want(t, exitOK)
	pb(t, other, "audit", "verify", "--head", head.String()).want(t, exitOK)
	pb(t, other, "audit", "list", "-n", "1").want(t, exitOK).shows(t, "data.restored", "local:"+login())
	restored := book(t, other)
	if _, _, err := restored.Session(t.Context(), e.Token); err == nil {
		t.Error("a session comes back from a backup")
	}
	if _, err := restored.Redeem(t.Context(), code, longPassword, accounts.Client{}); err == nil {
		t.Error("a code comes back from a backup")
	}
	if _, err := restored.Login(t.Context(), accounts.Attempt{Name: "root", Password: longPassword}); err != nil {
		t.Error(err)
	}
}
