package bot

import (
	"bytes"
	"cmp"
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
	"sync"
	"time"
	"unicode"

	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/bot/privacy"
	"policybot/prompts"
)

// Sink returns what a channel gives its events to.
func (s *Service) Sink(c channel.Channel) channel.Sink {
	caps := c.Caps()
	return func(ctx context.Context, e channel.Event) (channel.Accepted, error) {
		begin := time.Now()
		a, err := s.take(ctx, caps, e)
		s.Observer.Time(MetricAccept, caps.Name, time.Since(begin))
		if errors.Is(err, context.Canceled) { // whoever gave it does not wait; it comes again
			s.Log.Debug("an event was called off", "channel", caps.Name, "kind", e.Kind)
			return a, err
		}
		if mistaken(err) {
			s.Observer.Count(MetricArrivals, caps.Name, "rejected")
			s.Log.Info("an event makes no sense", "channel", caps.Name, "kind", e.Kind, "error", err)
			if !caps.Pull {
				err = nil
			}
			return a, err
		}
		s.health.store(err)
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

// Errors of an adapter's mistakes.
var (
	errNoKey  = errors.New("the event has no key") // and cannot be told from another
	errRefuse = errors.New("the event is to be refused for a reason that there is not")
)

// mistaken reports whether an event makes no sense, so that sent again it would make no more.
func mistaken(err error) bool {
	return errors.Is(err, journal.ErrNotFound) || errors.Is(err, channel.ErrKeyReused) || errors.Is(err, errNoKey) || errors.Is(err, errRefuse)
}

func (s *Service) take(ctx context.Context, caps channel.Caps, e channel.Event) (channel.Accepted, error) {
	if e.DeliveryKey == "" || e.ContentKey == "" && (e.Kind == channel.Question || e.Kind == channel.Edited || e.Kind == channel.Deleted) {
		return channel.Accepted{}, errNoKey
	}
	if e.Refuse != "" && e.Refuse != channel.RefuseExternal {
		return channel.Accepted{}, errRefuse
	}
	e.DeliveryKey = s.hash("delivery", e.DeliveryKey) // platforms and callers may put anything into keys
	if e.Kind != channel.HandOver {
		e.ContentKey = s.hash("content", e.ContentKey)
	}
	user := UserHash(s.Key, caps.Name, e.Actor)
	switch e.Kind {
	case channel.Question:
		if !caps.Pull && isStop(e.Text) {
			return s.stop(ctx, caps, e, user)
		}
		return s.ask(ctx, caps, e, user, "")
	case channel.Edited:
		return channel.Accepted{}, s.edit(ctx, caps, e, user)
	case channel.Deleted:
		_, err := s.withdraw(ctx, caps, journal.Withdrawal{ContentKey: e.ContentKey, User: user, Why: "deleted"})
		return channel.Accepted{}, err
	case channel.Stop:
		_, err := s.withdraw(ctx, caps, journal.Withdrawal{Dialogue: s.dialogue(caps, e), User: user, Why: "stop"})
		return channel.Accepted{}, err
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
	if q.Lang == "" {
		var err error
		if q.Lang, err = s.langKept(ctx, user); err != nil {
			return channel.Accepted{}, err
		}
	}
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
	switch {
	case e.Refuse != "":
		arrival.Refuse = e.Refuse
	case about != "": // once for each question and person
		arrival.Limits = journal.Limits{}
	case s.Stopped().On() && !isHandOver(e.Text): // people are there when the program is not
		arrival.Refuse = ReasonStopped
	}
	if caps.Pull {
		arrival.Fetched = true
		arrival.Reask = true // a caller sends a refused question again under its key
	} else {
		if arrival.TellOnce = s.Limits.Tell; e.Refuse == "" { // else others read along
			arrival.TellMost = s.Limits.TellMost
		}
	}
	got, err := s.Journal.Accept(ctx, arrival)
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
		if caps.Pull {
			s.fetch(ctx, got.Question, channel.Doc{ID: got.Question.ID})
		}
		s.post[caps.Name].up()
	case !got.Duplicate:
		s.work.up()
		s.tellOfWait(caps, got.Question)
	}
	return out, nil
}

// wishedID is what a caller may wish a question to be called, if it is no
// personal data.
var wishedID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// maxHistory is how many earlier turns of a caller are kept.
const maxHistory = 20

// question is the row of an event, with personal data masked.
func (s *Service) question(caps channel.Caps, e channel.Event, user string) journal.Question {
	q := journal.Question{
		ID: newID("a"), Channel: caps.Name, User: user, Dialogue: s.dialogue(caps, e), Place: e.Place, Reply: e.Reply, Lang: e.Lang,
		Digest:  s.hash("question", fmt.Sprintf("%q %q %q %q %q", e.Text, e.Lang, e.AsOf, e.History, e.Profile)),
		Profile: maskProfile(e.Profile), Org: s.org(caps, e),
	}
	if wishedID.MatchString(e.ID) && len(privacy.Find(e.ID)) == 0 {
		q.ID = e.ID
	}
	q.Text, q.Masked = Mask(e.Text)
	q.Quote, _ = Mask(e.Quote)
	if e.History != nil {
		q.History = []channel.Turn{}
	}
	for _, t := range e.History[max(0, len(e.History)-maxHistory):] {
		text, _ := Mask(t.Text)
		q.History = append(q.History, channel.Turn{Role: t.Role, Text: text})
	}
	if !e.AsOf.IsZero() {
		q.AsOf = e.AsOf.Format(time.DateOnly)
	}
	return q
}

// Mask makes a text fit to be stored, as the service does with a question:
// without characters that nobody sees, personal data masked, its kinds named, and
// no longer than tells that it is too long.
func Mask(text string) (masked string, kinds []string) {
	masked, found := privacy.Mask(strings.Map(seen, strings.ToValidUTF8(firstRunes(text, 2*MaxQuestion), "\ufffd")))
	for _, f := range found {
		if !slices.Contains(kinds, string(f.Kind)) {
			kinds = append(kinds, string(f.Kind))
		}
	}
	return firstRunes(masked, MaxQuestion+1), kinds
}

// maxProfile is how many bytes of JSON a profile has at most that is kept.
const maxProfile = 64 << 10

// maskProfile makes a profile fit to be stored: personal data in its texts is masked as in a
// question. It is nil unless raw is an object of at most maxProfile bytes.
func maskProfile(raw json.RawMessage) json.RawMessage {
	if len(raw) > maxProfile || !json.Valid(raw) { // or something may follow
		return nil
	}
	in := json.NewDecoder(bytes.NewReader(raw))
	in.UseNumber() // numbers stay as they are written
	var object map[string]any
	if err := in.Decode(&object); err != nil || object == nil {
		return nil
	}
	var out bytes.Buffer
	to := json.NewEncoder(&out)
	to.SetEscapeHTML(false)
	if err := to.Encode(maskTexts(object)); err != nil {
		return nil
	}
	return bytes.TrimSpace(out.Bytes())
}

// maskTexts masks personal data in every text of a JSON value, which it changes.
func maskTexts(value any) any {
	switch v := value.(type) {
	case string:
		masked, _ := privacy.Mask(strings.Map(seen, v))
		return masked
	case []any:
		for i := range v {
			v[i] = maskTexts(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = maskTexts(v[name])
		}
	}
	return value
}

// seen drops characters that carry a text nobody sees: controls, tags (U+E0000 to
// U+E007F), zero-width marks and overrides of direction. The joiner of emoji stays.
func seen(r rune) rune {
	const joiner = '\u200d'
	if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Cf, r) && r != joiner || r >= 0xe0000 && r <= 0xe007f {
		return -1
	}
	return r
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
	s.taken.ring()
	s.work.up()
	return nil
}

// stop takes back what somebody has asked in a conversation. A reply says that nothing is being answered now where there
// was nothing to take back, or where nobody sees that it was.
func (s *Service) stop(ctx context.Context, caps channel.Caps, e channel.Event, user string) (channel.Accepted, error) {
	if s.stops.has(e.ContentKey) { // it has come again, and what was asked since is not meant
		return channel.Accepted{}, nil
	}
	before, err := s.withdraw(ctx, caps, journal.Withdrawal{Dialogue: s.dialogue(caps, e), User: user, Why: "stop"})
	var got channel.Accepted
	if err == nil && !caps.Stops && (before == "" || caps.Stream == channel.StreamNone) {
		got, err = s.ask(ctx, caps, e, user, "")
	}
	if err == nil {
		s.stops.keep(e.ContentKey)
	}
	return got, err
}

// stops are keys of messages that were to stop something.
type stops struct {
	mu   sync.Mutex
	keys map[string]bool
}

const mostStops = 10_000 // that are remembered

func (s *stops) keep(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys == nil || len(s.keys) >= mostStops {
		s.keys = map[string]bool{}
	}
	s.keys[key] = true
}

func (s *stops) has(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys[key]
}

// withdraw takes one question or those of a dialogue back, and gives the state of one before, "" where there was none.
func (s *Service) withdraw(ctx context.Context, caps channel.Caps, w journal.Withdrawal) (journal.State, error) {
	w.Channel, w.At = caps.Name, s.clock.now()
	before, err := s.Journal.Withdraw(ctx, w)
	if err != nil {
		return "", fmt.Errorf("withdraw a question: %w", err)
	}
	s.taken.ring()
	s.work.up() // the next of the dialogue
	return before, nil
}

// rate stores feedback, or that it was taken back.
func (s *Service) rate(ctx context.Context, user string, f channel.Feedback) error {
	r := journal.Rating{Question: f.Answer, User: user, Withdrawn: f.Withdrawn, At: s.clock.now()}
	if !f.Withdrawn {
		r.Good = f.Good
		r.Text, _ = Mask(f.Text)
		if slices.Contains(channel.Reasons, f.Reason) {
			r.Reason = f.Reason
		}
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
	doesReply  = "reply:" // and the text that is said
)

// press does what a button stands for. A token that is not known does nothing.
func (s *Service) press(ctx context.Context, caps channel.Caps, e channel.Event, user string) (channel.Accepted, error) {
	t, err := s.Journal.Pressed(ctx, e.Token)
	switch {
	case errors.Is(err, journal.ErrNotFound):
		return channel.Accepted{}, nil
	case err != nil:
		return channel.Accepted{}, fmt.Errorf("look up a button: %w", err)
	case strings.HasPrefix(t.Does, doesReply):
		return s.reply(ctx, caps, e, user, t)
	case t.Does == doesGood, t.Does == doesBad:
		var f channel.Feedback // a bare press has no words
		if e.Feedback != nil {
			f = *e.Feedback
		}
		f.Answer, f.Good, f.Withdrawn = t.Question, t.Does == doesGood, false
		return channel.Accepted{ID: t.Question}, s.rate(ctx, user, f)
	case t.Does != doesPerson:
		return channel.Accepted{}, nil
	}
	e.ContentKey = t.Question
	return s.handOver(ctx, caps, e, user)
}

// reply takes the press of a button as what it says to the question of its answer, in
// the conversation of that: once, and from whom the answer was for. Others have
// conversations of their own.
func (s *Service) reply(ctx context.Context, caps channel.Caps, e channel.Event, user string, t journal.Token) (channel.Accepted, error) {
	asked, err := s.Journal.Entry(ctx, t.Question)
	if err != nil {
		return channel.Accepted{}, fmt.Errorf("look up the answer of a button: %w", err)
	}
	if asked.Question.User != user {
		return channel.Accepted{}, nil
	}
	if past, err := s.isPast(ctx, asked.Question); err != nil || past {
		return channel.Accepted{}, err
	}
	said := channel.Event{ // and nothing else
		Kind: channel.Question, DeliveryKey: e.DeliveryKey, ContentKey: s.hash("content", "reply\x00"+t.Question+e.Refuse), Actor: e.Actor, Place: asked.Question.Place,
		Text: strings.TrimPrefix(t.Does, doesReply), Lang: cmp.Or(e.Lang, asked.Question.Lang), Reply: e.Reply, At: e.At, Refuse: e.Refuse,
	}
	var a Answer
	if err := json.Unmarshal(asked.Question.Answer, &a); err == nil && a.Next != nil {
		said.Quote = a.Next.Text // another question may have been asked since
	}
	return s.ask(ctx, caps, said, user, "")
}

// isPast reports whether a conversation has gone on so far since an answer that the next
// one does not look back on it: see [journal.Claim]. What replies to it then could be
// taken for a reply to a later one.
func (s *Service) isPast(ctx context.Context, asked journal.Question) (bool, error) {
	const back, within = 3, time.Hour
	later := 0
	for q, err := range s.Journal.Entries(ctx, journal.Filter{User: asked.User, Since: asked.AcceptedAt, Brief: true}) {
		if err != nil {
			return false, fmt.Errorf("look up what followed an answer: %w", err)
		}
		if q.Seq > asked.Seq && q.Dialogue == asked.Dialogue && q.State != journal.Refused && q.State != journal.Cancelled {
			later++
		}
	}
	return later >= back || later > 0 && s.clock.now().Sub(asked.AskedAt) > within, nil
}

// handOver asks a person about an answered question. Where replies are fetched the
// case is opened at once; elsewhere it is a question of its own, whose reply
// says so.
func (s *Service) handOver(ctx context.Context, caps channel.Caps, e channel.Event, user string) (channel.Accepted, error) {
	about := e.ContentKey
	asked, err := s.Journal.Entry(ctx, about)
	if err != nil {
		return channel.Accepted{}, fmt.Errorf("hand a question over: %w", err)
	}
	if asked.Question.User != user {
		e.Text = "" // one person's words do not go into another's case
	}
	if caps.Pull {
		text, _ := Mask(e.Text)
		c, err := s.openCase(ctx, journal.NewCase{ID: s.caseID(about), Question: about, Reason: ReasonAsked, Text: text})
		if err != nil {
			return channel.Accepted{}, fmt.Errorf("open a case: %w", err)
		}
		return channel.Accepted{ID: c.ID}, nil
	}
	e.ContentKey = s.hash("content", "handover\x00"+about+"\x00"+user+e.Refuse) // what was refused can be asked for once it is open
	if strings.TrimSpace(e.Text) == "" {
		e.Text = prompts.Render(s.langOf(asked.Question), "button_person", nil)
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

// org stands for the organisation of who asks, "" when the platform names none or who
// asks is a guest of it.
func (s *Service) org(caps channel.Caps, e channel.Event) string {
	if e.Actor.Tenant == "" || e.Actor.External {
		return ""
	}
	return s.hash("org", caps.Name+"\x00"+strings.ToLower(e.Actor.Tenant))
}

func short(b []byte) string {
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
}

// newID is a new random id.
func newID(kind string) string { return kind + "-" + strings.ToLower(rand.Text()[:16]) }

// caseID is the id of the one case that a question may have.
func (s *Service) caseID(question string) string { return caseOf + s.hash("case", question)[:12] }
