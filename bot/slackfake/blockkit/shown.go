package blockkit

// Shown is what a person sees of blocks or of a text, and what it does when they use it.
type Shown struct {
	// Text is what can be read, line by line as a client shows it: items of a list have their mark, quotes
	// a ">", cells of a table " | " between them. Words on controls are not in it.
	Text string

	Citations []Citation
	// Links are the addresses that open when text is clicked: made by markup, by an element, or by the client out
	// of a bare address. Sources of tasks are among them; citations, images and buttons are not.
	Links    []Link
	Mentions []Mention
	Images   []Image
	Buttons  []Button // ordinary, feedback and icon buttons
	Menus    []Menu   // selects, radio buttons, checkboxes and overflow menus, in actions and input blocks
	Inputs   []Input  // every input block
	Context  []string // one text for each context block; they are in Text too
	Tasks    []Task
}

// A Citation is the native element that refers to a source.
type Citation struct {
	Index   int
	URL     string
	Text    string
	Kind    string // file, external, web, message or memory
	Source  string // display_name or app_name
	Title   string
	Snippet string
}

// A Link is an address and the words that lead to it; the words are the address itself if there are no others.
type Link struct{ URL, Text string }

// A Mention is what notifies or names someone: Kind is user, channel, usergroup, team or special. The ID of a special
// mention is here, channel, everyone, or whatever else stands after the exclamation mark.
type Mention struct{ Kind, ID string }

// An Image is a picture and the words for those who do not see it. URL is empty for a file of Slack.
type Image struct{ URL, Alt string }

// A Button is anything that is pressed once. Kind is button, workflow_button, icon_button, feedback_positive or
// feedback_negative; those of one pair of feedback buttons have one ActionID.
type Button struct {
	Kind, BlockID, ActionID, Text, Value, URL, Style string
	Label                                            string // what screen readers say instead of Text
	Confirm                                          string // the question that is asked first
}

// A Menu offers options.
type Menu struct {
	Kind, BlockID, ActionID, Placeholder string
	Options                              []Option
	Initial                              []string // values chosen at first
}

// An Option is one line of a menu.
type Option struct{ Text, Value, Description, URL string }

// An Input is an input block with its element. Initial is the text that stands in it at first; Menu is nil unless
// the element offers options or people or channels. MaxLength is 0 where none is set.
type Input struct {
	Kind, BlockID, ActionID, Label, Hint, Placeholder, Initial string
	Optional, Multiline                                        bool
	MaxLength                                                  int
	Menu                                                       *Menu
}

// A Task is a card of a step that is done or under way.
type Task struct {
	ID, Title, Status, Details, Output string
	Sources                            []Link
}
