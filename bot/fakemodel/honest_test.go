package fakemodel

import (
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"policybot/bot/model"
	"policybot/seeds"
)

// replies reads a reply of the form asked for.
func replies(t *testing.T, text string) []Line {
	t.Helper()
	if text == none {
		return nil
	}
	var out []Line
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		var l Line
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&l); err != nil || d.More() {
			t.Fatalf("line %q: %v", line, err)
		}
		out = append(out, l)
	}
	return out
}

// honestly fails unless every line has a sentence and verbatim quotes, and returns
// how many sentences are the quote as it is.
func honestly(t *testing.T, p Prompt, lines []Line) (copied int) {
	t.Helper()
	for _, l := range lines {
		if strings.TrimSpace(l.Sentence) == "" || strings.Contains(l.Sentence, "\n") || len(l.Quotes) == 0 {
			t.Errorf("line %+v", l)
		}
		for _, q := range l.Quotes {
			if q.Quote == "" || !strings.Contains(p.clause(q.Clause).Text, q.Quote) {
				t.Errorf("quote %q is not of clause %s", q.Quote, q.Clause)
			}
			if q.Quote == l.Sentence {
				if copied++; language(q.Quote) == p.Language {
					t.Errorf("copied: %s", l.Sentence)
				}
			}
		}
	}
	return copied
}

// seedClauses cuts the seeds into clauses of three lines.
func seedClauses(t *testing.T) map[string][]Clause {
	t.Helper()
	out := map[string][]Clause{}
	names, _ := fs.Glob(seeds.FS(), "*.txt")
	for _, name := range names {
		data, err := fs.ReadFile(seeds.FS(), name)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for line := range strings.SplitSeq(string(data), "\n") {
			if strings.TrimSpace(line) != "" {
				lines = append(lines, line)
			}
		}
		for part := range slices.Chunk(lines, 3) {
			handle := "k" + string([]byte{'a' + byte(len(out[name])/26), 'a' + byte(len(out[name])%26), 'a', '0', '0'})
			out[name] = append(out[name], Clause{handle, "医药健康行动计划", "北京市", "一", strings.Join(part, "\n")})
		}
	}
	return out
}

func TestHonestOnSeeds(t *testing.T) {
	asked, said, nothing, copied := 0, 0, 0, 0
	for _, clauses := range seedClauses(t) {
		for offered := range slices.Chunk(clauses, 3) {
			for _, q := range []Prompt{
				{Language: "zh", Question: "企业可以得到什么支持？"},
				{Language: "zh", Question: "临床试验由哪些部门负责？"},
				{Language: "zh", Question: "2022年的目标是多少？"},
				{Language: "en", Question: "What support is there for biomedicine enterprises?"},
				{Language: "en", Question: "Which department is responsible for medical devices?"},
			} {
				q.Clauses = offered
				text := say(t, Honest{}, request(model.Answer, q))
				lines := replies(t, text)
				asked++
				said += len(lines)
				if len(lines) == 0 {
					nothing++
				}
				if len(lines) > 2 {
					t.Errorf("%d lines", len(lines))
				}
				copied += honestly(t, q, lines)
				if again := say(t, Honest{}, request(model.Answer, q)); again != text {
					t.Errorf("two replies: %q, %q", text, again)
				}
			}
		}
	}
	t.Logf("%d questions: %d sentences, %d of them copies in the other language; %d times none", asked, said, copied, nothing)
	if asked < 100 || nothing > asked/2 || copied > said/3 {
		t.Error("it says too little of its own")
	}
}

func TestHonestSays(t *testing.T) {
	c := func(lang, text string) pick { return pick{c: Clause{Document: "T", Place: "北京市"}, text: text} }
	for _, k := range []struct{ lang, text, want string }{
		{"zh", "本市与日本市场、资本市场合作。", "该市与日本市场、资本市场合作"},
		{"zh", "2022年底前建设3-5家平台，占50%。", "2022年年底之前建设3至5家平台，占50％"},
		{"zh", "（一）支持企业、高等学校、科研院所、医院等合作。", "支持企业、高校等合作"},
		{"zh", "支持企业、科研院所、高等学校建设平台。", "支持企业、科研院所、高校建设平台"},
		{"zh", "除企业、高等学校、科研院所、医院等外均可。", "除企业、高校、科研院所、医院等外均可"},
		{"zh", "(牵头单位：市科委、市财政局)", "这项工作由市科委、市财政局牵头。"},
		{"zh", "不断提升能力,不得转让。", "提升能力，不得转让"},
		{"zh", "2018-2020年,每年年底前达12家。", "2018至2020年，每年年底前达到12家"},
		{"en", "Support enterprises in order to gradually build 20% of it。", "support companies to step by step build 20 percent of it."},
		{"en", "The city shall publish it during 2018-2020.", "the city shall publish it during 2018 to 2020."},
		{"en", "Enterprises on 2020-06-03 and COVID-19.", "The clause says: Enterprises on 2020-06-03 and COVID-19."},
	} {
		if got := (Honest{}).say(k.lang, c(k.lang, k.text)); !strings.Contains(got, k.want) {
			t.Errorf("%s\ngot  %s\nwant %s", k.text, got, k.want)
		}
	}
	for _, k := range []struct{ lang, text, want string }{
		{"en", "给予最高500万元支持，占50%，2022年完成。", "The clause for Beijing gives RMB 5000000, 50% and the year 2022."},
		{"en", "创新药规模达1.5亿元。", "The clause for Beijing speaks of innovative drugs and gives RMB 150 million."},
		{"en", "总额1,200万元，占3-5%。", "总额1,200万元，占3-5%。"},
		{"en", "由市政府决定。", "由市政府决定。"},
		{"zh", "Funds of RMB 10 million for vaccines by 2025, 1.5 billion yuan in all.", "该条款提到疫苗，写有1000万元、2025年、15亿元。"},
		{"zh", "Keep going.", "Keep going."},
	} {
		if got := (Honest{}).say(k.lang, c(k.lang, k.text)); got != k.want {
			t.Errorf("%s\ngot  %s\nwant %s", k.text, got, k.want)
		}
	}
	if got := (Honest{Free: true}).say("zh", c("zh", "力争给予不超过500万元、最高不超过600万元支持。")); !strings.Contains(got, "争取给予至多500万元、最高不超过600万元支持") {
		t.Errorf("free: %s", got)
	}
}

func TestHonestTasks(t *testing.T) {
	p := sample()
	lines := replies(t, say(t, Honest{}, request(model.Answer, p)))
	if honestly(t, p, lines); len(lines) != 2 || !strings.Contains(lines[1].Sentence, "由市科委、市财政局负责") {
		t.Errorf("answer %+v", lines)
	}
	if got := say(t, Honest{}, request(model.Answer, Prompt{Language: "zh", Question: "天气", Clauses: p.Clauses})); !strings.Contains(got, "kb1b1b") {
		t.Errorf("no word in common: %s", got)
	}
	if got := say(t, Honest{}, request(model.Answer, Prompt{Language: "zh", Question: "天气", Clauses: p.Clauses[:1]})); got != none {
		t.Errorf("nothing answers: %s", got)
	}
	lines = replies(t, say(t, Honest{}, request(model.Repair, p)))
	if len(lines) != 1 || lines[0].Sentence != p.Said[0].Quotes[0].Quote || lines[0].Quotes[0] != p.Said[0].Quotes[0] {
		t.Errorf("repair %+v", lines)
	}
	lines = replies(t, say(t, Honest{}, request(model.Draft, p)))
	if len(lines) != 1 || lines[0].Sentence != "经查阅，"+p.Said[0].Sentence {
		t.Errorf("draft %+v", lines)
	}
	if got, want := say(t, Honest{}, request(model.Rerank, p)), `{"order":["kaaaaa","kccccc","kb1b1b"]}`+"\n"; got != want && !strings.HasPrefix(got, `{"order":["kaaaaa",`) {
		t.Errorf("rerank %s", got)
	}
	if _, _, err := ask(t.Context(), Honest{}, model.Request{Task: model.Answer}); model.ClassOf(err) != model.Refused {
		t.Errorf("no prompt: %v", err)
	}
}

func TestHonestSearchWords(t *testing.T) {
	for _, q := range []string{"孵化器有什么支持？", "What do incubators get?", "吗", "?", "研究型病房的临床试验由谁负责，人工智能和大数据、疫苗、创新药、进口、奖励、人才、平台有吗", strings.Repeat("长", 400)} {
		var got struct{ Words []string }
		text := say(t, Honest{}, request(model.Rewrite, Prompt{Language: "zh", Question: q}))
		if err := json.Unmarshal([]byte(text), &got); err != nil || len(got.Words) == 0 || len(got.Words) > 8 {
			t.Errorf("%s: %s, %v", q, text, err)
		}
		for _, w := range got.Words {
			if utf8.RuneCountInString(w) > 40 {
				t.Errorf("a word of %d characters", utf8.RuneCountInString(w))
			}
		}
	}
	if got := searchWords("孵化器有什么支持？"); !slices.Equal(got, []string{"孵化器", "支持", "incubators"}) {
		t.Errorf("got %q", got)
	}
}
