package blockkit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// A Surface is a place where blocks stand.
type Surface string

// The surfaces. Stream is what chat.stopStream and a chunk of type blocks take: blocks of a message too.
const (
	Message Surface = "message"
	Stream  Surface = "stream"
	Modal   Surface = "modal"
	Home    Surface = "home"
)

// Limits of whole messages and views.
const (
	MaxMessageBlocks = 50
	MaxViewBlocks    = 100
	MaxMarkdown      = 12_000 // characters in all markdown blocks of a message together
	MaxTable         = 10_000 // characters in all cells of a table
	MaxViewBytes     = 250_000
)

// MaxText is what a message may hold by the measure of a whole message: its characters, and blockCost for each
// block. Slack documents neither number. Both are chosen so that the four messages measured in
// https://github.com/slackapi/bolt-js/issues/2867 and the one of https://github.com/slackapi/bolt-js/issues/2509
// are judged as Slack judged them.
const (
	MaxText   = 13_200
	blockCost = 45
)

// A Problem is why Slack refuses blocks or a view.
type Problem struct {
	Code string // what the Web API answers in "error": invalid_blocks, msg_blocks_too_long, ...
	Path string // a JSON pointer into the request: /blocks/0/text/text
	Text string // in Slack's words where they are known
}

// Error gives the code, and then the line that Slack puts into response_metadata.messages.
func (p *Problem) Error() string { return p.Code + ": " + p.Line() }

// Line is the line of response_metadata.messages about the problem.
func (p *Problem) Line() string { return "[ERROR] " + p.Text + " [json-pointer:" + p.Path + "]" }

// Check tells whether Slack takes blocks on a surface: nil, or a *Problem, the first that is found. Blocks are a
// JSON array; an empty one, null and no bytes are taken as no blocks at all. A wrong surface is a Problem too.
func Check(surface Surface, blocks json.RawMessage) error {
	if len(bytes.TrimSpace(blocks)) == 0 {
		return nil
	}
	v, err := decode(blocks)
	if err != nil {
		return &Problem{"invalid_blocks_format", "/blocks", err.Error()}
	}
	if v == nil {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		return &Problem{"invalid_blocks_format", "/blocks", "must be an array"}
	}
	c := &checker{surface: surface, code: "invalid_blocks"}
	c.blocks("/blocks", list)
	return c.result()
}

// CheckView tells whether Slack takes a view for a modal or a home tab: nil, or a *Problem whose code is
// invalid_arguments or view_too_large. See https://docs.slack.dev/reference/views/modal-views and .../home-tab-views.
func CheckView(view json.RawMessage) error {
	if len(view) > MaxViewBytes {
		return &Problem{"view_too_large", "/view", fmt.Sprintf("must be at most %d bytes", MaxViewBytes)}
	}
	v, err := decode(view)
	if err != nil {
		return &Problem{"invalid_arguments", "/view", err.Error()}
	}
	c := &checker{code: "invalid_arguments"}
	o, ok := v.(map[string]any)
	if !ok {
		c.refuse("/view", "must provide an object")
		return c.result()
	}
	switch o["type"] {
	case "modal":
		c.surface = Modal
		modalView(c, "/view", o)
	case "home":
		c.surface = Home
		homeView(c, "/view", o)
	case nil:
		c.refuse("/view", "missing required field: type")
	default:
		c.refuse("/view/type", fmt.Sprintf("unsupported type: %v", o["type"]))
	}
	return c.result()
}

// A checker goes through one payload and keeps the first problem.
type checker struct {
	surface Surface
	code    string
	problem *Problem

	blockIDs  map[string]bool
	actionIDs map[string]bool // of the block in hand
	counts    map[string]int  // of block types, and of elements with the focus
	text      int             // characters that people read
	markdown  int
	inputs    int
}

func (c *checker) refuse(at, text string) { c.refuseAs(c.code, at, text) }

func (c *checker) refuseAs(code, at, text string) {
	if c.problem == nil {
		c.problem = &Problem{code, at, text}
	}
}

func (c *checker) result() error {
	if c.problem == nil {
		return nil
	}
	return c.problem
}

// messages tells whether the blocks are those of a message.
func (c *checker) messages() bool { return c.surface == Message || c.surface == Stream }

// blocks checks the blocks of a message or view one by one, and then as a whole.
func (c *checker) blocks(at string, list []any) {
	c.blockIDs, c.counts = map[string]bool{}, map[string]int{}
	most := MaxViewBlocks
	if c.messages() {
		most = MaxMessageBlocks
	}
	if len(list) > most {
		c.refuse(at, fmt.Sprintf("no more than %d items allowed", most))
	}
	for i, b := range list {
		anyBlock(c, at+"/"+strconv.Itoa(i), b)
	}
	for _, once := range []string{"plan", "focus"} {
		if c.counts[once] > 1 {
			c.refuse(at, "no more than 1 allowed: "+once)
		}
	}
	if c.counts["table"]+c.counts["data_table"] > 1 {
		c.refuseAs("invalid_attachments", at, "only_one_table_allowed")
	}
	if c.counts["data_visualization"] > 2 {
		c.refuse(at, "no more than 2 allowed: data_visualization")
	}
	if c.markdown > MaxMarkdown {
		c.refuseAs("msg_blocks_too_long", at, fmt.Sprintf("markdown blocks must be less than %d characters together", MaxMarkdown+1))
	}
	if c.messages() && c.text > MaxText {
		c.refuseAs("msg_blocks_too_long", at, "the blocks are too long together")
	}
}

// anyBlock checks one block by its type: whether it is known, may stand here, and is made right.
func anyBlock(c *checker, at string, v any) {
	o, ok := v.(map[string]any)
	if !ok {
		c.refuseAs(formatCode(c.code), at, "must provide an object")
		return
	}
	kind, ok := o["type"].(string)
	if !ok {
		c.refuse(at, "missing required field: type")
		return
	}
	b, known := kinds[kind]
	if !known {
		c.refuse(at+"/type", "unsupported type: "+kind)
		return
	}
	here := c.surface
	if here == Stream {
		here = Message
	}
	if !slices.Contains(b.surfaces, here) {
		c.refuse(at+"/type", "unsupported type: "+kind)
		return
	}
	c.counts[kind]++
	c.text += blockCost
	c.actionIDs = map[string]bool{}
	b.rule(c, at, v)
	if id, ok := o["block_id"].(string); ok && kind != "markdown" { // there it is ignored
		if c.blockIDs[id] {
			c.refuse(at+"/block_id", "block_id already exists: "+id)
		}
		c.blockIDs[id] = true
	}
}

// formatCode is what Slack says when something is no block at all.
func formatCode(code string) string {
	if code == "invalid_blocks" {
		return "invalid_blocks_format"
	}
	return code
}

// decode reads one JSON value; numbers stay as they are written.
func decode(raw json.RawMessage) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("more than one JSON value")
	}
	return v, nil
}
