package export

import (
	"fmt"
	"strings"
	"time"
)

// A Column is a column of a table. Columns gives them.
type Column struct {
	Key     string // as in the JSON of a Row
	Heading string
	cell    func(Row) any // string, int or float64
}

// A kind is a column in both languages.
type kind struct {
	key, zh, en string
	cell        func(Row) any
}

// kinds are all columns, in their usual order.
var kinds = []kind{
	{"id", "编号", "ID", func(r Row) any { return r.ID }},
	{"accepted_at", "收到时间", "Accepted at", func(r Row) any { return moment(r.AcceptedAt) }},
	{"answered_at", "回答时间", "Answered at", func(r Row) any { return moment(r.AnsweredAt) }},
	{"closed_at", "送达时间", "Closed at", func(r Row) any { return moment(r.ClosedAt) }},
	{"channel", "渠道", "Channel", func(r Row) any { return r.Channel }},
	{"user", "提问人代号", "Asker (code)", func(r Row) any { return r.User }},
	{"state", "状态", "State", func(r Row) any { return string(r.State) }},
	{"outcome", "结果", "Outcome", func(r Row) any { return r.Outcome }},
	{"reason", "原因", "Reason", func(r Row) any { return r.Reason }},
	{"lang", "语言", "Language", func(r Row) any { return r.Lang }},
	{"mode", "生成方式", "Mode", func(r Row) any { return r.Mode }},
	{"label", "AI 标识", "AI label", func(r Row) any { return r.Label }},
	{"question", "问题", "Question", func(r Row) any { return r.Question }},
	{"text", "回答", "Answer", func(r Row) any { return r.Text }},
	{"citations", "引用条款编号", "Cited clauses (ids)", func(r Row) any { return strings.Join(r.Citations, " ") }},
	{"cited", "引用条款", "Cited clauses", func(r Row) any { return r.cited() }},
	{"library", "文件库版本", "Library version", func(r Row) any { return r.Library }},
	{"model", "模型", "Model", func(r Row) any { return r.Model }},
	{"prompt", "提示词版本", "Prompt version", func(r Row) any { return r.Prompt }},
	{"ms_total", "用时（毫秒）", "Time taken (ms)", func(r Row) any { return r.MsTotal }},
	{"attempts", "尝试次数", "Attempts", func(r Row) any { return r.Attempts }},
	{"duplicates", "重复次数", "Duplicates", func(r Row) any { return r.Duplicates }},
	{"masked", "已遮盖的个人信息", "Personal data masked", func(r Row) any { return strings.Join(r.Masked, " ") }},
	{"rating", "评价", "Rating", func(r Row) any { return r.Rating }},
	{"rating_reason", "评价理由", "Rating reason", func(r Row) any { return r.RatingReason }},
	{"rating_text", "评价内容", "Rating text", func(r Row) any { return r.RatingText }},
	{"case", "工单", "Case", func(r Row) any { return string(r.Case) }},
	{"verdict", "审核结论", "Review", func(r Row) any { return string(r.Verdict) }},
}

// moment gives a time as cells have it, "" for none.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

// Columns gives the columns of these keys in this order, all without keys, with headings in a language: zh, or
// English for any other. A key that there is not is an error.
func Columns(lang string, keys ...string) ([]Column, error) {
	known := map[string]Column{}
	var all []string
	for _, k := range kinds {
		c := Column{Key: k.key, Heading: k.en, cell: k.cell}
		if lang == "zh" {
			c.Heading = k.zh
		}
		known[k.key] = c
		all = append(all, k.key)
	}
	if len(keys) == 0 {
		keys = all
	}
	var list []Column
	for _, key := range keys {
		c, ok := known[key]
		if !ok {
			return nil, fmt.Errorf("export: no column %q", key)
		}
		list = append(list, c)
	}
	return list, nil
}
