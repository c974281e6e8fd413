package channeltest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// Serve serves handler over HTTP within the process, so that it works in a bubble of testing/synctest.
// It gives the URL, without a slash at its end, and a client that reaches nothing else. The server ends
// with the test; handlers must then return when the context of their request ends.
func Serve(t testing.TB, handler http.Handler) (string, *http.Client) {
	t.Helper()
	l := &listener{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	transport := &http.Transport{DialContext: l.dial}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := server.Close(); err != nil {
			t.Errorf("closing the server: %v", err)
		}
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serving ended: %v", err)
		}
	})
	return "http://in.process", &http.Client{Transport: transport}
}

// A listener takes connections that are made with dial.
type listener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *listener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := connect()
	var err error
	select {
	case l.conns <- there:
		return here, nil
	case <-l.closed:
		err = fmt.Errorf("connect within the process: the server is closed")
	case <-ctx.Done():
		err = ctx.Err()
	}
	here.Close()
	there.Close()
	return nil, err
}

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr implements net.Listener.
func (l *listener) Addr() net.Addr { return &net.UnixAddr{Name: "in process", Net: "pipe"} }
