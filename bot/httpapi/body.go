package httpapi

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"policybot/bot/channel"
)

// wishedID is what a question may be called by its asker. The names . and .. could not be fetched.
var wishedID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// A question is the body of POST ask.
type question struct {
	ID      string // "" when none was given, or one that cannot be used
	Text    string
	History []channel.Turn // nil when none was given
	AsOf    time.Time
	Profile json.RawMessage
	Lang    string
}

// parseQuestion reads the body of POST ask. Its errors are a *requestError.
func parseQuestion(body []byte) (question, error) {
	f, err := parseFields(body)
	if err != nil {
		return question{}, err
	}
	q := question{ID: f.text("id"), Text: f.needText("question"), History: f.turns("history"), AsOf: f.date("as_of"), Profile: f.object("profile")}
	q.Lang = f.oneOf("lang", []string{"zh", "en"})
	if !wishedID.MatchString(q.ID) || strings.Trim(q.ID, ".") == "" {
		q.ID = ""
	}
	return q, f.bad
}

// parseFeedback reads the body of POST feedback, for one answer.
func parseFeedback(body []byte, answer string) (channel.Feedback, error) {
	f, err := parseFields(body)
	if err != nil {
		return channel.Feedback{}, err
	}
	good := f.needBool("good")
	return channel.Feedback{Answer: answer, Good: good, Reason: f.oneOf("reason", channel.Reasons), Text: f.text("text")}, f.bad
}

// readBody reads a body of at most limit bytes.
func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, problem(http.StatusRequestEntityTooLarge, "body_large", limit>>10)
	}
	if err != nil {
		return nil, problem(http.StatusBadRequest, "body_read")
	}
	return body, nil
}

// fields are those of one JSON object. The first that is wrong is remembered in bad; a field that is
// left out or null is the zero value.
type fields struct {
	path string // of the object, "" or such as "history[2]."
	raw  map[string]json.RawMessage
	bad  error
}

// parseFields takes one JSON object apart.
func parseFields(body []byte) (*fields, error) {
	if !utf8.Valid(body) {
		return nil, problem(http.StatusBadRequest, "body_utf8")
	}
	body = bytes.TrimPrefix(body, []byte("\ufeff")) // some editors write one in front
	if !json.Valid(body) {
		return nil, problem(http.StatusBadRequest, "body_json")
	}
	f := &fields{}
	if json.Unmarshal(body, &f.raw) != nil || f.raw == nil {
		return nil, problem(http.StatusBadRequest, "body_object")
	}
	return f, nil
}

// read reads a field into v, or remembers what it should be. It reports whether the field is there.
func (f *fields) read(field string, v any, otherwise string) bool {
	raw, ok := f.raw[field]
	if !ok || string(raw) == "null" {
		return false
	}
	if json.Unmarshal(raw, v) != nil {
		f.blame(field, otherwise)
		return false
	}
	return true
}

// blame remembers that a field is wrong.
func (f *fields) blame(field, message string, more ...any) {
	if f.bad == nil {
		f.bad = problem(http.StatusBadRequest, message, append([]any{f.path + field}, more...)...)
	}
}

func (f *fields) text(field string) (s string) {
	f.read(field, &s, "field_text")
	return s
}

func (f *fields) needText(field string) (s string) {
	if !f.read(field, &s, "field_text") {
		f.blame(field, "field_missing")
	}
	return s
}

func (f *fields) needBool(field string) (b bool) {
	if !f.read(field, &b, "field_bool") {
		f.blame(field, "field_missing")
	}
	return b
}

func (f *fields) oneOf(field string, allowed []string) string {
	s := f.text(field)
	if s != "" && !slices.Contains(allowed, s) {
		f.blame(field, "field_one_of", strings.Join(allowed, ", "))
	}
	return s
}

func (f *fields) date(field string) time.Time {
	s := f.text(field)
	if s == "" {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		f.blame(field, "field_date")
	}
	return day
}

// object gives a field that is an object, as it was written but for blanks.
func (f *fields) object(field string) json.RawMessage {
	var object map[string]json.RawMessage
	if !f.read(field, &object, "field_object") {
		return nil
	}
	var compact bytes.Buffer
	_ = json.Compact(&compact, f.raw[field]) // it is JSON: it was read
	return compact.Bytes()
}

func (f *fields) turns(field string) []channel.Turn {
	var list []json.RawMessage
	if !f.read(field, &list, "field_list") {
		return nil
	}
	turns := make([]channel.Turn, 0, len(list))
	for i, raw := range list {
		at := fmt.Sprintf("%s[%d]", field, i)
		turn := &fields{path: f.path + at + "."}
		if json.Unmarshal(raw, &turn.raw) != nil || turn.raw == nil {
			f.blame(at, "field_object")
			return nil
		}
		role := turn.oneOf("role", []string{channel.User, channel.Assistant})
		if role == "" {
			turn.blame("role", "field_one_of", channel.User+", "+channel.Assistant)
		}
		turns = append(turns, channel.Turn{Role: role, Text: turn.needText("text")})
		if turn.bad != nil {
			f.bad = cmp.Or(f.bad, turn.bad)
			return nil
		}
	}
	return turns
}
