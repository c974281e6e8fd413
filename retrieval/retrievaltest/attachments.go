package retrievaltest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"policybot/retrieval"
)

func attach(t *testing.T, s retrieval.Store, list ...retrieval.Attachment) {
	t.Helper()
	if err := s.PutAttachments(t.Context(), list...); err != nil {
		t.Fatal(err)
	}
}

// attached wants the attachments of a kind to be these, as id and data by turns.
func attached(t *testing.T, s retrieval.Store, kind string, want ...string) {
	t.Helper()
	list, err := s.Attachments(t.Context(), kind)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range list {
		if a.Kind != kind {
			t.Errorf("an attachment of kind %q among those of kind %q", a.Kind, kind)
		}
		got = append(got, a.ID, string(a.Data))
	}
	if !slices.Equal(got, want) {
		t.Errorf("attachments of kind %q: %q, want %q", kind, got, want)
	}
}

func attachment(kind, id, data string) retrieval.Attachment {
	return retrieval.Attachment{Kind: kind, ID: id, Data: []byte(data)}
}

func testAttachments(t *testing.T, s retrieval.Store) {
	attached(t, s, "a")
	attach(t, s)
	attach(t, s, attachment("a", "2", "zwei"), attachment("b", "1", "other kind"), attachment("a", "10", "zehn"))
	attach(t, s, attachment("a", "1", "eins"))
	attached(t, s, "a", "1", "eins", "10", "zehn", "2", "zwei")
	attach(t, s, attachment("a", "2", "two"))
	attached(t, s, "a", "1", "eins", "10", "zehn", "2", "two")
	attach(t, s, attachment("a", "1", ""), attachment("a", "none", ""), attachment("c", "1", ""))
	attached(t, s, "a", "10", "zehn", "2", "two")
	attach(t, s, attachment("a", "3", "x"), attachment("a", "3", "y"), attachment("a", "10", "x"), attachment("a", "10", ""))
	attached(t, s, "a", "2", "two", "3", "y")
	attached(t, s, "b", "1", "other kind")
	attached(t, s, "c")
	attached(t, s, "")

	own := attachment("a", "2", "mine") // what was put and what was read is the caller's
	attach(t, s, own)
	own.Data[0] = 'x'
	list, err := s.Attachments(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	list[0].Data[0] = 'x'
	attached(t, s, "a", "2", "mine", "3", "y")
}

func testAttachmentNames(t *testing.T, s retrieval.Store) {
	ids := []string{"b", "a.b", "a", "é", "e\u0301", "a-b", "aa", "10", "9", "厦门", "Z", "𠮷", "\uffee", "a\x00b", " ", "'; --", "%"}
	const kind, data = "种类\x00'", "数据\x00\xff\n"
	for _, id := range ids {
		attach(t, s, attachment(kind, id, data+id))
	}
	slices.Sort(ids)
	var want []string
	for _, id := range ids {
		want = append(want, id, data+id)
	}
	attached(t, s, kind, want...)
	attached(t, s, "种类")
}

func testAttachmentsAllOrNothing(t *testing.T, s retrieval.Store) {
	attach(t, s, attachment("a", "1", "x"))
	for _, bad := range []retrieval.Attachment{
		attachment("", "1", "y"), attachment("a", "", "y"), attachment("a", "\xff", "y"), attachment("\xff", "1", "y"), attachment("", "", ""),
	} {
		if err := s.PutAttachments(t.Context(), attachment("a", "1", "y"), attachment("a", "2", "y"), bad); err == nil {
			t.Errorf("kind %q, id %q: no error", bad.Kind, bad.ID)
		}
		attached(t, s, "a", "1", "x")
	}
}

// testAttachmentsLeaveDocuments: documents and attachments know nothing of each other.
func testAttachmentsLeaveDocuments(t *testing.T, s retrieval.Store) {
	doc, text, clauses := Numbered(1, 1, 2)
	put(t, s, retrieval.Added, doc, text, clauses)
	before := state(t, s)
	attach(t, s, attachment("a", doc.ID, "x"))
	if after := state(t, s); after != before {
		t.Errorf("the store changed:\n%s\nwas\n%s", after, before)
	}
	put(t, s, retrieval.Unchanged, doc, text, clauses)
	doc, text, clauses = Numbered(1, 2, 2)
	put(t, s, retrieval.NewVersion, doc, text, clauses)
	attached(t, s, "a", doc.ID, "x")
}

func testAttachmentsCancelled(t *testing.T, s retrieval.Store) {
	attach(t, s, attachment("a", "1", "x"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, list := range [][]retrieval.Attachment{nil, {attachment("a", "1", "y")}, {attachment("a", "1", "")}} {
		if err := s.PutAttachments(ctx, list...); !errors.Is(err, context.Canceled) {
			t.Errorf("PutAttachments: error %v, want context.Canceled", err)
		}
	}
	if _, err := s.Attachments(ctx, "a"); !errors.Is(err, context.Canceled) {
		t.Errorf("Attachments: error %v, want context.Canceled", err)
	}
	attached(t, s, "a", "1", "x")
}

// testAttachmentsConcurrent has four writers replace the same attachments, and put some
// of their own, while four readers look; every reading must show one writing, whole.
func testAttachmentsConcurrent(t *testing.T, s retrieval.Store) {
	const writers, rounds, each = 4, 12, 5
	putAll := func(edition string) {
		var list []retrieval.Attachment
		for i := range each {
			list = append(list, attachment("shared", fmt.Sprint(i), edition))
		}
		list = append(list, attachment("own", edition, edition))
		if err := s.PutAttachments(t.Context(), list...); err != nil {
			t.Errorf("PutAttachments: %v", err)
		}
	}
	putAll("first")
	var writing, reading sync.WaitGroup
	done := make(chan struct{})
	for w := range writers {
		writing.Go(func() {
			for i := range rounds {
				putAll(fmt.Sprintf("%d.%02d", w, i))
			}
		})
		reading.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				list, err := s.Attachments(t.Context(), "shared")
				if err != nil || len(list) != each {
					t.Errorf("%d attachments, %v; want %d", len(list), err, each)
					return
				}
				for _, a := range list {
					if string(a.Data) != string(list[0].Data) {
						t.Errorf("two writings in one reading: %q and %q", list[0].Data, a.Data)
					}
				}
			}
		})
	}
	writing.Wait()
	close(done)
	reading.Wait()
	if list, err := s.Attachments(t.Context(), "own"); err != nil || len(list) != 1+writers*rounds {
		t.Errorf("%d attachments, %v; want %d", len(list), err, 1+writers*rounds)
	}
}
