// Package blockkit is the part of a fake Slack that knows Block Kit: what the platform refuses of blocks
// and views, and what a person sees of those it takes.
//
// It is written from the documentation alone (https://docs.slack.dev/reference/block-kit/, its list of blocks
// https://docs.slack.dev/blocks.json, and the types of the package @slack/types 3.2.0), knows nothing of the
// program that makes the blocks, and uses no library for Slack: so that a mistake there is not repeated here.
// Where documents and reports of what Slack really does disagree, the stricter one holds.
//
// All functions are pure; any goroutine may call them.
package blockkit
