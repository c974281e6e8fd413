//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"policybot/bot/faults/control"
	"policybot/bot/sqlite"
)

// An env is what one row gets from the runner.
type env struct {
	bin      string // the program under test
	prepared string // a data folder after a first start
	scratch  string // a folder of the row's own
	random   *rand.Rand
	opts     options
	said     func(format string, args ...any) // tells a person how far a long row is
}

// A setup changes how a world is made.
type setup struct {
	empty  bool     // begin with no data folder
	env    []string // for the program
	wrap   []string
	chat   chatSetup
	manual bool   // the row starts the program itself
	data   string // a data folder that is filled already; "": a copy of the prepared one
}

// A world is one running program with people around it, and the oracle that judges what they saw.
type world struct {
	*env
	launch launch
	lossy  bool // the platform may give up telling the program of a post
	prog   *program
	http   *client
	chat   *chat
	ledger *ledger

	level control.Stats // before the fault; a program that was started again may not go beyond it either

	mu    sync.Mutex
	leaks []error
}

// stalled is world with an answerer that waits until it is let go.
func (e *env) stalled(ctx context.Context, s setup) (*world, error) {
	w, err := e.world(ctx, s)
	if err != nil {
		return nil, err
	}
	if err := w.prog.faults.Stall(ctx, true, ""); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// world makes a world with a program that is ready. The caller closes it.
func (e *env) world(ctx context.Context, s setup) (*world, error) {
	w := &world{env: e, ledger: &ledger{}}
	data := filepath.Join(e.scratch, "data")
	logs := filepath.Join(e.scratch, "logs")
	config := filepath.Join(e.scratch, "config.yaml")
	if err := errors.Join(os.MkdirAll(logs, 0o755), os.WriteFile(config, []byte("lang: en\n"), 0o644)); err != nil {
		return nil, err
	}
	if !s.empty && s.data == "" {
		if err := os.CopyFS(data, os.DirFS(e.prepared)); err != nil {
			return nil, err
		}
	}
	if s.data != "" {
		data = s.data
	}
	httpAddr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	controlAddr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	w.http = newClient(httpAddr, w.ledger, w.leak)
	if w.chat, err = newChat("http://"+httpAddr, s.chat, w.ledger); err != nil {
		return nil, err
	}
	w.launch = launch{
		bin: e.bin, data: data, config: config, http: httpAddr, control: controlAddr, logs: logs,
		wrap: s.wrap, env: append(w.chat.env(), s.env...),
	}
	if s.manual {
		return w, nil
	}
	if err := w.begin(ctx); err != nil {
		w.close()
		return nil, err
	}
	if err := w.warmUp(ctx); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// begin starts the program and waits until it is ready.
func (w *world) begin(ctx context.Context) error {
	var err error
	if w.prog, err = start(w.launch); err != nil {
		return err
	}
	return w.prog.ready(ctx)
}

// warmUp asks a few at once each way, so that what is made on first use is there, and measures the level.
func (w *world) warmUp(ctx context.Context) error {
	if err := w.crowd(ctx, 16, 200, 0.5).done(); err != nil {
		return err
	}
	if err := w.rest(ctx); err != nil {
		return err
	}
	w.hangUp()
	var err error
	w.level, err = w.prog.faults.Stats(ctx)
	return err
}

// hangUp closes connections that nobody uses now.
func (w *world) hangUp() {
	w.http.close()
	w.chat.mail.inner.CloseIdleConnections()
}

// close ends what still runs.
func (w *world) close() {
	if w.prog != nil && w.prog.alive() {
		w.prog.kill()
	}
	w.http.close()
	w.chat.close()
}

// restart kills the program and starts it again.
func (w *world) restart(ctx context.Context) error {
	w.prog.kill()
	return w.begin(ctx)
}

func (w *world) leak(err error) {
	if err == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.leaks) < 5 {
		w.leaks = append(w.leaks, err)
	}
}

// questions that the seeds answer, and some that they do not.
var questions = []string{
	"北京市对医药健康创新企业有什么资金支持？",
	"人工智能企业可以申请哪些补贴？",
	"申请资助需要满足什么条件？",
	"What support is there for biotech companies?",
	"专精特新企业的贷款贴息比例是多少？",
	"公司注册地址迁出后补助要退回吗？",
	"What is the weather tomorrow?",
}

// question gives a question with a mark of its own.
func (w *world) question() string {
	m := w.ledger.mark()
	return questions[len(m)*int(m[len(m)-1])%len(questions)] + " " + m
}

// askHTTP asks one question over HTTP and waits for its answer.
func (w *world) askHTTP(ctx context.Context, user string) (response, error) {
	text := w.question()
	mark := markIn(text)
	return w.http.ask(ctx, ask{key: "key-" + mark, user: user, text: text, mark: mark})
}

// settle waits until every question has its reply, and lets the oracle judge all that was seen. The program
// must be running; it is ended, with SIGTERM, and what it left behind is examined.
func (w *world) settle(ctx context.Context) error {
	rest := w.rest(ctx)
	level := w.backToLevel(ctx)
	stop := w.prog.stop(ctx)
	return errors.Join(rest, level, stop, w.verdict(ctx))
}

// rest waits until nothing is under way any more: by what people saw, and by the program's own count.
func (w *world) rest(ctx context.Context) error {
	limit := 60 * time.Second
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		busy, err := w.underWay(ctx)
		if err == nil && busy == "" {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("not at rest after %s: %s", limit, busy), err)
		case <-w.prog.done:
			return fmt.Errorf("the program ended by itself: %s", w.prog.ending())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// underWay says what is still to come; "" when nothing is.
func (w *world) underWay(ctx context.Context) (string, error) {
	if n := w.chat.undelivered(); n > 0 {
		return fmt.Sprintf("%d events are still being delivered", n), nil
	}
	counts, err := countJournal(ctx, w.launch.data)
	if err != nil {
		return "", err
	}
	if counts.Waiting+counts.Claimed+counts.Answered+counts.Ready+counts.Posting > 0 {
		return fmt.Sprintf("the journal counts %+v", counts), nil
	}
	return "", nil
}

const slack = 12 // goroutines and descriptors of connections that are kept for a while

// backToLevel waits until goroutines and descriptors are as before the fault.
func (w *world) backToLevel(ctx context.Context) error {
	w.hangUp()
	if w.level.Goroutines == 0 || !w.prog.alive() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	for {
		s, err := w.prog.faults.Stats(ctx)
		if err == nil && s.Goroutines <= w.level.Goroutines+slack && s.FDs <= w.level.FDs+slack {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not back to its level: goroutines %d to %d, descriptors %d to %d", w.level.Goroutines, s.Goroutines, w.level.FDs, s.FDs)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// verdict judges what people saw and what the program left behind. The program must have ended.
func (w *world) verdict(ctx context.Context) error {
	w.chat.collect()
	all := w.ledger.all()
	errs := []error{w.secrets()}
	pages, err := readJournal(ctx, w.launch.data)
	if err != nil {
		errs = append(errs, err)
	} else {
		excuse(pages, all)
		errs = append(errs, problems("the journal", judgeJournal(pages, all)))
	}
	errs = append(errs, problems("what people saw", judgeAsked(all)))
	if t := w.ledger.tally(); t.acked < t.asked && !w.lossy {
		errs = append(errs, fmt.Errorf("%d of %d questions never reached the program", t.asked-t.acked, t.asked))
	}
	if n := w.chat.pings(); n > 0 {
		errs = append(errs, fmt.Errorf("the bot's messages called on people %d times", n))
	}
	if _, err := w.tool(ctx, "doctor"); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// tool runs a command of the program on the data folder.
func (w *world) tool(ctx context.Context, args ...string) (string, error) {
	return tool(ctx, w.launch.bin, append(args, "--data", w.launch.data)...)
}

// secrets looks for secrets in everything the program printed, stored and sent.
func (w *world) secrets() error {
	w.mu.Lock()
	errs := append([]error(nil), w.leaks...)
	w.mu.Unlock()
	for _, name := range []string{w.prog.out, w.prog.err, filepath.Join(w.launch.data, sqlite.FileName)} {
		data, err := os.ReadFile(name)
		errs = append(errs, err, leak(filepath.Base(name), string(data)))
	}
	errs = append(errs, leak("the chat", strings.Join(w.chat.texts(), "\n")))
	return errors.Join(errs...)
}
