package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/journal"
	journaldb "policybot/bot/sqlite"
)

// handOver asks a person about an answer over HTTP and gives the id of the case.
func (s *service) handOver(id, text string) string {
	s.t.Helper()
	var c struct{ Case string }
	r := s.get(http.StatusAccepted, "POST", "/api/v1/answers/"+id+"/handover", `{"text":"`+text+`"}`)
	if err := json.Unmarshal([]byte(r.body), &c); err != nil || c.Case == "" {
		s.t.Fatalf("%v: %s", err, r.body)
	}
	return c.Case
}

// TestCase: a question is handed over, seen, replied to once, and the asker gets the reply: from a running
// service at once, else at its next start.
func TestCase(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	s := serving(t, data, nil, nil)
	zh, en := s.ask(unknownQuestion), s.ask(englishQuestion)
	first, second := s.handOver(zh.ID, "请尽快"), s.handOver(en.ID, "")
	if again := s.handOver(zh.ID, "再问一次"); again != first {
		t.Errorf("the question has two cases, %s and %s", first, again)
	}
	pb(t, data, "case", "list").want(t, exitOK).shows(t, first, second, "asked")
	pb(t, data, "case", "show", first).want(t, exitOK).shows(t, "请尽快", unknownQuestion, "accepted")
	if c := decode[journal.Case](t, pb(t, data, "case", "show", "--json", second).want(t, exitOK)); c.Question != en.ID || c.State != journal.CaseOpen {
		t.Errorf("%+v", c)
	}
	pb(t, data, "case", "show", "c-none").want(t, exitError).says(t, "c-none")
	pb(t, data, "case", "reply", first, "  ").want(t, exitUsage)

	pb(t, data, "case", "reply", first, "深圳的补贴", "请问市科创局。").want(t, exitOK).shows(t, first, "on its way")
	a := s.get(200, "GET", "/api/v1/answers/"+zh.ID, "").answer(t)
	if a.StaffReply == nil || !strings.Contains(a.StaffReply.Text, "深圳的补贴 请问市科创局。") || strings.Contains(a.StaffReply.Text, me()) || a.Text != zh.Text {
		t.Errorf("%+v", a)
	}
	if rows := pb(t, data, "audit", "list").want(t, exitOK).out; !strings.Contains(rows, "case.replied") || !strings.Contains(rows, me()) {
		t.Errorf("a reply has no row: %s", rows)
	}
	pb(t, data, "case", "reply", first, "一次").want(t, exitError).says(t, first, "already")
	setting{}.run(t, "--data", data, "--lang", "zh", "case", "reply", first, "二次").want(t, exitError).says(t, "已经答复过")
	s.get(http.StatusConflict, "POST", "/api/v1/cases/"+first+"/reply", `{"by":"x","text":"三次"}`)
	if c := decode[journal.Case](t, pb(t, data, "case", "show", "--json", first).want(t, exitOK)); c.By != me() || c.State != journal.CaseReplied {
		t.Errorf("%+v", c)
	}
	s.stop()

	pb(t, data, "case", "reply", second, "See the annex.").want(t, exitOK).shows(t, second, "when the service runs")
	pb(t, data, "case", "reply", second, "Again.").want(t, exitError).says(t, "already")
	pb(t, data, "case", "list").want(t, exitOK).shows(t, "No open cases.")
	if all := decode[struct{ Cases []journal.Case }](t, pb(t, data, "case", "list", "--all", "--json").want(t, exitOK)).Cases; len(all) != 2 || all[1].By != me() {
		t.Errorf("%+v", all)
	}
	next := serving(t, data, nil, nil)
	if a := next.get(200, "GET", "/api/v1/answers/"+en.ID, "").answer(t); a.StaffReply == nil || !strings.Contains(a.StaffReply.Text, "See the annex.") {
		t.Errorf("%+v", a)
	}
	next.stop()
	for _, id := range []string{zh.ID, en.ID} {
		e := decode[journal.Entry](t, pb(t, data, "log", "show", "--json", id).want(t, exitOK))
		if n := len(e.Deliveries); n != 2 || e.Deliveries[1].Purpose != journal.Staff || e.Deliveries[1].State != journal.Posted {
			t.Errorf("%s: %+v", id, e.Deliveries)
		}
	}
}

// TestReplyOverHTTP: a reply over HTTP has its row in the audit, and passes for nobody's account; a refused one has none.
func TestReplyOverHTTP(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	s := serving(t, data, nil, nil)
	id := s.handOver(s.ask(unknownQuestion).ID, "")
	s.get(http.StatusOK, "POST", "/api/v1/cases/"+id+"/reply", `{"by":"olga","text":"请问市科创局。"}`)
	s.get(http.StatusConflict, "POST", "/api/v1/cases/"+id+"/reply", `{"by":"olga","text":"再答。"}`)
	s.stop()
	rows := pb(t, data, "audit", "list").want(t, exitOK).out
	if strings.Count(rows, "api:olga") != 1 || strings.Count(rows, "case.replied") != 1 {
		t.Errorf("the audit says %s", rows)
	}
}

// TestCaseApproval: where replies need an approval, a reply by command or over HTTP is refused with a sentence and
// changes nothing; the one that was approved goes out to the letter. A case is closed with a reason, once.
func TestCaseApproval(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	s := serving(t, data, nil, nil)
	zh, en := s.ask(unknownQuestion), s.ask(englishQuestion)
	first, second := s.handOver(zh.ID, "请尽快"), s.handOver(en.ID, "")
	s.stop()
	withDB(t, data, func(db *journaldb.DB) error {
		return db.SetSetting(t.Context(), journal.SettingApproval, journal.ApprovalOn)
	})
	pb(t, data, "case", "reply", first, "请问市科创局。").want(t, exitError).says(t, first, "another person's approval", "as it was")
	setting{}.run(t, "--data", data, "--lang", "zh", "case", "reply", first, "请问市科创局。").want(t, exitError).says(t, "须先经另一人批准")
	s = serving(t, data, nil, nil)
	for lang, want := range map[string]string{"zh": "须先经另一人批准", "en": "another person's approval"} {
		r := s.get(http.StatusConflict, "POST", "/api/v1/cases/"+first+"/reply", `{"by":"x","text":"三次"}`, "Accept-Language", lang)
		if !strings.Contains(string(r.body), want) {
			t.Errorf("%s: %s", lang, r.body)
		}
	}
	if c := decode[journal.Case](t, pb(t, data, "case", "show", "--json", first).want(t, exitOK)); c.State != journal.CaseOpen || c.Response != "" {
		t.Errorf("%+v", c)
	}
	pb(t, data, "case", "close", second, "--why", " ").want(t, exitUsage).says(t, "--why")
	pb(t, data, "case", "close", second).want(t, exitUsage)
	pb(t, data, "case", "close", second, "--why", "重复").want(t, exitOK).shows(t, second, "without a reply")
	pb(t, data, "case", "close", second, "--why", "重复").want(t, exitError).says(t, second, "was closed")
	pb(t, data, "case", "reply", second, "一次").want(t, exitError).says(t, "closed without a reply")
	pb(t, data, "case", "show", second).want(t, exitOK).shows(t, me(), "重复")
	s.stop()

	const text = " 见第三条 [1]\n补贴不超过三百元。\n"
	withDB(t, data, func(db *journaldb.DB) error {
		d, err := db.SaveDraft(t.Context(), journal.Draft{Case: first, Text: text, By: "li", At: time.Now().UTC()})
		if err != nil {
			return err
		}
		if _, err := db.Decide(t.Context(), journal.Decision{Case: first, Draft: d.N, Does: journal.Approve, By: "wang", At: d.At}); err != nil {
			return err
		}
		_, err = bot.Respond(t.Context(), db, journal.Response{Case: first, By: "li", Text: d.Text, Revision: d.N, At: d.At}, "zh")
		return err
	})
	e := decode[journal.Entry](t, pb(t, data, "log", "show", "--json", zh.ID).want(t, exitOK))
	if d := e.Deliveries[len(e.Deliveries)-1]; d.Purpose != journal.Staff || !strings.HasSuffix(d.Doc.Text, "：\n"+text) || strings.Count(d.Doc.Text, "\n") != 1+strings.Count(text, "\n") {
		t.Errorf("%+v", d)
	}
}

// withDB does something to the journal of a data folder that no service runs on.
func withDB(t testing.TB, data string, do func(db *journaldb.DB) error) {
	t.Helper()
	db, err := journaldb.Open(t.Context(), filepath.Join(data, journaldb.FileName), journaldb.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := do(db); err != nil {
		t.Fatal(err)
	}
}

// TestPause: who asks while answering is switched off is told why, from the next question on and over a restart.
func TestPause(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	const why = "系统盘点，明早恢复"
	s := serving(t, data, nil, nil)
	s.ask(listingQuestion)
	pb(t, data, "pause", "--reason", "  ").want(t, exitUsage).says(t, "--reason")
	pb(t, data, "pause").want(t, exitUsage)
	pb(t, data, "pause", "--reason", "系统盘点，\n明早恢复").want(t, exitOK).shows(t, "switched off")
	s.wantPaused("系统盘点， 明早恢复")
	setting{}.run(t, "--data", data, "--lang", "zh", "pause", "--reason", why).want(t, exitOK).shows(t, "已暂停")
	s.wantPaused(why)
	s.stop()
	next := serving(t, data, nil, nil)
	next.wantPaused(why)
	pb(t, data, "resume").want(t, exitOK).shows(t, "switched on")
	if a := next.ask(listingQuestion); a.Outcome != bot.Answered {
		t.Errorf("%+v", a.Answer)
	}
	next.stop()
	pb(t, data, "pause", "--reason", why).want(t, exitOK)
	last := serving(t, data, nil, nil)
	last.wantPaused(why)
}

func (s *service) wantPaused(why string) {
	s.t.Helper()
	r := s.get(http.StatusServiceUnavailable, "POST", "/api/v1/ask", body(listingQuestion), "Idempotency-Key", "paused")
	if a := r.answer(s.t); a.Outcome != bot.Refused || a.Reason != bot.ReasonStopped || !strings.Contains(a.Text, why) || r.header.Get("Retry-After") == "" {
		s.t.Errorf("%v %+v", r.header, a.Answer)
	}
	var ready struct {
		State   string
		Ready   bool
		Stopped bot.Stopped
	}
	if err := json.Unmarshal([]byte(s.get(200, "GET", "/readyz", "").body), &ready); err != nil {
		s.t.Fatal(err)
	}
	if ready.State != "paused" || !ready.Ready || ready.Stopped.Reason != why || ready.Stopped.By != "" {
		s.t.Errorf("%+v", ready)
	}
	if by := pausedBy(s.t, s.data); by != me() {
		s.t.Errorf("paused by %q", by)
	}
}

// pausedBy reads who switched answering off, which is for the record alone.
func pausedBy(t testing.TB, data string) string {
	t.Helper()
	db, err := journaldb.Open(t.Context(), filepath.Join(data, journaldb.FileName), journaldb.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	v, err := bot.ReadStopped(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return v.By
}

// What must not be left of whoever asked it.
const (
	askerID    = "zhang.san.canary"
	askerWords = "紫罗兰金丝雀"
)

// TestErase: of an erased person nothing is left in any file, while the service runs and after.
func TestErase(t *testing.T) {
	t.Parallel()
	for _, byHash := range []bool{true, false} {
		t.Run(fmt.Sprintf("by hash %t", byHash), func(t *testing.T) {
			t.Parallel()
			data := seeded(t)
			s := serving(t, data, nil, nil)
			other := s.ask(listingQuestion, "X-Policybot-User", "other")
			var theirs []string
			for i := range 3 {
				a := s.ask(fmt.Sprintf("%s第%d次：厦门对生物医药企业上市有什么目标？", askerWords, i), "X-Policybot-User", askerID, "X-Policybot-Conversation", askerID)
				theirs = append(theirs, a.ID)
			}
			s.get(204, "POST", "/api/v1/answers/"+theirs[0]+"/feedback", `{"good":false,"text":"`+askerWords+`"}`, "X-Policybot-User", askerID)
			pb(t, data, "case", "reply", s.handOver(theirs[1], askerWords), askerWords).want(t, exitOK)
			s.handOver(theirs[2], askerWords)
			if len(holding(t, data, askerID)) == 0 || len(holding(t, data, askerWords)) == 0 {
				t.Fatal("the search finds nothing where there is something")
			}
			who := []string{"--platform", "http", "--id", askerID}
			if byHash {
				who = []string{"--user", logged(t, data)[1].User}
			}
			pb(t, data, append([]string{"privacy", "erase"}, who...)...).want(t, exitOK).shows(t, "3 questions and 2 cases")
			wantErased(t, data, other.ID, theirs)
			s.get(http.StatusNotFound, "GET", "/api/v1/answers/"+theirs[0], "")
			s.stop()
			wantErased(t, data, other.ID, theirs)
			pb(t, data, append([]string{"privacy", "erase"}, who...)...).want(t, exitOK).shows(t, "they were erased on")
			pb(t, data, "doctor").want(t, exitOK)
			if strings.Contains(s.said.String(), askerWords) || strings.Contains(s.said.String(), askerID) {
				t.Errorf("the log of the service has them:\n%s", s.said)
			}
		})
	}
}

// holding names the files below a folder that hold a text.
func holding(t *testing.T, data, text string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && bytes.Contains([]byte(read(t, path)), []byte(text)) {
			out = append(out, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func wantErased(t *testing.T, data, other string, theirs []string) {
	t.Helper()
	for _, text := range []string{askerID, askerWords} {
		if files := holding(t, data, text); len(files) > 0 {
			t.Errorf("%s is in %q", text, files)
		}
	}
	for _, id := range theirs {
		r := pb(t, data, "log", "show", id).want(t, exitOK).shows(t, id)
		if strings.Contains(r.out, askerWords) || strings.Contains(r.out, "12家") {
			t.Errorf("the log shows %s", r.out)
		}
		pb(t, data, "replay", id).want(t, exitError)
	}
	pb(t, data, "log", "show", other).want(t, exitOK).shows(t, listingQuestion, "12家")
	for _, c := range decode[struct{ Cases []journal.Case }](t, pb(t, data, "case", "list", "--all", "--json").want(t, exitOK)).Cases {
		pb(t, data, "case", "show", c.ID).want(t, exitOK)
		pb(t, data, "case", "reply", c.ID, "x").want(t, exitError)
	}
}

// TestEraseOthers: what erase needs, and what it tells of that it does not touch.
func TestEraseOthers(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	s := serving(t, data, nil, nil)
	s.ask(listingQuestion, "X-Policybot-User", "a")
	hash := logged(t, data)[0].User
	s.stop()
	for _, args := range [][]string{
		{},
		{"--platform", "http"},
		{"--id", "a"},
		{"--tenant", "t"},
		{"--user", "h", "--id", "a"},
		{"--user", "h", "--platform", "http", "--id", "a"},
		{"--user", "h", "--tenant", "t"},
	} {
		pb(t, data, append([]string{"privacy", "erase"}, args...)...).want(t, exitUsage).says(t, "--user")
	}
	for _, name := range []string{asidePrefix + "x", backupPrefix + "1", restorePrefix + "2"} {
		write(t, data, name+"/questions.db", "x")
	}
	key := read(t, filepath.Join(data, keyName))
	if err := os.Remove(filepath.Join(data, keyName)); err != nil {
		t.Fatal(err)
	}
	pb(t, data, "privacy", "erase", "--platform", "http", "--id", "a").want(t, exitError).says(t, "key file", keyName, "--user")
	pb(t, data, "doctor").want(t, exitError).says(t, "key file")
	setting{}.run(t, "--data", data, "--lang", "zh", "doctor").want(t, exitError).says(t, "密钥文件")
	write(t, data, keyName, "short")
	pb(t, data, "privacy", "erase", "--platform", "http", "--id", "a").want(t, exitError).says(t, "too short")
	pb(t, data, "doctor").want(t, exitError).says(t, "too short")
	pb(t, data, "serve", "--http", "127.0.0.1:0").want(t, exitError).says(t, "too short")
	if err := os.Remove(filepath.Join(data, keyName)); err != nil {
		t.Fatal(err)
	}
	next := serving(t, data, nil, nil)
	next.stop()
	if !strings.Contains(next.said.String(), "the key file is missing") || strings.Contains(s.said.String(), "the key file is missing") {
		t.Errorf("the log of the service: %s", next.said)
	}
	write(t, data, keyName, key)
	if got := bot.UserHash([]byte(key), "http", channel.Actor{ID: "a"}); got != hash {
		t.Errorf("the asker is %s in the log, %s by the key", hash, got)
	}
	pb(t, data, "privacy", "erase", "--platform", "http", "--id", "b").want(t, exitError).says(t, "Nothing was found of this person")
	pb(t, data, "privacy", "erase", "--user", "no such code").want(t, exitError).says(t, "nothing was erased")
	pb(t, data, "privacy", "erase", "--user", hash).want(t, exitOK).shows(t, "1 questions", asidePrefix+"x", backupPrefix+"1", restorePrefix+"2")
}

// TestMask shows a text as the log has it.
func TestMask(t *testing.T) {
	data := t.TempDir()
	for _, args := range [][]string{{"privacy", "mask", "我的手机是13800138000，邮箱 a.b@example.com"}, {"privacy", "mask"}} {
		out := setting{stdin: "我的手机是13800138000，邮箱 a.b@example.com\n"}.run(t, append([]string{"--data", data}, args...)...).want(t, exitOK).out
		if strings.Contains(out, "138") || strings.Contains(out, "example") || !strings.HasPrefix(out, "我的手机是") || strings.Count(out, "\n") != 1 {
			t.Errorf("%q", out)
		}
	}
	pb(t, data, "privacy", "mask", "厦门有什么政策").want(t, exitOK).shows(t, "厦门有什么政策\n")
	if left, err := os.ReadDir(data); err != nil || len(left) > 0 {
		t.Errorf("mask made %v, %v", left, err)
	}
}

// TestDoctorLog: doctor reads the log of questions.
func TestDoctorLog(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	if r := pb(t, data, "doctor").want(t, exitOK); strings.Contains(r.out, "log of questions") || strings.Contains(r.out, keyName) {
		t.Errorf("nobody has asked anything:\n%s", r.out)
	}
	s := serving(t, data, nil, nil)
	s.ask(listingQuestion)
	s.settle()
	pb(t, data, "doctor").want(t, exitOK).shows(t, "log of questions is intact: 1 questions, 0 of them", keyName)
	setting{}.run(t, "--data", data, "--lang", "zh", "doctor").want(t, exitOK).shows(t, "提问记录完整：1 条提问", keyName)
	s.stop()
	tamper(t, data, `UPDATE questions SET state = 'claimed'`)
	pb(t, data, "doctor").want(t, exitError).says(t, journaldb.FileName, "damaged")
	v := decode[object](t, pb(t, data, "doctor", "--json").want(t, exitError))
	checks := v["checks"].([]any)
	if last := checks[len(checks)-2].(object); last["name"] != "journal" || last["ok"] != false {
		t.Errorf("%v", checks)
	}
	write(t, data, journaldb.FileName, "no database")
	pb(t, data, "doctor").want(t, exitError).says(t, journaldb.FileName)
	setting{}.run(t, "--data", data, "--lang", "zh", "doctor").want(t, exitError).wantHan(t, true)
}
