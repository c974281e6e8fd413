package console

import (
	"net/http"
	"strings"

	"policybot/bot"
	"policybot/bot/eligibility"
	"policybot/retrieval"
	"policybot/retrieval/bridge"
)

// vocabularyData is the page of the words that searches treat alike, and of the facts that measures ask about.
type vocabularyData struct {
	View
	Query    string
	Entries  int // of the word lists
	Concepts []conceptView
	Looked   bool
	Facts    []vocabularyFact
	Own      int // facts that measures of this installation declare
	Words    wordsView
	Wrong    string
	Done     string
}

// A conceptView is something that a text speaks of, with the other words for it.
type conceptView struct {
	Text  string
	Cut   bool // two characters that no list has
	Forms []bridge.Form
}

// A vocabularyFact is a fact that conditions can be about.
type vocabularyFact struct {
	Key, Kind, Name, Ask string
	Never                string // who decides it, where it is no use to ask
	Own                  bool
}

// vocabularyPage looks words up, and lists the lines that were added and the facts.
func (c *Console) vocabularyPage(w http.ResponseWriter, r *http.Request) error {
	page, err := c.vocabulary(r)
	if err != nil {
		return err
	}
	page.Done = page.done(r, "done")
	page.Query = textOf(r.URL.Query(), "q")
	if page.Query != "" {
		page.Looked = true
		with, _ := bridge.Default().With(retrieval.WordsName, page.Words.Text)
		concepts, _ := with.Read(cut(page.Query, bot.MaxQuestion))
		for _, one := range concepts {
			page.Concepts = append(page.Concepts, conceptView{one.Text, one.Cut, one.Forms})
		}
	}
	return c.show(w, r, http.StatusOK, "adminvocabulary", page)
}

// vocabulary is the page with nothing looked up.
func (c *Console) vocabulary(r *http.Request) (*vocabularyData, error) {
	page := &vocabularyData{View: c.adminView(r), Entries: len(bridge.Default().Entries())}
	page.at = "/admin/vocabulary"
	if err := c.addFacts(r, page); err != nil {
		return nil, err
	}
	list, err := c.Library.Words(r.Context())
	if err != nil {
		return nil, err
	}
	page.Words = page.words(list)
	return page, nil
}

// addFacts adds the facts of the program, and those that approved measures declare.
func (c *Console) addFacts(r *http.Request, page *vocabularyData) error {
	vocabulary := eligibility.Builtin()
	if c.Measures != nil {
		approved, err := c.Measures.Approved(r.Context())
		if err != nil {
			return err
		}
		vocabulary = eligibility.VocabularyOf(approved)
	}
	for _, key := range vocabulary.Keys() {
		f, _ := vocabulary.Fact(key)
		_, builtin := eligibility.Builtin().Fact(key)
		if !builtin {
			page.Own++
		}
		page.Facts = append(page.Facts, vocabularyFact{
			f.Key, string(f.Kind), strings.ReplaceAll(f.Label(page.Lang), "{value}", "…"), f.Ask.In(page.Lang), f.Never.In(page.Lang), !builtin,
		})
	}
	return nil
}
