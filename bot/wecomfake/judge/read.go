package judge

import (
	"regexp"
	"strings"
)

// Shown is what a person sees of a text, and what it does.
type Shown struct {
	// Text is what can be read, line by line: markup is taken away, and the zero width space U+200B; items of a
	// list have their mark, cells of a table " | " between them, a mention is "@" and the id.
	Text string

	Mentions []string // ids of those who are called on, in order; "all" for everybody. In code, too.
	Links    []Link   // what opens when text is clicked: by markup, by HTML, or made by the client of a bare address
	Bold     []string
	Italic   []string
	Struck   []string
	Code     []string // in a line or between fences
	Headings []string
	Quotes   []string // lines of quotations
	Rows     [][]string
	Images   []Link
	Fonts    []Font
	Thoughts []string // what an AI bot hides as its thinking; it is not in Text
	// Doubtful lists sources that no documentation speaks of and that a client could take for markup. They are
	// seen as they are written.
	Doubtful []string
}

// A Link is an address and the words that lead to it; the words are the address itself if there are no others.
type Link struct{ Text, URL string }

// A Font is a text with a colour: info, comment and warning are known
// (https://developer.work.weixin.qq.com/document/path/90236), others are black.
type Font struct{ Color, Text string }

// Read tells what a person sees of markdown. It would rather find too much than too little: a mention counts
// wherever it stands, on every surface but HookV2, and @all and @所有人 count as they stand.
//
// Bot and HookV2 know headings, bold, italic and struck-out text by the rules of CommonMark, lists, quotations,
// links, images, rules, code, and tables; Bot fonts and thoughts as well. App and Hook know headings, bold text,
// links, code in a line, quotations and fonts; all else is seen as it is typed. A backslash has no effect anywhere.
// It reads any bytes, valid or not.
func Read(s Surface, text string) Shown {
	r := &reader{surface: s, rich: s == Bot || s == HookV2, fonts: s != HookV2, mentions: s != HookV2}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if r.rich {
		r.doubt(text, richDoubts)
	}
	r.doubt(text, doubts)
	if s == Bot {
		text = r.thoughts(text)
	}
	r.calls(text)
	r.shown.Text = strings.Trim(visible(r.blocks(text)), "\n")
	return r.shown
}

// ReadText tells what a person sees of a plain text: nothing is markup but HTML's <a> in an app
// (https://developer.work.weixin.qq.com/document/path/90236) and mentions in a webhook.
func ReadText(s Surface, text string) Shown {
	r := &reader{surface: s, mentions: true}
	r.calls(text)
	var b strings.Builder
	for from := 0; from < len(text); {
		m := anchor.FindStringSubmatchIndex(text[from:])
		if m == nil || s != App {
			b.WriteString(r.plain(text[from:]))
			break
		}
		b.WriteString(r.plain(text[from : from+m[0]]))
		words := text[from+m[4] : from+m[5]]
		r.link(words, text[from+m[2]:from+m[3]])
		b.WriteString(words)
		from += m[1]
	}
	r.shown.Text = visible(b.String())
	return r.shown
}

var anchor = regexp.MustCompile(`(?is)<a\b[^<>]*?\bhref\s*=\s*["']?([^"'\s>]+)[^<>]*>(.*?)</a\s*>`)

// plain reads text in which a client finds mentions and addresses.
func (r *reader) plain(s string) string {
	r.addresses(s)
	return mention.ReplaceAllString(s, "@$1")
}

var (
	mention = regexp.MustCompile(`<@([^<>\n]+)>`)
	call    = regexp.MustCompile(`(?i)(^|[^A-Za-z0-9._\-<@])@(all|所有人)($|[^A-Za-z0-9_])`)
	thought = regexp.MustCompile(`(?is)<think>(.*?)(?:</think>|$)`)

	fence   = regexp.MustCompile("^ {0,3}(```+|~~~+)([^`]*)$")
	heading = regexp.MustCompile(`^ {0,3}#{1,6}(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$`)
	title6  = regexp.MustCompile(`^#{1,6} +(.*)$`)
	ruler   = regexp.MustCompile(`^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$`)
	divide  = regexp.MustCompile(`^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$`)
	item    = regexp.MustCompile(`^([ \t]*)([-*+]|\d{1,9}[.)])[ \t]+(.*)$`)
	quoted  = regexp.MustCompile(`^ {0,3}> ?(.*)$`)
)

// What could be markup somewhere: HTML, entities, broken fonts and mentions, names to be filled in; for those
// who know more markdown also escapes, definitions of addresses and underlined headings.
var (
	doubts = regexp.MustCompile(`(?i)<!--|</?[a-z][a-z0-9]*\b[^<>\n]*>?|<@|&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});|` +
		`\$(?:userName|departmentName|chatName)=[^$\n]*\$`)
	richDoubts = regexp.MustCompile("(?m)\\\\[!-/:-@\\[-`{-~]|^ {0,3}\\[[^\\[\\]\n]+\\]:[ \t]*\\S+|^ {0,3}=+[ \t]*$|\\$\\$")
)

// A reader gathers what is found in one text.
type reader struct {
	surface               Surface
	rich, fonts, mentions bool
	shown                 Shown
}

// zeroWidth is a space that is not seen. It breaks markup.
const zeroWidth = '\u200b'

// visible is a text without what has no width.
func visible(s string) string { return strings.ReplaceAll(s, string(zeroWidth), "") }

// doubt lists what an expression finds, but for what is known here.
func (r *reader) doubt(s string, in *regexp.Regexp) {
	for _, m := range in.FindAllStringIndex(s, -1) {
		found := s[m[0]:m[1]]
		known := r.mentions && mention.FindString(s[m[0]:]) != "" && mention.FindStringIndex(s[m[0]:])[0] == 0 ||
			r.fonts && (fontOpen.MatchString(found) || strings.EqualFold(found, "</font>")) ||
			r.surface == Bot && (strings.EqualFold(found, "<think>") || strings.EqualFold(found, "</think>")) ||
			autolink.MatchString(found)
		if !known {
			r.shown.Doubtful = append(r.shown.Doubtful, found)
		}
	}
}

// thoughts takes away what an AI bot hides (https://developer.work.weixin.qq.com/document/path/101031).
func (r *reader) thoughts(s string) string {
	for _, m := range thought.FindAllStringSubmatch(s, -1) {
		r.shown.Thoughts = append(r.shown.Thoughts, strings.TrimSpace(visible(m[1])))
	}
	return thought.ReplaceAllString(s, "")
}

// calls finds those who are called on.
func (r *reader) calls(s string) {
	if !r.mentions {
		return
	}
	type found struct {
		at int
		id string
	}
	var all []found
	for _, m := range mention.FindAllStringSubmatchIndex(s, -1) {
		all = append(all, found{m[0], strings.TrimPrefix(s[m[2]:m[3]], "@")})
	}
	for from := 0; from < len(s); {
		m := call.FindStringSubmatchIndex(s[from:])
		if m == nil {
			break
		}
		all = append(all, found{from + m[4], "all"})
		from += m[5]
	}
	for len(all) > 0 { // in the order of the text
		first := 0
		for i, f := range all {
			if f.at < all[first].at {
				first = i
			}
		}
		r.shown.Mentions = append(r.shown.Mentions, all[first].id)
		all = append(all[:first], all[first+1:]...)
	}
}

func (r *reader) link(words, to string) {
	words = visible(words)
	if blank(words) {
		words = to
	}
	r.shown.Links = append(r.shown.Links, Link{words, to})
}
