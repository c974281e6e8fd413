// Package card is WeCom's template cards (模板卡片) as JSON, as far as they are used here, with their limits.
//
// Sources: https://developer.work.weixin.qq.com/document/path/101032 (cards of the AI bot), 90236 (cards of an app), and
// the types of the vendor's client @wecom/aibot-node-sdk. Of most texts these say how many characters (字) they should not
// exceed, which is taken for a limit here; where the two surfaces differ the narrower one counts. Characters are runes.
package card

// Limits of a card, in runes where it does not say bytes.
const (
	MaxTitle     = 26   // of Title.Title
	MaxDesc      = 30   // of Title.Desc
	MaxSubtitle  = 112  // of Card.Subtitle
	MaxQuoteHead = 40   // of Quote.Title; ours, none is documented
	MaxQuote     = 160  // of Quote.Text; ours, none is documented
	MaxRows      = 6    // rows
	MaxRowKey    = 5    // of Row.Key
	MaxRowValue  = 26   // of Row.Value
	MaxJumps     = 3    // jumps
	MaxJump      = 13   // of Jump.Title
	MaxQuestion  = 200  // bytes of Jump.Question
	MaxButtons   = 6    // buttons
	MaxButton    = 10   // of Button.Text
	MaxKey       = 1024 // bytes of the key of a button or a selection
	MaxSelection = 13   // of Selection.Title
	MaxOptions   = 10   // options
	MaxOption    = 10   // of Option.Text
	MaxOptionID  = 128  // bytes of Option.ID
	MaxTaskID    = 128  // bytes of Card.TaskID
	MaxFeedback  = 256  // bytes of FeedbackKey.ID
	MaxURL       = 1024 // bytes of an address; ours, none is documented
)

// A Card is one card. What is empty is left out.
type Card struct {
	Type      string       `json:"card_type"` // TextNotice or ButtonInteraction
	Title     *Title       `json:"main_title,omitempty"`
	Quote     *Quote       `json:"quote_area,omitempty"`
	Subtitle  string       `json:"sub_title_text,omitempty"`
	Rows      []Row        `json:"horizontal_content_list,omitempty"`
	Jumps     []Jump       `json:"jump_list,omitempty"` // of a TextNotice only
	Action    *Action      `json:"card_action,omitempty"`
	Selection *Selection   `json:"button_selection,omitempty"` // of a ButtonInteraction only
	Buttons   []Button     `json:"button_list,omitempty"`      // of a ButtonInteraction only
	TaskID    string       `json:"task_id,omitempty"`          // [0-9A-Za-z_@-]; a bot or an app must not use one twice
	Feedback  *FeedbackKey `json:"feedback,omitempty"`         // of the AI bot only
}

// Types of card.
const (
	TextNotice        = "text_notice"        // needs an Action that opens a page
	ButtonInteraction = "button_interaction" // needs Buttons and a TaskID
)

// A Title is the main title.
type Title struct {
	Title string `json:"title,omitempty"`
	Desc  string `json:"desc,omitempty"`
}

// A Quote is the part that quotes.
type Quote struct {
	Type  int    `json:"type,omitempty"` // Page, or 0 for nothing to press
	URL   string `json:"url,omitempty"`
	Title string `json:"title,omitempty"`
	Text  string `json:"quote_text,omitempty"`
}

// A Row is a name with a value.
type Row struct {
	Type  int    `json:"type,omitempty"` // Page, or 0 for nothing to press
	Key   string `json:"keyname"`
	Value string `json:"value,omitempty"`
	URL   string `json:"url,omitempty"`
}

// A Jump is a line to press.
type Jump struct {
	Type     int    `json:"type,omitempty"` // Page, Ask, or 0 for nothing to press
	Title    string `json:"title"`
	URL      string `json:"url,omitempty"`
	Question string `json:"question,omitempty"` // of Ask: what the person then says
}

// What a press does.
const (
	Page = 1 // opens a page
	Ask  = 3 // says something to the AI bot
)

// An Action is what a press on the card as a whole does.
type Action struct {
	Type int    `json:"type"` // Page
	URL  string `json:"url,omitempty"`
}

// A Selection is a drop-down list above the buttons. What is chosen comes with the press of any button.
type Selection struct {
	Key      string   `json:"question_key"`
	Title    string   `json:"title,omitempty"`
	Selected string   `json:"selected_id,omitempty"` // id of the option that is chosen at first; "" for the first
	Options  []Option `json:"option_list"`
}

// An Option is one of a Selection.
type Option struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// A Button is one under a card.
type Button struct {
	Text  string `json:"text"`
	Style int    `json:"style,omitempty"` // 1 to 4; 0 for 1
	Key   string `json:"key"`             // comes with the press; one of a kind in a card
}

// A FeedbackKey is what a person's feedback on a card will name.
type FeedbackKey struct {
	ID string `json:"id"`
}
