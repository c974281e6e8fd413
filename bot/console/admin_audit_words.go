package console

import (
	"strings"

	"policybot/bot/accounts"
)

// auditValues are the groups of words for values of details, by the names of the values.
var auditValues = map[string]string{
	"role": "role", "was": "role", "reason": "casereason", "kind": "proposalkind", "verdict": "ops.verdict", "expect": "ops.expects",
	"outcome": "outcome", "rating": "ops.rating", "does": "did", "with": "auditwith", "origin": "auditorigin", "to": "settings", "owner": "auditowner",
}

// auditDetail is the detail of a row in words: what it names and the values, and words that stand alone. What has no words
// is shown as it is: a row that an earlier version of the program has written, or another program.
func (v View) auditDetail(detail string) string {
	between, after := ": ", " · "
	if v.Lang == chinese {
		between = "："
	}
	var out []string
	for _, fact := range accounts.ReadFacts(detail) {
		name, value := fact[0], fact[1]
		word, known := words[v.Lang]["auditkey."+name]
		if name == "" {
			word, known = words[v.Lang]["auditword."+value]
			value = ""
		}
		switch {
		case !known:
			return detail
		case name == "":
			out = append(out, word)
			continue
		case strings.HasSuffix(name, "chars"):
			value = v.T("audit.chars", value)
		case auditValues[name] != "":
			value = v.Named(auditValues[name], value)
		}
		out = append(out, word+between+value)
	}
	return strings.Join(out, after)
}
