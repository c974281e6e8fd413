// Package fakechat is a chat platform that does not exist, called a fake, and its channel.
//
// [Server] is the platform: rooms with people, a bot that is told by HTTP what they do, and an API by
// which the bot answers. It behaves as such platforms do on a bad day: it gives the bot three seconds,
// delivers again, limits how fast the bot may post, and fails as it is told to. People are played through
// its methods or through /admin/.
//
// [Channel] is a model of how to write a channel. It passes the cases of package channeltest.
package fakechat
