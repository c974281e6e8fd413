package terminal

import (
	"strconv"
	"strings"

	"policybot/retrieval"
)

// maxExcerpt is how many cells of a clause's text stand for it in a list.
const maxExcerpt = 120

// A Hit is a clause that a search found.
type Hit struct {
	Clause retrieval.Clause
	Score  float64
	Why    []string // reasons for its rank, a line each; may be empty
}

// Documents writes a table of documents in the order given: id, number of leaf
// clauses, document number, place, period, status and title. On a narrow screen
// number, place and period stand below. What is not known is empty. The words of ours are Chinese for lang zh, else English; the same
// holds for [Screen.Hits] and [Screen.Clauses].
func (s *Screen) Documents(docs []retrieval.Document, lang string) {
	w := wordsIn(lang)
	if len(docs) == 0 {
		s.Print(w.noDocuments)
		return
	}
	t := Table{Columns: []Column{
		{Head: w.id, Keep: true},
		{Head: w.clauses, Keep: true, Right: true},
		{Head: w.number, Fold: true},
		{Head: w.place, Fold: true},
		{Head: w.period, Fold: true},
		{Head: w.status, Keep: true},
		{Head: w.title},
	}}
	for _, d := range docs {
		t.Rows = append(t.Rows, Row{Cells: []string{
			d.ID, strconv.Itoa(d.Clauses), d.Number, d.Jurisdiction, w.periodOf(d), w.statusOf(d), d.Title,
		}})
	}
	s.Table(t)
}

// Hits writes a table of what a search found, best first as given: rank from 1,
// score, title of the document (its id where the title is not known), path, and
// the heading of the clause or its first words. Below each hit stand the
// reasons for its rank.
func (s *Screen) Hits(hits []Hit, lang string) {
	w := wordsIn(lang)
	if len(hits) == 0 {
		s.Print(w.noHits)
		return
	}
	t := Table{Columns: []Column{
		{Head: w.rank, Keep: true, Right: true},
		{Head: w.score, Keep: true, Right: true},
		{Head: w.document, Enough: 24},
		{Head: w.path, Enough: 24},
		{Head: w.text},
	}}
	for i, h := range hits {
		title := h.Clause.Document.Title
		if title == "" {
			title = h.Clause.Document.ID
		}
		t.Rows = append(t.Rows, Row{
			Cells: []string{
				strconv.Itoa(i + 1), strconv.FormatFloat(h.Score, 'f', 2, 64), title, h.Clause.Path, excerpt(h.Clause),
			},
			Notes: h.Why,
		})
	}
	s.Table(t)
}

// Clauses writes a table of clauses in the order given: path, heading or first
// words, and the responsible bodies.
func (s *Screen) Clauses(clauses []retrieval.Clause, lang string) {
	w := wordsIn(lang)
	if len(clauses) == 0 {
		s.Print(w.noClauses)
		return
	}
	t := Table{Columns: []Column{
		{Head: w.path, Keep: true},
		{Head: w.text, Enough: 32},
		{Head: w.departments},
	}}
	for _, c := range clauses {
		t.Rows = append(t.Rows, Row{Cells: []string{c.Path, excerpt(c), strings.Join(c.Departments, w.comma)}})
	}
	s.Table(t)
}

// excerpt is the heading of a clause, or the first words of its text.
func excerpt(c retrieval.Clause) string {
	if heading := cleanLine(c.Heading); heading != "" {
		return heading
	}
	return Truncate(cleanLine(c.Text), maxExcerpt)
}

// words are the words of the lists in one language.
type words struct {
	id, clauses, number, place, period, status, title string
	rank, score, document, path, text, departments    string
	noDocuments, noHits, noClauses                    string
	comma, to, from, until, target                    string // $ in the last three stands for the day or year
	statuses                                          map[string]string
}

var chinese = words{
	id: "编号", clauses: "条款数", number: "文号", place: "地区", period: "期限", status: "状态", title: "标题",
	rank: "名次", score: "得分", document: "文件", path: "条款", text: "内容", departments: "责任单位",
	noDocuments: "资料库里没有文件。", noHits: "没有找到相关条款。", noClauses: "这份文件没有条款。",
	comma: "、", to: "至", from: "$起", until: "至$", target: "目标年份$",
	statuses: map[string]string{
		retrieval.StatusInForce:    "有效",
		retrieval.StatusPeriodOver: "已到期",
		retrieval.StatusTargetOver: "目标年份已过",
		retrieval.StatusNotYet:     "尚未开始",
		retrieval.StatusRepealed:   "已废止",
		retrieval.StatusNotPolicy:  "非政策文件",
		retrieval.StatusUnknown:    "未注明",
	},
}

var english = words{
	id: "ID", clauses: "Clauses", number: "Number", place: "Place", period: "Period", status: "Status", title: "Title",
	rank: "#", score: "Score", document: "Document", path: "Clause", text: "Content", departments: "Responsible bodies",
	noDocuments: "The library holds no documents.", noHits: "No clause was found.", noClauses: "This document has no clauses.",
	comma: ", ", to: " to ", from: "from $", until: "until $", target: "target year $",
	statuses: map[string]string{
		retrieval.StatusInForce:    "in force",
		retrieval.StatusPeriodOver: "period over",
		retrieval.StatusTargetOver: "target year over",
		retrieval.StatusNotYet:     "not yet in force",
		retrieval.StatusRepealed:   "repealed",
		retrieval.StatusNotPolicy:  "not a policy",
		retrieval.StatusUnknown:    "not stated",
	},
}

func wordsIn(lang string) words {
	if lang == "zh" {
		return chinese
	}
	return english
}

// statusOf is the word for the status of a document; one that is not known here
// stands as it is.
func (w words) statusOf(d retrieval.Document) string {
	if word, ok := w.statuses[d.Status]; ok {
		return word
	}
	return d.Status
}

// periodOf is the period that a document states, else its target year, else
// empty.
func (w words) periodOf(d retrieval.Document) string {
	switch {
	case d.ValidFrom != "" && d.ValidUntil != "":
		return d.ValidFrom + w.to + d.ValidUntil
	case d.ValidFrom != "":
		return strings.Replace(w.from, "$", d.ValidFrom, 1)
	case d.ValidUntil != "":
		return strings.Replace(w.until, "$", d.ValidUntil, 1)
	case d.TargetYear != 0:
		return strings.Replace(w.target, "$", strconv.Itoa(d.TargetYear), 1)
	}
	return ""
}
