package slack_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"policybot/bot/channel"
	"policybot/bot/channel/channeltest"
	"policybot/bot/slack"
	"policybot/bot/slackfake"
)

// brief is a document without anything about it.
func brief(id string) channel.Doc {
	return channel.Doc{ID: id, Lang: "zh", Label: channel.LabelNotice, Text: "好的。", Nodes: []channel.Node{{Kind: channel.Line, Text: "好的。"}}}
}

// TestThreadsCannotBeRead: what was never tried is posted all the same; what may have arrived is not repeated.
func TestThreadsCannotBeRead(t *testing.T) {
	for _, name := range []string{"missing_scope", "unknown_method"} {
		in(t, false, slackfake.Options{}, nil, func(w *world) {
			e := w.ask() // right after the start, when threads are looked into first
			w.broken(slackfake.Fault{Method: "conversations.replies", Kind: slackfake.FaultError, Error: name, Times: 100})
			if err := w.finish(e, brief("a-1"), channel.Delivery{Key: "d-1"}); err != nil {
				t.Error(err)
			}
			if err := w.finish(e, brief("a-2"), channel.Delivery{Key: "d-2", Again: true}); err == nil {
				t.Error("what may have arrived was posted without a look")
			}
			if n := len(own(w.Messages(e.Place.ID, e.Place.Thread))); n != 1 {
				t.Errorf("%d messages, want 1", n)
			}
		})
	}
}

// TestEventBeforeHello: an event that comes in the place of a hello is one like others.
func TestEventBeforeHello(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		acked := make(chan string, 10)
		ended := make(chan struct{})
		mux := http.NewServeMux()
		mux.HandleFunc("/api/auth.test", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"ok":true,"user_id":"U0BOT"}`) })
		mux.HandleFunc("/api/apps.connections.open", func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"ok":true,"url":"ws://%s/link"}`, r.Host)
		})
		mux.HandleFunc("/link", func(w http.ResponseWriter, r *http.Request) {
			var up websocket.Upgrader
			conn, err := up.Upgrade(w, r, nil)
			if err != nil {
				return
			}
			defer conn.Close()
			_ = conn.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"type":"events_api","envelope_id":"e-1","payload":%s}`, good))
			for {
				_, data, err := conn.ReadMessage()
				if err != nil {
					return
				}
				select {
				case acked <- string(data):
				case <-ended:
				}
			}
		})
		api, client := channeltest.Serve(t, mux)
		c, err := slack.New(slack.Options{
			BotToken: botToken, AppToken: appToken, APIURL: api + "/api/", Client: client, Dial: client.Transport.(*http.Transport).DialContext, Connections: 1,
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, quit := context.WithCancel(t.Context())
		events := make(chan channel.Event, 10)
		done := make(chan error, 1)
		go func() {
			done <- c.Run(ctx, func(_ context.Context, e channel.Event) (channel.Accepted, error) {
				events <- e
				return channel.Accepted{}, nil
			})
		}()
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if len(events) != 1 || len(acked) != 1 {
			t.Errorf("%d events and %d acknowledgements, want 1 of each", len(events), len(acked))
		}
		quit()
		if err := <-done; err != nil {
			t.Error(err)
		}
		close(ended)
	})
}
