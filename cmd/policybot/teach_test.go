package main

import (
	"strings"
	"testing"

	"policybot/retrieval"
)

func marked(t testing.TB, data string, args ...string) []retrieval.Taught {
	t.Helper()
	r := pb(t, data, append([]string{"review", "list", "--json"}, args...)...).want(t, exitOK)
	return decode[struct{ Taught []retrieval.Taught }](t, r).Taught
}

// Marking a question puts its clause first; undo restores what was printed.
func TestReview(t *testing.T) {
	data := seeded(t)
	const clause, question = "beijing-2018-2020.h3.b3", "大牛来北京做药,房子管不管"
	search := func() string { return pb(t, data, "search", "--json", question).want(t, exitOK).out }
	before := search()
	pb(t, data, "review", "teach", clause, question).want(t, exitOK)
	list := marked(t, data)
	if len(list) != 1 || list[0].Clause != clause || list[0].Question != question || list[0].By != me() || list[0].At.IsZero() || list[0].Stale {
		t.Fatalf("listed %+v", list)
	}
	if len(marked(t, data, "--clause", clause)) != 1 || len(marked(t, data, "--clause", "xiamen-2020-2022.h2")) != 0 {
		t.Error("the filter by clause does not filter")
	}
	if after := search(); after == before || !strings.Contains(after, list[0].ID) {
		t.Error("the search does not tell of the marking")
	}
	for _, tt := range []struct{ args, says string }{
		{"teach xiamen-2020-2022.h2 " + question, list[0].ID},
		{"teach no.such 怎么办", "no.such"},
		{"teach " + clause + " ?!", "2000"},
		{"undo t0", "t0"},
	} {
		r := pb(t, data, append([]string{"review"}, strings.Fields(tt.args)...)...).want(t, exitError)
		if !strings.Contains(r.err, tt.says) {
			t.Errorf("%s: %q does not say %q", tt.args, r.err, tt.says)
		}
	}
	if r := pb(t, data, "review", "list").want(t, exitOK); !strings.Contains(r.out, list[0].ID) {
		t.Errorf("the list is %q", r.out)
	}
	pb(t, data, "review", "undo", list[0].ID).want(t, exitOK)
	if search() != before || len(marked(t, data)) != 0 {
		t.Error("something is left after undo")
	}
}
