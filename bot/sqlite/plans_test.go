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
	} {
		t.Run(tt.name, func(t *testing.T) {
			var plan []string
			var id, parent, unused int
			var detail string
			args := make([]any, strings.Count(tt.query, "?"))
			err := db.read(t.Context(), "explain", func(x tx) error {
				return x.each(`EXPLAIN QUERY PLAN `+tt.query, args, []any{&id, &parent, &unused, &detail}, func() {
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
			if strings.Join(got, ", ") != strings.Join(tt.want, ", ") {
				t.Errorf("indexes %q, want %q; the plan is\n%s", got, tt.want, strings.Join(plan, "\n"))
			}
		})
	}
}
