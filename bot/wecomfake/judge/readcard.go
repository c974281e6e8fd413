package judge

import (
	"encoding/json"
	"strings"
)

// ShownCard is what a person sees of a template card, and what it does when they use it. Texts are without the
// zero width space U+200B.
type ShownCard struct {
	Type     string
	Source   string // the small line on top
	Title    string
	Desc     string
	Emphasis string // the key figure, and below it what it is
	Quote    string // title of the quotation, and below it the quotation
	Subtitle string
	Rows     []Row
	Options  []Option // of all questions
	Buttons  []Button // in the order of the card; those of the menu in the corner first, the one that submits last
	Links    []Link   // of the card as a whole, where Text is "", of its parts, and of what is to jump to
	Asks     []Ask    // questions that a click puts to the bot
	Images   []string
	TaskID   string
	Feedback string // id
	Text     string // all that can be read, line by line from top to bottom
}

// A Row is a line with its key, or a part with its title.
type Row struct{ Key, Value string }

// An Option is an answer to a question of a card. Title is what the question says, if anything.
type Option struct {
	Question, Title string
	ID, Text        string
	Chosen          bool // from the beginning
}

// A Button is what can be pressed. Kind is button, menu or submit; Style is 1 if the card says nothing.
type Button struct {
	Text, Key string
	Style     int
	Kind      string
	URL       string // where it leads, if it is not told to the bot
	Used      bool   // it shows that it was pressed and cannot be pressed again
}

// An Ask is a line that puts a question to the bot.
type Ask struct{ Text, Question string }

// ReadCard tells what a person sees of a template card, be it right or wrong; of what is none, nothing.
func ReadCard(body json.RawMessage) ShownCard {
	v, err := decode(body)
	if err != nil {
		return ShownCard{}
	}
	o := obj(v)
	r := &cardReader{shown: ShownCard{Type: get(o, "card_type"), TaskID: get(o, "task_id"), Feedback: get(obj(o["feedback"]), "id")}}
	r.top(o)
	r.middle(o)
	r.questions(o)
	r.controls(o)
	r.shown.Text = strings.Join(r.lines, "\n")
	return r.shown
}

type cardReader struct {
	shown ShownCard
	lines []string
}

// line shows a text and gives it.
func (r *cardReader) line(parts ...string) string {
	var seen []string
	for _, p := range parts {
		if p = visible(p); !blank(p) {
			seen = append(seen, p)
		}
	}
	r.lines = append(r.lines, seen...)
	return strings.Join(seen, "\n")
}

func (r *cardReader) link(words string, o map[string]any) {
	if to := get(o, "url"); to != "" {
		r.shown.Links = append(r.shown.Links, Link{visible(words), to})
	}
}

func (r *cardReader) image(to string) {
	if to != "" {
		r.shown.Images = append(r.shown.Images, to)
	}
}

// top reads what stands above the text.
func (r *cardReader) top(o map[string]any) {
	from, main, key := obj(o["source"]), obj(o["main_title"]), obj(o["emphasis_content"])
	r.image(get(from, "icon_url"))
	r.shown.Source = r.line(get(from, "desc"))
	r.image(get(obj(o["card_image"]), "url"))
	r.shown.Title = r.line(get(main, "title"))
	r.shown.Desc = r.line(get(main, "desc"))
	r.shown.Emphasis = r.line(get(key, "title"), get(key, "desc"))
	r.link("", obj(o["card_action"]))
	if side := obj(o["image_text_area"]); side != nil {
		r.image(get(side, "image_url"))
		r.shown.Rows = append(r.shown.Rows, Row{r.line(get(side, "title")), r.line(get(side, "desc"))})
		r.link(get(side, "title"), side)
	}
}

// middle reads quotation, text and rows.
func (r *cardReader) middle(o map[string]any) {
	q := obj(o["quote_area"])
	r.shown.Quote = r.line(get(q, "title"), get(q, "quote_text"))
	r.link(r.shown.Quote, q)
	r.shown.Subtitle = r.line(get(o, "sub_title_text"))
	for _, v := range arr(o["vertical_content_list"]) {
		r.shown.Rows = append(r.shown.Rows, Row{r.line(get(obj(v), "title")), r.line(get(obj(v), "desc"))})
	}
	for _, v := range arr(o["horizontal_content_list"]) {
		row := Row{visible(get(obj(v), "keyname")), visible(get(obj(v), "value"))}
		r.shown.Rows = append(r.shown.Rows, row)
		r.line(strings.TrimSpace(row.Key + " " + row.Value))
		r.link(row.Value, obj(v))
	}
	for _, v := range arr(o["jump_list"]) {
		words := r.line(get(obj(v), "title"))
		r.link(words, obj(v))
		if kindOf(obj(v)) == 3 {
			r.shown.Asks = append(r.shown.Asks, Ask{words, get(obj(v), "question")})
		}
	}
}

// questions reads what can be chosen.
func (r *cardReader) questions(o map[string]any) {
	all := append([]any{o["checkbox"], o["button_selection"]}, arr(o["select_list"])...)
	for _, q := range all {
		q := obj(q)
		words := r.line(get(q, "title"))
		for _, v := range arr(q["option_list"]) {
			option := Option{Question: get(q, "question_key"), Title: words, ID: get(obj(v), "id"), Text: r.line(get(obj(v), "text"))}
			option.Chosen = obj(v)["is_checked"] == true || option.ID != "" && option.ID == get(q, "selected_id")
			r.shown.Options = append(r.shown.Options, option)
		}
	}
}

// controls reads what can be pressed.
func (r *cardReader) controls(o map[string]any) {
	corner := obj(o["action_menu"])
	r.line(get(corner, "desc"))
	for _, v := range arr(corner["action_list"]) {
		r.button("menu", obj(v), "")
	}
	used := get(o, "replace_text")
	for _, v := range arr(o["button_list"]) {
		r.button("button", obj(v), used)
	}
	if submit := obj(o["submit_button"]); submit != nil {
		r.button("submit", submit, used)
	}
}

func (r *cardReader) button(kind string, o map[string]any, used string) {
	b := Button{Key: get(o, "key"), Style: 1, Kind: kind, URL: get(o, "url"), Used: used != ""}
	if n, ok := integer(o["style"]); ok && n >= 1 && n <= 4 {
		b.Style = int(n)
	}
	words := get(o, "text")
	if b.Used {
		words = used
	}
	b.Text = r.line(words)
	r.shown.Buttons = append(r.shown.Buttons, b)
}
