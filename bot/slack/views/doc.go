// Package views makes the modals, the home tab and the answers to commands of our Slack app, and reads what
// people submit in them. It is pure: data in, view requests out; submissions in, values out.
//
// Every view keeps the limits of the platform whatever it is given
// (https://docs.slack.dev/reference/views/modal-views, https://docs.slack.dev/reference/block-kit): texts are
// cut or split over blocks, what does not fit is left out, and the view says so. Text from people and documents
// stands in plain_text and rich_text alone, where nothing of it is markup, and a link is made only of an http
// or https address that the caller gives.
//
// A language is "zh" or "en"; anything else counts as "zh".
package views
