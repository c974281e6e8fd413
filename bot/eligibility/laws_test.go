package eligibility_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"policybot/bot/eligibility"
	"policybot/seeds"
)

// profiles is how many random profiles the laws are tried on, and slower by how much
// fewer that is under the race detector.
const profiles = 10_000

var slower uint64 = 1

// A world is an enterprise of which everything is known, and no fact contradicts
// another.
func world(r *rand.Rand, v *eligibility.Vocabulary) []eligibility.Known {
	var out []eligibility.Known
	places := []string{"北京/海淀", "北京/昌平", "北京/顺义", "北京/经济技术开发区", "厦门/海沧", "厦门/思明", "上海/浦东", "泉州", "境外"}
	place := places[r.IntN(len(places))]
	yes := map[string]bool{}
	for _, key := range v.Keys() {
		if f, _ := v.Fact(key); f.Kind == eligibility.YesNo && r.IntN(2) == 0 && (f.Within == "" || strings.HasPrefix(place, f.Within)) {
			imply(v, yes, key)
		}
	}
	for _, key := range v.Keys() {
		k := eligibility.Known{Key: key}
		switch f, _ := v.Fact(key); f.Kind {
		case eligibility.YesNo:
			k.Value = map[bool]string{true: eligibility.Yes, false: eligibility.No}[yes[key]]
		case eligibility.Choice:
			k.Value = f.Values[r.IntN(len(f.Values))].Value
		case eligibility.Number:
			k.Value = fmt.Sprint(r.IntN(20))
		case eligibility.Place:
			k.Value = place // where it is and where it will be
		}
		out = append(out, k)
	}
	return out
}

// imply makes a fact true with all that it implies.
func imply(v *eligibility.Vocabulary, yes map[string]bool, key string) {
	yes[key] = true
	f, _ := v.Fact(key)
	for _, next := range f.Implies {
		imply(v, yes, next)
	}
}

// some are some of the facts of a list, in an order of their own. Of those with a
// district sometimes only the city is known.
func some(r *rand.Rand, all []eligibility.Known) []eligibility.Known {
	var out []eligibility.Known
	share := r.IntN(100)
	for _, k := range all {
		if r.IntN(100) < share {
			out = append(out, k)
		}
	}
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// backward is a list from its end.
func backward(list []eligibility.Known) []eligibility.Known {
	out := slices.Clone(list)
	slices.Reverse(out)
	return out
}

func evaluate(bound []eligibility.Bound, facts []eligibility.Known, day time.Time) []eligibility.Result {
	var out []eligibility.Result
	for _, b := range bound {
		out = append(out, b.Evaluate(eligibility.Profile{Facts: facts}, day))
	}
	return out
}

// TestLaws states what holds of every measure and any profile: what is decided from a
// part of the facts is decided so from all of them, whatever their order; what is not
// known decides nothing; a new fact asks nothing anew; a question can change
// something; when there is none, nothing can be decided by asking.
func TestLaws(t *testing.T) {
	bound := measuresOf(t, seeds.FS())
	v := eligibility.VocabularyOf(bound)
	day := time.Date(2022, 6, 1, 0, 0, 0, 0, time.UTC)
	for seed := range profiles / slower {
		r := rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // the profiles are to be the same each time
		all := world(r, v)
		more := some(r, all)
		fewer := some(r, more)
		before, after := evaluate(bound, fewer, day), evaluate(bound, more, day)
		truth, shuffled := evaluate(bound, all, day), evaluate(bound, backward(fewer), day)
		for i, b := range before {
			decided := b.Verdict != eligibility.Unknown
			switch {
			case decided && (after[i].Verdict != b.Verdict || truth[i].Verdict != b.Verdict):
				t.Fatalf("profile %d: %s is %s with few facts, %s with more, %s with all", seed, b.Bound.ID, b.Verdict, after[i].Verdict, truth[i].Verdict)
			case shuffled[i].Verdict != b.Verdict:
				t.Fatalf("profile %d: %s is %s or %s by the order of the facts", seed, b.Bound.ID, b.Verdict, shuffled[i].Verdict)
			case decided && len(b.Open()) > 0 || !decided && len(b.Open()) == 0:
				t.Fatalf("profile %d: %s is %s and depends on %v", seed, b.Bound.ID, b.Verdict, b.Open())
			}
			for _, key := range after[i].Open() {
				if !slices.Contains(b.Open(), key) {
					t.Fatalf("profile %d: with more facts %s depends on %s, which it did not before", seed, b.Bound.ID, key)
				}
			}
		}
		if seed%5 == 0 {
			asks(t, seed, v, bound, fewer, all, day)
		}
	}
}

// asks has the interview of a profile to its end, each question answered truthfully.
func asks(t *testing.T, seed uint64, v *eligibility.Vocabulary, bound []eligibility.Bound, facts, all []eligibility.Known, day time.Time) {
	t.Helper()
	asked := map[string]bool{}
	facts = slices.Clone(facts)
	for range len(v.Keys()) + 1 {
		results := evaluate(bound, facts, day)
		q, ok := eligibility.Next(results, eligibility.Result.Fits, nil)
		if !ok {
			for _, r := range results {
				for _, key := range r.Open() {
					if f, _ := v.Fact(key); f.Askable() {
						t.Fatalf("profile %d: nothing is asked, and %s depends on %s", seed, r.Bound.ID, key)
					}
				}
			}
			return
		}
		for _, key := range q.Keys {
			if asked[key] {
				t.Fatalf("profile %d: %s is asked for twice", seed, key)
			}
			asked[key] = true
			if slices.ContainsFunc(facts, func(k eligibility.Known) bool { return k.Key == key }) {
				t.Fatalf("profile %d: %s is asked for and known", seed, key)
			}
			if !slices.ContainsFunc(results, func(r eligibility.Result) bool { return slices.Contains(r.Open(), key) }) {
				t.Fatalf("profile %d: %s is asked for and can change nothing", seed, key)
			}
			facts = append(facts, all[slices.IndexFunc(all, func(k eligibility.Known) bool { return k.Key == key })])
		}
	}
	t.Fatalf("profile %d: the interview does not end", seed)
}

// TestNamed states that every verdict names its criteria, with words that stand in the
// document.
func TestNamed(t *testing.T) {
	for _, b := range measuresOf(t, seeds.FS()) {
		for _, lang := range []string{"zh", "en"} {
			for _, c := range b.Criteria {
				if name := c.Name(b.Vocabulary(), lang); name == "" || strings.Contains(name, "{") {
					t.Errorf("%s: %q has the name %q", b.ID, c.Need, name)
				}
			}
		}
		if !strings.Contains(b.Offer(), b.Quote) || !strings.Contains(b.Clause.Text, b.Offer()) {
			t.Errorf("%s: the offer %q is not of its clause", b.ID, b.Offer())
		}
	}
}
