package retrievaltest

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"policybot/retrieval"
)

// Numbered makes document n of an endless series, in one of its editions,
// with so many clauses. The same arguments always make the same document;
// another n makes another id, another edition another text under the same id
// with the same clause ids. Between the clauses stand headings that belong to
// none, and the text holds a no-break space (U+00A0), an ideographic space
// (U+3000) and a character outside the basic plane, so that bytes, code points
// and UTF-16 units all differ.
func Numbered(n, edition, clauses int) (retrieval.Document, string, []retrieval.Clause) {
	doc := retrieval.Document{
		ID:           fmt.Sprintf("numbered-%06d", n),
		Title:        fmt.Sprintf("第%d号生物医药产业措施", n),
		Number:       fmt.Sprintf("厦府办〔2020〕%d号", n),
		Issuer:       "厦门市人民政府办公厅",
		Jurisdiction: "厦门市",
		IssuedOn:     "2020-05-20",
		Status:       retrieval.StatusUnknown,
		Language:     "zh",
		Kind:         retrieval.KindOpinions,
		Source:       fmt.Sprintf("numbered-%06d.md", n),
		Facts:        map[string]string{"issuer": retrieval.SourceText, "number": retrieval.SourceCatalogue},
		Notes:        map[string]string{"number": "公报"},
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n", doc.Title)
	list := make([]retrieval.Clause, 0, clauses)
	for i := range clauses {
		fmt.Fprintf(&text, "第%d章\n", i+1)
		body := fmt.Sprintf("(%d)\u00a0第%d号第%d版:\u3000对在本市开展的Ⅲ期临床试验𠮷,按照研发投入的%d%%给予资助,最高%d万元。"+
			"对首次获得药品注册证书的企业,由市工信局会同市财政局审核后予以奖励。", i+1, n, edition, i%50+1, 100+n%900)
		start := utf8.RuneCountInString(text.String())
		text.WriteString(body)
		list = append(list, retrieval.Clause{
			ID:          fmt.Sprintf("%s.%d", doc.ID, i+1),
			Path:        fmt.Sprintf("(%d)", i+1),
			Heading:     "临床试验",
			Text:        body,
			Start:       start,
			End:         start + utf8.RuneCountInString(body),
			Departments: []string{"市工信局", "市财政局"},
			Parents:     []string{fmt.Sprintf("第%d章", i+1)},
			Ordinal:     i,
		})
		text.WriteByte('\n')
	}
	return doc, text.String(), list
}

// Cut makes clauses of parts, which must follow one another in text, with the
// ids DOCUMENT.1, DOCUMENT.2 and so on. It panics when a part is not there.
func Cut(documentID, text string, parts ...string) []retrieval.Clause {
	var list []retrieval.Clause
	at := 0
	for i, part := range parts {
		j := strings.Index(text[at:], part)
		if j < 0 {
			panic(fmt.Sprintf("retrievaltest: part %d %q is not in the rest of the text", i, part))
		}
		start := utf8.RuneCountInString(text[:at+j])
		list = append(list, retrieval.Clause{
			ID:      fmt.Sprintf("%s.%d", documentID, i+1),
			Path:    fmt.Sprint(i + 1),
			Text:    part,
			Start:   start,
			End:     start + utf8.RuneCountInString(part),
			Ordinal: i,
		})
		at += j + len(part)
	}
	return list
}
