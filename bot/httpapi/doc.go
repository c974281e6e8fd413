// Package httpapi is the HTTP API of the service, and at the same time one of its channels: a question
// that is asked over HTTP is stored, answered and delivered like one from a chat platform. The asker
// fetches the answer, so nothing is ever sent out.
//
//	POST   /api/v1/ask                    asks a question and waits for its Answer
//	GET    /api/v1/answers/{id}           the Answer, or 202 while it is under way
//	DELETE /api/v1/answers/{id}           takes the question back
//	POST   /api/v1/answers/{id}/feedback  {"good": true|false, "reason"?, "text"?}
//	POST   /api/v1/answers/{id}/handover  {"text"?}: asks for a person
//	GET    /api/v1/cases?state=open       what a person of the staff has to see to; state open, replied, closed or none
//	GET    /api/v1/cases/{id}             one of them
//	POST   /api/v1/cases/{id}/reply       {"by", "text"}: replies to it; 409 where a reply needs an approval at the console
//
// # Asking
//
// The body is one JSON object in UTF-8, at most 1 MB: {"id"?, "question", "history"?, "as_of"?,
// "profile"?, "lang"?}. Fields that are not known are ignored. A field that is null counts as left out.
//
// Idempotency-Key (1 to 255 visible ASCII characters) names the question: whoever sends the same key with
// the same body again gets the same Answer, also at the same time and after a restart; with another body
// it is refused with 409. X-Policybot-User names the person that a program asks for; without it
// each conversation is somebody of its own. X-Policybot-Conversation names the conversation that the
// question belongs to; without it each question is one of its own. What is done to a question later is done
// with the same headers.
//
// Every outcome is an Answer with status 200, but for questions turned away at the door: 429 when the
// person has too many under way, 503 when the service has or somebody switched it off. When the answer takes longer than
// [Options].Wait the reply is 202 with the address to fetch it from. A caller that goes away loses nothing:
// the question goes on.
//
// # Streaming
//
// With Accept: text/event-stream the reply is a stream of events, the data of each on one line:
//
//	event: accepted   {"id"}; always the first
//	event: progress   {"step"}
//	event: text       {"text"}: more of the plain text, to be put behind what came before
//	event: sentence   {"text", "citations"}; an element of Answer.sentences
//	event: answer     the whole Answer; the last event
//	event: pending    {"id", "state", "url"}; the last event when it takes longer than Options.Wait
//	event: error      {"error"}; the last event when there will be no answer
//
// A sentence is sent once, and all of them before the answer. Pieces of text come only while the answer is
// being written. Should the question be answered anew in between and otherwise, neither is sent any more:
// the answer event is what counts. A comment is sent every 15 seconds while nothing happens.
//
// # Errors
//
// Every error is {"error": one sentence}, in Chinese when Accept-Language begins with zh and in English
// otherwise. It never tells how the service works inside; that is in its log.
//
// # Access
//
// With [Options].Token every request needs Authorization: Bearer. Without it only programs on the same
// machine are let in: the peer, the name in the Host header and, if a browser sends one, the Origin must be
// of the loopback, and nothing may have been forwarded by a proxy. There are no CORS headers.
package httpapi
