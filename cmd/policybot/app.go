package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/alecthomas/kong"

	"policybot/bot"
	"policybot/bot/terminal"
)

// Exit codes.
const (
	exitOK    = 0 // also for an answer that abstains
	exitError = 1 // one line on standard error says what is wrong and what to do
	exitUsage = 2
)

// streams are the standard streams.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
}

// cli is the command line. Help texts are in both languages.
type cli struct {
	Data    string `help:"数据文件夹（默认 $$POLICYBOT_DATA，否则 ./data） · data folder" placeholder:"DIR"`
	Config  string `help:"配置文件（YAML） · configuration file" placeholder:"FILE"`
	Prompts string `help:"试用这个文件夹里的提示词 · try the prompts of this folder out" placeholder:"DIR"`
	Lang    string `help:"提示信息的语言 zh 或 en；回答随问题的语言 · language of messages; answers follow the question" placeholder:"zh|en"`

	Ask         askCmd         `cmd:"" help:"回答一个问题 · answer a question"`
	Draft       draftCmd       `cmd:"" help:"起草正式复函，不发送 · draft a formal reply; nothing is sent"`
	Search      searchCmd      `cmd:"" help:"只检索条款 · find clauses without answering"`
	Index       indexCmd       `cmd:"" help:"加入或更新文件 · add or refresh documents"`
	Documents   documentsCmd   `cmd:"" help:"列出文件 · list documents"`
	Publication publicationCmd `cmd:"" help:"发布、退回、撤销文件的变更 · publish, reject and roll back changes of documents"`
	Clauses     clausesCmd     `cmd:"" help:"列出一份文件的条款 · list the clauses of a document"`
	Measures    measuresCmd    `cmd:"" help:"审核措施：给谁提供什么、要什么条件 · review measures: what is offered to whom, on which conditions"`
	Review      reviewCmd      `cmd:"" help:"把问题标给条款，以后同样的问题先找到它 · mark questions for clauses, which are found first from then on"`
	Vectors     vectorsCmd     `cmd:"" help:"管理条款的向量 · manage the vectors of clauses"`
	Eval        evalCmd        `cmd:"" help:"评测 · measure answers or retrieval"`
	Serve       serveCmd       `cmd:"" help:"启动服务：HTTP 接口与聊天渠道 · run the service: HTTP API and chat channels"`
	Slack       slackCmd       `cmd:"" help:"Slack 应用：清单 · the Slack app: its manifest"`
	Chat        chatCmd        `cmd:"" help:"在终端里对话 · talk in the terminal"`
	Pause       pauseCmd       `cmd:"" help:"暂停自动作答，提问的人会看到原因 · stop answering; askers see why"`
	Resume      resumeCmd      `cmd:"" help:"恢复自动作答 · answer again"`
	Log         logCmd         `cmd:"" help:"查看、导出提问记录 · read and export the log of questions"`
	Replay      replayCmd      `cmd:"" help:"按记录重新得出一次回答并比对 · conclude a logged answer once more and compare"`
	Case        caseCmd        `cmd:"" help:"处理转人工的问题 · see to questions for the staff"`
	Users       usersCmd       `cmd:"" help:"管理账号 · manage accounts"`
	Audit       auditCmd       `cmd:"" help:"查看、检查操作记录 · read and check the audit"`
	Privacy     privacyCmd     `cmd:"" help:"删除一个人的数据 · erase a person's data"`
	Backup      backupCmd      `cmd:"" help:"备份数据文件夹（服务运行时也可以） · back the data folder up, also while serving"`
	Restore     restoreCmd     `cmd:"" help:"从备份恢复 · restore a backup"`
	Demo        demoCmd        `cmd:"" help:"用假的 Slack 演示一次对话，不联网 · one conversation in a fake Slack, without a network"`
	Doctor      doctorCmd      `cmd:"" help:"检查数据文件夹、Slack 和企业微信 · check the data folder, Slack and WeCom"`
}

// An app is one run of the program.
type app struct {
	streams
	env  func(string) string
	lang string // of messages
	data string // folder

	settings   config
	transport  http.RoundTripper               // to the endpoint of the model; nil for the usual one
	promptsDir string                          // that is tried out; "" for none
	said       string                          // last remark on vectors
	within     *inService                      // set when a service carries the command out
	around     func(bot.Answerer) bot.Answerer // what stands before the desk of a service; nil for nothing
}

// run parses args, carries the command out and returns the exit code.
func run(ctx context.Context, args []string, s streams, env func(string) string) int {
	return runAs(ctx, args, s, env, nil)
}

// runAs is run, in the process of a service when within is set.
func runAs(ctx context.Context, args []string, s streams, env func(string) string, within *inService) int {
	var c cli
	exited := -1
	parser, err := kong.New(&c, kong.Name("policybot"), kong.Writers(s.out, s.err),
		kong.Exit(func(code int) { exited = code }),
		kong.Description("政策问答：每句话都有条款出处 · policy answers in which every sentence has its clause"))
	if err != nil {
		fmt.Fprintln(s.err, "policybot:", err)
		return exitError
	}
	a := &app{streams: s, env: env, lang: languageFrom(args, env), within: within}
	k, err := parser.Parse(args)
	if exited >= 0 { // --help
		return exitOK
	}
	if err != nil {
		return a.fail(usageError{err})
	}
	if err := a.configure(c); err != nil {
		return a.fail(err)
	}
	if w, ok := k.Selected().Target.Addr().Interface().(writer); ok && w.writes() && within == nil {
		if r := a.service(); r != nil {
			code, err := a.carry(ctx, r, args)
			if err != nil {
				return a.fail(err)
			}
			return code
		}
	}
	k.BindTo(ctx, (*context.Context)(nil))
	return a.fail(k.Run(a))
}

// fail reports an error as one line and returns the exit code for it.
func (a *app) fail(err error) int {
	var u usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errReported):
		return exitError
	case errors.As(err, &u):
		fmt.Fprintln(a.err, oneLine(a.msg("usage", u.error)))
		return exitUsage
	case errors.Is(err, context.Canceled):
		err = &messageError{name: "stopped"}
	}
	a.complain(a.explain(err))
	return exitError
}

// complain writes one line on standard error.
func (a *app) complain(text string) { fmt.Fprintln(a.err, "policybot: "+oneLine(text)) }

// oneLine makes a text that may quote anything fit for one line of a terminal.
func oneLine(text string) string { return terminal.Clean(strings.Join(strings.Fields(text), " ")) }

// errReported is an error of which the person has already been told.
var errReported = errors.New("reported")

// A usageError is a mistake on the command line that kong does not know of.
type usageError struct{ error }

// screen writes for people on standard output.
func (a *app) screen() *terminal.Screen { return terminal.New(a.out, terminal.Options{}) }
