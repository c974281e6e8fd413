package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"policybot/bot"
	"policybot/bot/understand"
)

type askCmd struct {
	Question []string `arg:"" optional:"" help:"问题 · the question"`
	JSON     bool     `name:"json" help:"输出 JSON · print JSON"`
	Batch    string   `help:"逐行回答文件里的问题，- 为标准输入 · answer the lines of a file, - is standard input" placeholder:"FILE"`
	AsOf     string   `help:"以这一天为“今天” · take this day as today" placeholder:"YYYY-MM-DD"`
	History  string   `help:"前几轮对话（JSON） · earlier turns" placeholder:"FILE"`
	Profile  string   `help:"企业情况（JSON），写全的：没写的算没有，null 是不知道 · what the enterprise is (JSON), complete: absent is no, null is not known" placeholder:"FILE"`
	Check    bool     `name:"checklist" help:"只打印逐条对照的清单，可贴进答复 · print only the checklist of conditions, to be copied into a reply"`
	Explain  bool     `help:"显示如何理解问题、条款为何这样排序 · show how the question was read and why each clause ranked"`
}

// Run answers one question, or each line of a batch.
func (c *askCmd) Run(ctx context.Context, a *app) error {
	q, err := c.question(a)
	if err != nil {
		return err
	}
	desk, done, err := a.desk(ctx)
	if err != nil {
		return err
	}
	defer done()
	if c.Batch != "" {
		return a.eachLine(c.Batch, func(q bot.Question) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return c.answer(ctx, a, desk, c.asOf(q))
		})
	}
	return c.answer(ctx, a, desk, q)
}

// question reads the question of the command line, if it is one.
func (c *askCmd) question(a *app) (bot.Question, error) {
	if (len(c.Question) > 0) == (c.Batch != "") {
		return bot.Question{}, usageError{errors.New(a.msg("question_or"))}
	}
	if c.History != "" && c.Batch != "" {
		return bot.Question{}, usageError{errors.New(a.msg("history_batch"))}
	}
	if c.AsOf != "" {
		if _, err := time.Parse(time.DateOnly, c.AsOf); err != nil {
			return bot.Question{}, usageError{errors.New(a.msg("as_of_bad", c.AsOf))}
		}
	}
	q := c.asOf(bot.Question{Text: strings.Join(c.Question, " "), Lang: a.lang})
	if err := c.profile(&q); err != nil || c.History == "" {
		return q, err
	}
	text, err := os.ReadFile(c.History)
	if err != nil {
		return q, &messageError{"read_file", []any{c.History, err}}
	}
	if err := readJSON(text, &q.History); err != nil {
		return q, &messageError{"history_bad", []any{c.History, err}}
	}
	if err := checkTurns(q.History); err != nil {
		return q, &messageError{"history_bad", []any{c.History, err}}
	}
	return q, nil
}

// profile reads the file of --profile into a question.
func (c *askCmd) profile(q *bot.Question) error {
	if c.Profile == "" {
		return nil
	}
	text, err := os.ReadFile(c.Profile)
	if err != nil {
		return &messageError{"read_file", []any{c.Profile, err}}
	}
	if q.Profile, err = profileOf(text); err != nil {
		return &messageError{"profile_bad", []any{c.Profile, err}}
	}
	return nil
}

// profileOf gives a profile, which is a JSON object; nil for null or nothing.
func profileOf(text []byte) (json.RawMessage, error) {
	if text = bytes.TrimSpace(text); len(text) == 0 || string(text) == "null" {
		return nil, nil
	}
	var object map[string]json.RawMessage
	if err := readJSON(text, &object); err != nil {
		return nil, err
	}
	return text, nil
}

// readJSON reads one JSON value. Text in another encoding than UTF-8 would be
// read as other words.
func readJSON(text []byte, v any) error {
	if !utf8.Valid(text) {
		return errors.New("not UTF-8 text")
	}
	err := json.Unmarshal(bytes.TrimPrefix(text, []byte(byteOrderMark)), v)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		return fmt.Errorf("%q cannot be a JSON %s", wrong.Field, wrong.Value)
	}
	return err
}

// checkTurns refuses turns that are nobody's.
func checkTurns(history []bot.Turn) error {
	for _, t := range history {
		if t.Role != bot.RoleUser && t.Role != bot.RoleAssistant {
			return fmt.Errorf("role %q", t.Role)
		}
	}
	return nil
}

// asOf sets the day that --as-of names, unless the question brings its own.
func (c *askCmd) asOf(q bot.Question) bot.Question {
	if t, err := time.Parse(time.DateOnly, c.AsOf); err == nil && q.AsOf.IsZero() {
		q.AsOf = t
	}
	return q
}

// readable cuts a question that is too long to be asked, and earlier turns that
// are, to no more than shows it, as the service does: how long a text takes to
// read grows faster than the text.
func readable(q bot.Question) (cut bot.Question, long bool) {
	if text := understand.Clean(q.Text); utf8.RuneCountInString(text) > bot.MaxQuestion {
		q.Text, long = beginning(text), true
	}
	q.History = slices.Clone(q.History)
	for i := range q.History {
		q.History[i].Text = beginning(q.History[i].Text)
	}
	return q, long
}

// beginning is one character more of a text than a question may have, or all of it.
func beginning(text string) string {
	n := 0
	for i := range text {
		if n > bot.MaxQuestion {
			return text[:i]
		}
		n++
	}
	return text
}

// explainedAnswer is an answer with its explanation, for --json --explain.
type explainedAnswer struct {
	bot.Answer
	Explain *bot.Explanation `json:"explain,omitempty"`
}

func (c *askCmd) answer(ctx context.Context, a *app, desk *bot.Desk, q bot.Question) error {
	desk.Words = c.Explain
	asked := q.Text
	q, _ = readable(q)
	answer, why, err := desk.Explain(ctx, q)
	if err != nil {
		return err
	}
	answer.Question = strings.ToValidUTF8(asked, "\ufffd")
	a.degraded(why.Degraded)
	a.fellBack(answer, why)
	if len(answer.Unused) > 0 {
		a.complain(a.msg("profile_unused", strings.Join(answer.Unused, ", ")))
	}
	if c.JSON || c.Batch != "" {
		out := explainedAnswer{Answer: answer}
		if c.Explain {
			out.Explain = &why
		}
		return a.printJSON(out)
	}
	if c.Check {
		return a.checklist(answer)
	}
	s := a.screen()
	s.Answer(answer)
	a.eligibility(s, answer)
	if c.Explain {
		a.explanation(s, why)
	}
	return s.Err()
}

// printJSON writes one value on one line, Chinese as it is.
func (a *app) printJSON(v any) error {
	e := json.NewEncoder(a.out)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// A batchLine is one line of a batch.
type batchLine struct {
	ID       string          `json:"id"`
	Question *string         `json:"question"`
	History  []bot.Turn      `json:"history"`
	AsOf     string          `json:"as_of"`
	Profile  json.RawMessage `json:"profile"` // of the enterprise: complete, absent is no, null is not known
}

func parseLine(line []byte) (bot.Question, error) {
	var l batchLine
	if err := readJSON(line, &l); err != nil {
		return bot.Question{}, err
	}
	if l.Question == nil {
		return bot.Question{}, errors.New(`"question" is missing`)
	}
	if err := checkTurns(l.History); err != nil {
		return bot.Question{}, err
	}
	q := bot.Question{ID: l.ID, Text: *l.Question, History: l.History}
	var err error
	if q.Profile, err = profileOf(l.Profile); err != nil {
		return q, fmt.Errorf(`"profile" must be a JSON object: %w`, err)
	}
	if l.AsOf != "" {
		t, err := time.Parse(time.DateOnly, l.AsOf)
		if err != nil {
			return q, fmt.Errorf(`"as_of" must be YYYY-MM-DD: %q`, l.AsOf)
		}
		q.AsOf = t
	}
	return q, nil
}

// eachLine gives the questions of a batch file to do, in order. A line that is
// no question is reported and does not stop the others.
func (a *app) eachLine(file string, do func(bot.Question) error) error {
	in := a.in
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return &messageError{"read_file", []any{file, err}}
		}
		defer f.Close()
		in = f
	}
	bad := false
	r := bufio.NewReaderSize(in, 1<<20)
	for n := 1; ; n++ {
		line, err := r.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			q, perr := parseLine(line)
			q.Lang = a.lang
			if perr != nil {
				bad = true
				a.complain(a.msg("batch_line", file, n, perr))
			} else if err := do(q); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return &messageError{"read_file", []any{file, err}}
		}
	}
	if bad {
		return errReported
	}
	return nil
}
