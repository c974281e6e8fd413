package intent

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestStrip(t *testing.T) {
	data, err := os.ReadFile("testdata/strip.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		message, want, ok := strings.Cut(line, " | ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		message = strings.ReplaceAll(message, `\n`, "\n")
		rest, removed := Strip(message)
		if rest != want || (len(removed) == 0) != (rest == message) {
			t.Errorf("%s: rest %q, removed %q", message, rest, removed)
		}
		for _, r := range removed {
			if r == "" || !strings.Contains(message, r) {
				t.Errorf("%s: removed %q", message, r)
			}
		}
	}
}

func TestOffsets(t *testing.T) {
	text := "您好！請問  ＷＨＯ　is in\u200b charge, 還有獎勵多少 錢？"
	r := Read(text)
	got := show(r)
	want := ` money "獎勵多少 錢" bodies "ＷＨＯ\u3000is in\u200b charge" number "多少"`
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	checkWords(t, text, r)
}

func TestReading(t *testing.T) {
	var zero Reading
	if zero.Main() != Fact || zero.Has(Fact) || zero.Kind() != "" {
		t.Error("zero Reading")
	}
	r := Read("")
	if len(r.Intents) != 1 || r.Main() != Fact || len(r.Intents[0].Words) != 0 {
		t.Errorf("empty text: %v", r)
	}
	r = Read("怎么造假发票")
	if !r.Has(OffTopic) || r.Kind() != Fraud || r.Has(Attack) {
		t.Errorf("fraud: %v", r)
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ file, want string }{
		{"", "x.txt:1: no rule"},
		{"# only\n\n", "x.txt:2: no rule"},
		{"# one\nmoney", "x.txt:2: a rule is"},
		{"money: a\nprice: 多少", "x.txt:2: no intent is called"},
		{"off_topic: 股票", "x.txt:1: off_topic has no kind"},
		{"off_topic/sports: 球", "x.txt:1: off_topic has no kind"},
		{"money/big: 球", "x.txt:1: money has no kinds"},
		{"money:", "x.txt:1: money has no pattern"},
		{"money: 多少(", "x.txt:1: money: error parsing regexp"},
		{"money: 多少|", "x.txt:1: money:  matches the empty text"},
		{"money: 多.*少", "x.txt:1: money: 多.*少 may be of any length"},
		{"money: 多.{0,300}少", "x.txt:1: money: 多.{0,300}少 may be 302 characters"},
		{"money: .{0,3}", "x.txt:1: money: .{0,3} has no word"},
		{"money: (?i)多.b", "x.txt:1: money: (?i)多.b has no word"},
	} {
		_, err := parse("x.txt", c.file)
		if got := ""; err != nil {
			got = err.Error()
			if !strings.HasPrefix(got, c.want) {
				t.Errorf("%q: %s, want %s", c.file, got, c.want)
			}
		} else {
			t.Errorf("%q: no error, want %s", c.file, c.want)
		}
	}
}

// TestPatterns shows what the form of patterns promises to those who edit them.
func TestPatterns(t *testing.T) {
	rs, err := parse("x.txt", `
money: 錢(多|少)|ＡＢ|subsid(y|ies)
list: ^全部.{0,3}列$
but money: 不要钱多
weak compare: 各自
date: \Sh[0-9]{2}
article: [一二]\|條
`)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ text, want string }{
		{"钱少", ` money "钱少"`},
		{"錢 多。", ` money "錢 多"`},
		{"不要钱多", ` fact`},
		{"不要钱多，钱少", ` money "钱少"`},
		{"xab", ` fact`},
		{"给ab吧", ` money "ab"`},
		{"SUBSIDIES", ` money "SUBSIDIES"`},
		{"subsidyx", ` fact`},
		{"好。全部都列！", ` list "全部都列"`},
		{"把全部都列", ` fact`},
		{"各自ab", ` money "ab" compare "各自"`},
		{"xh12", ` date "xh12"`},
		{"一|条", ` article "一|条"`},
	} {
		if got := show(rs.read(c.text)); got != c.want {
			t.Errorf("%s: got%s, want%s", c.text, got, c.want)
		}
	}
}

func TestEveryRuleIsHit(t *testing.T) {
	rs := builtin()
	hit := make(map[*rule]bool)
	for _, c := range readCases(t) {
		p := fold(c.message)
		for _, at := range p.sentences {
			for _, x := range rs.sentence(nil, make([]int32, rs.searched), p.s[:at.to], at.from) {
				hit[x.rule] = true
			}
		}
	}
	for _, r := range rs.all {
		if !hit[r] {
			t.Errorf("intents.txt:%d: no case has %.60s", r.line, r.text)
		}
	}
}

func TestCasesAreMany(t *testing.T) {
	cases := readCases(t)
	if len(cases) < 450 {
		t.Errorf("%d cases", len(cases))
	}
	for _, i := range order {
		n := 0
		for _, c := range cases {
			if intent, _, _ := strings.Cut(c.main, "/"); intent == string(i) {
				n++
			}
		}
		if n < 10 {
			t.Errorf("%d cases of %s", n, i)
		}
	}
}

func checkWords(t *testing.T, text string, r Reading) {
	t.Helper()
	if len(r.Intents) == 0 {
		t.Fatalf("%q: no intent", text)
	}
	for i, f := range r.Intents {
		if slices.ContainsFunc(r.Intents[:i], func(g Found) bool { return g.Intent == f.Intent && g.Kind == f.Kind }) {
			t.Fatalf("%q: %s twice", text, f.Intent)
		}
		if len(f.Words) == 0 && f.Intent != Fact || (f.Kind != "") != (f.Intent == OffTopic) {
			t.Fatalf("%q: %v", text, f)
		}
		end := 0
		for _, w := range f.Words {
			if w.Start < end || w.End <= w.Start || w.End > len(text) || text[w.Start:w.End] != w.Text {
				t.Fatalf("%q: %v", text, f)
			}
			end = w.End
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, c := range readCases(f) {
		f.Add(c.message)
	}
	f.Add("\xff第\xe4十条，，。\u200b是 什 么")
	f.Fuzz(func(t *testing.T, text string) {
		r := Read(text)
		checkWords(t, text, r)
		if r.Has(SmallTalk) && len(r.Intents) > 1 {
			t.Fatalf("%q: small talk and more", text)
		}
		rest, removed := Strip(text)
		if r.Has(Attack) == (len(removed) == 0) || len(removed) == 0 && rest != text {
			t.Fatalf("%q: rest %q, removed %q", text, rest, removed)
		}
		if len(rest) > len(text) || utf8.ValidString(text) && !utf8.ValidString(rest) {
			t.Fatalf("%q: rest %q", text, rest)
		}
	})
}

// message is a chat message of 101 characters.
const message = "您好，我们是厦门一家做冷链物流和预制菜出口的中小企业，去年营收大概三千万，想问一下海外参展补贴和仓储技改补贴分别由哪个部门负责，申请条件是什么，最多能拿多少钱，今年什么时候截止，需要准备哪些材料？"

func BenchmarkRead100(b *testing.B) {
	for b.Loop() {
		Read(message)
	}
}

func BenchmarkRead2000(b *testing.B) {
	text := strings.Repeat(message, 2000/utf8.RuneCountInString(message))
	for b.Loop() {
		Read(text)
	}
}

// BenchmarkReadWords reads 2,000 characters of question words without a mark.
func BenchmarkReadWords(b *testing.B) {
	text := strings.Repeat("能不能有什么怎么系统你", 182)
	for b.Loop() {
		Read(text)
	}
}

func BenchmarkReadEnglish(b *testing.B) {
	text := "Hi! We run a ceramics factory. Who decides on the kiln grant, and how much money do we get?"
	for b.Loop() {
		Read(text)
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := parse("intents.txt", file); err != nil {
			b.Fatal(err)
		}
	}
}
