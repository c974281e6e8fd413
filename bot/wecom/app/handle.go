package app

import "policybot/bot/channel"

// HandleOf stands for a person who is written to without having asked: who asked the AI bot, which cannot reach them any
// more. It does not expire.
func HandleOf(user string) channel.Handle { return target{User: user}.handle() }
