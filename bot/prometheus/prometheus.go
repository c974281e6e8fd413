// Package prometheus shows the figures of a service in the text format of
// Prometheus.
package prometheus

import (
	"context"
	"net/http"
	"time"

	client "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"policybot/bot"
	"policybot/bot/channel"
)

// Metrics count and time for a service, and serve what they know. Make one
// with New. They may be used from several goroutines.
type Metrics struct {
	registry *client.Registry
	counts   map[bot.Metric]*client.CounterVec
	times    map[bot.Metric]*client.HistogramVec
}

var _ bot.Observer = (*Metrics)(nil)

const namespace = "policybot"

// buckets of times, in seconds: from an event's row to a model's slow answer.
var buckets = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20, 60, 300}

// help says what each metric is; those with a label name it.
var (
	counted = map[bot.Metric][2]string{
		bot.MetricArrivals:   {"result", "Questions and other events that arrived: taken, duplicate, why refused, or error."},
		bot.MetricAnswers:    {"outcome", "Answers that were stored, by outcome."},
		bot.MetricWritten:    {"result", "Answers for which a language model was asked: generative, or why they only quote."},
		bot.MetricDeliveries: {"result", "Attempts to deliver a reply: posted, later, or failed."},
	}
	timed = map[bot.Metric]string{
		bot.MetricAccept:   "Time from an event to its row on the disk.",
		bot.MetricWait:     "Time from there until a worker took the question.",
		bot.MetricAnswer:   "Time to make an answer.",
		bot.MetricDelivery: "Time of an attempt to deliver.",
		bot.MetricReply:    "Time from the answer's row to the reply's arrival.",
	}
)

// New makes empty metrics, with those of the Go runtime and of the process.
func New() *Metrics {
	m := &Metrics{registry: client.NewRegistry(), counts: map[bot.Metric]*client.CounterVec{}, times: map[bot.Metric]*client.HistogramVec{}}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for name, h := range counted {
		m.counts[name] = client.NewCounterVec(client.CounterOpts{Namespace: namespace, Name: string(name) + "_total", Help: h[1]}, []string{"channel", h[0]})
		m.registry.MustRegister(m.counts[name])
	}
	for name, h := range timed {
		m.times[name] = client.NewHistogramVec(client.HistogramOpts{Namespace: namespace, Name: string(name), Help: h, Buckets: buckets}, []string{"channel"})
		m.registry.MustRegister(m.times[name])
	}
	return m
}

// Count implements [bot.Observer].
func (m *Metrics) Count(name bot.Metric, channel, label string) {
	if c, ok := m.counts[name]; ok {
		c.WithLabelValues(channel, label).Inc()
	}
}

// Time implements [bot.Observer].
func (m *Metrics) Time(name bot.Metric, channel string, d time.Duration) {
	if h, ok := m.times[name]; ok {
		h.WithLabelValues(channel).Observe(d.Seconds())
	}
}

// Watch adds what a service knows of itself, read whenever somebody asks for the
// metrics. Call it once.
func (m *Metrics) Watch(health func(context.Context) bot.Health) {
	m.registry.MustRegister(&watcher{health})
}

// Handler serves the metrics.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}

// A watcher reads a service's health.
type watcher struct {
	health func(context.Context) bot.Health
}

var (
	ready     = client.NewDesc("policybot_ready", "1 when the service is ready, else 0.", nil, nil)
	stopped   = client.NewDesc("policybot_stopped", "1 when somebody switched the service off, else 0.", nil, nil)
	up        = client.NewDesc("policybot_channel_up", "1 when the channel is connected, else 0.", []string{"channel"}, nil)
	questions = client.NewDesc("policybot_questions", "Questions under way, by state.", []string{"state"}, nil)
	replies   = client.NewDesc("policybot_replies", "Replies on their way out, by state.", []string{"state"}, nil)
	cases     = client.NewDesc("policybot_open_cases", "Cases that wait for the staff.", nil, nil)
	awaiting  = client.NewDesc("policybot_cases_awaiting_approval", "Open cases whose draft waits for an approval.", nil, nil)
	oldest    = client.NewDesc("policybot_oldest_question_timestamp_seconds", "When the oldest waiting question was accepted; 0 when none waits.", nil, nil)
)

// Describe implements the collector of the Prometheus library.
func (w *watcher) Describe(out chan<- *client.Desc) {
	for _, d := range []*client.Desc{ready, stopped, up, questions, replies, cases, awaiting, oldest} {
		out <- d
	}
}

// Collect implements the collector of the Prometheus library.
func (w *watcher) Collect(out chan<- client.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	gauge := func(d *client.Desc, v float64, labels ...string) {
		out <- client.MustNewConstMetric(d, client.GaugeValue, v, labels...)
	}
	h := w.health(ctx)
	gauge(ready, one(h.Ready))
	gauge(stopped, one(h.Stopped != nil))
	for name, c := range h.Channels {
		gauge(up, one(c.State == channel.Up), name)
	}
	if h.Counts == nil {
		return
	}
	gauge(questions, float64(h.Counts.Waiting), "waiting")
	gauge(questions, float64(h.Counts.Claimed), "claimed")
	gauge(questions, float64(h.Counts.Answered), "answered")
	gauge(replies, float64(h.Counts.Ready), "ready")
	gauge(replies, float64(h.Counts.Posting), "posting")
	gauge(cases, float64(h.Counts.OpenCases))
	gauge(awaiting, float64(h.Counts.Awaiting))
	at := 0.0
	if !h.Counts.Oldest.IsZero() {
		at = float64(h.Counts.Oldest.UnixMicro()) / 1e6
	}
	gauge(oldest, at)
}

func one(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
