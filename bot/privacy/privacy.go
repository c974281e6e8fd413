// Package privacy finds personal data in questions and takes it out, so that
// neither a model nor a log sees it. Strings go in, byte offsets come out; no
// name, model or network is needed.
//
// It finds what has a form of its own:
//
//   - mobile numbers of the mainland plan, 1[3-9] and nine digits, with or
//     without +86, 86 or 0086, and those of Hong Kong, Macau and Taiwan after
//     +852, +853 and +886;
//   - resident identity numbers of 18 characters with a known province, a real
//     date of birth and a right check character (GB 11643-1999, ISO 7064
//     MOD 11-2); next to a label also those with a wrong one and those of 15
//     digits (GB 11643-1989);
//   - bank cards of 14 to 19 digits with a known prefix and a right check digit
//     (ISO/IEC 7812-1, annex B, called Luhn's);
//   - e-mail addresses, also written with [at] and [dot];
//   - passports and travel permits: E, G, D, S or P and eight digits, EA to EZ
//     (no I, no O), DE, SE or PE and seven, H or M and eight or ten; any other
//     number next to a label;
//   - WeChat, QQ, Alipay and Telegram accounts next to a label.
//
// Width, zero-width characters, blanks, hyphens and dots inside and Chinese
// numerals (一三八零零…) do not hide a number.
//
// It leaves alone what policies are made of: document numbers, amounts, dates,
// hot lines, landlines with an area code, unified social credit codes
// (GB 32100-2015; public), official accounts, addresses of pages and long
// numbers without a check digit. Names are left alone too. The words that
// decide, such as the labels before and the units after a number, are in
// words.txt.
package privacy

import "strings"

// A Kind says what was found.
type Kind string

// Kinds of personal data.
const (
	Mobile     Kind = "mobile"
	ResidentID Kind = "resident-id"
	BankCard   Kind = "bank-card"
	Email      Kind = "email"
	Passport   Kind = "passport" // or a travel permit
	Account    Kind = "account"  // of WeChat, QQ and the like
)

// placeholders stand for what was found, in Chinese and English at once,
// because a question may be in either. None holds anything that Find finds.
var placeholders = map[Kind]string{
	Mobile:     "[手机号/mobile]",
	ResidentID: "[身份证号/ID number]",
	BankCard:   "[银行卡号/bank card]",
	Email:      "[邮箱/e-mail]",
	Passport:   "[护照号/passport]",
	Account:    "[账号/account]",
}

// Placeholder returns what [Mask] puts in the place of personal data of kind
// k, and "" for a kind that is none of the above.
func (k Kind) Placeholder() string { return placeholders[k] }

// A Found is personal data at text[Start:End], in bytes. A label before it is
// not part of it; a country code is.
type Found struct {
	Kind       Kind
	Start, End int
}

// Find returns the personal data in text, in order and without overlap. Every
// span is not empty and begins and ends between characters; invalid UTF-8
// belongs to none. Text without personal data gives nil. Time is linear in
// len(text).
func Find(text string) []Found {
	pages := findPages(text)
	s := scanner{text: text, pages: pages, emails: findEmails(text, pages)}
	s.setEnd()
	for i := 0; i < len(text); {
		i = s.step(i)
	}
	return s.found
}

// Mask returns text with each span that [Find] finds replaced by the
// placeholder of its kind, and these spans, whose offsets are those of text as
// given. All else stays as it is, byte for byte, and text without personal
// data is returned as it is. Masking twice changes nothing more:
// Mask(Mask(x)) == Mask(x).
func Mask(text string) (masked string, found []Found) {
	found = Find(text)
	if len(found) == 0 {
		return text, nil
	}
	var b strings.Builder
	b.Grow(len(text) + 8*len(found))
	at := 0
	for _, f := range found {
		b.WriteString(text[at:f.Start])
		b.WriteString(f.Kind.Placeholder())
		at = f.End
	}
	b.WriteString(text[at:])
	return b.String(), found
}

// placeholderAt returns the length of the placeholder that text[i:] begins
// with, or 0.
func placeholderAt(text string, i int) int {
	if text[i] == '[' {
		for _, p := range placeholders {
			if strings.HasPrefix(text[i:], p) {
				return len(p)
			}
		}
	}
	return 0
}
