package slack_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"policybot/bot/channel"
	"policybot/bot/slackfake"
)

// english is an answer whose text is longer than chat.update takes, and shorter than a message.
func english() channel.Doc {
	d := answer("a1", 3, 20)
	d.Lang = "en"
	for i := range d.Nodes[:3] {
		s := fmt.Sprintf("Sentence %d: ", i+1)
		for j := 0; len(s) < 1700; j++ {
			s += fmt.Sprintf("item %d & its <part> is supported with %d yuan, ", j, 1000+i*100+j)
		}
		d.Nodes[i].Text = s + "if it applies."
		d.Citations[i].Quote = "第一条"
	}
	return d
}

func fault(method, kind string) func(*world, channel.Event) {
	return func(w *world, _ channel.Event) { w.broken(slackfake.Fault{Method: method, Kind: kind}) }
}

func refused(method, name string, times int) func(*world, channel.Event) {
	return func(w *world, _ channel.Event) {
		w.broken(slackfake.Fault{Method: method, Kind: slackfake.FaultError, Error: name, Times: times})
	}
}

func limited(method string, after time.Duration) func(*world, channel.Event) {
	return func(w *world, _ channel.Event) {
		w.patience = after
		w.broken(slackfake.Fault{Method: method, Kind: slackfake.FaultWait, After: after})
	}
}

func later(d time.Duration) func(*world, channel.Event) {
	return func(*world, channel.Event) { time.Sleep(d) }
}

func restarted(w *world, _ channel.Event) { w.restart() }

func all(steps ...func(*world, channel.Event)) func(*world, channel.Event) {
	return func(w *world, e channel.Event) {
		for _, step := range steps {
			step(w, e)
		}
	}
}

// A finishCase is a document, what was shown before, and what goes wrong.
type finishCase struct {
	doc    channel.Doc
	before func(*world, channel.Event) // before anything is shown
	shown  int                         // sentences that are shown before the whole
	do     func(*world, channel.Event) // between that and the whole
	tries  int                         // how often it may be tried; 0 is 1
	same   bool                        // the message that was shown is the one that stays
}

var (
	short = answer("a1", 3, 40)
	long  = answer("a1", 12, 900)
)

// expired is what ends the stream of an answer that was shown.
var expired = later(6 * time.Minute)

var finishCases = map[string]finishCase{
	"short":                          {doc: short},
	"long":                           {doc: long},
	"streamed before":                {doc: short, shown: 2, same: true},
	"long, streamed before":          {doc: long, shown: 2, same: true},
	"expired":                        {doc: short, shown: 2, do: expired, same: true},
	"long, expired":                  {doc: long, shown: 2, do: expired, same: true},
	"English, expired":               {doc: english(), shown: 2, do: expired, same: true},
	"another text":                   {doc: short, shown: 2, do: func(w *world, _ channel.Event) {}, same: true},
	"startStream unknown":            {doc: short, do: refused("chat.startStream", "unknown_method", 9)},
	"startStream scope":              {doc: short, do: refused("chat.startStream", "missing_scope", 9)},
	"startStream channel":            {doc: short, do: refused("chat.startStream", "channel_type_not_supported", 9)},
	"startStream 429":                {doc: short, do: limited("chat.startStream", 30*time.Second), tries: 2},
	"startStream hangs":              {doc: short, do: fault("chat.startStream", slackfake.FaultHang), same: true},
	"startStream 500":                {doc: short, do: fault("chat.startStream", slackfake.FaultBroken)},
	"startStream HTML":               {doc: short, do: fault("chat.startStream", slackfake.FaultNoise), same: true},
	"stopStream 429":                 {doc: short, shown: 2, do: limited("chat.stopStream", 10*time.Second), same: true},
	"stopStream 429 of 30 s":         {doc: short, shown: 2, do: limited("chat.stopStream", 30*time.Second), tries: 6, same: true},
	"stopStream hangs":               {doc: short, shown: 2, do: fault("chat.stopStream", slackfake.FaultHang), tries: 2, same: true},
	"stopStream 500":                 {doc: short, shown: 2, do: fault("chat.stopStream", slackfake.FaultBroken), tries: 2, same: true},
	"stopStream HTML":                {doc: short, shown: 2, do: fault("chat.stopStream", slackfake.FaultNoise), tries: 2, same: true},
	"stopStream lost":                {doc: short, shown: 2, do: fault("chat.stopStream", slackfake.FaultLost), tries: 2, same: true},
	"stopStream blocks":              {doc: short, shown: 2, do: refused("chat.stopStream", "invalid_blocks", 1)},
	"stopStream fails":               {doc: short, shown: 2, do: refused("chat.stopStream", "internal_error", 1), tries: 2, same: true},
	"post fails":                     {doc: long, do: refused("chat.postMessage", "internal_error", 1), tries: 2},
	"delete refused":                 {doc: short, shown: 2, do: all(expired, refused("chat.update", "edit_window_closed", 9), refused("chat.delete", "internal_error", 1)), tries: 2},
	"stopStream too long":            {doc: short, shown: 2, do: refused("chat.stopStream", "msg_blocks_too_long", 1)},
	"update window closed":           {doc: short, shown: 2, do: all(expired, refused("chat.update", "edit_window_closed", 9))},
	"update refused":                 {doc: short, shown: 2, do: all(expired, refused("chat.update", "cant_update_message", 9))},
	"update not found":               {doc: short, shown: 2, do: all(expired, refused("chat.update", "message_not_found", 9))},
	"update 429":                     {doc: short, shown: 2, do: all(expired, limited("chat.update", 30*time.Second)), tries: 6, same: true},
	"update hangs":                   {doc: short, shown: 2, do: all(expired, fault("chat.update", slackfake.FaultHang)), tries: 2, same: true},
	"update 500":                     {doc: short, shown: 2, do: all(expired, fault("chat.update", slackfake.FaultBroken)), tries: 2, same: true},
	"update and post hang":           {doc: short, shown: 2, do: all(expired, refused("chat.update", "edit_window_closed", 9), fault("chat.postMessage", slackfake.FaultHang)), tries: 2},
	"delete 500":                     {doc: short, shown: 2, do: all(expired, refused("chat.update", "edit_window_closed", 9), fault("chat.delete", slackfake.FaultBroken)), tries: 2},
	"delete 429":                     {doc: short, shown: 2, do: all(expired, refused("chat.update", "edit_window_closed", 9), limited("chat.delete", 30*time.Second)), tries: 6},
	"delete hangs":                   {doc: short, shown: 2, do: all(expired, refused("chat.update", "edit_window_closed", 9), fault("chat.delete", slackfake.FaultHang)), tries: 2},
	"post blocks":                    {doc: long, do: refused("chat.postMessage", "invalid_blocks", 1)},
	"post blocks, plain too":         {doc: long, do: refused("chat.postMessage", "invalid_blocks", 2)},
	"post 429":                       {doc: long, do: limited("chat.postMessage", 30*time.Second), tries: 2},
	"post hangs":                     {doc: long, do: fault("chat.postMessage", slackfake.FaultHang), tries: 2},
	"post lost":                      {doc: long, do: fault("chat.postMessage", slackfake.FaultLost), tries: 2},
	"post HTML":                      {doc: long, do: fault("chat.postMessage", slackfake.FaultNoise), tries: 2},
	"search 429":                     {doc: long, do: all(fault("chat.postMessage", slackfake.FaultHang), limited("conversations.replies", 30*time.Second)), tries: 3},
	"restart after a beginning":      {doc: short, shown: 2, do: restarted, same: true},
	"restart, long":                  {doc: long, shown: 2, do: restarted, same: true},
	"restart after expiry":           {doc: short, shown: 2, do: all(expired, restarted), same: true},
	"the beginning hangs":            {doc: short, before: fault("chat.startStream", slackfake.FaultHang), shown: 2},
	"the beginning is slow":          {doc: short, before: slow("chat.startStream"), shown: 1},
	"an append hangs":                {doc: short, before: fault("chat.appendStream", slackfake.FaultHang), shown: 3, same: true},
	"an append is refused":           {doc: short, before: refused("chat.appendStream", "message_not_in_streaming_state", 9), shown: 3, same: true},
	"no streams":                     {doc: short, before: refused("chat.startStream", "unknown_method", 1), shown: 3},
	"no streams, long":               {doc: long, before: refused("chat.startStream", "unknown_method", 1), shown: 3},
	"no streams, English":            {doc: english(), before: refused("chat.startStream", "unknown_method", 1), shown: 3},
	"no streams, restart":            {doc: short, before: refused("chat.startStream", "unknown_method", 1), shown: 3, do: restarted},
	"no streams, placeholder hangs":  {doc: short, before: all(refused("chat.startStream", "unknown_method", 1), fault("chat.postMessage", slackfake.FaultHang)), shown: 2},
	"no streams, placeholder HTML":   {doc: short, before: all(refused("chat.startStream", "unknown_method", 1), fault("chat.postMessage", slackfake.FaultNoise)), shown: 2},
	"no streams, change hangs":       {doc: short, before: all(refused("chat.startStream", "unknown_method", 1), fault("chat.update", slackfake.FaultHang)), shown: 3},
	"no streams, window closed":      {doc: short, before: all(refused("chat.startStream", "unknown_method", 1), refused("chat.update", "edit_window_closed", 9)), shown: 3},
	"beginning hangs, then 429":      {doc: long, before: fault("chat.startStream", slackfake.FaultHang), shown: 1, do: all(refused("chat.stopStream", "internal_error", 1), refused("chat.update", "edit_window_closed", 1), limited("chat.postMessage", 20*time.Second)), tries: 4},
	"blocks of a beginning, refused": {doc: short, before: all(refused("chat.startStream", "unknown_method", 1), refused("chat.postMessage", "invalid_blocks", 1)), shown: 2},
}

func slow(method string) func(*world, channel.Event) {
	return func(w *world, _ channel.Event) {
		w.broken(slackfake.Fault{Method: method, Kind: slackfake.FaultSlow, After: 2900 * time.Millisecond})
	}
}

// show shows a document as it grows.
func (w *world) show(e channel.Event, d channel.Doc, sentences int) {
	w.bubble.Helper()
	r := w.begin(e, d.ID)
	for i := range sentences {
		_ = r.Update(w.bubble.Context(), beginning(d, i+1)) // a courtesy
		time.Sleep(2 * time.Second)
	}
}

// TestFinish: a document arrives whole and once, whatever happened to what was shown before and to the calls that
// bring it. Nothing of a beginning is left beside it.
func TestFinish(t *testing.T) {
	const key = "d-1"
	for name, tt := range finishCases {
		t.Run(name, func(t *testing.T) {
			in(t, false, slackfake.Options{}, nil, func(w *world) {
				time.Sleep(time.Minute) // the question comes well after the start
				e := w.ask()
				if tt.before != nil {
					tt.before(w, e)
				}
				w.show(e, tt.doc, tt.shown)
				first := own(w.Messages(e.Place.ID, e.Place.Thread))
				if tt.do != nil {
					tt.do(w, e)
				}
				if n := w.deliver(e, tt.doc, channel.Delivery{Key: key}); n > max(1, tt.tries) {
					w.bubble.Errorf("%d attempts", n)
				}
				w.wantWhole(e, tt.doc, key)
				if after := own(w.Messages(e.Place.ID, e.Place.Thread)); tt.same && len(first) > 0 && len(after) > 0 && after[0].TS != first[0].TS {
					w.bubble.Errorf("what was shown as %s is now %s", first[0].TS, after[0].TS)
				}
				w.wantPatience()
			})
		})
	}
}

// wantPatience wants that no method was called for a place while Slack had asked to wait for it.
func (w *world) wantPatience() {
	w.bubble.Helper()
	until := map[string]time.Time{}
	for _, c := range w.Calls() {
		name := c.Method + " " + c.Args["channel"]
		if c.At.Before(until[name]) {
			w.bubble.Errorf("%s was called %s before it was allowed again", name, until[name].Sub(c.At))
		}
		if c.Error == "ratelimited" && c.Fault == slackfake.FaultWait {
			until[name] = c.At.Add(w.patience)
		}
	}
}

// TestFinishWalk delivers documents through random faults, by seed.
func TestFinishWalk(t *testing.T) {
	for seed := range uint64(100) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			in(t, false, slackfake.Options{Seed: seed + 1}, nil, func(w *world) { finishWalk(w, rand.New(rand.NewPCG(seed, 7))) })
		})
	}
}

var (
	walkMethods = []string{"chat.", "chat.startStream", "chat.stopStream", "chat.appendStream", "chat.update", "chat.postMessage", "chat.delete", "conversations.replies"}
	walkErrors  = []string{"message_not_in_streaming_state", "edit_window_closed", "cant_update_message", "invalid_blocks", "internal_error", "unknown_method"}
	walkKinds   = []string{
		slackfake.FaultWait, slackfake.FaultHang, slackfake.FaultLost, slackfake.FaultBroken, slackfake.FaultNoise, slackfake.FaultSlow, slackfake.FaultError,
	}
)

func finishWalk(w *world, random *rand.Rand) {
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	breaks := func() {
		for range random.IntN(4) {
			f := slackfake.Fault{Method: pick(walkMethods), Kind: pick(walkKinds), After: time.Duration(1+random.IntN(20)) * time.Second, Times: 1 + random.IntN(2)}
			f.Error = pick(walkErrors)
			w.broken(f)
		}
	}
	doc := []channel.Doc{short, long, english(), answer("a1", 5, 300)}[random.IntN(4)]
	time.Sleep(time.Duration(random.IntN(2)) * time.Minute)
	e := w.ask()
	if random.IntN(3) == 0 {
		w.broken(slackfake.Fault{Method: "chat.startStream", Kind: slackfake.FaultError, Error: "unknown_method"})
	}
	breaks()
	w.show(e, doc, random.IntN(4))
	breaks()
	if random.IntN(4) == 0 {
		time.Sleep(6 * time.Minute)
	}
	if random.IntN(4) == 0 {
		w.restart()
	}
	w.deliver(e, doc, channel.Delivery{Key: "d-1"})
	time.Sleep(10 * time.Minute)
	messages := own(w.Messages(e.Place.ID, e.Place.Thread))
	if slices.ContainsFunc(w.calls("chat.delete"), func(c slackfake.Call) bool { return c.Fault == slackfake.FaultError && c.Error != "internal_error" }) {
		messages = slices.DeleteFunc(messages, func(m slackfake.Message) bool { return identityOf(m).Key != "d-1" }) // what may not be removed stays
	}
	if err := whole(messages, doc, "d-1"); err != nil {
		w.bubble.Error(err)
	}
}
