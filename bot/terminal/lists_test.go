package terminal

import (
	"strings"
	"testing"

	"policybot/retrieval"
)

var documents = []retrieval.Document{
	{
		ID: "xiamen-2020-57", Title: "厦门市生物医药与健康产业三年行动计划（2020—2022年）", Number: "厦府办〔2020〕57号", Jurisdiction: "厦门",
		ValidFrom: "2020-06-03", ValidUntil: "2022-12-31", Status: retrieval.StatusPeriodOver, Clauses: 87,
	},
	{
		ID: "beijing-2021", Title: "Action Plan for Collaborative Innovation in Medicine and Health", Jurisdiction: "北京",
		TargetYear: 2023, Status: retrieval.StatusTargetOver, Clauses: 112,
	},
	{ID: "press-1", Title: "新闻发布会实录", ValidUntil: "2025", Status: retrieval.StatusNotPolicy, Clauses: 9},
	{ID: "new", Title: "条例", ValidFrom: "2027-01-01", Status: "some new status", Clauses: 1},
	{ID: "x", Status: retrieval.StatusUnknown},
}

var clauses = []retrieval.Clause{
	{Path: "三/(四)/2", Heading: "支持创新药研发", Departments: []string{"市工信局", "市科技局", "市财政局", "市市场监管局", "市卫健委"}, Document: documents[0]},
	{Path: "三/(五)", Text: "支持企业开展\n I期、II期、III期临床试验，" + strings.Repeat("对完成的给予资助。", 20), Document: documents[0]},
	{Path: "IV/2", Heading: "Clinical trials", Text: "Support for trials.", Departments: []string{"Bureau of Science and Technology"}, Document: documents[1]},
	{Path: "Q1", Document: documents[4]},
}

func TestLists(t *testing.T) {
	hits := []Hit{
		{Clause: clauses[0], Score: 12.345, Why: []string{"创新药 3.1 · 研发 2.0", "named in the question: 厦门, which is the place of this document and so ranks it first"}},
		{Clause: clauses[1], Score: 8},
		{Clause: clauses[2], Score: 0.004, Why: []string{"trials 1.2"}},
		{Clause: clauses[3]},
	}
	for name, show := range map[string]func(s *Screen, lang string){
		"documents": func(s *Screen, lang string) { s.Documents(documents, lang) },
		"hits":      func(s *Screen, lang string) { s.Hits(hits, lang) },
		"clauses":   func(s *Screen, lang string) { s.Clauses(clauses, lang) },
		"empty": func(s *Screen, lang string) {
			s.Documents(nil, lang)
			s.Hits(nil, lang)
			s.Clauses(nil, lang)
		},
	} {
		for _, lang := range []string{"zh", "en"} {
			t.Run(name+"-"+lang, func(t *testing.T) {
				golden(t, name+"-"+lang+".golden", views(t, func(s *Screen) { show(s, lang) }, 120, 80, 40, 20))
			})
		}
	}
}

// TestListsWide shows everything on a wide screen.
func TestListsWide(t *testing.T) {
	out, _ := show(t, 160, Never, func(s *Screen) { s.Documents(documents, "zh") })
	for _, d := range documents {
		if !strings.Contains(out, d.Title) || !strings.Contains(out, d.Number) {
			t.Errorf("%s is not whole in\n%s", d.ID, out)
		}
	}
}

// TestListsKeep shows the ids whole on any screen that has room for them.
func TestListsKeep(t *testing.T) {
	for cells := 20; cells < 200; cells++ {
		out, _ := show(t, cells, Never, func(s *Screen) { s.Documents(documents, "en") })
		checkScreen(t, out, cells)
		for _, d := range documents {
			if !strings.Contains(out, d.ID) {
				t.Fatalf("%d columns: %s is not whole in\n%s", cells, d.ID, out)
			}
		}
	}
}

func TestStatusWords(t *testing.T) {
	for _, w := range []words{chinese, english} {
		for _, status := range []string{
			retrieval.StatusInForce, retrieval.StatusPeriodOver, retrieval.StatusTargetOver, retrieval.StatusNotYet,
			retrieval.StatusRepealed, retrieval.StatusNotPolicy, retrieval.StatusUnknown,
		} {
			if w.statuses[status] == "" {
				t.Errorf("%s has no word under %q", status, w.id)
			}
		}
	}
}

func TestTable(t *testing.T) {
	tests := []struct {
		name  string
		table Table
		cells int
		want  string
	}{
		{name: "no columns", cells: 20},
		{"no rows", Table{Columns: []Column{{Head: "编号"}, {Head: "Title"}}}, 20, "编号  Title\n"},
		{
			"aligned by cells",
			Table{Columns: []Column{{Head: "a"}, {Head: "n", Right: true}, {Head: "z"}}, Rows: []Row{
				{Cells: []string{"医药", "5", "one"}}, {Cells: []string{"abc", "12", "二"}}, {Cells: []string{"e\u0301"}}, {Cells: []string{"", "", "x", "more"}},
			}},
			20, "a      n  z\n医药   5  one\nabc   12  二\ne\u0301\n          x\n",
		},
		{
			"last column truncated",
			Table{Columns: []Column{{Head: "id", Keep: true}, {Head: "title"}}, Rows: []Row{{Cells: []string{"a1", "医药健康协同创新行动计划"}}}},
			21, "id  title\na1  医药健康协同创新…\n",
		},
		{
			"other columns narrowed",
			Table{Columns: []Column{{Head: "place"}, {Head: "title"}}, Rows: []Row{{Cells: []string{"a long name of a place", "医药健康协同创新"}}}},
			28, "place       title\na long na…  医药健康协同创新\n",
		},
		{
			"wide enough",
			Table{Columns: []Column{{Head: "place", Enough: 5}, {Head: "title"}}, Rows: []Row{{Cells: []string{"a long name", "医药健康协同创新"}}}},
			24, "place   title\na lon…  医药健康协同创新\n",
		},
		{
			"no need to give way",
			Table{Columns: []Column{{Head: "place", Enough: 5}, {Head: "title"}}, Rows: []Row{{Cells: []string{"a long name", "医药"}}}},
			24, "place        title\na long name  医药\n",
		},
		{
			"folded",
			Table{Columns: []Column{{Head: "id"}, {Head: "no", Fold: true}, {Head: "place", Fold: true}, {Head: "title"}}, Rows: []Row{
				{Cells: []string{"a", "57号", "厦门", "医药健康协同创新行动计划"}, Notes: []string{"why"}},
				{Cells: []string{"b", "", "北京", "x"}},
				{Cells: []string{"c", "", "", "y"}},
			}},
			28, "id  title\na   医药健康协同创新行动计划\n    57号 · 厦门\n    why\nb   x\n    北京\nc   y\n",
		},
		{
			"not folded for more than a good line",
			Table{Columns: []Column{{Head: "id"}, {Head: "no", Fold: true}, {Head: "title"}}, Rows: []Row{
				{Cells: []string{"a", "57号", "a title of more than forty cells, which is long"}},
			}},
			42, "id  no    title\na   57号  a title of more than forty cell…\n",
		},
		{
			"blocks",
			Table{Columns: []Column{{Head: "编号", Keep: true}, {Head: "n"}, {Head: "title"}}, Rows: []Row{
				{Cells: []string{"a-long-id", "", "医药健康协同创新行动计划"}}, {Cells: []string{"b"}, Notes: []string{"why"}},
			}},
			23, "编号   a-long-id\ntitle  医药健康协同创新\n       行动计划\n\n编号   b\n    why\n",
		},
		{
			"blocks without room beside the header",
			Table{Columns: []Column{{Head: "identifier", Keep: true}, {Head: "title"}}, Rows: []Row{{Cells: []string{"a-long-id", "医药健康"}}}},
			12, "identifier\n  a-long-id\ntitle\n  医药健康\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := show(t, tt.cells, Never, func(s *Screen) { s.Table(tt.table) })
			if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}
