package eligibility_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"

	"policybot/bot/eligibility"
	"policybot/bot/eligibility/eligibilitytest"
	"policybot/retrieval"
	"policybot/retrieval/retrievaltest"
	"policybot/seeds"
)

// measuresOf are the measures of a folder with catalogue.yaml and measures.yaml,
// bound to its documents.
func measuresOf(t testing.TB, folder fs.FS) []eligibility.Bound {
	t.Helper()
	lib, err := retrievaltest.FolderIn(t.Context(), retrieval.NewMemory(), folder)
	if err != nil {
		t.Fatal(err)
	}
	measures, err := eligibilitytest.Folder(t.Context(), lib, folder)
	if err != nil {
		t.Fatal(err)
	}
	return measures
}

// A score counts the measures of judged profiles.
type score struct{ found, wanted, offered, not, named, unknown int }

func (s *score) add(t *testing.T, p eligibilitytest.Judged, got map[string]eligibility.Result) {
	t.Helper()
	for _, m := range p.Match {
		s.wanted++
		if r := got[strings.ToLower(m.Measure)]; r.Verdict == eligibility.Met {
			s.found++
		} else {
			t.Errorf("%s: %s is %q %v, a match", p.ID, m.Measure, r.Verdict, r.Open())
		}
	}
	for _, m := range p.May {
		s.wanted++
		s.unknown += len(m.Unknown)
		r := got[strings.ToLower(m.Measure)]
		if r.Verdict == eligibility.Unknown {
			s.found++
		} else {
			t.Errorf("%s: %s is %q, may match", p.ID, m.Measure, r.Verdict)
		}
		for _, u := range m.Unknown {
			if names(r, u) {
				s.named++
			} else {
				t.Errorf("%s: %s does not name %q as unknown", p.ID, m.Measure, u)
			}
		}
	}
	for _, m := range p.No {
		s.not++
		if r := got[strings.ToLower(m.Measure)]; r.Verdict != eligibility.NotMet {
			s.offered++
			t.Errorf("%s: %s is %q, no match", p.ID, m.Measure, r.Verdict)
		}
	}
}

// names reports whether a result has an unknown criterion with this name or about
// this fact.
func names(r eligibility.Result, name string) bool {
	for _, c := range r.Criteria {
		if c.Verdict != eligibility.Unknown {
			continue
		}
		if c.Criterion.Name(r.Bound.Vocabulary(), "zh") == name {
			return true
		}
		for _, k := range c.Used {
			if k.Key == name {
				return true
			}
		}
	}
	return false
}

// TestProfiles compares measures with profiles judged by hand: of the seeds, and of
// documents whose measures and profiles were written without knowledge of the engine.
func TestProfiles(t *testing.T) {
	for name, set := range map[string]struct {
		folder   fs.FS
		profiles string
	}{
		"seeds":   {seeds.FS(), "testdata/profiles.jsonl"},
		"outside": {os.DirFS("testdata/outside"), "testdata/outside/profiles.jsonl"},
	} {
		t.Run(name, func(t *testing.T) {
			var s score
			bound := measuresOf(t, set.folder)
			v := eligibility.VocabularyOf(bound)
			judged, err := eligibilitytest.Profiles(set.profiles)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range judged {
				profile, unused, err := eligibility.ReadProfile(p.Profile, v)
				if err != nil {
					t.Fatal(p.ID, err)
				}
				if len(unused) > 0 {
					t.Logf("%s: not used: %v", p.ID, unused)
				}
				got := map[string]eligibility.Result{}
				for _, b := range bound {
					got[b.ID] = b.Evaluate(profile, p.Day)
				}
				s.add(t, p, got)
			}
			t.Logf("match and may match: %d of %d; no match offered: %d of %d; unknown named: %d of %d", s.found, s.wanted, s.offered, s.not, s.named, s.unknown)
		})
	}
}
