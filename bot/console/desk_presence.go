package console

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// How long somebody counts as present after the last sign, and how many signs are kept: what is beyond is not noted.
const (
	presentFor  = 30 * time.Second
	mostPresent = 5000
)

// presence knows who has which case open. It is kept in memory only, for the accounts of this process. Make one with
// newPresence; it may be used from several goroutines, and has none of its own.
type presence struct {
	mu   sync.Mutex
	seen map[presenceKey]sighting
}

type presenceKey struct{ thing, account string }

// A sighting is the last sign of somebody.
type sighting struct {
	name    string
	at      time.Time
	editing time.Time // the last one that was an edit; zero: none
}

// A present is somebody else at the same case.
type present struct {
	Name    string
	Editing bool
}

func newPresence() *presence { return &presence{seen: map[presenceKey]sighting{}} }

// beat notes that somebody has a thing open, and gives the others who have, by name.
func (p *presence) beat(now time.Time, thing, account, name string, editing bool) []present {
	p.mu.Lock()
	defer p.mu.Unlock()
	var others []present
	for k, s := range p.seen {
		switch {
		case now.Sub(s.at) > presentFor:
			delete(p.seen, k)
		case k.thing == thing && k.account != account:
			others = append(others, present{s.name, now.Sub(s.editing) <= presentFor})
		}
	}
	key := presenceKey{thing, account}
	if old, known := p.seen[key]; known || len(p.seen) < mostPresent {
		s := sighting{name: name, at: now, editing: old.editing}
		if editing {
			s.editing = now
		}
		p.seen[key] = s
	}
	slices.SortFunc(others, func(a, b present) int { return strings.Compare(a.Name, b.Name) })
	return others
}

// presenceData is the part of a case's page that says who else has it open.
type presenceData struct {
	View
	Present []present
}

// casePresence notes that the reader has a case open, and tells who else has.
func (c *Console) casePresence(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(w, r); err != nil {
		return err
	}
	k, err := c.caseOf(r)
	if err != nil {
		return err
	}
	v := c.view(r)
	others := c.present.beat(c.Now(), k.ID, v.Account.ID, v.Me(), r.PostForm.Get("editing") == "yes")
	return c.show(w, r, http.StatusOK, "casepresence", presenceData{v, others})
}
