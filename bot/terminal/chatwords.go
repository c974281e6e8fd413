package terminal

import (
	"fmt"

	"policybot/bot/channel"
	"policybot/prompts"
)

// chatWords are what a [Chat] itself says: Chinese, English.
var chatWords = map[string][2]string{
	"hello": {"输入问题后按回车。/help 列出命令，/bye 结束。", "Type a question and press Enter. /help lists the commands, /bye ends."},
	"help": {
		"输入问题后按回车；可以接着追问。\n" +
			"- /person：请工作人员答复上一个问题\n" +
			"- /stop：不再回答还没有答复的问题\n" +
			"- /good：上一个回答有用\n" +
			"- /bad [原因] [说明]：上一个回答没有用；原因可以是 irrelevant、incomplete、wrong、outdated、other\n" +
			"- /help：列出命令\n" +
			"- /bye、/quit、/exit：结束",
		"Type a question and press Enter; you may ask further.\n" +
			"- /person: ask the staff about the last question\n" +
			"- /stop: no answer to what is not answered yet\n" +
			"- /good: the last answer helped\n" +
			"- /bad [reason] [words]: it did not; reasons are irrelevant, incomplete, wrong, outdated, other\n" +
			"- /help: list the commands\n" +
			"- /bye, /quit, /exit: end",
	},
	"long":      {"这一行超过 64 KB，没有提交；请缩短后再问。", "This line has more than 64 KB and was not sent; please ask more briefly."},
	"unknown":   {"没有这个命令；/help 列出全部命令。", "There is no such command; /help lists them."},
	"unstored":  {"没有存下来；请稍后再说一次。", "This was not stored; please send it again in a moment."},
	"stopped":   {"已停止；还没有答复的问题不再回答。", "Stopped; what is not answered yet stays so."},
	"rated":     {"已记下，谢谢。", "Noted, thank you."},
	"unrated":   {"还没有可以评价的回答。", "There is no answer to rate yet."},
	"working":   {"还在查…", "still looking…"},
	"withdrawn": {"这个问题不再回答。", "This question stays without an answer."},
	"earlier":   {"（答复以前一次对话里的问题）", "(a reply to a question of an earlier chat)"},
	"left":      {"还有 %d 个问题没有答复；答复会在下次对话时显示。", "Questions without a reply yet: %d. Replies are shown in the next chat."},

	"label " + string(channel.LabelExtract): {"〔自动检索〕", "[retrieved]"},
	"label " + string(channel.LabelAI):      {"〔人工智能生成〕", "[written by AI]"},
	"label " + string(channel.LabelStaff):   {"〔工作人员答复〕", "[reply of the staff]"},
	"label " + string(channel.LabelNotice):  {"〔系统消息〕", "[message of the service]"},
}

// chatWord gives a sentence in a language: Chinese for zh, else English.
func chatWord(lang, name string, args ...any) string {
	text := chatWords[name][1]
	if lang == prompts.Chinese {
		text = chatWords[name][0]
	}
	if len(args) > 0 {
		text = fmt.Sprintf(text, args...)
	}
	return text
}
