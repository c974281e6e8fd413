package views

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/slack-go/slack"

	"policybot/bot/slack/act"
)

// HomeData is what the home tab tells one person. The zero value is a service without documents and questions.
type HomeData struct {
	Documents  []Document // of the library, in the order in which they are shown
	More       int        // documents beside those
	Questions  []Question // of this person, the latest first
	Examples   []string   // questions that this library answers; none: the usual three
	Retention  string     // how long questions are kept, worded
	Model      string     // who writes answers, worded: nobody but the documents, or a model and its host
	LibraryURL string     // no button unless it is http or https
	Privacy    []string   // what is stored, who reads it, how it is forgotten, worded; none: the usual lines
	Places     []string   // that documents are about, worded
}

// A Document is one of the library.
type Document struct {
	Title, Number, Issuer string
	Status                string // worded
	From, Until           string // dates; either may be ""
	URL                   string
}

// A Question is one that the person asked.
type Question struct {
	Text, When, Outcome string // When and Outcome are worded
	URL                 string
}

// How much the home tab shows.
const (
	homeShown    = 30  // documents
	homeAsked    = 5   // questions
	homeShows    = 3   // examples
	homeLines    = 10  // of privacy
	homeText     = 300 // units of a title or a question
	homeDetail   = 100 // units of what is beside it
	homeSentence = 600 // units of a line of privacy
)

// Home is the home tab: what the service does and does not, the buttons to ask ([act.HomeAsk]; with a value it is
// the question to fill in) and to check eligibility ([act.HomeProfile]), the library, the person's last five
// questions, privacy with the button to forget ([act.HomeForget]), and who writes answers. Of the library it lists
// the first 30 documents and counts the others.
func Home(d HomeData, lang string) slack.HomeTabViewRequest {
	blocks := slices.Concat(
		homeHead(d, lang), examples(d.Examples, lang), library(d, lang), questions(d.Questions, lang), privacy(d, lang),
		[]slack.Block{
			header(homeModel.in(lang)),
			paragraph(runs{}.text(cut(cmp.Or(line(d.Model), homeModelUnknown.in(lang)), homeSentence))),
		},
	)
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks}}
}

// homeHead says what the service does and does not.
func homeHead(d HomeData, lang string) []slack.Block {
	var not []runs
	for _, p := range homeNotList {
		not = append(not, runs{}.text(p.in(lang)))
	}
	ask := button(act.HomeAsk, "", homeAsk.in(lang)).WithStyle(slack.StylePrimary)
	return slices.Concat(
		[]slack.Block{
			header(homeTitle.in(lang)), paragraph(runs{}.text(homeIntro.in(lang))), paragraph(runs{}.bold(homeNot.in(lang))),
			bullets(slack.RTEListBullet, not...),
		},
		row(ask, button(act.HomeProfile, "", homeProfile.in(lang)), open(1, d.LibraryURL, homeLibrary.in(lang))),
	)
}

// Examples are the usual questions to begin with, at most four, in a language.
func Examples(lang string) []string {
	var out []string
	for _, p := range homeExample {
		out = append(out, p.in(lang))
	}
	return out
}

// examples are questions to try, each with a button.
func examples(texts []string, lang string) []slack.Block {
	if len(texts) == 0 {
		texts = Examples(lang)
	}
	var blocks []slack.Block
	for _, text := range texts {
		if len(blocks) == homeShows {
			break
		}
		if text = short(text, homeText); text == "" {
			continue
		}
		use := slack.NewAccessory(button(act.HomeAsk, text, homeUse.in(lang)))
		blocks = append(blocks, slack.NewSectionBlock(plain(text, maxSection), nil, use))
	}
	if len(blocks) == 0 {
		return nil
	}
	return append([]slack.Block{slack.NewDividerBlock(), header(homeExamples.in(lang))}, blocks...)
}

// library lists documents.
func library(d HomeData, lang string) []slack.Block {
	all := len(d.Documents) + max(0, d.More)
	blocks := []slack.Block{slack.NewDividerBlock(), header(fmt.Sprintf(homeDocuments.in(lang), all))}
	if all == 0 {
		return append(blocks, small(homeNoDocuments.in(lang)))
	}
	if places := joined(d.Places, placeSeparator.in(lang)); places != "" {
		blocks = append(blocks, small(homePlaces.in(lang)+places))
	}
	var items []runs
	for _, one := range d.Documents[:min(len(d.Documents), homeShown)] {
		items = append(items, one.told(lang))
	}
	blocks = append(blocks, listed(slack.RTEListBullet, items)...)
	if more := all - len(items); more > 0 {
		blocks = append(blocks, small(fmt.Sprintf(homeMore.in(lang), more)))
	}
	return blocks
}

// told is the document on two lines: its title, and what is known of it.
func (d Document) told(lang string) runs {
	from, until := short(d.From, homeDetail), short(d.Until, homeDetail)
	period := ""
	switch {
	case from != "" && until != "":
		period = fmt.Sprintf(homeFromUntil.in(lang), from, until)
	case from != "":
		period = fmt.Sprintf(homeFrom.in(lang), from)
	case until != "":
		period = fmt.Sprintf(homeUntil.in(lang), until)
	}
	r := runs{}.link(d.URL, cmp.Or(short(d.Title, homeText), nothing))
	return r.details(d.Number, d.Issuer, d.Status, period)
}

// details are texts on a line of their own.
func (r runs) details(texts ...string) runs {
	if s := joined(texts, " · "); s != "" {
		r = r.text("\n" + s)
	}
	return r
}

// joined are the texts that there are, each cut, and all of them.
func joined(texts []string, between string) string {
	var all []string
	for _, s := range texts {
		if s = short(s, homeDetail); s != "" {
			all = append(all, s)
		}
	}
	return cut(strings.Join(all, between), homeSentence)
}

// questions are the last ones of a person.
func questions(all []Question, lang string) []slack.Block {
	var items []runs
	for _, q := range all[:min(len(all), homeAsked)] {
		r := runs{}.link(q.URL, cmp.Or(short(q.Text, homeText), nothing))
		items = append(items, r.details(q.When, q.Outcome))
	}
	if len(items) == 0 {
		return nil
	}
	return append([]slack.Block{slack.NewDividerBlock(), header(homeQuestions.in(lang))}, listed(slack.RTEListBullet, items)...)
}

// privacy says what is kept, and has the button to forget.
func privacy(d HomeData, lang string) []slack.Block {
	texts := d.Privacy
	if len(texts) == 0 {
		for _, p := range homePrivacyList {
			texts = append(texts, p.in(lang))
		}
	}
	var items []runs
	for _, s := range texts[:min(len(texts), homeLines)] {
		if s = short(s, homeSentence); s != "" {
			items = append(items, runs{}.text(s))
		}
	}
	if kept := short(d.Retention, homeSentence); kept != "" {
		items = slices.Insert(items, min(1, len(items)), runs{}.text(homeRetention.in(lang)+kept))
	}
	forget := button(act.HomeForget, "", homeForget.in(lang)).WithStyle(slack.StyleDanger).WithConfirm(&slack.ConfirmationBlockObject{
		Title: plain(homeForgetTitle.in(lang), 100), Text: plain(homeForgetText.in(lang), 300),
		Confirm: plain(homeForgetYes.in(lang), 30), Deny: plain(homeForgetNo.in(lang), 30), Style: slack.StyleDanger,
	})
	return slices.Concat([]slack.Block{slack.NewDividerBlock(), header(homePrivacy.in(lang))}, listed(slack.RTEListBullet, items), row(forget))
}
