package wecomfake

import (
	"errors"
	"fmt"
)

// Error codes. Those of the list of all codes stand in
// https://developer.work.weixin.qq.com/document/path/90313; those of the long connection are not documented
// and were seen in reports of real traffic.
const (
	codeBusy       = -1     // the list: try again later
	codeNoMedia    = 40007  // the list: no such media_id
	codeNoType     = 40008  // the list; seen as "invalid message type" when a bot replied with text
	codeTooLong    = 40058  // the list: a parameter is out of range
	codeTask       = 42014  // the list: a task_id that was used
	codeTooOften   = 45009  // the list: too many calls
	codeNobody     = 81013  // the list: nobody of those addressed can be reached
	codeNoChat     = 86008  // the list: the chat is not there
	codeNoReq      = 846605 // "invalid req_id" (https://github.com/NousResearch/hermes-agent/issues/52820)
	codeStreamOver = 846608 // "stream message update expired" (npm @yanhaidao/wecom 2.3.13)
	codeNoSub      = 846609 // "aibot websocket not subscribed" (https://github.com/NousResearch/hermes-agent/issues/29667)
	codeSecret     = 853000 // "invalid bot_id or secret": seen in several public repositories
)

// A codeError is a refusal.
type codeError struct {
	code int
	text string
}

func refuse(code int, format string, args ...any) error {
	return &codeError{code: code, text: fmt.Sprintf(format, args...)}
}

// Error implements error.
func (e *codeError) Error() string { return fmt.Sprintf("%s (errcode %d)", e.text, e.code) }

// codeOf gives what an answer says: 0 and ok for nil.
func codeOf(err error) (int, string) {
	if err == nil {
		return 0, "ok"
	}
	if e, ok := errors.AsType[*codeError](err); ok {
		return e.code, e.text
	}
	if e, ok := errors.AsType[interface {
		error
		Errcode() int
	}](err); ok {
		return e.Errcode(), e.Error()
	}
	return codeTooLong, err.Error()
}
