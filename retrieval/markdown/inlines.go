package markdown

import (
	"bytes"
	"html"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// An allowance bounds the work on the marks of one block. A mark that leads to
// nothing may cost a look at all the rest of the block, one that leads to
// something costs a node. The bound is far above what any text needs: in a text
// of 100 kB without blank lines, 500 brackets that are no links.
type allowance struct {
	block ast.Node
	end   int
	left  int
}

const (
	allowedPerByte  = 256
	allowedPerBlock = 256 << 10
	nodeCost        = 2048
)

var allowanceKey = parser.NewContextKey()

// allowanceFor is the allowance of a block, the same for all its marks.
func allowanceFor(block ast.Node, pc parser.Context) *allowance {
	a := pc.ComputeIfAbsent(allowanceKey, func() any { return &allowance{} }).(*allowance)
	if lines := block.Lines(); a.block != block && lines.Len() > 0 {
		start := lines.At(0).Start
		a.block, a.end = block, lines.At(lines.Len()-1).Stop
		a.left = allowedPerBlock + allowedPerByte*(a.end-start)
	}
	return a
}

// thrifty is an inline parser that stops when the allowance of the block is
// used up; what it would have read is then text.
type thrifty struct{ parser.InlineParser }

func (t thrifty) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	a := allowanceFor(parent, pc)
	if a.left <= 0 {
		return nil
	}
	_, at := block.Position()
	node := t.InlineParser.Parse(parent, block, pc)
	a.left -= nodeCost
	if _, failed := node.(*ast.Text); node == nil || failed {
		a.left -= a.end - at.Start
	}
	return node
}

// CloseBlock passes on what links need at the end of a block.
func (t thrifty) CloseBlock(parent ast.Node, block text.Reader, pc parser.Context) {
	if c, ok := t.InlineParser.(parser.CloseBlocker); ok {
		c.CloseBlock(parent, block, pc)
	}
}

// links notes the end of a link whose target is no address, so that it can be
// printed as it stands: [2023](12号).
type links struct{ thrifty }

// tailName is the attribute of a link that is text: all from its ] on.
const tailName = "tail"

func (l links) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	_, from := block.Position()
	node := l.thrifty.Parse(parent, block, pc)
	var target []byte
	switch n := node.(type) {
	case *ast.Link:
		target = n.Destination
	case *ast.Image:
		target = n.Destination
	}
	if len(target) > 0 && !isAddress(target) {
		_, to := block.Position()
		node.SetAttributeString(tailName, string(block.Source()[from.Start:max(from.Start, to.Start)]))
	}
	return node
}

// tags reads HTML comments and the tags of known elements.
type tags struct{ parser.InlineParser }

func (t tags) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	node, ok := t.InlineParser.Parse(parent, block, pc).(*ast.RawHTML)
	if !ok {
		return nil
	}
	raw := rawHTML(node, block.Source())
	if strings.HasPrefix(raw, "<!--") || len(raw) >= 9 && strings.EqualFold(raw[:9], "<!doctype") {
		return node
	}
	name, attributes, ok := splitTag(raw)
	if !ok || !elements[name] || attributes != "" && !strings.Contains(attributes, "=") {
		return nil
	}
	return node
}

func rawHTML(n *ast.RawHTML, src []byte) string {
	var raw []byte
	for _, s := range n.Segments.Sliced(0, n.Segments.Len()) {
		raw = append(raw, s.Value(src)...)
	}
	return string(raw)
}

var tag = regexp.MustCompile(`(?s)^</?([A-Za-z][A-Za-z0-9-]*)(.*?)\s*/?>$`)

// splitTag is the name of a tag in lower case and what else it says.
func splitTag(raw string) (name, attributes string, ok bool) {
	found := tag.FindStringSubmatch(raw)
	if found == nil {
		return "", "", false
	}
	return strings.ToLower(found[1]), found[2], true
}

func set(names string) map[string]bool {
	out := map[string]bool{}
	for _, name := range strings.Fields(names) {
		out[name] = true
	}
	return out
}

// elements are the names of HTML elements; lineElements are those that begin and
// end a line, tableElements those that begin and end rows.
var (
	elements = set(`a abbr acronym address area article aside audio b base basefont bdi bdo big
		blockquote body br button canvas caption center cite code col colgroup data dd del details
		dfn dialog dir div dl dt em embed fieldset figcaption figure font footer form frame frameset
		h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd label legend li link main
		map mark menu meta nav noframes nobr noscript object ol optgroup option output p param
		picture pre progress q rp rt ruby s samp script section select small source span strike
		strong style sub summary sup svg table tbody td template textarea tfoot th thead time title
		tr track tt u ul var video wbr`)
	lineElements = set(`address article aside blockquote body br caption center dd details dialog dir
		div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 head header hr html legend
		li main menu nav ol p pre section summary table tbody tfoot thead title tr ul`)
	tableElements = set(`table tbody tfoot thead tr`)
)

// unescape decodes backslash escapes and entities in one pass.
func unescape(s []byte) []byte {
	if !bytes.ContainsAny(s, `\&`) {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		switch {
		case s[i] == '\\' && i+1 < len(s) && asciiPunct(s[i+1]):
			out = append(out, s[i+1])
			i += 2
		case s[i] == '&':
			decoded, size := entity(s[i:])
			out = append(out, decoded...)
			i += size
		default:
			out = append(out, s[i])
			i++
		}
	}
	return out
}

func asciiPunct(c byte) bool {
	return c >= '!' && c <= '/' || c >= ':' && c <= '@' || c >= '[' && c <= '`' || c >= '{' && c <= '~'
}

// longestEntity bounds the search for the end of an entity; the longest is
// &CounterClockwiseContourIntegral;.
const longestEntity = 40

// entity decodes the entity at the start of s and says how many bytes it has;
// where there is none, that is the & itself.
func entity(s []byte) (string, int) {
	end := bytes.IndexByte(s[:min(len(s), longestEntity)], ';')
	if end < 2 {
		return "&", 1
	}
	raw := string(s[:end+1])
	decoded := html.UnescapeString(raw)
	if strings.HasSuffix(decoded, ";") && decoded != ";" { // unknown, or known only in part
		return "&", 1
	}
	decoded = strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case hiddenControl(r):
			return -1
		}
		return r
	}, decoded)
	return decoded, end + 1
}
