package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A disk is a small file system in a mount namespace of its own, which a process of ours holds. It is gone
// with that process, whatever else happens.
type disk struct {
	holder *exec.Cmd
	dir    string // in the namespace
}

// newDisk makes a disk of so many megabytes, mounted at dir inside its namespace. The caller closes it.
func newDisk(dir string, megabytes int) (*disk, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	script := fmt.Sprintf(`mount -t tmpfs -o size=%dm,mode=755 none "$0" && echo mounted && exec sleep infinity`, megabytes)
	cmd := exec.Command("unshare", "--mount", "sh", "-c", script, dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("unshare: %w", err)
	}
	d := &disk{cmd, dir}
	if line, _ := bufio.NewReader(out).ReadString('\n'); line != "mounted\n" {
		d.close()
		return nil, errors.New("a tmpfs cannot be mounted here: run this as root, in a container that may mount")
	}
	return d, nil
}

func (d *disk) close() {
	_ = d.holder.Process.Kill()
	_ = d.holder.Wait() // killed
}

// wrap starts a command inside.
func (d *disk) wrap() []string {
	return []string{"nsenter", fmt.Sprintf("--mount=/proc/%d/ns/mnt", d.holder.Process.Pid), "--"}
}

// view is where the disk can be seen from outside.
func (d *disk) view() string { return fmt.Sprintf("/proc/%d/root%s", d.holder.Process.Pid, d.dir) }

// fill takes all the space that is left.
func (d *disk) fill() error {
	f, err := os.Create(filepath.Join(d.view(), "filler"))
	if err != nil {
		return err
	}
	defer f.Close()
	block := make([]byte, 4096)
	for {
		_, err := f.Write(block)
		if errors.Is(err, syscall.ENOSPC) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("fill the disk: %w", err)
		}
	}
}

// free gives the space back.
func (d *disk) free() error { return os.Remove(filepath.Join(d.view(), "filler")) }

// A tracer is a strace that changes what system calls of a running process return.
type tracer struct {
	cmd *exec.Cmd
	log string
}

// inject makes calls of the named kinds fail with an error in a running program until the tracer is let go.
func inject(ctx context.Context, p *program, calls, errno string) (*tracer, error) {
	t := &tracer{log: filepath.Join(p.logs, "strace")}
	t.cmd = exec.Command("strace", "-f", "-q", "-p", strconv.Itoa(p.pid()), "-o", t.log, "-e", "trace="+calls, "-e", "inject="+calls+":error="+errno)
	t.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := t.cmd.Start(); err != nil {
		return nil, fmt.Errorf("strace: %w", err)
	}
	if err := wait(ctx, 10*time.Second, "strace holds every thread of the program", func() (bool, error) { return traced(p.pid(), t.cmd.Process.Pid) }); err != nil {
		t.release()
		return nil, err
	}
	return t, nil
}

// release lets the program go.
func (t *tracer) release() {
	_ = t.cmd.Process.Signal(syscall.SIGINT)
	_ = t.cmd.Wait() // it ends by that signal
}

// injected counts the calls that were made to fail.
func (t *tracer) injected() int {
	data, err := os.ReadFile(t.log)
	if err != nil {
		return 0
	}
	return strings.Count(string(data), "(INJECTED)")
}

// traced reports whether a tracer holds every thread of a process.
func traced(pid, tracer int) (bool, error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil || len(threads) == 0 {
		return false, errors.Join(err, fmt.Errorf("process %d has no threads", pid))
	}
	for _, name := range threads {
		data, err := os.ReadFile(name)
		if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue // a thread that has ended
		}
		if err != nil {
			return false, err
		}
		if !strings.Contains(string(data), fmt.Sprintf("TracerPid:\t%d\n", tracer)) {
			return false, nil
		}
	}
	return true, nil
}
