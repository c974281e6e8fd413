package terminal

import (
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"policybot/bot"
	"policybot/retrieval"
)

// none is a system without variables, where nothing is a terminal.
var none = pretend(0, false, nil)

// pretend is a system with these variables in which every writer is a terminal
// with so many columns, or none is.
func pretend(columns int, terminal bool, env map[string]string) system {
	return system{
		getenv:   func(name string) string { return env[name] },
		terminal: func(io.Writer) (int, bool) { return columns, terminal },
	}
}

func TestOptions(t *testing.T) {
	type env = map[string]string
	tests := []struct {
		name  string
		opts  Options
		width int
		color bool
	}{
		{"pipe", Options{system: pretend(0, false, nil)}, 80, false},
		{"pipe, COLUMNS", Options{system: pretend(0, false, env{"COLUMNS": "132"})}, 132, false},
		{"pipe, bad COLUMNS", Options{system: pretend(0, false, env{"COLUMNS": "-5"})}, 80, false},
		{"pipe, no number", Options{system: pretend(0, false, env{"COLUMNS": "wide"})}, 80, false},
		{"terminal", Options{system: pretend(60, true, nil)}, 60, true},
		{"terminal before COLUMNS", Options{system: pretend(60, true, env{"COLUMNS": "132"})}, 60, true},
		{"terminal that does not say", Options{system: pretend(0, true, env{"COLUMNS": "132"})}, 132, true},
		{"asked", Options{Width: 40, system: pretend(60, true, env{"COLUMNS": "132"})}, 40, true},
		{"asked for less than none", Options{Width: -1, system: pretend(60, true, nil)}, 60, true},
		{"dumb", Options{system: pretend(60, true, env{"TERM": "dumb"})}, 60, false},
		{"NO_COLOR", Options{system: pretend(60, true, env{"NO_COLOR": "1"})}, 60, false},
		{"NO_COLOR of any value", Options{system: pretend(60, true, env{"NO_COLOR": "0"})}, 60, false},
		{"empty NO_COLOR", Options{system: pretend(60, true, env{"NO_COLOR": "", "TERM": "xterm"})}, 60, true},
		{"auto", Options{Color: Auto, system: pretend(60, true, nil)}, 60, true},
		{"auto, pipe", Options{Color: Auto, system: pretend(60, false, nil)}, 80, false},
		{"never", Options{Color: Never, system: pretend(60, true, nil)}, 60, false},
		{"always", Options{Color: Always, system: pretend(0, false, env{"NO_COLOR": "1", "TERM": "dumb"})}, 80, true},
	}
	for _, tt := range tests {
		s := New(io.Discard, tt.opts)
		if s.Width() != tt.width || s.color != tt.color {
			t.Errorf("%s: width %d, color %t; want %d, %t", tt.name, s.Width(), s.color, tt.width, tt.color)
		}
	}
}

// TestRealSystem takes a file and a pipe for what they are.
func TestRealSystem(t *testing.T) {
	t.Setenv("COLUMNS", "33")
	f, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, w := range []io.Writer{f, io.Discard, (*os.File)(nil)} {
		if s := New(w, Options{}); s.Width() != 33 || s.color {
			t.Errorf("%T: width %d, color %t", w, s.Width(), s.color)
		}
	}
}

// readAnswers reads answers.txt.
func readAnswers(t testing.TB) (names []string, answers map[string]bot.Answer) {
	t.Helper()
	answers = map[string]bot.Answer{}
	var texts []string
	for _, l := range readLines(t, "answers.txt") {
		if name, ok := strings.CutPrefix(l, "== "); ok {
			names, texts = append(names, name), nil
			answers[name] = bot.Answer{}
		}
		if len(names) == 0 || strings.HasPrefix(l, "== ") {
			continue
		}
		a := answers[names[len(names)-1]]
		if notice, ok := strings.CutPrefix(l, "notice: "); ok {
			a.Notices = append(a.Notices, bot.Notice{Text: notice})
		} else if cited, ok := strings.CutPrefix(l, "cited: "); ok {
			for _, n := range strings.Fields(cited) {
				a.Citations = append(a.Citations, bot.Citation{N: number(t, "answers.txt", n)})
			}
		} else {
			texts = append(texts, l)
			a.Text = strings.TrimSpace(strings.Join(texts, "\n"))
		}
		answers[names[len(names)-1]] = a
	}
	return names, answers
}

// show runs f on a screen and returns what it wrote, with the colours taken
// away where there are any.
func show(t testing.TB, cells int, color Mode, f func(*Screen)) (raw, plain string) {
	t.Helper()
	var b strings.Builder
	s := New(&b, Options{Width: cells, Color: color, system: none})
	f(s)
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
	return b.String(), strip(b.String())
}

// strip takes away the sequences of style.on and styleOff, no others.
func strip(s string) string {
	for st := style(1); st < 16; st++ {
		s = strings.ReplaceAll(s, st.on(), "")
	}
	return strings.ReplaceAll(s, styleOff, "")
}

// views shows the same on several screens, each without and with colour.
func views(t *testing.T, f func(*Screen), screens ...int) string {
	t.Helper()
	var b strings.Builder
	for _, cells := range screens {
		plain, _ := show(t, cells, Never, f)
		colored, stripped := show(t, cells, Always, f)
		if diff := cmp.Diff(plain, stripped); diff != "" {
			t.Errorf("%d columns: colour changes the text\n%s", cells, diff)
		}
		checkScreen(t, plain, cells)
		b.WriteString("== " + strconv.Itoa(cells) + " columns\n" + plain + "== " + strconv.Itoa(cells) + " columns, colour\n" + colored)
	}
	return b.String()
}

// checkScreen holds an output without colour against what a terminal may get.
func checkScreen(t testing.TB, out string, cells int) {
	t.Helper()
	for _, r := range out {
		if r != '\n' && obeyed(r) {
			t.Fatalf("%U in %q", r, out)
		}
	}
	if out != "" && !strings.HasSuffix(out, "\n") {
		t.Fatalf("no line feed at the end of %q", out)
	}
	for l := range strings.SplitSeq(strings.TrimSuffix(out, "\n"), "\n") {
		if Width(l) > max(cells, 2) {
			t.Fatalf("%d cells on a screen of %d: %q", Width(l), cells, l)
		}
		if strings.HasSuffix(l, " ") {
			t.Fatalf("blanks at the end of %q", l)
		}
	}
}

func TestAnswer(t *testing.T) {
	names, answers := readAnswers(t)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			golden(t, "answer-"+name+".golden", views(t, func(s *Screen) { s.Answer(answers[name]) }, 80, 40, 20))
			for _, cells := range []int{500, 100, 40} {
				out, _ := show(t, cells, Never, func(s *Screen) { s.Answer(answers[name]) })
				checkScreen(t, out, min(cells, 100))
				if got, want := ink(out), ink(answers[name].Text); got != want {
					t.Errorf("%d columns: %q, want %q", cells, got, want)
				}
			}
		})
	}
}

// TestAnswerFits prints what needs no wrapping as it is.
func TestAnswerFits(t *testing.T) {
	for _, text := range []string{"支持企业。", "a\n\n\nb  c\n - d", "　　两格\n[1] x", ""} {
		want := text + "\n"
		if text == "" {
			want = ""
		}
		if got, _ := show(t, 80, Never, func(s *Screen) { s.Answer(bot.Answer{Text: text}) }); got != want {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

// hostile is everything that must not reach a terminal as it is.
func hostile() string {
	var b strings.Builder
	b.WriteString("\x1b[2J\x1b]0;title\a\x9b31m\xff\u009b1m")
	for r := rune(0); r < 0xa0; r++ {
		if r < 0x20 && r != '\n' || r >= 0x7f {
			b.WriteRune(r)
		}
	}
	for _, r := range "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u2028\u2029" {
		b.WriteRune(r)
	}
	return b.String() + "end"
}

func TestClean(t *testing.T) {
	tests := []struct{ in, want string }{
		{"支持 a\nb", "支持 a\nb"},
		{"a\r\nb\rc\r\r\nd", "a\nb\ufffdc\ufffd\nd"},
		{"a\tb", "a b"},
		{"\x1b[31mred", "\ufffd[31mred"},
		{"\u009b31m", "\ufffd31m"},
		{"\x9b31m", "\ufffd31m"},
		{"a\u202eb\u2066c\u2069", "a\ufffdb\ufffdc\ufffd"},
		{"a\u2028b\u0085c", "a\ufffdb\ufffdc"},
		{"👩\u200d💻e\u0301\ufe0f", "👩\u200d💻e\u0301\ufe0f"},
		{"\xe4\xb8", "\ufffd\ufffd"},
	}
	for _, tt := range tests {
		if got := Clean(tt.in); got != tt.want {
			t.Errorf("Clean(%q) = %q, want %q", tt.in, got, tt.want)
		}
		if got := Clean(Clean(tt.in)); got != tt.want {
			t.Errorf("Clean of Clean(%q) = %q", tt.in, got)
		}
	}
	for _, r := range Clean(hostile()) {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			t.Errorf("%U is left", r)
		}
	}
	if n := strings.Count(Clean(hostile()), "\ufffd"); n < 32+33+14-2 {
		t.Errorf("only %d marks: something vanished", n)
	}
}

// TestHostile puts hostile text into every field that is printed.
func TestHostile(t *testing.T) {
	h := hostile()
	doc := retrieval.Document{
		ID: h, Title: h, Number: h, Jurisdiction: h, ValidFrom: h, ValidUntil: h, Status: h,
	}
	clause := retrieval.Clause{ID: h, Document: doc, Path: h, Text: h, Departments: []string{h, h}}
	outputs := map[string]func(*Screen){
		"answer": func(s *Screen) {
			s.Answer(bot.Answer{Text: "a[1]\n\n" + h + "\n[1] " + h, Notices: []bot.Notice{{Text: h}}, Citations: []bot.Citation{{N: 1}}})
		},
		"print":     func(s *Screen) { s.Print(h) },
		"documents": func(s *Screen) { s.Documents([]retrieval.Document{doc}, h) },
		"hits":      func(s *Screen) { s.Hits([]Hit{{Clause: clause, Why: []string{h}}}, "zh") },
		"clauses":   func(s *Screen) { s.Clauses([]retrieval.Clause{clause}, "en") },
		"table":     func(s *Screen) { s.Table(Table{Columns: []Column{{Head: h}}, Rows: []Row{{Cells: []string{h, h}}}}) },
	}
	for name, f := range outputs {
		for _, cells := range []int{300, 80, 20} {
			for _, color := range []Mode{Always, Never} {
				_, plain := show(t, cells, color, f)
				checkScreen(t, plain, cells)
				if !strings.Contains(plain, "\ufffd") {
					t.Errorf("%s: the place of the hostile text cannot be seen in %q", name, plain)
				}
			}
		}
	}
}

// broken is a writer that fails.
type broken struct{ calls int }

var errBroken = errors.New("broken")

func (b *broken) Write([]byte) (int, error) { b.calls++; return 0, errBroken }

func TestErr(t *testing.T) {
	w := &broken{}
	s := New(w, Options{system: none})
	s.Print("a")
	s.Answer(bot.Answer{Text: "b"})
	s.Documents(nil, "en")
	if !errors.Is(s.Err(), errBroken) || w.calls != 1 {
		t.Errorf("error %v after %d writes", s.Err(), w.calls)
	}
}

func FuzzAnswer(f *testing.F) {
	_, answers := readAnswers(f)
	for _, a := range answers {
		notice := ""
		if len(a.Notices) > 0 {
			notice = a.Notices[0].Text
		}
		f.Add(a.Text, notice, 40)
	}
	f.Add("a[1]\n\n"+hostile(), hostile(), 10)
	f.Fuzz(func(t *testing.T, text, notice string, cells int) {
		if len(text) > 2000 {
			return
		}
		if cells %= 120; cells < 1 {
			cells = 1 - cells
		}
		a := bot.Answer{Text: text, Notices: []bot.Notice{{Text: notice}}, Citations: []bot.Citation{{N: 1}, {N: 2}}}
		plain, _ := show(t, cells, Never, func(s *Screen) { s.Answer(a) })
		_, stripped := show(t, cells, Always, func(s *Screen) { s.Answer(a) })
		if plain != stripped {
			t.Fatalf("%q in %d cells: colour changes %q to %q", text, cells, plain, stripped)
		}
		checkScreen(t, plain, min(cells, 100))
		if got, want := ink(plain), ink(Clean(text)); got != want {
			t.Fatalf("%q in %d cells: %q, want %q", text, cells, got, want)
		}
	})
}
