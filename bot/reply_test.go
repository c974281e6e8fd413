package bot_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/guard"
	"policybot/retrieval"
)

// A replyCase is one case of testdata/replies.
type replyCase struct {
	name    string
	reply   bot.Reply
	want    []string // state | kind | words, a sentence each
	missing []string
}

var escaped = regexp.MustCompile(`<U\+([0-9A-F]{4,6})>`)

func readReplyCases(t *testing.T, file string) []replyCase {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out []replyCase
	for block := range strings.SplitSeq(string(data), "\n\n") {
		c := replyCase{reply: bot.Reply{AsOf: time.Date(2021, 6, 1, 0, 0, 0, 0, time.UTC), Lang: strings.TrimSuffix(filepath.Base(file), ".txt")}}
		var text []string
		for line := range strings.SplitSeq(strings.TrimSpace(block), "\n") {
			switch name, value, _ := strings.Cut(line, " "); name {
			case "#":
				c.name = value
			case "clauses:":
				c.reply.Clauses = strings.Fields(value)
			case "question:":
				c.reply.Question = value
			case "as_of:":
				if c.reply.AsOf, err = time.Parse(time.DateOnly, value); err != nil {
					t.Fatal(err)
				}
			case "missing:":
				c.missing = strings.Fields(value)
			case ">":
				text = append(text, escaped.ReplaceAllStringFunc(value, func(s string) string {
					n, _ := strconv.ParseInt(s[3:len(s)-1], 16, 32)
					return string(rune(n))
				}))
			default:
				c.want = append(c.want, line)
			}
		}
		c.reply.Text = strings.Join(text, "\n")
		if c.reply.Clauses != nil {
			out = append(out, c)
		}
	}
	return out
}

// TestReplies checks the replies of testdata/replies.
func TestReplies(t *testing.T) {
	d, err := seededDesk()
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for _, file := range []string{"testdata/replies/zh.txt", "testdata/replies/en.txt"} {
		for _, c := range readReplyCases(t, file) {
			cases++
			t.Run(c.name, func(t *testing.T) {
				got, err := d.CheckReply(t.Context(), c.reply)
				if err != nil {
					t.Fatal(err)
				}
				c.compare(t, got)
			})
		}
	}
	if cases < 60 {
		t.Errorf("only %d cases", cases)
	}
}

func (c replyCase) compare(t *testing.T, got bot.Checked) {
	t.Helper()
	text := []rune(c.reply.Text)
	sendable := len(c.want) > 0 && len(c.missing) == 0
	for i, s := range got.Sentences {
		if string(text[s.Start:s.End]) != s.Text {
			t.Errorf("%d to %d is not %q", s.Start, s.End, s.Text)
		}
		if i >= len(c.want) {
			t.Errorf("not expected: %s %q %+v", s.State, s.Text, s.Problems)
			continue
		}
		want := strings.Split(c.want[i], " | ")
		sendable = sendable && (want[0] == string(bot.Fine) || want[0] == string(bot.Courtesy))
		if string(s.State) != want[0] {
			t.Errorf("%q is %s, not %s: %+v", s.Text, s.State, want[0], s.Problems)
			continue
		}
		if len(want) > 1 && want[1] != "-" && !slices.ContainsFunc(s.Problems, func(p bot.Problem) bool { return string(p.Kind) == want[1] && hasAll(p.Message, want[2:]) }) {
			t.Errorf("%q has no problem %q: %+v", s.Text, want[1:], s.Problems)
		}
		for _, p := range s.Problems {
			if p.Start < 0 || p.End > utf8.RuneCountInString(s.Text) || p.Start > p.End || p.Message == "" {
				t.Errorf("%q: bad problem %+v", s.Text, p)
			}
		}
	}
	if len(got.Sentences) < len(c.want) {
		t.Errorf("%d sentences, not %d", len(got.Sentences), len(c.want))
	}
	var missing []string
	for _, m := range got.Missing {
		missing = append(missing, m.Kind)
	}
	if !slices.Equal(missing, c.missing) {
		t.Errorf("missing %v, not %v", missing, c.missing)
	}
	if got.Sendable != sendable && !t.Failed() {
		t.Errorf("sendable is %v", got.Sendable)
	}
}

func hasAll(message string, words []string) bool {
	return !slices.ContainsFunc(strings.Fields(strings.Join(words, " ")), func(w string) bool { return !strings.Contains(message, w) })
}

// clausesOf gives clauses of the seeds in order, an empty one for an id that there is not.
func clausesOf(t testing.TB, d *bot.Desk, ids ...string) []retrieval.Clause {
	t.Helper()
	var out []retrieval.Clause
	for _, id := range ids {
		found, err := d.Library.Lookup(context.Background(), []string{id})
		if err != nil {
			t.Fatal(err)
		}
		if len(found) == 0 {
			found = []retrieval.Clause{{}}
		}
		out = append(out, found[0])
	}
	return out
}

// TestReplyLimits: what is too long is refused, and a long text is checked.
func TestReplyLimits(t *testing.T) {
	d, err := seededDesk()
	if err != nil {
		t.Fatal(err)
	}
	line := "支持企业就地改扩建厂房[1]。感谢您的来信！\n"
	text := strings.Repeat(line, bot.MaxReply/utf8.RuneCountInString(line))
	got, err := d.CheckReply(t.Context(), bot.Reply{Text: text, Clauses: []string{"xiamen-2020-2022.h3.b4"}, AsOf: time.Date(2021, 6, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil || !got.Sendable || len(got.Sentences) < 1000 {
		t.Errorf("%v, %d sentences, sendable %v", err, len(got.Sentences), got.Sendable)
	}
	for _, r := range []bot.Reply{{Text: strings.Repeat("好", bot.MaxReply+1)}, {Text: "好", Clauses: make([]string, bot.MaxReplyClauses+1)}} {
		if _, err := d.CheckReply(t.Context(), r); !errors.Is(err, bot.ErrReplyTooLong) {
			t.Errorf("%d characters, %d clauses: %v", utf8.RuneCountInString(r.Text), len(r.Clauses), err)
		}
	}
	got, err = d.CheckReply(t.Context(), bot.Reply{Text: strings.Repeat("支持企业", 5000) + "[1]", Clauses: []string{"xiamen-2020-2022.h3.b4"}})
	if err == nil {
		t.Errorf("above the limit: %+v", got)
	}
	got, err = d.CheckReply(t.Context(), bot.Reply{Text: strings.Repeat("支持企业", 4000) + "[1]", Clauses: []string{"xiamen-2020-2022.h3.b4"}})
	if err != nil || len(got.Sentences) != 1 || got.Sentences[0].Problems[0].Kind != bot.ProblemLong {
		t.Errorf("%v, %+v", err, got.Sentences)
	}
}

// TestReplySuggestions: a sentence without a clause gets those that bear it.
func TestReplySuggestions(t *testing.T) {
	d, err := seededDesk()
	if err != nil {
		t.Fatal(err)
	}
	r := bot.Reply{Text: "至2022年，开展惠及民生新技术、新产品示范应用达10项。", Clauses: []string{"xiamen-2020-2022.h2"}, AsOf: time.Date(2021, 6, 1, 0, 0, 0, 0, time.UTC)}
	got, err := d.CheckReply(t.Context(), r)
	if err != nil || got.Sentences[0].Suggestions != nil {
		t.Fatalf("%v, %+v", err, got)
	}
	r.Suggest = true
	if got, err = d.CheckReply(t.Context(), r); err != nil || len(got.Sentences[0].Suggestions) == 0 {
		t.Fatalf("%v, %+v", err, got)
	}
	s := got.Sentences[0].Suggestions[0]
	if s.Clause != "xiamen-2020-2022.h3.b8" || !s.Passes || s.N != 0 || !strings.Contains(s.Quote, "示范应用达10项") {
		t.Errorf("%+v", s)
	}
	r.Clauses = append(r.Clauses, s.Clause)
	if got, err = d.CheckReply(t.Context(), r); err != nil || got.Sentences[0].Suggestions[0].N != 2 {
		t.Errorf("%v, %+v", err, got.Sentences[0].Suggestions)
	}
	r.Text = "本市对首次上市企业一次性补助八百万元。"
	if got, err = d.CheckReply(t.Context(), r); err != nil || slices.ContainsFunc(got.Sentences[0].Suggestions, func(s bot.Suggestion) bool { return s.Passes }) {
		t.Errorf("%v, %+v", err, got.Sentences)
	}
}

// TestComposeReply: the person's text to the letter, then the sources and who wrote it.
func TestComposeReply(t *testing.T) {
	d, err := seededDesk()
	if err != nil {
		t.Fatal(err)
	}
	r := bot.Reply{Text: "您好！\n支持企业就地改扩建厂房[1]。  至2022年，开展惠及民生新技术、新产品示范应用达10项[3]。\n\n谢谢。", Clauses: []string{"xiamen-2020-2022.h3.b4", "gone", "xiamen-2020-2022.h3.b8"}}
	doc := bot.ComposeReply(r, clausesOf(t, d, r.Clauses...))
	if !strings.HasPrefix(doc.Text, r.Text+"\n\n依据：\n[1] 《厦门市做强做大生物医药产业三年行动计划(2020-2022)》（厦府办〔2020〕57号，") || strings.Contains(doc.Text, "\n[2]") {
		t.Errorf("text:\n%s", doc.Text)
	}
	if doc.Label != channel.LabelStaff || len(doc.Citations) != 2 || doc.Citations[1].N != 3 || doc.Citations[1].Quote != "至2022年,开展惠及民生新技术、新产品示范应用达10项。" {
		t.Errorf("%+v", doc)
	}
	if !strings.HasSuffix(doc.Text, "以文件全文和主管部门的决定为准。") {
		t.Errorf("no standing line:\n%s", doc.Text)
	}
	if n := doc.Nodes[1]; n.Kind != channel.Sentence || n.Text != "支持企业就地改扩建厂房。" || !slices.Equal(n.Cites, []int{1}) {
		t.Errorf("%+v", doc.Nodes)
	}
	english := bot.ComposeReply(bot.Reply{Text: "Enterprises are encouraged to expand[1].", Clauses: r.Clauses}, clausesOf(t, d, r.Clauses...))
	if !strings.Contains(english.Text, "\n\nSources:\n[1] ") || !strings.Contains(english.Text, "written by our staff") {
		t.Errorf("text:\n%s", english.Text)
	}
	if plain := bot.ComposeReply(bot.Reply{Text: "谢谢。", Clauses: r.Clauses}, clausesOf(t, d, r.Clauses...)); plain.Text != "谢谢。" || len(plain.Citations) > 0 {
		t.Errorf("%+v", plain)
	}
}

// TestOfferedNotices: the sentence that is offered for a missing notice makes it no longer
// missing, and is fine, in both languages.
func TestOfferedNotices(t *testing.T) {
	d, err := seededDesk()
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]bool{}
	for _, lang := range []string{"zh", "en"} {
		for _, c := range readReplyCases(t, "testdata/replies/zh.txt") {
			c.reply.Lang = lang
			got, err := d.CheckReply(t.Context(), c.reply)
			if err != nil {
				t.Fatal(err)
			}
			before := len(got.Sentences)
			for _, m := range got.Missing {
				c.reply.Text += "\n" + m.Text
				kinds[m.Kind] = true
			}
			if got, err = d.CheckReply(t.Context(), c.reply); err != nil || len(got.Missing) > 0 {
				t.Errorf("%s %s: %v, still missing %+v", lang, c.name, err, got.Missing)
			}
			for _, s := range got.Sentences[before:] {
				if s.State != bot.Fine {
					t.Errorf("%s %s: %q is %s: %+v", lang, c.name, s.Text, s.State, s.Problems)
				}
			}
		}
	}
	for _, kind := range []string{guard.PeriodOver, guard.TargetYearOver, guard.DeadlinePassed, guard.NotPolicy, guard.OtherPlace, guard.Translation, guard.Intention} {
		if !kinds[kind] {
			t.Errorf("no case misses %s", kind)
		}
	}
}

// BenchmarkCheckReply checks a reply of 600 characters and five cited sentences while one
// of them is typed: an operation is one check in which one sentence is new.
func BenchmarkCheckReply(b *testing.B) {
	d, err := seededDesk()
	if err != nil {
		b.Fatal(err)
	}
	for name, parts := range map[string]int{"typing": 1, "all new": 5} {
		b.Run(name, func(b *testing.B) {
			r := bot.Reply{Clauses: []string{"xiamen-2020-2022.h3.b4", "xiamen-2020-2022.h3.b7", "zhongguancun-2015.h3.b3"}, Question: "厂房改扩建有什么支持？"}
			r.Text = longReply(-1, 0)
			if _, err := d.CheckReply(context.Background(), r); err != nil { // reads the words
				b.Fatal(err)
			}
			var took []time.Duration
			for i := 0; b.Loop(); i++ {
				r.Text = longReply(i, parts)
				begin := time.Now()
				if _, err := d.CheckReply(context.Background(), r); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(begin))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}

// longReply is a reply of about 600 characters whose first sentences differ for each i.
func longReply(i, differ int) string {
	list := []string{
		"根据文件，鼓励企业增资扩产、增产增效，支持企业就地改扩建厂房，在工业控制线内提高土地利用率和产出率，并且在符合规划、不改变用途和保障安全的前提下，允许企业提高开发建设强度，放宽建筑层数、容积率等指标%s[1]。",
		"文件支持企业建立重点实验室、技术创新中心、新型研发机构等，提升创新能力和市场竞争力，组织实施重大项目带动战略，强化科技创新资源精准供给，引导组织实施重大项目100项%s[1]。",
		"至2022年，新型研发机构达30个，引进国家级科研机构、高校、国内知名企业等在厦设立区域研发创新中心达10个，产业招商落地项目达100个，投资总额争取达200亿元%s[2]。",
		"对取得重大突破性成果的人员允许破格推荐申报高一级职称，所获收入可按不少于70%%的比例用于奖励科技成果完成人和为科技成果转化做出重要贡献的人员%s[3]。",
		"加快引进高校、科研院所来厦布局建立创新研发机构，支持国内外生物医药领域的知名机构、世界500强药企、国内100强药企在厦设立研发总部或区域研发创新中心%s[2]。",
	}
	var b strings.Builder
	b.WriteString("您好！来信收悉，现答复如下：\n")
	for k, s := range list {
		more := ""
		if k < differ {
			more = fmt.Sprintf("（%d）", i)
		}
		fmt.Fprintf(&b, s+"\n", more)
	}
	b.WriteString("如有疑问，请致电0592-1234567咨询。\n")
	return b.String()
}
