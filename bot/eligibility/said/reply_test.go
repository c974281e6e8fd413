package said

import (
	"strings"
	"testing"

	"policybot/bot/eligibility"
)

// TestAnswer gives replies to questions: of a list of which one holds, of a list of
// which several may, and of yes or no.
func TestAnswer(t *testing.T) {
	const one, several, yesNo = "entity", "role_rd role_production", "approved"
	for _, test := range []struct{ keys, message, want string }{
		// Neither yes nor no picks one of a list.
		{one, "不是", ""},
		{one, "不是的", ""},
		{one, "否", ""},
		{one, "不", ""},
		{one, "不对", ""},
		{one, "没有", ""},
		{one, "都不是", ""},
		{one, "no", ""},
		{one, "No.", ""},
		{one, "nope", ""},
		{one, "not", ""},
		{one, "None of them", ""},
		{one, "no, the second", ""},
		{one, "是", ""},
		{one, "是的", ""},
		{one, "对", ""},
		{one, "yes", ""},
		{one, "in", ""},
		{"ownership", "no", ""},
		{"ownership", "the", ""},
		{"size", "不是", ""},
		{"size", "or", ""},
		{"device_class", "no", ""},

		// A name, or a part that only one name has.
		{one, "医疗机构", "entity=medical_institution"},
		{one, "medical institution", "entity=medical_institution"},
		{one, "不是医疗机构", ""},
		{one, "不是，是医院", "entity=medical_institution"},
		{one, "企业", "entity=enterprise"},
		{one, "2", "entity=medical_institution"},
		{"ownership", "wholly foreign", "ownership=wholly_foreign"},
		{"ownership", "foreign", ""},
		{"ownership", "企业", "entity=enterprise"},
		{"size", "企业", "entity=enterprise"},
		{"size", "大型", "size=large"},
		{"device_class", "class III", "device_class=III"},

		// Of several that may be true a no is none; who has no idea says neither.
		{several, "没有", "role_rd=no; role_production=no"},
		{several, "不是", "role_rd=no; role_production=no"},
		{several, "是", ""},
		{several, "yes", ""},
		{several, "no idea", "role_rd=; role_production="},
		{several, "不是，不清楚", "role_rd=; role_production="},

		{yesNo, "不是", "approved=no"},
		{yesNo, "否", "approved=no"},
		{yesNo, "no", "approved=no"},
		{yesNo, "nope", "approved=no"},
		{yesNo, "对", "approved=yes"},
		{yesNo, "yes", "approved=yes"},
	} {
		v := eligibility.Builtin()
		reply := Answer(test.message, v.Question(strings.Fields(test.keys)), v)
		var got []string
		for _, k := range reply.Facts {
			got = append(got, k.Key+"="+k.Value)
		}
		answers := strings.Contains(test.want, strings.Fields(test.keys)[0]+"=")
		if s := strings.Join(got, "; "); s != test.want || reply.Answers != answers {
			t.Errorf("%s: %q: got %q, answers %v; want %q, %v", test.keys, test.message, s, reply.Answers, test.want, answers)
		}
	}
}
