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

	"d_wecom_settings":    {"企业微信：已设置 %s", "WeCom: set up are %s"},
	"d_wecom_comma":       {"、", ", "},
	"d_wecom_is_socket":   {"智能机器人（长连接）", "the AI bot over the long connection"},
	"d_wecom_is_callback": {"智能机器人（回调）", "the AI bot by callback"},
	"d_wecom_is_app":      {"自建应用", "the self-built app"},
	"d_wecom_is_hook":     {"群机器人", "the group webhook"},
	"d_wecom_two_ways":    {"；同一个机器人只能用长连接和回调中的一种，两种都设时应是两个机器人", "; one bot uses either the long connection or callbacks, so with both there are to be two bots"},
	"d_wecom_no_name":     {"；没有设 WECOM_BOT_NAME，群里的 @名称 靠猜，名称里有空格时请设上", "; WECOM_BOT_NAME is not set, so mentions in groups are guessed: set it where the name has blanks"},
	"d_wecom_bot":         {"企业微信：智能机器人能连接，Bot ID 和 Secret 有效（连接已关闭；同一机器人在别处的连接会因此断开）", "WeCom: the AI bot connects, its id and secret hold (the connection was closed again; one that another program held was lost by it)"},
	"d_wecom_bot_untried": {"企业微信：没有试连智能机器人（--no-connect）", "WeCom: the AI bot was not connected (--no-connect)"},
	"d_wecom_bot_held":    {"企业微信：这台机器上另一个程序正在用这个智能机器人的长连接，没有试连；一个机器人只能有一个连接：请停掉那个程序，或另建一个机器人", "WeCom: another program on this machine holds the long connection of this AI bot, so it was not connected; a bot has one connection: stop that program, or make another bot"},

	"d_wecom_starting": {"企业微信：服务刚启动，还不知道 %s 的状态，请稍后再运行 doctor", "WeCom: the service is just starting and does not say how %s is; run doctor again"},
	"d_wecom_silent":   {"企业微信：服务正在运行，但问不到 %s 的状态（%v）", "WeCom: the service runs, but does not say how %s is (%v)"},
	"d_wecom_absent":   {"企业微信：正在运行的服务没有启用 %s：它启动时还没有这些设置，请重新启动 serve", "WeCom: the service that runs does not have %s: it was started without these settings, start serve again"},
	"d_wecom_up":       {"企业微信：正在运行的服务里 %s 正常，自 %s", "WeCom: in the service that runs %s is up, since %s"},
	"d_wecom_kicked":   {"企业微信：正在运行的服务里 %s 的连接被同一机器人的另一个连接取代，自 %s：请停掉另一个程序，或给它另建一个机器人；Secret 泄露时在管理后台重新获取", "WeCom: in the service that runs the connection of %s was taken by another one of the same bot, since %s: stop the other program, or give it a bot of its own; if the secret leaked, get a new one on the admin page"},
	"d_wecom_down":     {"企业微信：正在运行的服务里 %s 不正常（%s，自 %s）：%s", "WeCom: in the service that runs %s is not well (%s, since %s): %s"},

	"d_wecom_no_base":          {"企业微信：回调要有企业微信能访问的网址：请设 POLICYBOT_BASE_URL，在管理后台的 URL 里填它加上 %s", "WeCom: callbacks need an address that WeCom can call: set POLICYBOT_BASE_URL, and fill it in as the URL on the admin page, with %s at its end"},
	"d_wecom_callback":         {"企业微信：回调网址 %s 按企业微信的方式验证通过", "WeCom: the callback address %s answers as WeCom verifies it"},
	"d_wecom_callback_here":    {"企业微信：回调网址 %s 验证通过，但它是本机网址，企业微信访问不到", "WeCom: the callback address %s answers as WeCom verifies it, but is this machine's own, where WeCom cannot call it"},
	"d_wecom_callback_untried": {"企业微信：回调网址 %s 还没有程序应答，没有验证：请先启动 serve，再运行一次 doctor，然后在管理后台保存", "WeCom: nobody answers at the callback address %s yet, so it was not verified: start serve, run doctor again, then save the address on the admin page"},

	"d_wecom_token":  {"企业微信：自建应用的 Secret 有效", "WeCom: the secret of the self-built app holds"},
	"d_wecom_agent":  {"企业微信：自建应用“%s”，可见范围：成员 %d、部门 %d、标签 %d", "WeCom: the self-built app is %q, seen by members: %d, departments: %d, labels: %d"},
	"d_wecom_named":  {"企业微信：自建应用“%s”", "WeCom: the self-built app is %q"},
	"d_wecom_closed": {"企业微信：自建应用“%s”已停用：请在应用页面启用", "WeCom: the self-built app %q is switched off: switch it on at its page"},
	"d_wecom_unseen": {"企业微信：自建应用“%s”的可见范围是空的，没有人能用：请在应用页面设置“可见范围”", "WeCom: nobody may see the self-built app %q: say on its page who may"},

	"d_wecom_webhook":      {"企业微信：群机器人的网址格式正确，没有发消息（--wecom-post 可试发一条）；用于 %s", "WeCom: the group webhook is of the right form, nothing was posted (--wecom-post posts a message); it is for %s"},
	"d_wecom_posted":       {"企业微信：已用群机器人发出一条测试消息；用于 %s", "WeCom: a message was posted with the group webhook; it is for %s"},
	"d_wecom_posts_cases":  {"转人工的问题", "cases"},
	"d_wecom_posts_alerts": {"运维提醒", "alerts"},
	"d_wecom_posts_none":   {"无（wecom.staff 和 wecom.alerts 都关着）", "nothing (wecom.staff and wecom.alerts are off)"},
	"d_wecom_try":          {"这是 policybot doctor 发出的测试消息，收到说明群机器人可用。", "This is a test by policybot doctor; that you read it says that the group webhook works."},

	"d_wecom_links":     {"企业微信：没有设 POLICYBOT_BASE_URL，回答里没有条款页面的链接", "WeCom: POLICYBOT_BASE_URL is not set, so answers have no links to the pages of clauses"},
	"d_wecom_loopback":  {"企业微信：POLICYBOT_BASE_URL %s 是本机网址，回答里的链接只有在这台机器上才能打开", "WeCom: POLICYBOT_BASE_URL %s is this machine's own, so links in answers open on this machine alone"},
	"d_wecom_linked":    {"企业微信：链接指向 %s", "WeCom: links lead to %s"},
	"d_wecom_events":    {"企业微信：最近一次提问：单聊 %s，群聊 %s", "WeCom: last questions: direct %s, in groups %s"},
	"d_wecom_no_events": {"企业微信：还没有收到过提问。服务启动后给机器人发一句；收不到时核对连接方式、可见范围和回调网址", "WeCom: no question has come in yet. Write to the bot once while the service runs; if nothing arrives, check the way of connection, who may use the bot, and the callback address"},

	"wc_bot":      {"企业微信智能机器人：%s", "WeCom's AI bot: %s"},
	"wc_app":      {"企业微信自建应用：%s", "the self-built WeCom app: %s"},
	"wc_callback": {"企业微信回调网址 %s：%s", "WeCom's callback address %s: %s"},
	"wc_webhook":  {"企业微信群机器人：没有发出去：%s", "WeCom's group webhook: nothing was posted: %s"},

	"wc_robot":        {"企业微信说 %d：网址不对，或机器人已停用、已移出群；请在群里的机器人详情重新复制 WECOM_WEBHOOK_URL", "WeCom says %d: the address is wrong, or the robot was switched off or removed; copy WECOM_WEBHOOK_URL from the robot's details in the group again"},
	"wc_bot_secret":   {"企业微信不认 WECOM_BOT_ID 和 WECOM_BOT_SECRET（853000）：请从机器人页面重新复制，连接方式应为长连接；Secret 重新获取后旧的失效", "WeCom does not know WECOM_BOT_ID and WECOM_BOT_SECRET (853000): copy them from the bot's page again, where the long connection has to be chosen; when a new secret is made the old one ends"},
	"wc_secret":       {"企业微信不认 WECOM_AGENT_SECRET（40001）：请从应用页面重新复制 Secret，并核对 WECOM_CORP_ID", "WeCom does not know WECOM_AGENT_SECRET (40001): copy the Secret from the app's page again, and check WECOM_CORP_ID"},
	"wc_corp":         {"没有 WECOM_CORP_ID 这个企业（40013）：请从“我的企业 → 企业信息”最下面复制企业ID", "there is no corporation WECOM_CORP_ID (40013): copy its id from the bottom of the page of the corporation"},
	"wc_token":        {"访问凭证刚刚失效（40014 或 42001）：请再运行一次", "the access token has just ended (40014 or 42001): run it again"},
	"wc_agent":        {"WECOM_AGENT_ID 和 WECOM_AGENT_SECRET 不是同一个应用的（40056 或 301002）：请从同一个应用页面复制 AgentId 和 Secret", "WECOM_AGENT_ID and WECOM_AGENT_SECRET are not of one app (40056 or 301002): copy AgentId and Secret from the page of the same app"},
	"wc_too_fast":     {"企业微信说太忙或调用太频繁（-1 或 45009）：请过几分钟再试", "WeCom is busy, or called too often (-1 or 45009): try again in a few minutes"},
	"wc_address":      {"企业微信看到的本机地址 %s 不在可信 IP 里（60020），消息发不出去：请在应用页面的“企业可信IP”里加上它", "WeCom sees this machine as %s, which is none of the trusted addresses (60020), so nothing can be sent: add it to the trusted IPs on the app's page"},
	"wc_some_address": {"本机的公网地址不在可信 IP 里（60020），消息发不出去：请在应用页面的“企业可信IP”里加上它", "this machine's public address is none of the trusted ones (60020), so nothing can be sent: add it to the trusted IPs on the app's page"},
	"wc_unreachable":  {"连不上 %s：请检查网络、代理和防火墙（%v）", "cannot reach %s: check network, proxy and firewall (%v)"},
	"wc_bad_answer":   {"%s 的应答不像企业微信的：请检查网址和前面的代理（%v）", "the answer of %s is not WeCom's: check the address and a proxy before it (%v)"},
	"wc_other":        {"企业微信说 %d（%v），见 https://open.work.weixin.qq.com/devtool/query?e=%d", "WeCom says %d (%v), see https://open.work.weixin.qq.com/devtool/query?e=%d"},

	"wc_echo_unreachable": {"访问不到（%v）：请检查域名、证书、反向代理和防火墙", "cannot be reached (%v): check name, certificate, reverse proxy and firewall"},
	"wc_echo_token":       {"签名不符（%d）：正在运行的服务用的 Token 与这里的不同（改过后要重新启动 serve），或者两边的时钟差了五分钟以上", "the signature does not hold there (%d): the service that runs has another Token (start serve again after a change), or the clocks are more than five minutes apart"},
	"wc_echo_key":         {"解不开密文（%d）：正在运行的服务用的 EncodingAESKey 或企业ID 与这里的不同（改过后要重新启动 serve）", "what is sealed cannot be read there (%d): the service that runs has another EncodingAESKey or id of the corporation (start serve again after a change)"},
	"wc_echo_path":        {"没有这个路径（%d）：正在运行的服务启动时没有这些设置，或者反向代理没有把它转过来", "there is no such path (%d): the service that runs was started without these settings, or a reverse proxy does not lead there"},
	"wc_echo_changed":     {"应答被改过（%v）：前面的代理要原样转发请求和应答，也可能那里不是 policybot", "the answer was changed (%v): a proxy before it must pass requests and answers on as they are, or something else answers there"},
	"wc_echo_other":       {"应答不对（%v）：请看正在运行的服务和反向代理的日志", "the answer is wrong (%v): see the logs of the service and of a reverse proxy"},
}

func init() { maps.Copy(messages, wecomMessages) }
