package bot

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/bot/privacy"
)

// Sink returns what a channel gives its events to.
func (s *Service) Sink(c channel.Channel) channel.Sink {
	caps := c.Caps()
	return func(ctx context.Context, e channel.Event) (channel.Accepted, error) {
		begin := time.Now()
		a, err := s.take(ctx, caps, e)
		s.health.store(err)
		s.Observer.Time(MetricAccept, caps.Name, time.Since(begin))
		label := "taken"
		switch {
		case err != nil:
			label = "error"
			s.Log.Error("an event was not stored", "channel", caps.Name, "kind", e.Kind, "error", err)
		case a.Duplicate:
			label = "duplicate"
		case a.Refused != "":
			label = a.Refused
		}
		s.Observer.Count(MetricArrivals, caps.Name, label)
		return a, err
	}
}

func (s *Service) take(ctx context.Context, caps channel.Caps, e channel.Event) (channel.Accepted, error) {
	if e.DeliveryKey == "" {
		return channel.Accepted{}, fmt.Errorf("take an event of %s: it has no delivery key", caps.Name)
	}
	user := UserHash(s.Key, caps.Name, e.Actor)
	switch e.Kind {
	case channel.Question:
		if !caps.Pull && isStop(e.Text) {
			return channel.Accepted{}, s.withdraw(ctx, caps, journal.Withdrawal{Dialogue: s.dialogue(caps, e), User: user, Why: "stop"})
		}
		return s.ask(ctx, caps, e, user, "")
	case channel.Edited:
		return channel.Accepted{}, s.edit(ctx, caps, e, user)
	case channel.Deleted:
		return channel.Accepted{}, s.withdraw(ctx, caps, journal.Withdrawal{ContentKey: e.ContentKey, User: user, Why: "deleted"})
	case channel.Stop:
		return channel.Accepted{}, s.withdraw(ctx, caps, journal.Withdrawal{Dialogue: s.dialogue(caps, e), User: user, Why: "stop"})
	case channel.Rated:
		if e.Feedback == nil {
			return channel.Accepted{}, nil
		}
		return channel.Accepted{ID: e.Feedback.Answer}, s.rate(ctx, user, *e.Feedback)
	case channel.Pressed:
		return s.press(ctx, caps, e, user)
	case channel.HandOver:
		return s.handOver(ctx, caps, e, user)
	}
	return channel.Accepted{}, nil // a kind that this version knows nothing of
}

// ask stores a question. about is the id of the question that a person is asked
// for, or "".
func (s *Service) ask(ctx context.Context, caps channel.Caps, e channel.Event, user, about string) (channel.Accepted, error) {
	now := s.clock.now()
	q := s.question(caps, e, user)
	q.About, q.AcceptedAt, q.AskedAt = about, now, now
	if !e.At.IsZero() {
		q.AskedAt = e.At.UTC().Truncate(time.Microsecond)
	}
	arrival := journal.Arrival{
		Question: q, OtherID: newID("a"), DeliveryKey: e.DeliveryKey, ContentKey: e.ContentKey,
		Person:  journal.Person{Platform: caps.Name, Tenant: e.Actor.Tenant, ID: e.Actor.ID},
		Limits:  journal.Limits{PerUser: s.Limits.PerUser, Total: s.Limits.Total},
		Refusal: func(id, reason string) (channel.Doc, json.RawMessage) { return s.refusal(q, id, reason) },
	}
	if s.Stopped().On() {
		arrival.Refuse = ReasonStopped
	}
	if !caps.Pull {
		arrival.TellOnce = s.Limits.Tell
	}
	got, err := s.accept(ctx, caps, arrival)
	if err != nil {
		return channel.Accepted{}, fmt.Errorf("store a question: %w", err)
	}
	if got.Duplicate && got.Question.Digest != "" && got.Question.Digest != q.Digest && got.Question.Revision == 0 && caps.Pull {
		return channel.Accepted{ID: got.Question.ID, Duplicate: true}, channel.ErrKeyReused
	}
	out := channel.Accepted{ID: got.Question.ID, Duplicate: got.Duplicate}
	switch {
	case got.Question.State == journal.Refused:
		out.Refused = got.Question.Reason
		s.post[caps.Name].up()
	case !got.Duplicate:
		s.work.up()
		s.tellOfWait(caps, got.Question)
	}
	return out, nil
}

// maxRetries is how often a refused question may be sent again under its key.
const maxRetries = 100

// accept stores a question. A caller that fetches its reply sends a question
// that was refused again under the same key: it is then asked anew, once.
func (s *Service) accept(ctx context.Context, caps channel.Caps, a journal.Arrival) (journal.Accepted, error) {
	for try := 0; ; try++ {
		got, err := s.Journal.Accept(ctx, a)
		again := err == nil && caps.Pull && got.Duplicate && got.Question.State == journal.Refused && got.Question.Digest == a.Question.Digest
		if !again || try == maxRetries {
			return got, err
		}
		a.DeliveryKey += "\x00" + got.Question.ID
		a.ContentKey += "\x00" + got.Question.ID
		a.Question.ID, a.OtherID = newID("a"), newID("a")
	}
}

// wishedID is what a caller may wish a question to be called.
var wishedID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// question is the row of an event, with personal data masked.
func (s *Service) question(caps channel.Caps, e channel.Event, user string) journal.Question {
	q := journal.Question{
		ID: newID("a"), Channel: caps.Name, User: user, Dialogue: s.dialogue(caps, e), Place: e.Place, Reply: e.Reply, Lang: e.Lang,
		Digest: s.hash("question", fmt.Sprintf("%q %q %q %q %q", e.Text, e.Lang, e.AsOf, e.History, e.Profile)),
	}
	if wishedID.MatchString(e.ID) {
		q.ID = e.ID
	}
	q.Text, q.Masked = mask(e.Text)
	q.Quote, _ = mask(e.Quote)
	if e.History != nil {
		q.History = []channel.Turn{}
	}
	for _, t := range e.History {
		text, _ := mask(t.Text)
		q.History = append(q.History, channel.Turn{Role: t.Role, Text: text})
	}
	if !e.AsOf.IsZero() {
		q.AsOf = e.AsOf.Format(time.DateOnly)
	}
	return q
}

// Mask replaces personal data in a text as the service does before it stores a
// question, and names the kinds that it found.
func Mask(text string) (masked string, kinds []string) { return mask(text) }

// mask makes a text fit to be stored: personal data masked, its kinds named, and
// no longer than tells that it is too long.
func mask(text string) (masked string, kinds []string) {
	masked, found := privacy.Mask(strings.ToValidUTF8(firstRunes(text, 2*MaxQuestion), "\ufffd"))
	for _, f := range found {
		if !slices.Contains(kinds, string(f.Kind)) {
			kinds = append(kinds, string(f.Kind))
		}
	}
	return firstRunes(masked, MaxQuestion+1), kinds
}

// firstRunes is at most the first n code points of s.
func firstRunes(s string, n int) string {
	for i := range s {
		if n--; n < 0 {
			return s[:i]
		}
	}
	return s
}

// edit changes a question that is not answered yet.
func (s *Service) edit(ctx context.Context, caps channel.Caps, e channel.Event, user string) error {
	q := s.question(caps, e, user)
	_, err := s.Journal.Edit(ctx, journal.Edit{
		Channel: caps.Name, ContentKey: e.ContentKey, User: user, Text: q.Text, Digest: q.Digest, Masked: q.Masked, At: s.clock.now(),
	})
	if err != nil {
		return fmt.Errorf("store an edited question: %w", err)
	}
	s.work.up()
	return nil
}

// withdraw takes one question or those of a dialogue back.
func (s *Service) withdraw(ctx context.Context, caps channel.Caps, w journal.Withdrawal) error {
	w.Channel, w.At = caps.Name, s.clock.now()
	if _, err := s.Journal.Withdraw(ctx, w); err != nil {
		return fmt.Errorf("withdraw a question: %w", err)
	}
	s.work.up() // the next of the dialogue
	return nil
}

// rate stores feedback.
func (s *Service) rate(ctx context.Context, user string, f channel.Feedback) error {
	r := journal.Rating{Question: f.Answer, User: user, Good: f.Good, At: s.clock.now()}
	r.Text, _ = mask(f.Text)
	if slices.Contains(channel.Reasons, f.Reason) {
		r.Reason = f.Reason
	}
	if err := s.Journal.Rate(ctx, r); err != nil {
		return fmt.Errorf("store feedback: %w", err)
	}
	return nil
}

// What a button does; see journal.Token.
const (
	doesGood   = "good"
	doesBad    = "bad"
	doesPerson = "person"
)

// press does what a button stands for. A token that is not known does nothing.
func (s *Service) press(ctx context.Context, caps channel.Caps, e channel.Event, user string) (channel.Accepted, error) {
	t, err := s.Journal.Pressed(ctx, e.Token)
	switch {
	case errors.Is(err, journal.ErrNotFound):
		return channel.Accepted{}, nil
	case err != nil:
		return channel.Accepted{}, fmt.Errorf("look up a button: %w", err)
	case t.Does != doesPerson:
		return channel.Accepted{ID: t.Question}, s.rate(ctx, user, channel.Feedback{Answer: t.Question, Good: t.Does == doesGood})
	}
	e.ContentKey = t.Question
	return s.handOver(ctx, caps, e, user)
}

// handOver asks a person about an answered question. Where replies are fetched the
// case is opened at once; elsewhere it is a question of its own, whose reply
// says so.
func (s *Service) handOver(ctx context.Context, caps channel.Caps, e channel.Event, user string) (channel.Accepted, error) {
	about := e.ContentKey
	if _, err := s.Journal.Entry(ctx, about); err != nil {
		return channel.Accepted{}, fmt.Errorf("hand a question over: %w", err)
	}
	if caps.Pull {
		text, _ := mask(e.Text)
		c, err := s.Journal.OpenCase(ctx, journal.NewCase{ID: caseID(about), Question: about, Reason: ReasonAsked, Text: text}, s.clock.now())
		if err != nil {
			return channel.Accepted{}, fmt.Errorf("open a case: %w", err)
		}
		return channel.Accepted{ID: c.ID}, nil
	}
	e.ContentKey = "handover\x00" + about + "\x00" + user
	if strings.TrimSpace(e.Text) == "" {
		e.Text = handOverText(e.Lang)
	}
	return s.ask(ctx, caps, e, user, about)
}

// hash stands for a personal value; the key keeps others from trying them all.
func (s *Service) hash(what, value string) string { return keyedHash(s.Key, what, value) }

func keyedHash(key []byte, what, value string) string {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(what + "\x00" + value))
	return short(m.Sum(nil)[:15])
}

// UserHash is what stands for a person in the journal of a service with this key.
func UserHash(key []byte, platform string, a channel.Actor) string {
	return keyedHash(key, "user", a.Key(platform))
}

func (s *Service) dialogue(caps channel.Caps, e channel.Event) string {
	return s.hash("dialogue", e.Actor.Key(caps.Name)+"\x00"+e.Place.ID+"\x00"+e.Place.Thread)
}

func short(b []byte) string {
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
}

// newID is a new random id.
func newID(kind string) string { return kind + "-" + strings.ToLower(rand.Text()[:16]) }

// caseID is the id of the one case that a question may have.
func caseID(question string) string {
	sum := sha256.Sum256([]byte("case\x00" + question))
	return "c-" + short(sum[:5])
}
