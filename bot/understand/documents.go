package understand

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"policybot/retrieval"
	"policybot/retrieval/analysis"
)

// A Named is a document of the library that a question means.
type Named struct {
	ID    string   `json:"id"`
	Score float64  `json:"score"` // how clearly: from named to quoted by its number
	Words []string `json:"words"` // that show it
}

// What words of a question say about which document it means.
const (
	byName  = 5.0 // number, title or a name that people use
	byYears = 2.0 // the years of its period, or of its issue
	byKind  = 1.0 // 计划, 意见, 发布会
	byPlace = 1.0
	byTitle = 0.5 // a pair of characters or a word that no other title has
	named   = 2.0 // least score
	lead    = 1.0 // least lead over another document of the same place
)

// A titleMark is a word at the end of a title, and what people call such a
// document.
var titleMarks = []struct {
	title string
	words []string
}{
	{"计划", []string{"计划", "action plan", "plan"}},
	{"方案", []string{"方案", "plan", "scheme"}},
	{"规划", []string{"规划", "plan"}},
	{"意见", []string{"意见", "opinions", "opinion"}},
	{"措施", []string{"措施", "measures"}},
	{"办法", []string{"办法", "measures", "rules"}},
	{"条例", []string{"条例", "regulations"}},
	{"规定", []string{"规定", "provisions"}},
	{"细则", []string{"细则", "rules"}},
	{"指南", []string{"指南", "guide", "guidelines"}},
	{"通知", []string{"通知", "notice"}},
	{"plan", []string{"计划", "方案", "plan"}},
	{"measures", []string{"措施", "办法", "measures"}},
	{"opinions", []string{"意见", "opinions"}},
	{"notice", []string{"通知", "notice"}},
}

var conference = []string{"发布会", "新闻会", "press conference", "press briefing", "news conference", "briefing"}

var (
	yearSpan  = regexp.MustCompile(`((?:20)?\d\d)\s*年?\s*[-—–~至到]{1,2}\s*((?:20)?\d\d)`)
	spanYears = regexp.MustCompile(`([一二两三四五]|three|five)[- ]?(?:年|year)`)
	oneYear   = regexp.MustCompile(`(20\d\d)\s*年?`)
	ownPlan   = regexp.MustCompile(`(?:我们?|公司|企业|厂|正|还|明年|今年)[^,。;?!]{0,4}(?:计划|打算)|计划(?:在|把|将|于|明年|今年|建|搬|引进|申请)|\b(?:we|i|our company) (?:are planning|plan)\b`)
)

// namedDocuments lists the documents that a text in normal form means, the most
// clearly named first; documents of one place that are named as clearly stay
// together.
func namedDocuments(folded string, in []Place, docs []retrieval.Document) []Named {
	squeezed := squeeze(folded)
	all := make([]Named, len(docs))
	for i, d := range docs {
		all[i] = score(d, folded, squeezed, in, docs)
	}
	var out []Named
	for i, n := range all {
		if n.Score < named {
			continue
		}
		ahead := func(j int) bool {
			return j != i && CityOf(docs[j]) == CityOf(docs[i]) && all[j].Score >= n.Score+lead
		}
		beaten := false
		for j := range all {
			beaten = beaten || ahead(j)
		}
		if !beaten || n.Score >= byYears+byKind+byPlace {
			out = append(out, n)
		}
	}
	slices.SortStableFunc(out, func(a, b Named) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	return out
}

func score(d retrieval.Document, folded, squeezed string, in []Place, docs []retrieval.Document) Named {
	n := Named{ID: d.ID}
	add := func(points float64, word string) {
		n.Score += points
		n.Words = append(n.Words, word)
	}
	for _, name := range append([]string{d.Number, d.Title}, d.Aliases...) {
		if s := squeeze(analysis.Normalize(name)); utf8.RuneCountInString(s) >= 4 && strings.Contains(squeezed, s) {
			add(byName, asWritten(folded, s))
			break
		}
	}
	if w := yearsOf(d, folded); w != "" {
		add(byYears, w)
	}
	if w := kindWord(d, folded); w != "" {
		add(byKind, w)
	}
	for _, p := range in {
		if strings.Contains(d.Jurisdiction, p.Name) && (own(d, p.Name) || !slices.ContainsFunc(docs, func(o retrieval.Document) bool { return own(o, p.Name) })) {
			add(byPlace, p.Text)
			break
		}
	}
	if n.Score > 0 {
		for _, w := range titleWords(d, docs) {
			if strings.Contains(folded, w) {
				add(byTitle, w)
			}
		}
	}
	return n
}

// own reports whether a place is the smallest that a jurisdiction names.
func own(d retrieval.Document, place string) bool {
	for _, p := range places {
		if p.name != place && strings.Contains(d.Jurisdiction, p.name) && slices.Contains(around(p.name), place) {
			return false
		}
	}
	return strings.Contains(d.Jurisdiction, place)
}

// CityOf is the largest place that a document's jurisdiction names.
func CityOf(d retrieval.Document) string {
	for _, p := range places {
		if p.within == "" && strings.Contains(d.Jurisdiction, p.name) {
			return p.name
		}
	}
	return d.Jurisdiction
}

// yearsOf returns the words that name the years of a document: its period, or
// the year of its issue before a word for a document.
func yearsOf(d retrieval.Document, folded string) string {
	from, until := period(d)
	for _, m := range yearSpan.FindAllStringSubmatch(folded, -1) {
		if from != "" && strings.HasSuffix(from, m[1]) && strings.HasSuffix(until, m[2]) {
			return m[0]
		}
	}
	if m := spanYears.FindStringSubmatch(folded); m != nil && from != "" && years(from, until) == count(m[1]) && kindWord(d, folded) != "" {
		return m[0]
	}
	if len(d.IssuedOn) < 4 {
		return ""
	}
	folded = yearSpan.ReplaceAllString(folded, " ")
	for _, m := range oneYear.FindAllStringSubmatchIndex(folded, -1) {
		if folded[m[2]:m[3]] == d.IssuedOn[:4] && aboutDocument.MatchString(folded[m[1]:]) {
			return folded[m[0]:m[1]]
		}
	}
	return ""
}

// aboutDocument is what stands after the year of a document rather than of
// something in it.
var aboutDocument = regexp.MustCompile(`^(?:\d{1,2}月)?(?:\d{1,2}日)?[^,。;?!]{0,12}?(?:那份|那场|的?文件|意见|计划|方案|办法|措施|通知|规定|发布会|opinion|plan|document|policy|measures|notice|press|conference)`)

func period(d retrieval.Document) (from, until string) {
	if m := titleSpan.FindStringSubmatch(d.Title); m != nil {
		return m[1], m[2]
	}
	if len(d.ValidFrom) >= 4 && len(d.ValidUntil) >= 4 {
		return d.ValidFrom[:4], d.ValidUntil[:4]
	}
	return "", ""
}

var titleSpan = regexp.MustCompile(`((?:19|20)\d\d)\s*年?\s*[-—–~至到]{1,2}\s*((?:19|20)\d\d)`)

// years is how many years a period has, both ends counted; 0 when that is not
// known.
func years(from, until string) int {
	if len(from) != 4 || len(until) != 4 {
		return 0
	}
	number := func(s string) int { return int(s[2]-'0')*10 + int(s[3]-'0') }
	return number(until) - number(from) + 1
}

func count(word string) int {
	switch word {
	case "三", "three":
		return 3
	case "五", "five":
		return 5
	case "二", "两":
		return 2
	case "四":
		return 4
	}
	return 1
}

// kindWord returns the word in the text that calls a document what its title
// says it is.
func kindWord(d retrieval.Document, folded string) string {
	words := conference
	if d.Kind != retrieval.KindTranscript {
		words = nil
		title := strings.ToLower(titleSpan.ReplaceAllString(d.Title, ""))
		last := -1
		for _, m := range titleMarks {
			if i := strings.LastIndex(title, m.title); i > last {
				last, words = i, m.words
			}
		}
	}
	for _, w := range words {
		if indexName(folded, w) >= 0 && !(w == "计划" || w == "plan") {
			return w
		}
		if i := indexName(folded, w); i >= 0 && indexName(ownPlan.ReplaceAllString(folded, " "), w) >= 0 {
			return w
		}
	}
	return ""
}

// titleWords are pairs of characters of a title that stand in no other title and
// name no place.
func titleWords(d retrieval.Document, docs []retrieval.Document) []string {
	runes := []rune(analysis.Normalize(d.Title))
	var out []string
	for i := 0; i+1 < len(runes); i++ {
		w := string(runes[i : i+2])
		if runes[i] < 0x3400 || runes[i+1] < 0x3400 || strings.Contains(d.Jurisdiction, w) || slices.Contains(out, w) {
			continue
		}
		if !slices.ContainsFunc(docs, func(o retrieval.Document) bool { return o.ID != d.ID && strings.Contains(o.Title, w) }) {
			out = append(out, w)
		}
	}
	return out
}

// squeeze leaves letters and digits only, so that quotation marks and blanks
// within a name make no difference.
func squeeze(folded string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' && r < 'a' || r > 'z' && r < 0x3400 {
			return -1
		}
		return r
	}, folded)
}

// asWritten is the part of a text that is name when it is squeezed.
func asWritten(folded, name string) string {
	for i := range folded {
		if squeeze(folded[i:]) == "" || !strings.HasPrefix(squeeze(folded[i:]), name) || squeeze(folded[i:i+1]) == "" && folded[i] < 0x80 {
			continue
		}
		for j := range folded[i:] {
			if squeeze(folded[i:i+j]) == name {
				return folded[i : i+j]
			}
		}
		return folded[i:]
	}
	return name
}

var quotedTitle = regexp.MustCompile(`《([^《》]{4,80})》`)

// quotedTitles lists the titles in 《》 of a text that no document has.
func quotedTitles(text string, docs []retrieval.Document) []string {
	var out []string
	for _, m := range quotedTitle.FindAllStringSubmatch(text, -1) {
		want := squeeze(analysis.Normalize(m[1]))
		held := slices.ContainsFunc(docs, func(d retrieval.Document) bool {
			title := squeeze(analysis.Normalize(d.Title))
			return title == want || len([]rune(want)) >= 8 && strings.Contains(title, want) ||
				slices.ContainsFunc(d.Aliases, func(a string) bool { return squeeze(analysis.Normalize(a)) == want })
		})
		if !held {
			out = append(out, m[1])
		}
	}
	return out
}
