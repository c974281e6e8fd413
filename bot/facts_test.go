package bot

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"policybot/bot/generate"
	"policybot/bot/journal"
	"policybot/bot/model"
	"policybot/retrieval"
)

// TestFacts: what searches of the log know of an answer is read from its JSON, which package journal knows by name.
func TestFacts(t *testing.T) {
	clause := func(id, document, place string) Citation {
		return Citation{Clause: retrieval.Clause{ID: id, Document: retrieval.Document{ID: document, Jurisdiction: place}}}
	}
	used := func(in, out int) []generate.Call {
		return []generate.Call{{Usage: model.Usage{TokensIn: in, TokensOut: out}}}
	}
	answer := Answer{
		Lang: "zh", Mode: ModeExtractive, Model: "m-1", Fallback: problemUnverified, Text: "text", Ms: Timings{Total: 1.5},
		Citations: []Citation{clause("a.1", "a", "厦门"), clause("b.2", "b", ""), clause("a.1", "a", "厦门")},
		Notices:   []Notice{{Kind: NoticeUndated}}, Places: Places{Others: []string{"深圳", "厦门"}},
	}
	record := Record{Evidence: &Evidence{Calls: used(3, 4), Written: &generate.Trace{Calls: used(10, 20)}}}
	text, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	evidence, err := json.Marshal(record)
	if err != nil {
		t.Fatal(err)
	}
	want := journal.Facts{
		Lang: "zh", Mode: journal.ModeFallback, Model: "m-1", Took: 1500 * time.Microsecond, TokensIn: 13, TokensOut: 24,
		Clauses: []string{"a.1", "b.2"}, Documents: []string{"a", "b"}, Places: []string{"厦门", "深圳"}, Notices: []string{NoticeUndated}, Text: "text",
	}
	if diff := cmp.Diff(want, journal.FactsOf(text, evidence)); diff != "" {
		t.Errorf("facts differ (-want +got):\n%s", diff)
	}
	if Abstained != "abstained" {
		t.Error("figures count the reasons of what is abstained")
	}
}
