package terminal

import (
	"context"
	"io"
	"net"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/bot/journal/memory"
	"policybot/retrieval"
)

// A fakeAnswerer quotes one clause, abstains when it is asked about the moon, and takes its time when it is told so.
type fakeAnswerer struct{}

func (fakeAnswerer) Explain(ctx context.Context, q bot.Question) (bot.Answer, bot.Explanation, error) {
	a := bot.Answer{
		ID: q.ID, Question: q.Text, Lang: "en", Outcome: bot.Answered, Mode: bot.ModeExtractive, Searched: bot.Searched{Documents: 1, Clauses: 1},
		Sentences: []bot.Sentence{{Text: "对符合条件的企业给予一次性资助，最高50万元。", Citations: []int{1}}},
		Notices:   []bot.Notice{{Kind: bot.NoticeRepealed, Text: "《测试办法》已失效。", Clauses: []string{"d.1"}}},
	}
	if strings.ContainsFunc(q.Text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		a.Lang = "zh"
	}
	quote := a.Sentences[0].Text
	clause := retrieval.Clause{ID: "d.1", Document: retrieval.Document{ID: "d", Title: "测试办法", Repealed: true}, Path: "第三条", Text: quote}
	a.Citations = []bot.Citation{{N: 1, Clause: clause, Quote: quote, QuoteEnd: len([]rune(quote))}}
	if strings.Contains(q.Text, "月球") || strings.Contains(q.Text, "moon") {
		a.Outcome, a.Reason, a.Sentences, a.Citations, a.Notices = bot.Abstained, bot.ReasonNotInLibrary, nil, nil, nil
	}
	if strings.Contains(q.Text, "慢") || strings.Contains(q.Text, "slow") {
		select {
		case <-time.After(5 * time.Second):
		case <-ctx.Done():
			return bot.Answer{}, bot.Explanation{}, ctx.Err()
		}
	}
	a.Text = bot.Compose(a)
	return a, bot.Explanation{}, nil
}

// caseNumber is the id of a case, which is random here.
var caseNumber = regexp.MustCompile(`c-[a-z2-7]{12}`)

// TestChatGolden records whole chats through the service: what is typed stands where a terminal shows it.
func TestChatGolden(t *testing.T) {
	scripts := map[string][]string{
		"zh": {
			"资助多少？", "/good", "那月球呢？", "/bad incomplete 没有说完", "/nothing", "", "慢慢查：资助多少？", "/stop", "慢慢查：还有吗？", "wait",
			"/help", "转人工", "我的手机是13812345678，资助多少？", "/bye",
		},
		"en": {
			"How much is the grant?", "/good", "And on the moon?", "/bad wrong", "/nothing", "a slow one", "wait", "/help", "/person", "/bye",
		},
	}
	for lang, script := range scripts {
		for _, mode := range []Mode{Always, Never} {
			t.Run(lang+" interactive "+string(mode), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { transcribe(t, lang, mode, script) })
			})
		}
	}
}

// transcribe plays a chat to its end and compares what is seen. The line "wait" is not typed: ten seconds pass.
func transcribe(t *testing.T, lang string, mode Mode, script []string) {
	in, typed := net.Pipe()
	out := &paper{}
	c := NewChat(in, out, ChatOptions{Lang: lang, User: "Ann", Interactive: mode, Screen: Options{Width: 64, Color: mode}})
	limits := bot.DefaultLimits
	limits.Tell = 0
	ctx, quit := context.WithCancel(t.Context())
	s, err := bot.NewService(ctx, bot.Options{
		Journal: memory.New(), Answerer: fakeAnswerer{}, Channels: []channel.Channel{once{c, quit}}, Key: make([]byte, 32), Limits: limits, Lang: lang,
	})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	for _, line := range script {
		synctest.Wait()
		if line == "wait" {
			time.Sleep(10 * time.Second)
			continue
		}
		if mode == Always {
			_, _ = io.WriteString(out, line+"\n") // as a terminal echoes it
		}
		if _, err := io.WriteString(typed, line+"\n"); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(line, "慢") {
			time.Sleep(time.Second)
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if n, err := s.Journal.Count(t.Context()); err != nil || n.Waiting+n.Claimed+n.Ready+n.Posting > 0 {
		t.Errorf("left: %+v, %v", n, err)
	}
	ratings(t, s.Journal)
	golden(t, "chat-"+lang+"-"+string(mode)+".golden", caseNumber.ReplaceAllString(out.String(), "c-············"))
}

// ratings wants one good and one bad rating, of different questions.
func ratings(t *testing.T, j journal.Journal) {
	t.Helper()
	var got []bool
	for r, err := range j.Ratings(t.Context(), journal.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r.Good)
	}
	if len(got) != 2 || got[0] == got[1] {
		t.Errorf("ratings %v, want one that is good and one that is not", got)
	}
}

// A once is a chat at whose end the service ends.
type once struct {
	*Chat
	quit context.CancelFunc
}

func (o once) Run(ctx context.Context, sink channel.Sink) error {
	defer o.quit()
	return o.Chat.Run(ctx, sink)
}
