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

// moving is what differs from one demonstration to the next: the address of the console, the ids of cases and the references of messages.
var moving = []struct {
	find *regexp.Regexp
	as   string
}{
	{regexp.MustCompile(`http://127\.0\.0\.1:\d+`), "http://127.0.0.1:8080"},
	{regexp.MustCompile(`\bc-[a-z2-7]{12}\b`), "c-7fq2k5m3xw6a"},
	{regexp.MustCompile(`(编号|Ref) [0-9B-Z]{6}\b`), "$1 7F3K2Q"},
}

// TestDemo plays the demonstrations in both languages; the transcripts in docs are what they print.
func TestDemo(t *testing.T) {
	for _, tt := range []struct{ platform, lang, page string }{
		{"slack", "zh", "slack-conversation.zh.md"},
		{"slack", "en", "slack-conversation.md"},
		{"wecom", "zh", "wecom-conversation.zh.md"},
		{"wecom", "en", "wecom-conversation.md"},
	} {
		t.Run(tt.platform+"/"+tt.lang, func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			code := run(context.Background(), []string{"demo", tt.platform, "--lang", tt.lang}, streams{strings.NewReader(""), &out, &errs}, func(string) string { return "" })
			if code != 0 {
				t.Fatalf("exit %d: %s\n%s", code, errs.String(), out.String())
			}
			got := out.String()
			for _, m := range moving {
				got = m.find.ReplaceAllString(got, m.as)
			}
			checkTranscript(t, filepath.Join("..", "..", "docs", tt.page), strings.TrimSpace(got))
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
