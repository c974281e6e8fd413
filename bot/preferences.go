package bot

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/prompts"
)

// ReasonLang is the reason of the reply to a command that sets the asker's language.
const ReasonLang = "lang"

// Reasons of the replies to a command that asks how the program is used, and to one that stops where nothing is being
// answered, or nobody sees that it was stopped.
const (
	ReasonHelp = "help"
	ReasonStop = "stop"
)

// Settings of one person, each followed by the hash that stands for them.
const (
	langPrefix      = "lang:"      // the language that they chose
	forgottenPrefix = "forgotten:" // when they had what is known of them forgotten
)

// personal are the names of all that is kept for a person beside their questions.
func personal(user string) []string {
	return []string{profilePrefix + user, langPrefix + user, forgottenPrefix + user}
}

// langCommand is the language that a message chooses; "" when it is no such command.
func langCommand(text string) string {
	for _, lang := range []string{prompts.Chinese, prompts.English} {
		if isCommand("lang_"+lang, text) {
			return lang
		}
	}
	return ""
}

// SetLang keeps the language, zh or en, in which a person of a channel is answered where neither the event nor the text
// of a question tells one, such as that of "2022?"; "" removes it. The commands "lang zh" and "lang en" do the same. It is
// removed with the rest when the person is forgotten or erased.
func (s *Service) SetLang(ctx context.Context, name string, who channel.Actor, lang string) error {
	if lang != "" && lang != prompts.Chinese && lang != prompts.English {
		return fmt.Errorf("keep a person's language: there is no language %q here; give zh or en", lang)
	}
	return s.setLang(ctx, s.Asker(name, who), lang)
}

func (s *Service) setLang(ctx context.Context, user, lang string) error {
	if err := s.Journal.SetSetting(ctx, langPrefix+user, lang); err != nil {
		return fmt.Errorf("keep a person's language: %w", err)
	}
	return nil
}

// LangOf gives what SetLang keeps; "" where nothing is kept.
func (s *Service) LangOf(ctx context.Context, name string, who channel.Actor) (string, error) {
	return s.langKept(ctx, s.Asker(name, who))
}

func (s *Service) langKept(ctx context.Context, user string) (string, error) {
	lang, err := s.Journal.Setting(ctx, langPrefix+user)
	if err != nil {
		return "", fmt.Errorf("read a person's language: %w", err)
	}
	return lang, nil
}

// langReply keeps the language that a command chooses, and says so in it. To do it twice does no harm.
func (s *Service) langReply(ctx context.Context, c journal.Claim, lang string) (journal.Result, error) {
	if err := s.setLang(ctx, c.Question.User, lang); err != nil {
		return journal.Result{}, err
	}
	a := s.notice(c.Question, Clarify, ReasonLang)
	a.Lang, a.Interview = lang, question(c, nil).learned()
	return s.finish(c.Question, a, Record{}, nil), nil
}

// Forget does for a person of a channel what the command "forget" does, without a question: no conversation of theirs on
// the channel knows any more what it has noted of their enterprise, what was kept for their organisation is removed (for
// its other people too), and the language that they chose. Their questions and answers stay in the log; these go with
// "privacy erase", which removes texts, answers, ratings, cases and who the person is, and every copy made of
// them. To call it twice does no harm.
func (s *Service) Forget(ctx context.Context, name string, who channel.Actor) error {
	user := s.Asker(name, who)
	org := s.org(channel.Caps{Name: name}, channel.Event{Actor: who})
	for setting, value := range map[string]string{
		forgottenPrefix + user:            s.clock.now().Format(time.RFC3339Nano),
		profilePrefix + cmp.Or(org, user): "",
		langPrefix + user:                 "",
	} {
		if err := s.Journal.SetSetting(ctx, setting, value); err != nil {
			return fmt.Errorf("forget what is known of a person: %w", err)
		}
	}
	return nil
}

// withoutForgotten takes from earlier questions of a user what they have noted of who had it forgotten since. It changes
// the list.
func (s *Service) withoutForgotten(ctx context.Context, user string, earlier []journal.Question) error {
	if len(earlier) == 0 {
		return nil
	}
	text, err := s.Journal.Setting(ctx, forgottenPrefix+user)
	if err != nil || text == "" {
		return err
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return fmt.Errorf("read when a person had all forgotten: %w", err)
	}
	for i, e := range earlier {
		var a Answer
		if e.AcceptedAt.After(at) || json.Unmarshal(e.Answer, &a) != nil {
			continue
		}
		a.Interview, a.Next = &Interview{}, nil
		earlier[i].Answer = encode(a)
	}
	return nil
}
