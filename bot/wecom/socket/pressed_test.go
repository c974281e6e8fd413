package socket_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"policybot/bot/channel"
	"policybot/bot/wecom/aibot"
	"policybot/bot/wecom/socket"
	"policybot/bot/wecomfake"
)

// buttoned shows a document with a button in the group, and gives the id of its message.
func (w *world) buttoned(lang, label string) (message, token string) {
	w.t.Helper()
	e := w.ask("one")
	d := doc("有一个按钮。")
	d.Lang, d.Buttons = lang, []channel.Button{{Token: "t-yes-0123456789012345", Label: label, Does: "reply"}}
	if err := w.finish(e, d, channel.Delivery{Key: "k" + e.DeliveryKey}); err != nil {
		w.t.Fatal(err)
	}
	m := w.Messages("room")
	return m[len(m)-1].ID, d.Buttons[0].Token
}

// press presses a button and gives the event.
func (w *world) press(message, token string) channel.Event {
	w.t.Helper()
	n := len(w.seen())
	if _, err := w.Press("Ann", message, token, nil); err != nil {
		w.t.Fatal(err)
	}
	w.eventually("the press", 5*time.Second, func() bool { return len(w.seen()) == n+1 })
	time.Sleep(time.Second) // the card is updated
	return w.seen()[n]
}

// TestPressed: the card that was pressed says so within five seconds, and cannot be pressed again.
func TestPressed(t *testing.T) {
	inBubble(t, wecomfake.Options{}, func(w *world) {
		e := w.ask("one")
		d := doc("贵司是外资企业吗？")
		d.Buttons = []channel.Button{{Token: "t-yes-0123456789012345", Label: "是", Does: "reply"}, {Token: "t-no-01234567890123456", Label: "否", Does: "reply"}}
		if err := w.finish(e, d, channel.Delivery{Key: "k"}); err != nil {
			t.Fatal(err)
		}
		m := w.Messages("room")[1]
		if _, err := w.Press("Ann", m.ID, d.Buttons[0].Token, nil); err != nil {
			t.Fatal(err)
		}
		w.eventually("the press", 5*time.Second, func() bool {
			return len(w.seen()) == 2 && strings.Contains(string(w.Messages("room")[1].Card), "是") && !strings.Contains(string(w.Messages("room")[1].Card), d.Buttons[1].Token)
		})
		pressed := w.seen()[1]
		if pressed.Kind != channel.Pressed || pressed.Token != d.Buttons[0].Token {
			t.Fatalf("%+v", pressed)
		}
		if err := w.finish(pressed, doc("好的。"), channel.Delivery{Key: "k2"}); err != nil {
			t.Error(err)
		}
		w.once("好的。")
	})
}

// TestPressedLang: a card that was pressed says so in the language of its document.
func TestPressedLang(t *testing.T) {
	inBubble(t, wecomfake.Options{}, func(w *world) {
		w.press(w.buttoned("en", "Yes"))
		if card := fmt.Sprint(w.cards()); !strings.Contains(card, "Received: Yes") {
			t.Error(card)
		}
	})
}

// TestPressedByOther: a button that is not for who pressed it stays for whom it is for.
func TestPressedByOther(t *testing.T) {
	inBubble(t, wecomfake.Options{}, func(w *world) {
		message, token := w.buttoned("zh", "是")
		before := w.cards()
		w.mu.Lock()
		w.idle = true
		w.mu.Unlock()
		w.press(message, token)
		if after := w.cards(); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("the card is %s", after)
		}
	})
}

// TestPressedNotSubscribed: the reply to a button is a push, and a push that WeCom refuses because nobody is subscribed is
// sent again over another connection.
func TestPressedNotSubscribed(t *testing.T) {
	for range 3 {
		inBubble(t, wecomfake.Options{}, func(w *world) {
			e := w.press(w.buttoned("zh", "是"))
			w.Unsubscribe()
			if err := w.finish(e, doc("好的。"), channel.Delivery{Key: "k2"}); err != nil {
				t.Error(err)
			}
			w.once("好的。")
		})
	}
}

// TestPressedLong: a document that is pushed in several messages arrives whole although the chat is too busy for it, and
// attempts have less time than a pause.
func TestPressedLong(t *testing.T) {
	inBubble(t, wecomfake.Options{}, func(w *world) {
		e := w.press(w.buttoned("zh", "是"))
		for i := range 23 {
			if err := w.finish(w.ask("q"), doc(fmt.Sprintf("答%d。", i)), channel.Delivery{Key: fmt.Sprint("f", i)}); err != nil {
				t.Fatal(err)
			}
		}
		d := doc("")
		d.Nodes = nil
		for i := range 240 {
			s := fmt.Sprintf("第%d句：%s。", i, strings.Repeat("政策内容", 25))
			d.Text += s + "\n"
			d.Nodes = append(d.Nodes, channel.Node{Kind: channel.Line, Text: s})
		}
		as := channel.Delivery{Key: "k2"}
		attempts := 0
		for err := errors.New("not tried"); err != nil; attempts++ {
			if attempts == 50 || channel.IsGone(err) {
				t.Fatalf("attempt %d: %v", attempts, err)
			}
			ctx, quit := context.WithTimeout(context.Background(), 13*time.Second)
			_, err = w.begin(e).Finish(ctx, d, as)
			quit()
			if wait, ok := errors.AsType[*channel.WaitError](err); ok {
				time.Sleep(wait.After)
			} else if err != nil {
				as.Again = true
				time.Sleep(5 * time.Second)
			}
		}
		if attempts < 2 {
			t.Error("nothing was in the way")
		}
		all := strings.Join(w.shown(), "\n")
		for i := range 240 {
			if n := strings.Count(all, fmt.Sprintf("第%d句：", i)); n != 1 {
				t.Fatalf("sentence %d is shown %d times", i, n)
			}
		}
	})
}

// TestPressKept: a press that cannot be stored is tried again, also once more when Run ends; in the end the person is told.
func TestPressKept(t *testing.T) {
	inBubble(t, wecomfake.Options{}, func(w *world) {
		message, token := w.buttoned("en", "Yes")
		press := func() {
			if _, err := w.Press("Ann", message, token, nil); err != nil {
				t.Fatal(err)
			}
			time.Sleep(20 * time.Second)
		}
		w.failing(errors.New("the disk is full"))
		press()
		w.failing(nil)
		w.eventually("the press", time.Minute, func() bool { return len(w.seen()) == 2 })

		message, token = w.buttoned("en", "Yes")
		w.failing(errors.New("the disk is full"))
		press()
		w.eventually("it is told", 5*time.Minute, func() bool { return strings.Contains(fmt.Sprint(w.shown()), said(channel.Pressed, "en")) })
		w.once(said(channel.Pressed, "en"))

		press()
		w.failing(nil)
		w.quit()
		w.eventually("the press at the end", 10*time.Second, func() bool { return len(w.seen()) == 4 })
	})
}

// TestEnded: after Run has ended a reply does not wait for a connection, and what was being sent when it ended arrives.
func TestEnded(t *testing.T) {
	inBubble(t, wecomfake.Options{Bot: wecomfake.BotOptions{}}, func(w *world) {
		e := w.press(w.buttoned("zh", "是"))
		if err := w.Break(wecomfake.Fault{Call: "aibot_send_msg", Kind: wecomfake.FaultSlow, After: 3 * time.Second, Times: 1}); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Second, w.quit)
		if _, err := w.begin(e).Finish(context.Background(), doc("好的。"), channel.Delivery{Key: "k2"}); err != nil {
			t.Error(err)
		}
		w.once("好的。")
		w.stop()
		began := time.Now()
		_, err := w.begin(e).Finish(context.Background(), doc("再答。"), channel.Delivery{Key: "k3", Later: true})
		if _, ok := errors.AsType[*channel.WaitError](err); !ok || time.Since(began) > time.Second {
			t.Errorf("it gave %v after %s", err, time.Since(began))
		}
		w.start(nil)
		w.eventually("the channel is up", 30*time.Second, func() bool { return w.ch.Health().State == channel.Up })
	})
}

// TestDeliveredAgain: what another process stored may have been replied to by it, though it comes to this one again.
func TestDeliveredAgain(t *testing.T) {
	inBubble(t, wecomfake.Options{}, func(w *world) {
		e := w.press(w.buttoned("zh", "是"))
		if err := w.finish(e, doc("好的。"), channel.Delivery{Key: "k2"}); err != nil {
			t.Fatal(err)
		}
		w.stop()
		w.start(func(o *socket.Options) { o.Quiet = true })
		w.eventually("the channel is up", 30*time.Second, func() bool { return w.ch.Health().State == channel.Up })
		if err := w.finish(e, doc("好的。"), channel.Delivery{Key: "k2", Again: true}); !channel.IsGone(err) {
			t.Errorf("it gave %v", err)
		}
		w.once("好的。")
	})
}

// said is what is said of an event that could not be stored.
func said(kind channel.Kind, lang string) string {
	text, _ := aibot.Lost(kind, lang)
	return text
}
