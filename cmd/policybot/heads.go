package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"policybot/bot/accounts"
)

// headsName is the file with a line for each day that the service ran: the day and the head of the audit then. It
// shows that nothing before was taken away.
const headsName = "audit.heads"

// keepEvery is how often sessions that are over are removed and the head of the audit is looked at.
const keepEvery = time.Hour

// keepBook looks after accounts until ctx ends.
func (v *server) keepBook(ctx context.Context, book *accounts.Book) {
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	for {
		if err := v.app.noteHead(ctx, book, time.Now()); err != nil && ctx.Err() == nil {
			v.log.Error("the audit does not fit what was noted of it, or its head cannot be noted: run audit verify", "error", err)
		}
		if _, err := book.Sweep(ctx); err != nil && ctx.Err() == nil {
			v.log.Error("sessions that are over cannot be removed", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// noteHead notes the head of the audit once a day, after the audit was checked against what was noted before.
func (a *app) noteHead(ctx context.Context, book *accounts.Book, now time.Time) error {
	kept, last, err := a.heads()
	if err != nil {
		return err
	}
	day := now.UTC().Format(time.DateOnly)
	if last == day {
		return nil
	}
	head, err := book.Verify(ctx, kept...)
	if err != nil || head.Count == 0 {
		return err
	}
	f, err := os.OpenFile(filepath.Join(a.data, headsName), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%s %s\n", day, head)
	return errors.Join(err, f.Sync(), f.Close())
}

// heads reads what was noted of the audit, and the day of the last note. A line that was cut off at the end is
// left out.
func (a *app) heads() (kept []accounts.Head, last string, err error) {
	f, err := os.Open(filepath.Join(a.data, headsName))
	if errors.Is(err, os.ErrNotExist) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		day, text, _ := strings.Cut(lines.Text(), " ")
		if h, err := accounts.ParseHead(text); err == nil {
			kept, last = append(kept, h), day
		}
	}
	return kept, last, lines.Err()
}
