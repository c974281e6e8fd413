package privacy

import (
	"os"
	"strings"
	"testing"
	"unicode"
)

// readSet returns the lines of a file of evalset.
func readSet(t *testing.T, name string) []string {
	t.Helper()
	data, err := os.ReadFile("evalset/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimRight(line, "\n"); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}

// plainly is text as it is read: full-width forms as ASCII, lower case, without
// what separates or is invisible.
func plainly(text string) []rune {
	var out []rune
	for _, r := range text {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			out = append(out, unicode.ToLower(r))
		}
	}
	return out
}

// readable reports whether three characters in a row of what is personal are
// still there, which the rest of the message does not have anyway.
func readable(personal, message, masked string) bool {
	for _, kind := range []Kind{Mobile, ResidentID, BankCard, Email, Passport, Account} {
		masked = strings.ReplaceAll(masked, kind.Placeholder(), "\n")
	}
	rest := strings.Replace(message, personal, "\n", 1)
	has := func(text string, part []rune) bool {
		for piece := range strings.SplitSeq(text, "\n") {
			if strings.Contains(string(plainly(piece)), string(part)) {
				return true
			}
		}
		return false
	}
	p := plainly(personal)
	for i := 0; i+3 <= len(p); i++ {
		if has(masked, p[i:i+3]) && !has(rest, p[i:i+3]) {
			return true
		}
	}
	return false
}

// TestIndependentSets measures the rules on messages and sentences by an author
// who never saw them: at least 98 % of the personal strings are masked, and at
// most 1 % of the sentences are changed.
func TestIndependentSets(t *testing.T) {
	all, left := 0, 0
	for _, line := range readSet(t, "personal.txt") {
		fields := strings.Split(line, "\t")
		if len(fields) != 3 {
			t.Fatalf("not three fields: %q", line)
		}
		masked, _ := Mask(fields[2])
		for personal := range strings.SplitSeq(fields[1], "|") {
			all++
			if readable(personal, fields[2], masked) {
				left++
				t.Logf("left: %s %q in %q", fields[0], personal, masked)
			}
		}
	}
	sentences, changed := 0, 0
	for _, line := range readSet(t, "policy.txt") {
		sentences++
		if masked, _ := Mask(line); masked != line {
			changed++
			t.Logf("changed: %q", masked)
		}
	}
	t.Logf("%d of %d personal strings left, %d of %d sentences changed", left, all, changed, sentences)
	if all < 500 || sentences < 500 || left*100 > 2*all || changed*100 > sentences {
		t.Errorf("%d of %d personal strings left, %d of %d sentences changed", left, all, changed, sentences)
	}
}
