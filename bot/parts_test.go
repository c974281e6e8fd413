package bot

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"policybot/bot/understand"
	"policybot/retrieval"
)

// caseLines calls a test for each line of a file in testdata: what stands
// before its arrow, cut at |, and after it.
func caseLines(t *testing.T, file string, least int, test func(t *testing.T, line string, fields []string, want string)) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, line := range dataLines(string(data)) {
		n++
		before, want, ok := strings.Cut(line+" ", " -> ")
		if !ok {
			t.Errorf("%s: no arrow in %q", file, line)
		}
		fields := strings.Split(before, "|")
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		test(t, line, fields, strings.TrimSpace(want))
	}
	if n < least {
		t.Errorf("only %d cases in %s", n, file)
	}
}

func asked(question string, docs ...retrieval.Document) understand.Understanding {
	return understand.Read(understand.Question{Text: question}, docs)
}

// field returns the i-th field, or "".
func field(fields []string, i int) string {
	if i < len(fields) {
		return fields[i]
	}
	return ""
}

// madeUp reads a document from "name=value; name=value".
func madeUp(t *testing.T, text string) retrieval.Document {
	t.Helper()
	d := retrieval.Document{ID: "d"}
	to := map[string]*string{
		"id": &d.ID, "title": &d.Title, "number": &d.Number, "place": &d.Jurisdiction, "issued": &d.IssuedOn, "from": &d.ValidFrom,
		"until": &d.ValidUntil, "deadline": &d.Deadline, "kind": &d.Kind, "language": &d.Language,
	}
	for _, pair := range strings.Split(text, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		switch name {
		case "":
		case "target":
			d.TargetYear, _ = strconv.Atoi(value)
		case "translated":
			d.Translated = true
		case "repealed":
			d.Repealed = true
		case "names":
			d.Mentions = []retrieval.Mention{{Title: value, Clause: "d.m"}}
		default:
			if to[name] == nil {
				t.Fatalf("no fact %q of a document", name)
			}
			*to[name] = value
		}
	}
	return d
}

// TestFacets reads testdata/facets.txt.
func TestFacets(t *testing.T) {
	caseLines(t, "facets.txt", 40, func(t *testing.T, line string, f []string, want string) {
		c := retrieval.Clause{ID: "c", Text: field(f, 1), Heading: field(f, 2)}
		got := lacking(asked(f[0]), []judged{{hit: retrieval.Hit{Clause: c}}}, func(j judged) string { return j.hit.Clause.Text })
		if got == "" {
			got = "-"
		}
		if got != want {
			t.Errorf("%s: lacks %s", line, got)
		}
	})
}

// TestAsks reads testdata/asks.txt.
func TestAsks(t *testing.T) {
	caseLines(t, "asks.txt", 20, func(t *testing.T, line string, f []string, want string) {
		got := "tells"
		if asks(f[0]) {
			got = "asks"
		}
		if got != want {
			t.Errorf("%s: it %s", line, got)
		}
	})
}

// TestBenefits reads testdata/benefits.txt.
func TestBenefits(t *testing.T) {
	caseLines(t, "benefits.txt", 9, func(t *testing.T, line string, f []string, want string) {
		e := Evidence{Understanding: asked(f[0]), Sides: []Side{{}}}
		got := "-"
		if e.unnamed([]judged{{hit: retrieval.Hit{Clause: retrieval.Clause{ID: "c", Text: field(f, 1)}}}}) {
			got = "expense"
		}
		if got != want {
			t.Errorf("%s: %s", line, got)
		}
	})
}

// TestFrames: what stands above or below a document answers a question on it, and no other.
func TestFrames(t *testing.T) {
	ranked := []judged{{hit: retrieval.Hit{Clause: retrieval.Clause{ID: "d.head"}, Score: 2}, coverage: 1}, {hit: retrieval.Hit{Clause: retrieval.Clause{ID: "d.h1"}, Score: 1}, coverage: 1}}
	for question, want := range map[string]string{"隔离时间能不能短一点": "d.h1", "是哪天印发的": "d.head"} {
		if got := choose(ranked, asked(question)); len(got) == 0 || got[0].hit.Clause.ID != want {
			t.Errorf("%s: %v, want %s", question, got, want)
		}
	}
}

// TestExpensesOfOneLanguage: a line without words of one language says nothing of questions in it.
func TestExpensesOfOneLanguage(t *testing.T) {
	for _, line := range []string{"租金", "rent"} {
		f := readExpenses(line)[0]
		if f.asked(asked("Is there a subsidy?")) || f.asked(asked("有没有补贴？")) {
			t.Errorf("%s is asked for by anything", line)
		}
	}
}

// TestAnchors reads testdata/anchors.txt.
func TestAnchors(t *testing.T) {
	texts := []string{
		"甲市数字经济行动计划", "甲府办〔2021〕9号 2021年3月4日", "到2025年,数字经济规模达1000亿元", "本计划有效期至2025年12月31日", "以上措施于2023年6月30日前落实", "measures by June 30, 2023",
	}
	caseLines(t, "anchors.txt", 10, func(t *testing.T, line string, f []string, want string) {
		d := madeUp(t, "title=甲市数字经济行动计划; "+f[0])
		var clauses []retrieval.Clause
		for i, s := range texts {
			c := retrieval.Clause{ID: strconv.Itoa(i + 1), Text: s, Document: d}
			if i == 2 {
				c.Heading = "发展目标"
			}
			clauses = append(clauses, c)
		}
		u := asked(f[1], d)
		var ids []string
		if asksDocument(u) {
			for _, c := range anchors(clauses, u) {
				ids = append(ids, c.ID)
			}
		} else {
			ids = []string{"no"}
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s: %q", line, got)
		}
	})
	if len(anchors(nil, asked("厦门计划的文号"))) > 0 {
		t.Error("anchors of no clauses")
	}
}

// TestGap reads testdata/gap.txt.
func TestGap(t *testing.T) {
	caseLines(t, "gap.txt", 12, func(t *testing.T, line string, f []string, want string) {
		if len(f) == 1 {
			if got := fmt.Sprint(gapAsked.MatchString(asked(f[0]).Folded)); got != want {
				t.Errorf("%s: %s", line, got)
			}
			return
		}
		var ranked []judged
		for i, s := range f {
			parts := strings.SplitN(s, " ", 3)
			share, err := strconv.ParseFloat(parts[1], 64)
			if err != nil {
				t.Fatal(err)
			}
			c := retrieval.Clause{ID: strconv.Itoa(i + 1), Text: parts[2], Document: retrieval.Document{ID: parts[0]}}
			ranked = append(ranked, judged{hit: retrieval.Hit{Clause: c}, coverage: share})
		}
		var ids []string
		for _, j := range gap(ranked) {
			ids = append(ids, j.hit.Clause.ID)
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s: %q", line, got)
		}
	})
}

// TestOnlyElsewhere reads testdata/elsewhere.txt.
func TestOnlyElsewhere(t *testing.T) {
	caseLines(t, "elsewhere.txt", 6, func(t *testing.T, line string, f []string, want string) {
		var concepts []retrieval.Concept
		for _, w := range strings.Fields(f[0]) {
			concepts = append(concepts, retrieval.Concept{Text: w, Weight: 1})
		}
		hits := func(id, text string) []retrieval.Hit {
			language, text, _ := strings.Cut(text, " ")
			return []retrieval.Hit{{Clause: retrieval.Clause{ID: id, Text: text, Document: retrieval.Document{ID: id, Language: language}}, Score: 1}}
		}
		e := &Evidence{Sides: []Side{{Concepts: concepts}}, Elsewhere: hits("there", f[2])}
		if got := fmt.Sprint(e.onlyElsewhere(rank(hits("here", f[1]), e.Understanding, concepts))); got != want {
			t.Errorf("%s: %s", line, got)
		}
	})
}

// TestNotices reads testdata/notices.txt: a made-up document, the day, the
// question and the words that are quoted, then what the answer must say of it.
func TestNotices(t *testing.T) {
	kinds := map[string]map[string]bool{"zh": {}, "en": {}}
	caseLines(t, "notices.txt", 40, func(t *testing.T, line string, f []string, want string) {
		d := madeUp(t, f[0])
		day, err := time.Parse(time.DateOnly, f[1])
		if err != nil {
			t.Fatal(err)
		}
		e := &Evidence{Understanding: asked(f[2], d), Named: namedOnly([]retrieval.Document{d})}
		a := &Answer{Citations: []Citation{{N: 1, Quote: f[3], Clause: retrieval.Clause{ID: "c", Document: d, Text: f[3]}}}}
		if f := field(f, 4); f != "" { // a second document of the same place
			other := d
			other.ID = "o"
			a.Sides = true
			a.Citations = append(a.Citations, Citation{N: 2, Quote: f, Clause: retrieval.Clause{ID: "c2", Document: other, Text: f}})
		}
		var got []string
		for _, n := range e.notices(a, day) {
			kinds[e.Understanding.Lang][n.Kind] = true
			got = append(got, n.Kind+": "+n.Text)
			if len(n.Clauses) == 0 || !slices.Contains(n.Clauses, "c") && !slices.Contains(n.Clauses, "c2") {
				t.Errorf("%s: %q concerns %v", line, n.Text, n.Clauses)
			}
		}
		if s := strings.Join(got, " + "); s != want && (s != "" || want != "-") {
			t.Errorf("%s\n got %s", line, s)
		}
	})
	for lang, seen := range kinds {
		for _, k := range []string{
			NoticePeriodOver, NoticeTargetYearOver, NoticeDeadlinePassed, NoticeFuture, NoticeUndated, NoticeTranslation, NoticeNotPolicy,
			NoticeOtherPlace, NoticeRepealed, "intention", "successor_missing", "conflict",
		} {
			if !seen[k] {
				t.Errorf("no case of %s in %s", k, lang)
			}
		}
	}
}
