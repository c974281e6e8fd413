package erasure_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"policybot/bot/erasure"
	"policybot/bot/journal"
	"policybot/bot/journal/memory"
	"policybot/retrieval"
)

var at = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

const words = "紫罗兰金丝雀能不能申请租金减免？"

// failing fails after so many calls that change something.
type failing struct{ left int }

var errDisk = errors.New("disk")

func (f *failing) fails() bool { f.left--; return f.left == 0 }

type badJournal struct {
	journal.Journal
	*failing
}

func (b badJournal) Erase(ctx context.Context, user string, when time.Time) (journal.Erased, error) {
	if b.fails() {
		return journal.Erased{}, errDisk
	}
	return b.Journal.Erase(ctx, user, when)
}

func (b badJournal) DeleteView(ctx context.Context, owner, name string) error {
	if b.fails() {
		return errDisk
	}
	return b.Journal.DeleteView(ctx, owner, name)
}

func (b badJournal) SetSetting(ctx context.Context, name, value string) error {
	if b.fails() {
		return errDisk
	}
	return b.Journal.SetSetting(ctx, name, value)
}

type badStore struct {
	retrieval.Store
	*failing
}

func (b badStore) PutAttachments(ctx context.Context, list ...retrieval.Attachment) error {
	if b.fails() {
		return errDisk
	}
	return b.Store.PutAttachments(ctx, list...)
}

// stores has a question of ann and one of bob, both with copies.
func stores(t *testing.T) erasure.Stores {
	t.Helper()
	s := erasure.Stores{Journal: memory.New(), Store: retrieval.NewMemory()}
	for user, text := range map[string]string{"ann": words, "bob": "另一个人的另一个问题是什么？"} {
		q := journal.Question{ID: user + "1", Channel: "chat", User: user, Dialogue: "d" + user, Text: text, AcceptedAt: at}
		_, err := s.Journal.Accept(t.Context(), journal.Arrival{Question: q, DeliveryKey: user})
		must(t, err)
		must(t, s.Journal.SaveView(t.Context(), journal.View{Owner: "olga", Name: "of " + user, Query: "dialogue=d" + user}))
		must(t, s.Store.PutAttachments(t.Context(),
			retrieval.Attachment{Kind: erasure.GoldenKind, ID: "q-" + q.ID, Data: []byte(`{"question":{"id":"q-` + q.ID + `","text":"` + text + `"},"from":"` + q.ID + `"}`)},
			retrieval.Attachment{Kind: erasure.GapKind, ID: erasure.Digest(text), Data: []byte(`{"note":"of ` + user + `"}`)}))
	}
	_, err := s.Journal.Withdraw(t.Context(), journal.Withdrawal{Channel: "chat", Dialogue: "none", At: at})
	must(t, err)
	must(t, s.Store.PutAttachments(t.Context(), retrieval.Attachment{Kind: erasure.RunKind, ID: "last", Data: []byte(
		`{"by":"olga","report":{"questions":3,"verdicts":[{"id":"q-ann1","question":"x"},{"id":"old","question":"` + words + `"},{"id":"q-bob1","question":"y"}]}}`)}))
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// left is all that is kept outside the questions, as one text.
func left(t *testing.T, s erasure.Stores) string {
	t.Helper()
	var out strings.Builder
	for _, kind := range []string{erasure.GoldenKind, erasure.RunKind, erasure.GapKind} {
		list, err := s.Store.Attachments(t.Context(), kind)
		must(t, err)
		for _, a := range list {
			out.Write(a.Data)
		}
	}
	list, err := s.Journal.EveryView(t.Context())
	must(t, err)
	for _, v := range list {
		out.WriteString(v.Name + v.Query)
	}
	return out.String()
}

// TestEraseAgain breaks each step once. Erasing again ends it, removes what it said, and nothing of others.
func TestEraseAgain(t *testing.T) {
	ann := erasure.Person{User: "ann"}
	want := erasure.Counts{Questions: 1, Golden: 1, Results: 2, Notes: 1, Views: 1}
	broken := 0
	for at := 1; at < 20; at++ {
		whole := stores(t)
		f := &failing{left: at}
		bad := erasure.Stores{Journal: badJournal{whole.Journal, f}, Store: badStore{whole.Store, f}}
		found, err := erasure.Find(t.Context(), bad, ann)
		if err != nil || found.Counts != want || found.None() || !found.Before.IsZero() {
			t.Fatalf("found %+v, %v; want %+v", found, err, want)
		}
		once, err := erasure.Erase(t.Context(), bad, ann, time.Now())
		if errors.Is(err, errDisk) {
			broken++
			twice, err := erasure.Erase(t.Context(), whole, ann, time.Now())
			must(t, err)
			if once.Questions+twice.Questions != 1 {
				t.Errorf("broken at %d: %+v, then %+v", at, once, twice)
			}
		} else {
			must(t, err)
			want := want
			if want.Cancelled = 1; once.Counts != want {
				t.Errorf("erased %+v, want %+v", once, want)
			}
		}
		if text := left(t, whole); strings.Contains(text, "ann") || strings.Contains(text, words) || strings.Count(text, "bob") != 6 {
			t.Errorf("broken at %d: left %s", at, text)
		}
		found, err = erasure.Find(t.Context(), whole, ann)
		must(t, err)
		if _, err := erasure.Erase(t.Context(), whole, ann, time.Now()); !errors.Is(err, erasure.ErrNone) || !found.None() || found.Before.IsZero() {
			t.Errorf("once more: %v, %+v; want nothing to erase, and when it was", err, found)
		}
	}
	if broken < 5 {
		t.Errorf("%d steps were broken", broken)
	}
}

// TestEraseNobody wants nothing to go for a code that nobody has.
func TestEraseNobody(t *testing.T) {
	s := stores(t)
	before := left(t, s)
	for _, user := range []string{"", "zoe"} {
		if _, err := erasure.Erase(t.Context(), s, erasure.Person{User: user}, at); !errors.Is(err, erasure.ErrNone) {
			t.Errorf("%q: %v", user, err)
		}
	}
	found, err := erasure.Find(t.Context(), s, erasure.Person{User: "zoe"})
	if err != nil || !found.Before.IsZero() || left(t, s) != before {
		t.Errorf("found %+v, %v", found, err)
	}
}
