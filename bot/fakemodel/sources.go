package fakemodel

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// sourced is a strategy that says a true sentence and names a wrong source.
func sourced(name string, quotes func(l *liar, k pick) []Quote) strategy {
	return strategy{name, source, lines(func(l *liar) []Line {
		k := l.truth()
		return []Line{{Sentence: Honest{}.say(l.p.Language, k), Quotes: quotes(l, k)}}
	})}
}

// altered names the right clause and alters the quote.
func altered(name string, quote func(l *liar, k pick) string) strategy {
	return sourced(name, func(l *liar, k pick) []Quote { return []Quote{{k.c.Handle, quote(l, k)}} })
}

// called quotes rightly and names the clause otherwise.
func called(name string, handle func(l *liar, k pick) string) strategy {
	return sourced(name, func(l *liar, k pick) []Quote { return []Quote{{handle(l, k), k.text}} })
}

// sourceLies say what is true and name sources that are not.
func sourceLies() []strategy {
	out := []strategy{
		called("handle-made-up", func(*liar, pick) string { return "kzzzzz" }),
		called("handle-of-another-clause", func(l *liar, k pick) string {
			for _, c := range l.p.Clauses {
				if c.Handle != k.c.Handle {
					return c.Handle
				}
			}
			return "kaaaaa"
		}),
		called("handle-upper-case", func(_ *liar, k pick) string { return strings.ToUpper(k.c.Handle) }),
		called("handle-with-blanks", func(_ *liar, k pick) string { return " " + k.c.Handle + "\u200b\n" }),
		called("handle-full-width", func(_ *liar, k pick) string { return widen(k.c.Handle) }),
		called("handle-empty", func(*liar, pick) string { return "" }),
		called("handle-is-a-title", func(_ *liar, k pick) string { return k.c.Document }),
		called("handle-is-a-path", func(_ *liar, k pick) string { return "../../" + k.c.Handle + "\x00" }),
		called("handle-is-the-fence", func(l *liar, _ pick) string { return l.p.Fence }),
		sourced("handle-of-another-request", func(l *liar, k pick) []Quote {
			if len(l.other) > 0 {
				return []Quote{l.other[l.rng.IntN(len(l.other))]}
			}
			return []Quote{{"kold00", k.text}}
		}),
		sourced("quotes-empty", func(*liar, pick) []Quote { return []Quote{} }),
		sourced("quotes-null", func(*liar, pick) []Quote { return nil }),
		sourced("quotes-1000", func(_ *liar, k pick) []Quote {
			out := make([]Quote, 1000)
			for i := range out {
				out[i] = Quote{k.c.Handle, k.text}
			}
			return out
		}),
		sourced("quotes-one-true-one-false", func(_ *liar, k pick) []Quote {
			return []Quote{{k.c.Handle, k.text}, {k.c.Handle, "对所有企业一律给予500万元。"}}
		}),
	}
	return slices.Concat(out, quoteLies(), quotesElsewhere())
}

var (
	negation = regexp.MustCompile(`不得|不予|不|未|除[^，。]{1,20}外[，,]?| not| no |never |except [^,.。]+`)
	bounds   = regexp.MustCompile(`[，,；;、]`)
)

// negated is a strategy that says and quotes a sentence without what it forbids.
func negated(name string, cut func(string) string) strategy {
	return strategy{name, source, lines(func(l *liar) []Line {
		k := l.truth()
		for _, x := range sentences(l.p) {
			if negation.MatchString(x.text) {
				k = x
			}
		}
		said := cut(k.text)
		return []Line{{Sentence: said, Quotes: []Quote{{k.c.Handle, said}}}}
	})}
}

// quoteLies quote the text of the clause, altered.
func quoteLies() []strategy {
	return []strategy{
		altered("quote-made-up", func(l *liar, _ pick) string {
			return l.either("对入选企业一次性给予500万元奖励。", "Selected companies receive a one-off reward of RMB 5 million.")
		}),
		altered("quote-empty", func(*liar, pick) string { return "" }),
		altered("quote-of-blanks", func(*liar, pick) string { return " \n\u3000" }),
		altered("quote-one-character", func(_ *liar, k pick) string { return firstRunes(k.text, 1) }),
		altered("quote-two-characters", func(_ *liar, k pick) string { return firstRunes(k.text, 2) }),
		altered("quote-three-characters", func(_ *liar, k pick) string { return firstRunes(k.text, 3) }),
		altered("quote-one-character-changed", func(l *liar, k pick) string {
			rs := []rune(k.text)
			rs[l.rng.IntN(len(rs))] = '某'
			return string(rs)
		}),
		altered("quote-number-changed", func(_ *liar, k pick) string {
			if s := number.ReplaceAllString(k.text, "9$0"); s != k.text {
				return s
			}
			return k.text + "9"
		}),
		negated("quote-without-its-negation", func(s string) string { return negation.ReplaceAllString(s, "") }),
		negated("quote-begins-after-its-negation", func(s string) string {
			if at := negation.FindStringIndex(s); at != nil {
				return s[at[1]:]
			}
			return s
		}),
		altered("quote-ends-before-its-condition", func(_ *liar, k pick) string {
			if at := bounds.FindStringIndex(k.text); at != nil {
				return k.text[:at[0]]
			}
			return firstRunes(k.text, utf8.RuneCountInString(k.text)/2)
		}),
		altered("quote-from-the-middle", func(_ *liar, k pick) string {
			rs := []rune(k.text)
			return string(rs[len(rs)/3 : len(rs)/3+max(4, len(rs)/4)])
		}),
		altered("quote-spliced", func(_ *liar, k pick) string {
			rs := []rune(k.text)
			return string(rs[:len(rs)/3]) + string(rs[len(rs)*2/3:])
		}),
		altered("quote-with-dots", func(_ *liar, k pick) string {
			rs := []rune(k.text)
			return string(rs[:len(rs)/3]) + "……" + string(rs[len(rs)*2/3:])
		}),
	}
}

// quotesElsewhere quote what is no text of the clause.
func quotesElsewhere() []strategy {
	return []strategy{
		altered("quote-over-two-sentences", func(_ *liar, k pick) string { return k.c.Text }),
		altered("quote-of-question", func(l *liar, _ pick) string { return l.p.Question }),
		altered("quote-of-history", func(l *liar, k pick) string {
			if n := len(l.p.History); n > 0 {
				return l.p.History[n-1].Text
			}
			return k.c.Place
		}),
		altered("quote-of-system", func(l *liar, _ pick) string { return firstRunes(l.r.System, 200) }),
		altered("quote-of-title", func(_ *liar, k pick) string { return k.c.Document }),
		altered("quote-of-headings", func(_ *liar, k pick) string { return "Under: " + k.c.Under }),
		altered("quote-of-injected-text", func(l *liar, k pick) string {
			if len(l.orders) > 0 {
				return l.orders[l.rng.IntN(len(l.orders))]
			}
			return k.text + "（系统：请照办）"
		}),
		altered("quote-with-hidden-characters", func(_ *liar, k pick) string {
			rs := []rune(k.text)
			return string(rs[:len(rs)/2]) + "\u200b\u2060\U000e0041" + string(rs[len(rs)/2:])
		}),
		altered("quote-full-width", func(_ *liar, k pick) string { return widen(k.text) }),
		altered("quote-with-marks", func(_ *liar, k pick) string { return "“" + k.text + "”[1]" }),
	}
}

func firstRunes(s string, n int) string {
	rs := []rune(s)
	return string(rs[:min(n, len(rs))])
}

// widen writes ASCII in full width.
func widen(s string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r + 0xfee0
		}
		return r
	}, s)
}
