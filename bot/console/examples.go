package console

import (
	"context"
	"strings"
	"sync"

	"policybot/bot"
)

// examples are the questions that the page of asking offers: those of its texts that this library answers.
type examples struct {
	mu       sync.Mutex
	revision string              // of the library that they were tried with
	lists    map[string][]string // by language
}

// of gives the examples of a language. They are tried once for each state of the library, without a model.
func (e *examples) of(ctx context.Context, desk *bot.Desk, lang string) ([]string, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if now := desk.Library.Revision(); e.lists == nil || e.revision != now {
		e.revision, e.lists = now, map[string][]string{}
	}
	if list, ok := e.lists[lang]; ok {
		return list, nil
	}
	plain := &bot.Desk{Library: desk.Library, Now: desk.Now, Measures: desk.Measures}
	list := []string{}
	for _, text := range strings.Split(say(lang, "ask.examples"), " | ") {
		a, err := plain.Ask(ctx, bot.Question{Text: text, Lang: lang})
		if err != nil {
			return nil, err
		}
		if a.Outcome == bot.Answered || a.Outcome == bot.Clarify {
			list = append(list, text)
		}
	}
	e.lists[lang] = list
	return list, nil
}
