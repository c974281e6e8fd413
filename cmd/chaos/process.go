//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"policybot/bot/faults"
)

const (
	readyTime = 20 * time.Second // from the start until it takes questions
	drainTime = 20 * time.Second // from SIGTERM until it has ended
)

// A launch says how serve is started.
type launch struct {
	bin, data, config string
	http, control     string   // addresses
	env               []string // besides what base gives
	wrap              []string // a command that becomes the program, such as prlimit --nofile=64
	uid               uint32   // 0: our own
	logs              string   // folder for what it prints
}

// A program is one run of serve.
type program struct {
	launch
	cmd      *exec.Cmd
	out, err string // files with what it printed, this run and those before
	outFrom  int64  // where this run begins in them
	errFrom  int64
	done     chan struct{} // closed when it has ended
	killed   bool          // by us
	faults   *faults.Client
}

// base is the environment of every run: nothing of ours, and secrets that must never be seen again.
func base() []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent", "LC_ALL=C.UTF-8", "TZ=UTC",
		"POLICYBOT_API_TOKEN=" + canaryToken,
		"OPENAI_API_KEY=" + canaryKey, "OPENAI_BASE_URL=http://127.0.0.1:9", // where nobody listens
	}
}

// start starts serve and does not wait until it is ready. The caller ends it.
func start(l launch) (*program, error) {
	p := &program{
		launch: l, done: make(chan struct{}), faults: faults.NewClient(l.control),
		out: filepath.Join(l.logs, "stdout"), err: filepath.Join(l.logs, "stderr"),
	}
	args := append(slices.Clone(l.wrap), l.bin, "--lang", "en", "serve", "--data", l.data, "--config", l.config)
	p.cmd = exec.Command(args[0], args[1:]...)
	p.cmd.Env = append(append(base(), "POLICYBOT_HTTP="+l.http, "POLICYBOT_FAULT_CONTROL="+l.control), l.env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if l.uid != 0 {
		p.cmd.SysProcAttr.Credential = &syscall.Credential{Uid: l.uid, Gid: l.uid}
	}
	stdout, from, err := appendTo(p.out)
	if err != nil {
		return nil, err
	}
	defer stdout.Close()
	stderr, errFrom, err := appendTo(p.err)
	if err != nil {
		return nil, err
	}
	defer stderr.Close()
	p.cmd.Stdout, p.cmd.Stderr, p.outFrom, p.errFrom = stdout, stderr, from, errFrom
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	go func() {
		defer close(p.done)
		_ = p.cmd.Wait() // how it ended is in ProcessState
	}()
	return p, nil
}

func appendTo(name string) (*os.File, int64, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

// ready waits until the program takes questions.
func (p *program) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	for {
		if code, _, err := p.get(ctx, "/readyz"); err == nil && code == http.StatusOK {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("serve ended before it was ready: %s", p.ending())
		case <-ctx.Done():
			return fmt.Errorf("serve is not ready after %s; its last words: %s", readyTime, p.lastWords())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// get asks the program for a page.
func (p *program) get(ctx context.Context, path string) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return fetch(ctx, "http://"+p.http+path)
}

// pid is the process id of the program.
func (p *program) pid() int { return p.cmd.Process.Pid }

// signal sends a signal to the program alone.
func (p *program) signal(s syscall.Signal) error { return p.cmd.Process.Signal(s) }

// kill ends the program and all that it started, as kill -9 does, and waits for that.
func (p *program) kill() {
	p.killed = true
	_ = syscall.Kill(-p.pid(), syscall.SIGKILL)
	<-p.done
}

// stop asks the program to end and wants it to do so in time with exit code 0.
func (p *program) stop(ctx context.Context) error {
	if err := p.signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("SIGTERM: %w; it ended before: %s", err, p.ending())
	}
	if err := p.ends(ctx, drainTime+2*time.Second); err != nil {
		p.kill()
		return fmt.Errorf("after SIGTERM: %w", err)
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("after SIGTERM: %s", p.ending())
	}
	return nil
}

// ends waits until the program has ended.
func (p *program) ends(ctx context.Context, limit time.Duration) error {
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(limit):
		return fmt.Errorf("still runs after %s", limit)
	}
}

// alive reports whether the program runs.
func (p *program) alive() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// ending says how the program ended, in one line.
func (p *program) ending() string {
	return fmt.Sprintf("%s: %s", p.cmd.ProcessState, p.lastWords())
}

// lastWords is the last line that the program printed on standard error.
func (p *program) lastWords() string {
	lines := p.complaints()
	if len(lines) == 0 {
		return "(nothing on standard error)"
	}
	return clip(lines[len(lines)-1], 300)
}

// complaints are the lines of this run on standard error.
func (p *program) complaints() []string { return linesFrom(p.err, p.errFrom) }

// printed are the lines of this run on standard output.
func (p *program) printed() []string { return linesFrom(p.out, p.outFrom) }

func linesFrom(name string, from int64) []string {
	data, err := os.ReadFile(name)
	if err != nil || int64(len(data)) < from {
		return nil
	}
	text := strings.TrimSpace(string(data[from:]))
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// reason wants the program to have ended by itself with exit code 1 and one line of plain words on
// standard error that holds each of parts. It returns that line.
func (p *program) reason(parts ...string) (string, error) {
	if code := p.cmd.ProcessState.ExitCode(); code != 1 {
		return "", fmt.Errorf("want exit code 1: %s", p.ending())
	}
	plain := slices.DeleteFunc(p.complaints(), func(line string) bool { return strings.HasPrefix(line, "{") || strings.HasPrefix(line, "time=") })
	if len(plain) != 1 {
		return "", fmt.Errorf("want one line on standard error, have %d: %q", len(plain), plain)
	}
	for _, part := range parts {
		if !strings.Contains(plain[0], part) {
			return "", fmt.Errorf("the line does not say %q: %s", part, plain[0])
		}
	}
	return plain[0], nil
}

// rss is how much memory the program has, in bytes.
func (p *program) rss() (int64, error) { return p.status("VmRSS") }

// peak is the most memory the program has had, in bytes.
func (p *program) peak() (int64, error) { return p.status("VmHWM") }

// status reads one size from the status of the process, in bytes.
func (p *program) status(name string) (int64, error) {
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.pid()), "status"))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kb << 10, err
		}
	}
	return 0, fmt.Errorf("no %s in the status of the process", name)
}

// tool runs a command of the program and returns what it printed.
func tool(ctx context.Context, bin string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin, append([]string{"--lang", "en"}, args...)...)
	cmd.Env = base()
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("policybot %s: %w: %s", strings.Join(args, " "), err, clip(strings.TrimSpace(complaint.String()), 300))
	}
	return out.String(), nil
}

// freeAddr is a loopback address that nobody listens on now. Its port lies
// below those that a kernel gives to connections and to listeners on port 0
// (Linux: from 32768, net.ipv4.ip_local_port_range; IANA: from 49152), so no
// connection of a run takes it while the service is down.
func freeAddr() (string, error) {
	var last error
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000)))
		if err == nil {
			return l.Addr().String(), l.Close()
		}
		last = err
	}
	return "", fmt.Errorf("no free port: %w", last)
}

// clip cuts a text to so many bytes for a report.
func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "…"
}
