package gloss

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/retrieval/bridge"
)

// maxName is how many bytes the name of a body has at most.
const maxName = 120

// compose puts together the name of a body that the glossary has in parts: a
// place and a level before a body, 厦门市财政局, 市财政局, Municipal Finance Bureau; a
// government's general office; Bureau of Finance for finance bureau.
func compose(text, to string, words Words) derived {
	if len(text) > maxName || data.isGeneral(text) {
		return derived{}
	}
	gloss := ""
	if to == "en" {
		gloss = composeEnglish(text, words)
	} else if startsUpper(text) {
		gloss = composeChinese(text, words)
	}
	if gloss == "" {
		return derived{}
	}
	zh := text
	if to == "zh" {
		zh = gloss
	}
	return derived{Body, gloss, true, worth(Body, "", zh, true)}
}

// offices that a government has.
var offices = []string{"办公厅", "办公室"}

func composeEnglish(text string, words Words) string {
	for _, office := range offices {
		stem, ok := strings.CutSuffix(text, office)
		if !ok || !strings.HasSuffix(stem, "政府") {
			continue
		}
		name := organ(stem, "en", words)
		if name == "" {
			name = composeEnglish(stem, words)
		}
		if name == "" {
			return ""
		}
		return "General Office of the " + name
	}
	if name := levelled(text, words); name != "" {
		return name
	}
	for i := range text {
		if i == 0 {
			continue
		}
		if name := placed(text[:i], text[i:], words); name != "" {
			return name
		}
	}
	return ""
}

// placed names in English a body of a place.
func placed(place, body string, words Words) string {
	p := entryOf(place, "en", words.Translate(place))
	if p.kind != Locus || !startsUpper(p.gloss) {
		return ""
	}
	level := data.levelOf(place)
	if level != "" && level != data.levels["区"] { // Haidian District has it, a zone has none
		p.gloss += " " + level
	}
	name := organ(body, "en", words)
	if level != "" && data.isLevel(firstWord(name)) {
		return ""
	}
	if name == "" && level == "" {
		name = levelled(body, words)
	}
	if name == "" {
		return ""
	}
	return p.gloss + " " + name
}

// levelled names in English a body of a level: 市财政局.
func levelled(text string, words Words) string {
	_, n := utf8.DecodeRuneInString(text)
	level, ok := data.levels[text[:n]]
	if !ok {
		return ""
	}
	if name := organ(text[n:], "en", words); name != "" && !data.isLevel(firstWord(name)) {
		return level + " " + name
	}
	return ""
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}

// organ names a body that the glossary has whole and that may have a level or
// place before it; "" for others.
func organ(text, to string, words Words) string {
	if text == "" {
		return ""
	}
	list := words.Translate(text)
	d := pickEntry(text, to, list)
	if !d.organ {
		return ""
	}
	for _, t := range list {
		for _, s := range t.Texts {
			if title(s) == d.gloss && s != d.gloss || to == "zh" && s == d.gloss && !national(s) {
				return d.gloss
			}
		}
	}
	return "" // it is spelled as the name of one body: Ministry of Finance
}

func composeChinese(text string, words Words) string {
	fields := strings.Split(text, " ")
	for i := 0; i < len(fields); i++ {
		place, level := "", ""
		if i > 0 {
			p := entryOf(strings.Join(fields[:i], " "), "zh", words.Translate(strings.Join(fields[:i], " ")))
			if p.kind != Locus || i > 3 {
				continue
			}
			place = p.gloss
		}
		rest := fields[i:]
		if name := chineseBody(strings.Join(rest, " "), i == 0, words); name != "" {
			return place + name
		}
		if level = data.chineseLevel(rest[0]); level != "" && len(rest) > 1 {
			if name := chineseBody(strings.Join(rest[1:], " "), false, words); name != "" {
				return strings.TrimSuffix(place, level) + level + name
			}
		}
	}
	return ""
}

// chineseBody names in Chinese a body that the glossary has, or has in another
// order; only the latter if turned.
func chineseBody(text string, turned bool, words Words) string {
	if !turned {
		if name := organ(text, "zh", words); name != "" {
			return name
		}
	}
	head, rest, ok := strings.Cut(text, " of ")
	if !ok || !data.heads[strings.ToLower(head)] {
		return ""
	}
	return organ(strings.TrimPrefix(rest, "the ")+" "+strings.ToLower(head), "zh", words)
}

// bodies lists places of a quote where the name of a body may stand that is put
// together from parts.
func bodies(quote, to string, words Words, places []bridge.Place) [][2]int {
	if to == "zh" {
		return englishBodies(quote, words)
	}
	ends := map[int][]int{} // where a place ends → where it begins
	for _, p := range places {
		if p.Translations[0].Chinese && isIn(p.Translations, Locus) {
			ends[p.End] = append(ends[p.End], p.Start)
		}
	}
	var out [][2]int
	for _, p := range places {
		if !isIn(p.Translations, Body) {
			continue
		}
		starts := append([]int{p.Start}, ends[p.Start]...)
		if r, n := utf8.DecodeLastRuneInString(quote[:p.Start]); data.levels[string(r)] != "" {
			if at := p.Start - n; data.mayStand(quote[:at]) {
				starts = append(starts, at)
			}
			starts = append(starts, ends[p.Start-n]...)
		}
		for _, s := range starts {
			if s != p.Start {
				out = append(out, [2]int{s, p.End})
			}
			for _, office := range offices {
				if strings.HasPrefix(quote[p.End:], office) {
					out = append(out, [2]int{s, p.End + len(office)})
				}
			}
		}
	}
	return out
}

func isIn(list []bridge.Translation, kind string) bool {
	for _, t := range list {
		if kindOf(t.Entry) == kind {
			return true
		}
	}
	return false
}

// englishBodies tries the runs of words with capitals that begin with a level, a
// place or a kind of body.
func englishBodies(quote string, words Words) [][2]int {
	var out [][2]int
	for _, run := range capitalRuns(quote) {
		for i := 0; i < len(run); i++ {
			word := quote[run[i][0]:run[i][1]]
			if small[word] || !startsUpper(word) {
				continue
			}
			for j := min(len(run), i+10); j > i+1; j-- {
				text := quote[run[i][0]:run[j-1][1]]
				if !startsUpper(quote[run[j-1][0]:run[j-1][1]]) || len(text) > maxName {
					continue
				}
				if composeChinese(text, words) != "" {
					out = append(out, [2]int{run[i][0], run[j-1][1]})
					i = j - 1
					break
				}
			}
		}
	}
	return out
}

// capitalRuns lists runs of words with capitals, small ones between them, with a
// blank between each two.
func capitalRuns(quote string) [][][2]int {
	var out [][][2]int
	var run [][2]int
	flush := func() {
		if len(run) > 1 {
			out = append(out, run)
		}
		run = nil
	}
	for i := 0; i < len(quote); {
		r, n := utf8.DecodeRuneInString(quote[i:])
		if !isWordRune(r) {
			i += n
			continue
		}
		end := i
		for end < len(quote) {
			r, n := utf8.DecodeRuneInString(quote[end:])
			if !isWordRune(r) && r != '-' && r != '\'' && r != '’' {
				break
			}
			end += n
		}
		word := quote[i:end]
		if len(run) > 0 && quote[run[len(run)-1][1]:i] != " " {
			flush()
		}
		if startsUpper(word) || len(run) > 0 && small[word] {
			run = append(run, [2]int{i, end})
		} else {
			flush()
		}
		i = end
	}
	flush()
	return out
}

func isWordRune(r rune) bool { return unicode.Is(unicode.Latin, r) || unicode.IsDigit(r) }
