//go:build linux

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// options are the command line.
type options struct {
	long bool
	load bool
	soak time.Duration
	run  *regexp.Regexp
	bin  string
	keep bool
	seed uint64

	kills, questions int
	rate             float64 // questions a second
	loadTime         time.Duration
}

func main() {
	if err := alone(); err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := chaos(ctx, os.Args[1:], os.Stdout)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		os.Exit(1)
	}
}

// inside tells this program that it has a mount namespace of its own.
const inside = "POLICYBOT_CHAOS_INSIDE"

// alone starts this program again in a mount namespace of its own, so that what rows mount ends with it
// whatever happens.
func alone() error {
	if os.Getenv(inside) != "" {
		return nil
	}
	if err := needed(); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	unshare, err := exec.LookPath("unshare")
	if err != nil {
		return err
	}
	return syscall.Exec(unshare, append([]string{"unshare", "--mount", "--", self}, os.Args[1:]...), append(os.Environ(), inside+"=1"))
}

// chaos runs the rows that the command line chooses and prints their table to out.
func chaos(ctx context.Context, args []string, out io.Writer) error {
	opts, err := parse(args)
	if err != nil {
		return err
	}
	chosen := choose(opts)
	if len(chosen) == 0 {
		return errors.New("no row fits -run; see cmd/chaos/table.go for their names")
	}
	scratch, err := os.MkdirTemp("", "policybot-chaos-")
	if err != nil {
		return err
	}
	if err := os.Chmod(scratch, 0o755); err != nil { // other users' processes run in it
		return err
	}
	r := &runner{opts: opts, scratch: scratch, out: out}
	err = r.prepare(ctx)
	if err == nil {
		err = r.all(ctx, chosen)
	}
	if opts.keep || err != nil {
		fmt.Fprintln(out, "logs and data folders are in", scratch)
		return err
	}
	return os.RemoveAll(scratch)
}

func parse(args []string) (options, error) {
	var o options
	var short bool
	var run string
	set := flag.NewFlagSet("chaos", flag.ContinueOnError)
	set.BoolVar(&short, "short", false, "every row, small (the default)")
	set.BoolVar(&o.long, "long", false, "every row, full size")
	set.BoolVar(&o.load, "load", false, "figures under load instead of faults")
	set.DurationVar(&o.soak, "soak", 0, "run the soak row alone, for so long")
	set.StringVar(&run, "run", "", "only rows whose name fits this regular expression")
	set.StringVar(&o.bin, "bin", "", "program under test, built with -tags faultkit; default: build it")
	set.BoolVar(&o.keep, "keep", false, "keep logs and data folders")
	set.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "of what is random")
	set.IntVar(&o.kills, "kills", 0, "kills of the main row; default 200, short 5")
	set.IntVar(&o.questions, "questions", 0, "questions of the main row; default 20000, short 300")
	set.Float64Var(&o.rate, "rate", 25, "questions a second in the main row")
	set.DurationVar(&o.loadTime, "load-time", 0, "how long each figure under load is measured; default as the targets say")
	if err := set.Parse(args); err != nil {
		return o, err
	}
	if set.NArg() > 0 || short && o.long {
		return o, errors.New("usage: chaos [-short|-long] [-load] [-soak DURATION] [-run REGEXP]; see -help")
	}
	o.kills, o.questions = either(o.kills, o.long, 200, 5), either(o.questions, o.long, 20000, 300)
	expr, err := regexp.Compile(run)
	o.run = expr
	return o, err
}

// either returns value if it was given, else one of two defaults.
func either(value int, long bool, ifLong, ifShort int) int {
	switch {
	case value > 0:
		return value
	case long:
		return ifLong
	}
	return ifShort
}

// tools are commands that rows use, and where Debian keeps them.
var tools = map[string]string{
	"strace": "strace", "unshare": "util-linux", "prlimit": "util-linux", "mount": "mount", "umount": "mount", "go": "golang (see go.mod for the version)",
}

// needed reports what is missing on this machine: no row is skipped, so nothing begins without it.
func needed() error {
	var errs []error
	if os.Geteuid() != 0 {
		errs = append(errs, errors.New("mounts and other users' processes need root; run this as root, for instance in a container"))
	}
	for command, pkg := range tools {
		if _, err := exec.LookPath(command); err != nil {
			errs = append(errs, fmt.Errorf("%s is missing; install the package %s", command, pkg))
		}
	}
	return errors.Join(errs...)
}

// choose gives the rows that were asked for.
func choose(o options) []row {
	from := faultRows
	switch {
	case o.soak > 0:
		from = soakRows
	case o.load:
		from = loadRows
	}
	var out []row
	for _, r := range from {
		if o.run.MatchString(r.name) {
			out = append(out, r)
		}
	}
	return out
}

// build builds the program under test.
func build(ctx context.Context, to string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", "faultkit", "-o", to, "./cmd/policybot")
	root, err := moduleRoot(ctx)
	if err != nil {
		return err
	}
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the program under test: %w: %s", err, strings.TrimSpace(string(text)))
	}
	return nil
}

func moduleRoot(ctx context.Context) (string, error) {
	text, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOMOD: %w", err)
	}
	file := strings.TrimSpace(string(text))
	if filepath.Base(file) != "go.mod" {
		return "", errors.New("run this inside the repository")
	}
	return filepath.Dir(file), nil
}
