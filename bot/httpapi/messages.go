package httpapi

import "fmt"

// messages are the sentences of errors in Chinese and English, for fmt.
var messages = map[string]struct{ zh, en string }{
	"body_json":       {"请求正文不是 JSON。", "The body is not JSON."},
	"body_large":      {"请求正文超过 %d KB。", "The body is larger than %d KB."},
	"body_object":     {"请求正文应为一个 JSON 对象。", "The body must be one JSON object."},
	"body_read":       {"请求正文没有传完，请重新发送。", "The body did not arrive whole; send the request again."},
	"body_utf8":       {"请求正文应为 UTF-8 编码。", "The body must be UTF-8."},
	"closed":          {"这个问题已不经答复而关闭。", "This case was closed without a reply."},
	"field_bool":      {"“%s”应为 true 或 false。", `"%s" must be true or false.`},
	"field_date":      {"“%s”应为 YYYY-MM-DD 形式的日期。", `"%s" must be a date, YYYY-MM-DD.`},
	"field_empty":     {"“%s”不能为空。", `"%s" must not be empty.`},
	"field_list":      {"“%s”应为数组。", `"%s" must be an array.`},
	"field_missing":   {"缺少“%s”。", `"%s" is missing.`},
	"field_name":      {"“%s”应为 1 至 %d 字节的可见文字。", `"%s" must be 1 to %d bytes of visible text.`},
	"field_object":    {"“%s”应为对象。", `"%s" must be an object.`},
	"field_one_of":    {"“%s”只能是：%s。", `"%s" must be one of: %s.`},
	"field_text":      {"“%s”应为字符串。", `"%s" must be a string.`},
	"internal":        {"服务出错，已记入日志。", "Something went wrong here; it has been logged."},
	"key":             {"请求头 %s 应为 1 至 %d 个可见 ASCII 字符，且只出现一次。", "The header %s must be 1 to %d visible ASCII characters, given once."},
	"key_reused":      {"这个 Idempotency-Key 已用于另一个问题，请换一个。", "This Idempotency-Key was used for another question; use another key."},
	"method":          {"此地址不支持这种请求方法，可用：%s。", "This address does not take this method; it takes: %s."},
	"name_header":     {"请求头 %s 应为 1 至 %d 字节的可见文字，且只出现一次。", "The header %s must be 1 to %d bytes of visible text, given once."},
	"no_such_address": {"没有这个地址。", "There is no such address."},
	"not_found":       {"没有找到。", "Not found."},
	"not_here":        {"未设置 POLICYBOT_API_TOKEN 时只接受本机访问；设置后请用 Authorization: Bearer 访问。", "Without POLICYBOT_API_TOKEN only this machine is let in; set it and send it as Authorization: Bearer."},
	"replied":         {"已经有人回复过。", "Somebody has replied already."},
	"state":           {"state 只能是 open、replied、closed 或不填。", "state must be open, replied, closed or left out."},
	"token":           {"需要正确的 Authorization: Bearer 令牌。", "A valid token is needed: Authorization: Bearer."},
	"try_again":       {"暂时无法处理，请稍后再试。", "This cannot be done just now; try again later."},
	"unapproved":      {"现在答复须先经另一人批准，没有发出任何内容。请在工作台保存草稿并提交批准，批准后从那里发出。", "Replies now need another person's approval, and nothing was sent. Save it as a draft at the console's desk, submit it there for approval, and send it from there."},
	"unavailable":     {"服务暂时不可用，没有保存任何内容，请稍后重新发送。", "The service is temporarily unavailable and nothing was stored; send it again later."},
	"unreachable":     {"已无法联系到提问人。", "The asker can no longer be reached."},
	"withdrawn":       {"这个问题已被撤回。", "The question was taken back."},
}

// say gives a sentence in a language. It panics when there is no such sentence.
func say(lang, name string, args ...any) string {
	m, ok := messages[name]
	if !ok {
		panic("httpapi: there is no sentence " + name)
	}
	if lang == "zh" {
		return fmt.Sprintf(m.zh, args...)
	}
	return fmt.Sprintf(m.en, args...)
}
