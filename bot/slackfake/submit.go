package slackfake

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Submit lets a person fill in a modal and submit it, and gives the gesture a name. values are what they
// enter, by action_id, or by block_id where several inputs have one action_id; the rest stays as the modal has it at first. It fails when the modal is not the one
// on top, has no button for it, or would not be sent: something is missing or cannot be entered
// (https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload).
func (s *Server) Submit(user, viewID string, values map[string]string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.top(user, viewID)
	if err == nil && v.seen().Submit == "" {
		err = fmt.Errorf("it has no button that submits")
	}
	var state obj
	if err == nil {
		state, err = filled(v, values)
	}
	if err != nil {
		return "", fmt.Errorf("slackfake: submit %s: %w", viewID, err)
	}
	payload := s.interactive("view_submission", user)
	payload["view"], payload["response_urls"] = s.wireView(v, state), []obj{}
	payload["trigger_id"] = s.trigger(user, v.id)
	v.errors = nil
	return s.send(s.gesture("submit", "", ""), payload, func(answer raw) string { return s.submitAnswer(v, answer) }), nil
}

// CloseView lets a person close a modal and gives the gesture a name. The bot is told when the modal wants
// that.
func (s *Server) CloseView(user, viewID string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.top(user, viewID)
	if err != nil {
		return "", fmt.Errorf("slackfake: close %s: %w", viewID, err)
	}
	all := string(v.given["clear_on_close"]) == "true"
	if all {
		s.closeAll(user)
	} else {
		s.closeTop(user)
	}
	g := s.gesture("close", "", "")
	if string(v.given["notify_on_close"]) != "true" {
		return g.name, nil
	}
	payload := s.interactive("view_closed", user)
	payload["view"], payload["is_cleared"] = s.wireView(v, nil), all
	return s.send(g, payload, nil), nil
}

// top finds the modal that a person has on top. The caller holds mu.
func (s *Server) top(user, viewID string) (*view, error) {
	stack := s.stacks[user]
	if len(stack) == 0 || stack[len(stack)-1].id != viewID {
		return nil, fmt.Errorf("%s does not have it on top", user)
	}
	return stack[len(stack)-1], nil
}

// filled gives state.values of a modal: by block_id and action_id.
func filled(v *view, values map[string]string) (obj, error) {
	out, known := obj{}, map[string]bool{}
	for _, block := range v.blocks {
		var b struct {
			Type     string
			BlockID  string `json:"block_id"`
			Optional bool
			Element  obj
		}
		if err := json.Unmarshal(block, &b); err != nil || b.Type != "input" {
			continue
		}
		id := str(b.Element["action_id"])
		known[id], known[b.BlockID] = true, true
		value, given := values[b.BlockID]
		if !given {
			value, given = values[id]
		}
		if !given {
			value = initial(b.Element)
		}
		state := obj{"type": b.Element["type"]}
		if value != "" {
			state = entered(b.Element, value)
		}
		switch {
		case value == "" && !b.Optional:
			return nil, fmt.Errorf("%s is missing", id)
		case state == nil:
			return nil, fmt.Errorf("%q cannot be entered in %s", value, id)
		}
		out[b.BlockID] = obj{id: state}
	}
	for id := range values {
		if !known[id] {
			return nil, fmt.Errorf("it has no input %s", id)
		}
	}
	return out, nil
}

// initial is what an element holds at first, in the form that entered takes.
func initial(element obj) string {
	for _, name := range []string{"initial_value", "initial_date", "initial_time", "initial_user"} {
		if text := str(element[name]); text != "" {
			return text
		}
	}
	if option, ok := element["initial_option"].(obj); ok {
		return str(option["value"])
	}
	var several []string
	options, _ := element["initial_options"].([]any)
	for _, o := range options {
		if option, ok := o.(obj); ok {
			several = append(several, str(option["value"]))
		}
	}
	return strings.Join(several, ",")
}

// submitAnswer does what the bot acknowledged a submission with, and gives what the person is told when
// that cannot be (https://docs.slack.dev/surfaces/modals#response_actions). The caller holds mu.
func (s *Server) submitAnswer(v *view, answer raw) string {
	var a struct {
		Action string `json:"response_action"`
		Errors map[string]string
		View   raw
	}
	if len(strings.TrimSpace(string(answer))) > 0 && json.Unmarshal(answer, &a) != nil {
		return "the answer is no JSON"
	}
	switch a.Action {
	case "":
		s.closeTop(v.user)
	case "clear":
		s.closeAll(v.user)
	case "errors":
		for block := range a.Errors {
			if !hasInput(v, block) {
				return "there is no input block " + block
			}
		}
		v.errors = a.Errors
	case "update", "push":
		next, err := s.readView(string(a.View), surfaceModal)
		if err != nil {
			return err.Error()
		}
		switch {
		case a.Action == "update":
			v.replace(next)
		case len(s.stacks[v.user]) >= maxStack:
			return "push_limit_reached"
		default:
			s.keepView(next, v.user)
		}
	default:
		return "there is no response_action " + a.Action
	}
	s.touch()
	return ""
}

func hasInput(v *view, blockID string) bool {
	for _, block := range v.blocks {
		var b struct {
			Type    string
			BlockID string `json:"block_id"`
		}
		if json.Unmarshal(block, &b) == nil && b.Type == "input" && b.BlockID == blockID {
			return true
		}
	}
	return false
}
