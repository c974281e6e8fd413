package retrieval

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"policybot/retrieval/bridge"
)

// Words is one version of the lines that an installation adds to the files of words, in
// their form; see package bridge. Searches use the latest version beside those files,
// and so does the comparison of questions with one another and with index entries. What
// else reads the files does so without added lines: the check whether a clause speaks of
// what was asked, and translations.
type Words struct {
	N    int       `json:"n"` // from 1; 0: there is none
	Text string    `json:"text"`
	By   string    `json:"by,omitempty"` // who wrote it
	At   time.Time `json:"at,omitzero"`
}

// KeptWords is how many versions of added lines are kept.
const KeptWords = 10

// WordsName is what entries of added lines are called, with a colon and their line.
const WordsName = "own"

// The attachment of a [Store] that holds the added lines, oldest version first. A change
// also changes the mark of index entries, so that nobody has to look at both.
const (
	wordsKind = "words"
	wordsID   = "own"
)

// ErrWords says that added lines have mistakes; it is returned wrapped, in a *[WordsError].
var ErrWords = errors.New("added lines have mistakes")

// A WordsError lists the lines that cannot be.
type WordsError struct{ Lines []bridge.LineError }

// Error names the first line.
func (e *WordsError) Error() string { return fmt.Sprintf("%v, first %v", ErrWords, e.Lines[0]) }

// Unwrap returns ErrWords.
func (e *WordsError) Unwrap() error { return ErrWords }

// A WordsConflict says that somebody else has changed the added lines meanwhile.
type WordsConflict struct{ Latest Words }

// Error names the latest version.
func (e *WordsConflict) Error() string {
	return fmt.Sprintf("version %d of the added lines, by %s, is newer", e.Latest.N, e.Latest.By)
}

// Words lists the versions of the added lines that are kept, latest first; none where
// there never were any.
func (l *Library) Words(ctx context.Context) ([]Words, error) {
	list, _, err := readWords(ctx, l.store)
	if err != nil {
		return nil, fmt.Errorf("read added words: %w", err)
	}
	slices.Reverse(list)
	return list, nil
}

// SetWords replaces the added lines, and searches use them at once. N of the argument is
// the version that it goes on from, 0 for none; By and At are kept as they are. It returns
// what is stored, and keeps the last KeptWords versions. The error wraps a *[WordsConflict]
// where another version is the latest, and a *[WordsError] where lines have mistakes; then
// nothing has changed. A text as it was is another version too.
func (l *Library) SetWords(ctx context.Context, w Words) (Words, error) {
	fail := func(err error) (Words, error) { return Words{}, fmt.Errorf("set added words: %w", err) }
	w.Text = lineEnds.Replace(w.Text)
	if bad := CheckWords(w.Text); bad != nil {
		return fail(&WordsError{bad})
	}
	l.teaching.Lock()
	defer l.teaching.Unlock()
	list, was, err := readWords(ctx, l.store)
	if err != nil {
		return fail(err)
	}
	if latest := latestWords(list); latest.N != w.N {
		return fail(&WordsConflict{latest})
	}
	w.N++
	list = append(list, w)
	data, err := json.Marshal(list[max(0, len(list)-KeptWords):])
	if err != nil {
		return fail(err)
	}
	if err := l.storeWords(ctx, was, data); err != nil {
		return fail(err)
	}
	return w, nil
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\ufeff", "")

// CheckWords lists the lines of a text that cannot be added; nil for none.
func CheckWords(text string) []bridge.LineError {
	_, bad := bridge.Default().With(WordsName, lineEnds.Replace(text))
	return bad
}

// storeWords stores the versions where they are as they were read, and takes them over.
func (l *Library) storeWords(ctx context.Context, was, data []byte) error {
	attach := []Attachment{{wordsKind, wordsID, data}, {changeKind, changeID, []byte(rand.Text())}}
	if _, err := l.versioned(); err != nil { // nobody else writes to such a store
		if err := l.store.PutAttachments(ctx, attach...); err != nil {
			return err
		}
		return l.Refresh(ctx)
	}
	_, err := l.Edit(ctx, Edit{Expect: []Attachment{{wordsKind, wordsID, was}}, Attach: attach})
	if !errors.Is(err, ErrMoved) {
		return err
	}
	list, _, readErr := readWords(ctx, l.store)
	if readErr != nil {
		return readErr
	}
	return &WordsConflict{latestWords(list)}
}

// TryWords returns a library that searches as this one would with these added lines
// instead of its own, which are not stored; for [Library.Search] alone, and as long as
// nobody refreshes it. Lines with a mistake are left out. The error is that of the store.
func (l *Library) TryWords(ctx context.Context, text string) (*Library, error) {
	all, err := readTaught(ctx, l.store)
	if err != nil {
		return nil, fmt.Errorf("try added words: %w", err)
	}
	v := l.view()
	trial := &Library{store: l.store, vectors: l.vectors, words: l.words}
	trial.current = v.speaking(trial.spoken(text)).with(all, v.taught)
	return trial, nil
}

// readWords reads the versions of a store, oldest first, and what it holds.
func readWords(ctx context.Context, s Store) (list []Words, data []byte, err error) {
	found, err := s.Attachments(ctx, wordsKind)
	if err != nil {
		return nil, nil, err
	}
	for _, a := range found {
		if a.ID != wordsID {
			continue
		}
		if err := json.Unmarshal(a.Data, &list); err != nil {
			return nil, nil, fmt.Errorf("added words: %w", err)
		}
		data = a.Data
	}
	return list, data, nil
}

// latestWords is the last of versions, oldest first; the zero value for none.
func latestWords(list []Words) Words {
	if len(list) == 0 {
		return Words{}
	}
	return list[len(list)-1]
}

// spoken returns the words of the library with added lines; those with a mistake, such as
// a line of a time with other rules, are left out. A library that only looks for the words
// of the query does not look for others.
//
// The lines count where a question is read to be searched for, and where it is compared
// with index entries, which a conflict of places, figures or opposites still sets apart.
// They do not count where a sentence is checked against its clause, nor where key facts are
// told in the other language: a line is a hint for finding, written in a minute by one
// person. If it counted there, "鼓励 = 给予" would let a sentence pass that no clause has.
func (l *Library) spoken(text string) addedWords {
	if l.words == nil {
		return addedWords{}
	}
	if l.added.bridge == nil || l.added.text != text {
		lines := lineEnds.Replace(text)
		l.added = addedWords{text: text, comparing: bridge.Comparing()}
		l.added.bridge, _ = l.words.With(WordsName, lines)
		if l.added.bridge != l.words {
			l.added.comparing, _ = bridge.Comparing().With(WordsName, lines)
		}
	}
	return l.added
}

// Comparing are the words that questions are compared by: those of [bridge.Comparing] and
// the added lines, as of the last Refresh. It is the same bridge until the lines change.
func (l *Library) Comparing() *bridge.Bridge {
	return cmp.Or(l.view().lexical.comparing, bridge.Comparing())
}

// addedWords are the lines that were added last, with the bridges that they make: one to
// search by, one to compare questions by.
type addedWords struct {
	text              string
	bridge, comparing *bridge.Bridge
}

// speaking returns the view with other words.
func (v *view) speaking(w addedWords) *view {
	if v.lexical.bridge == w.bridge && v.lexical.comparing == w.comparing {
		return v
	}
	out, searcher := *v, *v.searcher
	out.lexical = v.lexical.WithBridge(w.bridge)
	out.lexical.comparing = w.comparing
	searcher.lexical = out.lexical
	out.searcher = &searcher
	return &out
}
