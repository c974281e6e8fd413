package understand

import (
	"cmp"
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
	ownPlan   = regexp.MustCompile(`(?:我们?|公司|企业|厂|正|还|明年|今年)[^,。;?!]{0,4}(?:计划|打算)|计划(?:在|把|将|于|明年|今年|建|搬|引进|申请)|\b(?:we|i|our company) (?:are planning|plan)\b|\bplans? to\b`)
)

// A Library is the documents of a library as questions name them. It never
// changes and may be used from several goroutines.
type Library struct {
	docs   []retrieval.Document
	facts  []facts
	byID   map[string]int
	places []retrieval.Document // one document of each jurisdiction
}

// facts are what the words of a question are compared with.
type facts struct {
	names       []string // number, title and aliases, squeezed
	from, until string   // years of its period
	mark        int      // which of titleMarks, or conferences
	city        string
	words       []string // pairs of characters that no other title has
}

// conferences stands for the words of conferences among the marks.
const conferences = -2

// NewLibrary reads the documents of a library.
func NewLibrary(docs []retrieval.Document) *Library {
	l := &Library{docs: docs, facts: make([]facts, len(docs)), byID: map[string]int{}}
	titles := map[string]int{} // pair of characters → titles that have it
	for _, d := range docs {
		for _, w := range titlePairs(d) {
			titles[w]++
		}
	}
	seen := map[string]bool{}
	for i, d := range docs {
		l.byID[d.ID] = i
		f := facts{city: CityOf(d)}
		for _, name := range append([]string{d.Number, d.Title}, d.Aliases...) {
			if n := Squeeze(name); utf8.RuneCountInString(n) >= shortestName {
				f.names = append(f.names, n)
			}
		}
		f.from, f.until = period(d)
		f.mark = markOf(d)
		for _, w := range titlePairs(d) {
			if titles[w] == 1 {
				f.words = append(f.words, w)
			}
		}
		l.facts[i] = f
		if where := d.Jurisdiction; where == "" || !seen[where] {
			seen[where] = true
			l.places = append(l.places, d)
		}
	}
	return l
}

// shortestName is in characters.
const shortestName = 4

// markOf is which of titleMarks a title has last, -1 for none.
func markOf(d retrieval.Document) int {
	if d.Kind == retrieval.KindTranscript {
		return conferences
	}
	title := strings.ToLower(titleSpan.ReplaceAllString(d.Title, ""))
	last, mark := -1, -1
	for i, m := range titleMarks {
		if at := strings.LastIndex(title, m.title); at > last {
			last, mark = at, i
		}
	}
	return mark
}

// A mention is what a text says that may name documents.
type mention struct {
	folded, squeezed string
	in               []Place
	spans            [][3]string    // years from and until, and the words
	years            int            // 三年, of a plan
	yearsText        string         //
	issued           [][2]string    // year of a document, and the words
	marks            map[int]string // mark → word that calls a document so
}

func newMention(folded string, in []Place) *mention {
	m := &mention{folded: folded, squeezed: squeeze(folded), in: in, marks: map[int]string{}}
	for _, s := range yearSpan.FindAllStringSubmatch(folded, -1) {
		m.spans = append(m.spans, [3]string{s[1], s[2], s[0]})
	}
	if s := spanYears.FindStringSubmatch(folded); s != nil {
		m.years, m.yearsText = count(s[1]), s[0]
	}
	rest := yearSpan.ReplaceAllString(folded, " ")
	for _, s := range oneYear.FindAllStringSubmatchIndex(rest, -1) {
		if aboutDocument.MatchString(rest[s[1]:]) {
			m.issued = append(m.issued, [2]string{rest[s[2]:s[3]], rest[s[0]:s[1]]})
		}
	}
	plans := ownPlan.ReplaceAllString(folded, " ")
	find := func(mark int, words []string) {
		for _, w := range words {
			if indexName(folded, w) >= 0 && (w != "计划" && w != "plan" || indexName(plans, w) >= 0) {
				m.marks[mark] = w
				return
			}
		}
	}
	for i, t := range titleMarks {
		find(i, t.words)
	}
	find(conferences, conference)
	return m
}

// named lists the documents that a text in normal form means, the most clearly
// named first; documents of one place that are named as clearly stay together.
func (l *Library) named(folded string, in []Place) []Named {
	m := newMention(folded, in)
	var all []Named
	first, second := map[string]float64{}, map[string]float64{} // best scores by city
	for i := range l.docs {
		n := l.score(i, m)
		if n.Score < named {
			continue
		}
		all = append(all, n)
		city := l.facts[i].city
		switch {
		case n.Score > first[city]:
			first[city], second[city] = n.Score, first[city]
		case n.Score > second[city]:
			second[city] = n.Score
		}
	}
	out := []Named{}
	for _, n := range all {
		if first[l.facts[l.byID[n.ID]].city] < n.Score+lead || n.Score >= byYears+byKind+byPlace {
			out = append(out, n)
		}
	}
	slices.SortStableFunc(out, func(a, b Named) int { return cmp.Compare(b.Score, a.Score) })
	return out
}

func (l *Library) score(i int, m *mention) Named {
	d, f := &l.docs[i], &l.facts[i]
	n := Named{ID: d.ID}
	add := func(points float64, word string) {
		n.Score += points
		n.Words = append(n.Words, word)
	}
	for _, name := range f.names {
		if strings.Contains(m.squeezed, name) {
			add(byName, asWritten(m.folded, name))
			break
		}
	}
	mark := m.marks[f.mark]
	if w := m.yearsOf(d, f, mark); w != "" {
		add(byYears, w)
	}
	if mark != "" {
		add(byKind, mark)
	}
	for _, p := range m.in {
		if strings.Contains(d.Jurisdiction, p.Name) && (own(*d, p.Name) || !slices.ContainsFunc(l.places, func(o retrieval.Document) bool { return own(o, p.Name) })) {
			add(byPlace, p.Text)
			break
		}
	}
	if n.Score > 0 {
		for _, w := range f.words {
			if strings.Contains(m.folded, w) {
				add(byTitle, w)
			}
		}
	}
	return n
}

// yearsOf returns the words that name the years of a document: its period, or
// the year of its issue before a word for a document.
func (m *mention) yearsOf(d *retrieval.Document, f *facts, mark string) string {
	for _, s := range m.spans {
		if f.from != "" && strings.HasSuffix(f.from, s[0]) && strings.HasSuffix(f.until, s[1]) {
			return s[2]
		}
	}
	if m.years > 0 && f.from != "" && years(f.from, f.until) == m.years && mark != "" {
		return m.yearsText
	}
	for _, y := range m.issued {
		if strings.HasPrefix(d.IssuedOn, y[0]) {
			return y[1]
		}
	}
	return ""
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

// CityOf is the largest place that a document's jurisdiction names, or the
// jurisdiction itself when no place in it is known.
func CityOf(d retrieval.Document) string {
	for _, p := range places {
		inside := func(o string) bool { return o != p.name && strings.Contains(d.Jurisdiction, o) }
		if strings.Contains(d.Jurisdiction, p.name) && !slices.ContainsFunc(around(p.name), inside) {
			return p.name
		}
	}
	return d.Jurisdiction
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

// titlePairs are the pairs of characters of a title that name no place, each once.
func titlePairs(d retrieval.Document) []string {
	runes := []rune(analysis.Normalize(d.Title))
	var out []string
	for i := 0; i+1 < len(runes); i++ {
		w := string(runes[i : i+2])
		if runes[i] >= 0x3400 && runes[i+1] >= 0x3400 && !strings.Contains(d.Jurisdiction, w) && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// Squeeze leaves letters and digits in normal form only, for comparing names.
func Squeeze(s string) string { return squeeze(analysis.Normalize(s)) }

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
	at := strings.Index(squeeze(folded), name)
	if at < 0 {
		return name
	}
	from, until := -1, at+len(name)
	n := 0 // bytes of the squeezed text so far
	for i, r := range folded {
		size := len(squeeze(string(r)))
		if size > 0 && n == at && from < 0 {
			from = i
		}
		if n += size; n == until {
			return folded[from : i+utf8.RuneLen(r)]
		}
	}
	return name
}

var quotedTitle = regexp.MustCompile(`《([^《》]{4,80})》`)

// quotedTitles lists the titles in 《》 of a text that no document has.
func quotedTitles(text string, docs []retrieval.Document) []string {
	var out []string
	for _, m := range quotedTitle.FindAllStringSubmatch(text, -1) {
		want := Squeeze(m[1])
		held := slices.ContainsFunc(docs, func(d retrieval.Document) bool {
			title := Squeeze(d.Title)
			return title == want || len([]rune(want)) >= 8 && strings.Contains(title, want) ||
				slices.ContainsFunc(d.Aliases, func(a string) bool { return Squeeze(a) == want })
		})
		if !held {
			out = append(out, m[1])
		}
	}
	return out
}
