package main

import (
	"debug/elf"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// nobody is the user that the image runs the program as.
const nobody = 65532

// TestStaticBinary builds the program as the Dockerfile does and runs it as an image made from scratch
// would: alone in a folder that it may not write to, as another user, with no environment.
func TestStaticBinary(t *testing.T) {
	built := filepath.Join(t.TempDir(), "policybot")
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", built, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", build.Args, err, out)
	}
	checkStatic(t, built)

	home, data := openDir(t), openDir(t)
	program := filepath.Join(home, "policybot")
	copyProgram(t, built, program)
	if err := os.Chmod(home, 0o555); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(home, 0o755) }) // so that anyone can take it away

	ask := exec.Command(program, "ask", "厦门对生物医药企业上市有什么目标？")
	ask.Dir = home
	ask.Env = []string{"POLICYBOT_DATA=" + data}
	if os.Getuid() == 0 {
		if err := os.Chown(data, nobody, nobody); err != nil {
			t.Fatal(err)
		}
		ask.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	var stdout, stderr strings.Builder
	ask.Stdout, ask.Stderr = &stdout, &stderr
	if err := ask.Run(); err != nil {
		t.Fatalf("ask: %v\n%s%s", err, &stdout, &stderr)
	}
	for _, want := range []string{"厦门", "12家"} {
		if !strings.Contains(stdout.String(), want) {
			t.Errorf("no %s in the answer:\n%s%s", want, &stdout, &stderr)
		}
	}
	if left, err := os.ReadDir(home); err != nil || len(left) != 1 {
		t.Errorf("beside the program: %v, %v", left, err)
	}
}

// checkStatic wants a program that asks for no loader and no shared library.
func checkStatic(t *testing.T, name string) {
	t.Helper()
	file, err := elf.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, part := range file.Progs {
		if part.Type == elf.PT_INTERP || part.Type == elf.PT_DYNAMIC {
			t.Errorf("the program has a %v segment", part.Type)
		}
	}
	if file.Section(".dynamic") != nil {
		t.Error("the program has a .dynamic section")
	}
}

// openDir makes an empty folder that other users can reach: the one above it is private as T makes it.
func openDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func copyProgram(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o755)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(out, in); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}
