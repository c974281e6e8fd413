package terminal

import (
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/term"
)

// Mode says when a [Screen] uses colour.
type Mode string

// Modes of colour. The empty mode is Auto.
const (
	Auto   Mode = "auto"   // on a terminal, unless $NO_COLOR is set and not empty or $TERM is dumb
	Always Mode = "always" // even into a file
	Never  Mode = "never"
)

// Options of a [Screen]. The zero value fits a terminal and a pipe.
type Options struct {
	Width int  // cells of a line; 0: those of the terminal, else $COLUMNS, else 80
	Color Mode // empty: Auto
	system
}

// Widths in cells.
const (
	defaultWidth = 80
	textWidth    = 100 // of running text on a wide terminal: longer lines are hard to read
)

// A Screen writes what people read. It is for one goroutine. Every text it is
// given is cleaned, see [Clean], before it is written.
type Screen struct {
	w     io.Writer
	width int
	color bool
	err   error
}

// New makes a screen that writes to w.
func New(w io.Writer, opts Options) *Screen {
	return &Screen{w: w, width: opts.columns(w, opts.Width), color: opts.colors(w)}
}

// Width is the number of cells of a line, at least one.
func (s *Screen) Width() int { return s.width }

// Err is the first error in writing. After it nothing more is written.
func (s *Screen) Err() error { return s.err }

// Print writes a text of ours, such as a message, wrapped like an answer and
// without colour. It ends with a line feed.
func (s *Screen) Print(text string) {
	var b strings.Builder
	for part := range strings.SplitSeq(strings.TrimRight(Clean(text), "\n"), "\n") {
		for _, l := range Wrap(part, min(s.width, textWidth), hanging(part)) {
			b.WriteString(l + "\n")
		}
	}
	s.write(b.String())
}

// write sends what has been cleaned.
func (s *Screen) write(text string) {
	if s.err == nil {
		_, s.err = io.WriteString(s.w, text)
	}
}

// paint is a clean text in a style, where the screen has colour.
func (s *Screen) paint(text string, st style) string {
	if !s.color || st == 0 || text == "" {
		return text
	}
	return st.on() + text + styleOff
}

// A style is a set of the ways in which text can stand out.
type style uint8

const (
	bold style = 1 << iota
	dim
	yellow
	cyan
)

// styleOff ends every style.
const styleOff = "\x1b[0m"

// on is the sequence that begins a style.
func (st style) on() string {
	var codes []string
	for i, code := range []string{"1", "2", "33", "36"} {
		if st&(1<<i) != 0 {
			codes = append(codes, code)
		}
	}
	return "\x1b[" + strings.Join(codes, ";") + "m"
}

// A system is what is known of the outside. Tests put their own in the place of
// the real one, which is the zero value.
type system struct {
	getenv   func(string) string
	terminal func(io.Writer) (columns int, ok bool)
}

func (sys system) env(name string) string {
	if sys.getenv != nil {
		return sys.getenv(name)
	}
	return os.Getenv(name)
}

// size reports whether w is a terminal, and its columns where it says.
func (sys system) size(w io.Writer) (columns int, ok bool) {
	if sys.terminal != nil {
		return sys.terminal(w)
	}
	f, ok := w.(*os.File)
	if !ok || f == nil || !term.IsTerminal(int(f.Fd())) {
		return 0, false
	}
	columns, _, _ = term.GetSize(int(f.Fd()))
	return columns, true
}

// columns is the width asked for, or the one that is found.
func (sys system) columns(w io.Writer, asked int) int {
	if asked > 0 {
		return asked
	}
	if n, ok := sys.size(w); ok && n > 0 {
		return n
	}
	if n, err := strconv.Atoi(sys.env("COLUMNS")); err == nil && n > 0 {
		return n
	}
	return defaultWidth
}

// colors reports whether to use colour on w.
func (o Options) colors(w io.Writer) bool {
	switch o.Color {
	case Always:
		return true
	case Never:
		return false
	}
	_, ok := o.size(w)
	return ok && o.env("NO_COLOR") == "" && o.env("TERM") != "dumb"
}
