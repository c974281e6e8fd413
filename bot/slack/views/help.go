package views

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"
)

// Help is the reply to /policy help: what the command can do, with an example of each. See [HelpText].
func Help(lang string) []slack.Block {
	var items []runs
	for _, one := range helpLines {
		items = append(items, runs{}.code(one.command.in(lang)).text(inHelp.in(lang)+one.does.in(lang)))
	}
	return slices.Concat(
		[]slack.Block{header(helpTitle.in(lang))}, listed(slack.RTEListBullet, items),
		[]slack.Block{small(helpIntro.in(lang))},
	)
}

// HelpText is [Help] as the text of a message, for notifications and screen readers.
func HelpText(lang string) string {
	lines := []string{helpTitle.in(lang)}
	for _, one := range helpLines {
		lines = append(lines, one.command.in(lang)+inHelp.in(lang)+one.does.in(lang))
	}
	return escape(strings.Join(lines, "\n"))
}

// A Hit is a clause that was found.
type Hit struct {
	Title, Number, Path string
	Text                string
	ClauseID            string // the value of its button; no button when it is "" or longer than 2,000 characters
	URL                 string // of its page; its title is no link unless it is http or https
}

// What a list of hits shows.
const (
	shownHits  = 5
	shownHit   = 300 // units of a clause
	shownQuery = 100
)

// SearchResults is the reply to /policy search: the first five hits, each with a button that shows the clause
// ([act.Clause] 1 to 5). Text is for notifications and screen readers, escaped for mrkdwn.
func SearchResults(query string, hits []Hit, lang string) (text string, blocks []slack.Block) {
	title := fmt.Sprintf(searchTitle.in(lang), cmp.Or(short(query, shownQuery), nothing))
	if len(hits) == 0 {
		return escape(title + "\n" + searchNone.in(lang)), []slack.Block{header(title), small(searchNone.in(lang))}
	}
	blocks = []slack.Block{header(title), small(searchHits.in(lang))}
	lines := []string{title}
	for i, h := range hits[:min(len(hits), shownHits)] {
		name := cmp.Or(short(h.Title, homeText), nothing)
		place := joined([]string{h.Number, h.Path}, " · ")
		lines = append(lines, fmt.Sprintf("%d. %s %s", i+1, name, place))
		blocks = append(blocks, paragraph(runs{}.text(fmt.Sprintf("%d. ", i+1)).link(h.URL, name).details(h.Number, h.Path)))
		excerpt := slack.NewSectionBlock(plain(short(h.Text, shownHit), maxSection), nil, show(i+1, h.ClauseID, lang))
		blocks = append(blocks, excerpt)
	}
	if len(hits) > shownHits {
		blocks = append(blocks, small(fmt.Sprintf(searchMore.in(lang), shownHits)))
	}
	return escape(strings.Join(lines, "\n")), blocks
}

// escape keeps a text from being read as markup by the platform
// (https://docs.slack.dev/messaging/formatting-message-text#escaping).
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
