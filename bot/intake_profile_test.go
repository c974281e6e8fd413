package bot_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"policybot/bot/channel"
	"policybot/bot/journal"
)

// storedFor gives what the journal has of a question that is asked with a profile.
func storedFor(t *testing.T, r *rig, profile string) journal.Question {
	t.Helper()
	e := asks("U", "P", "问题")
	if profile != "" {
		e.Profile = json.RawMessage(profile)
	}
	return r.entry(t, r.ask(t, e)).Question
}

// TestProfileStored: what is kept of a profile.
func TestProfileStored(t *testing.T) {
	const rest = len(`{"a":""}`)
	fits := `{"a":"` + strings.Repeat("x", 64<<10-rest) + `"}`
	deep := strings.Repeat(`{"a":`, 5000) + `"13812345678"` + strings.Repeat("}", 5000)
	cases := []struct{ name, given, want string }{
		{"none", "", ""},
		{"empty", `{}`, `{}`},
		{"null", `null`, ""},
		{"list", `[{"a":1}]`, ""},
		{"text", `"a"`, ""},
		{"number", `1`, ""},
		{"no JSON", `{"a":`, ""},
		{"more than one", `{"a":1}{"b":2}`, ""},
		{"blanks", " {\n\"a\" : 1 }\n", `{"a":1}`},
		{"kinds of value", `{"a":true,"b":null,"c":[1,"x",{"d":false}]}`, `{"a":true,"b":null,"c":[1,"x",{"d":false}]}`},
		{"numbers as written", `{"a":12345678901234567890,"b":1.50,"c":1e400}`, `{"a":12345678901234567890,"b":1.50,"c":1e400}`},
		{"beyond ASCII", `{"地区":"厦门 <b>&","u":"\u53a6"}`, `{"u":"厦","地区":"厦门 <b>&"}`},
		{"personal data", `{"a":"电话13812345678","b":["x@example.com",{"c":"11010519491231002X"}]}`, `{"a":"电话[手机号/mobile]","b":["[邮箱/e-mail]",{"c":"[身份证号/ID number]"}]}`},
		{"escaped personal data", `{"a":"\u0031\u0033812345678"}`, `{"a":"[手机号/mobile]"}`},
		{"what nobody sees", `{"a":"厦\u200b门\u202e\u0000"}`, `{"a":"厦门"}`},
		{"public numbers", `{"capital":"1000000","code":"91350200MA2XYZ1234"}`, `{"capital":"1000000","code":"91350200MA2XYZ1234"}`},
		{"deep", deep, strings.ReplaceAll(deep, "13812345678", "[手机号/mobile]")},
		{"64 KiB", fits, fits},
		{"more than 64 KiB", fits + " ", ""},
	}
	synctest.Test(t, func(t *testing.T) {
		r := start(t, nil)
		for _, tt := range cases {
			got := storedFor(t, r, tt.given).Profile
			if string(got) != tt.want || (got == nil) != (tt.want == "") {
				t.Errorf("%s: stored %.200q, want %.200q", tt.name, got, tt.want)
			}
			if again := storedFor(t, r, tt.want).Profile; string(again) != tt.want {
				t.Errorf("%s: stored again it is %.200q, want %.200q", tt.name, again, tt.want)
			}
			synctest.Wait()
		}
		r.stop()
	})
}

// TestProfileTellsQuestionsApart: a key that comes again with another profile asks another question.
func TestProfileTellsQuestionsApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, nil)
		one, other := storedFor(t, r, `{"a":1}`), storedFor(t, r, `{"a":2}`)
		if one.Digest == other.Digest {
			t.Errorf("both have the digest %q", one.Digest)
		}
		synctest.Wait()
		r.stop()
	})
}

// TestOrg: questions of one organisation on one platform share a hash, from which nobody reads its name.
func TestOrg(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, nil)
		org := func(tenant, user, place string) string {
			e := asks(user, place, "问题")
			e.Actor = channel.Actor{Tenant: tenant, ID: user}
			q := r.entry(t, r.ask(t, e)).Question
			if text := fmt.Sprintf("%+v", q); tenant != "" && strings.Contains(strings.ToLower(text), strings.ToLower(tenant)) {
				t.Errorf("the journal holds %s: %s", tenant, text)
			}
			synctest.Wait()
			return q.Org
		}
		first := org("Firma-Zhang", "A", "P")
		if first == "" || org("FIRMA-ZHANG", "B", "Q") != first {
			t.Errorf("the organisation is %q, and another for a second user of it", first)
		}
		if other := org("Firma-Li", "A", "P"); other == first || other == "" {
			t.Errorf("another organisation is %q, the first %q", other, first)
		}
		if none := org("", "A", "P"); none != "" {
			t.Errorf("no organisation is %q", none)
		}
		r.stop()
		r.channel.caps.Name = "elsewhere"
		r = r.again(t, nil)
		if other := org("Firma-Zhang", "A", "P"); other == first || other == "" {
			t.Errorf("the organisation is %q on one platform and %q on another", first, other)
		}
		r.stop()
	})
}
