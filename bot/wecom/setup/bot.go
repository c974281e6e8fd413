package setup

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

const (
	maxFrame  = 4 << 20 // bytes
	subscribe = "aibot_subscribe"
	saying    = time.Second // for the farewell
)

// headers are those of every frame; an answer has those of what it answers.
type headers struct {
	ReqID string `json:"req_id"`
}

// Subscribe connects an AI bot, says its id and secret, reads whether WeCom takes them, and closes the connection
// (https://developer.work.weixin.qq.com/document/path/101463). A bot has one connection: whoever held it has lost it
// then, and what people write in the moment between is lost, too. dial is nil for the usual way. The error is an *Error.
func Subscribe(ctx context.Context, address, id, secret string, dial func(ctx context.Context, network, address string) (net.Conn, error)) error {
	ctx, quit := context.WithTimeout(ctx, CallTimeout)
	defer quit()
	dialer := websocket.Dialer{NetDialContext: dial, Proxy: http.ProxyFromEnvironment}
	if dial != nil {
		dialer.Proxy = nil
	}
	conn, resp, err := dialer.DialContext(ctx, address, nil)
	if resp != nil && resp.Body != nil {
		resp.Body.Close()
	}
	if err != nil {
		e := &Error{Call: subscribe, Way: Unreachable, Err: bare(err)}
		if errors.Is(err, websocket.ErrBadHandshake) && resp != nil {
			e.Way, e.Status = BadAnswer, resp.StatusCode
		}
		return e
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	conn.SetReadLimit(maxFrame)
	err = offer(conn, id, secret)
	_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(saying))
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if err != nil {
		return &Error{Call: subscribe, Way: Unreachable, Err: errors.Join(ctx.Err(), bare(err))}
	}
	return nil
}

// offer subscribes, and reads until WeCom has said what it thinks of it.
func offer(conn *websocket.Conn, id, secret string) error {
	first := struct {
		Cmd     string            `json:"cmd"`
		Headers headers           `json:"headers"`
		Body    map[string]string `json:"body"`
	}{subscribe, headers{subscribe + "_" + number()}, map[string]string{"bot_id": id, "secret": secret}}
	if err := conn.WriteJSON(first); err != nil {
		return err
	}
	for {
		_, text, err := conn.ReadMessage()
		if err != nil {
			return err
		}
		var ack struct {
			Headers headers `json:"headers"`
			Code    *int    `json:"errcode"`
			Words   string  `json:"errmsg"`
		}
		if err := json.Unmarshal(text, &ack); err != nil {
			return &Error{Call: subscribe, Way: BadAnswer, Err: errors.New("it is no JSON")}
		}
		switch {
		case ack.Headers.ReqID != first.Headers.ReqID || ack.Code == nil: // something that somebody wrote
		case *ack.Code != 0:
			return refused(subscribe, *ack.Code, ack.Words)
		default:
			return nil
		}
	}
}
