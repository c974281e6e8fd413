// Package judge is the part of a fake WeCom that knows messages: what the platform refuses of markdown, texts
// and template cards, and what a person sees of those it takes.
//
// It is written from the documentation alone: of the AI bot (https://developer.work.weixin.qq.com/document/path/101031,
// .../path/101032 and the types of the package @wecom/aibot-node-sdk 1.0.7), of messages of an app (.../path/90236,
// .../path/94888) and of the group webhook (.../path/99110). It knows nothing of the program that makes the
// messages, so that a mistake there is not repeated here. Where documents disagree, the stricter one holds. Where
// none says what a client does, people are shown the source as it is written, and [Shown] lists it as doubtful.
//
// All functions are pure; any goroutine may call them.
package judge
