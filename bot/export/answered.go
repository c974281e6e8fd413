package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"unicode/utf8"
)

// readAnswer reads what a row shows of a stored answer; of one that is not JSON, or not an object, nothing. It passes
// over the rest of the answer, which is most of it, and leaves what is not as the program writes it to encoding/json.
func readAnswer(text []byte) answered {
	if len(text) == 0 {
		return answered{}
	}
	var a answered
	s := scanner{text: text}
	if s.answer(&a) == nil {
		return a
	}
	a = answered{}
	_ = json.Unmarshal(text, &a) // what cannot be read is not shown
	return a
}

// errUnusual says that JSON is not as the program writes it.
var errUnusual = errors.New("unusual JSON")

// A scanner goes through JSON once. What it passes over it does not check.
type scanner struct {
	text []byte
	at   int
	buf  []byte // to be used again
}

func (s *scanner) answer(a *answered) error {
	err := s.object(func(key []byte) error {
		switch string(key) {
		case "lang":
			return s.string(&a.Lang)
		case "mode":
			return s.string(&a.Mode)
		case "text":
			return s.string(&a.Text)
		case "library":
			return s.string(&a.Library)
		case "model":
			return s.string(&a.Model)
		case "prompt":
			return s.string(&a.Prompt)
		case "ms":
			return s.object(func(key []byte) (err error) {
				if string(key) != "total" {
					return s.skip()
				}
				a.Ms.Total, err = strconv.ParseFloat(s.number(), 64)
				return err
			})
		case "citations":
			return s.citations(a)
		}
		return s.skip()
	})
	if s.space(); err == nil && s.at < len(s.text) {
		return errUnusual
	}
	return err
}

func (s *scanner) citations(a *answered) error {
	if s.space(); a.Citations != nil || !s.next('[') {
		return errUnusual
	}
	a.Citations = []citation{}
	for s.space(); !s.next(']'); s.space() {
		if len(a.Citations) > 0 && !s.next(',') {
			return errUnusual
		}
		a.Citations = append(a.Citations, citation{})
		if err := s.citation(&a.Citations[len(a.Citations)-1]); err != nil {
			return err
		}
	}
	return nil
}

func (s *scanner) citation(c *citation) error {
	return s.object(func(key []byte) error {
		switch string(key) {
		case "quote":
			return s.string(&c.Quote)
		case "clause":
			return s.object(func(key []byte) error {
				switch string(key) {
				case "id":
					return s.string(&c.Clause.ID)
				case "path":
					return s.string(&c.Clause.Path)
				case "document":
					return s.document(c)
				}
				return s.skip()
			})
		}
		return s.skip()
	})
}

func (s *scanner) document(c *citation) error {
	d := &c.Clause.Document
	return s.object(func(key []byte) (err error) {
		switch string(key) {
		case "title":
			return s.string(&d.Title)
		case "number":
			return s.string(&d.Number)
		case "version":
			d.Version, err = strconv.Atoi(s.number())
			return err
		}
		return s.skip()
	})
}

// object reads an object; field reads or skips the value of a key.
func (s *scanner) object(field func(key []byte) error) error {
	if s.space(); !s.next('{') {
		return errUnusual
	}
	if s.space(); s.next('}') {
		return nil
	}
	for {
		s.space()
		key, plain, err := s.quoted()
		if err != nil || !plain || !usual(key) {
			return errUnusual
		}
		if s.space(); !s.next(':') {
			return errUnusual
		}
		if err := field(key); err != nil {
			return err
		}
		if s.space(); s.next('}') {
			return nil
		}
		if !s.next(',') {
			return errUnusual
		}
	}
}

// usual reports whether a key is one as the program writes them: encoding/json takes others for the same in another case.
func usual(key []byte) bool {
	for _, b := range key {
		if (b < 'a' || b > 'z') && b != '_' {
			return false
		}
	}
	return true
}

func (s *scanner) space() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return
		}
	}
}

// next passes a byte, if it is the next one.
func (s *scanner) next(b byte) bool {
	if s.at < len(s.text) && s.text[s.at] == b {
		s.at++
		return true
	}
	return false
}

// quoted passes a string and gives what is between its quotation marks; plain says that it has no escapes.
func (s *scanner) quoted() (text []byte, plain bool, err error) {
	if !s.next('"') {
		return nil, false, errUnusual
	}
	from := s.at
	for {
		n := bytes.IndexByte(s.text[s.at:], '"')
		if n < 0 {
			return nil, false, errUnusual
		}
		s.at += n + 1
		slashes := 0
		for i := s.at - 2; i >= from && s.text[i] == '\\'; i-- {
			slashes++
		}
		if slashes%2 == 0 {
			text = s.text[from : s.at-1]
			return text, bytes.IndexByte(text, '\\') < 0, nil
		}
	}
}

func (s *scanner) string(to *string) error {
	s.space()
	from := s.at
	text, plain, err := s.quoted()
	if err != nil {
		return err
	}
	if usual := utf8.Valid(text) && !slices.ContainsFunc(text, func(b byte) bool { return b < ' ' }); usual {
		if plain {
			*to = string(text)
			return nil
		}
		if s.buf, plain = unescaped(s.buf[:0], text); plain {
			*to = string(s.buf)
			return nil
		}
	}
	return json.Unmarshal(s.text[from:s.at], to)
}

// escapes are the characters of two-character escapes.
var escapes = map[byte]byte{'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', 'f': '\f', '"': '"', '\\': '\\', '/': '/'}

// unescaped adds a text without its escapes to out; ok is false where one is not of the usual ones of ASCII.
func unescaped(out, text []byte) (_ []byte, ok bool) {
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 {
			return append(out, text...), true
		}
		out, text = append(out, text[:i]...), text[i+1:]
		if len(text) == 0 {
			return out, false
		}
		b, known := escapes[text[0]]
		if text[0] == 'u' && len(text) >= 5 {
			n, err := strconv.ParseUint(string(text[1:5]), 16, 16)
			if b, known = byte(n), err == nil && n < utf8.RuneSelf; known {
				text = text[4:]
			}
		}
		if !known {
			return out, false
		}
		out, text = append(out, b), text[1:]
	}
}

// number passes a number and gives it; "" where there is none.
func (s *scanner) number() string {
	s.space()
	from := s.at
	for s.at < len(s.text) && bytes.IndexByte([]byte("+-.0123456789Ee"), s.text[s.at]) >= 0 {
		s.at++
	}
	return string(s.text[from:s.at])
}

// skip passes a value.
func (s *scanner) skip() error {
	s.space()
	for depth := 0; s.at < len(s.text); {
		switch s.text[s.at] {
		case '"':
			if _, _, err := s.quoted(); err != nil {
				return err
			}
			if depth == 0 {
				return nil
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return nil // of the object that the value is in
			}
			if depth--; depth == 0 {
				s.at++
				return nil
			}
		case ',':
			if depth == 0 {
				return nil
			}
		}
		s.at++
	}
	return errUnusual
}
