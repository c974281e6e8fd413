package fakechat

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An Act is one thing that a person does.
type Act struct {
	Tenant  string `json:"tenant"` // "" is T1
	User    string `json:"user"`
	Bot     string `json:"bot"` // id of the bot that speaks, BotID for the one under test; "" for a person
	Place   string `json:"place"`
	Thread  string `json:"thread"`
	Direct  bool   `json:"direct"`  // Place is a talk between two
	Text    string `json:"text"`    // as it is typed; a group's members may begin it with @bot
	Of      string `json:"gesture"` // that is edited or deleted
	Token   string `json:"token"`   // of a button that is pressed
	Answer  string `json:"answer"`  // that is rated
	Good    bool   `json:"good"`
	Reason  string `json:"reason"`
	Comment string `json:"comment"` // on what is rated
	Back    bool   `json:"back"`    // the rating is taken back
}

// BotID is the bot's own id on the platform.
const BotID = "B0BOT"

// Types of a gesture.
const (
	TypeMessage  = "message"
	TypeEdit     = "edit"
	TypeDelete   = "delete"
	TypeStop     = "stop"
	TypeRate     = "rate"
	TypePress    = "press"
	TypeHandOver = "handover"
)

// Do lets a person do something of a type and gives it a name. The bot is told of it later; Do does not
// wait. It fails when what it is about does not exist.
func (s *Server) Do(kind string, a Act) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.eventOf(kind, a)
	if err != nil {
		return "", err
	}
	g := &Gesture{Name: s.state.name("g"), Type: kind, Message: e.Message}
	e.Gesture = g.Name
	g.Event = e
	s.state.Gestures = append(s.state.Gestures, g)
	s.tell(g)
	if s.o.Twice {
		s.tell(g)
	}
	s.touch()
	return g.Name, nil
}

// eventOf makes the event of an act. The caller holds mu.
func (s *Server) eventOf(kind string, a Act) (event, error) {
	e := event{
		Type: kind, Time: time.Now().UnixMilli(), Tenant: a.Tenant, User: a.User, Bot: a.Bot,
		Place: a.Place, Thread: a.Thread, Direct: a.Direct, Token: a.Token,
	}
	if e.Tenant == "" {
		e.Tenant = "T1"
	}
	if e.Place == "" {
		return e, fmt.Errorf("fakechat: %s: no place is named", kind)
	}
	e.Text = escape(a.Text)
	if rest, ok := strings.CutPrefix(a.Text, "@bot "); ok {
		e.Text = botMention + " " + escape(rest)
	}
	switch kind {
	case TypeMessage:
		e.Message = s.state.name("m")
	case TypeEdit, TypeDelete:
		of, err := s.state.gesture(a.Of)
		if err != nil {
			return e, fmt.Errorf("%w to %s", err, kind)
		}
		e.Message = of.Message
	case TypeRate:
		e.Rating = &rating{Answer: a.Answer, Good: a.Good, Reason: a.Reason, Text: a.Comment, Back: a.Back}
	case TypePress:
		if !s.hasButton(a.Place, a.Token) {
			return e, fmt.Errorf("fakechat: there is no button %q in %s to press", a.Token, a.Place)
		}
	case TypeStop, TypeHandOver:
	default:
		return e, fmt.Errorf("fakechat: nobody can do %q", kind)
	}
	return e, nil
}

const botMention = "<@" + BotID + ">"

func (s *Server) hasButton(place, value string) bool {
	return slices.ContainsFunc(s.state.Messages, func(m Message) bool {
		return m.Place == place && slices.ContainsFunc(m.Buttons, func(b Button) bool { return b.Value == value })
	})
}

// TellAgain tells a gesture in another delivery. It does not wait.
func (s *Server) TellAgain(gesture string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.state.gesture(gesture)
	if err == nil {
		s.tell(g)
		s.touch()
	}
	return err
}

// Redeliver delivers the first delivery of a gesture once more, whatever became of it. It does not wait.
func (s *Server) Redeliver(gesture string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.state.Deliveries {
		if d.Gesture == gesture {
			s.work.Go(func() { s.attempt(d) })
			return nil
		}
	}
	return fmt.Errorf("fakechat: there is no gesture %q to deliver again", gesture)
}

// tell begins a delivery. The caller holds mu.
func (s *Server) tell(g *Gesture) {
	d := &delivery{ID: s.state.name("ev"), Gesture: g.Name}
	s.state.Deliveries = append(s.state.Deliveries, d)
	var late time.Duration
	if s.random != nil {
		late = time.Duration(s.random.Int64N(int64(500 * time.Millisecond)))
	}
	s.work.Go(func() {
		if late == 0 || s.sleep(late) {
			s.deliver(d)
		}
	})
}

// retries is how long the platform waits before each attempt after the first.
var retries = []time.Duration{0, time.Minute, 5 * time.Minute}

// patience is how long the platform waits for the bot's answer.
const patience = 3 * time.Second

// deliver tries until the bot has acknowledged or all retries were made.
func (s *Server) deliver(d *delivery) {
	for {
		s.mu.Lock()
		n, over := d.Attempts, d.Acked
		s.mu.Unlock()
		if over || n > 0 && n <= len(retries) && retries[n-1] > 0 && !s.sleep(retries[n-1]) {
			return
		}
		if n > len(retries) {
			s.mu.Lock()
			d.Over = true
			s.stats.Given++
			s.touch()
			s.mu.Unlock()
			return
		}
		s.mu.Lock()
		d.Attempts++
		s.touch()
		s.mu.Unlock()
		if s.attempt(d); s.ctx.Err() != nil {
			return
		}
	}
}

// attempt delivers once. d.Attempts was counted up before, unless somebody asked for it out of turn.
func (s *Server) attempt(d *delivery) {
	s.mu.Lock()
	g, err := s.state.gesture(d.Gesture)
	n, bot, cut := d.Attempts, s.bot, s.cut
	s.stats.Deliveries++
	s.mu.Unlock()
	if err == nil {
		if cut || bot == "" {
			err = fmt.Errorf("the bot cannot be reached")
		} else {
			e := g.Event
			e.ID = d.ID
			err = s.send(bot, e, max(n-1, 0))
		}
	}
	if err != nil {
		s.o.Log.Info("fakechat: not acknowledged", "delivery", d.ID, "gesture", d.Gesture, "attempt", n, "err", err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Acked = true
	s.touch()
}

// send makes one request of a delivery.
func (s *Server) send(bot string, e event, n int) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	ctx, quit := context.WithTimeout(s.ctx, s.scaled(patience))
	defer quit()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, bot+eventsPath, bytes.NewReader(body))
	if err != nil {
		return err
	}
	at := strconv.FormatInt(time.Now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(timeHeader, at)
	req.Header.Set(signatureHeader, sign(s.o.Secret, at, body))
	req.Header.Set(retryHeader, strconv.Itoa(n))
	resp, err := s.o.Client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, maxBody)); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the bot answered %s", resp.Status)
	}
	return nil
}
