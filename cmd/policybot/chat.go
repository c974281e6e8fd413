package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/terminal"
)

type chatCmd struct{}

// chatDrain is how long what is under way gets at the end of a chat. The chat itself has waited for its replies
// before; what still waits then came another way, or is interrupted.
const chatDrain = 2 * time.Second

// Run talks with whoever sits before the terminal until the chat or the context ends.
func (c *chatCmd) Run(ctx context.Context, a *app) error {
	lock, err := a.takeFolder()
	if err != nil {
		return err
	}
	defer lock.Close()
	v, err := a.newServer(ctx, lock, slog.LevelError)
	if err != nil {
		return err
	}
	defer v.close()
	chat := terminal.NewChat(a.in, a.out, terminal.ChatOptions{Lang: a.lang})
	defer chat.Close()
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	limits := a.settings.Service.limits()
	limits.Tell = 0 // each refusal is told: who asks waits for it
	limits.Drain = chatDrain
	if err := v.start(ctx, bot.Options{Channels: []channel.Channel{endingChat{chat, end}}, Limits: limits}); err != nil {
		return err
	}
	err = v.run(ctx, nil)
	if fatal, ok := errors.AsType[*channel.FatalError](context.Cause(ctx)); ok {
		err = errors.Join(err, fatal)
	}
	return err
}

// An endingChat is a chat at whose end the service ends too.
type endingChat struct {
	*terminal.Chat
	end context.CancelCauseFunc
}

// Run is that of the chat.
func (c endingChat) Run(ctx context.Context, sink channel.Sink) error {
	err := c.Chat.Run(ctx, sink)
	c.end(err)
	return err
}
