package retrieval_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"policybot/retrieval"
	"policybot/retrieval/bridge"
)

// Lay words of nobody, and what they are lines for.
const (
	wordsLines   = "# 本区的说法\r\n龘靐齉 > 生物医药企业上市\nzorbling = 龘靐齉;企业上市\n"
	layChinese   = "龘靐齉"
	layEnglish   = "zorbling?"
	wordsAnother = "充电设施补贴每千瓦时多少"
)

func setWords(t testing.TB, l *retrieval.Library, base int, text string) retrieval.Words {
	t.Helper()
	w, err := l.SetWords(ctx, retrieval.Words{N: base, Text: text, By: "lin", At: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func foundJSON(t testing.TB, l *retrieval.Library, questions ...string) string {
	t.Helper()
	var out []string
	for _, q := range questions {
		found, err := l.Search(ctx, retrieval.Query{Text: q}, 50)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(found)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(text))
	}
	return strings.Join(out, "\n")
}

// A word that nothing was found by finds its clause when a line is added, and nothing again
// when it is taken back, to the byte; other questions find what they did.
func TestWords(t *testing.T) {
	bothStores(t, func(t *testing.T, store retrieval.Store) {
		l, other := sampleLibrary(t, store, t.TempDir()), retrieval.New(store, "")
		refresh(t, other)
		lay := []string{layChinese, layEnglish}
		before, same, revision := foundJSON(t, l, lay...), foundJSON(t, l, wordsAnother, taughtAsk), l.Revision()
		if hits := search(t, l, retrieval.Query{Text: layChinese}, 5); len(hits) > 0 {
			t.Fatalf("%s finds %s already", layChinese, hits[0].Clause.ID)
		}
		trial, err := l.TryWords(ctx, wordsLines)
		if err != nil {
			t.Fatal(err)
		}
		tried := foundJSON(t, trial, lay...)
		if foundJSON(t, l, lay...) != before {
			t.Error("a trial changes the library")
		}
		w := setWords(t, l, 0, wordsLines)
		if w.N != 1 || w.Text != strings.ReplaceAll(wordsLines, "\r", "") || w.By != "lin" {
			t.Errorf("stored %+v", w)
		}
		for _, q := range lay {
			hits := search(t, l, retrieval.Query{Text: q}, 5)
			if len(hits) == 0 || !strings.Contains(hits[0].Clause.Text, "上市") {
				t.Errorf("%s finds %d", q, len(hits))
			}
		}
		found, err := l.Search(ctx, retrieval.Query{Text: layEnglish}, 1)
		if err != nil || !slices.ContainsFunc(found.Concepts, func(c retrieval.Concept) bool {
			return slices.ContainsFunc(c.Forms, func(f bridge.Form) bool { return f.Entry == "own:3" })
		}) {
			t.Errorf("no form says where it is from: %+v, %v", found.Concepts, err)
		}
		if foundJSON(t, l, lay...) != tried || foundJSON(t, l, wordsAnother, taughtAsk) != same || l.Revision() != revision {
			t.Error("another search than the trial's, or other questions find something else")
		}
		if foundJSON(t, other, lay...) != before {
			t.Error("another process has them before Refresh")
		}
		refresh(t, other)
		if foundJSON(t, other, lay...) != tried {
			t.Error("another process has not taken them over")
		}
		setWords(t, l, 1, "")
		refresh(t, other)
		if foundJSON(t, l, append(lay, wordsAnother, taughtAsk)...) != before+"\n"+same || foundJSON(t, other, lay...) != before {
			t.Error("something is left")
		}
	})
}

// An index entry that was made with added words there, and documents added, leave both.
func TestWordsBeside(t *testing.T) {
	l := sampleLibrary(t, retrieval.NewMemory(), "")
	setWords(t, l, 0, wordsLines)
	with := foundJSON(t, l, layChinese)
	e := teach(t, l, lastClause, taughtAsk)
	if foundJSON(t, l, layChinese) != with || search(t, l, retrieval.Query{Text: taughtAsk}, 1)[0].Clause.ID != lastClause {
		t.Error("an index entry and added words are not there together")
	}
	trial, err := l.TryWords(ctx, "")
	if err != nil || search(t, trial, retrieval.Query{Text: taughtAsk}, 1)[0].Clause.ID != lastClause || len(search(t, trial, retrieval.Query{Text: layChinese}, 1)) > 0 {
		t.Errorf("a trial without lines, %v", err)
	}
	if _, err := l.Unteach(ctx, e.ID); err != nil {
		t.Fatal(err)
	}
	add(t, l, file("/d", "a.txt", measures(1)))
	refresh(t, l)
	if len(search(t, l, retrieval.Query{Text: layChinese}, 1)) == 0 {
		t.Error("added words are gone after a document was added")
	}
	l = sampleLibrary(t, retrieval.NewMemory(), "")
	l.UseBridge(nil)
	setWords(t, l, 0, wordsLines)
	add(t, l, file("/d", "a.txt", measures(1)))
	refresh(t, l)
	if len(search(t, l, retrieval.Query{Text: layChinese}, 1)) > 0 {
		t.Error("a library without other words uses added ones")
	}
}

// Who goes on from another version than the latest is told so; mistakes change nothing.
func TestWordsRefused(t *testing.T) {
	bothStores(t, func(t *testing.T, store retrieval.Store) {
		l := sampleLibrary(t, store, "")
		setWords(t, l, 0, wordsLines)
		for _, base := range []int{0, 2, -1} {
			_, err := l.SetWords(ctx, retrieval.Words{N: base, Text: "another > 补贴"})
			if c, ok := errors.AsType[*retrieval.WordsConflict](err); !ok || c.Latest.N != 1 || c.Latest.By != "lin" || !strings.Contains(c.Latest.Text, layChinese) {
				t.Errorf("from version %d: %v", base, err)
			}
		}
		_, err := l.SetWords(ctx, retrieval.Words{N: 1, Text: "good > 补贴\nbad\n> 补贴"})
		if w, ok := errors.AsType[*retrieval.WordsError](err); !ok || !errors.Is(err, retrieval.ErrWords) || len(w.Lines) != 2 || w.Lines[0] != (bridge.LineError{Line: 2, Mistake: bridge.NoMark}) {
			t.Errorf("mistakes: %v", err)
		}
		for n := 1; n < 15; n++ {
			setWords(t, l, n, fmt.Sprintf("word%d > 补贴", n+1))
		}
		list, err := l.Words(ctx)
		if err != nil || len(list) != retrieval.KeptWords || list[0].N != 15 || list[9].N != 6 || list[9].Text != "word6 > 补贴" {
			t.Errorf("kept %+v, %v", list, err)
		}
		// A line that was none of a mistake once, and is one now, does no harm.
		data := `[{"n":1,"text":"龘靐齉\n` + layChinese + ` > 生物医药企业上市"}]`
		if err := store.PutAttachments(ctx, retrieval.Attachment{Kind: "words", ID: "own", Data: []byte(data)}, retrieval.Attachment{Kind: "taught-changed", ID: "last", Data: []byte("x")}); err != nil {
			t.Fatal(err)
		}
		refresh(t, l)
		if len(search(t, l, retrieval.Query{Text: layChinese}, 1)) == 0 {
			t.Error("a bad line takes the good one along")
		}
		if err := store.PutAttachments(ctx, retrieval.Attachment{Kind: "words", ID: "own", Data: []byte("{")}, retrieval.Attachment{Kind: "taught-changed", ID: "last", Data: []byte("y")}); err != nil {
			t.Fatal(err)
		}
		if err := l.Refresh(ctx); err == nil || !strings.Contains(err.Error(), "added words") {
			t.Errorf("damaged: %v", err)
		}
	})
}

// BenchmarkWords searches without added lines, which costs what it did before, and with
// as many as there can be.
func BenchmarkWords(b *testing.B) {
	var lines strings.Builder
	for i := range bridge.MaxLines {
		fmt.Fprintf(&lines, "word%d > 补贴%d\n", i, i%150)
	}
	for name, text := range map[string]string{"none": "", "2000": lines.String()} {
		b.Run(name, func(b *testing.B) {
			l := sampleLibrary(b, retrieval.NewMemory(), "")
			if text != "" {
				setWords(b, l, 0, text)
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				search(b, l, retrieval.Query{Text: benchmarkQuestions[i%len(benchmarkQuestions)], Told: -1}, 20)
				i++
			}
		})
	}
}

// An entry of single characters joined by + finds its clause, wherever they stand in the
// question: by themselves or within a longer word.
func TestWordsSingleCharacters(t *testing.T) {
	l := sampleLibrary(t, retrieval.NewMemory(), t.TempDir())
	w := setWords(t, l, 0, "龘+靐 > 生物医药企业上市\n靐齉+靇 > 生物医药企业上市\n")
	for _, q := range []string{"龘一个靐", "靐怎么龘", "我们要龘那只靐", "靐齉的靇"} {
		if hits := search(t, l, retrieval.Query{Text: q}, 5); len(hits) == 0 || !strings.Contains(hits[0].Clause.Text, "上市") {
			t.Errorf("%s finds %d", q, len(hits))
		}
	}
	for _, q := range []string{"龘", "靐", "靇"} {
		if hits := search(t, l, retrieval.Query{Text: q}, 5); len(hits) > 0 {
			t.Errorf("%s finds %s", q, hits[0].Clause.ID)
		}
	}
	setWords(t, l, w.N, "齉+靇 > 生物医药企业上市\n龘齉靐 ~ 麤鱻爩\n")
	if hits := search(t, l, retrieval.Query{Text: "龘齉靐靇"}, 5); len(hits) == 0 || !strings.Contains(hits[0].Clause.Text, "上市") {
		t.Error("a character within a longer word is not looked at")
	}
}

// Added lines count where a question is compared with index entries, and no longer when
// they are taken back.
func TestWordsCompared(t *testing.T) {
	bothStores(t, func(t *testing.T, store retrieval.Store) {
		l := sampleLibrary(t, store, "")
		teach(t, l, lastClause, "火锅店贷款贴息怎么领")
		const lay = "龘靐店麤鱻爩怎么领"
		first := func(l *retrieval.Library) bool {
			hits := search(t, l, retrieval.Query{Text: lay}, 5)
			return len(hits) > 0 && hits[0].Clause.ID == lastClause && hits[0].Why.Taught != nil
		}
		if first(l) {
			t.Fatal("it is found without lines")
		}
		const lines = "火锅店 ~ 龘靐店\n贷款贴息 ~ 麤鱻爩\n"
		trial, err := l.TryWords(ctx, lines)
		if err != nil {
			t.Fatal(err)
		}
		if !first(trial) || first(l) {
			t.Error("a trial does not compare with its lines, or the library with them")
		}
		w := setWords(t, l, 0, lines)
		other := retrieval.New(store, "")
		refresh(t, other)
		if !first(l) || !first(other) {
			t.Error("the entry is not found with the lines")
		}
		setWords(t, l, w.N, "")
		if first(l) {
			t.Error("the entry is found without the lines")
		}
	})
}
