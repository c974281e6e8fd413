package channel

// A Doc is the whole of a reply as it stands: a snapshot, never a change to an earlier one.
type Doc struct {
	ID        string     `json:"id"` // of the answer, the same in every snapshot
	Lang      string     `json:"lang"`
	Label     Label      `json:"label"`
	Text      string     `json:"text"`                // all of it as plain text, for channels that show no more; valid UTF-8
	Nodes     []Node     `json:"nodes,omitempty"`     // the same in parts
	Citations []Citation `json:"citations,omitempty"` // by number, from 1
	Buttons   []Button   `json:"buttons,omitempty"`
	Whole     bool       `json:"whole,omitempty"` // it shows a whole clause: its words say all of their source
}

// A Label says who made a document. Every document has one.
type Label string

// Labels.
const (
	LabelExtract Label = "extract" // sentences copied from documents
	LabelAI      Label = "ai"      // written by a model, checked against its citations
	LabelStaff   Label = "staff"   // written by a person
	LabelNotice  Label = "notice"  // about the service itself
)

// A Node is one part of a document.
type Node struct {
	Kind  NodeKind `json:"kind"`
	Text  string   `json:"text"`
	Cites []int    `json:"cites,omitempty"` // numbers of the citations that back it
}

// A NodeKind is what a part of a document is.
type NodeKind string

// Kinds of node.
const (
	Sentence NodeKind = "sentence" // backed by Cites
	Notice   NodeKind = "notice"   // a limit that the reader must know
	Line     NodeKind = "line"     // one of the program's own sentences
)

// A Citation is where a sentence comes from.
type Citation struct {
	N      int    `json:"n"`
	Title  string `json:"title"`
	Number string `json:"number,omitempty"` // 文号
	Path   string `json:"path"`
	Quote  string `json:"quote"`
	Clause string `json:"clause"` // id
	URL    string `json:"url,omitempty"`
}

// A Button is something to press. What it does is stored under its token; the platform learns nothing.
type Button struct {
	Token string `json:"token"` // 22 random characters of [A-Za-z0-9_-]
	Label string `json:"label"`
	Does  string `json:"does"` // good, bad, person or reply: for how it looks, not for what it does
}
