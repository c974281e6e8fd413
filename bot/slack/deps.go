package slack

import (
	_ "github.com/gorilla/websocket"
	_ "github.com/slack-go/slack"
	_ "golang.org/x/time/rate"
)
