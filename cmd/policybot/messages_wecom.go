package main

import "maps"

// wecomMessages are the words about WeCom: Chinese, English.
var wecomMessages = map[string][2]string{
	"wecom_half_socket": {
		"企业微信智能机器人（长连接）的设置不全：有 %s，没有 %s。两者都在管理后台“智能机器人 → API模式 → 使用长连接”里；不用长连接就都取消，见 docs/wecom.zh.md。",
		"the WeCom AI bot over the long connection is set up by half: there is %s, but not %s. Both are on the bot's admin page, in API mode with a long connection; without the long connection unset both, see docs/wecom.md.",
	},
	"wecom_half_callback": {
		"企业微信智能机器人（回调）的设置不全：有 %s，没有 %s。两者都在管理后台“智能机器人 → API模式 → 使用URL回调”里；不用回调就都取消，见 docs/wecom.zh.md。",
		"the WeCom AI bot by callback is set up by half: there is %s, but not %s. Both are on the bot's admin page, in API mode with a callback URL; without callbacks unset both, see docs/wecom.md.",
	},
	"wecom_half_app": {
		"企业微信自建应用的设置不全：有 %s，没有 %s。企业ID 在“我的企业 → 企业信息”，AgentId 和 Secret 在应用页面，Token 和 EncodingAESKey 在应用的“接收消息 → 设置API接收”；不用自建应用就都取消，见 docs/wecom.zh.md。",
		"the self-built WeCom app is set up by half: there is %s, but not %s. The corporation's id is at the bottom of the page of the corporation, AgentId and Secret on the app's page, Token and EncodingAESKey where the app receives messages by API; without the app unset all of them, see docs/wecom.md.",
	},
	"wecom_blank":       {"%s 中间有空格或换行：请从管理后台重新复制，见 docs/wecom.zh.md。", "%s has a blank or a line end inside: copy it again from the admin page, see docs/wecom.md."},
	"wecom_key_form":    {"%s 不是 EncodingAESKey：应为 43 个字母和数字，这里有 %d 个字节；请从管理后台重新复制，见 docs/wecom.zh.md。", "%s is no EncodingAESKey: that has 43 letters and digits, this has %d bytes; copy it again from the admin page, see docs/wecom.md."},
	"wecom_agent_form":  {"WECOM_AGENT_ID 不是应用编号：应为 1000002 这样的数字，即应用页面上的 AgentId，见 docs/wecom.zh.md。", "WECOM_AGENT_ID is no number of an app: it looks like 1000002 and is the AgentId on the app's page, see docs/wecom.md."},
	"wecom_ws_bad":      {"WECOM_WS_URL 不能用：应为 wss:// 开头的网址（本机可以用 ws://），机器人的密钥会发到那里；一般不用设，见 docs/wecom.zh.md。", "WECOM_WS_URL cannot be used: it must be a wss:// address (ws:// on this machine alone), for the bot's secret is sent there; usually it need not be set, see docs/wecom.md."},
	"wecom_api_bad":     {"WECOM_API_URL 不能用：应为 https 网址（本机可以用 http），应用的密钥会发到那里；一般不用设，见 docs/wecom.zh.md。", "WECOM_API_URL cannot be used: it must be an https address (http on this machine alone), for the app's secret is sent there; usually it need not be set, see docs/wecom.md."},
	"wecom_webhook_bad": {"WECOM_WEBHOOK_URL 不是群机器人的网址：应为 https 网址（本机可以用 http），末尾有 key=…，在群机器人的详情里整条复制，见 docs/wecom.zh.md。", "WECOM_WEBHOOK_URL is no address of a group robot: it is an https address (http on this machine alone) with key=… at its end; copy it whole from the robot's details, see docs/wecom.md."},
	"wecom_staff_hook":  {"配置里 wecom.staff 是 hook，但没有 WECOM_WEBHOOK_URL：请设群机器人的网址，或把 wecom.staff 去掉，见 docs/wecom.zh.md。", "wecom.staff is hook, but there is no WECOM_WEBHOOK_URL: set the group robot's address, or take wecom.staff out, see docs/wecom.md."},

	"wecom_case": {"打开办理页面", "Open the case"},
}

func init() { maps.Copy(messages, wecomMessages) }
