// Package channeltest holds the conformance suite that every [channel.Channel] passes.
//
// To plug a channel in, write a [Platform] in its tests: something that plays the other side, so that
// the suite can be a person who types and who looks at the screen. Then call [Run] with a function that
// makes one:
//
//	func TestChannel(t *testing.T) {
//		channeltest.Run(t, func(t testing.TB) channeltest.Platform { return newPlatform(t) })
//	}
//
// Every case runs in a bubble of testing/synctest with a platform of its own. Time in it is the bubble's:
// it passes only when all goroutines wait, so an hour takes no time and nothing is a race against a
// clock. Therefore nothing may wait for real input or output: not for a socket, not for another process.
// [Serve] gives HTTP within the bubble; io.Pipe and net.Pipe are fine for the rest. No lock may be held
// while waiting for anything else, or the bubble never comes to rest. What a platform starts must end in
// functions given to t.Cleanup.
//
// A case begins to play people when the channel's Health is Up, and expects that Run then takes events.
// Beyond the comments of package channel the suite asks that no control character but a line end or a
// tab reaches the screen, that no message calls on people, that a part of a document is not blank, that
// Finish has a time-out of its own below ten minutes, and that a WaitError is not longer than an hour.
//
// Which cases run is decided by what the channel says in its Caps, by what the platform says in [Can],
// and by the interfaces that it implements besides Platform:
//
//   - [Repeater]: it sends a delivery again.
//   - [Teller]: it tells one gesture in two deliveries.
//   - [Breaker]: calls of the channel can be made to fail.
//   - [Line]: the connection can be cut and mended.
//   - [Garbler]: it can send what no channel should take.
//
// Where Caps.Messages is set, a document that needs more messages must be shown from its beginning, and people must be told
// that there is more ([Message].Cut).
//
// What does not apply is not in the list; nothing is skipped. The list is logged, and a channel for which
// it has fewer than [Least] cases fails.
//
// Two examples. An HTTP interface: a question is a POST, made in a goroutine that the platform owns, that
// waits for its reply; its key is an Idempotency-Key; Redeliver makes the same request again; a response
// is a Message of the place, the same one when the same request is answered again; Acks is AckReply or,
// where a status is sent early, AckStored; Kinds has no Edited and no Deleted. A terminal: a question is
// a line written to a pipe; Acks is AckNever; there is one place and one person; it implements only
// Platform.
package channeltest
