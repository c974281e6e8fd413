package said

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"policybot/bot/eligibility"
)

var part = flag.String("part", "all", "which cases are shown when they fail: odd, even or all")

// A statement is a message and what it states.
type statement struct {
	text    string
	states  []eligibility.Known
	neither []eligibility.Known // may be read either way
}

func readStatements(t *testing.T, file string) []statement {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []statement
	for block := range strings.SplitSeq(strings.TrimSpace(string(data)), "\n\n") {
		text, facts, ok := strings.Cut(strings.TrimSpace(block), "\n=")
		if !ok {
			t.Fatalf("%s: %q has no line that begins with =", file, block)
		}
		s := statement{text: text}
		for f := range strings.SplitSeq(facts, ";") {
			f = strings.TrimSpace(f)
			if f == "" {
				continue
			}
			key, value, _ := strings.Cut(strings.TrimSuffix(f, "?"), "=")
			k := eligibility.Known{Key: key, Value: value}
			if strings.HasSuffix(f, "?") {
				s.neither = append(s.neither, k)
			} else {
				s.states = append(s.states, k)
			}
		}
		out = append(out, s)
	}
	return out
}

// TestStatements reads messages that were written without knowledge of the phrases.
// Of what is read at least the first share must be stated, and of what is stated at
// least the second share must be read.
func TestStatements(t *testing.T) {
	const leastRight, leastFound = 0.95, 0.88
	v := eligibility.Builtin()
	type count struct{ found, stated, read, right int }
	counts := map[string]*count{"odd": {}, "even": {}}
	for i, s := range readStatements(t, "testdata/statements.txt") {
		half := []string{"even", "odd"}[(i+1)%2]
		n := counts[half]
		facts := Read(s.text, v, isFragment(s.text))
		var wrong []string
		has := func(list []eligibility.Known, k eligibility.Known, sameValue bool) bool {
			return slices.ContainsFunc(list, func(o eligibility.Known) bool { return o.Key == k.Key && (!sameValue || o.Value == k.Value) })
		}
		var got []eligibility.Known
		for _, f := range facts {
			k := f.Known
			got = append(got, k)
			if s.text[f.Start:f.End] != f.Words {
				t.Errorf("%q: the words of %v are not at %d", s.text, f, f.Start)
			}
			if has(s.neither, k, false) && !has(s.states, k, false) || slices.Contains([]string{"entity", "site"}, k.Key) && !has(s.states, k, false) || impliedBy(v, s.states, k) {
				continue
			}
			n.read++
			if has(s.states, k, true) {
				n.right++
			} else {
				wrong = append(wrong, "+"+k.Key+"="+k.Value+" “"+f.Words+"”")
			}
		}
		for _, k := range s.states {
			n.stated++
			if has(got, k, true) {
				n.found++
			} else {
				wrong = append(wrong, "-"+k.Key+"="+k.Value)
			}
		}
		if len(wrong) > 0 && (*part == "all" || *part == half) && testing.Verbose() {
			t.Logf("%s\n      %s", s.text, strings.Join(wrong, "; "))
		}
	}
	for half, n := range counts {
		right, found := float64(n.right)/float64(n.read), float64(n.found)/float64(n.stated)
		t.Logf("%s half: of %d facts read %.1f %% are stated; of %d stated %.1f %% are read", half, n.read, 100*right, n.stated, 100*found)
		if right < leastRight || found < leastFound {
			t.Errorf("%s half: wanted %.0f %% and %.0f %%", half, 100*leastRight, 100*leastFound)
		}
	}
}

// isFragment reports whether a message has no verb of its own but is an answer.
func isFragment(s string) bool { return !strings.ContainsAny(s, "?？吗呢") && len([]rune(s)) < 24 }

func impliedBy(v *eligibility.Vocabulary, states []eligibility.Known, k eligibility.Known) bool {
	p := eligibility.Profile{Facts: states}
	got, ok := p.Lookup(v, k.Key)
	return ok && got.Value == k.Value && !slices.ContainsFunc(states, func(o eligibility.Known) bool { return o.Key == k.Key })
}
