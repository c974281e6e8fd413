package terminal

import (
	"io"
	"os"
	"strconv"
	"time"
)

// quiet is how long work may take before its progress is shown.
const quiet = 500 * time.Millisecond

// ProgressOptions of a [Progress]. The zero value fits a terminal and a pipe.
type ProgressOptions struct {
	Width int              // cells of a line; 0: as in Options
	Now   func() time.Time // the clock; nil: time.Now
	system
}

// A Progress shows on one line, which it rewrites, how far a piece of work has
// come. It writes nothing where w is no terminal, is standard output or has the
// type dumb, nor before half a second of work. It runs nothing of its own: what
// is shown changes with each step. It is for one goroutine.
type Progress struct {
	w           io.Writer // nil: silent
	now         func() time.Time
	start       time.Time
	columns     int
	done, total int
	shown       int // cells on the line
}

// NewProgress begins a piece of work of total steps, shown on w, which should be
// standard error. Where the number of steps is not known, total is 0.
func NewProgress(w io.Writer, total int, opts ProgressOptions) *Progress {
	p := &Progress{now: opts.Now, total: total}
	if _, ok := opts.size(w); ok && w != io.Writer(os.Stdout) && opts.env("TERM") != "dumb" {
		p.w = w
	}
	if p.now == nil {
		p.now = time.Now
	}
	p.columns = opts.columns(w, opts.Width)
	p.start = p.now()
	return p
}

// Step says that the next step has begun. The label names it; it is cleaned and
// truncated to the line. Errors in writing are not reported.
func (p *Progress) Step(label string) {
	p.done++
	if p.w == nil || p.now().Sub(p.start) < quiet {
		return
	}
	text := strconv.Itoa(p.done)
	if p.total > 0 {
		text += "/" + strconv.Itoa(max(p.total, p.done))
	}
	// One cell stays free: many terminals go to the next line after the last.
	text = Truncate(text+"  "+cleanLine(label), p.columns-1)
	_, _ = io.WriteString(p.w, "\r"+Pad(text, p.shown))
	p.shown = Width(text)
}

// Done ends the work and clears the line if one was shown, so that what is
// written next begins at its start. Steps after it are not shown; a second Done
// does nothing.
func (p *Progress) Done() {
	if p.w != nil && p.shown > 0 {
		_, _ = io.WriteString(p.w, "\r"+blanks(p.shown)+"\r")
	}
	p.w = nil
}
