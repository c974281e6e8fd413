package publication

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"policybot/retrieval"
	"policybot/retrieval/catalogue"
)

// An Upload is what a person proposes.
type Upload struct {
	Kind     Kind
	Document string // id: of the document that changes; for a new one, empty for an id made of the name
	Name     string // of the file, as it came
	Data     []byte // of the file
	Facts    []Fact // each field once
	Version  int    // of a Revert: the version that is to be current again
	Note     string // for whoever decides
	By       string // name of the account
}

// Limits.
const (
	maxWaiting = 200  // proposals at once
	maxText    = 2000 // characters of notes and reasons
	maxFact    = 1000 // characters of a fact, and of where it is from
)

// idForm is that of ids in a catalogue, of at most 80 characters.
var idForm = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9.-]{0,78}[a-z0-9])?$`)

// Propose reads and cuts the file as the library would, and keeps it as a proposal; the library
// stays as it is. A file that the library would refuse is refused in the same way, with a
// *retrieval.Refusal. Other errors: ErrNobody, ErrNoDocument, ErrNoVersion, ErrBadID, ErrNoChange,
// ErrTooMany, *FactError. A document that was withdrawn is proposed as a new one, which will be its next
// version.
func (q *Queue) Propose(ctx context.Context, u Upload) (Done, error) {
	if strings.TrimSpace(u.By) == "" {
		return Done{}, fmt.Errorf("publication: %w", ErrNobody)
	}
	if err := checkFacts(u.Facts); err != nil {
		return Done{}, err
	}
	waiting, err := q.List(ctx, Proposed)
	if err != nil {
		return Done{}, err
	}
	if len(waiting) >= maxWaiting {
		return Done{}, fmt.Errorf("publication: %w", ErrTooMany)
	}
	p := Proposal{
		ID: strings.ToLower(rand.Text())[:16], Kind: u.Kind, State: Proposed, Document: u.Document, Facts: u.Facts,
		Note: clip(strings.TrimSpace(u.Note), maxText), By: strings.TrimSpace(u.By), At: q.now(),
	}
	switch u.Kind {
	case Withdraw:
		p.Facts = nil
	case Revert:
		p.Facts, p.To = nil, u.Version
	}
	if u.Kind == Document {
		p.File, p.Format, p.Size = CleanName(u.Name), strings.ToLower(extension(u.Name)), len(u.Data)
	}
	if err := q.place(ctx, &p); err != nil {
		return Done{}, err
	}
	if err := q.measure(ctx, &p, u); err != nil {
		return Done{}, err
	}
	return q.keep(ctx, p, u)
}

// keep stores a new proposal.
func (q *Queue) keep(ctx context.Context, p Proposal, u Upload) (Done, error) {
	meta, err := encode(p)
	if err != nil {
		return Done{}, fmt.Errorf("publication: %w", err)
	}
	e := retrieval.Edit{Expect: []retrieval.Attachment{{Kind: kind, ID: p.ID}}, Attach: []retrieval.Attachment{meta}}
	if p.Kind == Document {
		data := append([]byte{0}, u.Data...) // an attachment is never empty
		e.Attach = append(e.Attach, retrieval.Attachment{Kind: fileKind(p.ID), ID: fileID, Data: data})
	}
	if err := q.tell(ctx, q.event("propose", p, p.By)); err != nil {
		return Done{}, err
	}
	if _, err := q.store.Edit(ctx, e); err != nil {
		return Done{}, fmt.Errorf("publication: %w", err)
	}
	return Done{Proposal: p}, nil
}

func checkFacts(facts []Fact) error {
	seen := map[string]bool{}
	for _, f := range facts {
		check := catalogue.Fact{Field: f.Field, Value: f.Value}
		if f.Value == "" && f.Field != "title" && slices.Contains(catalogue.Fields(), f.Field) {
			check = catalogue.Fact{Field: "issuer", Value: "-"} // taking a fact away is always right
		}
		err := check.Check()
		switch {
		case err != nil:
		case seen[f.Field]:
			err = fmt.Errorf("%s is stated twice", f.Field)
		case len([]rune(f.Value)) > maxFact || len([]rune(f.Where)) > maxFact:
			err = fmt.Errorf("%s has more than %d characters", f.Field, maxFact)
		case hiddenIn(f.Where) != "" || strings.ToValidUTF8(f.Where, "") != f.Where:
			err = fmt.Errorf("%s: where it is known from holds characters that nobody sees", f.Field)
		}
		if err != nil {
			return &FactError{f.Field, err}
		}
		seen[f.Field] = true
	}
	return nil
}

// place finds the document that a proposal changes, or an id for a new one.
func (q *Queue) place(ctx context.Context, p *Proposal) error {
	if p.Document == "" && p.Kind == Document {
		id, err := q.library.FreeID(ctx, shortName(p.File)+".txt")
		p.Document = id
		return err
	}
	docs, err := q.store.Documents(ctx)
	if err != nil {
		return fmt.Errorf("publication: %w", err)
	}
	for _, d := range docs {
		if d.ID == p.Document {
			p.Base, p.Origin, p.Title = d.Version, d.Origin, d.Title
			return nil
		}
	}
	switch {
	case p.Kind == Revert: // also of a document that was withdrawn; build looks the version up
		return nil
	case p.Kind != Document:
		return fmt.Errorf("publication: %q: %w", p.Document, ErrNoDocument)
	case !idForm.MatchString(p.Document):
		return fmt.Errorf("publication: %q: %w", p.Document, ErrBadID)
	}
	return nil
}

// shortName is what an id is made of: the name of a file without folders and extension, of at
// most 40 characters.
func shortName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.TrimSuffix(name, extension(name))
	return string([]rune(name)[:min(40, len([]rune(name)))])
}

// extension is the last . of a name and what follows; none where the name begins with it.
func extension(name string) string {
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		return name[i:]
	}
	return ""
}

// measure finds what a proposal changes and what is to be looked at.
func (q *Queue) measure(ctx context.Context, p *Proposal, u Upload) error {
	base, err := q.base(ctx, *p)
	if err != nil {
		return err
	}
	next, err := q.build(ctx, *p, base, u.Data)
	if err != nil {
		return err
	}
	if next == nil {
		p.Counts.Removed = len(base.Clauses)
		return nil
	}
	if p.Digest, err = digest(*next); err != nil {
		return err
	}
	if p.Base > 0 {
		old, err := digest(base)
		if err != nil || old == p.Digest {
			return errors.Join(err, fmt.Errorf("publication: %q: %w", p.Document, ErrNoChange))
		}
	}
	d := Compare(base, *next)
	p.Title = next.Document.Title
	p.Counts = Counts{d.Count(Added), d.Count(Removed), d.Count(Changed), d.Count(Moved), d.Unchanged, len(d.Facts)}
	if p.Kind != Document {
		return nil
	}
	p.Warnings = append(warnings(*next, u.Name), overruled(*p, base, *next, u.Data)...)
	return q.warnTwins(ctx, p, base, *next)
}

// warnTwins warns of documents that are like the proposed one, and of much that goes.
func (q *Queue) warnTwins(ctx context.Context, p *Proposal, base, next retrieval.Content) error {
	docs, err := q.store.Documents(ctx)
	if err != nil {
		return fmt.Errorf("publication: %w", err)
	}
	for _, d := range docs {
		switch {
		case d.ID == p.Document:
		case d.Hash == next.Document.Hash:
			p.Warnings = append(p.Warnings, Warning{WarnSameText, "", d.ID})
		case d.Title == next.Document.Title:
			p.Warnings = append(p.Warnings, Warning{WarnNamesake, "", d.ID})
		}
	}
	gone, err := q.store.Withdrawn(ctx)
	if err != nil {
		return fmt.Errorf("publication: %w", err)
	}
	for _, d := range gone {
		if d.ID == p.Document || d.Hash == next.Document.Hash {
			p.Warnings = append(p.Warnings, Warning{WarnWithdrawn, "", d.ID})
		}
	}
	if n := len(base.Clauses); p.Counts.Removed*2 > n {
		p.Warnings = append(p.Warnings, Warning{WarnShrinks, "", fmt.Sprintf("%d/%d", p.Counts.Removed, n)})
	}
	return nil
}

// What a person has stated of a document holds for the next version too: kept unless its text or a person says
// otherwise, firm unless a person does.
var (
	kept = []string{"language", "kind", "translated"}
	firm = []string{"title", "number", "issuer", "jurisdiction", "valid_from", "valid_until"}
)

// build makes the content that a proposal leads to; nil for a withdrawal.
func (q *Queue) build(ctx context.Context, p Proposal, base retrieval.Content, data []byte) (*retrieval.Content, error) {
	if p.Kind != Revert {
		return build(p, base, data)
	}
	next, err := q.version(ctx, p.Document, p.To)
	if errors.Is(err, retrieval.ErrNotFound) {
		return nil, fmt.Errorf("publication: version %d of %q: %w", p.To, p.Document, ErrNoVersion)
	}
	return &next, err
}

// build makes the content of a proposal that is no Revert.
func build(p Proposal, base retrieval.Content, data []byte) (*retrieval.Content, error) {
	stated := make([]catalogue.Fact, 0, len(p.Facts))
	for _, f := range p.Facts {
		stated = append(stated, catalogue.Fact{Field: f.Field, Value: f.Value, Source: retrieval.SourceCatalogue, Where: f.Where})
	}
	switch p.Kind {
	case Document:
		facts := func(d *retrieval.Document) bool {
			d.Aliases = slices.Clone(base.Document.Aliases)
			catalogue.State(d, append(inherited(base.Document, *d), stated...)...)
			return true
		}
		source := p.Document + p.Format
		if strings.EqualFold(extension(base.Document.Source), p.Format) {
			source = base.Document.Source
		}
		next, err := retrieval.Read(retrieval.File{Source: source, Data: data, Facts: facts}, p.Document)
		if err != nil {
			return nil, err
		}
		return &next, nil
	case Facts:
		next := base
		catalogue.State(&next.Document, stated...)
		next.Document.Mentions = retrieval.MentionsIn(next.Document, next.Clauses)
		return &next, nil
	case Withdraw:
		return nil, nil
	}
	return nil, fmt.Errorf("publication: no kind %q", p.Kind)
}

// inherited are the facts that a new version takes over from the one before.
func inherited(from, to retrieval.Document) []catalogue.Fact {
	var out []catalogue.Fact
	values := factsOf(from)
	for _, f := range slices.Concat(kept, firm) {
		if from.Facts[f] == retrieval.SourceCatalogue && (to.Facts[f] == "" || slices.Contains(firm, f)) && values[f] != "" {
			out = append(out, catalogue.Fact{Field: f, Value: values[f], Source: retrieval.SourceCatalogue, Where: from.Notes[f]})
		}
	}
	return out
}

// overruled warns of facts that the next version takes over from the one before although its text says another value.
func overruled(p Proposal, base, next retrieval.Content, data []byte) []Warning {
	if p.Base == 0 {
		return nil
	}
	read, err := retrieval.Read(retrieval.File{Source: next.Document.Source, Data: data}, p.Document)
	if err != nil {
		return nil // next was read from it
	}
	var out []Warning
	said, is := factsOf(read.Document), factsOf(next.Document)
	for _, f := range inherited(base.Document, read.Document) {
		stated := slices.ContainsFunc(p.Facts, func(s Fact) bool { return s.Field == f.Field })
		if !stated && said[f.Field] != "" && said[f.Field] != is[f.Field] {
			out = append(out, Warning{WarnOverruled, "", f.Field + ": " + said[f.Field]})
		}
	}
	return out
}

func digest(c retrieval.Content) (string, error) {
	r, err := retrieval.NewRecord(c.Document, c.Text, c.Clauses)
	if err != nil {
		return "", fmt.Errorf("publication: %w", err)
	}
	return r.Digest, nil
}

// sameDigest tells whether a content is what was proposed.
func sameDigest(p Proposal, c retrieval.Content) error {
	sum, err := digest(c)
	if err == nil && sum != p.Digest {
		err = fmt.Errorf("publication: proposal %s: %w", p.ID, ErrReadOtherwise)
	}
	return err
}
