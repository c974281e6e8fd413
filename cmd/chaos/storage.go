//go:build linux

package main

import (
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

// A disk is a small file system in memory. It is mounted in the mount namespace of this process and is gone
// with it.
type disk struct{ dir string }

// newDisk mounts a disk of so many megabytes at dir. The caller closes it.
func newDisk(ctx context.Context, dir string, megabytes int) (*disk, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	text, err := exec.CommandContext(ctx, "mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm,mode=755", megabytes), "none", dir).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("a tmpfs cannot be mounted here (run this as root, in a container that may mount): %w: %s", err, text)
	}
	return &disk{dir}, nil
}

// close takes the disk away, also from processes that use it still.
func (d *disk) close() { _ = syscall.Unmount(d.dir, syscall.MNT_DETACH) }

// fill takes all the space but so many blocks of 4 KB.
func (d *disk) fill(but int) error {
	f, err := os.Create(filepath.Join(d.dir, "filler"))
	if err != nil {
		return err
	}
	defer f.Close()
	block := make([]byte, blockSize)
	for size := int64(0); ; size += blockSize {
		_, err := f.Write(block)
		if errors.Is(err, syscall.ENOSPC) {
			return f.Truncate(max(0, size-int64(but)*blockSize))
		}
		if err != nil {
			return fmt.Errorf("fill the disk: %w", err)
		}
	}
}

const blockSize = 4096

// free gives the space back.
func (d *disk) free() error { return os.Remove(filepath.Join(d.dir, "filler")) }

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
