package blockkit

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// TestRead compares what is read of the cases of testdata/read.txt with what a person put there.
func TestRead(t *testing.T) {
	if *update {
		rewrite(t, "read.txt", func(c *specimen) {
			src, _, _ := strings.Cut(c.body, "\n--\n")
			c.body = strings.TrimRight(src, "\n") + "\n--\n" + describe(reads(c.head, strings.TrimRight(src, "\n")))
		})
	}
	for _, c := range cases(t, "read.txt") {
		t.Run(c.name, func(t *testing.T) {
			src, want, ok := strings.Cut(c.body, "\n--\n")
			if !ok {
				t.Fatal("no line -- before what is expected")
			}
			if got := describe(reads(c.head, src)); strings.TrimSpace(got) != strings.TrimSpace(want) {
				t.Errorf("got\n%s\nwanted\n%s", got, want)
			}
			if c.head == "message" || c.head == "modal" {
				if p := found(c.head, src); p != "" {
					t.Errorf("Slack would refuse it: %s", p)
				}
			}
		})
	}
}

func reads(kind, src string) Shown {
	switch kind {
	case "mrkdwn":
		return ReadMrkdwn(src)
	case "markdown":
		return ReadMarkdown(src)
	case "view":
		return ReadView(json.RawMessage(src))
	}
	return Read(json.RawMessage(src))
}

// describe writes out what is shown: the text with a sign before each line, then the rest by name.
func describe(s Shown) string {
	var b strings.Builder
	if s.Text != "" {
		b.WriteString("| " + strings.ReplaceAll(s.Text, "\n", "\n| ") + "\n")
	}
	v := reflect.ValueOf(s)
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Slice {
			for j := range f.Len() {
				fmt.Fprintf(&b, "%s%s\n", strings.ToLower(v.Type().Field(i).Name), fields(f.Index(j)))
			}
		}
	}
	return b.String()
}

// fields writes what is not empty in a value.
func fields(v reflect.Value) string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return fmt.Sprintf(" %q", v.Interface())
	}
	var b strings.Builder
	for i := range v.NumField() {
		f := v.Field(i)
		switch {
		case f.IsZero():
		case f.Kind() == reflect.Slice || f.Kind() == reflect.Pointer:
			fmt.Fprintf(&b, " %s=(", strings.ToLower(v.Type().Field(i).Name))
			if f.Kind() == reflect.Pointer {
				b.WriteString(strings.TrimSpace(fields(f)))
			} else {
				for j := range f.Len() {
					if j > 0 {
						b.WriteString(";")
					}
					b.WriteString(strings.TrimPrefix(fields(f.Index(j)), " "))
				}
			}
			b.WriteString(")")
		default:
			fmt.Fprintf(&b, " %s=%s", strings.ToLower(v.Type().Field(i).Name), strings.ReplaceAll(fmt.Sprint(f.Interface()), "\n", " / "))
		}
	}
	return b.String()
}

// TestProblem looks at the words of a problem, as the fake hands them on.
func TestProblem(t *testing.T) {
	err := Check(Message, json.RawMessage(`[{"type":"header"}]`))
	if got, want := fmt.Sprint(err), "invalid_blocks: [ERROR] missing required field: text [json-pointer:/blocks/0]"; got != want {
		t.Errorf("got %q, wanted %q", got, want)
	}
	if err := Check("shelf", json.RawMessage(`[{"type":"divider"}]`)); err == nil {
		t.Error("a surface that is none takes a divider")
	}
	if err := Check(Message, nil); err != nil {
		t.Errorf("no bytes are refused: %v", err)
	}
}

// FuzzKit gives anything to everything: nothing may panic, and what Slack takes must be readable in full.
func FuzzKit(f *testing.F) {
	for _, file := range []string{"good.txt", "bad.txt", "read.txt"} {
		for _, c := range cases(f, file) {
			f.Add(c.body)
		}
	}
	f.Add("**[a](b)*_~<@U1|x>`c``d` \\<!here> ![i](<j k> \"t\") [r][] [r]\n\n[r]: http://x.example\n> 1. | a | b |\n|--|--|")
	f.Fuzz(func(t *testing.T, s string) {
		raw := json.RawMessage(s)
		for _, at := range []Surface{Message, Stream, Modal, Home} {
			_ = Check(at, raw)
		}
		_ = CheckView(raw)
		Read(raw)
		ReadView(raw)
		if shown := ReadMrkdwn(s); strings.Contains(s, "<@U1>") && len(shown.Mentions) == 0 {
			t.Errorf("the mention in %q is not seen as mrkdwn", s)
		}
		if shown := ReadMarkdown(s); strings.Contains(s, "<@U1>") && len(shown.Mentions) == 0 {
			t.Errorf("the mention in %q is not seen as markdown", s)
		}
		inert(t, s)
	})
}

// inert puts a text into rich text, plain text and escaped mrkdwn: no mention may come of it, and it must be seen as it is.
func inert(t *testing.T, s string) {
	quoted, err := json.Marshal(s)
	if err != nil || strings.TrimSpace(s) == "" {
		return
	}
	rich := Read(json.RawMessage(`[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":` + string(quoted) + `}]}]}]`))
	if len(rich.Mentions)+len(rich.Links) > 0 {
		t.Errorf("rich text of %q gives %v, %v", s, rich.Mentions, rich.Links)
	}
	safe := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
	for _, m := range ReadMrkdwn(safe).Mentions {
		if m.Kind != "special" { // @here stands there without < and >
			t.Errorf("escaped, %q mentions %v", s, m)
		}
	}
	for _, m := range ReadMarkdown(safe).Mentions {
		if m.Kind != "special" {
			t.Errorf("escaped in markdown, %q mentions %v", s, m)
		}
	}
}
