package openai

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"
)

// TestMenderLaws cuts texts anywhere between bytes, or between units of UTF-16, and
// puts them together again.
func TestMenderLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.ReplaceAll(rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.RuneFrom([]rune("好a\"\\\n😀\u0301\ufffd"))).Filter(func(r rune) bool { return r != 0 })).Draw(rt, "text"), "\x00", "")
		var parts []string
		if rapid.Bool().Draw(rt, "units") {
			for _, unit := range utf16.Encode([]rune(text)) {
				parts = append(parts, fmt.Sprintf(`"\u%04x"`, unit))
			}
		} else {
			for rest := text; rest != ""; {
				n := rapid.IntRange(1, min(len(rest), 5)).Draw(rt, "size")
				parts = append(parts, quote(rest[:n]))
				rest = rest[n:]
			}
		}
		var m mender
		got := ""
		for _, part := range parts {
			piece, ok := m.next(json.RawMessage(part))
			if !ok {
				rt.Fatalf("%q of %q is no text", part, text)
			}
			got += piece
		}
		if got != text || len(m.rest) != 0 {
			rt.Fatalf("%q became %q, with %q left", text, got, m.rest)
		}
	})
}

// quote makes a string of JSON of bytes that may be no text, as they are.
func quote(part string) string {
	var b strings.Builder
	for _, c := range []byte(part) {
		switch {
		case c == '"' || c == '\\' || c == '/':
			b.WriteString("\\" + string(rune(c)))
		case c < ' ':
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			b.WriteByte(c)
		}
	}
	return `"` + b.String() + `"`
}

// TestUnquote: it reads strings as encoding/json does, where both can.
func TestUnquote(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.String().Draw(rt, "text")
		raw, err := json.Marshal(text)
		if err != nil {
			rt.Fatal(err)
		}
		if got := string(unquote(nil, raw[1:len(raw)-1])); got != text {
			rt.Fatalf("%s is read as %q, want %q", raw, got, text)
		}
	})
	for raw, want := range map[string]string{`\b\f\n\r\t\/\\\"`: "\b\f\n\r\t/\\\"", `\u00`: "\xff", `\`: `\`} {
		if got := string(unquote(nil, []byte(raw))); got != want {
			t.Errorf("%s is read as %q, want %q", raw, got, want)
		}
	}
}
