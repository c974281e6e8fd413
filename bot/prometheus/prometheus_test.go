package prometheus_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"policybot/bot"
	"policybot/bot/channel"
	"policybot/bot/journal"
	"policybot/bot/prometheus"
)

// scrape reads the metrics as Prometheus does.
func scrape(t *testing.T, m *prometheus.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func TestMetrics(t *testing.T) {
	m := prometheus.New()
	for _, c := range []bot.Metric{bot.MetricArrivals, bot.MetricAnswers, bot.MetricWritten, bot.MetricDeliveries, "unknown"} {
		m.Count(c, "http", "first")
		m.Count(c, "http", "first")
		m.Count(c, "chat", "second")
	}
	for _, h := range []bot.Metric{bot.MetricAccept, bot.MetricWait, bot.MetricAnswer, bot.MetricDelivery, bot.MetricReply, "unknown"} {
		m.Time(h, "http", 30*time.Millisecond)
	}
	m.Watch(func(context.Context) bot.Health {
		return bot.Health{
			Ready: true, Stopped: &bot.Stopped{Reason: "x"}, Channels: map[string]channel.Health{"http": {State: channel.Up}, "chat": {State: channel.Down}},
			Counts: &journal.Counts{Waiting: 3, Posting: 2, OpenCases: 4, Awaiting: 1, Oldest: time.Unix(1700000000, 500_000_000)},
		}
	})
	text := scrape(t, m)
	for _, line := range []string{
		`policybot_arrivals_total{channel="http",result="first"} 2`,
		`policybot_answers_total{channel="chat",outcome="second"} 1`,
		`policybot_deliveries_total{channel="http",result="first"} 2`,
		`policybot_accept_seconds_bucket{channel="http",le="0.025"} 0`,
		`policybot_accept_seconds_bucket{channel="http",le="0.05"} 1`,
		`policybot_wait_seconds_count{channel="http"} 1`,
		`policybot_answer_seconds_count{channel="http"} 1`,
		`policybot_delivery_seconds_count{channel="http"} 1`,
		`policybot_reply_seconds_count{channel="http"} 1`,
		`policybot_ready 1`,
		`policybot_stopped 1`,
		`policybot_channel_up{channel="chat"} 0`,
		`policybot_channel_up{channel="http"} 1`,
		`policybot_questions{state="waiting"} 3`,
		`policybot_replies{state="posting"} 2`,
		`policybot_open_cases 4`,
		`policybot_cases_awaiting_approval 1`,
		`policybot_oldest_question_timestamp_seconds 1.7000000005e+09`,
	} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("no line %s", line)
		}
	}
	if strings.Contains(text, "unknown") {
		t.Error("a metric that is not known is shown")
	}
}

// TestJournalDown: what cannot be read is left out, and the rest is shown.
func TestJournalDown(t *testing.T) {
	m := prometheus.New()
	m.Watch(func(context.Context) bot.Health { return bot.Health{} })
	text := scrape(t, m)
	if !strings.Contains(text, "\npolicybot_ready 0\n") || strings.Contains(text, "policybot_questions{") {
		t.Error(text)
	}
}
