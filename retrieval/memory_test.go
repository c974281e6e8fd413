package retrieval_test

import (
	"context"
	"testing"

	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
)

func TestMemory(t *testing.T) {
	retrievaltest.TestStore(t, func(*testing.T) retrieval.Store { return retrieval.NewMemory() })
}

// A digest must tell apart what plain concatenation would confuse.
func TestDigestSeparatesFields(t *testing.T) {
	c := func(path, heading string, parents, departments []string) []retrieval.Clause {
		return []retrieval.Clause{{ID: "a.1", Path: path, Heading: heading, Start: 0, End: 1, Parents: parents, Departments: departments}}
	}
	seen := make(map[string]int)
	for i, clauses := range [][]retrieval.Clause{
		nil,
		c("ab", "c", nil, nil),
		c("a", "bc", nil, nil),
		c("a", "b", []string{"c"}, nil),
		c("a", "b", nil, []string{"c"}),
		c("a", "b", []string{"x", "y"}, nil),
		c("a", "b", []string{"xy"}, nil),
		c("a", "b", []string{"x"}, []string{"y"}),
		c("a", "b", []string{"x\n1 y"}, nil),
	} {
		d := retrieval.Digest("text", []byte("{}"), clauses)
		if j, ok := seen[d]; ok {
			t.Errorf("cases %d and %d have the same digest", j, i)
		}
		seen[d] = i
	}
}

func TestFingerprint(t *testing.T) {
	lists := [][]retrieval.Holding{
		nil,
		{{ID: "a", Version: 1, Digest: "d"}},
		{{ID: "a", Version: 2, Digest: "d"}},
		{{ID: "a", Version: 1, Digest: "e"}},
		{{ID: "a 1", Version: 1, Digest: "d"}},
		{{ID: "a", Version: 1, Digest: "d"}, {ID: "b", Version: 1, Digest: "d"}},
	}
	seen := make(map[string]int)
	for i, l := range lists {
		f := retrieval.Fingerprint(l)
		if j, ok := seen[f]; ok {
			t.Errorf("lists %d and %d have the same fingerprint", j, i)
		}
		seen[f] = i
		if again := retrieval.Fingerprint(l); again != f {
			t.Errorf("list %d: %s, then %s", i, f, again)
		}
	}
}

// Two libraries built anew from the same texts, cut differently, must not be
// taken for one another although ids, versions and hashes agree.
func TestRevisionSeesClauseBounds(t *testing.T) {
	ctx := context.Background()
	revision := func(end int) string {
		m := retrieval.NewMemory()
		clause := retrieval.Clause{ID: "a.1", Start: 0, End: end, Text: "一二三"[:3*end]}
		if _, err := m.Put(ctx, retrieval.Document{ID: "a"}, "一二三", []retrieval.Clause{clause}); err != nil {
			t.Fatal(err)
		}
		r, err := m.Revision(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if revision(2) == revision(3) {
		t.Error("the revision does not depend on where the clauses end")
	}
}
