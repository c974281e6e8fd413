// Package markdown turns a Markdown document into the plain text it says. A
// string goes in and a string comes out; the package knows nothing of files,
// clauses or search.
//
// The text is cut by its printed numbering and quoted word for word later on,
// so what is printed must survive: list numbers are written out as they stand
// in the source, and a character that may be a mark or may be meant is kept.
// A mark too many does no harm, a lost one can turn 10~20万元 into 1020万元.
//
// What is read is CommonMark with the tables and the strikethrough of GitHub,
// but for these rules, which exist because policy texts are pasted from web
// pages and word processors by people who do not write Markdown:
//
//   - a line that is indented by four blanks or a tab is a paragraph, not code;
//   - > before a digit or = is a comparison, not a quotation;
//   - *, ** and ~~ inside words, sums and ranges, a single ~, and runs of more
//     than three * or two _, as in blanks to be filled in, are kept;
//   - emphasis ends on its line, and ** with a line that ends a sentence;
//   - ** next to Chinese punctuation is bold where the standard does not see
//     it, as in **注意：**第一条 and 符合**《办法》**的;
//   - [text](words) and [label]: words are links only where the words look
//     like an address;
//   - <name> is markup only for the elements of HTML, without attributes or
//     with attributes that have values; Markdown inside such elements is read;
//   - comments, scripts and styles that never end are text.
//
// Time and memory are linear in the length of the source, whatever it is. For
// that, containers nest 32 deep, and what goes beyond is text with its marks; in
// a block that has far more marks than any text needs, the later ones are kept.
package markdown

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Text is the plain text of a Markdown document in reading order.
//
// A block starts a line, and a line break in the source stays one. Blocks that
// have blank lines between them have one blank line between them in the result.
// Headings, emphasis, links, code and strikethrough leave their words, images
// their description, autolinks their address. Ordered lists have the numbers of
// the source; a list that gives every item the same number is counted. Bullets
// are "- ", except that * and + stay before a digit, where - would be a sign.
// A table row is one line, its cells joined by " | ", without empty cells at its
// end. Front matter, comments, thematic breaks, link addresses and the
// definitions of links are left out.
//
// Text that is not Markdown comes out as it is but for blanks at the ends of
// lines and blank lines beyond the first. The result is valid UTF-8 with LF line
// ends, without control characters other than LF and TAB, and has neither blanks
// at the end of a line nor blank lines at its ends.
func Text(source string) string {
	src := []byte(withoutFrontMatter(clean(source)))
	p := &printer{src: src}
	p.block(grammar.Parse(text.NewReader(src)))
	return strings.Trim(string(p.out), "\n")
}

// grammar is safe for use by several goroutines: all state is in the context of
// one parse.
var grammar = parser.NewParser(
	parser.WithBlockParsers(
		util.Prioritized(underlines{parser.NewSetextHeadingParser()}, 100),
		util.Prioritized(parser.NewThematicBreakParser(), 200),
		util.Prioritized(lists{parser.NewListParser()}, 300),
		util.Prioritized(items{parser.NewListItemParser()}, 400),
		util.Prioritized(parser.NewATXHeadingParser(), 600),
		util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
		util.Prioritized(quotes{parser.NewBlockquoteParser()}, 800),
		util.Prioritized(hidden{parser.NewHTMLBlockParser()}, 900),
		util.Prioritized(paragraphs{parser.NewParagraphParser()}, 1000),
	),
	parser.WithInlineParsers(
		util.Prioritized(thrifty{parser.NewCodeSpanParser()}, 100),
		util.Prioritized(links{thrifty{parser.NewLinkParser()}}, 200),
		util.Prioritized(thrifty{parser.NewAutoLinkParser()}, 300),
		util.Prioritized(thrifty{tags{parser.NewRawHTMLParser()}}, 400),
		util.Prioritized(thrifty{marks{}}, 500),
	),
	parser.WithParagraphTransformers(
		util.Prioritized(definitions{parser.LinkReferenceParagraphTransformer}, 100),
		util.Prioritized(tables{extension.NewTableParagraphTransformer()}, 200),
	),
)

// clean makes valid UTF-8 with LF line ends out of source, takes out control
// characters, makes one empty line of several blank ones, and ends the last line.
func clean(source string) string {
	source = strings.TrimPrefix(strings.ToValidUTF8(source, "\ufffd"), "\ufeff")
	source = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n").Replace(source)
	source = strings.Map(func(r rune) rune {
		if hiddenControl(r) {
			return -1
		}
		return r
	}, source)
	var out strings.Builder
	out.Grow(len(source) + 1)
	empty := false
	for line := range strings.Lines(source) {
		line = strings.TrimSuffix(line, "\n")
		if strings.TrimFunc(line, blank) == "" {
			if !empty {
				out.WriteByte('\n')
			}
			empty = true
			continue
		}
		empty = false
		out.WriteString(line)
		out.WriteByte('\n')
	}
	return out.String()
}

// hiddenControl reports control characters other than LF and TAB.
func hiddenControl(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' || r == 0x7f
}

// blank reports what is trimmed from lines: white space of any width, the zero
// width space and the byte order mark.
func blank(r rune) bool { return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' }

// metaKey is the start of a line of front matter: title: or 标题:.
var metaKey = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_ .-]*:(?:[ \t]|$)`)

// withoutFrontMatter cuts a block of YAML between --- and --- (or ...) off the
// start. What stands between must look like keys and values, or --- is a
// thematic break and the text below it is text.
func withoutFrontMatter(s string) string {
	line, rest, ok := cutLine(s)
	if !ok || line != "---" {
		return s
	}
	for keys := 0; ; {
		if line, rest, ok = cutLine(rest); !ok {
			return s
		}
		switch {
		case line == "---" || line == "...":
			if keys == 0 {
				return s
			}
			return rest
		case metaKey.MatchString(line):
			keys++
		case line == "":
		case keys == 0 || !strings.ContainsRune(" \t#-", rune(line[0])):
			return s
		}
	}
}

// cutLine splits s after its first line; the line is without blanks at its end.
func cutLine(s string) (line, rest string, ok bool) {
	line, rest, ok = strings.Cut(s, "\n")
	return strings.TrimRight(line, " \t"), rest, ok
}
