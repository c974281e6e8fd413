package terminal

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestWidth(t *testing.T) {
	for _, c := range readCases(t, "width.txt", 2) {
		if got, want := Width(c.fields[1]), number(t, c.where, c.fields[0]); got != want {
			t.Errorf("%s: Width(%q) = %d, want %d", c.where, c.fields[1], got, want)
		}
	}
	if got := Width("a\x9b\xe4\xb8"); got != 4 {
		t.Errorf("bytes that are no UTF-8: %d cells, want 1 each", got-1)
	}
}

func TestTruncate(t *testing.T) {
	for _, c := range readCases(t, "truncate.txt", 3) {
		cells := number(t, c.where, c.fields[0])
		if got, want := Truncate(c.fields[1], cells), c.fields[2]; got != want {
			t.Errorf("%s: Truncate(%q, %d) = %q, want %q", c.where, c.fields[1], cells, got, want)
		}
	}
}

func TestPad(t *testing.T) {
	tests := []struct {
		text       string
		cells      int
		want, left string
	}{
		{"医药", 6, "医药  ", "  医药"},
		{"医药", 4, "医药", "医药"},
		{"医药", 3, "医药", "医药"},
		{"e\u0301", 2, "e\u0301 ", " e\u0301"},
		{"", 2, "  ", "  "},
		{"a", -1, "a", "a"},
	}
	for _, tt := range tests {
		if got := Pad(tt.text, tt.cells); got != tt.want {
			t.Errorf("Pad(%q, %d) = %q, want %q", tt.text, tt.cells, got, tt.want)
		}
		if got := padLeft(tt.text, tt.cells); got != tt.left {
			t.Errorf("padLeft(%q, %d) = %q, want %q", tt.text, tt.cells, got, tt.left)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range readWrapCases(t) {
		got := Wrap(c.text, c.cells, blanks(c.indent))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %q (-want +got)\n%s", c.where, c.text, diff)
		}
		checkWrap(t, c.text, c.cells, blanks(c.indent))
	}
}

// TestWrapPunctuation wraps ordinary sentences at every width that holds a
// character with the punctuation on both its sides, and looks at the lines only.
func TestWrapPunctuation(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"支持", "企业", "《办法》", "“重大”", "，", "。", "、", "；", "policy", "2022", "（试行）", "[1]", "——", "2.5%", "？"}
	for range 2000 {
		var b strings.Builder
		punctuated := true
		for range 3 + rng.IntN(30) {
			piece := pieces[rng.IntN(len(pieces))]
			if r, _ := utf8.DecodeRuneInString(piece); strings.ContainsRune("，。、；？", r) {
				if punctuated {
					continue
				}
				punctuated = true
			} else {
				punctuated = false
			}
			b.WriteString(piece)
		}
		text, cells := b.String(), 16+rng.IntN(30)
		for i, l := range Wrap(text, cells, "") {
			first, _ := utf8.DecodeRuneInString(l)
			last, _ := utf8.DecodeLastRuneInString(l)
			if i > 0 && strings.ContainsRune("，。、；：？！）》”", first) || strings.ContainsRune("（《“", last) {
				t.Fatalf("Wrap(%q, %d): line %q", text, cells, l)
			}
		}
	}
}

// ink is s without blanks: what wrapping may neither lose nor add.
func ink(s string) string {
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if !unicode.IsSpace(r) {
			b.WriteString(s[:size])
		}
		s = s[size:]
	}
	return b.String()
}

// checkWrap holds a wrapped text against the laws.
func checkWrap(t *testing.T, text string, cells int, indent string) {
	t.Helper()
	lines := Wrap(text, cells, indent)
	if got := strings.Join(lines, "\n"); ink(got) != ink(text) {
		t.Fatalf("Wrap(%q, %d, %q) = %q: lost or added", text, cells, indent, lines)
	}
	for _, l := range lines {
		atoms := atomsOf(l, 0, len(l))
		if Width(l) > max(cells, 1) && len(atoms) > 1 {
			t.Fatalf("Wrap(%q, %d, %q): line %q has %d cells", text, cells, indent, l, Width(l))
		}
		if strings.Contains(l, "\n") || l != "" && atoms[len(atoms)-1].blank {
			t.Fatalf("Wrap(%q, %d, %q): line %q", text, cells, indent, l)
		}
	}
	at := 0
	for part := range strings.SplitSeq(text, "\n") {
		checkBreaks(t, text, wrapLine(text, at, at+len(part), cells, indent), max(cells, 1))
		at += len(part) + 1
	}
	if at != len(text)+1 {
		t.Fatalf("%d bytes of %d", at-1, len(text))
	}
}

// checkBreaks holds the breaks of one line of a text against the rules: one
// that they forbid only where the line has no better place, and one inside a
// word only where the word is longer than a line.
func checkBreaks(t *testing.T, text string, lines []line, cells int) {
	t.Helper()
	if len(lines) == 1 {
		return
	}
	atoms := atomsOf(text, lines[0].start, lines[len(lines)-1].end)
	index := map[int]int{} // byte → atom
	for i, a := range atoms {
		index[a.start] = i
	}
	for i, l := range lines[:len(lines)-1] {
		from, next := index[l.start], index[lines[i+1].start]
		last := next - 1
		for atoms[last].blank {
			last--
		}
		if atoms[last].end != l.end {
			t.Fatalf("%q: %q lost between lines", text, text[l.end:atoms[last].end])
		}
		broken := between(atoms[last], atoms[next], last+1 < next)
		if broken >= beforeMarker {
			continue
		}
		for j, before := from+1, from; j <= last; j++ {
			if atoms[j].blank {
				continue
			}
			if p := between(atoms[before], atoms[j], before+1 < j); p > broken {
				t.Fatalf("%q in %d cells: line %q could be broken before %q", text, cells, text[l.start:l.end], text[atoms[j].start:])
			}
			before = j
		}
		if w := unit(atoms[from:], cells); w <= cells {
			t.Fatalf("%q in %d cells: line %q breaks what has %d cells", text, cells, text[l.start:l.end], w)
		}
	}
}

// unit is the width of what begins a line and may not be broken, or a width
// beyond cells where it is longer.
func unit(atoms []atom, cells int) int {
	total, width, before := 0, 0, 0
	for j, a := range atoms {
		total += a.width
		if a.blank {
			continue
		}
		if j > 0 && between(atoms[before], a, before+1 < j) >= beforeMarker {
			return width
		}
		before, width = j, total
		if width > cells {
			return width
		}
	}
	return width
}

func FuzzWrap(f *testing.F) {
	for _, c := range readWrapCases(f) {
		f.Add(c.text, c.cells, c.indent)
	}
	f.Add("a\x9b[31m\u202e\u0301 \u0301", 3, 1)
	f.Add("\xe3\n\x80\x80", 1, 0) // bytes that would be a blank without the line feed
	f.Fuzz(func(t *testing.T, text string, cells, indent int) {
		if len(text) > 2000 {
			return
		}
		checkWrap(t, text, cells%120, blanks(indent%40))
		checkWrap(t, Clean(text), cells%120, blanks(indent%40))
	})
}

func FuzzTruncate(f *testing.F) {
	for _, c := range readCases(f, "truncate.txt", 3) {
		f.Add(c.fields[1], number(f, c.where, c.fields[0]))
	}
	f.Add("a\x9b\xe4\xb8\u0301", 2)
	f.Fuzz(func(t *testing.T, text string, cells int) {
		cells %= 200
		got := Truncate(text, cells)
		if Width(got) > max(cells, 0) {
			t.Fatalf("Truncate(%q, %d) = %q has %d cells", text, cells, got, Width(got))
		}
		if Width(text) <= cells && got != text {
			t.Fatalf("Truncate(%q, %d) = %q, but it fits", text, cells, got)
		}
		if got != text && got != "" && !strings.HasPrefix(text, strings.TrimSuffix(got, ellipsis)) {
			t.Fatalf("Truncate(%q, %d) = %q is not its beginning", text, cells, got)
		}
		if got != text && cells > 0 && !strings.HasSuffix(got, ellipsis) {
			t.Fatalf("Truncate(%q, %d) = %q does not say that it is cut", text, cells, got)
		}
		if Width(Pad(got, cells)) != max(cells, Width(got)) {
			t.Fatalf("Pad(%q, %d) is not %d cells", got, cells, cells)
		}
	})
}
