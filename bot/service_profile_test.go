package bot_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/httpapi"
	"policybot/bot/journal"
	"policybot/bot/journal/memory"
)

// failing is a journal that cannot complete a question while fails is set.
type failing struct {
	journal.Journal
	fails atomic.Bool
}

func (j *failing) Complete(ctx context.Context, c journal.Claim, r journal.Result) error {
	if j.fails.Load() {
		return errCrashed
	}
	return j.Journal.Complete(ctx, c, r)
}

// from is what a person of an organisation says; of none where it is "".
func from(tenant, user, place, text string) channel.Event {
	e := asks(user, place, text)
	e.Actor.Tenant = tenant
	return e
}

// TestProfileCommands: what is known is shown, kept for an organisation, and forgotten.
func TestProfileCommands(t *testing.T) {
	with := desk(t)
	run := func(do func(*testing.T, *rig)) func(*testing.T) { return served(with, do) }
	each(t, map[string]func(*testing.T){
		"shown, and kept for nobody else": run(func(t *testing.T, r *rig) {
			r.says(t, "U", "P", aboutUs)
			a := r.says(t, "U", "P", "/profile")
			if wantLearned(t, a, ourFacts); a.Profile != bot.ProfileShown || len(a.Known) != 3 || !strings.Contains(a.Text, "亦庄") || a.Interview.Saved {
				t.Errorf("%+v", a)
			}
			wantLearned(t, r.says(t, "U", "Q", "/profile"), nil)
			if a = r.says(t, "U", "Q", "/profile save"); a.Profile != bot.ProfileSaved || a.Interview.Saved {
				t.Errorf("nothing was saved: %+v", a.Interview)
			}
			wantLearned(t, r.says(t, "U", "R", "/profile"), nil)
		}),
		"kept for an organisation, and forgotten": run(func(t *testing.T, r *rig) {
			r.told(t, from("A", "U", "P", aboutUs))
			for range 2 {
				if a := r.told(t, from("A", "U", "P", "/profile save")); a.Profile != bot.ProfileSaved || !a.Interview.Saved || len(a.Known) != 3 {
					t.Errorf("%+v", a)
				}
			}
			guest := from("A", "G", "P", "/profile")
			guest.Actor.External = true
			for _, e := range []channel.Event{from("B", "U", "P", "/profile"), from("", "U", "P", "/profile"), guest, from("B", "U", "P", "/forget")} {
				wantLearned(t, r.told(t, e), nil)
			}
			guest.DeliveryKey, guest.ContentKey, guest.Text = "another", "another", "/forget"
			r.told(t, guest)
			a := r.told(t, from("a", "V", "Q", "/profile"))
			if wantLearned(t, a, ourFacts); !a.Interview.Saved {
				t.Error("it is not said to be kept")
			}
			wantLearned(t, r.told(t, from("A", "W", "Q", "厦门对生物医药企业上市有什么目标？")), ourFacts)
			a = r.told(t, from("A", "W", "Q", "那我们能申请什么？"))
			if wantLearned(t, a, ourFacts); len(a.Eligibility) == 0 {
				t.Error("what is kept is not used")
			}
			if a = r.told(t, from("A", "V", "Q", "/forget")); a.Profile != bot.ProfileForgotten {
				t.Errorf("%+v", a)
			}
			for _, e := range []channel.Event{from("A", "V", "Q", "/profile"), from("A", "V", "R", "/profile"), from("A", "X", "P", "/profile")} {
				wantLearned(t, r.told(t, e), nil)
			}
		}),
		"once more after a crash": func(t *testing.T) {
			rows := &failing{Journal: memory.New()}
			r := interviews(t, with, rows, newFakeChannel())
			r.says(t, "U", "P", aboutUs)
			for _, command := range []string{"/profile save", "/forget"} {
				rows.fails.Store(true)
				id := r.ask(t, asks("U", "P", command))
				synctest.Wait()
				r.stop()
				rows.fails.Store(false)
				r = interviews(t, with, rows, r.channel)
				a := r.stored(t, id)
				want := map[string]string{}
				if command != "/forget" {
					want = ourFacts
				}
				if n := r.entry(t, id).Question.Attempts; n != 2 || len(r.channel.textsOf(id)) != 1 {
					t.Errorf("%s: %d attempts, replies %q", command, n, r.channel.textsOf(id))
				}
				wantLearned(t, a, want)
				wantLearned(t, r.says(t, "V", "Q"+command, "/profile"), want)
			}
			r.stop()
		},
		"erased": run(func(t *testing.T, r *rig) {
			for _, tenant := range []string{"", "A"} {
				r.told(t, from(tenant, "U", "P", aboutUs))
				r.told(t, from(tenant, "U", "P", "/profile save"))
				wantLearned(t, r.told(t, from(tenant, "U", "Q", "/profile")), ourFacts)
				user := bot.UserHash(testKey, "fake", channel.Actor{Tenant: tenant, ID: "U"})
				erased, err := bot.Erase(t.Context(), r.journal, user, day)
				if err != nil || erased.Questions != 3 {
					t.Errorf("erased %+v, %v", erased, err)
				}
			}
			wantLearned(t, r.told(t, from("", "U", "P", "/profile")), nil)
			wantLearned(t, r.told(t, from("A", "U", "P", "/profile")), ourFacts) // the organisation's
		}),
	})
}

// An httpAnswers is what the HTTP API reads of a service.
type httpAnswers struct{ *rig }

func (h *httpAnswers) Answer(ctx context.Context, id string) (json.RawMessage, error) {
	return h.Service.Answer(ctx, id)
}

func (h *httpAnswers) Reply(ctx context.Context, id string) (channel.Handle, error) {
	e, err := h.journal.Entry(ctx, id)
	return e.Question.Reply, err
}

const wholeProfile = `{"jurisdiction":"北京市","district":"昌平区","entity":"enterprise","roles":["研发型"],"industry":"细胞治疗","size":"中小微","qualifications":[],"ownership":"none","facts":{"stemcell_gene":true}}`

// TestProfileGiven: a question with a profile is answered from it alone, as a whole one.
// What cannot be used of it does no harm.
func TestProfileGiven(t *testing.T) {
	with := desk(t)
	asksWith := func(profile string) channel.Event {
		e := asks("U", "P", whatIsThere)
		e.Profile = json.RawMessage(profile)
		return e
	}
	synctest.Test(t, func(t *testing.T) {
		answers := &httpAnswers{}
		api := httpapi.New(httpapi.Options{Answers: answers, Token: "token"})
		r := interviews(t, with, memory.New(), newFakeChannel(), api)
		answers.rig = r
		post := func(profile string) (status int, a bot.Answer) {
			body, _ := json.Marshal(map[string]any{"question": whatIsThere, "profile": json.RawMessage(profile), "as_of": "2026-03-01"})
			w, request := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/api/v1/ask", bytes.NewReader(body))
			request.Header.Set("Authorization", "Bearer token")
			api.Handler().ServeHTTP(w, request)
			if w.Code == http.StatusOK {
				if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
					t.Fatal(err)
				}
			}
			return w.Code, a
		}
		status, over := post(wholeProfile)
		chat := r.told(t, asksWith(wholeProfile))
		for _, a := range []bot.Answer{over, chat} {
			if a.Outcome != bot.Answered || len(a.Eligibility) == 0 || a.Counts.NotMet == 0 || a.Next != nil || len(a.Unused) > 0 {
				t.Errorf("status %d, %s %s, %d measures, %+v, asks %+v, unused %q", status, a.Outcome, a.Reason, len(a.Eligibility), a.Counts, a.Next, a.Unused)
			}
			wantLearned(t, a, nil) // it is of this question, not of the conversation
		}
		if over.Text != chat.Text {
			t.Errorf("over HTTP:\n%s\nelsewhere:\n%s", over.Text, chat.Text)
		}
		wrong := `{"jurisdiction":7,"entity":["x"],"roles":{"a":1},"size":"huge","ownership":true,"facts":{"stemcell_gene":"perhaps","no_such_fact":1,"email":"x@example.com"}}`
		for _, want := range []string{"jurisdiction", "entity", "roles", "size: huge", "ownership", "stemcell_gene", "no_such_fact"} {
			if status, a := post(wrong); status != http.StatusOK || a.Outcome == bot.Failed || !slices.Contains(a.Unused, want) {
				t.Errorf("status %d, %s %s, unused %q, want %s in it", status, a.Outcome, a.Reason, a.Unused, want)
			}
		}
		if _, a := post(`{"facts":[1]}`); !slices.Equal(a.Unused, []string{"facts"}) {
			t.Errorf("unused %q", a.Unused)
		}
		plain := r.says(t, "V", "P", whatIsThere)
		for _, none := range []string{`[1]`, `"北京"`, `7`, `true`, `null`, `{"a":`} {
			if a := r.told(t, asksWith(none)); a.Text != plain.Text || a.Outcome == bot.Failed {
				t.Errorf("%s: %s %s\n%s", none, a.Outcome, a.Reason, a.Text)
			}
		}
		if status, _ := post(`[1]`); status != http.StatusBadRequest {
			t.Errorf("a list over HTTP: status %d", status)
		}
		r.stop()
	})
}
