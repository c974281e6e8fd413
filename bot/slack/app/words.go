package app

import (
	"github.com/slack-go/slack"

	"policybot/bot/slack/act"
)

// botName is what people mention: a-z, 0-9, - _ and . alone.
const botName = "policybot"

// Texts of the manifest: Chinese, English. Their limits are in testdata/manifest-keys.txt.
var (
	name        = [2]string{"政策问答", "Policy enquiries"}
	description = [2]string{"问政策，答原文：每句话都注明出自哪份文件的哪一条。", "Answers about government policies, with the exact clause behind every sentence."}

	longDescription = [2]string{
		"用中文或英文提问，回答只引用本单位资料库里的政策文件，每句话都带标号，点开就是原文条款、文号和有效期。资料库里没有依据时会直接说没有，不会猜。" +
			"期限已过、只是鼓励、只适用于其他地区，都会说明。可以在频道里 @policybot，可以直接发消息，也可以用 /policy 命令，回答只私信给您。" +
			"需要人工时点“转人工”，由本单位的办理人员在原来的对话里回复。手机号、证件号、银行卡号、邮箱等个人信息在检索和保存之前就会遮盖。" +
			"回答由程序自动作出，可能有误；以文件原文和主管单位的解释为准。",
		"Ask in English or Chinese. Answers quote only the policy documents in your organisation's library; every sentence has a number that opens the clause, " +
			"with the document's number and period. Where no clause answers, that is said, and nothing is guessed. A period that is over, a mere intention, a rule " +
			"of another place: said too. Mention @policybot in a channel, write to it directly, or use /policy, which answers you alone. For a person, press “Ask a " +
			"person”: your staff replies in the same conversation. Telephone numbers, identity numbers, bank cards and e-mail addresses are masked before " +
			"anything is searched for or stored. Answers are made by a program and may be wrong; the document itself and the responsible body decide.",
	}
	agentDescription = [2]string{
		"根据资料库里的政策文件回答，每句话都注明条款；没有依据时直说没有。可以问支持什么、什么条件、何时截止，也可以逐条核对自己单位是否符合。",
		"Answers from the policy documents in the library and names the clause of every sentence; says so where none answers. Ask what is supported, on which conditions, until when, or go through the conditions for your own company.",
	}
	commandDescription = [2]string{"问一个政策问题，回答私信给您", "Ask a policy question; the answer comes to you alone"}
	commandHint        = [2]string{"[问题] | search 词 | eligibility | help", "[question] | search WORDS | eligibility | help"}
)

// prompts are offered where a conversation begins; each works with any library.
var prompts = []struct{ title, message [2]string }{
	{[2]string{"你能做什么？", "What can you do?"}, [2]string{"你能做什么？", "What can you do?"}},
	{[2]string{"我们能享受哪些政策？", "What are we eligible for?"}, [2]string{"我们能享受哪些政策？", "What are we eligible for?"}},
	{[2]string{"看看记下了我的什么情况", "What have you noted of us?"}, [2]string{"我的情况", "show my profile"}},
	{[2]string{"转人工", "Ask a person"}, [2]string{"转人工", "ask a person"}},
}

// shortcutTexts are the shortcuts with their names.
var shortcutTexts = []struct {
	kind              slack.ShortcutType
	id                string
	name, description [2]string
}{
	{
		slack.MessageShortcut, act.ShortcutAskAbout,
		[2]string{"问问这条", "Ask about this"},
		[2]string{"把这条消息当作问题来问", "Asks what this message asks"},
	},
	{
		slack.MessageShortcut, act.ShortcutDraft,
		[2]string{"起草答复", "Draft a reply"},
		[2]string{"为这条消息起草一份带脚注的答复，不会发送", "Drafts a reply with footnotes; nothing is sent"},
	},
	{
		slack.GlobalShortcut, act.ShortcutAsk,
		[2]string{"政策提问", "Ask a policy question"},
		[2]string{"打开提问的表单", "Opens a form for a question"},
	},
}
