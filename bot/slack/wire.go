package slack

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// What Slack sends is read here by our own types, of which every field may be missing: an event that has
// something new in it is still an event. (slackevents.ParseEvent refuses an event for one block that it does
// not know.)

// A callback is the outer part of an event (https://docs.slack.dev/apis/events-api/#callback-field).
type callback struct {
	Type           string                 `json:"type"`
	Challenge      string                 `json:"challenge"` // of url_verification
	TeamID         string                 `json:"team_id"`
	EnterpriseID   string                 `json:"enterprise_id"`
	EventID        string                 `json:"event_id"`
	Shared         bool                   `json:"is_ext_shared_channel"`
	Authorizations lenient[authorization] `json:"authorizations"`
	Event          json.RawMessage        `json:"event"`
}

type authorization struct {
	EnterpriseID string `json:"enterprise_id"`
	TeamID       string `json:"team_id"`
	UserID       string `json:"user_id"`
}

// An event is the inner part.
type event struct {
	Type        string              `json:"type"`
	Subtype     string              `json:"subtype"`
	User        string              `json:"user"`
	UserTeam    string              `json:"user_team"`
	SourceTeam  string              `json:"source_team"`
	Team        string              `json:"team"`
	BotID       string              `json:"bot_id"`
	BotProfile  json.RawMessage     `json:"bot_profile"`
	Channel     string              `json:"channel"`
	ChannelType string              `json:"channel_type"`
	Text        string              `json:"text"`
	TS          string              `json:"ts"`
	ThreadTS    string              `json:"thread_ts"`
	DeletedTS   string              `json:"deleted_ts"`
	EventTS     string              `json:"event_ts"`
	Tab         string              `json:"tab"` // of app_home_opened
	Message     *event              `json:"message"`
	Previous    *event              `json:"previous_message"`
	Attachments lenient[attachment] `json:"attachments"`
	Thread      *threadStart        `json:"assistant_thread"`
}

// An attachment may be a message that somebody has shared.
type attachment struct {
	Text    string `json:"text"`
	Shared  bool   `json:"is_share"`
	Unfurl  bool   `json:"is_msg_unfurl"`
	Channel string `json:"channel_id"`
}

type threadStart struct {
	User     string `json:"user_id"`
	Channel  string `json:"channel_id"`
	ThreadTS string `json:"thread_ts"`
}

// An interaction is what somebody did with one of our controls
// (https://docs.slack.dev/interactivity/handling-user-interaction).
type interaction struct {
	Type        string       `json:"type"`
	TriggerID   string       `json:"trigger_id"`
	ActionTS    string       `json:"action_ts"`
	CallbackID  string       `json:"callback_id"`
	ResponseURL string       `json:"response_url"`
	Team        named        `json:"team"`
	Enterprise  named        `json:"enterprise"`
	User        person       `json:"user"`
	Channel     named        `json:"channel"`
	Container   container    `json:"container"`
	Message     *event       `json:"message"`
	Actions     []action     `json:"actions"`
	View        *viewPayload `json:"view"`
}

type named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type person struct {
	ID     string `json:"id"`
	TeamID string `json:"team_id"`
}

type container struct {
	Type      string `json:"type"`
	Channel   string `json:"channel_id"`
	MessageTS string `json:"message_ts"`
	ThreadTS  string `json:"thread_ts"`
	ViewID    string `json:"view_id"`
	Ephemeral bool   `json:"is_ephemeral"`
}

type action struct {
	ActionID string `json:"action_id"`
	BlockID  string `json:"block_id"`
	Type     string `json:"type"`
	Value    string `json:"value"`
	ActionTS string `json:"action_ts"`
}

// A viewPayload is a view in an interaction; raw is all of it.
type viewPayload struct {
	ID         string `json:"id"`
	Hash       string `json:"hash"`
	Type       string `json:"type"`
	CallbackID string `json:"callback_id"`
	Metadata   string `json:"private_metadata"`
	raw        json.RawMessage
}

// UnmarshalJSON reads a view and keeps all of it.
func (v *viewPayload) UnmarshalJSON(data []byte) error {
	type fields viewPayload
	if err := json.Unmarshal(data, (*fields)(v)); err != nil {
		return err
	}
	v.raw = bytes.Clone(data)
	return nil
}

// A slash is a use of the slash command (https://docs.slack.dev/interactivity/implementing-slash-commands).
type slash struct {
	Command      string `json:"command"`
	Text         string `json:"text"`
	TeamID       string `json:"team_id"`
	EnterpriseID string `json:"enterprise_id"`
	ChannelID    string `json:"channel_id"`
	UserID       string `json:"user_id"`
	TriggerID    string `json:"trigger_id"`
	ResponseURL  string `json:"response_url"`
}

// lenient is a list whose elements may be left out: what cannot be read of it does not matter for the rest.
type lenient[T any] []T

// UnmarshalJSON reads as much as can be read.
func (l *lenient[T]) UnmarshalJSON(data []byte) error {
	var all []json.RawMessage
	if json.Unmarshal(data, &all) != nil {
		return nil
	}
	for _, one := range all {
		var v T
		if json.Unmarshal(one, &v) == nil {
			*l = append(*l, v)
		}
	}
	return nil
}

// errUnreadable is for what is no event that anybody could make use of. It is acknowledged over a socket, for
// it would not be better the next time.
var errUnreadable = errors.New("it cannot be read")

// unpack reads JSON that Slack sent.
func unpack[T any](data []byte) (T, error) {
	var out T
	if err := json.Unmarshal(data, &out); err != nil {
		return out, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	return out, nil
}

// timeOf is the time of a message by its ts, seconds with six decimals; the zero time when it is none.
func timeOf(ts string) time.Time {
	whole, part, _ := strings.Cut(ts, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || seconds <= 0 {
		return time.Time{}
	}
	micro, err := strconv.ParseInt((part + "000000")[:6], 10, 64)
	if err != nil {
		micro = 0
	}
	return time.Unix(seconds, micro*1000).UTC()
}

// stamp is a time as a ts.
func stamp(t time.Time) string { return fmt.Sprintf("%d.%06d", t.Unix(), t.Nanosecond()/1000) }

// bot reports whether a message was written by a program.
func (e *event) bot() bool {
	return e.BotID != "" || len(e.BotProfile) > 0 && string(e.BotProfile) != "null" || e.Subtype == "bot_message"
}
