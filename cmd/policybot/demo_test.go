package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var updateDocs = flag.Bool("update", false, "write the transcripts in docs again")

// moving is what differs from one demonstration to the next: the address of the console and the ids of cases.
var moving = []struct {
	find *regexp.Regexp
	as   string
}{
	{regexp.MustCompile(`http://127\.0\.0\.1:\d+`), "http://127.0.0.1:8080"},
	{regexp.MustCompile(`\bc-[a-z2-7]{12}\b`), "c-7fq2k5m3xw6a"},
}

// TestDemo plays the demonstration in both languages; the transcripts in docs are what it prints.
func TestDemo(t *testing.T) {
	for lang, page := range map[string]string{"zh": "slack-conversation.zh.md", "en": "slack-conversation.md"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			code := run(context.Background(), []string{"demo", "--lang", lang}, streams{strings.NewReader(""), &out, &errs}, func(string) string { return "" })
			if code != 0 {
				t.Fatalf("exit %d: %s\n%s", code, errs.String(), out.String())
			}
			got := out.String()
			for _, m := range moving {
				got = m.find.ReplaceAllString(got, m.as)
			}
			checkTranscript(t, filepath.Join("..", "..", "docs", page), strings.TrimSpace(got))
		})
	}
}

// checkTranscript compares what a page of docs has between its fences.
func checkTranscript(t *testing.T, page, got string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	const fence = "```"
	before, rest, ok := strings.Cut(string(text), fence+"text\n")
	want, after, closed := strings.Cut(rest, "\n"+fence)
	if !ok || !closed {
		t.Fatalf("%s has no transcript", page)
	}
	if *updateDocs {
		if err := os.WriteFile(page, []byte(before+fence+"text\n"+got+"\n"+fence+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != got {
		t.Errorf("%s is not what the demonstration prints: run make golden, and read the difference. It prints:\n%s", page, got)
	}
}
