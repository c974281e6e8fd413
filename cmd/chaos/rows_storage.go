//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// syncFails is F53: the disk refuses to make anything durable for a while.
func syncFails(ctx context.Context, e *env) (string, error) {
	w, err := e.world(ctx, setup{chat: chatSetup{speed: 10}})
	if err != nil {
		return "", err
	}
	defer w.close()
	t, err := inject(ctx, w.prog, "fsync,fdatasync", "EIO")
	if err != nil {
		return "", err
	}
	released := false
	defer func() {
		if !released {
			t.release()
		}
	}()
	p, err := w.chat.post("during", "place", w.question())
	if err != nil {
		return "", err
	}
	text := w.question()
	q := ask{key: "during", user: "during-http", text: text, mark: markIn(text)}
	a := w.ledger.add(viaHTTP, q.key, q.mark)
	r, err := w.http.once(ctx, q)
	if err == nil && (!r.retry || r.status < 500) {
		return "", fmt.Errorf("while fsync failed a question over HTTP got status %d: %s", r.status, clip(string(r.body), 200))
	}
	health, err := w.unhealthy(ctx)
	if err != nil {
		return "", err
	}
	if err := w.turnedAway(ctx, p); err != nil {
		return "", fmt.Errorf("while fsync failed: %w", err)
	}
	t.release()
	released = true
	ended := !w.prog.alive()
	if ended {
		if _, err := w.prog.reason(); err != nil {
			return "", err
		}
		if err := w.begin(ctx); err != nil {
			return "", err
		}
	}
	if _, err := w.http.follow(ctx, q, a); err != nil {
		return "", err
	}
	if err := w.chat.replied(ctx, p); err != nil {
		return "", err
	}
	if err := w.healthy(ctx); err != nil {
		return "", err
	}
	how := "went on by itself"
	if ended {
		how = "ended with a line and was started again"
	}
	return fmt.Sprintf("%d calls failed; health said %s; %s", t.injected(), health, how), w.settle(ctx)
}

// turnedAway waits until the platform has tried twice to tell of a post, and wants both to have failed. It is
// content when the program ended meanwhile.
func (w *world) turnedAway(ctx context.Context, p *post) error {
	err := wait(ctx, 10*time.Second, "the platform tries twice", func() (bool, error) { return w.chat.mail.tries(p.gesture) >= 2 || !w.prog.alive(), nil })
	if err == nil && w.chat.acked(p) {
		err = errors.New("an event was acknowledged")
	}
	return err
}

// unhealthy waits until /healthz or /readyz says that something is wrong.
func (w *world) unhealthy(ctx context.Context) (said string, err error) {
	err = wait(ctx, 15*time.Second, "health says that something is wrong", func() (bool, error) {
		if !w.prog.alive() {
			said = "nothing, the program ended"
			return true, nil
		}
		for _, path := range []string{"/readyz", "/healthz"} {
			code, body, err := w.prog.get(ctx, path)
			if err == nil && code != http.StatusOK {
				said = fmt.Sprintf("%s %d %s", path, code, clip(strings.Join(strings.Fields(string(body)), " "), 160))
				return true, nil
			}
		}
		return false, nil
	})
	return said, err
}

// healthy waits until both say that all is well.
func (w *world) healthy(ctx context.Context) error {
	return wait(ctx, 30*time.Second, "health says that all is well again", func() (bool, error) {
		for _, path := range []string{"/readyz", "/healthz"} {
			code, body, err := w.prog.get(ctx, path)
			if err != nil || code != http.StatusOK {
				return false, errors.Join(fmt.Errorf("%s: %d %s", path, code, clip(string(body), 160)), err)
			}
		}
		return true, nil
	})
}

// diskFull is F54: the disk fills up, with more or less left, and later has space again.
func diskFull(ctx context.Context, e *env) (string, error) {
	d, err := newDisk(ctx, filepath.Join(e.scratch, "disk"), 16)
	if err != nil {
		return "", err
	}
	defer d.close()
	if err := os.CopyFS(d.dir, os.DirFS(e.prepared)); err != nil {
		return "", err
	}
	w, err := e.world(ctx, setup{data: d.dir, chat: chatSetup{speed: 10}})
	if err != nil {
		return "", err
	}
	defer w.close()
	before, err := w.askHTTP(ctx, "before")
	if err != nil {
		return "", err
	}
	rounds := []int{0, e.random.IntN(30)} // blocks that are left
	if e.opts.long {
		rounds = []int{0, 1, 3, 10, 30, 100, 300}
	}
	taken, health := 0, ""
	for _, blocks := range rounds {
		n, said, err := w.fullOnce(ctx, d, blocks, before.answer)
		if err != nil {
			return "", fmt.Errorf("with %d blocks left: %w", blocks, err)
		}
		taken, health = taken+n, said
	}
	return fmt.Sprintf("full %d times; %d were taken whose answers had to wait for space; health said %s; went on by itself", len(rounds), taken, health), w.settle(ctx)
}

// fullOnce fills the disk, asks, gives the space back, and wants all that were asked answered.
func (w *world) fullOnce(ctx context.Context, d *disk, blocks int, old answer) (taken int, health string, err error) {
	if err := d.fill(blocks); err != nil {
		return 0, "", err
	}
	late, err := w.askUntilFull(ctx)
	if err != nil {
		return 0, "", err
	}
	p, err := w.post(fmt.Sprint("full-", blocks))
	if err != nil {
		return 0, "", err
	}
	if health, err = w.unhealthy(ctx); err != nil {
		return 0, "", err
	}
	if r, err := w.http.stored(ctx, old.ID); err != nil || r.answer.Text != old.Text {
		return 0, "", errors.Join(fmt.Errorf("a stored answer cannot be read: status %d", r.status), err)
	}
	if err := w.turnedAway(ctx, p); err != nil {
		return 0, "", err
	}
	if err := d.free(); err != nil {
		return 0, "", err
	}
	for _, q := range late {
		if _, err := w.http.ask(ctx, q); err != nil {
			return 0, "", err
		}
	}
	return len(late) - 1, health, errors.Join(w.chat.replied(ctx, p), w.healthy(ctx))
}

// askUntilFull asks until a question is turned away, which must be said as the contract says it. It returns the
// questions that have no answer yet: those that were taken but whose answer found no space, and the last.
func (w *world) askUntilFull(ctx context.Context) (late []ask, err error) {
	const most = 2000
	for range most {
		text := w.question()
		q := ask{key: "key-" + markIn(text), user: "filler-" + markIn(text), text: text, mark: markIn(text)}
		short, cancel := context.WithTimeout(ctx, 3*time.Second)
		r, err := w.http.once(short, q)
		cancel()
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			late = append(late, q)
		case err != nil:
			return late, err
		case r.status == http.StatusServiceUnavailable:
			if !strings.Contains(strings.ToLower(string(r.body)), "temporarily unavailable") {
				err = fmt.Errorf("a question to a full disk got %s, want words with \"temporarily unavailable\"", clip(string(r.body), 200))
			}
			return append(late, q), err
		case r.retry:
			return late, fmt.Errorf("a question to a full disk got status %d: %s", r.status, clip(string(r.body), 200))
		default:
			w.http.seen(w.ledger.add(viaHTTP, q.key, q.mark), r.answer)
		}
	}
	return late, fmt.Errorf("the disk is full and %d questions were taken", most)
}

// badFolders is F55: data folders that cannot be used.
func badFolders(ctx context.Context, e *env) (string, error) {
	const nobody = 65534
	readOnly := func(dir string) []string {
		return []string{"unshare", "--mount", "sh", "-c", `mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"`, dir}
	}
	at := func(name string) string { return filepath.Join(e.scratch, name) }
	file, empty, full, owned := at("a-file"), at("read-only-empty"), at("read-only"), at("of-another")
	if err := errors.Join(os.WriteFile(file, nil, 0o644), os.Mkdir(empty, 0o755), os.CopyFS(full, os.DirFS(e.prepared)), os.CopyFS(owned, os.DirFS(e.prepared)), os.Chmod(owned, 0o700)); err != nil {
		return "", err
	}
	cases := []struct {
		name, data string
		wrap       []string
		uid        uint32
	}{
		{name: "a file", data: file},
		{name: "below a file", data: filepath.Join(file, "data")},
		{name: "empty, read only", data: empty, wrap: readOnly(empty)},
		{name: "read only", data: full, wrap: readOnly(full)},
		{name: "of another owner", data: owned, uid: nobody},
		{name: "missing, and cannot be made", data: at("missing"), uid: nobody},
	}
	var errs []error
	for i, c := range cases {
		sub := *e
		sub.scratch = at(fmt.Sprint("case", i))
		w, err := sub.world(ctx, setup{manual: true, empty: true, data: c.data})
		if err != nil {
			return "", err
		}
		l := w.launch
		l.wrap, l.uid = c.wrap, c.uid
		line, err := refuses(ctx, l, c.data)
		w.close()
		if err != nil {
			errs = append(errs, fmt.Errorf("a folder that is %s: %w", c.name, err))
		} else if i == 0 || e.opts.long {
			e.said("%s: %s", c.name, clip(line, 200))
		}
	}
	return fmt.Sprintf("%d kinds of folder refused, each with exit code 1 and one line", len(cases)), errors.Join(errs...)
}

// refuses wants serve to end by itself with exit code 1 and one line that holds part.
func refuses(ctx context.Context, l launch, part string) (string, error) {
	p, err := start(l)
	if err != nil {
		return "", err
	}
	if err := p.ends(ctx, 15*time.Second); err != nil {
		said := p.lastWords()
		p.kill()
		return "", fmt.Errorf("%w; it said: %s", err, said)
	}
	return p.reason(part)
}

// twoInstances is F56: a second serve on one folder.
func twoInstances(ctx context.Context, e *env) (string, error) {
	w, err := e.world(ctx, setup{})
	if err != nil {
		return "", err
	}
	defer w.close()
	l := w.launch
	l.logs = filepath.Join(e.scratch, "second")
	if err := os.MkdirAll(l.logs, 0o755); err != nil {
		return "", err
	}
	if l.http, err = freeAddr(); err != nil {
		return "", err
	}
	if l.control, err = freeAddr(); err != nil {
		return "", err
	}
	line, err := refuses(ctx, l, fmt.Sprint(w.prog.pid()))
	if err != nil {
		return "", err
	}
	if _, err := w.askHTTP(ctx, "after"); err != nil {
		return "", fmt.Errorf("the first one: %w", err)
	}
	return clip(line, 120), w.settle(ctx)
}

// backup is F59: a backup during load, and a restore into an empty folder.
func backup(ctx context.Context, e *env) (string, error) {
	w, err := e.world(ctx, setup{})
	if err != nil {
		return "", err
	}
	defer w.close()
	c := w.crowd(ctx, 200, 40, 0.5)
	if err := pause(ctx, 2*time.Second); err != nil {
		return "", err
	}
	before := w.ledger.tally().acked
	during, err := w.backUp(ctx, "during")
	if err != nil {
		return "", err
	}
	after := w.ledger.tally().asked
	if during < before || during > after {
		return "", fmt.Errorf("the backup has %d questions; %d were acknowledged before it and %d asked after it", during, before, after)
	}
	if err := errors.Join(c.done(), w.rest(ctx)); err != nil {
		return "", err
	}
	whole, err := w.backUp(ctx, "whole")
	if err != nil {
		return "", err
	}
	counts, err := countJournal(ctx, w.launch.data)
	if err == nil && int64(whole) != counts.Questions {
		err = fmt.Errorf("the backup at rest has %d questions, the journal %d", whole, counts.Questions)
	}
	if err != nil {
		return "", err
	}
	if err := w.settle(ctx); err != nil {
		return "", err
	}
	w.launch.data = filepath.Join(e.scratch, "whole-restored")
	if err := w.begin(ctx); err != nil {
		return "", err
	}
	if err := c.again(ctx, 10); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d questions in a backup under load (between %d and %d), %d in one at rest; the restored folder gives the same answers", during, before, after, whole), w.settle(ctx)
}

// backUp makes a backup beside the running program, restores it, and counts its questions.
func (w *world) backUp(ctx context.Context, name string) (int, error) {
	file, folder := filepath.Join(w.scratch, name+".backup"), filepath.Join(w.scratch, name+"-restored")
	if _, err := w.tool(ctx, "backup", file); err != nil {
		return 0, err
	}
	if _, err := tool(ctx, w.launch.bin, "restore", file, "--data", folder); err != nil {
		return 0, err
	}
	if _, err := tool(ctx, w.launch.bin, "doctor", "--data", folder); err != nil {
		return 0, fmt.Errorf("the restored folder: %w", err)
	}
	pages, err := readJournal(ctx, folder)
	return len(pages), err
}
