package privacy

// A page is the address of a page in a text. Nothing is looked for before the
// first = in it, that is from start to path; the query after that, up to end,
// may name a person.
type page struct{ start, path, end int }

// findPages returns the addresses of pages in text: http, https, ftp and www.
func findPages(text string) (pages []page) {
	for i := 0; i < len(text); {
		c := text[i] | 0x20
		if c != 'h' && c != 'f' && c != 'w' ||
			!hasFoldedPrefix(text[i:], "http://") && !hasFoldedPrefix(text[i:], "https://") &&
				!hasFoldedPrefix(text[i:], "ftp://") && !hasFoldedPrefix(text[i:], "www.") {
			i++
			continue
		}
		p := page{start: i}
		for i < len(text) && text[i] > ' ' && text[i] < 0x7f && text[i] != '"' && text[i] != '<' && text[i] != '>' && placeholderAt(text, i) == 0 {
			if i++; p.path == 0 && text[i-1] == '=' {
				p.path = i
			}
		}
		if p.end = i; p.path == 0 {
			p.path = i
		}
		pages = append(pages, p)
	}
	return pages
}
