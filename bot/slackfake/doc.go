// Package slackfake is a workspace of Slack that does not exist, called a fake.
//
// [Server] is the platform: it answers the Web API, delivers what people do over Socket Mode or by HTTP,
// and enforces the limits that Slack documents or that were measured there; each stands with its source,
// and where sources differ the stricter one holds. People are played through its methods ([Server.Say],
// [Server.Press], [Server.Submit], [Server.Command] and others), each of which gives the gesture a name by
// which [Server.Acked], [Server.Trouble] and [Server.Redeliver] know it. What people see is told by
// [Server.Messages], [Server.Views], [Server.Home] and [Server.Thread]; what the bot called, by
// [Server.Calls]. Calls fail as [Server.Break] says, connections as [Server.Cut], [Server.Stall] and
// [Server.Disconnect] say.
//
// It is written from Slack's documentation and checked with Slack's own clients, and knows nothing of the
// adapter that is tried with it.
//
// It waits in the time of the process, so that it works in a bubble of testing/synctest, and it works on
// a real listener. It is of no use for anything but tests and demonstrations.
package slackfake
