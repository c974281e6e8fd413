package accounts_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"policybot/bot/accounts"
	"policybot/bot/accounts/accountstest"
	"policybot/bot/accounts/memory"
)

// TestWaits: wrong passwords for one account make it wait, longer and longer, up to a quarter of an hour; names that
// nobody has wait alike; what is refused meanwhile does not lengthen the wait.
func TestWaits(t *testing.T) {
	for _, name := range []string{"li", "nobody"} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.person("li", accounts.Staff)
			from := 0
			wrong := func() error {
				from++
				_, err := d.login(name, "wrong", fmt.Sprintf("10.%d.%d.1", from/250, from%250))
				return err
			}
			for range 6 {
				is(t, "free", wrong(), accounts.ErrDenied)
			}
			want := time.Second
			for range 14 {
				for range 20 {
					if got := waits(wrong()); got != want {
						t.Fatalf("wait %s, want %s", got, want)
					}
				}
				d.pass(want)
				is(t, "after the wait", wrong(), accounts.ErrDenied)
				want = min(2*want, 15*time.Minute)
			}
			d.pass(61 * time.Minute)
			for range 6 {
				is(t, "forgotten", wrong(), accounts.ErrDenied)
			}
			h, err := d.Entries(t.Context(), accounts.Filter{Does: accounts.DidHold})
			if must(t, err); (len(h) > 0) != (name == "li") || len(h) > 5 {
				t.Errorf("%d entries of held logins", len(h))
			}
		})
	}
}

// TestFlood: while the whole world guesses, the owner gets in from where the owner was before, and with a new
// password from anywhere there.
func TestFlood(t *testing.T) {
	d := newDesk(t)
	d.person("li", accounts.Staff)
	if _, err := d.login("li", good, "2001:db8:1:2::7"); err != nil {
		t.Fatal(err)
	}
	flood := func(n int) {
		for i := range n {
			_, _ = d.login("li", "wrong", fmt.Sprintf("10.%d.%d.%d", i/62500, i/250%250, i%250))
			d.pass(time.Second)
		}
	}
	flood(3000)
	if _, err := d.login("li", good, "2001:db8:1:2:ffff::1"); err != nil { // the same customer's network
		t.Errorf("the owner at home: %v", err)
	}
	if _, err := d.login("li", good, "203.0.113.5"); waits(err) == 0 {
		t.Errorf("from elsewhere: %v, want a wait", err)
	}
	code, err := d.Reset(t.Context(), operator, "li")
	must(t, err)
	if _, err := d.Redeem(t.Context(), code, good+" 2", accounts.Client{From: "203.0.113.5"}); err != nil {
		t.Errorf("with a code: %v", err)
	}
	d.pass(15 * time.Minute) // the flood is over
	if _, err := d.login("li", good+" 2", "203.0.113.5"); err != nil {
		t.Errorf("after the flood: %v", err)
	}
	e, err := d.Entries(t.Context(), accounts.Filter{Does: accounts.DidHold})
	if must(t, err); len(e) == 0 || len(e) > 10 {
		t.Errorf("%d entries of held logins", len(e))
	}
}

// TestSpray: one address that tries many names waits, whosever they are, and an account of its own does not help.
func TestSpray(t *testing.T) {
	d := newDesk(t)
	d.person("own", accounts.Viewer)
	denied, waited := 0, 0
	for i := range 200 {
		_, err := d.login(fmt.Sprintf("name%d", i), "wrong", "198.51.100.1")
		if waits(err) > 0 {
			waited++
		} else {
			denied++
		}
		_, _ = d.login("own", good, "198.51.100.1")
	}
	if denied > 6 || waited < 190 {
		t.Errorf("%d tries, %d waits", denied, waited)
	}
	if _, err := d.login("own", good, "198.51.100.2"); err != nil {
		t.Errorf("another address: %v", err)
	}
}

// TestAtOnce: tries that come at once count as those that come one after the other.
func TestAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.person("li", accounts.Staff)
		const n = 40
		results := make(chan error, n)
		for i := range n {
			go func() {
				_, err := d.login("li", "wrong", fmt.Sprintf("10.0.0.%d", i))
				results <- err
			}()
		}
		denied := 0
		for range n {
			if err := <-results; errors.Is(err, accounts.ErrDenied) {
				denied++
			} else if waits(err) == 0 {
				t.Error(err)
			}
		}
		if denied != 6 {
			t.Errorf("%d tries were looked at, want 6", denied)
		}
	})
}

// TestRightAgain: who gets it right after a few wrong ones has a few again.
func TestRightAgain(t *testing.T) {
	d := newDesk(t)
	_, err := d.login("root", good, home.From)
	must(t, err)
	for range 5 {
		for range 5 {
			_, err := d.login("root", "wrong", home.From)
			is(t, "wrong", err, accounts.ErrDenied)
		}
		_, err := d.login("root", good, home.From)
		must(t, err)
	}
}

// TestClockAhead: a clock that was ahead and was put right keeps nobody out.
func TestClockAhead(t *testing.T) {
	d := newDesk(t)
	d.pass(10000 * time.Hour)
	for range 7 {
		_, _ = d.login("root", "wrong", "10.0.0.1")
	}
	d.pass(-10000 * time.Hour)
	if _, err := d.login("root", good, "10.0.0.1"); err != nil {
		t.Error(err)
	}
}

func TestPasswords(t *testing.T) {
	for password, rule := range map[string]string{
		good: "", "correct horse battery": "", "十二个汉字的密码就够长了吧": "", "aaaaaaaaaaab": "", strings.Repeat("ab1 x", 25): "",
		"short": accounts.TooShort, "eleven char": accounts.TooShort, "": accounts.TooShort, "一二三四五六七八九十十": accounts.TooShort,
		strings.Repeat("xyz12", 26): accounts.TooLong, "A.Login.Name@x": accounts.IsName, "Password1234": accounts.TooCommon, "QWERTYUIOP123": accounts.TooCommon,
		"aaaaaaaaaaaa": accounts.TooCommon, "abababababab": accounts.TooCommon, "abcdefghijkl": accounts.TooCommon, "1234567890123": accounts.TooCommon,
		"0987654321098": accounts.TooCommon, "mlkjihgfedcba": accounts.TooCommon, "woaini1314520": accounts.TooCommon, "long enough \xff": accounts.NotText,
	} {
		err := accounts.CheckPassword("a.login.name@x", password)
		got := ""
		if e, ok := errors.AsType[*accounts.PasswordError](err); ok {
			got = e.Rule
		}
		if got != rule {
			t.Errorf("%q: %v, want %q", password, err, rule)
		}
	}
}

// TestCost: what is stored is argon2id with what OWASP asks for at least, and never the password.
func TestCost(t *testing.T) {
	c := accounts.DefaultCost
	if c.Memory < 19456 || c.Time < 2 || c.Threads < 1 {
		t.Errorf("%+v", c)
	}
	d := newDesk(t, func(o *accounts.Options) { o.Cost = accounts.Cost{} })
	if stored := string(stored(t, d, "root").Password); !strings.HasPrefix(stored, "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(stored, good) {
		t.Errorf("stored is %q", stored)
	}
	if shown := fmt.Sprintf("%v %+v %#v %s", stored(t, d, "root"), stored(t, d, "root"), stored(t, d, "root"), stored(t, d, "root").Password); strings.Contains(shown, "argon2id") {
		t.Errorf("the hash prints: %s", shown)
	}
}

func stored(t *testing.T, d *desk, name string) (r accounts.Record) {
	t.Helper()
	must(t, d.store.ReadAccounts(t.Context(), func(tx accounts.Tx) (err error) {
		r, err = tx.Named(name)
		return err
	}))
	return r
}

// TestRehash: a hash with other parameters is made anew when its owner signs in, and only then.
func TestRehash(t *testing.T) {
	d := newDesk(t)
	store := d.store
	before := stored(t, d, "root").Password
	stronger := emptyDesk(t, func(o *accounts.Options) {
		o.Store, o.Cost = store, accounts.Cost{Memory: 32, Time: 2, Threads: 2}
	})
	_, err := stronger.login("root", "wrong", home.From)
	is(t, "wrong", err, accounts.ErrDenied)
	if stored(t, d, "root").Password != before {
		t.Error("a wrong password changes the hash")
	}
	for range 2 {
		_, err := stronger.login("root", good, home.From)
		must(t, err)
		if now := string(stored(t, d, "root").Password); !strings.HasPrefix(now, "$argon2id$v=19$m=32,t=2,p=2$") {
			t.Errorf("stored is %q", now)
		}
	}
	after := stored(t, d, "root").Password
	_, err = stronger.login("root", good, home.From)
	must(t, err)
	if stored(t, d, "root").Password != after {
		t.Error("a hash that is as it should be is made anew")
	}
	if _, err := d.login("root", good, home.From); err != nil {
		t.Errorf("with the parameters of before: %v", err)
	}
}

// TestBadHash: a stored hash that asks for all the memory there is gets none.
func TestBadHash(t *testing.T) {
	for _, hash := range []accounts.Hash{
		"x", "$argon2id$v=19$m=4294967295,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", "$argon2i$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=8,t=0,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA", "$argon2id$v=19$m=8,t=1,p=0$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
		"$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$", "$argon2id$v=16$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA",
	} {
		d := newDesk(t)
		r := stored(t, d, "root")
		r.Password = hash
		must(t, d.store.ChangeAccounts(t.Context(), func(tx accounts.Tx) error { return tx.PutAccount(r) }))
		if _, err := d.login("root", good, home.From); err == nil || errors.Is(err, accounts.ErrDenied) {
			t.Errorf("%q: %v, want an error of its own", string(hash), err)
		}
	}
}

// TestSecretsAreNotStored: neither token nor code lies in the store.
func TestSecretsAreNotStored(t *testing.T) {
	d := newDesk(t)
	e, err := d.login("root", good, home.From)
	must(t, err)
	code, err := d.Reset(t.Context(), operator, "root")
	must(t, err)
	all := fmt.Sprintf("%+v", d.store)
	list, err := d.Entries(t.Context(), accounts.Filter{})
	must(t, err)
	all += fmt.Sprintf("%+v", list)
	for _, secret := range []string{e.Token, code, strings.ReplaceAll(code, "-", ""), good} {
		if strings.Contains(all, secret) {
			t.Errorf("%q is stored", secret)
		}
	}
	if len(e.Token) != 43 || e.Session.ID == "" || strings.Contains(e.Token, e.Session.ID) {
		t.Errorf("%+v", e)
	}
}

// BenchmarkLogin is one login at the default cost.
func BenchmarkLogin(b *testing.B) {
	book, err := accounts.New(accounts.Options{Store: memory.New()})
	must(b, err)
	code, err := book.Setup(b.Context())
	must(b, err)
	_, err = book.First(b.Context(), code, "root", good, home)
	must(b, err)
	for b.Loop() {
		if _, err := book.Login(b.Context(), accounts.Attempt{Name: "root", Password: good, Client: home}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkUnknown is a try with a name that nobody has; it takes as long.
func BenchmarkUnknown(b *testing.B) {
	now := accountstest.Start
	book, err := accounts.New(accounts.Options{Store: memory.New(), Now: func() time.Time { now = now.Add(2 * time.Hour); return now }})
	must(b, err)
	for b.Loop() {
		if _, err := book.Login(b.Context(), accounts.Attempt{Name: "nobody", Password: good, Client: home}); !errors.Is(err, accounts.ErrDenied) {
			b.Fatal(err)
		}
	}
}
