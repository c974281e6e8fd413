// Package slackfake is a workspace of Slack that does not exist, called a fake.
//
// [Server] is the platform: it answers the Web API, delivers what people do over Socket Mode or by HTTP,
// and enforces the limits that Slack documents or that were measured there; each stands with its source.
// People are played through its methods. It is written from Slack's documentation and checked with
// Slack's own clients, and knows nothing of the adapter that is tried with it.
//
// It waits in the time of the process, so that it works in a bubble of testing/synctest, and it works on
// a real listener. It is of no use for anything but tests and demonstrations.
package slackfake
