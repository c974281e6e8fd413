package prompts

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestSameInBothLanguages: every template exists in both languages with the
// same slots, on one line, and renders.
func TestSameInBothLanguages(t *testing.T) {
	if a, b := Names(Chinese), Names(English); !slices.Equal(a, b) || len(a) < 20 {
		t.Fatalf("names differ:\nzh %v\nen %v", a, b)
	}
	for _, name := range Names(Chinese) {
		var slots []map[string]bool
		for _, lang := range []string{Chinese, English} {
			set := map[string]bool{}
			values := Slots{}
			for _, s := range slot.FindAllString(templates[lang][name], -1) {
				set[s] = true
				values[s[1:len(s)-1]] = "值-" + s[1:len(s)-1]
			}
			slots = append(slots, set)
			line := Render(lang, name, values)
			for _, v := range values {
				if !strings.Contains(line, v) {
					t.Errorf("%s %s: %q lacks %q", lang, name, line, v)
				}
			}
			if _, _, ok := Match(lang, line); !ok && slot.ReplaceAllString(templates[lang][name], "") != "" {
				t.Errorf("%s %s: %q matches no template", lang, name, line)
			}
		}
		if !maps.Equal(slots[0], slots[1]) {
			t.Errorf("%s: slots differ: %v and %v", name, slots[0], slots[1])
		}
	}
}

func TestMatch(t *testing.T) {
	line := Render(Chinese, "near_heading", Slots{"document": "《甲》", "path": "三/(四)", "heading": "企业倍增"})
	name, slots, ok := Match(Chinese, line)
	if !ok || slots["document"] != "《甲》" {
		t.Errorf("%q: %q %v %v", line, name, slots, ok)
	}
	if name, _, ok := Match(Chinese, "厦门奖励五千万元。"); ok {
		t.Errorf("a free sentence matches %q", name)
	}
}

func TestRenderRefusesMistakes(t *testing.T) {
	cases := map[string]func(){
		"name":     func() { Render(Chinese, "nothing", nil) },
		"missing":  func() { Render(Chinese, "notice", nil) },
		"leftover": func() { Render(Chinese, "sources", Slots{"n": "1"}) },
	}
	for what, call := range cases {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", what)
				}
			}()
			call()
		}()
	}
}
