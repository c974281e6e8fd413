package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"policybot/bot/channel"
	"policybot/bot/eligibility"
	"policybot/bot/journal"
	"policybot/bot/understand"
	"policybot/prompts"
)

// ReasonProfile is the reason of the reply to a command about what is known of the
// asker: it shows it, keeps it for the organisation, or has forgotten it.
const ReasonProfile = "profile"

// What a command did; see Answer.Profile.
const (
	ProfileShown     = "shown"
	ProfileSaved     = "saved"
	ProfileForgotten = "forgotten"
)

// profileCommand tells which command a message is, if it is one.
func profileCommand(text string) string {
	switch {
	case isCommand("profile", text):
		return ProfileShown
	case isCommand("save", text):
		return ProfileSaved
	case isForget(text):
		return ProfileForgotten
	}
	return ""
}

// profileReply answers a command about what is known of the asker. To keep it for the
// organisation, and to forget that, is for whoever knows the organisation: the service.
func (d *Desk) profileReply(q Question, does string, measures []eligibility.Bound) Answer {
	v := eligibility.VocabularyOf(measures)
	before := q.before(v)
	a := newAnswer(q)
	a.Outcome, a.Reason, a.Profile = Clarify, ReasonProfile, does
	a.Lang = profileLanguage(q, before)
	if does == ProfileForgotten {
		before = Interview{}
	}
	a.Known = factLines(before, v, a.Lang)
	if does == ProfileSaved {
		before.Saved = len(before.Facts) > 0
	}
	a.Interview = &before
	a.Text = Compose(a)
	return a
}

// FactLines tells what an interview knows, a line for each fact, in a language: zh or en.
func (d *Desk) FactLines(ctx context.Context, i Interview, lang string) ([]string, error) {
	var measures []eligibility.Bound
	if d.Measures != nil {
		var err error
		if measures, err = d.Measures.Approved(ctx); err != nil {
			return nil, fmt.Errorf("tell facts: read the measures: %w", err)
		}
	}
	return factLines(i, eligibility.VocabularyOf(measures), lang), nil
}

// factLines are lines of what is known; facts that the vocabulary lacks are left out.
func factLines(i Interview, v *eligibility.Vocabulary, lang string) []string {
	e := Evidence{}
	e.Understanding.Lang = lang
	var out []string
	for _, k := range i.Facts {
		f, ok := v.Fact(k.Key)
		if !ok {
			continue
		}
		name, slots := "profile_line", prompts.Slots{"fact": e.stated(f, k), "words": k.Words}
		switch {
		case k.Left:
			name, slots = "profile_left", prompts.Slots{"fact": e.stated(f, k)}
		case k.Words == "":
			name, slots = "profile_plain", prompts.Slots{"fact": e.stated(f, k)}
		}
		out = append(out, prompts.Render(lang, name, slots))
	}
	return out
}

// profileLanguage is the language of the conversation: a command in Latin letters says
// little about that of its writer.
func profileLanguage(q Question, i Interview) string {
	if q.In != "" {
		return q.In
	}
	said := ""
	for _, k := range i.Facts {
		said += k.Words
	}
	if said == "" {
		said = q.Text
	}
	if q.Lang != "" && said == q.Text {
		return q.Lang
	}
	return understand.LanguageOf(said, q.Lang)
}

// profile writes what is known of the asker, or what became of it.
func (c *composer) profile(a Answer) {
	switch {
	case a.Profile == ProfileForgotten:
		c.line("profile_forgotten", nil)
		return
	case len(a.Known) == 0 && a.Profile == ProfileSaved:
		c.line("profile_save_none", nil)
		return
	case len(a.Known) == 0:
		c.line("profile_none", nil)
		return
	}
	c.line("profile_head", nil)
	for _, line := range a.Known {
		c.node(channel.Node{Kind: channel.Line, Text: line}, "")
	}
	if a.Profile == ProfileSaved {
		c.line("profile_saved", nil)
	} else {
		c.line("profile_hint", nil)
	}
}

// profileSetting is the name of the setting that keeps what is known of an asker's
// organisation; of the asker, where the platform tells of none.
func profileSetting(q journal.Question) string { return profilePrefix + cmp.Or(q.Org, q.User) }

const profilePrefix = "profile:"

// savedProfile gives what is kept for the asker's organisation.
func (s *Service) savedProfile(ctx context.Context, q journal.Question) ([]eligibility.Known, error) {
	text, err := s.Journal.Setting(ctx, profileSetting(q))
	if err != nil || text == "" {
		return nil, err
	}
	var facts []eligibility.Known
	if err := json.Unmarshal([]byte(text), &facts); err != nil {
		s.Log.Error("what is kept for an organisation cannot be read", "error", err)
	}
	return facts, nil
}

// keepProfile carries out what a command said: to keep what is known of the
// organisation, or to forget it. To do it twice does no harm.
func (s *Service) keepProfile(ctx context.Context, q journal.Question, a Answer) error {
	switch {
	case a.Profile == ProfileForgotten:
		if err := s.setLang(ctx, q.User, ""); err != nil {
			return err
		}
		return s.Journal.SetSetting(ctx, profileSetting(q), "")
	case a.Profile == ProfileSaved && a.Interview != nil && len(a.Interview.Facts) > 0:
		return s.Journal.SetSetting(ctx, profileSetting(q), string(encode(a.Interview.Facts)))
	}
	return nil
}

// Erase forgets a user, with the language that they chose and what was kept for them where their
// platform tells of no organisation. What was kept for an organisation stays: it is not about a person.
func Erase(ctx context.Context, j journal.Keeper, user string, at time.Time) (journal.Erased, error) {
	for _, name := range personal(user) {
		if err := j.SetSetting(ctx, name, ""); err != nil {
			return journal.Erased{}, err
		}
	}
	return j.Erase(ctx, user, at)
}

// ProfileKept reports whether something is kept of a user's own organisation, or the language that
// they chose; see Erase.
func ProfileKept(ctx context.Context, j journal.Keeper, user string) (bool, error) {
	for _, name := range personal(user) {
		if text, err := j.Setting(ctx, name); err != nil || text != "" {
			return text != "", err
		}
	}
	return false, nil
}
