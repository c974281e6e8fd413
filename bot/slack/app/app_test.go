package app

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"policybot/bot/slack/act"
)

var update = flag.Bool("update", false, "write the golden files anew")

// combinations are all ways to switch features on and off.
func combinations(t *testing.T) []Features {
	t.Helper()
	var flags []int
	kind := reflect.TypeFor[Features]()
	for i := range kind.NumField() {
		if kind.Field(i).Type.Kind() == reflect.Bool {
			flags = append(flags, i)
		}
	}
	if len(flags) < 6 {
		t.Fatalf("%d switches", len(flags))
	}
	var out []Features
	for n := range 1 << len(flags) {
		f := Features{BaseURL: "https://policy.example"}
		for bit, field := range flags {
			reflect.ValueOf(&f).Elem().Field(field).SetBool(n>>bit&1 == 1)
		}
		out = append(out, f)
	}
	return out
}

// A line of testdata/scopes.txt.
type line struct{ feature, what, name, scope string }

// listed reads the checked-in list.
func listed(t *testing.T) []line {
	t.Helper()
	var out []line
	for n, fields := range fieldsOf(t, "scopes.txt") {
		if len(fields) == 3 && fields[1] == "scope" {
			fields = append(fields, "")
		}
		if len(fields) != 4 || fields[1] != "scope" && fields[1] != "event" {
			t.Fatalf("line %d of the list: %q", n, fields)
		}
		out = append(out, line{fields[0], fields[1], fields[2], strings.TrimPrefix(fields[3], "-")})
	}
	if len(out) < 18 {
		t.Fatalf("%d lines", len(out))
	}
	return out
}

// fieldsOf gives the fields of each line of a file of testdata that is no comment, by the line's number.
func fieldsOf(t *testing.T, file string) map[int][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	out := map[int][]string{}
	for n, l := range strings.Split(string(text), "\n") {
		if fields := strings.Fields(l); len(fields) > 0 && fields[0] != "#" {
			out[n+1] = fields
		}
	}
	return out
}

// TestScopesAsListed: every combination of features asks for exactly what the checked-in list has for it.
func TestScopesAsListed(t *testing.T) {
	list := listed(t)
	for _, f := range combinations(t) {
		want := map[string][]string{}
		for _, l := range list {
			if slices.Contains(f.On(), Feature(l.feature)) && !slices.Contains(want[l.what], l.name) {
				want[l.what] = append(want[l.what], l.name)
			}
		}
		slices.Sort(want["scope"])
		slices.Sort(want["event"])
		got := map[string][]string{"scope": f.Scopes(), "event": f.Events()}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v (-list +code):\n%s", f.On(), diff)
		}
		for _, l := range list {
			if l.what == "event" && l.scope != "" && slices.Contains(f.Events(), l.name) && !slices.Contains(f.Scopes(), l.scope) {
				t.Errorf("%v: %s comes without %s", f.On(), l.name, l.scope)
			}
		}
	}
}

// TestListNamesFeatures: the list has each feature, and no other word.
func TestListNamesFeatures(t *testing.T) {
	all := Features{AgentView: true, Command: true, Shortcuts: true, FollowUps: true, Staff: true}.On()
	seen := map[string]bool{}
	for _, l := range listed(t) {
		seen[l.feature] = true
	}
	var want []string
	for _, f := range all {
		want = append(want, string(f))
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(seen))); diff != "" {
		t.Errorf("-code +list:\n%s", diff)
	}
}

// TestTables: the tables are in order, each scope says in both languages what it is for, and the events of a scope are
// those that Slack sends with it.
func TestTables(t *testing.T) {
	if !slices.IsSortedFunc(scopes, func(a, b Scope) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("scopes are not in the order of their names")
	}
	if !slices.IsSortedFunc(events, func(a, b event) int { return strings.Compare(a.name, b.name) }) {
		t.Error("events are not in the order of their names")
	}
	for _, s := range All() {
		if Why(s.Name, "zh") == "" || Why(s.Name, "en") == "" || Why(s.Name, "zh") == Why(s.Name, "en") {
			t.Errorf("%s: %q, %q", s.Name, Why(s.Name, "zh"), Why(s.Name, "en"))
		}
		if s.Name != "commands" && len(s.Methods)+len(s.Events) == 0 {
			t.Errorf("%s is for nothing", s.Name)
		}
		var of []string
		for _, e := range events {
			if e.scope == s.Name {
				of = append(of, e.name)
			}
		}
		if !slices.Equal(of, s.Events) {
			t.Errorf("%s: events %q, %q say that they need it", s.Name, s.Events, of)
		}
	}
	if Why("admin", "en") != "" {
		t.Error("a scope that is never asked for has a reason")
	}
	All()[0].For[0] = "changed"
	if All()[0].For[0] == "changed" {
		t.Error("the table can be changed from outside")
	}
}

// TestMissingExtra: what an installation lacks and what it has besides.
func TestMissingExtra(t *testing.T) {
	f := Features{Command: true}
	have := ParseScopes(" commands,chat:write , im:history,,files:read,im:write")
	if diff := cmp.Diff([]string{"app_mentions:read", "channels:history", "groups:history", "mpim:history"}, Missing(f, have)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"files:read"}, Extra(f, have)); diff != "" {
		t.Error(diff)
	}
	for _, f := range combinations(t) {
		if m, e := Missing(f, f.Scopes()), Extra(f, f.Scopes()); len(m)+len(e) > 0 {
			t.Errorf("%v: %q missing, %q extra", f.On(), m, e)
		}
		if m := Missing(f, nil); !slices.Equal(m, f.Scopes()) {
			t.Errorf("%v: %q missing of nothing", f.On(), m)
		}
	}
}

// all is everything that a setting can switch on by default.
var all = Features{FollowUps: true, AgentView: true, Command: true, Shortcuts: true, Staff: true}

// TestManifestGolden: the manifests as Slack gets them.
func TestManifestGolden(t *testing.T) {
	for _, mode := range []string{"socket", "http"} {
		for _, lang := range []string{"zh", "en"} {
			f := all
			if mode == "http" {
				f.HTTP, f.BaseURL = true, "https://policy.example"
			}
			got, err := JSON(Manifest(f, lang))
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", "manifest-"+mode+"-"+lang+".json")
			if *update {
				if err := os.WriteFile(path, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("%s differs (-want +got); -update writes it anew\n%s", path, diff)
			}
		}
	}
}

// A key of a manifest, as testdata/manifest-keys.txt has it.
type key struct {
	kind        string
	least, most int // -1: no limit
	must        bool
}

func documented(t *testing.T) map[string]key {
	t.Helper()
	out := map[string]key{}
	limit := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			return -1
		}
		return n
	}
	for n, fields := range fieldsOf(t, "manifest-keys.txt") {
		if len(fields) != 5 {
			t.Fatalf("line %d of the keys: %q", n, fields)
		}
		out[fields[0]] = key{fields[1], limit(fields[2]), limit(fields[3]), fields[4] == "must"}
	}
	return out
}

// TestManifestKeys: every manifest has only keys that Slack documents, with values that it takes, and those that it
// needs; over HTTP it has addresses, over Socket Mode none.
func TestManifestKeys(t *testing.T) {
	keys := documented(t)
	for _, f := range combinations(t) {
		for _, lang := range []string{"zh", "en"} {
			text, err := JSON(Manifest(f, lang))
			if err != nil {
				t.Fatal(err)
			}
			var tree any
			if err := json.Unmarshal(text, &tree); err != nil {
				t.Fatal(err)
			}
			for _, p := range problems(tree, keys) {
				t.Errorf("%s, %v: %s", lang, f.On(), p)
			}
			if n := strings.Count(string(text), "https://policy.example/slack/"); f.HTTP && f.Command && n != 3 || f.HTTP && !f.Command && n != 2 || !f.HTTP && n != 0 {
				t.Errorf("%v: %d addresses in\n%s", f.On(), n, text)
			}
		}
	}
}

// TestManifestKeysBites breaks a manifest in each way that TestManifestKeys looks for.
func TestManifestKeysBites(t *testing.T) {
	keys := documented(t)
	for _, tt := range []struct{ name, from, to, want string }{
		{"whole", "", "", ""},
		{"unknown key", `"is_enabled"`, `"enabled"`, "settings.interactivity.enabled is not documented"},
		{"key that must be there", `"should_escape": false,`, ``, "features.slash_commands[].should_escape is missing"},
		{"kind", `"is_enabled": true`, `"is_enabled": "true"`, "settings.interactivity.is_enabled is string, not bool"},
		{"long", `"Ask a policy question"`, `"Ask a question on policies"`, "features.shortcuts[].name has 26, not 1 to 24"},
		{"short", `"name": "Policy enquiries"`, `"name": ""`, "display_information.name has 0, not 1 to 35"},
	} {
		text, err := JSON(Manifest(all, "en"))
		if err != nil {
			t.Fatal(err)
		}
		broken := strings.Replace(string(text), tt.from, tt.to, 1)
		if tt.from != "" && broken == string(text) {
			t.Fatalf("%s: nothing was changed in\n%s", tt.name, text)
		}
		var tree any
		if err := json.Unmarshal([]byte(broken), &tree); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(problems(tree, keys), "; "); !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// problems says what of a manifest Slack would not take.
func problems(tree any, keys map[string]key) []string {
	var out []string
	objects := map[string]int{"": 1} // how many of a place there are
	counts := map[string]int{}
	var walk func(at string, v any)
	walk = func(at string, v any) {
		counts[at]++
		kind, size := "object", -1
		switch v := v.(type) {
		case map[string]any:
			objects[at]++
			for name, child := range v {
				walk(strings.TrimPrefix(at+"."+name, "."), child)
			}
			return
		case []any:
			kind, size = "list", len(v)
			for _, child := range v {
				walk(at+"[]", child)
			}
		case string:
			kind, size = "string", utf8.RuneCountInString(v)
		case bool:
			kind = "bool"
		case float64:
			kind = "number"
		}
		k, ok := keys[at]
		switch {
		case !ok:
			out = append(out, at+" is not documented")
		case kind != k.kind:
			out = append(out, fmt.Sprintf("%s is %s, not %s", at, kind, k.kind))
		case k.least >= 0 && size < k.least || k.most >= 0 && size > k.most:
			out = append(out, fmt.Sprintf("%s has %d, not %d to %d", at, size, k.least, k.most))
		}
	}
	walk("", tree)
	for at, k := range keys {
		above := at[:max(0, strings.LastIndex(at, "."))]
		if k.must && counts[at] < objects[above] {
			out = append(out, at+" is missing")
		}
	}
	slices.Sort(out)
	return out
}

// TestManifestIds: what can be pressed has the ids by which events are told apart.
func TestManifestIds(t *testing.T) {
	m := Manifest(all, "en")
	var got []string
	for _, s := range m.Features.Shortcuts {
		got = append(got, string(s.Type)+" "+s.CallbackID)
	}
	if diff := cmp.Diff([]string{"message " + act.ShortcutAskAbout, "message " + act.ShortcutDraft, "global " + act.ShortcutAsk}, got); diff != "" {
		t.Error(diff)
	}
	if c := m.Features.SlashCommands; len(c) != 1 || c[0].Command != act.Command || c[0].ShouldEscape {
		t.Errorf("%+v", c)
	}
	if strings.Trim(m.Features.BotUser.DisplayName, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" {
		t.Errorf("%q cannot be mentioned", m.Features.BotUser.DisplayName)
	}
}
