// Package wecomfake is a WeCom that does not exist, called a fake.
//
// [Server] is the platform. It keeps an AI bot, over the long connection or by callback, and a self-built
// app with its group webhooks, and enforces the limits that WeCom documents; each stands with its source,
// and what no source tells is marked as chosen. People are played through its methods ([Server.Say],
// [Server.Press], [Server.Rate], [Server.Enter] and others), each of which gives the gesture a name by
// which [Server.Acked], [Server.Trouble] and [Server.Redeliver] know it. What people see is told by
// [Server.Messages]; what the bot called, by [Server.Calls]; what was dropped without a word, by
// [Server.SilentDrops]. Calls fail as [Server.Break] says, connections as [Server.Cut], [Server.Stall],
// [Server.Kick] and [Server.Unsubscribe] say.
//
// The long connection has no acknowledgement of what the bot is told, and nothing comes again by itself: what
// is told while nobody is subscribed is lost. A callback comes up to four times. In both a gesture has one
// identity, its msgid, and there is no second delivery with another.
//
// It is written from WeCom's documentation and the vendor's client, is checked with that client, and knows
// nothing of the adapter that is tried with it.
//
// It waits in the time of the process, so that it works in a bubble of testing/synctest, and it works on
// a real listener. It is of no use for anything but tests and demonstrations.
package wecomfake
