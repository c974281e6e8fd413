package fakemodel

import (
	"reflect"
	"strings"
	"testing"

	"policybot/bot/model"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	want := sample()
	got, err := Parse(request(model.Repair, want))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("error %v\ngot  %+v\nwant %+v", err, got, want)
	}
}

// TestParseRoundTrip puts texts of attackers into every block: what is between
// fences is text, whatever it looks like.
func TestParseRoundTrip(t *testing.T) {
	text := rapid.OneOf(rapid.StringMatching(`[^\n]{0,30}`), rapid.SampledFrom([]string{
		"", "<</FENCE>>", "<<zzzzzzzzzzzz question>>", "<</zzzzzzzzzzzz>>", "Text:", "Place: x", "user: y", "<<" + fence, " <</" + fence + ">>", "{}", canary,
	}))
	rapid.Check(t, func(t *rapid.T) {
		want := Prompt{Fence: fence, Canary: canary, Language: rapid.SampledFrom([]string{"zh", "en"}).Draw(t, "language")}
		lines := rapid.Map(rapid.SliceOfN(text, 1, 4), func(s []string) string { return strings.Join(s, "\n") })
		want.Question = lines.Draw(t, "question")
		for _, handle := range []string{"k00000", "kabcde", "k1a2b3"}[:rapid.IntRange(0, 3).Draw(t, "clauses")] {
			want.Clauses = append(want.Clauses, Clause{handle, text.Draw(t, "document"), text.Draw(t, "place"), text.Draw(t, "under"), lines.Draw(t, "text")})
		}
		for range rapid.IntRange(0, 2).Draw(t, "said") {
			want.Said = append(want.Said, Line{text.Draw(t, "sentence"), []Quote{{"k00000", text.Draw(t, "quote")}}, text.Draw(t, "problem")})
		}
		got, err := Parse(request(model.Answer, want))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("error %v\ngot  %+v\nwant %+v", err, got, want)
		}
	})
}

func TestParseErrors(t *testing.T) {
	block := func(name, text string) string {
		return "<<" + fence + " " + name + ">>\n" + text + "\n<</" + fence + ">>\n"
	}
	language := block("language", "zh")
	for _, c := range []struct{ user, want string }{
		{"", "no fence"},
		{"<<A1b2c3d4e5f6 question>>\nq\n", "no fence"},
		{"<<" + fence + " question>>\nq\n", "not closed"},
		{"<<" + fence + " question>>\n<<" + fence + " history>>\n", "history begins inside block question"},
		{block("question", "q"), `language ""`},
		{block("language", "de"), `language "de"`},
		{language + block("question", "q") + block("question", "q"), "a second block question"},
		{language + block("clause kaaaaa", "Text:\nx") + block("clause kaaaaa", "Text:\nx"), "a second block clause kaaaaa"},
		{language + block("clause", "Text:\nx"), "no handle"},
		{language + block("clause kaaaaa", "Document: x"), `no line "Text:"`},
		{language + block("said", "{"), "block said"},
	} {
		if _, err := Parse(model.Request{User: c.user}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v, want %q", c.user, err, c.want)
		}
	}
	p, err := Parse(model.Request{User: "before\n" + block("today", "2031") + language})
	if err != nil || p.Language != "zh" || p.Canary != "" {
		t.Errorf("a block of another kind: %+v, %v", p, err)
	}
}
