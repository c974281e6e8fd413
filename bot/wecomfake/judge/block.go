package judge

import "strings"

// blocks reads markdown line by line.
func (r *reader) blocks(s string) string {
	if !r.rich {
		return r.few(s)
	}
	lines := strings.Split(s, "\n")
	var out, code []string
	closing := ""
	for i, l := range lines {
		m := fence.FindStringSubmatch(l)
		switch {
		case closing != "" && m != nil && strings.HasPrefix(m[1], closing) && strings.Trim(l, " `~") == "":
			r.shown.Code = append(r.shown.Code, visible(strings.Join(code, "\n")))
			closing = ""
		case closing != "":
			out, code = append(out, mention.ReplaceAllString(l, "@$1")), append(code, l)
		case m != nil:
			closing, code = m[1], nil
		default:
			out = r.block(out, l, i > 0 && strings.Contains(lines[i-1], "|"), 0)
		}
	}
	if closing != "" { // the fence reaches to the end
		r.shown.Code = append(r.shown.Code, visible(strings.Join(code, "\n")))
	}
	return strings.Join(out, "\n")
}

// block reads one line outside code, in so many quotations; underHead tells whether it may divide the head of a
// table from its rows. Quotations deeper than twenty stay as they are written.
func (r *reader) block(out []string, l string, underHead bool, depth int) []string {
	if underHead && divide.MatchString(l) || ruler.MatchString(l) {
		return out
	}
	if m := heading.FindStringSubmatch(l); m != nil {
		return append(out, r.heading(m[1]))
	}
	if m := quoted.FindStringSubmatch(l); m != nil && depth < 20 {
		inner := r.block(nil, m[1], false, depth+1)
		if depth == 0 {
			r.quotes(inner)
		}
		return append(out, inner...)
	}
	if m := item.FindStringSubmatch(l); m != nil {
		mark := m[2]
		if len(mark) == 1 {
			mark = "•"
		}
		return append(out, m[1]+mark+" "+r.inline(m[3]))
	}
	if t := strings.TrimSpace(l); strings.HasPrefix(t, "|") {
		return append(out, r.row(t))
	}
	return append(out, r.inline(strings.TrimRight(l, " \t")))
}

func (r *reader) heading(s string) string {
	words := r.inline(s)
	r.shown.Headings = append(r.shown.Headings, visible(words))
	return words
}

func (r *reader) quotes(lines []string) {
	for _, l := range lines {
		r.shown.Quotes = append(r.shown.Quotes, visible(l))
	}
}

// row reads a row of a table.
func (r *reader) row(t string) string {
	t = strings.TrimSuffix(strings.TrimPrefix(t, "|"), "|")
	var cells, seen []string
	for c := range strings.SplitSeq(t, "|") {
		words := strings.TrimSpace(r.inline(strings.TrimSpace(c)))
		cells, seen = append(cells, words), append(seen, visible(words))
	}
	r.shown.Rows = append(r.shown.Rows, seen)
	return strings.Join(cells, " | ")
}

// few reads the markdown of an app and of a webhook: a heading is signs and a blank at the beginning of a line,
// a quotation one sign.
func (r *reader) few(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if m := title6.FindStringSubmatch(l); m != nil {
			lines[i] = r.heading(m[1])
			continue
		}
		if rest, ok := strings.CutPrefix(strings.TrimLeft(l, " "), ">"); ok {
			lines[i] = r.inline(strings.TrimPrefix(rest, " "))
			r.quotes(lines[i : i+1])
			continue
		}
		lines[i] = r.inline(l)
	}
	return strings.Join(lines, "\n")
}
