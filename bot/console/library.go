package console

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"policybot/bot"
	"policybot/retrieval"
)

// A documentLine is a document in a list.
type documentLine struct {
	ID, Title, URL   string
	Number, Issuer   string
	Place, Kind      string
	Issued, Period   string
	Status           string
	Language, Source string
	Translated       bool
	Clauses, Version int
	Starred          map[string]bool // for each field, and the period: only the catalogue says it
	Mentions         []string
}

// documentTitle is what a document is called: by its title, else by its file.
func documentTitle(d retrieval.Document) string { return cmp.Or(d.Title, d.Source, d.ID) }

// documentTitles are the titles of the library's documents by id.
func (c *Console) documentTitles(ctx context.Context) (map[string]string, error) {
	docs, err := c.Library.Documents(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, d := range docs {
		out[d.ID] = documentTitle(d)
	}
	return out, nil
}

func (v View) documentLine(d retrieval.Document) documentLine {
	out := documentLine{
		ID: d.ID, Title: documentTitle(d), URL: "/documents/" + url.PathEscape(d.ID), Number: d.Number, Issuer: d.Issuer,
		Place: d.Jurisdiction, Kind: d.Kind, Issued: d.IssuedOn, Status: d.StatusOn(v.now), Language: d.Language, Source: d.Source,
		Translated: d.Translated, Clauses: d.Clauses, Version: d.Version, Starred: map[string]bool{},
	}
	switch {
	case d.ValidFrom != "" || d.ValidUntil != "":
		out.Period = d.ValidFrom + " – " + d.ValidUntil
	case d.Deadline != "":
		out.Period = "– " + d.Deadline
	case d.TargetYear > 0:
		out.Period = v.T("library.target", d.TargetYear)
	}
	for _, field := range []string{"title", "number", "issuer", "jurisdiction", "issued_on", "valid_from", "valid_until", "deadline", "target_year"} {
		out.Starred[field] = d.Facts[field] == retrieval.SourceCatalogue
	}
	switch {
	case d.ValidFrom != "" || d.ValidUntil != "":
		out.Starred["period"] = out.Starred["valid_from"] || out.Starred["valid_until"]
	case d.Deadline != "":
		out.Starred["period"] = out.Starred["deadline"]
	default:
		out.Starred["period"] = out.Starred["target_year"]
	}
	for _, m := range d.Mentions {
		if !slices.Contains(out.Mentions, m.Title) {
			out.Mentions = append(out.Mentions, m.Title)
		}
	}
	return out
}

func (v View) clauseLine(c retrieval.Clause) clauseLine {
	heading := c.Heading
	if n := len(c.Parents); heading == "" && n > 0 {
		heading = c.Parents[n-1]
	}
	return clauseLine{c.ID, c.Path, heading, clauseURL(c.ID, 0, 0), v.documentLine(c.Document), c.Departments}
}

// A filter is one field that the library can be narrowed by, with what can be chosen.
type filter struct {
	Name, Label, Chosen string
	Options             []option
}

// An option is one value of a filter.
type option struct {
	Value, Label string
	Count        int
}

// libraryData is the page of the library: its documents, or what a search found in them.
type libraryData struct {
	View
	Query     string
	Filters   []filter
	Documents []documentLine // of this page
	Fit, All  int
	Older     string // address of the next page of documents; "" on the last
	Newer     string // of the one before
	Hits      []hitView
	Searched  bool
	Degraded  bool // without vectors although there are some
}

// A hitView is a clause that a search found.
type hitView struct {
	Clause clauseLine
	Text   []marked
}

// A marked is a piece of a text, and whether it is to be seen at once.
type marked struct {
	Text string
	Mark bool
}

// mostHits is how many clauses a search of the library shows, and pageDocuments how many documents a page has.
const (
	mostHits      = 30
	pageDocuments = 50
)

// libraryPage lists the documents, and finds clauses.
func (c *Console) libraryPage(w http.ResponseWriter, r *http.Request) error {
	v := c.view(r)
	docs, err := c.Library.Documents(r.Context())
	if err != nil {
		return err
	}
	form := r.URL.Query()
	page := libraryData{View: v, Query: textOf(form, "q"), All: len(docs)}
	lines := make([]documentLine, len(docs))
	for i, d := range docs {
		lines[i] = v.documentLine(d)
	}
	page.Filters = v.libraryFilters(lines, form)
	lines = slices.DeleteFunc(lines, func(line documentLine) bool { return !passes(line, page.Filters) })
	slices.SortStableFunc(lines, func(a, b documentLine) int { return cmp.Compare(b.Issued, a.Issued) })
	fits := map[string]bool{}
	for _, line := range lines {
		fits[line.ID] = true
	}
	page.turn(lines, form)
	if page.Query != "" {
		if err := c.find(r.Context(), &page, fits); err != nil {
			return err
		}
	}
	return c.show(w, r, http.StatusOK, "library", page)
}

// turn shows the page of documents that the address asks for, the first where it asks for none that there is.
func (p *libraryData) turn(lines []documentLine, form url.Values) {
	p.Fit = len(lines)
	n, err := strconv.Atoi(form.Get("page"))
	if err != nil || n < 1 || (n-1)*pageDocuments >= len(lines) {
		n = 1
	}
	address := func(n int) string {
		to := maps.Clone(form)
		to.Set("page", strconv.Itoa(n))
		return "/library?" + to.Encode()
	}
	from := (n - 1) * pageDocuments
	p.Documents = lines[from:min(from+pageDocuments, len(lines))]
	if n > 1 {
		p.Newer = address(n - 1)
	}
	if from+pageDocuments < len(lines) {
		p.Older = address(n + 1)
	}
}

// find searches the clauses of the documents that fit.
func (c *Console) find(ctx context.Context, page *libraryData, fits map[string]bool) error {
	page.Searched = true
	found, err := c.search(ctx, page.View, page.Query, 4*mostHits)
	if err != nil {
		return err
	}
	page.Degraded = found.Degraded != nil
	hits := slices.DeleteFunc(found.Hits, func(h retrieval.Hit) bool { return !fits[h.Clause.Document.ID] })
	page.Hits = page.hitViews(hits[:min(mostHits, len(hits))])
	return nil
}

// search finds clauses for what a reader has typed, as far as a question may be long.
func (c *Console) search(ctx context.Context, v View, text string, n int) (retrieval.Found, error) {
	return c.Desk.Search(ctx, bot.Question{Text: cut(text, bot.MaxQuestion), Lang: v.Lang, AsOf: v.now}, n)
}

// hitViews are clauses that a search found, with its words marked.
func (v View) hitViews(hits []retrieval.Hit) []hitView {
	var out []hitView
	for _, h := range hits {
		out = append(out, hitView{v.clauseLine(h.Clause), markWords(h.Clause.Text, h.Why.Words)})
	}
	return out
}

// clausesOf are clauses by id; those that the library does not hold are missing.
func (c *Console) clausesOf(ctx context.Context, ids []string) (map[string]retrieval.Clause, error) {
	found, err := c.Library.Lookup(ctx, ids)
	out := make(map[string]retrieval.Clause, len(found))
	for _, k := range found {
		out[k.ID] = k
	}
	return out, err
}

// markWords marks the words of a search in a text.
func markWords(text string, words []retrieval.WordPart) []marked {
	lower := strings.ToLower(text)
	if len(lower) != len(text) { // offsets would not fit
		return []marked{{text, false}}
	}
	on := make([]bool, len(text))
	for _, w := range words {
		word := strings.ToLower(w.Word)
		if len([]rune(word)) < 2 {
			continue
		}
		for i := 0; ; {
			j := strings.Index(lower[i:], word)
			if j < 0 {
				break
			}
			if whole(lower, i+j, len(word)) {
				for k := i + j; k < i+j+len(word); k++ {
					on[k] = true
				}
			}
			i += j + len(word)
		}
	}
	return pieces(text, on)
}

// whole reports whether the n bytes of a text from i are not a part of a longer Latin word or number.
func whole(text string, i, n int) bool {
	latin := func(b byte) bool { return b >= 'a' && b <= 'z' || b >= '0' && b <= '9' }
	return (i == 0 || !latin(text[i-1]) || !latin(text[i])) && (i+n == len(text) || !latin(text[i+n]) || !latin(text[i+n-1]))
}

// pieces cuts a text where what is marked begins and ends.
func pieces(text string, on []bool) []marked {
	var out []marked
	for i := 0; i < len(text); {
		j := i
		for j < len(text) && on[j] == on[i] {
			j++
		}
		out = append(out, marked{text[i:j], on[i]})
		i = j
	}
	return out
}

// libraryFilters are the fields of documents to choose by, with how many documents have each value.
func (v View) libraryFilters(lines []documentLine, form url.Values) []filter {
	list := []filter{{Name: "place"}, {Name: "status"}, {Name: "kind"}, {Name: "issuer"}, {Name: "year"}, {Name: "language"}}
	for i := range list {
		f := &list[i]
		f.Label, f.Chosen = v.T("library."+f.Name), form.Get(f.Name)
		counts := map[string]int{}
		for _, line := range lines {
			if value := line.field(f.Name); value != "" {
				counts[value]++
			}
		}
		f.Options = counted(counts, func(value string) string { return v.Named(f.Name, value) })
	}
	return list
}

// counted are the values of a filter with how many things have each, the most frequent first.
func counted(counts map[string]int, label func(string) string) []option {
	var out []option
	for value, n := range counts {
		out = append(out, option{value, label(value), n})
	}
	slices.SortFunc(out, func(a, b option) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	return out
}

// field is the value of a document by the name of a filter.
func (d documentLine) field(name string) string {
	switch name {
	case "place":
		return d.Place
	case "status":
		return d.Status
	case "kind":
		return d.Kind
	case "issuer":
		return d.Issuer
	case "language":
		return d.Language
	case "year":
		return d.Issued[:min(4, len(d.Issued))]
	}
	return ""
}

// passes reports whether a document has what was chosen.
func passes(d documentLine, filters []filter) bool {
	return !slices.ContainsFunc(filters, func(f filter) bool { return f.Chosen != "" && d.field(f.Name) != f.Chosen })
}

// documentData is the page of one document: its facts, its outline and all its clauses.
type documentData struct {
	View
	Document documentLine
	Outline  []outlineNode
	Clauses  []clauseView
}

// An outlineNode is a heading of a document with what stands under it.
type outlineNode struct {
	Label, URL string
	Depth      int
}

// A clauseView is a clause with its text.
type clauseView struct {
	Clause   clauseLine
	Anchor   string
	Headings []string // that begin with it
	Text     []marked
}

// documentPage shows one document.
func (c *Console) documentPage(w http.ResponseWriter, r *http.Request) error {
	v := c.view(r)
	clauses, err := c.Library.Clauses(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if len(clauses) == 0 || clauses[0].Document.ID != r.PathValue("id") {
		return errNotFound // found by another of its names
	}
	page := documentData{View: v, Document: v.documentLine(clauses[0].Document)}
	page.Document.Clauses = len(clauses)
	var before []string
	for _, clause := range clauses {
		one := clauseView{Clause: v.clauseLine(clause), Anchor: anchor(clause.ID), Text: []marked{{clause.Text, false}}}
		for depth, heading := range clause.Parents {
			if depth < len(before) && before[depth] == heading {
				continue
			}
			before = before[:min(depth, len(before))]
			one.Headings = append(one.Headings, heading)
			page.Outline = append(page.Outline, outlineNode{heading, "#" + one.Anchor, depth})
		}
		before = clause.Parents
		page.Outline = append(page.Outline, outlineNode{strings.TrimSpace(clause.Path + " " + clause.Heading), "#" + one.Anchor, len(clause.Parents)})
		page.Clauses = append(page.Clauses, one)
	}
	return c.show(w, r, http.StatusOK, "document", page)
}

// anchor is the id of a clause within the page of its document.
func anchor(id string) string { return "c-" + id }
