package sqlite_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
)

// BenchmarkPut stores new documents of 20 clauses, each on the disk when Put
// returns.
func BenchmarkPut(b *testing.B) {
	db := openNew(b)
	n := 0
	for b.Loop() {
		mustPut(b, db, n, 1, 20)
		n++
	}
}

// BenchmarkPutUnchanged puts a document that is already there.
func BenchmarkPutUnchanged(b *testing.B) {
	db := openNew(b)
	doc, text, list := retrievaltest.Numbered(1, 1, 20)
	for b.Loop() {
		if _, err := db.Put(b.Context(), doc, text, list); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLarge measures a database of 60,000 clauses in 3,000 documents.
func BenchmarkLarge(b *testing.B) {
	const documents, clauses = 3000, 20
	db := openNew(b)
	for n := range documents {
		mustPut(b, db, n, 1, clauses)
	}
	random := rand.New(rand.NewPCG(1, 1))
	id := func() string {
		return fmt.Sprintf("numbered-%06d.%d", random.IntN(documents), 1+random.IntN(clauses))
	}
	b.Run("Lookup10", func(b *testing.B) {
		ids := make([]string, 10)
		for b.Loop() {
			for i := range ids {
				ids[i] = id()
			}
			if list, err := db.Lookup(b.Context(), ids); err != nil || len(list) != 10 {
				b.Fatal(len(list), err)
			}
		}
	})
	b.Run("Lookup500", func(b *testing.B) {
		ids := make([]string, 500)
		for b.Loop() {
			for i := range ids {
				ids[i] = id()
			}
			if list, err := db.Lookup(b.Context(), ids); err != nil || len(list) != 500 {
				b.Fatal(len(list), err)
			}
		}
	})
	b.Run("Clauses", func(b *testing.B) {
		for b.Loop() {
			if _, err := db.Clauses(b.Context(), fmt.Sprintf("numbered-%06d", random.IntN(documents))); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Documents", func(b *testing.B) {
		for b.Loop() {
			if list, err := db.Documents(b.Context()); err != nil || len(list) != documents {
				b.Fatal(err)
			}
		}
	})
	b.Run("Revision", func(b *testing.B) {
		for b.Loop() {
			if _, err := db.Revision(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Check", func(b *testing.B) {
		for b.Loop() {
			if err := db.Check(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkLookup10LongText looks up ten clauses of one text of 3 MB.
func BenchmarkLookup10LongText(b *testing.B) {
	db := openNew(b)
	text := strings.Repeat("对在本市开展的临床试验给予资助。", 65536)
	parts := make([]string, 10)
	for i := range parts {
		parts[i] = text[:48]
	}
	list := retrievaltest.Cut("a", text, parts...)
	if _, err := db.Put(b.Context(), retrieval.Document{ID: "a"}, text, list); err != nil {
		b.Fatal(err)
	}
	ids := make([]string, 10)
	for i, c := range list {
		ids[i] = c.ID
	}
	for b.Loop() {
		if found, err := db.Lookup(b.Context(), ids); err != nil || len(found) != 10 {
			b.Fatal(len(found), err)
		}
	}
}
