package catalogue

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"policybot/retrieval"
	"policybot/seeds"
)

// A testCase is one block of testdata/cases.txt.
type testCase struct {
	name, yaml string
	kind       string // error or documents
	want       string
}

func readCases(t testing.TB) []testCase {
	t.Helper()
	data, err := os.ReadFile("testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	var cases []testCase
	for _, block := range strings.Split(string(data), "\n== ")[1:] {
		name, rest, _ := strings.Cut(block, "\n")
		yaml, want, ok := strings.Cut("\n"+rest, "\n-- ")
		if !ok {
			t.Fatalf("case %q has no -- line", name)
		}
		kind, want, _ := strings.Cut(want, "\n")
		cases = append(cases, testCase{name, strings.TrimPrefix(yaml+"\n", "\n"), kind, strings.TrimSpace(want)})
	}
	return cases
}

func TestRead(t *testing.T) {
	for _, tt := range readCases(t) {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Read(strings.NewReader(tt.yaml), "catalogue.yaml")
			var have string
			switch tt.kind {
			case "error":
				have = fmt.Sprint(err)
				if _, ok := errors.AsType[*Error](err); !ok {
					t.Errorf("%T is not *Error", err)
				}
			case "documents":
				if err != nil {
					t.Fatal(err)
				}
				have = strings.TrimSpace(render(t, c))
			default:
				t.Fatalf("unknown kind %q", tt.kind)
			}
			if have != tt.want {
				t.Errorf("have %s\nwant %s", have, tt.want)
			}
		})
	}
}

// render shows what Apply makes of each entry of a catalogue.
func render(t *testing.T, c Catalogue) string {
	t.Helper()
	var b strings.Builder
	for _, file := range c.Files() {
		var doc retrieval.Document
		e, ok := c.Entry(file)
		if !c.Apply(file, &doc) || !ok {
			t.Fatalf("no entry for %s", file)
		}
		line, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s\nnotes:", line)
		for _, field := range slices.Sorted(maps.Keys(doc.Notes)) {
			fmt.Fprintf(&b, " %s=%s", field, doc.Notes[field])
		}
		fmt.Fprintf(&b, "\naliases: %s", strings.Join(e.Aliases, "|"))
		b.WriteString("\n")
	}
	return strings.ReplaceAll(b.String(), "aliases: \n", "aliases:\n")
}

func TestReadBytes(t *testing.T) {
	const good = "documents:\n  - file: a.txt\n    id: a\n    title: {value: 甲, source: text, where: \"甲\n\n      乙\"}\n"
	want, err := Read(strings.NewReader(good), "c")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, data, want string }{
		{"byte order mark", "\ufeff" + good, ""},
		{"CRLF", strings.ReplaceAll(good, "\n", "\r\n"), ""},
		{"both", "\ufeff" + strings.ReplaceAll(good, "\n", "\r\n"), ""},
		{"GB 18030", "documents:\n  - file: \xbc\xd7.txt\n", "c:2:11: the file is not UTF-8: save it as UTF-8"},
		{"UTF-16", "\xff\xfed\x00o\x00", "c:1:1: the file is not UTF-8: save it as UTF-8"},
		{"column after the mark", "\ufeff" + "标题: x\n", `c:1:1: unknown key "标题" in the file; allowed are documents`},
		{"columns are code points", "documents: [{标题: x}]\n", `c:1:14: unknown key "标题" in an entry; allowed are ` + strings.Join(entryKeys, ", ")},
		{"large", strings.Repeat("#\n", maxSize/2) + "#", "c:1:1: the file is larger than 4 MiB: split it, a folder for each part"},
		{"NUL", "documents: \x00\n", "c:1:1: documents must be a list, each item after a dash and a space or all in [ ], not text"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := Read(strings.NewReader(tt.data), "c")
			if tt.want != "" {
				if fmt.Sprint(err) != tt.want {
					t.Errorf("have %v\nwant %s", err, tt.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.entries, c.entries, cmpopts.IgnoreUnexported(Fact{}), cmp.AllowUnexported(Entry{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadError(t *testing.T) {
	broken := errors.New("disk on fire")
	_, err := Read(iotest.ErrReader(broken), "c.yaml")
	if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "c.yaml: ") {
		t.Errorf("have %v, want c.yaml and the error of the reader", err)
	}
}

const twoFacts = `documents:
  - file: a.txt
    id: a
    aliases: [丙, 丁]
    title: {value: 甲, source: text, where: 甲}
    issuer: {value: 乙, source: catalogue, where: 某报}
`

func TestApply(t *testing.T) {
	c, err := Read(strings.NewReader(twoFacts), "c")
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string]string{"title": retrieval.SourceCatalogue, "number": retrieval.SourceText}
	notes := map[string]string{"title": "old", "number": "kept"}
	names := []string{"old"}
	before := retrieval.Document{
		ID: "old", Aliases: names, Title: "old", Number: "kept", Source: "a.txt", Status: retrieval.StatusUnknown, Facts: sources, Notes: notes,
	}
	doc := before
	if c.Apply("A.txt", &doc) || c.Apply("", &doc) {
		t.Error("Apply found a file that has no entry")
	}
	if diff := cmp.Diff(before, doc); diff != "" {
		t.Errorf("Apply without an entry changed the document:\n%s", diff)
	}
	if !c.Apply("a.txt", &doc) {
		t.Fatal("Apply found no entry")
	}
	want := before
	want.ID, want.Title, want.Issuer = "a", "甲", "乙"
	want.Aliases = []string{"丙", "丁"}
	want.Facts = map[string]string{"title": "text", "number": "text", "issuer": "catalogue"}
	want.Notes = map[string]string{"number": "kept", "issuer": "某报"}
	if diff := cmp.Diff(want, doc); diff != "" {
		t.Error(diff)
	}
	if sources["title"] != retrieval.SourceCatalogue || notes["title"] != "old" || len(sources) != 2 || len(notes) != 2 {
		t.Error("Apply changed the maps that doc had")
	}
	if doc.Aliases[0] = "changed"; names[0] != "old" {
		t.Error("Apply changed the aliases that doc had")
	}
	var again retrieval.Document
	if c.Apply("a.txt", &again); again.Aliases[0] != "丙" {
		t.Errorf("alias is %q", again.Aliases[0])
	}
}

func TestEntryIsACopy(t *testing.T) {
	c, err := Read(strings.NewReader(twoFacts), "c")
	if err != nil {
		t.Fatal(err)
	}
	e, ok := c.Entry("a.txt")
	if !ok {
		t.Fatal("no entry")
	}
	e.Facts[0].Value = "changed"
	var doc retrieval.Document
	if c.Apply("a.txt", &doc); doc.Title != "甲" {
		t.Errorf("title is %q", doc.Title)
	}
	if _, ok := c.Entry("b.txt"); ok {
		t.Error("Entry found a file that has no entry")
	}
	var none Catalogue
	if _, ok := none.Entry("a.txt"); ok || len(none.Files()) > 0 || none.Apply("a.txt", &doc) {
		t.Error("the zero Catalogue has an entry")
	}
}

func TestCheckText(t *testing.T) {
	c, err := Read(strings.NewReader(`documents:
  - file: a.txt
    id: a
    title: {value: 甲, source: text, where: 甲，乙}
    issuer: {value: 乙, source: catalogue, where: 不在正文里}
    kind:
      value: plan
      source: text
      where: |
        第一行
          第二行
    number: {value: 丙, source: text, where: "丙\u00a0号"}
`), "c")
	if err != nil {
		t.Fatal(err)
	}
	e, _ := c.Entry("a.txt")
	if err := CheckText(e, "甲，乙\n第一行\n  第二行\n丙\u00a0号"); err != nil {
		t.Errorf("all is in the text: %v", err)
	}
	const miss = "%s is said to be in the text, but a.txt does not have %s: copy the words exactly, or use source: catalogue"
	want := "c:4:44: " + fmt.Sprintf(miss, "title", `"甲，乙"`) + "\n" + "c:12:45: " + fmt.Sprintf(miss, "number", `"丙\u00a0号"`)
	err = CheckText(e, "甲,乙\n第一行\n  第二行\n丙 号")
	if fmt.Sprint(err) != want {
		t.Errorf("have %v\nwant %s", err, want)
	}
	if _, ok := errors.AsType[*Error](err); !ok {
		t.Errorf("%T holds no *Error", err)
	}
}

func readSeeds(t testing.TB) (Catalogue, []byte) {
	t.Helper()
	data, err := fs.ReadFile(seeds.FS(), "catalogue.yaml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := Read(strings.NewReader(string(data)), "seeds/catalogue.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return c, data
}

// TestSeedsAgainstTexts checks every fact of the seeds that is said to be in
// the text, and where the words must hold the value itself, that they do.
func TestSeedsAgainstTexts(t *testing.T) {
	c, _ := readSeeds(t)
	for _, file := range c.Files() {
		text, err := fs.ReadFile(seeds.FS(), file)
		if err != nil {
			t.Fatal(err)
		}
		e, _ := c.Entry(file)
		if err := CheckText(e, string(text)); err != nil {
			t.Error(err)
		}
		for _, fact := range e.Facts {
			if fact.Source == retrieval.SourceText && !shows(fact) {
				t.Errorf("%s: %q does not show %s %q", file, fact.Where, fact.Field, fact.Value)
			}
		}
	}
}

// shows reports whether the words quoted for a fact hold its value.
func shows(f Fact) bool {
	switch f.Field {
	case "title", "number", "issuer":
		return strings.Contains(f.Where, f.Value)
	case "issued_on":
		var year, month, day int
		if n, _ := fmt.Sscanf(f.Value, "%d-%d-%d", &year, &month, &day); n != 3 {
			return false
		}
		return f.Where == fmt.Sprintf("%d年%d月%d日", year, month, day)
	case "valid_from", "valid_until", "deadline", "target_year":
		return strings.Contains(f.Where, f.Value[:4])
	}
	return true
}

// seedDocuments are what the program says of the seeds. What is not known is
// empty: above all the issuer and date of the first and third.
var seedDocuments = []retrieval.Document{{
	ID: "beijing-2018-2020", Title: "北京市加快医药健康协同创新行动计划（2018—2020年）",
	Aliases:      []string{"医药健康协同创新行动计划", "北京医药健康行动计划", "医药健康行动计划", "Beijing medicine and health action plan"},
	Jurisdiction: "北京市", TargetYear: 2020, Language: "zh", Kind: retrieval.KindPlan,
	Facts: facts("target_year jurisdiction language kind", "title"),
}, {
	ID: "zhongguancun-2015", Title: "加快推进中关村生物医药、医疗器械及相关产业发展的意见",
	Aliases: []string{"中关村生物医药意见", "中关村意见", "Zhongguancun opinions"},
	Issuer:  "北京市人民政府办公厅", IssuedOn: "2015-02-16", TargetYear: 2020,
	Jurisdiction: "北京市中关村国家自主创新示范区", Language: "zh", Kind: retrieval.KindOpinions,
	Facts: facts("issuer issued_on target_year jurisdiction language kind", "title"),
}, {
	ID: "beijing-two-zones", Title: "北京市生物医药全产业链开放实施方案",
	Aliases:      []string{"两区方案", "两区开放方案", "全产业链开放方案", "生物医药开放方案", "开放方案", "two zones plan", "opening-up plan", "opening up plan"},
	Jurisdiction: "北京市", Deadline: "2022-12-31", Language: "mixed", Kind: retrieval.KindPlan, Translated: true,
	Facts: facts("deadline jurisdiction language kind", "title translated"),
}, {
	ID: "xiamen-2020-2022", Title: "厦门市做强做大生物医药产业三年行动计划(2020-2022)",
	Aliases: []string{"厦门三年行动计划", "厦门生物医药三年行动计划", "Xiamen three-year action plan"},
	Number:  "厦府办〔2020〕57号", Issuer: "厦门市人民政府办公厅", IssuedOn: "2020-06-03",
	ValidFrom: "2020", ValidUntil: "2022-12-31",
	Jurisdiction: "厦门市", Language: "zh", Kind: retrieval.KindPlan,
	Facts: facts("title number issuer issued_on valid_from valid_until jurisdiction language kind", ""),
}, {
	ID: "beijing-press-2025", Title: "北京市人民政府新闻办公室“推动首都高质量发展”系列主题新闻发布会——高质量建设国际医药创新公园 推动医药健康产业发展专场",
	Aliases:  []string{"国际医药创新公园发布会", "2025年4月发布会", "4月15日发布会", "April 2025 press conference"},
	IssuedOn: "2025-04-15", TargetYear: 2025, Jurisdiction: "北京市", Language: "zh", Kind: retrieval.KindTranscript,
	Facts: facts("target_year jurisdiction language kind", "title issued_on"),
}}

// facts names the fields that are known from the text and from elsewhere.
func facts(text, elsewhere string) map[string]string {
	m := map[string]string{}
	for _, field := range strings.Fields(text) {
		m[field] = retrieval.SourceText
	}
	for _, field := range strings.Fields(elsewhere) {
		m[field] = retrieval.SourceCatalogue
	}
	return m
}

func TestSeedFacts(t *testing.T) {
	c, _ := readSeeds(t)
	var have []retrieval.Document
	for _, file := range c.Files() {
		var doc retrieval.Document
		c.Apply(file, &doc)
		for field, source := range doc.Facts {
			if (source == retrieval.SourceCatalogue) != (doc.Notes[field] != "") {
				t.Errorf("%s: %s is from %s and has the note %q", doc.ID, field, source, doc.Notes[field])
			}
		}
		have = append(have, doc)
	}
	if diff := cmp.Diff(seedDocuments, have, cmpopts.IgnoreFields(retrieval.Document{}, "Notes")); diff != "" {
		t.Errorf("-want +have:\n%s", diff)
	}
}

// TestSeedHeader checks that the instructions at the top of the catalogue name
// everything that an entry may have, in both languages.
func TestSeedHeader(t *testing.T) {
	_, data := readSeeds(t)
	header, _, _ := strings.Cut(string(data), "\ndocuments:")
	chinese, english, ok := strings.Cut(header, "\n# Catalogue of the documents")
	if !ok {
		t.Fatal("no English part")
	}
	for _, word := range slices.Concat(entryKeys, factKeys, sources, languages, kinds) {
		for language, part := range map[string]string{"Chinese": chinese, "English": english} {
			if !regexp.MustCompile(`\b` + word + `\b`).MatchString(part) {
				t.Errorf("the %s part does not explain %s", language, word)
			}
		}
	}
}

// TestSeedAliases checks that a name that people use stands for one document.
func TestSeedAliases(t *testing.T) {
	c, _ := readSeeds(t)
	owner := map[string]string{}
	for _, file := range c.Files() {
		e, _ := c.Entry(file)
		if len(e.Aliases) == 0 {
			t.Errorf("%s has no alias", file)
		}
		for _, alias := range e.Aliases {
			if other, ok := owner[alias]; ok {
				t.Errorf("%q stands for %s and %s", alias, other, file)
			}
			owner[alias] = file
		}
	}
}

// TestEveryFactHasAField checks the table against Document: each name is the
// JSON name of the field that it sets.
func TestEveryFactHasAField(t *testing.T) {
	if diff := cmp.Diff(slices.Sorted(slices.Values(fieldNames)), slices.Sorted(maps.Keys(fields))); diff != "" {
		t.Fatal(diff)
	}
	for name, f := range fields {
		var doc retrieval.Document
		value := "2020"
		if f.check(scalar{isBool, "true"}) == "" {
			value = "true"
		}
		f.set(&doc, value)
		data, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		var set map[string]any
		if err := json.Unmarshal(data, &set); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(set[name]) != value {
			t.Errorf("%s sets %s", name, data)
		}
	}
}

// FuzzRead checks that no input makes Read panic or hang, that an error is one
// line with a place inside of the file, and that what is accepted keeps the
// rules.
func FuzzRead(f *testing.F) {
	for _, tt := range readCases(f) {
		f.Add([]byte(tt.yaml))
	}
	_, data := readSeeds(f)
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Read(strings.NewReader(string(data)), "c.yaml")
		if err != nil {
			checkError(t, err, data)
			return
		}
		ids := map[string]bool{}
		for _, file := range c.Files() {
			e, ok := c.Entry(file)
			var doc retrieval.Document
			if !ok || e.File != file || !c.Apply(file, &doc) {
				t.Fatalf("no entry for %q", file)
			}
			if !idForm.MatchString(doc.ID) || ids[doc.ID] {
				t.Errorf("id %q is repeated or not allowed", doc.ID)
			}
			ids[doc.ID] = true
			if len(doc.Facts) != len(e.Facts) {
				t.Errorf("%d facts of %d", len(doc.Facts), len(e.Facts))
			}
			var text strings.Builder
			for _, fact := range e.Facts {
				if !utf8.ValidString(fact.Value+fact.Where) || fact.Value == "" || fact.Where == "" {
					t.Errorf("fact %+v", fact)
				}
				text.WriteString(fact.Where + "\n")
			}
			if err := CheckText(e, text.String()); err != nil {
				t.Error(err)
			}
		}
	})
}

func checkError(t *testing.T, err error, data []byte) {
	t.Helper()
	e, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("%T is not *Error", err)
	}
	lines := strings.Count(string(data), "\n") + strings.Count(string(data), "\r") + 1
	if e.Line < 1 || e.Line > lines || e.Column < 1 || e.Problem == "" || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %q in a file of %d lines", err, lines)
	}
}
