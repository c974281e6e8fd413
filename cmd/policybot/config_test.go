package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"policybot/bot"
	"policybot/bot/eligibility"
	"policybot/bot/eligibility/register"
	"policybot/bot/erasure"
	"policybot/bot/generate"
	"policybot/bot/model"
	"policybot/retrieval"
	"policybot/retrieval/openai"
	"policybot/retrieval/sqlite"
)

// wantHan wants standard error in Chinese, or in English.
func (r output) wantHan(t *testing.T, want bool) {
	t.Helper()
	if hasHan(r.err) != want {
		t.Errorf("%q: Chinese is %t, want %t: %q", r.args, !want, want, r.err)
	}
}

// TestLanguageOfMessages: --lang, then the configuration file, then the locale.
func TestLanguageOfMessages(t *testing.T) {
	data, dir := seeded(t), t.TempDir()
	zhFile := write(t, dir, "zh.yaml", "lang: zh\n")
	wrong := [][]string{
		{"clauses", "no such"},             // found by the command
		{"ask", "--as-of", "monday", "x"},  // found before it
		{"ask", "--no-such-flag"},          // found by the parser
		{"ask", "--batch", "no such file"}, // found in the file system
	}
	for _, tt := range []struct {
		locale string
		args   []string
		han    bool
	}{
		{"", nil, false},
		{"zh_CN.UTF-8", nil, true},
		{"en_US.UTF-8", []string{"--lang", "zh"}, true},
		{"", []string{"--lang=zh"}, true},
		{"zh_CN.UTF-8", []string{"--lang", "en"}, false},
		{"zh_CN.UTF-8", []string{"--lang=en"}, false},
		{"", []string{"--config", zhFile, "--lang", "en"}, false},
	} {
		for _, cmd := range wrong {
			s := setting{env: map[string]string{"LANG": tt.locale}}
			r := s.run(t, append(append([]string{"--data", data}, tt.args...), cmd...)...)
			if r.code == exitOK {
				t.Errorf("%q: exit 0", r.args)
			}
			r.want(t, r.code).wantHan(t, tt.han)
		}
	}
	pb(t, data, "--config", zhFile, "clauses", "no such").want(t, exitError).wantHan(t, true)
	env := map[string]string{"LC_ALL": "en_US", "LC_MESSAGES": "zh_CN", "LANG": "zh_CN"}
	setting{env: env}.run(t, "--data", data, "clauses", "no such").want(t, exitError).wantHan(t, false)
	pb(t, data, "--lang", "fr", "documents").want(t, exitUsage).says(t, "fr", "zh")
	pb(t, data, "--config", write(t, dir, "fr.yaml", "lang: fr"), "documents").want(t, exitUsage).says(t, "fr", "zh")
}

// TestLanguageWithoutWords: where a question shows no language, that of the
// messages is taken.
func TestLanguageWithoutWords(t *testing.T) {
	data := seeded(t)
	for _, q := range []string{"", "  ", "?!", "😀", "\x1b"} {
		line, err := json.Marshal(batchLine{Question: &q})
		if err != nil {
			t.Fatal(err)
		}
		for lang, han := range map[string]bool{"zh": true, "en": false} {
			for _, args := range [][]string{{"ask", "--json", q}, {"ask", "--batch", write(t, t.TempDir(), "b", string(line))}} {
				a := decode[bot.Answer](t, pb(t, data, append([]string{"--lang", lang}, args...)...).want(t, exitOK))
				if a.Lang != lang || hasHan(a.Text) != han || strings.Contains(a.Text, "\n") {
					t.Errorf("%q with --lang %s: %q", args, lang, a.Text)
				}
			}
		}
	}
}

func TestDataFolderPrecedence(t *testing.T) {
	work := t.TempDir()
	t.Chdir(work)
	folders := map[string]string{}
	for _, name := range []string{"flag", "env", "file"} {
		folders[name] = filepath.Join(work, name, "deep")
	}
	file := write(t, work, "config.yaml", "data: "+strconv.Quote(folders["file"])+"\n")
	env := map[string]string{"POLICYBOT_DATA": folders["env"]}
	for _, tt := range []struct {
		want string
		env  map[string]string
		args []string
	}{
		{folders["flag"], env, []string{"--data", folders["flag"], "--config", file}},
		{folders["env"], env, []string{"--config", file}},
		{folders["file"], nil, []string{"--config", file}},
		{filepath.Join(work, "data"), nil, nil},
	} {
		setting{env: tt.env}.run(t, append(tt.args, "documents")...).want(t, exitOK).shows(t, xiamen)
		var have []string
		for _, folder := range append(slices.Collect(maps.Values(folders)), filepath.Join(work, "data")) {
			if _, err := os.Stat(filepath.Join(folder, sqlite.FileName)); err == nil {
				have = append(have, folder)
			}
			os.RemoveAll(folder)
		}
		if !slices.Equal(have, []string{tt.want}) {
			t.Errorf("%q, %v: data in %q, want %q", tt.args, tt.env, have, tt.want)
		}
	}
}

// TestDataFolderNames: a folder may be called anything.
func TestDataFolderNames(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"with blank?and#more%20", "数据", "line\nfeed", "it's \"quoted\"", "a;b&_pragma=c(1)", `C:\x`, "file:x", "-"} {
		for range 2 {
			setting{}.run(t, "--data="+name, "documents").want(t, exitOK).shows(t, xiamen)
		}
		if _, err := os.Stat(filepath.Join(name, sqlite.FileName)); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestEmptyFolderGetsSeeds: whatever the first command is.
func TestEmptyFolderGetsSeeds(t *testing.T) {
	for _, args := range [][]string{
		{"ask", listingQuestion}, {"search", "上市"}, {"documents"}, {"clauses", xiamen}, {"doctor"}, {"index"},
	} {
		data := filepath.Join(t.TempDir(), "new")
		pb(t, data, args...).want(t, exitOK)
		if n := len(documents(t, data)); n != 5 {
			t.Errorf("after %q the folder has %d documents", args, n)
		}
	}
}

func TestConfigFile(t *testing.T) {
	data, dir := seeded(t), t.TempDir()
	for _, tt := range []struct{ text, says string }{
		{"lang: zh\nport: 1\n", "[2:1]"},
		{"lang: zh\nLANG: en\n", "[2:1]"},
		{"lang: [zh\n", "[1:"},
		{"lang: zh\nlang: en\n", "[2:1]"},
		{"- lang\n", "[1:1]"},
		{"just words\n", "[1:1]"},
		{"lang:\n\t zh\n", "["},
		{"\x1b[31m: 1\n", "["},
		{"lang: \"zh\n", "["},
	} {
		file := write(t, dir, "config.yaml", tt.text)
		pb(t, data, "--config", file, "--lang", "en", "documents").want(t, exitError).says(t, file, tt.says).wantHan(t, false)
		pb(t, data, "--config", file, "--lang", "zh", "documents").want(t, exitError).says(t, file, tt.says).wantHan(t, true)
	}
	for _, text := range []string{"", "\n", "# nothing\n", "---\n", "\ufefflang: en\n", "lang: en\r\n", "lang:\n"} {
		pb(t, data, "--config", write(t, dir, "config.yaml", text), "documents").want(t, exitOK)
	}
	pb(t, data, "--config", filepath.Join(dir, "none.yaml"), "documents").want(t, exitError).says(t, "none.yaml")
	pb(t, data, "--config", dir, "documents").want(t, exitError).says(t, dir)
}

func TestPostgresIsRefused(t *testing.T) {
	data := filepath.Join(t.TempDir(), "new")
	for lang, han := range map[string]bool{"zh": true, "en": false} {
		s := setting{env: map[string]string{"DATABASE_URL": "postgres://user:secret@localhost/x"}}
		r := s.run(t, "--data", data, "--lang", lang, "ask", "--json", "x").want(t, exitError).says(t, "DATABASE_URL", "Postgres")
		if r.wantHan(t, han); r.out != "" || strings.Contains(r.err, "secret") {
			t.Errorf("prints %q, %q", r.out, r.err)
		}
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("the data folder was made all the same")
	}
}

func TestUsage(t *testing.T) {
	data := filepath.Join(t.TempDir(), "new")
	for _, args := range [][]string{
		{},
		{"no-such-command"},
		{"ask", "--no-such-flag", "x"},
		{"eval"},
		{"clauses"},
		{"clauses", "a", "b"},
		{"documents", "x"},
		{"doctor", "x"},
		{"ask", "--as-of"},
		{"search", "-k", "many", "x"},
		{"\x1b[31m\nb"},
		{"--lang"},
		{"ask", "--\x1b[2J\n\n"},
	} {
		pb(t, data, args...).want(t, exitUsage).says(t, "--help")
	}
	if _, err := os.Stat(data); err == nil {
		t.Error("a mistake in usage made the data folder")
	}
	for _, args := range [][]string{{"--help"}, {"ask", "--help"}, {"eval", "retrieval", "--help"}} {
		setting{}.run(t, args...).want(t, exitOK).shows(t, "Usage: policybot", "--data")
	}
}

var verb = regexp.MustCompile(`%(\.\d)?[a-z%]`)

// TestMessages: both languages say the same, every message that is named
// exists, every one that exists is used.
func TestMessages(t *testing.T) {
	for name, m := range messages {
		if zh, en := verb.FindAllString(m[0], -1), verb.FindAllString(m[1], -1); !slices.Equal(kinds(zh), kinds(en)) {
			t.Errorf("%s: %q in Chinese, %q in English", name, zh, en)
		}
		if strings.TrimSpace(m[0]) == "" || strings.TrimSpace(m[1]) == "" || hasHan(m[1]) {
			t.Errorf("%s: %q, %q", name, m[0], m[1])
		}
	}
	named := namedMessages(t)
	for _, kind := range []sqlite.Kind{
		sqlite.Missing, sqlite.NoFolder, sqlite.IsFolder, sqlite.NotWritable, sqlite.Locked, sqlite.Corrupt, sqlite.Foreign,
		sqlite.NewerSchema, sqlite.OlderSchema, sqlite.ChangedSchema, sqlite.WrongSettings, sqlite.DiskFull, sqlite.IO, sqlite.Failed,
	} {
		if kind != sqlite.IO { // told as Failed
			named["s_"+string(kind)] = true
		}
		a := &app{lang: "en"}
		if text, ok := a.explainStore(fmt.Errorf("x: %w", &sqlite.Error{Kind: kind, Path: "file.db", Err: os.ErrClosed})); !ok || strings.Contains(text, "%!") {
			t.Errorf("%s: %q", kind, text)
		}
	}
	for _, code := range []retrieval.RefusalCode{
		retrieval.RefusedFormat, retrieval.RefusedEmpty, retrieval.RefusedBinary, retrieval.RefusedCharset,
		retrieval.RefusedSize, retrieval.RefusedLine, retrieval.RefusedClauses, retrieval.RefusedWithdrawn,
	} {
		named["r_"+string(code)] = true
		for _, detail := range []string{"", "20"} {
			if detail == "" && (code == retrieval.RefusedSize || code == retrieval.RefusedLine || code == retrieval.RefusedClauses || code == retrieval.RefusedWithdrawn) {
				continue // these always have one
			}
			a := &app{lang: "en"}
			if text := a.refusal(&retrieval.Refusal{Code: code, Detail: detail}); text == "" || strings.Contains(text, "%!") || strings.Contains(text, "  ") {
				t.Errorf("%s: %q", code, text)
			}
		}
	}
	for _, class := range []openai.Class{
		openai.Unauthorized, openai.NotFound, openai.QuotaExceeded, openai.RateLimited, openai.Unavailable, openai.BadAnswer, openai.Refused,
		openai.BadOptions,
	} {
		named["e_"+string(class)] = true
		a := &app{lang: "zh"}
		err := fmt.Errorf("x: %w", &openai.Error{Class: class, Model: "m", URL: "u", Option: "Batch", Detail: "d", Status: 418})
		if text := a.explain(err); strings.Contains(text, "%!") || !strings.Contains(text, "d") {
			t.Errorf("%s: %q", class, text)
		}
	}
	for _, class := range []model.Class{
		model.BadOptions, model.Unauthorized, model.NotFound, model.QuotaExceeded, model.RateLimited, model.Unavailable, model.BadAnswer, model.Cut,
		model.Refused, model.Slow, model.Open, model.Busy, model.Budget, generate.ProblemNone, generate.ProblemFailed, "unverified",
	} {
		named["m_"+string(class)] = true
	}
	for _, word := range []string{
		string(register.Draft), string(register.Approved), string(register.Rejected), stateStale,
		eligibility.Entitlement, eligibility.Support, eligibility.Intention,
	} {
		named["me_"+word] = true
	}
	for _, kind := range []string{erasure.LookEntry, erasure.LookNote, erasure.LookCase, erasure.LookReview, erasure.LookView} {
		named["erase_look_"+kind] = true
	}
	for _, name := range slackCodes {
		named[name] = true
	}
	for _, c := range wecomCodes {
		named[c.message] = true
	}
	for _, word := range publicationWords {
		named["p_"+word] = true
	}
	for _, signal := range retrieval.Signals {
		named["sig_"+strings.TrimPrefix(signal, "plain.")] = true
	}
	for name := range named {
		if _, ok := messages[name]; !ok {
			t.Errorf("there is no message %s", name)
		}
	}
	for name := range messages {
		if !named[name] {
			t.Errorf("message %s is never used", name)
		}
	}
}

// kinds drops the precision of verbs and tells %q and %s not apart: Chinese has
// quotation marks of its own.
func kinds(verbs []string) []string {
	var out []string
	for _, v := range verbs {
		out = append(out, strings.ReplaceAll(v[len(v)-1:], "q", "s"))
	}
	return out
}

// namedMessages are the strings of the program's source that name a message:
// all arguments of msg and format, all first fields of messageError.
func namedMessages(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{string(retrieval.Added): true, string(retrieval.Unchanged): true, string(retrieval.NewVersion): true, resultRefused: true}
	add := func(e ast.Expr) {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			name, _ := strconv.Unquote(lit.Value)
			out[name] = true
		}
	}
	tree := moduleTree(t)
	files, err := goFiles(tree)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if !strings.HasPrefix(name, "cmd/policybot/") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parseGo(tree, name, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if f, ok := n.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "msg" && len(n.Args) > 0 {
					add(n.Args[0])
				}
				if f, ok := n.Fun.(*ast.Ident); ok && f.Name == "format" && len(n.Args) > 1 {
					add(n.Args[1])
				}
			case *ast.CompositeLit:
				if id, ok := n.Type.(*ast.Ident); ok && id.Name == "messageError" {
					if kv, ok := n.Elts[0].(*ast.KeyValueExpr); ok {
						add(kv.Value)
					} else {
						add(n.Elts[0])
					}
				}
			}
			return true
		})
	}
	return out
}
