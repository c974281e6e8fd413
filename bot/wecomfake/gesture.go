package wecomfake

import (
	"fmt"
	"slices"
)

// A gesture is one thing that a person did. What is in it belongs to Server.mu.
type gesture struct {
	acked   bool
	trouble []string     // why attempts failed, oldest first
	again   func() error // delivers it once more; is called without mu
}

// gestured keeps a gesture under a name of its own. The caller holds mu.
func (s *Server) gestured(again func() error) (string, *gesture) {
	name := s.named("gesture-")
	g := &gesture{again: again}
	s.gestures[name] = g
	return name, g
}

// Acked reports whether the bot has told the platform that a gesture arrived. Over the long connection
// there is no such thing, and it is always false.
func (s *Server) Acked(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.gestures[name]
	return g != nil && g.acked
}

// Trouble tells why attempts to deliver a gesture failed, oldest first.
func (s *Server) Trouble(name string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if g := s.gestures[name]; g != nil {
		return slices.Clone(g.trouble)
	}
	return nil
}

// Redeliver delivers a gesture once more: the same body with the same msgid, in a frame or request of its
// own. It does not wait for the bot, and fails when there is no such gesture.
func (s *Server) Redeliver(name string) error {
	s.mu.Lock()
	g := s.gestures[name]
	s.mu.Unlock()
	if g == nil {
		return fmt.Errorf("wecomfake: redeliver: no gesture is called %q", name)
	}
	return g.again()
}
