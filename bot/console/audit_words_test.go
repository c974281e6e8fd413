package console

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"policybot/bot/accounts"
)

// codeOf are the files of folders of the program, but for tests.
func codeOf(t *testing.T, folders ...string) (files []*ast.File) {
	t.Helper()
	for _, folder := range folders {
		for name, text := range sources(t, filepath.Join(folder, "*.go")) {
			file, err := parser.ParseFile(token.NewFileSet(), name, text, 0)
			must(t, err)
			files = append(files, file)
		}
	}
	return files
}

// literal is the value of a text in code, "" for what is none.
func literal(e ast.Expr) string {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return ""
	}
	text, _ := strconv.Unquote(l.Value) // it was parsed
	return text
}

// deedsOf are what the code calls things that are done: the constants whose names begin with did.
func deedsOf(files []*ast.File) (out []string) {
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok {
				for i, name := range v.Names {
					if i < len(v.Values) && strings.HasPrefix(strings.ToLower(name.Name), "did") && literal(v.Values[i]) != "" {
						out = append(out, literal(v.Values[i]))
					}
				}
			}
			return true
		})
	}
	return out
}

// calledIn calls f with the name and the arguments of every call of the code.
func calledIn(files []*ast.File, f func(name string, args []ast.Expr)) {
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				switch to := call.Fun.(type) {
				case *ast.SelectorExpr:
					f(to.Sel.Name, call.Args)
				case *ast.Ident:
					f(to.Name, call.Args)
				}
			}
			return true
		})
	}
}

// TestAuditWords wants a name in both languages, and a place in the filter, for all that rows say was done; and a word in
// both languages for every name of their details.
func TestAuditWords(t *testing.T) {
	files := codeOf(t, ".", "../accounts", "../../cmd/policybot")
	deeds := deedsOf(files)
	for i, does := range deeds {
		if does == didDocument {
			deeds[i] = ""
		}
	}
	for _, does := range []string{"propose", "publish", "reject", "take_back", "roll_back"} {
		deeds = append(deeds, didDocument+does)
	}
	deeds = slices.DeleteFunc(deeds, func(does string) bool { return does == "" })
	if len(deeds) < 50 {
		t.Fatalf("only %d are done: %q", len(deeds), deeds)
	}
	for _, does := range deeds {
		if !slices.Contains(auditNames, does) {
			t.Errorf("the filter lacks %s", does)
		}
	}
	for _, does := range auditNames {
		if !slices.Contains(deeds, does) {
			t.Errorf("nothing is called %s", does)
		}
	}
	wanted := map[string]bool{}
	for _, does := range deeds {
		wanted["did."+does] = true
	}
	calledIn(files, func(name string, args []ast.Expr) {
		switch {
		case name == "Facts" && len(args) > 1:
			for i := 0; i < len(args); i += 2 {
				if key := literal(args[i]); key != "" {
					wanted["auditkey."+key] = true
				}
			}
		case name == "record" && len(args) == 4:
			if to, ok := args[1].(*ast.Ident); !ok || !strings.HasPrefix(to.Name, "didExport") {
				t.Errorf("a row without a change is written of what is no export")
			}
		case (name == "change" || name == "record") && len(args) >= 4 && literal(args[1]) != "":
			t.Errorf("%s is done, which is no constant", literal(args[1]))
		}
	})
	for _, key := range []string{"kind", "document", "from", "to", "was", "findings", "span"} { // of package publication, and of lists
		wanted["auditkey."+key] = true
	}
	for name := range wanted {
		for _, lang := range []string{chinese, english} {
			if words[lang][name] == "" {
				t.Errorf("%s has no words for %s", lang, name)
			}
		}
	}
	if !wanted["auditkey.reason_chars"] || !wanted["auditkey.role"] || len(wanted) < 80 {
		t.Errorf("the code is not understood: %v", wanted)
	}
}

// TestAuditDetail shows details in words, and what is none as it is.
func TestAuditDetail(t *testing.T) {
	for detail, want := range map[string][2]string{
		"":                                      {"", ""},
		"failed":                                {"没有做成", "it failed"},
		"revision=2 reason_chars=8":             {"修订：2 · 理由：8 字", "revision: 2 · reason: 8 characters"},
		"role=admin was=staff sessions=1":       {"角色：管理员 · 原为：办理人员 · 结束的登录：1", "role: administrator · was: staff · sessions ended: 1"},
		"kind=withdraw document=a from=1 alone": {"种类：撤下文件 · 文件：a · 从：1 · 没有第二个人看过", "kind: Withdrawal · document: a · from: 1 · nobody else has looked"},
		"to=on":                                 {"改为：已开启", "to: on"},
		"owner=-":                               {"负责人：无人负责", "owner: nobody"},
		"old words, 3 → 4":                      {"old words, 3 → 4", "old words, 3 → 4"},
	} {
		for i, lang := range []string{chinese, english} {
			if got := (View{Lang: lang}).auditDetail(detail); got != want[i] {
				t.Errorf("%s %q is %q, want %q", lang, detail, got, want[i])
			}
		}
	}
	w := newWorld(t, setup{})
	must(t, w.book.Record(t.Context(), accounts.Entry{By: "ann", Does: didForce, Object: "c-1", Detail: "revision=1 findings=2 reason_chars=<b>"}))
	must(t, w.book.Record(t.Context(), accounts.Entry{By: "ann", Does: didChangeSetting, Object: SettingAlone, Detail: "to=off"}))
	boss := w.signedIn("boss")
	boss.get("/admin/audit").sees(http.StatusOK, "reply sent although the check found something", "findings: 2", "&lt;b&gt;", "One person publishes documents", "is written before", `value="view.saved"`).lacks("<b>")
	boss.lang = chinese
	boss.get("/admin/audit?does="+didForce).sees(http.StatusOK, "问题：2", "先记录，后改动").lacks("findings", "reason_chars", "改设置</td>")
}
