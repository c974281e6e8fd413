// Package slack is the channel of a Slack workspace, over Socket Mode or over HTTP.
//
// It wraps github.com/slack-go/slack; nothing else of the module knows that library or Slack. What a
// document looks like there makes package render, what modals and the home tab look like package views.
package slack
