package judge

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Surface is a way by which a message reaches people.
type Surface string

// The surfaces.
const (
	Bot    Surface = "bot"    // the AI bot, over its connection or its callback
	App    Surface = "app"    // the self-built app: message/send
	Hook   Surface = "hook"   // the group webhook: text, markdown and template_card
	HookV2 Surface = "hookv2" // the group webhook: markdown_v2
)

// Limits in bytes of UTF-8.
const (
	MaxBot  = 20_480 // content of a stream and of markdown (the types of @wecom/aibot-node-sdk)
	MaxApp  = 2_048  // text and markdown (https://developer.work.weixin.qq.com/document/path/90236)
	MaxHook = 4_096  // markdown and markdown_v2 (https://developer.work.weixin.qq.com/document/path/99110)
	MaxText = 2_048  // text of the webhook and of an app, and of a welcome
)

// Codes of a Problem (https://developer.work.weixin.qq.com/document/path/90313).
const (
	codeParameter = 40058 // a parameter does not hold what it may
	codeSigns     = 40033 // signs that a request may not hold
	codeEmpty     = 44004 // a text without content
	codeFormat    = 47001 // no JSON
	codeTask      = 42014 // a task_id that is missing, too long, or was there before
)

// A Problem is why WeCom refuses a message, or, with Advice, why it is not shown as a whole.
type Problem struct {
	Code   int    // errcode of the answer
	Path   string // a JSON pointer into the card; "" for texts
	Text   string
	Advice bool // the platform takes it, but it is longer than the documentation advises: clients cut it
}

// Error gives the code, the place and the reason.
func (p *Problem) Error() string { return fmt.Sprintf("%d %s: %s", p.Code, p.Path, p.Text) }

// Errcode is the code that the platform answers with.
func (p *Problem) Errcode() int { return p.Code }

// Markdown tells whether a surface takes a markdown text: nil, or a *Problem. A text has at most as many bytes
// as the surface allows, is valid UTF-8, holds no control characters but line feeds and tabs, and something is
// left to see when markup is taken away.
func Markdown(s Surface, text string) error {
	most, known := map[Surface]int{Bot: MaxBot, App: MaxApp, Hook: MaxHook, HookV2: MaxHook}[s]
	if !known {
		return &Problem{Code: codeParameter, Text: fmt.Sprintf("there is no surface %q", s)}
	}
	if p := checkText(text, most); p != nil {
		return p
	}
	if shown := Read(s, text); blank(shown.Text) && len(shown.Images) == 0 {
		return &Problem{Code: codeEmpty, Text: "nothing is to be seen"}
	}
	return nil
}

// Text tells whether a surface takes a plain text, which has at most MaxText bytes: nil, or a *Problem.
func Text(s Surface, text string) error {
	if s != Bot && s != App && s != Hook {
		return &Problem{Code: codeParameter, Text: fmt.Sprintf("surface %q takes no text", s)}
	}
	if p := checkText(text, MaxText); p != nil {
		return p
	}
	return nil
}

func checkText(text string, most int) *Problem {
	switch {
	case !utf8.ValidString(text):
		return &Problem{Code: codeSigns, Text: "no UTF-8"}
	case blank(text):
		return &Problem{Code: codeEmpty, Text: "empty"}
	case len(text) > most:
		return &Problem{Code: codeParameter, Text: fmt.Sprintf("%d bytes, at most %d are allowed", len(text), most)}
	}
	if i := strings.IndexFunc(text, forbidden); i >= 0 {
		c, _ := utf8.DecodeRuneInString(text[i:])
		return &Problem{Code: codeSigns, Text: fmt.Sprintf("control character %U", c)}
	}
	return nil
}

func forbidden(c rune) bool { return unicode.IsControl(c) && c != '\n' && c != '\t' }

// blank tells whether there is nothing to see.
func blank(s string) bool {
	return strings.TrimFunc(s, func(c rune) bool { return unicode.IsSpace(c) || unicode.Is(unicode.Cf, c) }) == ""
}
