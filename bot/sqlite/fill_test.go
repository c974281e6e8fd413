package sqlite

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"policybot/bot/journal"
)

// Parts of the questions and answers that FillLog makes up.
var (
	logPlaces   = []string{"厦门市", "福建省", "深圳市", "湖里区", "思明区"}
	logChannels = []string{"http", "chat", "mail"}
	logWords    = strings.Split("补贴 生物医药 企业 上市 奖励 申请 条件 材料 期限 高新技术 人才 住房 公积金 研发 费用 加计 扣除 增值税 减免 园区 租金 贷款 贴息 首台套 专精特新 小巨人 知识产权 专利 出口 信用 保险 数字化 改造 绿色 制造 就业 社保 返还 招聘 培训 基金 Subsidy High-Tech R&D IPO", " ")
)

// phrase makes up a text of so many words.
func phrase(r *rand.Rand, words int) string {
	var b strings.Builder
	for range words {
		b.WriteString(logWords[r.IntN(len(logWords))])
	}
	return b.String()
}

// A loggedAnswer is an answer with what goes with it.
type loggedAnswer struct {
	outcome, reason string
	answer, record  json.RawMessage
}

// answerOf makes up the answer number n, about 5 KB of it and 3 KB of record. Numbers give the same each time.
func answerOf(n int) loggedAnswer {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	type object = map[string]any
	a := loggedAnswer{outcome: "answered"}
	mode, model, text := "extractive", "", ""
	if n >= logRepeated {
		mode, model = "generative", "m-1"
	}
	if r.IntN(5) == 0 {
		a.outcome, a.reason = "abstained", []string{"not_in_library", "off_topic", "needs_judgement"}[r.IntN(3)]
	}
	var citations []object
	for range 3 {
		doc := r.IntN(40)
		quote := phrase(r, 45)
		text += quote + "。"
		citations = append(citations, object{
			"n": 1, "quote": quote, "clause": object{
				"id": fmt.Sprintf("doc-%d.%d", doc, r.IntN(30)), "path": "三/(四)", "heading": phrase(r, 4), "text": quote + phrase(r, 60),
				"document": object{"id": fmt.Sprintf("doc-%d", doc), "title": phrase(r, 8), "jurisdiction": logPlaces[doc%len(logPlaces)]},
			},
		})
	}
	a.answer, _ = json.Marshal(object{
		"id": "q", "lang": []string{"zh", "zh", "zh", "en"}[r.IntN(4)], "outcome": a.outcome, "reason": a.reason, "text": text, "mode": mode, "model": model,
		"citations": citations, "notices": []object{{"kind": "undated", "text": phrase(r, 5)}}, "ms": object{"total": r.ExpFloat64() * 400},
		"nearest": []object{{"id": "doc-1.1", "text": phrase(r, 150)}},
	})
	call := object{"reply": phrase(r, 30), "usage": object{"tokens_in": 1200, "tokens_out": 300}}
	if model == "" {
		call = object{}
	}
	a.record, _ = json.Marshal(object{"evidence": object{"written": object{"calls": []object{call}}, "verdicts": phrase(r, 250)}})
	return a
}

// logRepeated is how many answers are given again and again; others are given once.
const logRepeated = 3000

// FillLog makes a log of n closed questions of ten weeks, a part of which have answers that no other has. With
// a bare log nothing is known of them but the questions: it is one from before there were facts.
func FillLog(t testing.TB, db *DB, n int, once float64, bare bool) {
	t.Helper()
	const some = 10_000
	r := rand.New(rand.NewPCG(1, 2))
	repeated := make([]loggedAnswer, logRepeated)
	for i := range repeated {
		repeated[i] = answerOf(i)
	}
	for first := 1; first <= n; first += some {
		if err := db.update(t.Context(), "fill", func(x tx) error {
			for i := first; i < min(n+1, first+some); i++ {
				a := repeated[int(float64(logRepeated)*r.Float64()*r.Float64())]
				if r.Float64() < once {
					a = answerOf(logRepeated + i)
				}
				if err := x.logOne(r, i, a, bare); err != nil {
					return err
				}
			}
			return x.exec(`INSERT INTO counters (workspace, name, value) VALUES (?, 'questions', ?)
				ON CONFLICT (workspace, name) DO UPDATE SET value = excluded.value`, workspace, min(n, first+some-1))
		}); err != nil {
			t.Fatal(err)
		}
	}
	if bare {
		if err := db.update(t.Context(), "fill", func(x tx) error {
			return x.exec(`INSERT INTO counters (workspace, name, value) VALUES (?, ?, ?)`, workspace, factsDue, n)
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// logOne stores a question that has ended, as one without deliveries: those are not searched.
func (t tx) logOne(r *rand.Rand, n int, a loggedAnswer, bare bool) error {
	at := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Minute)
	q := journal.Question{
		ID: fmt.Sprintf("q%07d", n), Seq: int64(n), Channel: logChannels[r.IntN(3)], User: fmt.Sprintf("user%d", n%5000),
		Dialogue: fmt.Sprintf("dialogue%d", n%5000), Text: phrase(r, 4+r.IntN(8)) + "？", AskedAt: at, AcceptedAt: at, AnsweredAt: at, ClosedAt: at,
		State: journal.Refused, Outcome: a.outcome, Reason: a.reason, Answer: a.answer, Record: a.record,
	}
	if r.IntN(20) == 0 {
		q.Masked = []string{"phone"}
	}
	if err := t.addQuestion(&q); err != nil {
		return err
	}
	if err := t.addRecord(&q); err != nil {
		return err
	}
	if err := t.step(q.Seq, at, "accepted", nil); err != nil {
		return err
	}
	if !bare {
		if err := t.noteAsked(q); err != nil {
			return err
		}
		if err := t.noteAnswer(q); err != nil {
			return err
		}
	}
	if r.IntN(8) > 0 {
		return nil
	}
	if err := t.exec(`INSERT INTO ratings (workspace, seq, question, asker, good, reason, text, at_time) VALUES (?, ?, ?, ?, ?, ?, '', ?)`,
		workspace, n, n, q.User, r.IntN(3) > 0, []string{"wrong", "unclear", "slow"}[r.IntN(3)], instant{&at}); err != nil || bare {
		return err
	}
	return t.noteRating(q.Seq)
}
