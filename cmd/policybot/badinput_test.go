package main

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"policybot/bot"
	"policybot/retrieval"
	"policybot/retrieval/sqlite"
)

// A policy text on 青蒿素 in GB 18030, and one in Big5.
const (
	gb18030Text = "\xd2\xbb\xa1\xa2\xd7\xdc\xd4\xf2\n\xa3\xa8\xd2\xbb\xa3\xa9\xce\xaa\xd6\xa7\xb3\xd6\xc6\xf3\xd2\xb5\xb7\xa2\xd5\xb9\xa3\xac\xb6\xd4" +
		"\xc7\xe0\xdd\xef\xcb\xd8\xcf\xee\xc4\xbf\xb8\xf8\xd3\xe8\xd7\xca\xd6\xfa\xa1\xa3\n\xa3\xa8\xb6\xfe\xa3\xa9\xb1\xbe\xb4\xeb\xca\xa9" +
		"\xca\xca\xd3\xc3\xd3\xda\xd4\xda\xb1\xbe\xca\xd0\xd7\xa2\xb2\xe1\xb5\xc4\xc6\xf3\xd2\xb5\xa1\xa3\n"
	big5Text = "\xa4@\xa1B\xc1`\xabh\n\xa1]\xa4@\xa1^\xac\xb0\xa4\xe4\xab\xf9\xa5\xf8\xb7~\xb5o\xaei\xa1A\xb9\xef\xabC\xbbU\xaf\xc0\xb6\xb5" +
		"\xa5\xd8\xb5\xb9\xa4\xa9\xb8\xea\xa7U\xa1C\n\xa1]\xa4G\xa1^\xa5\xbb\xb1\xb9\xacI\xbeA\xa5\xce\xa9\xf3\xa6b\xa5\xbb\xa5\xab\xb5\xf9" +
		"\xa5U\xaa\xba\xa5\xf8\xb7~\xa1C\n"
)

// utf16Text encodes a text with a byte order mark or without.
func utf16Text(order binary.AppendByteOrder, mark bool, text string) string {
	var out []byte
	if mark {
		out = order.AppendUint16(out, 0xfeff)
	}
	for _, u := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, u)
	}
	return string(out)
}

func randomText(n int) string {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{7}).Read(b) // never fails
	return string(b)
}

// A badFile is a file in a clerk's folder and what must become of it.
type badFile struct {
	name, text string
	result     string // for a refused file: part of the reason
	word       string // which a search must find in it afterwards
}

var clerksFiles = []badFile{
	{"gb18030.txt", gb18030Text, "added", "青蒿素"},
	{"utf16le.txt", utf16Text(binary.LittleEndian, false, policy("紫杉醇办法", "紫杉醇")), "added", "紫杉醇"},
	{"utf16be.txt", utf16Text(binary.BigEndian, false, policy("奎宁办法", "奎宁")), "added", "奎宁"},
	{"utf16le-mark.txt", utf16Text(binary.LittleEndian, true, policy("吗啡办法", "吗啡")), "added", "吗啡"},
	{"utf16be-mark.txt", utf16Text(binary.BigEndian, true, policy("胰岛素办法", "胰岛素")), "added", "胰岛素"},
	{"utf8-mark.txt", "\ufeff" + strings.ReplaceAll(policy("肝素办法", "肝素"), "\n", "\r\n"), "added", "肝素"},
	{"big5.txt", big5Text, "Big5", ""},
	{"empty.txt", "", "no text", ""},
	{"blank.txt", " \r\n\u3000\t\n\n", "no text", ""},
	{"pdf.txt", "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "PDF", ""},
	{"random.txt", randomText(4096), "not a text file", ""},
	{"zeros.txt", strings.Repeat("\x00", 4096), "not a text file", ""},
	{"word.docx", "PK\x03\x04" + randomText(100), ".docx", ""},
	{"noextension", policy("无名办法", "无名"), "no extension", ""},
	{"longline.txt", strings.Repeat("a", 50<<20), "32 MB", ""},
	{"long.txt", strings.Repeat("字", 1_000_001) + "。", "1000000 characters", ""},
	{"manylines.txt", strings.Repeat("x\n", 2_000_000), "added", ""},
	{"UPPER.TXT", policy("大写办法", "阿司匹林"), "added", "阿司匹林"},
	{"with blank.txt", policy("空格办法", "布洛芬"), "added", "布洛芬"},
	{"with\nline feed.txt", policy("换行办法", "头孢"), "added", "头孢"},
	{"with\x1b[31mescape.txt", policy("转义办法", "干扰素"), "added", "干扰素"},
	{"中文 名称（一）.txt", policy("中文办法", "红霉素"), "added", "红霉素"},
	{"bad\xffname.txt", policy("坏名办法", "链霉素"), "UTF-8", ""},
	{"ctrl.txt", policy("控制\x1b[2J办法\x07", "氯霉素"), "added", "氯霉素"},
	{"folder.txt/inside.txt", policy("里面办法", "庆大霉素"), "added", "庆大霉素"},
	{"same-1.txt", policy("同文办法", "土霉素"), "added", "土霉素"},
	{"same-2.txt", policy("同文办法", "土霉素"), "unchanged", ""},
	{"title-1.txt", policy("同题办法", "金霉素"), "added", "金霉素"},
	{"title-2.txt", policy("同题办法", "四环素"), "added", "四环素"},
	{"title-1/title-1.txt", policy("同名办法", "万古霉素"), "added", "万古霉素"},
	{".hidden.txt", policy("隐藏办法", "不见"), "", ""},
	{".git/config.txt", policy("隐藏办法", "不见"), "", ""},
}

// clerksFolder makes the files, and things that are no files.
func clerksFolder(t *testing.T) (dir string, files []badFile) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "clerk")
	for _, f := range clerksFiles {
		write(t, dir, f.name, f.text)
	}
	elsewhere := t.TempDir()
	links := map[string]string{
		"dangling.txt": filepath.Join(elsewhere, "none"), "linked.txt": write(t, elsewhere, "x", policy("链接办法", "青霉素")), "linked-folder": elsewhere,
	}
	for name, to := range links {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.txt"), 0o600); err != nil {
		t.Fatal(err)
	}
	files = append(slices.Clone(clerksFiles), badFile{"dangling.txt", "", "cannot be read", ""}, badFile{"linked.txt", "", "added", "青霉素"},
		badFile{"linked-folder", "", "cannot be read", ""}, badFile{"pipe.txt", "", "cannot be read", ""})
	if os.Geteuid() != 0 { // nothing is protected from root
		write(t, dir, "secret.txt", policy("保密办法", "不见"))
		write(t, dir, "locked/inside.txt", policy("保密办法", "不见"))
		for _, name := range []string{"secret.txt", "locked"} {
			if err := os.Chmod(filepath.Join(dir, name), 0); err != nil {
				t.Fatal(err)
			}
			files = append(files, badFile{name, "", "cannot be read", ""})
		}
		t.Cleanup(func() { _ = os.Chmod(filepath.Join(dir, "locked"), 0o755) })
	}
	return dir, files
}

// TestClerksFolder: each file gets one line, the good ones are searchable
// afterwards, and nothing stops the rest.
func TestClerksFolder(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	dir, files := clerksFolder(t)
	r := pb(t, data, "index", "--json", dir).want(t, exitError).says(t, "not added")
	have := map[string]indexLine{}
	for _, l := range decodeAll[indexLine](t, r) {
		if _, ok := have[l.Path]; ok {
			t.Errorf("%q has two lines", l.Path)
		}
		have[l.Path] = l
	}
	words := []string{"不见"}
	for _, f := range files {
		words = append(words, f.word)
	}
	hits := found(t, data, words...)
	shown := 0
	for _, f := range files {
		path := strings.ToValidUTF8(filepath.Join(dir, f.name), "\ufffd")
		l, ok := have[path]
		if delete(have, path); ok != (f.result != "") {
			t.Errorf("%q: listed is %t: %+v", f.name, ok, l)
		}
		if f.result == "" {
			continue
		}
		shown++
		if l.Result != f.result && (l.Result != resultRefused || !strings.Contains(l.Reason, f.result)) {
			t.Errorf("%q: %+v, want %q", f.name, l, f.result)
		}
		if f.word != "" && !slices.Equal(hits[f.word], []string{l.Document}) {
			t.Errorf("%q: a search for %s finds %q, want %s", f.name, f.word, hits[f.word], l.Document)
		}
	}
	if len(have) > 0 {
		t.Errorf("further lines: %v", have)
	}
	if got := hits["不见"]; got != nil {
		t.Errorf("a hidden file is found: %q", got)
	}
	library := documents(t, data)
	for _, name := range []string{"longline.txt", "manylines.txt"} { // once is enough
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		shown--
	}
	again := pb(t, data, "--lang", "zh", "index", dir).want(t, exitError)
	if n := len(lines(again.out)); n != shown+1 || !strings.Contains(again.out, "未变  ") || strings.Contains(again.out, "新增  ") {
		t.Errorf("%d lines for %d files and the total:\n%s", n, shown, again.out)
	}
	if n := len(documents(t, data)); n != len(library) {
		t.Errorf("%d documents became %d", len(library), n)
	}
	pb(t, data, "doctor").want(t, exitOK)
}

// badQuestions are questions that no answer fits.
var badQuestions = []struct{ name, text, outcome, reason string }{
	{"empty", "", bot.Refused, bot.ReasonUnclear},
	{"blanks", " \t\u3000 ", bot.Refused, bot.ReasonUnclear},
	{"100 KB", strings.Repeat("上市目标 ", 8000), bot.Refused, bot.ReasonTooLong},
	{"dates over and over", strings.Repeat("2022年12月31日，1200亿元；", 20_000), bot.Refused, bot.ReasonTooLong},
	{"blanks around", strings.Repeat(" ", 50_000) + "上市目标" + strings.Repeat("\n", 50_000), "", ""},
	{"2000 characters", strings.Repeat("上", bot.MaxQuestion), "", ""},
	{"2001 characters", strings.Repeat("上", bot.MaxQuestion+1), bot.Refused, bot.ReasonTooLong},
	{"control characters", "\x01\x02\x7f\x1f\u0085", bot.Refused, bot.ReasonUnclear},
	{"escape sequence", "\x1b[2J\x1b]0;上市\x07\x1b[31m目标", "", ""},
	{"bidirectional", "上市\u202e\u2066目标\u200f", "", ""},
	{"invalid UTF-8", "\xff\xfe上市\xc3(", "", ""},
	{"only invalid", "\xff\xfe\x80", bot.Refused, bot.ReasonUnclear},
	{"punctuation", "？！……——“”", bot.Refused, bot.ReasonUnclear},
	{"emoji", "😀🏥👨‍👩‍👧", bot.Refused, bot.ReasonUnclear},
	{"line feeds", "上市\n\n目标\r\n？", "", ""},
	{"query syntax", `"上市" OR 1=1; DROP TABLE documents --*`, "", ""},
}

func TestBadQuestions(t *testing.T) {
	data := seeded(t)
	for _, tt := range badQuestions {
		t.Run(tt.name, func(t *testing.T) {
			a := ask(t, data, "--", tt.text)
			if tt.outcome != "" && (a.Outcome != tt.outcome || a.Reason != tt.reason) || tt.outcome == "" && a.Outcome == bot.Refused {
				t.Errorf("%s, %s: %q", a.Outcome, a.Reason, a.Text)
			}
			if a.Outcome == bot.Refused && (a.Text == "" || strings.Contains(a.Text, "\n") || utf8.RuneCountInString(a.Text) > 120) {
				t.Errorf("want one polite line, have %q", a.Text)
			}
			r := pb(t, data, "ask", "--explain", "--", tt.text).want(t, exitOK)
			if strings.TrimSpace(r.out) == "" || !utf8.ValidString(r.out) {
				t.Errorf("prints %q", r.out)
			}
			pb(t, data, "search", "--", tt.text).want(t, exitOK)
			found := decode[searchResult](t, pb(t, data, "search", "--json", "--", tt.text).want(t, exitOK))
			if long := tt.reason == bot.ReasonTooLong; long != (found.Reason == bot.ReasonTooLong) || long && len(found.Hits) > 0 {
				t.Errorf("search gives the reason %q with %d hits", found.Reason, len(found.Hits))
			}
		})
	}
}

func TestBadBatch(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	const first, last = `{"id":"1","question":"上市目标"}`, `{"id":"2","question":"药品上市"}`
	long, _ := json.Marshal(batchLine{ID: "long", Question: new(strings.Repeat("上市", 170_000))})
	earlier, _ := json.Marshal(batchLine{ID: "earlier", Question: new("那由谁负责？"), History: []bot.Turn{
		{Role: bot.RoleUser, Text: strings.Repeat("厦门2022年上市目标，", 40_000)}, {Role: bot.RoleAssistant, Text: strings.Repeat("12家。", 100_000)},
	}})
	for _, tt := range []struct {
		name, in, ids string
		line          string // which is broken
	}{
		{"broken line", first + "\n{\"id\":\n" + last + "\n", "1 2", "line 2"},
		{"no JSON", first + "\n上市目标\n" + last + "\n", "1 2", "line 2"},
		{"a list", first + "\n[]\n" + last + "\n", "1 2", "line 2"},
		{"missing question", first + "\n{\"id\":\"x\"}\n" + last + "\n", "1 2", "line 2"},
		{"null question", first + "\n{\"id\":\"x\",\"question\":null}\n" + last + "\n", "1 2", "line 2"},
		{"number as question", first + "\n{\"question\":5}\n" + last + "\n", "1 2", "line 2"},
		{"number as id", first + "\n{\"id\":5,\"question\":\"x\"}\n" + last + "\n", "1 2", "line 2"},
		{"bad day", first + "\n{\"question\":\"x\",\"as_of\":\"2021-02-29\"}\n" + last + "\n", "1 2", "line 2"},
		{"bad role", first + "\n{\"question\":\"x\",\"history\":[{\"role\":\"x\",\"text\":\"\"}]}\n" + last + "\n", "1 2", "line 2"},
		{"two on a line", first + last + "\n" + last, "2", "line 1"},
		{"not UTF-8", first + "\n{\"question\":\"\xc9\xcf\xca\xd0\"}\n" + last + "\n", "1 2", "line 2"},
		{"escape sequence", first + "\n\x1b[2J\n" + last + "\n", "1 2", "line 2"},
		{"1 MB line", first + "\n" + string(long) + "\n" + last + "\n", "1 long 2", ""},
		{"1 MB of earlier turns", first + "\n" + string(earlier) + "\n" + last + "\n", "1 earlier 2", ""},
		{"1 MB of nothing", first + "\n" + strings.Repeat("x", 1<<20) + "\n" + last + "\n", "1 2", "line 2"},
		{"no line feed at the end", first + "\n" + last, "1 2", ""},
		{"CRLF", first + "\r\n\r\n" + last + "\r\n", "1 2", ""},
		{"byte order mark", "\ufeff" + first + "\n" + last + "\n", "1 2", ""},
		{"UTF-16", utf16Text(binary.LittleEndian, true, `{"question":"x"}`), "", "line 1"},
		{"blank lines", "\n \n" + first + "\n\t\n" + last + "\n\n", "1 2", ""},
		{"empty", "", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, command := range []string{"ask", "search"} {
				for lang, line := range map[string]string{"en": tt.line, "zh": "第 " + strings.TrimPrefix(tt.line, "line ") + " 行"} {
					if lang == "zh" && tt.line == "" {
						continue // there is no message
					}
					r := setting{stdin: tt.in}.run(t, "--data", data, "--lang", lang, command, "--json", "--batch", "-")
					code := exitOK
					if tt.line != "" {
						code = exitError
						r.says(t, line)
					}
					var ids []string
					for _, v := range decodeAll[object](t, r.want(t, code)) {
						ids = append(ids, fmt.Sprint(v["id"]))
					}
					if got := strings.Join(ids, " "); got != tt.ids {
						t.Errorf("%s answers %q, want %q", command, got, tt.ids)
					}
				}
			}
		})
	}
}

// raw opens a database file past the program.
func raw(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBadDataFolder(t *testing.T) {
	file := func(t *testing.T) string { return write(t, t.TempDir(), "file", "x") }
	changed := func(change func(t *testing.T, db string)) func(t *testing.T) string {
		return func(t *testing.T) string {
			data := seeded(t)
			change(t, filepath.Join(data, sqlite.FileName))
			return data
		}
	}
	contents := func(text string) func(t *testing.T) string {
		return changed(func(t *testing.T, db string) { write(t, filepath.Dir(db), sqlite.FileName, text) })
	}
	type badFolder struct {
		name    string
		prepare func(t *testing.T) string
		says    string
	}
	cases := []badFolder{
		{"a file", file, "--data"},
		{"below a file", func(t *testing.T) string { return filepath.Join(file(t), "data") }, "--data"},
		{"name with NUL", func(*testing.T) string { return "a\x00b" }, "--data"},
		{"dangling link", func(t *testing.T) string {
			link := filepath.Join(t.TempDir(), "link")
			if err := os.Symlink(filepath.Join(file(t), "none"), link); err != nil {
				t.Fatal(err)
			}
			return link
		}, "--data"},
		{"random bytes", contents(randomText(20000)), "damaged"},
		{"text", contents("厦门市生物医药产业发展若干措施\n"), "damaged"},
		{"cut in half", changed(func(t *testing.T, db string) {
			b, err := os.ReadFile(db)
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Dir(db), sqlite.FileName, string(b[:len(b)/2]))
		}), "damaged"},
		{"newer schema", changed(func(t *testing.T, db string) {
			raw(t, db, "INSERT INTO schema_migrations VALUES (2000000, 'x', '2030-01-01T00:00:00Z')")
		}), "upgrade"},
		{"other schema", changed(func(t *testing.T, db string) { raw(t, db, "UPDATE schema_migrations SET checksum = 'x'") }), "backup"},
		{"other program's", changed(func(t *testing.T, db string) {
			if err := os.Remove(db); err != nil {
				t.Fatal(err)
			}
			raw(t, db, "CREATE TABLE songs (title TEXT)")
		}), "another program"},
		{"folder in its place", changed(func(t *testing.T, db string) {
			if err := os.Remove(db); err != nil {
				t.Fatal(err)
			}
			write(t, db, "x", "x")
		}), "is a folder"},
	}
	if os.Geteuid() != 0 { // nothing is protected from root
		protected := func(mode os.FileMode, name string) func(t *testing.T, db string) {
			return func(t *testing.T, db string) {
				path := filepath.Join(filepath.Dir(db), name)
				if err := os.Chmod(path, mode); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = os.Chmod(path, 0o755) })
			}
		}
		cases = append(cases, badFolder{"protected folder", changed(protected(0o555, ".")), "written"},
			badFolder{"protected database", changed(protected(0o444, sqlite.FileName)), "written"},
			badFolder{"secret database", changed(protected(0, sqlite.FileName)), "written"},
			badFolder{"secret folder", changed(protected(0, ".")), "written"},
			badFolder{"protected place", func(t *testing.T) string {
				dir := t.TempDir()
				protected(0o555, ".")(t, filepath.Join(dir, "x"))
				return filepath.Join(dir, "data")
			}, "--data"})
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			data := tt.prepare(t)
			for _, args := range [][]string{
				{"ask", "--json", "上市"}, {"search", "--json", "上市"}, {"index", "--json"}, {"documents", "--json"}, {"clauses", "--json", xiamen},
			} {
				r := pb(t, data, args...).want(t, exitError).says(t, tt.says)
				if r.wantHan(t, false); r.out != "" {
					t.Errorf("%q prints %q", args, r.out)
				}
				pb(t, data, append([]string{"--lang", "zh"}, args...)...).want(t, exitError).wantHan(t, true)
			}
			if v := decode[object](t, pb(t, data, "doctor", "--json").want(t, exitError)); v["ok"] != false {
				t.Error("doctor finds nothing")
			}
		})
	}
}

// TestBadLexicalIndex: the file is derived, so whatever becomes of it, the next
// answer is the same.
func TestBadLexicalIndex(t *testing.T) {
	data := seeded(t)
	file := filepath.Join(data, retrieval.LexicalFile)
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	answer := func() bot.Answer {
		a := ask(t, data, listingQuestion)
		a.ID, a.Ms = "", bot.Timings{}
		return a
	}
	want := answer()
	if want.Outcome != bot.Answered {
		t.Fatalf("%+v", want)
	}
	other := seeded(t)
	pb(t, other, "index", write(t, t.TempDir(), "a.txt", policy("甲办法", "青蒿素"))).want(t, exitOK)
	foreign, err := os.ReadFile(filepath.Join(other, retrieval.LexicalFile))
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(good)
	flipped[len(flipped)/2] ^= 1
	states := map[string][]byte{
		"empty": {}, "garbage": []byte(randomText(len(good))), "of another library": foreign, "one bit wrong": flipped,
		"longer": append(bytes.Clone(good), 'x'), "huge count": append(bytes.Clone(good[:200]), bytes.Repeat([]byte{0xff}, 100)...), "deleted": nil,
	}
	for _, n := range []int{1, 19, 20, 100, len(good) / 3, len(good) - 4, len(good) - 1} {
		states[fmt.Sprintf("first %d bytes", n)] = good[:n]
	}
	for name, state := range states {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(file, state, 0o600); err != nil {
				t.Fatal(err)
			}
			if state == nil {
				if err := os.Remove(file); err != nil {
					t.Fatal(err)
				}
			}
			if have := answer(); have.Text != want.Text || have.Library != want.Library || have.Searched != want.Searched {
				t.Errorf("answer %q, want %q", have.Text, want.Text)
			}
			if again, err := os.ReadFile(file); err != nil || !bytes.Equal(again, good) {
				t.Errorf("the file was not made anew: %d bytes, want %d: %v", len(again), len(good), err)
			}
		})
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	write(t, file, "x", "a folder in its place")
	if have := answer(); have.Text != want.Text {
		t.Errorf("with a folder in its place: %q", have.Text)
	}
	if left, err := filepath.Glob(file + ".*"); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}
