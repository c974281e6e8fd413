// Package card is WeCom's template cards (模板卡片) as JSON, as far as they are used here, with their limits.
//
// Sources: https://developer.work.weixin.qq.com/document/path/101032 (cards of the AI bot), 90236 (cards of an app), and
// the types of the vendor's client @wecom/aibot-node-sdk. Where the two surfaces differ the narrower limit counts.
package card

// A Card is one card. What is empty is left out.
type Card struct {
	Type       string       `json:"card_type"`
	Title      *Title       `json:"main_title,omitempty"`
	Quote      *Quote       `json:"quote_area,omitempty"`
	Subtitle   string       `json:"sub_title_text,omitempty"` // at most MaxSubtitle
	Rows       []Row        `json:"horizontal_content_list,omitempty"`
	Jumps      []Jump       `json:"jump_list,omitempty"` // of TextNotice only
	Action     *Action      `json:"card_action,omitempty"`
	Selection  *Selection   `json:"button_selection,omitempty"`
	Buttons    []Button     `json:"button_list,omitempty"`
	TaskID     string       `json:"task_id,omitempty"` // [0-9A-Za-z_@-], at most MaxTaskID; not used twice by a bot or an app
	FeedbackID *FeedbackKey `json:"feedback,omitempty"`
}

// Types of card.
const (
	TextNotice = "text_notice"        // needs an Action that opens a page
	Buttons    = "button_interaction" // needs Buttons and a TaskID
)

// A Title is the main title.
type Title struct {
	Title string `json:"title,omitempty"` // at most MaxTitle
	Desc  string `json:"desc,omitempty"`  // at most MaxDesc
}

// A Quote is the part that quotes.
type Quote struct {
	Type  int    `json:"type,omitempty"` // Page or 0
	URL   string `json:"url,omitempty"`
	Title string `json:"title,omitempty"`
	Text  string `json:"quote_text,omitempty"`
}

// A Row is a name with a value.
type Row struct {
	Type  int    `json:"type,omitempty"` // Page or 0
	Key   string `json:"keyname"`        // at most MaxKey
	Value string `json:"value,omitempty"`
	URL   string `json:"url,omitempty"`
}

// A Jump is a line to press.
type Jump struct {
	Type     int    `json:"type,omitempty"` // Page, Ask or 0
	Title    string `json:"title"`          // at most MaxJump
	URL      string `json:"url,omitempty"`
	Question string `json:"question,omitempty"` // of Ask: what the person then says, at most MaxQuestion bytes
}

// What is pressed does.
const (
	Page = 1 // open a page
	Ask  = 3 // say something to the AI bot
)

// An Action is what the whole card does.
type Action struct {
	Type int    `json:"type"` // Page
	URL  string `json:"url,omitempty"`
}

// A Selection is a drop-down list above the buttons. What is chosen comes with the press of any button.
type Selection struct {
	Key      string   `json:"question_key"`
	Title    string   `json:"title,omitempty"`
	Selected string   `json:"selected_id,omitempty"` // "" for the first
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
	Style int    `json:"style,omitempty"`
	Key   string `json:"key"`
}

// A FeedbackKey is what a person's feedback on a card will name.
type FeedbackKey struct {
	ID string `json:"id"`
}
