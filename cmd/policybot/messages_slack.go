package main

import "maps"

// slackMessages are the words about Slack: Chinese, English.
var slackMessages = map[string][2]string{
	"slack_no_bot":   {"Slack 的设置不全：没有 SLACK_BOT_TOKEN。它在应用页面的 OAuth & Permissions 里，以 xoxb- 开头；不用 Slack 就取消其他 SLACK_ 变量。", "Slack is set up by half: SLACK_BOT_TOKEN is missing. It is on the app's page OAuth & Permissions and begins with xoxb-; without Slack, unset the other SLACK_ variables."},
	"slack_bot_form": {"SLACK_BOT_TOKEN 不是机器人令牌：应以 xoxb- 开头（应用页面 OAuth & Permissions 里的 Bot User OAuth Token；xapp- 开头的放在 SLACK_APP_TOKEN）。", "SLACK_BOT_TOKEN is no bot token: it begins with xoxb- (Bot User OAuth Token on the app's page OAuth & Permissions; one that begins with xapp- belongs into SLACK_APP_TOKEN)."},
	"slack_rotating": {"SLACK_BOT_TOKEN 是会过期的轮换令牌：请用 policybot slack manifest 的清单（不启用令牌轮换）另建一个应用，轮换一旦启用就不能关闭。", "SLACK_BOT_TOKEN is a rotating token, which expires: make another app from policybot slack manifest, which does not switch rotation on; once on, it cannot be switched off."},
	"slack_half":     {"Slack 的设置不全：有 SLACK_BOT_TOKEN，但没有 SLACK_APP_TOKEN（Socket Mode，以 xapp- 开头），也没有 SLACK_SIGNING_SECRET（HTTP）。请设其中之一，见 docs/slack.zh.md。", "Slack is set up by half: there is SLACK_BOT_TOKEN, but neither SLACK_APP_TOKEN (Socket Mode, begins with xapp-) nor SLACK_SIGNING_SECRET (HTTP). Set one of them, see docs/slack.md."},
	"slack_no_app":   {"Slack 的设置不全：配置里 slack.http 是 false（Socket Mode），但没有 SLACK_APP_TOKEN（应用页面 Basic Information 里的 App-Level Tokens，权限 connections:write）。", "Slack is set up by half: slack.http is false (Socket Mode) and SLACK_APP_TOKEN is missing (App-Level Tokens on the app's page Basic Information, with the scope connections:write)."},
	"slack_app_form": {"SLACK_APP_TOKEN 不是应用级令牌：应以 xapp- 开头（应用页面 Basic Information 里的 App-Level Tokens）。", "SLACK_APP_TOKEN is no app-level token: it begins with xapp- (App-Level Tokens on the app's page Basic Information)."},
	"slack_no_secret": {
		"Slack 的设置不全：配置里 slack.http 是 true，但没有 SLACK_SIGNING_SECRET（应用页面 Basic Information 里的 Signing Secret）；没有它就认不出请求是不是 Slack 发来的。",
		"Slack is set up by half: slack.http is true and SLACK_SIGNING_SECRET is missing (Signing Secret on the app's page Basic Information); without it nobody can tell whether a request comes from Slack.",
	},
	"slack_staff_id": {"SLACK_STAFF_CHANNEL %q 不是频道编号：应类似 C0123456789，在频道详情的最下面可以复制；不是频道名。", "SLACK_STAFF_CHANNEL %q is no id of a channel: it looks like C0123456789 and can be copied at the bottom of the channel's details; it is not the name."},
	"slack_api_bad":  {"SLACK_API_URL %q 不能用：应为 https 网址（本机可以用 http），令牌会发到那里。", "SLACK_API_URL %q cannot be used: it must be an https address (http on this machine alone), for the tokens are sent there."},
	"slack_base":     {"%q 不是 Slack 能访问的网址：请用 --base-url 或 POLICYBOT_BASE_URL 给出本程序对外的 https 网址，不带路径。", "%q is no address that Slack can call: give the program's public https address, without a path, with --base-url or POLICYBOT_BASE_URL."},

	"slack_issued":   {"%s 印发", "issued %s"},
	"slack_kept":     {"提问和回答保存 %d 天，到期自动删除。", "Questions and answers are kept for %d days and then removed."},
	"slack_kept_on":  {"提问和回答不会自动删除。", "Questions and answers are not removed by themselves."},
	"slack_no_model": {"只摘录文件原文，不使用大模型；提问不会发给其他公司。", "Answers only quote the documents; no language model is used, and questions go to no other company."},
	"slack_model":    {"回答由大模型 %s（%s）按检索到的条款撰写，逐句核对出处后才发出；提问和条款会发给它。", "Answers are written by the model %s (%s) from the clauses found; each sentence is checked against its source before it is sent. The question and the clauses are sent to it."},
	"slack_no_draft": {"现在无法起草，请稍后再试。", "It could not be drafted now. Please try again later."},
	"slack_no_case":  {"找不到这个问题，可能已按保存期限删除。", "There is no such case any more; it may have been removed."},
	"slack_not_sent": {"没有发出：出了故障。请在办理页面再试。", "It was not sent: something broke. Please try again at the desk."},

	"d_slack_bot":     {"Slack：工作区 %s，机器人 %s（%s）", "Slack: workspace %s, bot %s (%s)"},
	"d_slack_grid":    {"%s（Enterprise 组织 %s）", "%s (Enterprise organisation %s)"},
	"d_slack_person":  {"SLACK_BOT_TOKEN 属于个人帐号 %s，不是机器人：请换成应用页面 OAuth & Permissions 里的 Bot User OAuth Token", "SLACK_BOT_TOKEN belongs to the person %s and to no bot: take the Bot User OAuth Token on the app's page OAuth & Permissions"},
	"d_slack_socket":  {"Slack：Socket Mode 可以连接", "Slack: Socket Mode can connect"},
	"d_slack_http":    {"Slack：HTTP 方式，有签名密钥；请求网址 %s", "Slack: over HTTP, with a signing secret; request URL %s"},
	"d_slack_no_base": {"Slack：HTTP 方式要有 Slack 能访问的 https 网址：请设 POLICYBOT_BASE_URL，再用 policybot slack manifest 更新应用", "Slack: over HTTP it needs an https address that Slack can call: set POLICYBOT_BASE_URL, then update the app with policybot slack manifest"},
	"d_slack_scopes":  {"Slack：%d 项权限齐全", "Slack: all %d scopes are there"},
	"d_slack_extra":   {"；多出用不上的：%s（可在应用页面去掉）", "; not needed: %s (can be taken away on the app's page)"},
	"d_slack_missing": {"Slack：缺少权限 %s。请用 policybot slack manifest 的清单更新应用，再重新安装（Install App → Reinstall）", "Slack: scopes are missing: %s. Update the app with policybot slack manifest, then install it again (Install App → Reinstall)"},
	"d_slack_scope":   {"%s（%s）", "%s (%s)"},
	"d_slack_untold":  {"Slack：应答里没有权限清单，无法核对", "Slack: the answer does not say which scopes there are, so they were not compared"},

	"d_slack_staff":      {"Slack：办理频道 #%s，已加入", "Slack: staff channel #%s, the bot is in it"},
	"d_slack_no_staff":   {"Slack：没有办理频道，“转人工”只进入待办（/desk）；可设 SLACK_STAFF_CHANNEL", "Slack: no staff channel; “ask a person” goes to the desk (/desk) alone. SLACK_STAFF_CHANNEL sets one"},
	"d_slack_outside":    {"Slack：机器人不在办理频道 #%s 里，发不进去：请在那里输入 /invite @policybot", "Slack: the bot is not in the staff channel #%s and cannot post there: type /invite @policybot in it"},
	"d_slack_archived":   {"Slack：办理频道 #%s 已归档，发不进去：请恢复它，或把 SLACK_STAFF_CHANNEL 改为另一个频道", "Slack: the staff channel #%s is archived and nothing can be posted there: unarchive it, or name another in SLACK_STAFF_CHANNEL"},
	"d_slack_shared":     {"Slack：办理频道 #%s 里有其他单位的人，他们会看到转人工的提问：请换成内部频道", "Slack: people of other organisations are in the staff channel #%s and would see what is handed over: take an internal channel"},
	"d_slack_no_channel": {"Slack：没有办理频道 %s，或者它是私有频道而机器人不在里面：请核对编号，并在频道里输入 /invite @policybot", "Slack: there is no staff channel %s, or it is private and the bot is not in it: check the id, and type /invite @policybot in the channel"},

	"d_slack_links":     {"Slack：没有设 POLICYBOT_BASE_URL，回答里没有条款页面的链接", "Slack: POLICYBOT_BASE_URL is not set, so answers have no links to the pages of clauses"},
	"d_slack_loopback":  {"Slack：POLICYBOT_BASE_URL %s 是本机网址，回答里的链接只有在这台机器上才能打开", "Slack: POLICYBOT_BASE_URL %s is this machine's own, so links in answers open on this machine alone"},
	"d_slack_linked":    {"Slack：链接指向 %s", "Slack: links lead to %s"},
	"d_slack_events":    {"Slack：最近一次提问：单独对话 %s，频道 %s", "Slack: last questions: direct %s, in channels %s"},
	"d_slack_no_events": {"Slack：还没有收到过提问。服务启动后在频道里 @policybot 问一句；收不到时看应用页面 Event Subscriptions 里有没有 %s", "Slack: no question has come in yet. Mention @policybot once while the service runs; if nothing arrives, see whether the app's page Event Subscriptions has %s"},
	"d_slack_none":      {"还没有", "none yet"},

	"sl_invalid_auth":            {"Slack 不认 %s：请从应用页面重新复制，注意不要带空格或漏字", "Slack does not know %s: copy it from the app's page again, whole and without blanks"},
	"sl_not_authed":              {"Slack 没有收到 %s：请核对变量，以及 SLACK_API_URL 前面的代理", "Slack got no %s: check the variable, and a proxy before SLACK_API_URL"},
	"sl_token_revoked":           {"%s 已被撤销，或应用已被卸载：请重新安装应用，换上新的令牌", "%s was revoked, or the app was uninstalled: install the app again and take the new token"},
	"sl_token_expired":           {"%s 已过期：请在应用页面重新生成；令牌轮换不要启用", "%s has expired: make a new one on the app's page; token rotation must be off"},
	"sl_account_inactive":        {"%s 的机器人帐号已停用：请工作区管理员恢复应用，或重新安装", "the bot of %s is deactivated: ask an administrator of the workspace to restore the app, or install it again"},
	"sl_not_allowed_token_type":  {"%s 的种类不对：SLACK_BOT_TOKEN 以 xoxb- 开头，SLACK_APP_TOKEN 以 xapp- 开头，看是不是放反了", "%s is of the wrong kind: SLACK_BOT_TOKEN begins with xoxb-, SLACK_APP_TOKEN with xapp-; see whether they are exchanged"},
	"sl_team_access_not_granted": {"%s 还没有获准用于这个工作区：请组织管理员在应用管理里把应用加到这个工作区", "%s is not granted for this workspace: ask an administrator of the organisation to add the app to it"},
	"sl_forbidden_team":          {"%s 所在的工作区不能用 Socket Mode：请改用 HTTP 方式（SLACK_SIGNING_SECRET）", "the workspace of %s cannot use Socket Mode: use HTTP instead (SLACK_SIGNING_SECRET)"},
	"sl_missing_scope":           {"%s 缺少权限 %s：请用 policybot slack manifest 的清单更新应用，再重新安装", "%s lacks the scope %s: update the app with policybot slack manifest, then install it again"},
	"sl_connect_scope":           {"%s 缺少权限 %s：请在应用页面 Basic Information 的 App-Level Tokens 另生成一个，并选上它", "%s lacks the scope %s: make another one with it at App-Level Tokens on the app's page Basic Information"},
	"sl_rate_limited":            {"Slack 限制了请求频率，请 %d 秒后再试", "Slack limits the rate of requests, try again in %d seconds"},
	"sl_unreachable":             {"连不上 %s：请检查网络、代理和防火墙（%s）", "cannot reach %s: check network, proxy and firewall (%s)"},
	"sl_bad_answer":              {"%s 的应答不像 Slack 的：请检查 SLACK_API_URL 和前面的代理（%s）", "the answer of %s is not Slack's: check SLACK_API_URL and a proxy before it (%s)"},
	"sl_other":                   {"%s：Slack 说 %s，见 https://docs.slack.dev/reference/methods/%s", "%s: Slack says %s, see https://docs.slack.dev/reference/methods/%s"},
	"sl_name":                    {"Slack 机器人：%s", "the Slack bot: %s"},
	"sl_connection":              {"Slack 连接：%s", "the Slack connection: %s"},
	"sl_staff":                   {"Slack 办理频道：%s", "the Slack staff channel: %s"},
}

func init() { maps.Copy(messages, slackMessages) }
