package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"policybot/bot"
	"policybot/bot/fakemodel"
	"policybot/bot/model"
	"policybot/bot/openai/fakeopenai"
	"policybot/bot/openai/httprecord"
)

// honestReply has the honest fake answer what an endpoint is asked. Over the wire a
// request does not say its task; the system prompt does.
func honestReply(r fakeopenai.Request) string {
	name := model.Answer
	for word, other := range map[string]string{`{"words"`: model.Rewrite, `{"order"`: model.Rerank, `"problem"`: model.Repair} {
		if strings.Contains(r.System, word) {
			name = other
		}
	}
	if name == model.Answer && strings.Contains(r.User, " said>>") {
		name = model.Draft
	}
	var b strings.Builder
	_, err := fakemodel.Honest{}.Stream(context.Background(), model.Request{Task: name, System: r.System, User: r.User}, func(piece string) error {
		b.WriteString(piece)
		return nil
	})
	if err != nil {
		return err.Error()
	}
	return b.String()
}

// withModel is the environment of a program that has a fake endpoint.
func withModel(t *testing.T, faults ...fakeopenai.Fault) (setting, *fakeopenai.Server) {
	t.Helper()
	s := fakeopenai.New(fakeopenai.OpenAI, honestReply, faults...)
	t.Cleanup(s.Close)
	return setting{env: map[string]string{"OPENAI_BASE_URL": s.URL, "OPENAI_API_KEY": fakeKey, "POLICYBOT_CHAT_MODEL": "fake-chat"}}, s
}

const fakeKey = fakeopenai.Key

const aimQuestion = "厦门对生物医药企业上市有什么目标？"

// TestAskWithModel: an endpoint in the environment is all that it takes.
func TestAskWithModel(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	with, _ := withModel(t)
	r := with.run(t, "--data", data, "ask", "--as-of", "2026-03-01", aimQuestion).want(t, exitOK)
	r.shows(t, "由人工智能生成，已逐句核对出处", "原文：“2022年,生物医药产业上市企业达12家", "已经结束", "以上各句由人工智能根据所列条款写成")
	a := decodeAll[bot.Answer](t, with.run(t, "--data", data, "ask", "--json", "--as-of", "2026-03-01", aimQuestion).want(t, exitOK))[0]
	if a.Mode != bot.ModeGenerative || a.Model != "fake-chat" || !strings.HasPrefix(a.Prompt, "answer.zh@") || a.Ms.Generate <= 0 ||
		!slices.ContainsFunc(a.Notices, func(n bot.Notice) bool { return n.Kind == bot.NoticeAIGenerated && len(n.Clauses) > 0 }) {
		t.Errorf("mode %q, model %q, prompt %q, %v ms", a.Mode, a.Model, a.Prompt, a.Ms.Generate)
	}
	r = with.run(t, "--data", data, "draft", "--as-of", "2026-03-01", aimQuestion).want(t, exitOK)
	r.shows(t, "现答复如下", "草稿：由人工智能生成", "注：", "说明1：")
}

// TestAskWithoutEndpoint: an endpoint that does not work takes no answer away, and
// the key is told to nobody.
func TestAskWithoutEndpoint(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	for _, tt := range []struct {
		name  string
		fault fakeopenai.Fault
		says  string
	}{
		{"wrong key", fakeopenai.Refuse(401, "invalid_api_key", "Incorrect API key provided: "+fakeKey), "OPENAI_API_KEY"},
		{"no such model", fakeopenai.Refuse(404, "model_not_found", "The model does not exist"), "POLICYBOT_CHAT_MODEL"},
		{"a page", fakeopenai.HTML(), "chat endpoint"},
		{"cut", fakeopenai.After(10, fakeopenai.Cut), ""},
	} {
		with, _ := withModel(t, tt.fault)
		r := with.run(t, "--data", data, "--lang", "en", "ask", "--json", aimQuestion)
		if r.code != exitOK || strings.Contains(r.out+r.err, fakeKey) {
			t.Errorf("%s: exit %d, or the key is shown: %s", tt.name, r.code, r.err)
		}
		r.says(t, "the answer quotes instead", tt.says)
		a := decodeAll[bot.Answer](t, r)[0]
		if a.Outcome != bot.Answered || a.Mode != bot.ModeExtractive || a.Fallback == "" || !strings.Contains(a.Text, "没有采用") && !strings.Contains(a.Text, "未采用") {
			t.Errorf("%s: %s, %s, fallback %q:\n%s", tt.name, a.Outcome, a.Mode, a.Fallback, a.Text)
		}
	}
}

// TestDoctorAsksModel: doctor finds out whether the endpoint answers.
func TestDoctorAsksModel(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	with, _ := withModel(t)
	with.run(t, "--data", data, "--lang", "en", "doctor").want(t, exitOK).shows(t, "the language model fake-chat")
	with, _ = withModel(t, fakeopenai.Refuse(401, "invalid_api_key", "Incorrect API key provided: "+fakeKey))
	r := with.run(t, "--data", data, "--lang", "en", "doctor").want(t, exitError).says(t, "OPENAI_API_KEY")
	if strings.Contains(r.out+r.err, fakeKey) {
		t.Error("the key is shown")
	}
}

// TestPromptsOfFolder: prompts can be tried out, and a bad one is told of before
// anything is asked.
func TestPromptsOfFolder(t *testing.T) {
	t.Parallel()
	data, dir := seeded(t), t.TempDir()
	with, server := withModel(t)
	with.run(t, "--data", data, "--lang", "en", "--prompts", dir, "ask", aimQuestion).want(t, exitError).says(t, dir, "answer.zh.txt")
	own, err := os.ReadFile(filepath.Join("..", "..", "prompts", "task", "answer.zh.txt"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "answer.zh.txt", strings.Replace(string(own), "你替企业查阅", "你在试用中替企业查阅", 1))
	with.run(t, "--data", data, "--prompts", dir, "ask", aimQuestion).want(t, exitOK)
	if all := server.Requests(); len(all) == 0 || !strings.Contains(all[len(all)-1].System, "试用中") {
		t.Errorf("%d requests; the last has another prompt", len(all))
	}
	write(t, dir, "answer.zh.txt", "{{define")
	with.run(t, "--data", data, "--lang", "en", "--prompts", dir, "ask", aimQuestion).want(t, exitError).says(t, "answer.zh.txt")
	pb(t, data, "--lang", "en", "--prompts", dir, "ask", aimQuestion).want(t, exitError).says(t, "POLICYBOT_CHAT_MODEL")
}

// TestModelConfig: mistakes in the settings of a model are told with their place.
func TestModelConfig(t *testing.T) {
	t.Parallel()
	data, dir := seeded(t), t.TempDir()
	with, _ := withModel(t)
	for text, says := range map[string]string{
		"model:\n  rerank: best\n":       "none, endpoint, chat",
		"model:\n  clauses: 0\n":         "1 – 20",
		"model:\n  timeout: 1h\n":        "1s – 10m",
		"model:\n  daily_tokens: -1\n":   "model.daily_tokens",
		"model:\n  rerank: endpoint\n":   "POLICYBOT_RERANK_URL",
		"model:\n  temperature: 0.7\n":   "[2:3]",
		"model:\n  azure: \"2024 10\"\n": "APIVersion",
	} {
		file := write(t, dir, "c.yaml", text)
		with.run(t, "--data", data, "--lang", "en", "--config", file, "ask", aimQuestion).want(t, exitError).says(t, says)
	}
	file := write(t, dir, "c.yaml", "model:\n  rerank: chat\n  rewrite: false\n  clauses: 4\n  timeout: 20s\n  concurrent: 1\n  daily_tokens: 1000000\n")
	with.run(t, "--data", data, "--config", file, "ask", aimQuestion).want(t, exitOK).shows(t, "由人工智能生成")
	with, server := withModel(t)
	with.env["POLICYBOT_RERANK_URL"] = server.URL + "/rerank"
	with.run(t, "--data", data, "ask", "北京怎么支持临床试验？").want(t, exitOK).shows(t, "由人工智能生成")
	if !slices.ContainsFunc(server.Requests(), func(r fakeopenai.Request) bool { return strings.HasSuffix(r.Path, "/rerank") }) {
		t.Error("the endpoint that reranks was not asked")
	}
}

// TestEvalBesideEmbedded: with a model, the figures without it stand beside.
func TestEvalBesideEmbedded(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	with, _ := withModel(t)
	file := write(t, t.TempDir(), "q.jsonl", `{"id":"a","lang":"zh","type":"fact_lookup","question":"`+aimQuestion+`","gold":[{"file":"003","quote":"生物医药产业上市企业达12家"}],"all_required":true,"answer_points":["12家"],"must_not":[],"expect":"answer"}`+"\n")
	with.run(t, "--data", data, "eval", "answers", "--questions", file).want(t, exitOK).shows(t, "embedded", "written by the model", "1/1")
}

// TestRecordReplay: a run is recorded once and answered from the file from then on,
// by nobody else; no key is in the file.
func TestRecordReplay(t *testing.T) {
	t.Parallel()
	data, dir := seeded(t), t.TempDir()
	with, server := withModel(t)
	questions := write(t, dir, "q.jsonl", `{"id":"a","lang":"zh","type":"fact_lookup","question":"`+aimQuestion+`","gold":[],"all_required":false,"answer_points":["12家"],"must_not":[],"expect":"answer"}`+"\n")
	file := filepath.Join(dir, "talk.txt")
	eval := []string{"--data", data, "eval", "answers", "--questions", questions}
	first := with.run(t, append(eval, "--record", file)...).want(t, exitOK)
	if err := httprecord.Check(file, fakeKey); err != nil {
		t.Error(err)
	}
	asked := len(server.Requests())
	server.Close()
	again := with.run(t, append(eval, "--replay", file)...).want(t, exitOK)
	again.shows(t, "written by the model  1/1")
	if asked == 0 || !strings.Contains(first.out, "written by the model  1/1") {
		t.Errorf("%d requests were recorded:\n%s", asked, first.out)
	}
	with.run(t, append(eval, "--replay", file, "--record", file)...).want(t, exitUsage)
	pb(t, data, append(eval[2:], "--replay", file)...).want(t, exitError).says(t, "POLICYBOT_CHAT_MODEL")
}

// TestServeStreams: over HTTP each sentence comes as soon as it has passed, before
// the answer is whole; the log has what the model wrote, and replays it; the state of
// the model is told.
func TestServeStreams(t *testing.T) {
	t.Parallel()
	data := seeded(t)
	gate := make(chan struct{})
	endpoint := fakeopenai.New(fakeopenai.OpenAI, honestReply)
	t.Cleanup(endpoint.Close)
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { holdBack(w, r, endpoint, gate) }))
	t.Cleanup(slow.Close)
	env := map[string]string{"OPENAI_BASE_URL": slow.URL + "/v1", "OPENAI_API_KEY": fakeKey, "POLICYBOT_CHAT_MODEL": "fake-chat"}
	s := serving(t, data, env, nil)
	req, err := http.NewRequestWithContext(t.Context(), "POST", "http://"+s.at.HTTP+"/api/v1/ask", strings.NewReader(`{"id":"streamed-1","question":"`+aimQuestion+`","as_of":"2026-03-01"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/event-stream")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	opened := false
	var events []string
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		name, ok := strings.CutPrefix(lines.Text(), "event: ")
		if !ok {
			continue
		}
		events = append(events, name)
		if name == "sentence" && !opened {
			close(gate) // only now the endpoint writes the rest
			opened = true
		}
	}
	if !opened || events[len(events)-1] != "answer" {
		t.Fatalf("events %q", events)
	}
	if a := s.ask(aimQuestion); a.Mode != bot.ModeGenerative {
		t.Errorf("%s, fallback %q", a.Mode, a.Fallback)
	}
	if got := s.get(200, "GET", "/readyz", "").body; !strings.Contains(got, `"model":{"name":"fake-chat","state":"up"}`) {
		t.Errorf("readyz: %s", got)
	}
	if got := s.get(200, "GET", "/metrics", "").body; !strings.Contains(got, `policybot_written_total{channel="http",result="generative"} 2`) {
		t.Error("the metrics do not count what the model wrote")
	}
	s.stop()
	type listed struct {
		ID string `json:"id"`
	}
	all := decodeAll[listed](t, pb(t, data, "log", "list", "--json").want(t, exitOK))
	if len(all) != 2 {
		t.Errorf("%d questions in the log", len(all))
	}
	for _, q := range all {
		pb(t, data, "log", "show", q.ID).want(t, exitOK).shows(t, "Language model:", "answer.zh@", "kept")
		pb(t, data, "--lang", "en", "replay", q.ID).want(t, exitOK)
	}
}

// TestServeBudget changes what the model may take in a day at the console: the next answer goes by it.
func TestServeBudget(t *testing.T) {
	t.Parallel()
	with, endpoint := withModel(t)
	s := serving(t, seeded(t), with.env, nil, "--config", write(t, t.TempDir(), "c.yaml", "model:\n  daily_tokens: 1000000\n"))
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &http.Client{Jar: jar, Timeout: patience}
	post := func(path string, form url.Values, says string) {
		t.Helper()
		resp, err := c.PostForm("http://"+s.at.HTTP+path, form)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if page, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(page), says) {
			t.Fatalf("%s: status %d, %v: %s", path, resp.StatusCode, err, page)
		}
	}
	_, after, _ := strings.Cut(s.said.String(), "one-time code ")
	code, _, _ := strings.Cut(after, " ")
	const secret = "nine small green doors 7"
	post("/setup", url.Values{"code": {code}, "name": {"boss"}, "password": {secret}, "again": {secret}}, "boss")
	for _, tt := range []struct{ to, says, fallback string }{
		{"", "", ""},
		{"1", "1 tokens", string(model.Budget)},
		{"1000000000", "1000000000 tokens", ""},
		{"2", "2 tokens", string(model.Budget)},
		{"configured", "1000000 tokens", ""},
	} {
		if tt.to != "" {
			post("/admin/settings/tokens", url.Values{"to": {tt.to}, "sure": {"yes"}}, tt.says)
		}
		before := len(endpoint.Requests())
		a := s.ask(aimQuestion)
		mode := bot.ModeGenerative
		if tt.fallback != "" {
			mode = bot.ModeExtractive
		}
		if asked := len(endpoint.Requests()) > before; a.Mode != mode || a.Fallback != tt.fallback || a.Outcome != bot.Answered || asked != (tt.fallback == "") {
			t.Errorf("with %q: %s, %s, fallback %q, the model was asked: %v", tt.to, a.Outcome, a.Mode, a.Fallback, asked)
		}
	}
}

// holdBack passes a request on to an endpoint, and its reply back only to the end of
// the first line that the model writes, until gate is closed.
func holdBack(w http.ResponseWriter, r *http.Request, endpoint *fakeopenai.Server, gate <-chan struct{}) {
	recorded := httptest.NewRecorder()
	endpoint.ServeHTTP(recorded, r)
	for name, values := range recorded.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(recorded.Code)
	body := recorded.Body.String()
	at := strings.Index(body, `\n`) // within a piece of JSON
	if at < 0 {
		at = len(body)
	} else {
		at += strings.Index(body[at:], "\n\n") + 2
	}
	_, _ = io.WriteString(w, body[:at])
	_ = http.NewResponseController(w).Flush()
	select {
	case <-gate:
	case <-r.Context().Done():
	}
	_, _ = io.WriteString(w, body[at:])
}
