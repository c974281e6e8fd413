package strength

import (
	"strings"
	"testing"
)

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{"", "r.txt:1: no [cue] section"},
		{"支持", "r.txt:1: words before the first section"},
		{"# a\n[cues a support]\nx", "r.txt:2: a section is"},
		{"[cue a support\nx", "r.txt:1: a section is"},
		{"[cue a]\nx", "r.txt:1: [cue a] lacks its strength"},
		{"[cue a strong]\nx", `r.txt:1: unknown strength "strong"`},
		{"[cue a support feeble]\nx", `r.txt:1: unknown word "feeble"`},
		{"\n[cue a support]\n[cue b support]\nx", "r.txt:2: a has no words"},
		{"[cue a support]\nx\n[cue a none]\nx", "r.txt:3: a second a"},
		{"[cue a support]\nx {y}", "r.txt:2: no list {y} above"},
		{"[cue a support]\nneeds: y\nx", "r.txt:2: no [list y] above"},
		{"[cue a support]\nneeds:\nx", "r.txt:2: a list is missing"},
		{"[list l]\ny\n[cue a support]\nneeds nearby: l\nx", `r.txt:4: "nearby" is none of`},
		{"[list l]\nneeds: l", "r.txt:2: a list has no options"},
		{"[cue a support]\nturns: b\nx", `r.txt:2: only a guard has "turns"`},
		{"[cue a support]\nx\n(y", "r.txt:3: "},
		{"[cue a support]\nx <k>", "r.txt:2: <k> is none of"},
		{"[cue a support]\nx\n[guard g none]\nx", "r.txt:3: guard g lacks"},
		{"[cue a support]\nx\n[guard g none]\nturns: b\nx", `r.txt:3: guard g turns "b"`},
	} {
		_, err := Parse("r.txt", c.file)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %s", c.file, err, c.want)
		}
	}
}

// TestPatterns checks the signs that the head of rules.txt promises.
func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"最高~<n>万元", "最高不超过1,200万元", true},
		{"最高~万元", "最高,10万元", false},
		{"最高…万元", "最高,10万元", true},
		{"最高…万元", "最高;10万元", false},
		{"最高=元", "最高一二三四五六七八九元", false},
		{"support*", "supported", true},
		{"support", "supported", false},
		{"stud(y/ies)", "studies", true},
		{"(a/b) c", "b  c", true},
		{"a (b )?c", "a c", true},
		{"^x", "yx", false},
		{"x$", "x。", true},
		{"x<end>", "x。", false},
		{"x_y", "x y", true},
		{"x!y", "x；y", true},
		{`a\/b`, "a/b", true},
		{"《…》", "《某某办法》", true},
		{"<year>年", "2025年", true},
		{"ＡＢＣ", "abc", true},
		{"獎勵", "奖励", true},
	} {
		r, err := Parse("r.txt", "[cue a support]\n"+c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		if got := r.Of(c.text).Strength == Support; got != c.want {
			t.Errorf("%s in %s: %v", c.pattern, c.text, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("[list l]\na | b\n[cue a support weak]\nneeds clause: l\n{l}~x\n[guard g none]\nturns: a\nreach: on\n(x/y)*")
	f.Add("[cue a none]\n\\")
	f.Fuzz(func(t *testing.T, file string) {
		r, err := Parse("r.txt", file)
		if err == nil {
			checkFinding(t, "支持x y。", r.Of("支持x y。"))
		}
	})
}
