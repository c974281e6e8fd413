package blockkit

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// ReadMrkdwn tells what a person sees of the text field of a message, which is mrkdwn
// (https://docs.slack.dev/messaging/formatting-message-text). It would rather find too much than too little: whatever
// stands between < and > on one line is a mention or link, inside code too; bare addresses of the web and of mail are
// links; and @here, @channel and @everyone are mentions as they stand.
func ReadMrkdwn(text string) Shown {
	r := &reader{}
	r.line(r.mrkdwn(text, true))
	return r.end()
}

// mrkdwn reads mrkdwn; parse is false where verbatim is set: then only what stands in < > is a link or mention.
func (r *reader) mrkdwn(s string, parse bool) string {
	var b strings.Builder
	parts := strings.Split(s, "```")
	if n := len(parts); n%2 == 0 { // the last fence has no fellow
		parts = append(parts[:n-2], parts[n-2]+"```"+parts[n-1])
	}
	for i, part := range parts {
		if i%2 == 1 { // between fences
			b.WriteString(strings.Trim(r.sequences(part, false), "\n"))
			continue
		}
		for j, line := range strings.Split(part, "\n") {
			if j > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(r.mrkdwnLine(line, parse))
		}
	}
	return b.String()
}

// mrkdwnLine reads a line without fences: first inline code, then emphasis and sequences.
func (r *reader) mrkdwnLine(line string, parse bool) string {
	var b strings.Builder
	for line != "" {
		at := strings.IndexByte(line, '`')
		end := -1
		if at >= 0 {
			end = strings.IndexByte(line[at+1:], '`')
		}
		if end <= 0 {
			b.WriteString(r.sequences(unmarked(line), parse))
			break
		}
		b.WriteString(r.sequences(unmarked(line[:at]), parse))
		b.WriteString(r.sequences(line[at+1:at+1+end], false))
		line = line[at+end+2:]
	}
	return b.String()
}

// unmarked takes away the signs of bold, italic and struck-out text. They work only at the edges of words: between
// letters of any script they stay and are seen. Inside < > and in addresses they are no signs.
func unmarked(s string) string {
	for _, mark := range "*_~" {
		var b strings.Builder
		for s != "" {
			from, to := emphasis(s, byte(mark))
			if from < 0 {
				b.WriteString(s)
				break
			}
			b.WriteString(s[:from] + s[from+1:to])
			s = s[to+1:]
		}
		s = b.String()
	}
	return s
}

// emphasis finds the first pair of marks that work as such; -1 if there is none.
func emphasis(s string, mark byte) (from, to int) {
	from = -1
	for i := 0; i < len(s); i++ {
		if s[i] == '<' {
			if end := strings.IndexByte(s[i:], '>'); end > 0 {
				i += end
				continue
			}
		}
		if n := addressAt(s, i); n > 0 {
			i += n - 1
			continue
		}
		if s[i] != mark {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(s[:i])
		after, _ := utf8.DecodeRuneInString(s[i+1:])
		switch {
		case from >= 0 && i > from+1 && !unicode.IsSpace(before) && (i+1 == len(s) || !wordly(after)):
			return from, i
		case (i == 0 || !wordly(before)) && i+1 < len(s) && !unicode.IsSpace(after) && after != rune(mark):
			from = i
		}
	}
	return -1, -1
}

func wordly(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }

// sequences reads what stands in < > on one line, and bare addresses if bare; entities are turned back.
func (r *reader) sequences(s string, bare bool) string {
	var b strings.Builder
	for s != "" {
		at := strings.IndexByte(s, '<')
		if at < 0 {
			b.WriteString(r.bare(s, bare))
			break
		}
		end := strings.IndexAny(s[at+1:], "<>\n")
		if end < 0 || s[at+1+end] != '>' {
			b.WriteString(r.bare(s[:at+1], bare))
			s = s[at+1:]
			continue
		}
		b.WriteString(r.bare(s[:at], bare))
		b.WriteString(r.sequence(s[at+1 : at+1+end]))
		s = s[at+end+2:]
	}
	return b.String()
}

// sequence reads what stands between < and >.
func (r *reader) sequence(s string) string {
	to, words, _ := strings.Cut(s, "|")
	to, words = unescape(to), unescape(words)
	switch {
	case to == "":
		return "<" + unescape(s) + ">"
	case to[0] == '@':
		r.mention("user", to[1:])
		return "@" + or(words, to[1:])
	case to[0] == '#':
		r.mention("channel", to[1:])
		return "#" + or(words, to[1:])
	case strings.HasPrefix(to, "!subteam^"):
		r.mention("usergroup", to[len("!subteam^"):])
		return or(words, "@"+to[len("!subteam^"):])
	case strings.HasPrefix(to, "!date^"):
		parts := strings.SplitN(to, "^", 4)
		if len(parts) == 4 {
			r.link(parts[3], words)
		}
		return words
	case to[0] == '!':
		r.mention("special", to[1:])
		return "@" + or(strings.TrimPrefix(words, "@"), to[1:])
	}
	r.link(to, words)
	return or(words, to)
}

// bare reads text without sequences; addresses in it are links if the client looks for them.
func (r *reader) bare(s string, look bool) string {
	s = unescape(s)
	if look {
		r.addresses(s)
		r.calls(s)
	}
	return s
}

// calls finds the words that notify many people.
func (r *reader) calls(s string) {
	for at := strings.IndexByte(s, '@'); at >= 0; at = strings.IndexByte(s, '@') {
		before, _ := utf8.DecodeLastRuneInString(s[:at])
		s = s[at+1:]
		for _, name := range []string{"here", "channel", "everyone"} {
			rest, ok := strings.CutPrefix(s, name)
			after, _ := utf8.DecodeRuneInString(rest)
			if ok && !isWord(before) && (rest == "" || !isWord(after)) {
				r.mention("special", name)
			}
		}
	}
}

func isWord(c rune) bool {
	return c < utf8.RuneSelf && (wordly(c) || c == '_' || c == '.' || c == '-')
}
