package app

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// A message is what WeCom tells of a message or an event
// (https://developer.work.weixin.qq.com/document/path/90239, 90240). Every field may be missing.
type message struct {
	XMLName    xml.Name   `xml:"xml"`
	To         string     `xml:"ToUserName"` // the corporation
	From       string     `xml:"FromUserName"`
	Created    string     `xml:"CreateTime"` // seconds since 1970
	Type       string     `xml:"MsgType"`
	ID         string     `xml:"MsgId"` // of messages, not of events
	Agent      string     `xml:"AgentID"`
	Content    string     `xml:"Content"`
	Heard      string     `xml:"Recognition"` // what was said, as text
	Event      string     `xml:"Event"`
	EventKey   string     `xml:"EventKey"`
	TaskID     string     `xml:"TaskId"`
	UpdateCode string     `xml:"ResponseCode"`
	Selected   []selected `xml:"SelectedItems>SelectedItem"`
}

// selected is what was chosen of a list.
type selected struct {
	Question string   `xml:"QuestionKey"`
	Options  []string `xml:"OptionIds>OptionId"`
}

// at is when it happened, the zero time where that is not said.
func (m message) at() time.Time {
	n, err := strconv.ParseInt(m.Created, 10, 64)
	if err != nil || n <= 0 || n > 1<<40 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// readMessage reads what was opened. It takes no more of XML than WeCom writes: no declarations of a document and so no
// entities of its own, no attributes, and no field twice, so that no words of a person become another field.
func readMessage(plain []byte) (message, error) {
	var m message
	inner := xml.NewDecoder(strings.NewReader(legible(plain)))
	s := &strict{d: inner, seen: map[string]bool{}}
	if err := xml.NewTokenDecoder(s).Decode(&m); err != nil {
		return message{}, fmt.Errorf("read a message of WeCom, %d bytes: %w", len(plain), err)
	}
	for {
		switch t, err := s.Token(); {
		case errors.Is(err, io.EOF):
			return m, nil
		case err != nil:
			return message{}, fmt.Errorf("read a message of WeCom, %d bytes: %w", len(plain), err)
		default:
			if text, ok := t.(xml.CharData); !ok || len(bytes.TrimSpace(text)) > 0 {
				return message{}, errors.New("read a message of WeCom: something follows it")
			}
		}
	}
}

// legible is a text with U+FFFD in the place of what XML does not allow: people may say anything.
func legible(data []byte) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(string(data), "\ufffd"))
}

const deepest = 5 // xml, SelectedItems, SelectedItem, OptionIds, OptionId

// strict lets through the tokens that WeCom writes.
type strict struct {
	d     *xml.Decoder
	depth int
	seen  map[string]bool // fields of the message
}

// Token implements xml.TokenReader.
func (s *strict) Token() (xml.Token, error) {
	t, err := s.d.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case xml.Directive:
		return nil, errors.New("it has a declaration")
	case xml.ProcInst:
		if t.Target != "xml" || s.depth > 0 {
			return nil, errors.New("it has an instruction")
		}
	case xml.StartElement:
		s.depth++
		name := t.Name.Local
		switch {
		case s.depth > deepest:
			return nil, errors.New("it is nested too deep")
		case len(t.Attr) > 0 || t.Name.Space != "":
			return nil, errors.New("it has attributes")
		case s.depth == 2 && s.seen[name]:
			return nil, errors.New("it has a field twice")
		case s.depth == 2:
			s.seen[name] = true
		}
	case xml.EndElement:
		s.depth--
	}
	return t, nil
}

var (
	sealedBegin = []byte("<Encrypt>")
	sealedEnd   = []byte("</Encrypt>")
	dataBegin   = []byte("<![CDATA[")
	dataEnd     = []byte("]]>")
)

// sealedIn finds the sealed text in a body whose signature nobody has looked at yet: without a parser, and nothing else of
// it is made use of. ok is false where there is not exactly one.
func sealedIn(body []byte) (text string, ok bool) {
	_, rest, found := bytes.Cut(body, sealedBegin)
	inside, after, ended := bytes.Cut(rest, sealedEnd)
	if !found || !ended || bytes.Contains(after, sealedBegin) {
		return "", false
	}
	inside = bytes.TrimSpace(inside)
	if within, ok := bytes.CutPrefix(inside, dataBegin); ok {
		if inside, ok = bytes.CutSuffix(within, dataEnd); !ok {
			return "", false
		}
	}
	inside = bytes.TrimSpace(inside)
	return string(inside), len(inside) > 0
}
