package openai

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"policybot/bot/model"
	"policybot/retrieval/openai/wire"
)

// events reads a stream of server-sent events and gives on only what go-openai
// reads well: lines "data: …", one for each event. Comments, blank lines, other
// fields, CR before LF and a missing blank after the colon are gone. Its errors
// are a *failure or io.EOF.
//
// It differs from https://html.spec.whatwg.org/multipage/server-sent-events.html
// in two things: each line of data is an event, as no endpoint spreads JSON over
// lines and some leave out the blank line; and CR alone ends no line.
type events struct {
	e     *endpoint
	in    *bufio.Reader
	ready []byte // of a line, not yet read
	read  int    // bytes until now
	ended error
	name  string // of the event
}

// maxStream is how large all of a stream may be, with comments and reasoning.
const maxStream = 64 << 20

// Read implements io.Reader. It returns one line at a time.
func (s *events) Read(p []byte) (int, error) {
	for len(s.ready) == 0 {
		if s.ended != nil {
			return 0, s.ended
		}
		line, err := s.line()
		if err != nil {
			s.ended = err
			continue
		}
		s.ready = s.event(line)
	}
	n := copy(p, s.ready)
	s.ready = s.ready[n:]
	return n, nil
}

// line reads the next line, without its end. Half a line at the end of the stream
// is none: what is missing may be what matters.
func (s *events) line() ([]byte, error) {
	limit := s.e.o.MaxReply*maxWhole + maxFailure
	var line []byte
	for {
		part, err := s.in.ReadSlice('\n')
		line = append(line, part...)
		s.read += len(part)
		switch {
		case len(line) > limit || s.read > maxStream:
			return nil, s.e.failed(model.BadAnswer, false, "the endpoint sends more than a reply of %d bytes can take", s.e.o.MaxReply)
		case err == nil:
			return bytes.TrimRight(line, "\r\n"), nil
		case errors.Is(err, bufio.ErrBufferFull):
		case err != io.EOF:
			detail, _ := wire.Unreached(err)
			return nil, s.e.failed(model.Cut, true, "%s", detail)
		case json.Valid(data(line)) || string(data(line)) == "[DONE]":
			return line, nil
		default:
			return nil, io.EOF
		}
	}
}

// data is what a line of data holds; nil for another line.
func data(line []byte) []byte {
	rest, ok := bytes.CutPrefix(line, []byte("data:"))
	if !ok {
		return nil
	}
	return bytes.TrimSpace(rest)
}

// event is the line to give on for a line of the stream, nil for none.
func (s *events) event(line []byte) []byte {
	if name, ok := bytes.CutPrefix(line, []byte("event:")); ok {
		s.name = string(bytes.TrimSpace(name))
		return nil
	}
	body := data(line)
	switch {
	case len(line) == 0:
		s.name = ""
	case len(line) > 0 && line[0] == '{': // a report that is no event, as of a proxy
		body = line
	}
	switch {
	case len(body) == 0:
		return nil
	case s.name == "error" && !bytes.Contains(body, []byte(`"error"`)) && json.Valid(body):
		return []byte(`data: { "error":` + string(body) + "}\n")
	case body[0] == '{':
		// go-openai takes all that begins with {"error": for a failure, also where it
		// goes on with null and a good event, and then loses the next line too.
		return []byte("data: { " + string(body[1:]) + "\n")
	}
	return []byte("data: " + string(body) + "\n")
}
