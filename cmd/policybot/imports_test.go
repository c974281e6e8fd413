package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// modulePath is the name of this module, as go.mod gives it.
const modulePath = "policybot"

// A place says on which layer a package stands and what it may import beyond the standard library.
// Packages of this module are named by their folder, those of others by the path of their module.
type place struct {
	layer  int
	ours   []string // each on a lower layer; everything stands for all that is lower
	theirs []string // with every package below them
}

const everything = "*"

// places lists every package of this module. Imports point strictly downward: never up, never to a
// neighbour on the same layer. A new package gets its line here before it gets its first import.
var places = map[string]place{
	// Layer 0: leaves, which know nothing of ours.
	"bot/accounts":            {layer: 0, theirs: []string{"golang.org/x/crypto"}},
	"bot/channel":             {layer: 0},
	"bot/channel/cut":         {layer: 0},
	"bot/faults/control":      {layer: 0},
	"bot/privacy":             {layer: 0},
	"bot/slack/act":           {layer: 0},
	"bot/slackfake/blockkit":  {layer: 0},
	"bot/wecom/card":          {layer: 0},
	"bot/wecom/outgoing":      {layer: 0},
	"bot/wecomfake/envelope":  {layer: 0},
	"bot/wecomfake/judge":     {layer: 0},
	"bot/wecom/wxcrypt":       {layer: 0},
	"bot/model":               {layer: 0},
	"prompts":                 {layer: 0},
	"prompts/task":            {layer: 0},
	"retrieval/analysis":      {layer: 0, theirs: []string{"github.com/longbridgeapp/opencc", "golang.org/x/text"}},
	"retrieval/bm25":          {layer: 0},
	"retrieval/openai/wire":   {layer: 0},
	"bot/openai/fakeopenai":   {layer: 0},
	"bot/openai/httprecord":   {layer: 0},
	"retrieval/charset":       {layer: 0, theirs: []string{"golang.org/x/text"}},
	"retrieval/markdown":      {layer: 0, theirs: []string{"github.com/yuin/goldmark"}},
	"retrieval/metrics":       {layer: 0},
	"retrieval/outline":       {layer: 0},
	"retrieval/ranker":        {layer: 0},
	"retrieval/sentence":      {layer: 0},
	"retrieval/sqlite/engine": {layer: 0, theirs: []string{"modernc.org/sqlite"}},
	"retrieval/vector":        {layer: 0, theirs: []string{"golang.org/x/sys"}},
	"seeds":                   {layer: 0},

	// Layer 1: texts as vectors; words of two languages; what a text asks for, how strongly it speaks;
	// what the service remembers; suites and fakes of what lies below.
	"bot/accounts/memory":     {layer: 1, ours: []string{"bot/accounts"}},
	"bot/oidc":                {layer: 1, ours: []string{"bot/accounts"}, theirs: []string{"github.com/coreos/go-oidc/v3", "golang.org/x/oauth2"}},
	"bot/channel/channeltest": {layer: 1, ours: []string{"bot/channel"}},
	"bot/channel/inlet":       {layer: 1, ours: []string{"bot/channel"}},
	"bot/channel/randomdoc":   {layer: 1, ours: []string{"bot/channel"}, theirs: []string{"pgregory.net/rapid"}},
	"bot/channel/reading":     {layer: 1, ours: []string{"bot/channel", "bot/channel/cut", "prompts"}},
	"bot/slack/render":        {layer: 2, ours: []string{"bot/channel", "bot/channel/cut", "bot/channel/reading", "bot/slack/act"}, theirs: []string{"github.com/slack-go/slack"}},
	"bot/slackfake":           {layer: 1, ours: []string{"bot/slackfake/blockkit"}, theirs: []string{"github.com/gorilla/websocket"}},
	"bot/wecomfake":           {layer: 1, ours: []string{"bot/wecomfake/envelope", "bot/wecomfake/judge"}, theirs: []string{"github.com/gorilla/websocket"}},
	"bot/fakemodel":           {layer: 1, ours: []string{"bot/model", "retrieval/analysis", "retrieval/sentence"}},
	"bot/model/modeltest":     {layer: 1, ours: []string{"bot/model"}},
	"bot/auditor":             {layer: 1, ours: []string{"prompts"}, theirs: []string{"golang.org/x/text"}},
	"bot/faults":              {layer: 1, ours: []string{"bot/faults/control"}},
	"bot/intent":              {layer: 1, ours: []string{"retrieval/analysis"}},
	"bot/journal":             {layer: 1, ours: []string{"bot/channel"}},
	"bot/quantity/fold":       {layer: 1, ours: []string{"retrieval/analysis"}},
	"bot/slack/app":           {layer: 1, ours: []string{"bot/slack/act"}, theirs: []string{"github.com/slack-go/slack"}},
	"bot/slack/views":         {layer: 1, ours: []string{"bot/channel", "bot/slack/act"}, theirs: []string{"github.com/slack-go/slack"}},
	"bot/wecom/aibot":         {layer: 1, ours: []string{"bot/channel", "bot/wecom/outgoing"}},
	"bot/wecom/render":        {layer: 2, ours: []string{"bot/channel", "bot/channel/cut", "bot/channel/reading", "bot/wecom/card"}},
	"bot/wecom/setup":         {layer: 1, ours: []string{"bot/wecom/wxcrypt"}, theirs: []string{"github.com/gorilla/websocket"}},
	"bot/strength":            {layer: 1, ours: []string{"retrieval/analysis", "retrieval/sentence"}},
	"retrieval/bridge":        {layer: 1, ours: []string{"retrieval/analysis"}},
	"retrieval/embed":         {layer: 1, ours: []string{"retrieval/analysis", "retrieval/vector"}},

	// Layer 2: what the policies say; numbers and dates; the journal in memory; the HTTP API, which is a channel;
	// the log as files.
	"bot/accounts/accountstest": {layer: 2, ours: []string{"bot/accounts", "bot/accounts/memory"}, theirs: []string{
		"github.com/google/go-cmp", "pgregory.net/rapid",
	}},
	"bot/wecom/hook":     {layer: 3, ours: []string{"bot/channel", "bot/channel/inlet", "bot/wecom/outgoing", "bot/wecom/render"}},
	"bot/export":         {layer: 2, ours: []string{"bot/journal"}, theirs: []string{"github.com/xuri/excelize/v2"}},
	"bot/fakechat":       {layer: 2, ours: []string{"bot/channel", "bot/channel/inlet"}},
	"bot/httpapi":        {layer: 2, ours: []string{"bot/channel", "bot/journal"}},
	"bot/journal/memory": {layer: 2, ours: []string{"bot/channel", "bot/journal"}},
	"bot/quantity":       {layer: 2, ours: []string{"bot/quantity/fold"}},
	"retrieval": {layer: 2, ours: []string{
		"retrieval/analysis", "retrieval/bm25", "retrieval/bridge", "retrieval/charset", "retrieval/embed", "retrieval/markdown",
		"retrieval/outline", "retrieval/ranker", "retrieval/vector",
	}},

	// Layer 3: adapters of retrieval and of the journal, each for the one technology it is named after, and suites;
	// what a question means, what a text states, key facts in the other language.
	"bot/gloss":     {layer: 3, ours: []string{"bot/quantity", "retrieval/analysis", "retrieval/bridge"}},
	"bot/grounding": {layer: 3, ours: []string{"bot/quantity", "bot/quantity/fold", "bot/strength", "retrieval/analysis", "retrieval/bridge"}, theirs: []string{"golang.org/x/text"}},
	"bot/journal/journaltest": {layer: 3, ours: []string{"bot/channel", "bot/journal", "bot/journal/memory"}, theirs: []string{
		"github.com/google/go-cmp", "pgregory.net/rapid",
	}},
	"bot/sqlite":                  {layer: 3, ours: []string{"bot/accounts", "bot/channel", "bot/journal", "bot/model", "retrieval/sqlite/engine"}},
	"bot/understand":              {layer: 3, ours: []string{"bot/intent", "prompts", "retrieval", "retrieval/analysis"}},
	"retrieval/catalogue":         {layer: 3, ours: []string{"retrieval"}, theirs: []string{"github.com/goccy/go-yaml"}},
	"retrieval/chromem":           {layer: 3, ours: []string{"retrieval/vector"}, theirs: []string{"github.com/philippgille/chromem-go"}},
	"retrieval/embed/embedtest":   {layer: 3, ours: []string{"retrieval/embed", "retrieval/vector"}},
	"bot/openai":                  {layer: 1, ours: []string{"bot/model", "retrieval/openai/wire"}, theirs: []string{"github.com/sashabaranov/go-openai", "github.com/sony/gobreaker/v2"}},
	"retrieval/openai":            {layer: 3, ours: []string{"retrieval/embed", "retrieval/openai/wire", "retrieval/vector"}, theirs: []string{"github.com/sashabaranov/go-openai"}},
	"retrieval/sqlite":            {layer: 3, ours: []string{"retrieval", "retrieval/sqlite/engine"}},
	"retrieval/vector/vectortest": {layer: 3, ours: []string{"retrieval/vector"}, theirs: []string{"github.com/google/go-cmp", "pgregory.net/rapid"}},

	// Layer 4: what is learned, and the seeds as a library; what may leave.
	"bot/guard": {layer: 4, ours: []string{
		"bot/gloss", "bot/grounding", "bot/strength", "retrieval", "retrieval/bridge", "retrieval/sentence",
	}},
	"retrieval/retrievaltest": {layer: 4, ours: []string{"retrieval", "retrieval/catalogue", "seeds"}},
	"retrieval/publication":   {layer: 4, ours: []string{"retrieval", "retrieval/catalogue"}},
	"retrieval/training": {layer: 4, ours: []string{
		"retrieval", "retrieval/catalogue", "retrieval/embed", "retrieval/metrics", "retrieval/ranker", "retrieval/vector", "seeds",
	}},

	"bot/eligibility": {layer: 4, ours: []string{
		"bot/quantity", "bot/understand", "retrieval", "retrieval/sentence",
	}, theirs: []string{"github.com/goccy/go-yaml"}},

	// Layer 5: measures out of clauses, facts out of messages, the register of measures; what a model writes; what a checker of sentences is tried with.
	"bot/eligibility/draft": {layer: 5, ours: []string{
		"bot/eligibility", "bot/quantity", "bot/strength", "bot/understand", "retrieval", "retrieval/analysis", "retrieval/sentence",
	}},
	"bot/eligibility/said": {layer: 5, ours: []string{
		"bot/eligibility", "bot/quantity", "bot/quantity/fold", "bot/understand",
	}},
	"bot/eligibility/eligibilitytest": {layer: 5, ours: []string{"bot/eligibility", "retrieval", "seeds"}},
	"bot/eligibility/register":        {layer: 5, ours: []string{"bot/eligibility", "retrieval"}},
	"bot/guard/rephrased":             {layer: 5, ours: []string{"bot/guard", "retrieval"}},
	"bot/generate": {layer: 5, ours: []string{
		"bot/grounding", "bot/guard", "bot/model", "prompts", "prompts/task", "retrieval", "retrieval/sentence",
	}},

	// Layer 6: what people ask and what we answer.
	"bot": {layer: 6, ours: []string{
		"bot/channel", "bot/eligibility", "bot/eligibility/said", "bot/eligibility/register", "bot/generate", "bot/gloss", "bot/grounding", "bot/guard", "bot/intent", "bot/journal", "bot/privacy", "bot/quantity",
		"bot/strength", "bot/understand", "prompts", "prompts/task", "retrieval", "retrieval/analysis", "retrieval/bridge", "retrieval/sentence",
	}},

	// Layer 7: adapters of bot.
	"bot/eval": {layer: 7, ours: []string{
		"bot", "bot/generate", "bot/intent", "bot/understand", "retrieval", "retrieval/metrics", "retrieval/training",
	}, theirs: []string{"golang.org/x/text"}},
	"bot/erasure": {layer: 7, ours: []string{"bot", "bot/journal", "retrieval"}},
	"bot/servicetest": {layer: 7, ours: []string{
		"bot", "bot/channel", "bot/eligibility/eligibilitytest", "bot/journal", "bot/journal/memory", "retrieval/retrievaltest",
	}},
	"bot/slack": {layer: 7, ours: []string{"bot/channel", "bot/channel/inlet", "bot/slack/act", "bot/slack/render", "bot/slack/views"}, theirs: []string{
		"github.com/gorilla/websocket", "github.com/slack-go/slack", "golang.org/x/time",
	}},
	"bot/wecomfake/storm": {layer: 7, ours: []string{
		"bot", "bot/channel", "bot/journal", "bot/journal/memory", "bot/wecom/outgoing", "bot/wecomfake", "bot/wecomfake/judge", "retrieval",
	}},
	"bot/wecom/app": {layer: 7, ours: []string{
		"bot/channel", "bot/channel/inlet", "bot/wecom/aibot", "bot/wecom/outgoing", "bot/wecom/render", "bot/wecom/wxcrypt",
	}},
	"bot/wecom/callback": {layer: 7, ours: []string{
		"bot/channel", "bot/channel/cut", "bot/channel/inlet", "bot/wecom/aibot", "bot/wecom/outgoing", "bot/wecom/render", "bot/wecom/wxcrypt",
	}},
	"bot/wecom/socket": {layer: 7, ours: []string{"bot/channel", "bot/channel/inlet", "bot/wecom/aibot", "bot/wecom/outgoing", "bot/wecom/render"}, theirs: []string{
		"github.com/gorilla/websocket",
	}},
	"bot/prometheus": {layer: 7, ours: []string{"bot", "bot/channel"}, theirs: []string{"github.com/prometheus/client_golang"}},
	"bot/terminal":   {layer: 7, ours: []string{"bot", "bot/channel", "prompts", "retrieval"}, theirs: []string{"golang.org/x/term", "golang.org/x/text"}},

	// Layer 8: the web application, which also evaluates; what falsifies answers, which takes good ones of all questions.
	"bot/console": {layer: 8, ours: []string{
		"bot", "bot/accounts", "bot/channel", "bot/eligibility", "bot/eligibility/register", "bot/erasure", "bot/eval", "bot/export", "bot/generate", "bot/guard", "bot/httpapi",
		"bot/journal", "bot/oidc", "prompts", "retrieval", "retrieval/bridge", "retrieval/catalogue", "retrieval/publication",
	}},
	"bot/guard/mutant": {layer: 8, ours: []string{"bot", "bot/eval", "bot/guard", "retrieval"}},

	// Layer 9: the one program, which wires all of it, the one that trains the ranker, and the one that breaks the first.
	"cmd/chaos":        {layer: 9, ours: []string{everything}},
	"cmd/train-ranker": {layer: 9, ours: []string{"bot/eval", "retrieval", "retrieval/metrics", "retrieval/ranker", "retrieval/training"}},
	"cmd/policybot":    {layer: 9, ours: []string{everything}, theirs: []string{"github.com/alecthomas/kong", "github.com/goccy/go-yaml"}},
}

// inTests is what the tests of any package may import besides: suites, a real store, the seeds.
var inTests = place{
	ours: []string{
		"bot/accounts/accountstest", "bot/accounts/memory", "bot", "bot/auditor", "bot/console", "bot/eligibility", "bot/eligibility/eligibilitytest", "bot/httpapi", "bot/grounding", "bot/guard", "bot/channel/channeltest", "bot/channel/randomdoc", "bot/fakemodel", "bot/generate", "bot/model", "bot/model/modeltest", "bot/openai/fakeopenai", "bot/openai/httprecord", "bot/journal", "bot/journal/journaltest", "bot/journal/memory", "bot/servicetest", "bot/slack/render", "bot/slackfake", "bot/slackfake/blockkit", "bot/wecomfake", "bot/wecomfake/envelope", "bot/wecomfake/judge", "bot/sqlite", "bot/terminal",
		"bot/accounts/accountstest", "bot/accounts/memory", "bot", "bot/auditor", "bot/console", "bot/eligibility", "bot/eligibility/eligibilitytest", "bot/httpapi", "bot/grounding", "bot/guard", "bot/channel/channeltest", "bot/fakemodel", "bot/generate", "bot/model", "bot/model/modeltest", "bot/openai/fakeopenai", "bot/openai/httprecord", "bot/journal", "bot/journal/journaltest", "bot/journal/memory", "bot/servicetest", "bot/slackfake", "bot/slackfake/blockkit", "bot/wecomfake", "bot/wecomfake/envelope", "bot/wecomfake/judge", "bot/wecomfake/storm", "bot/sqlite",
		"bot/accounts/accountstest", "bot/accounts/memory", "bot", "bot/auditor", "bot/console", "bot/eligibility", "bot/eligibility/eligibilitytest", "bot/httpapi", "bot/grounding", "bot/guard", "bot/channel/channeltest", "bot/channel/randomdoc", "bot/fakemodel", "bot/generate", "bot/model", "bot/model/modeltest", "bot/openai/fakeopenai", "bot/openai/httprecord", "bot/journal", "bot/journal/journaltest", "bot/journal/memory", "bot/servicetest", "bot/slackfake", "bot/slackfake/blockkit", "bot/wecomfake", "bot/wecomfake/envelope", "bot/wecomfake/judge", "bot/sqlite",
		"prompts", "retrieval", "retrieval/catalogue", "retrieval/chromem", "retrieval/embed/embedtest", "retrieval/retrievaltest", "retrieval/sqlite",
		"retrieval/training", "retrieval/vector/vectortest", "seeds",
	},
	theirs: []string{"github.com/chromedp", "github.com/google/go-cmp", "pgregory.net/rapid", "golang.org/x/text"},
}

func TestImports(t *testing.T) {
	for _, problem := range importProblems(moduleTree(t), places, inTests) {
		t.Error(problem)
	}
}

// TestImportsBites breaks each rule once in a tree that keeps them all.
func TestImportsBites(t *testing.T) {
	table := map[string]place{
		"leaf":  {layer: 0},
		"other": {layer: 0},
		"mid":   {layer: 1, ours: []string{"leaf"}, theirs: []string{"example.com/db"}},
		"suite": {layer: 2, ours: []string{"mid"}},
		"cmd":   {layer: 3, ours: []string{everything}},
	}
	tests := place{ours: []string{"suite"}, theirs: []string{"example.com/cmp"}}
	good := map[string]string{
		"leaf/leaf.go":          source("leaf", "strings"),
		"leaf/leaf_test.go":     source("leaf_test", "testing", "policybot/leaf", "policybot/suite", "example.com/cmp/cmpopts"),
		"other/other.go":        source("other"),
		"mid/mid.go":            source("mid", "policybot/leaf", "example.com/db/driver"),
		"suite/suite.go":        source("suite", "policybot/mid"),
		"cmd/main.go":           source("main", "policybot/leaf", "policybot/mid", "policybot/suite"),
		"mid/testdata/bad.go":   source("bad", "policybot/cmd"),
		"mid/nested/go.mod":     "module nested\n",
		"mid/nested/nested.go":  source("main", "policybot/cmd", "example.com/any"),
		".hidden/tool.go":       source("main", "example.com/any"),
		"docs/note.md":          "no Go here\n",
		"other/doc/picture.txt": "nor here\n",
	}
	cases := []struct {
		name, file, text string // the file that is added or, with no text, taken away
		want             string // part of the one problem; none for a tree that is fine
	}{
		{name: "all rules kept"},
		{"upward", "leaf/up.go", source("leaf", "policybot/mid"), "leaf/up.go: leaf may not import mid"},
		{"neighbour", "leaf/side.go", source("leaf", "policybot/other"), "leaf/side.go: leaf may not import other"},
		{"not in its line", "mid/more.go", source("mid", "policybot/other"), "mid/more.go: mid may not import other"},
		{"foreign module", "leaf/db.go", source("leaf", "example.com/db"), "leaf/db.go: leaf may not import example.com/db"},
		{"name that only begins alike", "mid/alike.go", source("mid", "example.com/dbother"), "mid may not import example.com/dbother"},
		{"suite outside tests", "other/suite.go", source("other", "policybot/suite"), "other/suite.go: other may not import suite"},
		{"test helper outside tests", "other/cmp.go", source("other", "example.com/cmp"), "other may not import example.com/cmp"},
		{"foreign module in a test", "leaf/db_test.go", source("leaf", "example.com/db"), "leaf/db_test.go: leaf may not import example.com/db"},
		{"cgo", "leaf/c.go", source("leaf", "C"), "leaf/c.go: leaf may not import C"},
		{"unlisted package of ours", "cmd/new.go", source("main", "policybot/new"), "cmd/new.go: cmd may not import new"},
		{"behind a build tag", "leaf/tag.go", "//go:build never\n\n" + source("leaf", "policybot/mid"), "leaf/tag.go: leaf may not import mid"},
		{"unlisted package", "mid/new/new.go", source("new"), "mid/new is not in the table: say where it belongs"},
		{"package at the root", "root.go", source("policybot"), ". is not in the table: say where it belongs"},
		{"missing package", "other/other.go", "", "other is in the table and not in the tree"},
		{"no Go", "leaf/broken.go", "package", "leaf/broken.go"},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			fsys := tree(good)
			if tt.text != "" {
				fsys[tt.file] = &fstest.MapFile{Data: []byte(tt.text)}
			} else {
				delete(fsys, tt.file)
			}
			wantProblem(t, importProblems(fsys, table, tests), tt.want)
		})
	}
	t.Run("table that points upward", func(t *testing.T) {
		upward := maps.Clone(table)
		upward["other"] = place{layer: 0, ours: []string{"leaf"}}
		wantProblem(t, importProblems(tree(good), upward, tests), "the table lets other import leaf, which is not on a lower layer")
	})
	t.Run("table that names no package", func(t *testing.T) {
		unknown := maps.Clone(table)
		unknown["mid"] = place{layer: 1, ours: []string{"leaf", "gone"}, theirs: table["mid"].theirs}
		wantProblem(t, importProblems(tree(good), unknown, tests), "the table lets mid import gone, which it does not list")
	})
}

// importProblems checks every Go file of the module at the root of fsys, its tests too, against the
// table, and the table against itself. It gives one line for each breach, in the order of the files.
func importProblems(fsys fs.FS, table map[string]place, tests place) []string {
	problems := tableProblems(table)
	files, err := goFiles(fsys)
	if err != nil {
		return append(problems, err.Error())
	}
	seen := map[string]bool{}
	for _, name := range files {
		pkg := path.Dir(name)
		at, listed := table[pkg]
		if !listed {
			if !seen[pkg] {
				problems = append(problems, pkg+" is not in the table: say where it belongs")
			}
			seen[pkg] = true
			continue
		}
		seen[pkg] = true
		file, err := parseGo(fsys, name, parser.ImportsOnly)
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		for _, spec := range file.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			test := strings.HasSuffix(name, "_test.go")
			if at.mayImport(pkg, imported, table) || test && (imported == modulePath+"/"+pkg || tests.mayImport(pkg, imported, table)) {
				continue
			}
			problems = append(problems, fmt.Sprintf("%s: %s may not import %s", name, pkg, strings.TrimPrefix(imported, modulePath+"/")))
		}
	}
	for _, pkg := range slices.Sorted(maps.Keys(table)) {
		if !seen[pkg] {
			problems = append(problems, pkg+" is in the table and not in the tree")
		}
	}
	return problems
}

// tableProblems checks that the table itself points strictly downward.
func tableProblems(table map[string]place) []string {
	var problems []string
	for _, pkg := range slices.Sorted(maps.Keys(table)) {
		for _, own := range table[pkg].ours {
			if own == everything {
				continue
			}
			below, ok := table[own]
			switch {
			case !ok:
				problems = append(problems, fmt.Sprintf("the table lets %s import %s, which it does not list", pkg, own))
			case below.layer >= table[pkg].layer:
				problems = append(problems, fmt.Sprintf("the table lets %s import %s, which is not on a lower layer", pkg, own))
			}
		}
	}
	return problems
}

// mayImport reports whether a package that stands at p may import another.
func (p place) mayImport(pkg, imported string, table map[string]place) bool {
	if own, ok := strings.CutPrefix(imported, modulePath+"/"); ok {
		below, listed := table[own]
		return slices.Contains(p.ours, own) || slices.Contains(p.ours, everything) && listed && below.layer < table[pkg].layer
	}
	first, _, _ := strings.Cut(imported, "/")
	if !strings.Contains(first, ".") {
		return imported != "C" && imported != modulePath // the rest is the standard library
	}
	return slices.ContainsFunc(p.theirs, func(module string) bool {
		return imported == module || strings.HasPrefix(imported, module+"/")
	})
}

// goFiles lists the Go files of the module at the root of fsys in order, leaving out what go itself
// leaves out: nested modules, testdata, and folders that begin with a dot or an underscore.
func goFiles(fsys fs.FS) ([]string, error) {
	var files []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			if strings.HasSuffix(name, ".go") {
				files = append(files, name)
			}
			return nil
		}
		if name == "." {
			return nil
		}
		if base := path.Base(name); base == "testdata" || base[0] == '.' || base[0] == '_' {
			return fs.SkipDir
		}
		if _, err := fs.Stat(fsys, path.Join(name, "go.mod")); err == nil {
			return fs.SkipDir
		}
		return nil
	})
	return files, err
}

// parseGo parses one file of fsys.
func parseGo(fsys fs.FS, name string, mode parser.Mode) (*ast.File, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	return parser.ParseFile(token.NewFileSet(), name, text, mode)
}

// moduleTree opens the folder of go.mod, two levels above this package.
func moduleTree(t *testing.T) fs.FS {
	t.Helper()
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(text), "module "+modulePath+"\n") {
		t.Fatalf("go.mod does not begin with module %s", modulePath)
	}
	return os.DirFS(root)
}

// wantProblem checks that there is exactly one problem and that it holds want, or none without want.
func wantProblem(t *testing.T, problems []string, want string) {
	t.Helper()
	if want == "" && len(problems) == 0 {
		return
	}
	if want == "" || len(problems) != 1 || !strings.Contains(problems[0], want) {
		t.Errorf("problems %q, want one with %q", problems, want)
	}
}

// tree makes files of texts.
func tree(texts map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range texts {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

// source is a Go file with the given imports and nothing else.
func source(pkg string, imports ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "// Package %s is a case.\npackage %s\n", pkg, pkg)
	for _, path := range imports {
		fmt.Fprintf(&b, "import _ %q\n", path)
	}
	return b.String()
}
