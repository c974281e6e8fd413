package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/generate"
	"policybot/bot/journal"
	"policybot/bot/model"
	"policybot/bot/openai"
	journaldb "policybot/bot/sqlite"
	"policybot/prompts/task"
)

// modelConfig is how a language model is asked; which one says the environment.
type modelConfig struct {
	Rewrite     *bool     `yaml:"rewrite"`      // ask for words to search for where rules are unsure; true
	Rerank      string    `yaml:"rerank"`       // none, endpoint or chat; endpoint where there is one, else none
	RerankModel string    `yaml:"rerank_model"` // name at the endpoint that reranks
	Clauses     *int      `yaml:"clauses"`      // most clauses that the model gets; 6
	Timeout     *duration `yaml:"timeout"`      // of all calls for one answer; 45s
	Concurrent  *int      `yaml:"concurrent"`   // calls at once; 4
	DailyTokens *int      `yaml:"daily_tokens"` // of all tasks together; 0: no limit; the console can set another
	Azure       string    `yaml:"azure"`        // API version, for Azure OpenAI; the model is the deployment
}

// Ways to rerank.
const (
	rerankNone     = "none"
	rerankEndpoint = "endpoint"
	rerankChat     = "chat"
)

// check names the first value that is not allowed and says what is; name is "" when all are.
func (c modelConfig) check() (name, value, allowed string) {
	switch c.Rerank {
	case "", rerankNone, rerankEndpoint, rerankChat:
	default:
		return "model.rerank", c.Rerank, strings.Join([]string{rerankNone, rerankEndpoint, rerankChat}, ", ")
	}
	return notAllowed("model", []intRange{
		{"clauses", c.Clauses, 1, 20, ""},
		{"concurrent", c.Concurrent, 1, 256, ""},
		{"daily_tokens", c.DailyTokens, 0, journal.MostTokens, ""},
	}, []timeRange{{"timeout", c.Timeout, "1s", "10m"}})
}

// valueOf is a number that is set, or 0.
func valueOf(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}

// writing returns how a model writes answers; nil where none is configured. What it takes is entered into db, which
// also says what it may take in a day. log and db may be nil.
func (a *app) writing(log *slog.Logger, db *journaldb.DB) (*bot.Writing, error) {
	c, name := a.settings.Model, a.env("POLICYBOT_CHAT_MODEL")
	if name == "" {
		if a.promptsDir != "" {
			return nil, &messageError{"chat_model", nil}
		}
		return nil, nil
	}
	o := openai.Options{
		APIKey: a.env("OPENAI_API_KEY"), BaseURL: a.env("OPENAI_BASE_URL"), Model: name, Azure: c.Azure != "", APIVersion: c.Azure,
		Concurrent: valueOf(c.Concurrent), DailyTokens: a.dailyTokens(log, db), Log: log,
	}
	if a.transport != nil {
		o.HTTPClient = &http.Client{Transport: a.transport}
	}
	if db != nil {
		o.Ledger = db
	} else { // one for the model and the reranker
		o.Ledger = openai.NewLedger()
	}
	m, err := openai.New(o)
	if err != nil {
		return nil, err
	}
	g := &generate.Generator{Model: m}
	if a.transport != nil { // a recording answers only requests that are the same
		n := 0
		g.Seed = func() string {
			n++
			return "recording " + strconv.Itoa(n)
		}
	}
	if c.Timeout != nil {
		g.Timeout = c.Timeout.Duration
	}
	if a.promptsDir != "" {
		if g.Prompts, err = task.Open(os.DirFS(a.promptsDir)); err != nil {
			return nil, &messageError{"prompts_bad", []any{a.promptsDir, err}}
		}
	}
	w := &bot.Writing{Generator: g, Rewrite: c.Rewrite == nil || *c.Rewrite, Clauses: valueOf(c.Clauses)}
	return w, a.rerank(w, o)
}

// dailyTokens reads at each call what models may take in a day: what the console has set in db, else what is
// configured. log and db may be nil.
func (a *app) dailyTokens(log *slog.Logger, db *journaldb.DB) openai.Daily {
	configured := valueOf(a.settings.Model.DailyTokens)
	if db == nil {
		return openai.Fixed(configured)
	}
	return func(ctx context.Context) (int, error) {
		n, ok, err := journal.ReadNumber(ctx, db, journal.SettingTokens)
		switch {
		case errors.Is(err, journal.ErrSetting):
			if log != nil {
				log.Error("the setting of the daily tokens cannot be read; the configured one holds", "error", err)
			}
			return configured, nil
		case err != nil:
			return 0, err
		case ok:
			return n, nil
		}
		return configured, nil
	}
}

// rerank says who puts clauses in order.
func (a *app) rerank(w *bot.Writing, o openai.Options) error {
	url, way := a.env("POLICYBOT_RERANK_URL"), a.settings.Model.Rerank
	switch {
	case way == rerankEndpoint && url == "":
		return &messageError{"rerank_url", nil}
	case way == rerankChat:
		w.Rerank = true
		return nil
	case way == rerankNone || url == "":
		return nil
	}
	o.BaseURL, o.Model, o.Azure = strings.TrimSuffix(strings.TrimRight(url, "/"), "/rerank"), first(a.settings.Model.RerankModel, "default"), false
	r, err := openai.NewReranker(o)
	if err != nil {
		return err
	}
	w.Rerank, w.Reranker = true, r
	return nil
}

// modelHealth tells how the endpoint of a model is; nil without a model.
func modelHealth(w *bot.Writing) func() bot.ModelHealth {
	if w == nil {
		return nil
	}
	m, ok := w.Model.(*openai.Model)
	if !ok {
		return nil
	}
	return func() bot.ModelHealth {
		s, state := m.State(), channel.Up
		if s.Last != "" {
			state = channel.Down
		}
		return bot.ModelHealth{Name: m.Name(), State: state, Last: string(s.Last)}
	}
}

// askModel asks the model for one word. A reply that ends at its limit shows that the
// endpoint answers.
func (a *app) askModel(ctx context.Context) error {
	w, err := a.writing(nil, nil)
	if err != nil {
		return err
	}
	r := model.Request{Task: "check", System: "Reply with the word ok and nothing else.", User: "ok?", MaxTokens: 64}
	_, err = w.Model.Stream(ctx, r, func(string) error { return nil })
	if class := model.ClassOf(err); class == model.Cut {
		return nil
	}
	return err
}

// explainModel renders what is wrong with a language model or its settings.
func (a *app) explainModel(err error) (string, bool) {
	e, ok := errors.AsType[*model.Error](err)
	switch {
	case !ok:
		return "", false
	case e.Class == model.BadOptions:
		return a.msg("m_bad_options", e.Detail), true
	}
	return a.msg("m_"+string(e.Class)) + " (" + e.Error() + ")", true
}

// fellBack tells on standard error why an answer only quotes although a model is
// configured; of a batch each reason once.
func (a *app) fellBack(answer bot.Answer, why bot.Explanation) {
	if answer.Fallback == "" || why.Evidence == nil || why.Evidence.Written == nil {
		return
	}
	detail := ""
	for _, c := range why.Evidence.Written.Calls {
		detail = first(c.Error, detail)
	}
	text := a.msg("m_fallback", a.env("POLICYBOT_CHAT_MODEL"), a.msg("m_"+answer.Fallback))
	if detail != "" {
		text += " (" + detail + ")"
	}
	if text != a.said {
		a.complain(text)
		a.said = text
	}
}

// writtenBy tells, a line each, what a model was asked for an answer and what became
// of each sentence that it wrote; nothing where none was asked.
func (a *app) writtenBy(line func(format string, args ...any), calls []generate.Call, t *generate.Trace) {
	if t != nil {
		calls = append(slices.Clone(calls), t.Calls...)
	}
	if len(calls) == 0 {
		return
	}
	line("")
	line("%s", a.msg("w_model"))
	for _, c := range calls {
		line("%-8s %s  %s  %d+%d tokens  %s  %s", c.Task, c.Prompt, c.Usage.Model, c.Usage.TokensIn, c.Usage.TokensOut, c.Usage.Total.Round(time.Millisecond), c.Error)
	}
	if t == nil {
		return
	}
	for _, v := range t.Verdicts {
		line("%-8s %s", v.Fate, v.Sentence)
		if v.Rule != "" {
			line("         %s: %s", v.Rule, v.What)
		}
	}
}
