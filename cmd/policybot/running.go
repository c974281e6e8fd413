package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// serveLock is the file that a service locks, in the data folder. It tells other
// runs where the service is.
const serveLock = "serve.lock"

// A running is a service that runs, as its lock file tells.
type running struct {
	PID     int       `json:"pid"`
	HTTP    string    `json:"http"`    // where it answers; "" for a chat in the terminal
	Control string    `json:"control"` // where it takes commands
	Token   string    `json:"token"`   // for commands
	Started time.Time `json:"started"`
}

// service finds the service that runs on the data folder, or nil.
func (a *app) service() *running {
	path := filepath.Join(a.data, serveLock)
	if !isLocked(path) {
		return nil
	}
	var r running
	text, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(text, &r) != nil {
		return &running{} // it is just starting
	}
	return &r
}

// hold takes the lock of the service, or says who has it.
func (a *app) hold() (*os.File, error) {
	path := filepath.Join(a.data, serveLock)
	f, free, err := tryLockFile(path, 0o600)
	for tries := 0; err == nil && !free && !isLocked(path) && tries < 100; tries++ { // a run was just looking who serves
		time.Sleep(10 * time.Millisecond)
		f, free, err = tryLockFile(path, 0o600)
	}
	switch {
	case err != nil:
		return nil, &messageError{"data_folder", []any{a.data, plain(err)}}
	case !free:
		return nil, a.alreadyServed()
	}
	if err := f.Truncate(0); err != nil { // what a service that was killed has left is not true any more
		f.Close()
		return nil, &messageError{"data_folder", []any{a.data, plain(err)}}
	}
	return f, nil
}

func (a *app) alreadyServed() error {
	r := a.service()
	if r == nil || r.PID == 0 {
		return &messageError{"served_unknown", []any{a.data}}
	}
	if r.HTTP == "" {
		return &messageError{"served_chat", []any{a.data, r.PID}}
	}
	return &messageError{"served", []any{a.data, r.PID, r.HTTP}}
}

// announce writes where the service is into its lock file.
func announce(f *os.File, r running) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err = f.WriteAt(append(text, '\n'), 0)
	return err
}

// A writer is a command that changes what a service works with. While one runs, the
// service carries the command out.
type writer interface{ writes() bool }

// A carriedCommand is a command line for the service to carry out.
type carriedCommand struct {
	Args []string `json:"args"`
	Dir  string   `json:"dir"` // of relative paths
	Lang string   `json:"lang"`
	By   string   `json:"by"` // login name of who runs it
}

// A carriedLine is one piece of what a carried command prints, or its end.
type carriedLine struct {
	Out  []byte `json:"out,omitempty"`
	Err  []byte `json:"err,omitempty"`
	Exit *int   `json:"exit,omitempty"`
}

// carry lets the running service carry a command out and prints what it prints.
func (a *app) carry(ctx context.Context, r *running, args []string) (code int, err error) {
	if r.Control == "" {
		return 0, &messageError{"served_starting", []any{a.data}}
	}
	dir, err := os.Getwd()
	if err != nil {
		return 0, err
	}
	body, err := json.Marshal(carriedCommand{Args: args, Dir: dir, Lang: a.lang, By: login()})
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+r.Control+"/run", bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+r.Token)
	client := &http.Client{Transport: &http.Transport{Proxy: nil, DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext}}
	defer client.CloseIdleConnections()
	resp, err := client.Do(req)
	if err != nil {
		return 0, &messageError{"served_silent", []any{r.PID, err}}
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return 0, &messageError{"served_silent", []any{r.PID, resp.Status}}
	}
	return a.printCarried(r, resp.Body)
}

func (a *app) printCarried(r *running, body io.Reader) (int, error) {
	lines := bufio.NewReader(body)
	for {
		text, err := lines.ReadBytes('\n')
		if err != nil {
			return 0, &messageError{"served_silent", []any{r.PID, err}}
		}
		var l carriedLine
		if err := json.Unmarshal(text, &l); err != nil {
			return 0, &messageError{"served_silent", []any{r.PID, err}}
		}
		if _, err := a.out.Write(l.Out); err != nil {
			return 0, err
		}
		if _, err := a.err.Write(l.Err); err != nil {
			return 0, err
		}
		if l.Exit != nil {
			return *l.Exit, nil
		}
	}
}

// A carrier carries commands out in the process of the service. Those that must
// not run beside each other wait for each other as they do elsewhere.
type carrier struct {
	app   *app
	token string
	done  func(context.Context) error // takes over what a command changed

	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup
}

// close takes no more commands and waits for those under way.
func (c *carrier) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.running.Wait()
}

// begin reports whether a command may still begin; running.Done ends it.
func (c *carrier) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.running.Add(1)
	}
	return !c.closed
}

func (c *carrier) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	given := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if r.Method != http.MethodPost || r.URL.Path != "/run" || subtle.ConstantTimeCompare([]byte(given), []byte(c.token)) != 1 {
		http.Error(w, "no", http.StatusForbidden)
		return
	}
	var command carriedCommand
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 8<<20)).Decode(&command); err != nil {
		http.Error(w, "not a command", http.StatusBadRequest)
		return
	}
	if !c.begin() {
		http.Error(w, "the service ends", http.StatusServiceUnavailable)
		return
	}
	defer c.running.Done()
	out := &carriedWriter{w: w, flush: http.NewResponseController(w)}
	_ = out.flush.SetReadDeadline(time.Time{}) // a command may take longer than the server's
	s := streams{strings.NewReader(""), pieceWriter{out, false}, pieceWriter{out, true}}
	within := &inService{data: c.app.data, config: c.app.settings, dir: command.Dir, lang: command.Lang, by: command.By}
	code := runAs(r.Context(), command.Args, s, c.app.env, within)
	if err := c.done(context.WithoutCancel(r.Context())); err != nil {
		fmt.Fprintln(s.err, "policybot: "+oneLine(c.app.explain(err)))
		code = exitError
	}
	out.line(carriedLine{Exit: &code})
}

// A carriedWriter writes lines of JSON as they come.
type carriedWriter struct {
	mu    sync.Mutex
	w     io.Writer
	flush *http.ResponseController
	err   error
}

func (c *carriedWriter) line(l carriedLine) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = json.NewEncoder(c.w).Encode(l)
		c.err = errors.Join(c.err, c.flush.Flush())
	}
}

// A pieceWriter is one of the two streams of a carried command.
type pieceWriter struct {
	to    *carriedWriter
	isErr bool
}

func (p pieceWriter) Write(b []byte) (int, error) {
	l := carriedLine{Out: b}
	if p.isErr {
		l = carriedLine{Err: b}
	}
	p.to.line(l)
	return len(b), nil // that nobody reads is the context's to tell
}

// inService is what a command is told that a service carries out.
type inService struct {
	data, dir, lang, by string
	config              config
}

// who is the login name of whoever runs the command.
func (a *app) who() string {
	if a.within != nil {
		return a.within.by
	}
	return login()
}

// path is where a path on the command line leads.
func (a *app) path(p string) string {
	if a.within == nil || filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(a.within.dir, p)
}
