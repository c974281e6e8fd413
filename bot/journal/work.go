package journal

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"policybot/bot/channel"
)

// A Work is a case with what decides what may be done to it. Its methods are the rules of Drafts and Respond;
// a journal fills it in, calls one, and stores the Case, all in one transaction. A method that fails has changed
// nothing.
type Work struct {
	Case     Case
	Latest   Draft    // of all rounds; zero: none
	Authors  []string // of the revisions of this round
	Erased   bool     // the asker was erased
	Approval bool     // the approval mode is on
}

// Open says why a case cannot be worked on: it has to be open.
func (w *Work) Open() error {
	switch w.Case.State {
	case CaseReplied:
		return ErrReplied
	case CaseClosed:
		return ErrClosed
	}
	return nil
}

// reachable is Open for what needs an asker.
func (w *Work) reachable() error {
	if err := w.Open(); err != nil {
		return err
	}
	if w.Erased {
		return ErrUnreachable
	}
	return nil
}

// current reports whether a number is that of the latest revision, and this is of this round.
func (w *Work) current(n int) bool { return n == w.Latest.N && n > w.Case.Earlier }

// Save makes d the latest revision and gives it. stored is false when it is there already.
func (w *Work) Save(d Draft) (latest Draft, stored bool, err error) {
	if err := w.reachable(); err != nil {
		return Draft{}, false, err
	}
	if err := d.check(); err != nil {
		return Draft{}, false, err
	}
	l := w.Latest
	same := w.current(l.N) && l.By == d.By && l.Text == d.Text && slices.Equal(l.Clauses, d.Clauses)
	if same && (d.Base == l.N || d.Base == l.Base) {
		return l, false, nil
	}
	if d.Base != l.N {
		return Draft{}, false, &ConflictError{Latest: l}
	}
	d.N = l.N + 1
	if d.Origin == "" {
		d.Origin = ByPerson
	}
	w.Latest, w.Case.Revision = d, d.N
	w.Authors = append(w.Authors, d.By)
	w.stage(StageEditing)
	return d, true, nil
}

// check says why a draft cannot be stored.
func (d Draft) check() error {
	switch {
	case strings.TrimSpace(d.By) == "":
		return fmt.Errorf("%w: nobody's name is given", ErrDraft)
	case !utf8.ValidString(d.Text):
		return fmt.Errorf("%w: the text is not UTF-8", ErrDraft)
	case strings.TrimSpace(d.Text) == "":
		return fmt.Errorf("%w: the text is blank", ErrDraft)
	case utf8.RuneCountInString(d.Text) > MaxDraft:
		return fmt.Errorf("%w: the text has more than %d characters", ErrDraft, MaxDraft)
	case len(d.Clauses) > MaxClauses:
		return fmt.Errorf("%w: it has more than %d clauses", ErrDraft, MaxClauses)
	case d.Origin != "" && d.Origin != ByPerson && d.Origin != ByProgram:
		return fmt.Errorf("%w: its origin %q is not known", ErrDraft, d.Origin)
	}
	return nil
}

// stage brings the draft to a stage, in which nobody has submitted or approved it yet.
func (w *Work) stage(s Stage) {
	c := &w.Case
	c.Stage, c.SubmittedBy, c.Approved, c.ApprovedBy = s, "", 0, ""
}

// Decide brings the latest revision to its next stage. changed is false when it is there already.
func (w *Work) Decide(d Decision) (changed bool, err error) {
	if err := w.reachable(); err != nil {
		return false, err
	}
	if strings.TrimSpace(d.By) == "" {
		return false, fmt.Errorf("%s a draft: nobody's name is given", d.Does)
	}
	if !w.current(d.Draft) {
		return false, &ConflictError{Latest: w.Latest}
	}
	switch d.Does {
	case Submit:
		return w.submit(d)
	case Return:
		return w.giveBack(d)
	case Approve:
		return w.approve(d)
	}
	return false, fmt.Errorf("decide %q: there is no such decision", d.Does)
}

func (w *Work) submit(d Decision) (changed bool, err error) {
	c := &w.Case
	switch {
	case c.Stage == StageAwaiting && c.SubmittedBy == d.By:
		return false, nil
	case c.Stage != StageEditing && c.Stage != StageReturned:
		return false, ErrStage
	}
	w.stage(StageAwaiting)
	c.SubmittedBy, c.ReturnReason = d.By, ""
	return true, nil
}

func (w *Work) giveBack(d Decision) (changed bool, err error) {
	c := &w.Case
	switch {
	case strings.TrimSpace(d.Why) == "":
		return false, ErrNoReason
	case c.Stage == StageReturned && c.ReturnReason == d.Why:
		return false, nil
	case c.Stage != StageAwaiting && c.Stage != StageApproved:
		return false, ErrStage
	}
	w.stage(StageReturned)
	c.ReturnReason = d.Why
	return true, nil
}

func (w *Work) approve(d Decision) (changed bool, err error) {
	c := &w.Case
	if w.wrote(d.By) || w.Approval && samePerson(d.By, c.SubmittedBy) {
		return false, ErrOwnApproval
	}
	if c.Stage == StageApproved && samePerson(c.ApprovedBy, d.By) {
		return false, nil
	}
	c.Stage, c.Approved, c.ApprovedBy, c.ReturnReason = StageApproved, d.Draft, d.By, ""
	return true, nil
}

// wrote reports whether somebody is the author of a revision of this round.
func (w *Work) wrote(name string) bool {
	return slices.ContainsFunc(w.Authors, func(author string) bool { return samePerson(author, name) })
}

// samePerson reports whether two names are of one account: letter case tells none apart.
func samePerson(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

// Close closes the case without a reply.
func (w *Work) Close(c Closing) error {
	if err := w.Open(); err != nil {
		return err
	}
	if strings.TrimSpace(c.Why) == "" {
		return ErrNoReason
	}
	k := &w.Case
	k.State, k.ClosedAt, k.ClosedBy, k.ClosedWhy = CaseClosed, c.At, c.By, c.Why
	return nil
}

// Respond makes the case a replied one, but for its Delivery.
func (w *Work) Respond(r Response) error {
	if err := w.reachable(); err != nil {
		return err
	}
	if w.Approval && !w.approved(r) {
		return ErrUnapproved
	}
	if r.Revision != 0 && !w.current(r.Revision) {
		return &ConflictError{Latest: w.Latest}
	}
	c := &w.Case
	c.State, c.RepliedAt, c.By, c.Response = CaseReplied, r.At, r.By, r.Text
	c.Sent, c.Clauses = r.Revision, slices.Clone(r.Clauses)
	if r.Clauses == nil && r.Revision != 0 {
		c.Clauses = slices.Clone(w.Latest.Clauses)
	}
	return nil
}

// approved reports whether a response is the latest revision, and somebody approved it who wrote none of the round.
func (w *Work) approved(r Response) bool {
	c, l := w.Case, w.Latest
	return w.current(r.Revision) && c.Stage == StageApproved && c.Approved == r.Revision &&
		c.ApprovedBy != "" && !w.wrote(c.ApprovedBy) &&
		r.Text == l.Text && (r.Clauses == nil || slices.Equal(r.Clauses, l.Clauses)) && says(r.Doc, l)
}

// says reports whether a document is a draft to the letter: in its text, and in its parts but for blanks and the
// markers that parts carry apart. Before it stands at most one line; behind it something only where the
// document cites clauses of the draft, and no others: what the program tells of them.
func says(doc channel.Doc, d Draft) bool {
	tail, found := strings.CutPrefix(doc.Text, d.Text)
	if head, rest, ok := strings.Cut(doc.Text, "\n"); !found && ok && !strings.Contains(head, "\r") {
		tail, found = strings.CutPrefix(rest, d.Text)
	}
	if !found {
		return false
	}
	if tail != "" && (len(doc.Citations) == 0 || !strings.HasPrefix(tail, "\n")) {
		return false
	}
	if slices.ContainsFunc(doc.Citations, func(c channel.Citation) bool { return !slices.Contains(d.Clauses, c.Clause) }) {
		return false
	}
	var parts strings.Builder
	for _, n := range doc.Nodes {
		parts.WriteString(n.Text)
	}
	return len(doc.Nodes) == 0 || bare(parts.String()) == bare(doc.Text)
}

// marker is the number of a citation in a text.
var marker = regexp.MustCompile(`[\[［【]\s*\d+(\s*[,，、]\s*\d+)*\s*[\]］】]`)

// bare is a text without blanks and markers, and without quotation marks and what ends a sentence, which parts may
// leave out.
func bare(text string) string {
	var b strings.Builder
	runes := []rune(marker.ReplaceAllString(text, ""))
	for i, r := range runes {
		inNumber := r == '.' || r == ','
		inNumber = inNumber && i+1 < len(runes) && unicode.IsDigit(runes[i+1])
		if !unicode.IsSpace(r) && (inNumber || !strings.ContainsRune(`“”"'。；，;,.`, r)) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Reopen opens a case again that is not open: a new round begins, in which no earlier draft counts.
func (c *Case) Reopen(n NewCase, at time.Time) {
	c.State, c.Reason, c.Text, c.OpenedAt, c.Delivery = CaseOpen, n.Reason, n.Text, at, ""
	c.Earlier, c.Stage, c.SubmittedBy, c.Approved, c.ApprovedBy, c.ReturnReason = c.Revision, "", "", 0, "", ""
	c.ClosedAt, c.ClosedBy, c.ClosedWhy = time.Time{}, "", ""
}

// Erase takes from a case what it says and who asked. A case that is open has no stage any more: nobody can
// be replied to.
func (c *Case) Erase() {
	c.Text, c.User, c.Dialogue, c.Response, c.Clauses = "", "", "", "", nil
	c.Place, c.Reply = channel.Place{}, channel.Handle{}
	c.ReturnReason, c.ClosedWhy = "", ""
	if c.State == CaseOpen {
		c.Stage, c.SubmittedBy, c.Approved, c.ApprovedBy = "", "", 0, ""
	}
}
