package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	"policybot/bot/channel"
)

// servedTime is how long a service gets to say how its channels are.
const servedTime = 5 * time.Second

// A served is the service that runs on the data folder, as doctor sees it from outside.
type served struct {
	running  bool // with channels: a chat in the terminal has none
	starting bool // it says nothing yet
	channels map[string]channel.Health
	err      error // it was asked how its channels are, and did not say
}

// askServed asks the service that runs on the data folder how its channels are.
func (a *app) askServed(ctx context.Context) served {
	r := a.service()
	switch {
	case r == nil || r.PID != 0 && r.HTTP == "":
		return served{}
	case r.PID == 0:
		return served{running: true, starting: true}
	}
	s := served{running: true}
	s.channels, s.err = channelsAt(ctx, r.HTTP)
	return s
}

// channelsAt reads how the channels of a service are, from an address that it listens on.
func channelsAt(ctx context.Context, address string) (map[string]channel.Health, error) {
	ctx, cancel := context.WithTimeout(ctx, servedTime)
	defer cancel()
	if at, err := netip.ParseAddrPort(address); err == nil {
		address = reachable(net.TCPAddrFromAddrPort(at))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: &http.Transport{Proxy: nil}}
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	if err != nil {
		return nil, bare(err)
	}
	defer resp.Body.Close()
	var said struct{ Channels map[string]channel.Health }
	if err := json.NewDecoder(http.MaxBytesReader(nil, resp.Body, 1<<20)).Decode(&said); err != nil || said.Channels == nil {
		return nil, fmt.Errorf("/readyz: %s", resp.Status)
	}
	return said.Channels, nil
}
