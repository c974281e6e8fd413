package main

import (
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"policybot/bot"
	"policybot/bot/export"
	"policybot/bot/journal"
	journaldb "policybot/bot/sqlite"
	"policybot/seeds"
)

// formulas begin as a spreadsheet's formulas do.
var formulas = []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1"}

// TestLog: what was asked is listed, shown and exported, as the filters say.
func TestLog(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	s := serving(t, data, nil, nil)
	good, none := s.ask(listingQuestion), s.ask(unknownQuestion, "X-Policybot-User", "somebody")
	for _, f := range formulas {
		s.ask(f + "，厦门对生物医药企业上市有什么目标？")
	}
	s.get(204, "POST", "/api/v1/answers/"+good.ID+"/feedback", `{"good":false,"reason":"wrong","text":"=HYPERLINK(1)"}`)
	list := logged(t, data) // beside the service
	if len(list) != 2+len(formulas) || list[0].ID != good.ID || list[0].Text != listingQuestion || len(list[0].Answer) > 0 {
		t.Fatalf("%+v", list)
	}
	wantLogFilters(t, data, list)
	pb(t, data, "log", "list").want(t, exitOK).shows(t, good.ID, none.ID, " answered ", " abstained ", "time")
	pb(t, data, "log", "show", good.ID).want(t, exitOK).shows(t, listingQuestion, "12家", "accepted", "claimed", "posted", "rated", "HYPERLINK", "Clauses that were judged")
	e := decode[journal.Entry](t, pb(t, data, "log", "show", "--json", none.ID).want(t, exitOK))
	if e.Question.Text != unknownQuestion || len(e.Steps) < 4 || len(e.Deliveries) != 1 || e.Question.Outcome != bot.Abstained {
		t.Errorf("%+v", e)
	}
	wantTable(t, data, list)
	s.stop()
	pb(t, data, "log", "show", "a-none").want(t, exitError).says(t, "a-none")
	setting{}.run(t, "--data", data, "--lang", "zh", "replay", "a-none").want(t, exitError).wantHan(t, true)
}

func wantLogFilters(t *testing.T, data string, list []journal.Question) {
	t.Helper()
	nano := func(i int) string { return list[i].AcceptedAt.Format(time.RFC3339Nano) }
	today := list[0].AcceptedAt.Local()
	all := len(list)
	for _, tt := range []struct {
		args []string
		want int
	}{
		{nil, all},
		{[]string{"--since", nano(3)}, all - 3},
		{[]string{"--until", nano(3)}, 3},
		{[]string{"--since", nano(1), "--until", nano(4)}, 3},
		{[]string{"--since", nano(4), "--until", nano(1)}, 0},
		{[]string{"--since", today.AddDate(0, 0, -1).Format(time.DateOnly)}, all},
		{[]string{"--until", today.AddDate(0, 0, -1).Format(time.DateOnly)}, 0},
		{[]string{"--since", today.AddDate(0, 0, 2).Format(time.DateOnly)}, 0},
		{[]string{"--outcome", "abstained"}, 1},
		{[]string{"--outcome", "none"}, 0},
		{[]string{"--state", "closed"}, all},
		{[]string{"--state", "waiting"}, 0},
		{[]string{"--user", list[1].User}, 1},
	} {
		if got := logged(t, data, tt.args...); len(got) != tt.want {
			t.Errorf("log list %q: %d, want %d", tt.args, len(got), tt.want)
		}
		if got := lines(pb(t, data, append([]string{"log", "export"}, tt.args...)...).want(t, exitOK).out); len(got) != tt.want {
			t.Errorf("log export %q: %d lines, want %d", tt.args, len(got), tt.want)
		}
	}
	if got := logged(t, data, "-n", "2"); len(got) != 2 || got[1].ID != list[all-1].ID {
		t.Errorf("the newest two are %+v", got)
	}
	pb(t, data, "log", "list", "--outcome", "none").want(t, exitOK).shows(t, "No questions.")
	for _, bad := range []string{"yesterday", "2026-13-01", "2026-01-02 03:04", "12:00", "2026-01-02T03:04:05"} {
		for _, cmd := range []string{"list", "export"} {
			for _, flag := range []string{"--since", "--until"} {
				pb(t, data, "log", cmd, flag, bad).want(t, exitUsage).says(t, bad, "YYYY-MM-DD")
			}
		}
		setting{}.run(t, "--data", data, "--lang", "zh", "log", "list", "--since", bad).want(t, exitUsage).says(t, "应为")
	}
	for _, args := range [][]string{{"list", "--state", "x"}, {"list", "-n", "-1"}, {"list", "-n", "x"}, {"export", "--format", "xml"}, {"show"}} {
		pb(t, data, append([]string{"log"}, args...)...).want(t, exitUsage)
	}
}

// wantTable checks an export as a table for spreadsheets, against that as JSON.
func wantTable(t *testing.T, data string, list []journal.Question) {
	t.Helper()
	out := pb(t, data, "log", "export", "--format", "csv").want(t, exitOK).out
	file := filepath.Join(t.TempDir(), "log.csv")
	if pb(t, data, "log", "export", "--format", "csv", "--out", file).want(t, exitOK); out != read(t, file) {
		t.Error("the file is not what is printed")
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	pb(t, data, "log", "export", "--out", filepath.Join(file, "x")).want(t, exitError)
	text, marked := strings.CutPrefix(out, byteOrderMark)
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !marked || !slices.Contains(rows[0], "accepted_at") || len(rows) != 1+len(list) {
		t.Fatalf("%v, %t, %d rows, %q", err, marked, len(rows), rows[0])
	}
	column := func(row []string, name string) string { return row[slices.Index(rows[0], name)] }
	full := decodeAll[export.Row](t, pb(t, data, "log", "export", "--full").want(t, exitOK))
	for i, row := range rows[1:] {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(cell)[0]) {
				t.Errorf("a spreadsheet takes %q for a formula", cell)
			}
		}
		if got := strings.TrimPrefix(column(row, "question"), "'"); got != list[i].Text || full[i].Question != list[i].Text {
			t.Errorf("question %q became %q and %q", list[i].Text, got, full[i].Question)
		}
		if label := column(row, "label"); !slices.Contains([]string{"extract", "ai", "notice"}, label) || full[i].Label != label {
			t.Errorf("row %d has label %q, JSON %q", i, label, full[i].Label)
		}
		if !json.Valid(full[i].Answer) || !json.Valid(full[i].Record) {
			t.Errorf("--full has no answer or record: %+v", full[i])
		}
	}
	if row := rows[1]; column(row, "rating") != "bad" || column(row, "rating_text") != "'=HYPERLINK(1)" || !strings.Contains(column(row, "citations"), "@1") {
		t.Errorf("%q", row)
	}
}

// TestNoLog: commands of the log where nobody has asked anything say so and make nothing.
func TestNoLog(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	for _, args := range [][]string{
		{"log", "list"},
		{"log", "show", "x"},
		{"log", "export"},
		{"replay", "x"},
		{"case", "list"},
		{"case", "show", "x"},
		{"case", "reply", "x", "y"},
		{"case", "close", "x", "--why", "y"},
		{"privacy", "erase", "--user", "x"},
		{"privacy", "erase", "--platform", "http", "--id", "x"},
	} {
		pb(t, data, args...).want(t, exitError).says(t, "no log of questions yet", data)
		setting{}.run(t, append([]string{"--data", data, "--lang", "zh"}, args...)...).want(t, exitError).says(t, "还没有提问记录")
	}
	for _, name := range []string{journaldb.FileName, keyName, serveLock} {
		if _, err := os.Stat(filepath.Join(data, name)); err == nil {
			t.Errorf("%s was made", name)
		}
	}
}

func read(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestReplay: an answer comes out as it was stored, also after every document has changed, which a running
// service takes over without a gap; an answer that was tampered with does not.
func TestReplay(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	s := serving(t, data, nil, nil)
	ids := []string{s.ask(listingQuestion).ID, s.ask(englishQuestion).ID, s.ask(unknownQuestion).ID}
	wantSame(t, data, ids...)
	ids = append(ids, s.askWhile(func() { changeSeeds(t, data) })...)
	if a := s.ask(listingQuestion); a.Citations[0].Clause.Document.Version != 2 {
		t.Errorf("the answer is of version %d", a.Citations[0].Clause.Document.Version)
	}
	wantSame(t, data, ids...)
	s.stop()
	wantSame(t, data, ids[:3]...)
	setting{}.run(t, "--data", data, "--lang", "zh", "replay", ids[0]).want(t, exitOK).shows(t, "与记录完全相同")

	for i, statement := range []string{
		`UPDATE records SET answer = replace(answer, '12家', '13家') WHERE question = 1`,
		`UPDATE records SET record = replace(record, '"cited":true', '"cited":false') WHERE question = 2`,
		`UPDATE records SET answer = replace(answer, '"abstained"', '"answered"') WHERE question = 3`,
	} {
		tamper(t, data, statement)
		r := decode[bot.Replayed](t, pb(t, data, "replay", "--json", ids[i]).want(t, exitError).says(t, ids[i], "something else"))
		if len(r.Differences) == 0 {
			t.Errorf("after %s there is no difference", statement)
		}
		pb(t, data, "replay", ids[i]).want(t, exitError)
	}
	tamper(t, data, `UPDATE records SET record = 'x' WHERE question = 1`)
	pb(t, data, "replay", ids[0]).want(t, exitError).says(t, "cannot be replayed")
}

func wantSame(t *testing.T, data string, ids ...string) {
	t.Helper()
	for _, id := range ids {
		pb(t, data, "replay", id).want(t, exitOK).shows(t, "Exactly as it was stored.")
	}
	if r := decode[bot.Replayed](t, pb(t, data, "replay", "--json", ids[0]).want(t, exitOK)); len(r.Differences) > 0 || r.Answer.ID != ids[0] {
		t.Errorf("%+v", r)
	}
}

// askWhile asks again and again while do works, wants every question answered, and gives the last ids.
func (s *service) askWhile(do func()) []string {
	s.t.Helper()
	done, asking := make(chan struct{}), sync.WaitGroup{}
	last := make([]string, 2)
	for i := range last {
		asking.Go(func() {
			for n := 0; ; n++ {
				r, err := s.send("POST", "/api/v1/ask", body(listingQuestion), "X-Policybot-User", fmt.Sprint(i))
				var a asked
				if err == nil {
					err = json.Unmarshal([]byte(r.body), &a)
				}
				if err != nil || r.status != 200 || a.Outcome != bot.Answered || !strings.Contains(a.Text, "12家") {
					s.t.Errorf("meanwhile: %v, status %d: %s", err, r.status, r.body)
					return
				}
				last[i] = a.ID
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	do()
	close(done)
	asking.Wait()
	return last
}

// changeSeeds adds a new version of every document of the seeds.
func changeSeeds(t *testing.T, data string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, seeds.FS()); err != nil {
		t.Fatal(err)
	}
	files, err := fs.Glob(seeds.FS(), "*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		write(t, dir, f, read(t, filepath.Join(dir, f))+"\n\n附：本文件已于近日重新印发。\n")
	}
	if out := pb(t, data, "index", dir).want(t, exitOK).out; strings.Count(out, "new version  ") != len(files) {
		t.Fatalf("not all are new versions:\n%s", out)
	}
}

// tamper changes the file of the log behind the program's back.
func tamper(t testing.TB, data, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(data, journaldb.FileName))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	result, err := db.Exec(statement)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		t.Fatalf("%s: %d rows, %v", statement, n, err)
	}
}

// TestLogDamaged: a journal that is damaged is told of as what it is.
func TestLogDamaged(t *testing.T) {
	data := seeded(t)
	write(t, data, journaldb.FileName, strings.Repeat("no database", 1000))
	if r := pb(t, data, "log", "list").want(t, exitError); !strings.Contains(r.err, "log of questions") || strings.Contains(r.err, "index the documents") {
		t.Error(r.err)
	}
}

// TestTemporary: what an export that was killed has left goes when the service starts, and nobody else reads what one
// is writing.
func TestTemporary(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	s := serving(t, data, nil, nil)
	s.ask(listingQuestion)
	s.stop()
	pb(t, data, "log", "export", "--format", "xlsx", "--out", filepath.Join(t.TempDir(), "x.xlsx")).want(t, exitOK)
	folder := filepath.Join(data, "tmp")
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Fatalf("%v, %v", info, err)
	}
	write(t, data, "tmp/excelize-1", "left")
	pb(t, data, "doctor").want(t, exitOK)
	serving(t, data, nil, nil).stop()
	if _, err := os.Stat(filepath.Join(folder, "excelize-1")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}
