package auditor

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

var thousands = regexp.MustCompile(`\b\d{1,3}(?:,\d{3})+\b`)

// dashes and brackets that differ in print only.
var samePunctuation = strings.NewReplacer(
	"—", "-", "–", "-", "―", "-", "‐", "-", "−", "-", "~", "-", "～", "-",
	"〔", "[", "〕", "]", "【", "[", "】", "]",
	"“", "", "”", "", "‘", "'", "’", "'", "\"", "", "「", "", "」", "", "『", "", "』", "",
)

// fold is the form in which two texts are compared word by word: NFKC, lower
// case, no quotation marks, no thousands separators, and a space only where
// two Latin words or numbers meet.
func fold(s string) string {
	s = samePunctuation.Replace(strings.ToLower(norm.NFKC.String(s)))
	s = thousands.ReplaceAllStringFunc(s, func(n string) string { return strings.ReplaceAll(n, ",", "") })
	var b strings.Builder
	var last rune
	pending := false
	for _, r := range s {
		if unicode.IsSpace(r) {
			pending = true
			continue
		}
		if pending && !isHan(last) && !isHan(r) && b.Len() > 0 {
			b.WriteByte(' ')
		}
		pending = false
		b.WriteRune(r)
		last = r
	}
	return b.String()
}

// plain is the one normalisation of quotes: NFKC and no white space at all.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, norm.NFKC.String(s))
}

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

func hasHan(s string) bool { return strings.IndexFunc(s, isHan) >= 0 }

// mostlyHan says in which script a piece of text is written.
func mostlyHan(s string) bool {
	han, latin := 0, 0
	for _, r := range s {
		switch {
		case isHan(r):
			han++
		case r < 128 && unicode.IsLetter(r):
			latin++
		}
	}
	return han*4 > latin
}

// suffixes of English words, longest first, with what stands for them.
var suffixes = [][2]string{
	{"izations", ""},
	{"isations", ""},
	{"ization", ""},
	{"isation", ""},
	{"ational", ""},
	{"ations", ""},
	{"ation", ""},
	{"izing", ""},
	{"ising", ""},
	{"ized", ""},
	{"ised", ""},
	{"izes", ""},
	{"ises", ""},
	{"ize", ""},
	{"ise", ""},
	{"ments", ""},
	{"ment", ""},
	{"ities", ""},
	{"ity", ""},
	{"ances", ""},
	{"ance", ""},
	{"ences", ""},
	{"ence", ""},
	{"ency", ""},
	{"ancy", ""},
	{"ient", "i"},
	{"iency", "i"},
	{"ent", ""},
	{"ant", ""},
	{"tions", "t"},
	{"tion", "t"},
	{"sions", "s"},
	{"sion", "s"},
	{"ators", ""},
	{"ator", ""},
	{"ives", ""},
	{"ive", ""},
	{"ably", ""},
	{"ibly", ""},
	{"able", ""},
	{"ible", ""},
	{"ingly", ""},
	{"edly", ""},
	{"ically", ""},
	{"ical", ""},
	{"ally", ""},
	{"ates", ""},
	{"ated", ""},
	{"ating", ""},
	{"ate", ""},
	{"ings", ""},
	{"ing", ""},
	{"ies", ""},
	{"ied", ""},
	{"ers", ""},
	{"er", ""},
	{"ors", ""},
	{"or", ""},
	{"ed", ""},
	{"al", ""},
	{"ic", ""},
	{"e", ""},
	{"y", ""},
}

var irregular = map[string]string{
	"built": "build", "held": "hold", "made": "make", "taken": "take", "took": "take", "given": "give", "gave": "give", "set": "set",
	"brought": "bring", "sought": "seek", "kept": "keep", "led": "lead", "sold": "sell", "bought": "buy", "grew": "grow", "grown": "grow",
	"met": "meet", "found": "found", "drew": "draw", "drawn": "draw", "put": "put", "undertook": "undertake", "won": "win", "broke": "break",
	"broken": "break", "strove": "strive", "striven": "strive", "lent": "lend", "paid": "pay", "people": "person", "criteria": "criterion",
	"analyses": "analysis", "diagnoses": "diagnosis", "bases": "base", "children": "child", "became": "become", "complied": "comply", "applied": "apply",
	"police": "constable", "universal": "allround", "sped": "speed", "bodies": "body", "general": "overall",
}

// stem cuts an English word to what its forms share; at least three letters
// stay. It is crude on purpose: both sides of a comparison go through it.
func stem(w string) string {
	w = strings.TrimSuffix(w, "'s")
	w = strings.Trim(w, "'")
	if base, ok := irregular[w]; ok {
		w = base
	}
	if len(w) > 6 {
		w = strings.TrimSuffix(w, "ly")
	}
	switch {
	case len(w) > 4 && strings.HasSuffix(w, "ies"):
		w = w[:len(w)-3] + "y"
	case len(w) > 3 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss") && !strings.HasSuffix(w, "us") && !strings.HasSuffix(w, "is"):
		w = w[:len(w)-1]
	}
	if len(w) <= 3 {
		return w
	}
	if strings.HasSuffix(w, "ss") || strings.HasSuffix(w, "eed") {
		return w
	}
	for _, s := range suffixes {
		if strings.HasSuffix(w, s[0]) && len(w)-len(s[0])+len(s[1]) >= 3 {
			w = strings.TrimSuffix(w, s[0]) + s[1]
			if s[0] == "ing" && len(w) > 3 {
				w = strings.TrimSuffix(strings.TrimSuffix(w, "y"), "e")
			}
			break
		}
	}
	if n := len(w); n > 3 && w[n-1] == w[n-2] && w[n-1] != 's' && w[n-1] != 'l' {
		w = w[:n-1]
	}
	return w
}

var latinWord = regexp.MustCompile(`[a-z0-9][a-z0-9']*`)

// A word is one Latin word of a folded text: its stem and its byte range.
type word struct {
	text, stem string
	start, end int
}

func latin(folded string) []word {
	var out []word
	for _, m := range latinWord.FindAllStringIndex(folded, -1) {
		w := folded[m[0]:m[1]]
		out = append(out, word{text: w, stem: stem(w), start: m[0], end: m[1]})
	}
	return out
}

// stems is the key under which a phrase is looked up: its stems with spaces.
func stems(phrase string) string {
	var parts []string
	for _, w := range latin(fold(phrase)) {
		parts = append(parts, w.stem)
	}
	return strings.Join(parts, " ")
}
