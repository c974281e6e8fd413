package sqlite

import (
	"path/filepath"
	"strings"
	"testing"

	"policybot/bot/journal"
)

// TestPlans wants each query that looks for work to use an index that holds
// only what is under way, or one of the dialogue, so that its time does not
// grow with the file.
func TestPlans(t *testing.T) {
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), FileName), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	inbox := func(f journal.CaseFilter) string {
		f.State, f.Limit, f.After = journal.CaseOpen, 50, 1
		rest, _ := inboxRest(f)
		return caseQuery + rest
	}
	for _, tt := range []struct {
		name, query string
		want        []string // index of each table, in order
	}{
		{"inbox", inbox(journal.CaseFilter{}), []string{"k cases_state", "q sqlite_autoindex_questions_1"}},
		{"inbox of an owner", inbox(journal.CaseFilter{Owner: "li"}), []string{"k cases_owner", "q sqlite_autoindex_questions_1"}},
		{"inbox of nobody", inbox(journal.CaseFilter{Unowned: true}), []string{"k cases_owner", "q sqlite_autoindex_questions_1"}},
		{"inbox at a stage", inbox(journal.CaseFilter{Stage: journal.StageAwaiting}), []string{"k cases_stage", "q sqlite_autoindex_questions_1"}},
		{"inbox of an owner at a stage", inbox(journal.CaseFilter{Owner: "li", Stage: journal.StageEditing, Reason: "asked"}), []string{"k cases_owner_stage", "q sqlite_autoindex_questions_1"}},
		{"inbox for a reason", inbox(journal.CaseFilter{Reason: "asked", Newest: true}), []string{"k cases_reason", "q sqlite_autoindex_questions_1"}},
		{"waiting", waitingQuery + dueOrder, []string{"q questions_waiting", "e questions_open_dialogue"}},
		{"waiting, accepted before", waitingQuery + ` AND q.accepted_at < ?` + dueOrder, []string{"q questions_waiting", "e questions_open_dialogue"}},
		{"lapsed", lapsedQuery + dueOrder, []string{"q questions_leases", "e questions_open_dialogue"}},
		{"lapsed, accepted before", lapsedQuery + ` AND q.accepted_at < ?` + dueOrder, []string{"q questions_leases", "e questions_open_dialogue"}},
		{"earlier", earlierQuery, []string{"q questions_dialogue", "r sqlite_autoindex_records_1"}},
		{"outgoing", outgoingQuery, []string{"d deliveries_open", "e deliveries_open_dialogue", "p sqlite_autoindex_pauses_1", "b deliveries_posting"}},
		{"kept for cases", keptForCases, []string{
			"cases cases_reason", "k cases_reason", "q sqlite_autoindex_questions_1", "turn questions_dialogue",
			"b questions_dialogue", "(subquery-2) (subquery-2)", "a questions_dialogue", "(subquery-4) (subquery-4)",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) { wantPlan(t, db, tt.query, tt.want) })
	}
}

// TestSearchPlans wants a search to read the facts of all questions once, in the order in which they lie, and with
// them the texts of answers; where the questions between two times are few, theirs alone. The rows of a page
// are found by number.
func TestSearchPlans(t *testing.T) {
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), FileName), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	asked := func(q journal.Query, some bool) string {
		c := &clause{}
		c.from(1, 2, some)
		c.values(q)
		c.words(q)
		c.terms = journal.Terms("two words")
		list, _ := c.columns(loggedColumns...)
		return list + c.text.String()
	}
	newest := func(q journal.Query) string {
		c := &clause{}
		c.from(1, 2, false)
		c.values(q)
		c.words(q)
		c.judged(q)
		return newestQuery(c)
	}
	everything := journal.Query{Channel: "a", Place: "b", Rating: journal.Any, Masked: journal.Yes, Words: "c"}
	for _, tt := range []struct {
		name, query string
		want        []string
	}{
		{"all", asked(everything, false), []string{"f f"}},
		{"some", asked(everything, true), []string{"f sqlite_autoindex_facts_1"}},
		{"newest", newest(journal.Query{Outcome: "a", Case: journal.None}), []string{"f sqlite_autoindex_facts_1"}},
		{"newest rated", newest(journal.Query{Rating: journal.Bad, Case: journal.None}), []string{"f facts_rating"}},
		{"newest reviewed", newest(journal.Query{Verdict: "a"}), []string{"f facts_verdict"}},
		{"answers", textsQuery, []string{"a a"}},
		{"asker", asked(journal.Query{Asker: "a"}, false), []string{"f f", "questions questions_asker"}},
		{"dialogue", asked(journal.Query{Dialogue: "a"}, false), []string{"f f", "questions questions_dialogue"}},
		{"rows", rowsQuery(3), []string{"f sqlite_autoindex_facts_1", "q sqlite_autoindex_questions_1"}},
	} {
		t.Run(tt.name, func(t *testing.T) { wantPlan(t, db, tt.query, tt.want) })
	}
}

// wantPlan checks which index of each table a query uses, in order; a table that is read as a whole stands twice.
func wantPlan(t *testing.T, db *DB, query string, want []string) {
	t.Helper()
	var plan []string
	var id, parent, unused int
	var detail string
	args := make([]any, strings.Count(query, "?"))
	err := db.read(t.Context(), "explain", func(x tx) error {
		return x.each(`EXPLAIN QUERY PLAN `+query, args, []any{&id, &parent, &unused, &detail}, func() {
			plan = append(plan, detail)
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range plan {
		if words := strings.Fields(strings.ReplaceAll(line, "COVERING ", "")); words[0] == "SEARCH" || words[0] == "SCAN" {
			got = append(got, words[1]+" "+words[min(4, len(words)-1)])
		}
	}
	if strings.Join(got, ", ") != strings.Join(want, ", ") {
		t.Errorf("indexes %q, want %q; the plan is\n%s", got, want, strings.Join(plan, "\n"))
	}
}
