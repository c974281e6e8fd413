package draft

import (
	"regexp"
	"strings"
	"testing"

	"policybot/bot/eligibility"
)

// TestCuesFile reads cues.txt and the mistakes that one can make in it.
func TestCuesFile(t *testing.T) {
	c, err := parseCues("cues.txt", cuesFile)
	if err != nil {
		t.Fatal(err)
	}
	v := eligibility.Builtin()
	for _, kind := range kinds {
		for _, cue := range c.cues[kind] {
			if kind == "entity" {
				continue
			}
			for alternative := range strings.SplitSeq(cue.name, " or ") {
				if _, ok := v.Fact(keyOf(alternative)); !ok {
					t.Errorf("[%s %s]: there is no such fact", kind, cue.name)
				}
			}
		}
	}
	for file, want := range map[string]string{
		"[what x]\n企业\n":                   "x.txt:1: section",
		"企业\n":                             "x.txt:1: ",
		"[list lead]\n[list give]\n给予\n":   "x.txt:2: section [list lead] is empty",
		"[list lead]\n支持(企业\n[short]\n":    "x.txt:3: section [list lead]: error parsing",
		"[list lead]\n支持\n[short]\n京\n":    "x.txt:4: ",
		"[list lead]\n支持\n# and nothing\n": "there is no [list give]",
	} {
		if _, err := parseCues("x.txt", file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", file, err, want)
		}
	}
}

// TestPatterns reads the signs of cues.txt.
func TestPatterns(t *testing.T) {
	var forms []string
	for _, form := range []string{"设立~(总部/研发中心)", "(已)?获批", "subsid*", "1类新药", `\(责任单位`} {
		forms = append(forms, pattern(form))
	}
	c := regexp.MustCompile(strings.Join(forms, "|"))
	c.Longest()
	for s, want := range map[string]string{
		"在京设立区域性总部":     "设立区域性总部",
		"设立一个，总部":       "",
		"产品已获批":         "已获批",
		"A SUBSIDY for": "subsidy",
		"unsubsidised":  "",
		"１类新药":          "1类新药",
		"（责任单位：市科委）":    "(责任单位",
	} {
		n := normal(s)
		got := ""
		if p, ok := n.first(c, span{0, len(n.s)}); ok {
			got = n.s[p.a:p.b]
		}
		if got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

// TestWords keeps the words of a text to the letter.
func TestWords(t *testing.T) {
	n := normal("第Ⅱ類　医療器械，ＧＭＰ；")
	p, ok := n.first(cues().list("lead"), span{0, len(n.s)})
	if ok {
		t.Error(p)
	}
	if got := n.words(span{0, len(n.s)}); got != "第Ⅱ類　医療器械，ＧＭＰ" {
		t.Errorf("words = %q", got)
	}
	i := strings.Index(n.s, "ii")
	if got := n.words(span{i + 1, i + 2}); got != "Ⅱ" {
		t.Errorf("half a character = %q", got)
	}
}
