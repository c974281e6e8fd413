package retrieval_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
)

// A watched store counts how often clauses are listed, which is what building
// an index does, and may do something first.
type watched struct {
	retrieval.Store
	listed atomic.Int32
	before func(call int32) error
}

func (s *watched) Clauses(ctx context.Context, id string) ([]retrieval.Clause, error) {
	n := s.listed.Add(1)
	if s.before != nil {
		if err := s.before(n); err != nil {
			return nil, err
		}
	}
	return s.Store.Clauses(ctx, id)
}

// smallStore returns a store of so many documents of three clauses.
func smallStore(t testing.TB, documents int) *watched {
	t.Helper()
	s := &watched{Store: retrieval.NewMemory()}
	for n := range documents {
		put(t, s, n, 1)
	}
	return s
}

func put(t testing.TB, s retrieval.Store, n, edition int) {
	t.Helper()
	doc, text, clauses := retrievaltest.Numbered(n, edition, 3)
	if _, err := s.Put(ctx, doc, text, clauses); err != nil {
		t.Fatal(err)
	}
}

// indexed opens a library over s and refreshes it, and says how many documents
// had to be read for that.
func indexed(t testing.TB, s *watched, dir string) (*retrieval.Library, int) {
	t.Helper()
	before := s.listed.Load()
	l := retrieval.New(s, dir)
	refresh(t, l)
	return l, int(s.listed.Load() - before)
}

var anyQuery = retrieval.Query{Text: "临床试验投入的资助"}

func TestIndexFileIsReused(t *testing.T) {
	s, dir := smallStore(t, 3), t.TempDir()
	first, read := indexed(t, s, dir)
	if read != 3 {
		t.Fatalf("the first index read %d documents", read)
	}
	file := readIndex(t, dir)
	again, read := indexed(t, s, dir)
	if read != 0 {
		t.Errorf("the second library read %d documents although the index was there", read)
	}
	if diff := cmp.Diff(search(t, first, anyQuery, 20), search(t, again, anyQuery, 20)); diff != "" || first.Revision() != again.Revision() || again.Len() != 9 {
		t.Errorf("the stored index answers otherwise (-built +stored):\n%s", diff)
	}
	refresh(t, again)
	put(t, s, 1, 1) // unchanged
	refresh(t, again)
	if s.listed.Load() != 3 || !bytes.Equal(readIndex(t, dir), file) {
		t.Error("read or written again although nothing changed")
	}
	put(t, s, 1, 2)
	refresh(t, again)
	if s.listed.Load() != 6 || bytes.Equal(readIndex(t, dir), file) {
		t.Error("not built again although a document changed")
	}
	if _, read := indexed(t, s, dir); read != 0 {
		t.Errorf("the new index is not used: %d documents read", read)
	}
	if names := entries(t, dir); !slices.Equal(names, []string{retrieval.LexicalFile}) {
		t.Errorf("the folder holds %q", names)
	}
}

func readIndex(t testing.TB, dir string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, retrieval.LexicalFile))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func entries(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}

// Whatever lies at the index's place, the library is searchable and the next
// one finds a good index.
func TestBadIndexFileIsReplaced(t *testing.T) {
	s := smallStore(t, 3)
	good := t.TempDir()
	l, _ := indexed(t, s, good)
	file, want := readIndex(t, good), ids(search(t, l, anyQuery, 20))
	foreign := t.TempDir()
	indexed(t, smallStore(t, 4), foreign)
	other := bytes.Replace(file, []byte(retrieval.LexicalVersion()), []byte(strings.Replace(retrieval.LexicalVersion(), "1", "2", 1)), 1)
	flip := func(i int) []byte {
		b := bytes.Clone(file)
		b[i] ^= 1
		return b
	}
	for name, data := range map[string][]byte{
		"empty":              {},
		"text":               []byte("not an index\n"),
		"of another library": readIndex(t, foreign),
		"by other rules":     other,
		"cut in the head":    file[:60],
		"cut at the end":     file[:len(file)-1],
		"cut in the middle":  file[:len(file)/2],
		"too long":           append(bytes.Clone(file), 0),
		"twice":              append(bytes.Clone(file), file...),
		"a bit of the magic": flip(0),
		"a bit of an id":     flip(bytes.Index(file, []byte("numbered-"))),
		"a bit of the index": flip(len(file) * 3 / 4),
		"last bit":           flip(len(file) - 1),
		"zeros":              make([]byte, len(file)),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, retrieval.LexicalFile), data, 0o644); err != nil {
				t.Fatal(err)
			}
			l, read := indexed(t, s, dir)
			if read != 3 {
				t.Errorf("%d documents read, want the index built again", read)
			}
			if diff := cmp.Diff(want, ids(search(t, l, anyQuery, 20))); diff != "" {
				t.Errorf("hits (-want +got):\n%s", diff)
			}
			if !bytes.Equal(readIndex(t, dir), file) {
				t.Error("the file is not the same as a fresh one")
			}
		})
	}
}

// A place where nothing can be written costs time and nothing else.
func TestIndexCannotBeWritten(t *testing.T) {
	s := smallStore(t, 3)
	here := t.TempDir()
	plainFile := filepath.Join(here, "file")
	if err := os.WriteFile(plainFile, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(here, "folder") // has a folder where the index should be
	if err := os.MkdirAll(filepath.Join(folder, retrieval.LexicalFile, "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	locked := filepath.Join(here, "locked")
	if err := os.Mkdir(locked, 0o555); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{plainFile, folder, locked, filepath.Join(here, "missing")} {
		for range 2 {
			l, read := indexed(t, s, dir)
			if read != 3 && dir != locked { // to the superuser no folder is locked
				t.Errorf("%s: %d documents read", dir, read)
			}
			if len(search(t, l, anyQuery, 20)) != 9 {
				t.Errorf("%s: not everything is found", dir)
			}
		}
	}
	if names := entries(t, folder); len(names) != 1 {
		t.Errorf("left behind: %q", names)
	}
}

// A document that is put between two reads is in the index, and the file
// fits what it holds.
func TestWriterBetweenReads(t *testing.T) {
	s, dir := smallStore(t, 3), t.TempDir()
	s.before = func(call int32) error {
		switch call {
		case 2: // of the first attempt: after document 0 was read
			put(t, s.Store, 0, 2)
			put(t, s.Store, 9, 1)
		case 5: // of the second: the list of documents is out of date
			return retrieval.ErrNotFound
		}
		return nil
	}
	l, _ := indexed(t, s, dir)
	revision, err := s.Revision(ctx)
	if err != nil || l.Revision() != revision || l.Len() != 12 {
		t.Errorf("%d clauses at %s, the store is at %s, %v", l.Len(), l.Revision(), revision, err)
	}
	s.before = nil
	again, read := indexed(t, s, dir)
	if read != 0 {
		t.Errorf("the file does not fit: %d documents read", read)
	}
	fresh, _ := indexed(t, s, "")
	for _, other := range []*retrieval.Library{l, again} {
		if diff := cmp.Diff(ids(search(t, fresh, anyQuery, 20)), ids(search(t, other, anyQuery, 20))); diff != "" {
			t.Errorf("hits (-fresh +got):\n%s", diff)
		}
	}
}

// While a store never stands still, the library takes what it can see, keeps no
// file of it, and catches up later.
func TestWriterNeverStops(t *testing.T) {
	s := smallStore(t, 3)
	dir := t.TempDir()
	l, _ := indexed(t, s, dir)
	before := l.Revision()
	edition := 1
	s.before = func(int32) error {
		edition++
		put(t, s.Store, 1, edition)
		return nil
	}
	put(t, s.Store, 2, 2)
	refresh(t, l)
	if l.Revision() == before || len(search(t, l, anyQuery, 20)) == 0 {
		t.Error("nothing of what was added can be found")
	}
	s.before = nil
	if now, err := s.Revision(ctx); err != nil || l.Revision() == now {
		t.Errorf("an index of a moving store passes for that of revision %s (%v)", now, err)
	}
	refresh(t, l)
	if now, err := s.Revision(ctx); err != nil || l.Revision() != now {
		t.Errorf("not caught up with revision %s (%v)", now, err)
	}
}

// Errors of the store come through, with what was being done.
func TestRefreshFails(t *testing.T) {
	broken := errors.New("disk on fire")
	s := smallStore(t, 3)
	s.before = func(int32) error { return broken }
	if err := retrieval.New(s, "").Refresh(ctx); !errors.Is(err, broken) || err.Error() == broken.Error() {
		t.Errorf("%v", err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	l, _ := indexed(t, smallStore(t, 3), "")
	if err := l.Refresh(cancelled); !errors.Is(err, context.Canceled) {
		t.Errorf("Refresh: %v", err)
	}
	if _, err := l.Search(cancelled, anyQuery, 3); !errors.Is(err, context.Canceled) {
		t.Errorf("Search: %v", err)
	}
}

// A clause that went out of the store since the last Refresh is left out.
func TestSearchAfterClauseIsGone(t *testing.T) {
	s := smallStore(t, 2)
	l, _ := indexed(t, s, "")
	doc, text, clauses := retrievaltest.Numbered(1, 1, 3)
	if _, err := s.Put(ctx, doc, text, clauses[:1]); err != nil {
		t.Fatal(err)
	}
	hits := search(t, l, anyQuery, 20)
	if len(hits) != 4 {
		t.Errorf("%q", ids(hits))
	}
}
