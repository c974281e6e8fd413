package gloss

import (
	"strings"
	"testing"

	"policybot/retrieval/bridge"
)

// TestChoices checks that every choice is an alternative of an entry that the
// form stands in: nothing is glossed that the glossary does not have.
func TestChoices(t *testing.T) {
	words := bridge.Translations()
	for line := range lines("choices.txt") {
		form, text := pair(line)
		found := text == "-" && len(words.Translate(form)) > 0
		for _, e := range words.Translate(form) {
			for _, s := range e.Texts {
				found = found || s == text
			}
		}
		if !found {
			t.Errorf("choices.txt: no entry of retrieval/bridge/words has %s", line)
		}
	}
}

func TestCapitals(t *testing.T) {
	words := bridge.Translations()
	for line := range lines("capitals.txt") {
		list := words.Translate(line)
		if len(list) == 0 || !strings.HasPrefix(list[0].Entry, "zh-en-companies.txt") {
			t.Errorf("capitals.txt: %s is no company of the glossary", line)
		}
	}
}

// TestEveryForm checks that Check accepts what derive says for every form of the
// glossary in a sentence of its own.
func TestEveryForm(t *testing.T) {
	words := bridge.Translations()
	glossed, all := 0, 0
	for _, form := range words.Forms() {
		all++
		for _, to := range []string{"en", "zh"} {
			for _, f := range Facts(form, to, words) {
				glossed++
				if wrong := Check(form, f, to, words); wrong != "" {
					t.Errorf("%q: %+v: %s", form, f, wrong)
				}
			}
		}
	}
	t.Logf("%d of %d forms have facts", glossed, all)
}
