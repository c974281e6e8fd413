package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"policybot/bot/wecomfake"
	"policybot/bot/wecomfake/judge"
)

// TestWeComServed: a service with each way into WeCom answers there with the clause; the staff is told of a case by the
// group robot and the reply from the console comes back; /readyz names the channels.
func TestWeComServed(t *testing.T) {
	t.Parallel()
	fake, env := wholeWeCom(t, envSocket+" "+envApp)
	s := serving(t, seeded(t), env, nil)
	fake.SetAppCallback("http://" + s.at.HTTP + "/wecom/app/callback")
	ctx, quit := context.WithTimeout(t.Context(), time.Minute)
	defer quit()
	wait := func(what string, done func() bool) {
		t.Helper()
		if err := fake.Wait(ctx, done); err != nil {
			t.Fatalf("%s: %v\n%s", what, err, s.said)
		}
	}
	if err := fake.AppVerify(); err != nil {
		t.Errorf("the address of the app is not accepted: %v", err)
	}
	wait("the connection", fake.Subscribed)
	for _, err := range []error{
		second(fake.Say(wecomfake.Say{User: "Ann", Text: listingQuestion})), second(fake.AppSay("Ben", listingQuestion)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	byBot := func() string {
		for _, m := range fake.Messages("Ann") {
			if m.User == "" && m.Finished {
				return judge.Read(judge.Bot, m.Text).Text
			}
		}
		return ""
	}
	byApp := func() string {
		var all []string
		for _, m := range fake.AppMessages("Ben") {
			all = append(all, judge.Read(judge.App, m.Text).Text)
		}
		return strings.Join(all, "\n")
	}
	wait("the answers", func() bool { return byBot() != "" && strings.Contains(byApp(), "原文摘录") })
	for where, text := range map[string]string{"the AI bot": byBot(), "the app": byApp()} {
		for _, part := range []string{"生物医药产业上市企业达12家", "[1]", "厦府办〔2020〕57号", "已经结束"} {
			if !strings.Contains(text, part) {
				t.Errorf("%s does not say %s: %s", where, part, text)
			}
		}
	}
	if _, err := fake.Say(wecomfake.Say{User: "Ann", Text: "转人工"}); err != nil {
		t.Fatal(err)
	}
	wait("the case", func() bool { return len(fake.HookMessages("")) > 0 })
	var ready struct {
		Channels map[string]struct{ State string }
	}
	getReady(t, s.at.HTTP, &ready)
	for _, name := range []string{"wecom", "wecomapp", "wecomhook"} {
		if ready.Channels[name].State != "up" {
			t.Errorf("/readyz says of %s: %+v", name, ready.Channels)
		}
	}
}

// TestWeComCallbackServed: the AI bot by callback, and what it cannot deliver any more comes by the app.
func TestWeComCallbackServed(t *testing.T) {
	t.Parallel()
	fake, env := wholeWeCom(t, envCallback)
	s := serving(t, seeded(t), env, nil)
	fake.SetCallback("http://" + s.at.HTTP + "/wecom/bot/callback")
	ctx, quit := context.WithTimeout(t.Context(), time.Minute)
	defer quit()
	if _, err := fake.Say(wecomfake.Say{User: "Ann", Text: listingQuestion}); err != nil {
		t.Fatal(err)
	}
	err := fake.Wait(ctx, func() bool {
		for _, m := range fake.Messages("Ann") {
			if m.User == "" && m.Finished && strings.Contains(m.Text, "上市企业达12家") {
				return true
			}
		}
		return false
	})
	if err != nil {
		t.Fatalf("no answer: %v: %+v\n%s", err, fake.Messages("Ann"), s.said)
	}
}

// wholeWeCom is a fake WeCom that knows the tokens and keys of an environment, which leads there.
func wholeWeCom(t *testing.T, text string) (*wecomfake.Server, map[string]string) {
	t.Helper()
	env := environment(text)
	agent, _ := strconv.Atoi(env["WECOM_AGENT_ID"])
	fake, err := wecomfake.New(wecomfake.Options{
		Bot: wecomfake.BotOptions{BotID: env["WECOM_BOT_ID"], Secret: env["WECOM_BOT_SECRET"], Token: env["WECOM_BOT_TOKEN"], EncodingAESKey: env["WECOM_BOT_ENCODING_AES_KEY"]},
		Corp: wecomfake.CorpOptions{
			CorpID: env["WECOM_CORP_ID"], AgentID: agent, Secret: env["WECOM_AGENT_SECRET"], Token: env["WECOM_TOKEN"], EncodingAESKey: env["WECOM_ENCODING_AES_KEY"],
			HookKeys: []string{fakeWebhookKey},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(fake)
	t.Cleanup(func() {
		fake.Close()
		web.Close()
	})
	maps.Copy(env, map[string]string{
		"WECOM_WS_URL": "ws" + strings.TrimPrefix(web.URL, "http"), "WECOM_API_URL": web.URL,
		"WECOM_WEBHOOK_URL": web.URL + "/cgi-bin/webhook/send?key=" + fakeWebhookKey,
	})
	return fake, env
}

func second[A any](_ A, err error) error { return err }

func getReady(t *testing.T, at string, out any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("http://%s/readyz", at), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil {
		err = json.Unmarshal(body, out)
	}
	if err != nil {
		t.Fatalf("%v: %s", err, body)
	}
}
