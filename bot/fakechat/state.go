package fakechat

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// state is all that the platform remembers.
type state struct {
	Seq        int         `json:"seq"` // of the last name that was given
	Gestures   []*Gesture  `json:"gestures"`
	Deliveries []*delivery `json:"deliveries"`
	Messages   []Message   `json:"messages"`
	Drafts     []Draft     `json:"drafts"`
	Gone       []string    `json:"gone"` // places that were closed
}

// A Gesture is what a person did.
type Gesture struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Message string `json:"message"`
	Event   event  `json:"event"` // as it is told, without the identity of a delivery
}

// A delivery is one event on its way to the bot.
type delivery struct {
	ID       string `json:"id"`
	Gesture  string `json:"gesture"`
	Attempts int    `json:"attempts"`
	Acked    bool   `json:"acked,omitempty"`
	Over     bool   `json:"over,omitempty"` // it was given up
}

// A Message is one that the bot showed, as people see it.
type Message struct {
	ID      string    `json:"id"`
	Place   string    `json:"place"`
	Thread  string    `json:"thread,omitempty"`
	At      time.Time `json:"at"`
	Answer  string    `json:"answer"`
	Key     string    `json:"key"` // not seen by people
	Part    int       `json:"part"`
	Parts   int       `json:"parts"`
	Label   string    `json:"label"`
	Text    string    `json:"text"`
	Buttons []Button  `json:"buttons,omitempty"`
	Sources []string  `json:"sources,omitempty"`
	Pings   int       `json:"pings,omitempty"` // people whom it called on
}

// A Draft is a reply under way, as people see it.
type Draft struct {
	Place    string `json:"place"`
	Thread   string `json:"thread,omitempty"`
	Answer   string `json:"answer"`
	Text     string `json:"text,omitempty"`
	Progress string `json:"progress,omitempty"`
}

// name gives a name that was not given before.
func (s *state) name(kind string) string {
	s.Seq++
	return fmt.Sprintf("%s-%d", kind, s.Seq)
}

func (s *state) gesture(name string) (*Gesture, error) {
	for _, g := range s.Gestures {
		if g.Name == name {
			return g, nil
		}
	}
	return nil, fmt.Errorf("fakechat: there is no gesture %q", name)
}

func (s *state) acked(gesture string) bool {
	for _, d := range s.Deliveries {
		if d.Gesture == gesture && d.Acked {
			return true
		}
	}
	return false
}

// load reads the state from a file, if it is there.
func (s *state) load(file string) error {
	if file == "" {
		return nil
	}
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("fakechat: read the state: %w", err)
	}
	if err := json.Unmarshal(data, s); err != nil {
		return fmt.Errorf("fakechat: the state in %s cannot be read (%w); remove the file to begin anew", file, err)
	}
	return nil
}

// save writes the state to a file, whole or not at all.
func (s *state) save(file string) error {
	if file == "" {
		return nil
	}
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	temporary := filepath.Join(filepath.Dir(file), "."+filepath.Base(file)+".part")
	if err := os.WriteFile(temporary, data, 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, file)
}
