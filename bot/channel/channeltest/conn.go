package channeltest

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// A conn is one end of a connection within the process. What is written waits to be read, as in the buffers of a
// network: two ends that write at the same time do not wait for each other, as those of net.Pipe would.
type conn struct {
	in, out *flow
}

// connect makes the two ends of a connection.
func connect() (net.Conn, net.Conn) {
	a, b := newFlow(), newFlow()
	return &conn{a, b}, &conn{b, a}
}

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) { return c.in.read(p) }

// Write implements net.Conn. It does not wait.
func (c *conn) Write(p []byte) (int, error) { return c.out.write(p) }

// Close implements net.Conn.
func (c *conn) Close() error {
	c.in.close(net.ErrClosed)
	c.out.close(io.EOF)
	return nil
}

// LocalAddr implements net.Conn.
func (*conn) LocalAddr() net.Addr { return &net.UnixAddr{Name: "in process", Net: "pipe"} }

// RemoteAddr implements net.Conn.
func (c *conn) RemoteAddr() net.Addr { return c.LocalAddr() }

// SetDeadline implements net.Conn.
func (c *conn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// SetReadDeadline implements net.Conn.
func (c *conn) SetReadDeadline(t time.Time) error { return c.in.until(t) }

// SetWriteDeadline implements net.Conn.
func (*conn) SetWriteDeadline(time.Time) error { return nil }

// A flow is what is on its way to one end.
type flow struct {
	mu    sync.Mutex
	more  *sync.Cond
	data  []byte
	over  error // why nothing more comes; nil: more may
	limit time.Time
	timer *time.Timer
}

func newFlow() *flow {
	f := &flow{}
	f.more = sync.NewCond(&f.mu)
	return f
}

func (f *flow) read(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for {
		switch {
		case f.over == net.ErrClosed: //nolint:errorlint // it is ours, and not wrapped
			return 0, f.over
		case !f.limit.IsZero() && !time.Now().Before(f.limit):
			return 0, os.ErrDeadlineExceeded
		case len(f.data) > 0 || len(p) == 0:
			n := copy(p, f.data)
			f.data = f.data[n:]
			return n, nil
		case f.over != nil:
			return 0, f.over
		}
		f.more.Wait()
	}
}

func (f *flow) write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over != nil {
		return 0, io.ErrClosedPipe
	}
	f.data = append(f.data, p...)
	f.more.Broadcast()
	return len(p), nil
}

// close ends the flow, for the first reason that is given.
func (f *flow) close(why error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over == nil || why == net.ErrClosed { //nolint:errorlint // it is ours, and not wrapped
		f.over = why
	}
	if f.timer != nil {
		f.timer.Stop()
	}
	f.more.Broadcast()
}

// until sets when reading ends; the zero time: never.
func (f *flow) until(t time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.timer != nil {
		f.timer.Stop()
	}
	f.limit, f.timer = t, nil
	if d := time.Until(t); !t.IsZero() && d > 0 && f.over == nil {
		f.timer = time.AfterFunc(d, func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.more.Broadcast()
		})
	}
	f.more.Broadcast()
	return nil
}
