package wecomfake

import "cmp"

// BotOptions of an AI bot (https://developer.work.weixin.qq.com/document/path/101463).
type BotOptions struct {
	BotID  string
	Secret string // of the long connection
	Name   string // of mentions in groups; may contain spaces

	// CallbackURL is where the bot takes callbacks, with its path; "": it uses the long connection.
	// A bot has one of the two at a time.
	CallbackURL    string
	Token          string // of callbacks
	EncodingAESKey string // of callbacks, 43 characters
}

func (o *BotOptions) fill() error {
	o.BotID, o.Secret = cmp.Or(o.BotID, "aibFAKE"), cmp.Or(o.Secret, "secret-of-the-fake-bot")
	o.Name = cmp.Or(o.Name, "Policy Bot")
	return nil
}

// A bot is the state of the AI bot, under Server.mu.
type bot struct{}

// openBot fills the options of the bot and registers its routes.
func (s *Server) openBot() error { return s.o.Bot.fill() }

// endConns breaks the long connections.
func (s *Server) endConns() {}
