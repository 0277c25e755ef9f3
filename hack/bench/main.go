// Command bench measures what Gemba does against a bare client that does the same in the same run, on real programs: the
// built manager, kube-apiserver, etcd and Prometheus.
//
//	make bench
//	go run ./hack/bench -only kpi-samples
//
// It ends with an error where something was not done, and never because it was slow: a budget that was missed is said in
// the table, and how busy the machine was beside it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
)

// limit is how long one scenario may take beside the windows in which it only watches.
const limit = 30 * time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string, out io.Writer) error {
	ctrl.SetLogger(logr.Discard())
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := flags.String("only", "", "run these alone, separated by commas: "+strings.Join(names(), ", "))
	window := flags.Duration("window", time.Minute, "how long a steady state is watched")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *window < 20*time.Second {
		return fmt.Errorf("-window %s is too short to see anything: give 20s or more", *window)
	}
	chosen, err := choose(*only)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, "%s, %d CPUs, %s/%s\n", runtime.Version(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
	var failed []error
	for _, one := range chosen {
		if err := one.measure(ctx, *window, out); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", one.name, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(failed...)
}

// choose gives the scenarios that are named; all where none is.
func choose(only string) ([]scenario, error) {
	if only == "" {
		return scenarios(), nil
	}
	var chosen []scenario
	for name := range strings.SplitSeq(only, ",") {
		at := slices.IndexFunc(scenarios(), func(one scenario) bool { return one.name == name })
		if at < 0 {
			return nil, fmt.Errorf("there is no scenario %q: choose from %s", name, strings.Join(names(), ", "))
		}
		chosen = append(chosen, scenarios()[at])
	}
	return chosen, nil
}

// measure runs a scenario in a folder of its own and tells what it found.
func (s scenario) measure(ctx context.Context, window time.Duration, out io.Writer) (err error) {
	folder, err := os.MkdirTemp("", "gemba-bench-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, limit+window)
	defer cancel()
	b := &bench{window: window, folder: folder, out: out, began: time.Now()}
	_, _ = fmt.Fprintf(out, "\n%s: %s\n", s.name, s.about)
	b.say("begins%s", load())
	err = s.run(ctx, b)
	b.say("ends%s", load())
	b.figures.print(out)
	if err != nil {
		return fmt.Errorf("%w (logs are kept in %s)", err, folder)
	}
	return os.RemoveAll(folder)
}

// load says how busy the machine is, where it can be known.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < 3 {
		return ""
	}
	return ", with the machine at a load of " + strings.Join(fields[:3], " ")
}
