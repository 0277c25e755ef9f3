package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"slices"
	"time"

	"github.com/spf13/pflag"
	"go.uber.org/zap/zapcore"
	"sigs.k8s.io/controller-runtime/pkg/client/config"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/gemba-dev/gemba/internal/egress"
)

// options are what the flags say.
type options struct {
	clusterID       string
	watchNamespaces []string
	settle          time.Duration
	workers         int

	egress egress.GuardOptions

	metricsAddress string
	metricsSecure  bool
	metricsCertDir string
	probeAddress   string

	elect          bool
	leaseNamespace string
	leaseDuration  time.Duration
	renewDeadline  time.Duration
	retryPeriod    time.Duration
	shutdown       time.Duration

	log         zap.Options
	showVersion bool
}

const usage = `Gemba watches over declared processes: it says in status what holds and what does not,
opens a ticket where something does not, and closes it when that is remedied.

Usage:
  gemba --cluster-id=NAME [flags]     run the manager
  gemba remove-finalizers [flags]     let remediations go without closing their tickets, for an uninstallation

Flags:
`

func parseFlags(arguments []string, out io.Writer) (*options, error) {
	o := &options{log: zap.Options{TimeEncoder: zapcore.RFC3339TimeEncoder}}
	flags := newFlagSet("gemba", usage, out)
	o.bindWork(flags)
	o.bindServing(flags)
	o.bindElection(flags)
	bindGoFlags(flags, config.RegisterFlags, o.log.BindFlags)
	if err := flags.Parse(arguments); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("%q is no command: see gemba --help", flags.Arg(0))
	}
	if o.showVersion {
		return o, nil
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	return o, nil
}

func newFlagSet(name, usage string, out io.Writer) *pflag.FlagSet {
	flags := pflag.NewFlagSet(name, pflag.ContinueOnError)
	flags.SetOutput(out)
	flags.SortFlags = false
	flags.Usage = func() {
		// Whoever closed the output does not read it.
		_, _ = fmt.Fprint(out, usage, flags.FlagUsagesWrapped(100))
	}
	return flags
}

// bindGoFlags adds the flags of controller-runtime, which are declared in the way of the standard library.
func bindGoFlags(flags *pflag.FlagSet, binders ...func(*flag.FlagSet)) {
	standard := flag.NewFlagSet("", flag.ContinueOnError)
	for _, bind := range binders {
		bind(standard)
	}
	flags.AddGoFlagSet(standard)
}

func (o *options) bindWork(flags *pflag.FlagSet) {
	flags.StringVar(&o.clusterID, "cluster-id", "",
		"name of this cluster, part of the key of every ticket; choose it once, and keep it when the cluster is rebuilt "+
			"(required)")
	flags.StringSliceVar(&o.watchNamespaces, "watch-namespaces", nil,
		"namespaces to watch, separated by commas; ticket systems and metric sources are seen in all namespaces (default all)")
	flags.DurationVar(&o.settle, "settle", 30*time.Second,
		"how long after a process or a KPI was first seen its findings open no ticket, so that it and its reviews may be "+
			"applied in any order")
	flags.IntVar(&o.workers, "max-concurrent-reconciles", 16, "how many processes, KPIs and reviews, of each so many, are judged at once")
	flags.StringSliceVar(&o.egress.AllowCIDRs, "egress-allow-cidr", nil,
		"loopback or private address ranges that ticket systems and metric sources may have, such as 10.20.0.0/16; may be given several times "+
			"(default public addresses only)")
	flags.BoolVar(&o.egress.AllowHTTP, "egress-allow-http", false, "let ticket systems and metric sources have http:// addresses")
	flags.BoolVar(&o.showVersion, "version", false, "print the version and end")
}

func (o *options) bindServing(flags *pflag.FlagSet) {
	flags.StringVar(&o.metricsAddress, "metrics-bind-address", ":8443", "address that serves /metrics; 0 serves none")
	flags.BoolVar(&o.metricsSecure, "metrics-secure", true,
		"serve metrics by HTTPS, to those alone whom the API server knows and who may get /metrics")
	flags.StringVar(&o.metricsCertDir, "metrics-cert-dir", "",
		"folder with tls.crt and tls.key for the metrics (default a self-signed certificate)")
	flags.StringVar(&o.probeAddress, "health-probe-bind-address", ":8081", "address that serves /healthz and /readyz; 0 serves none")
	flags.DurationVar(&o.shutdown, "graceful-shutdown-timeout", 25*time.Second,
		"how long work under way may take to end before the process does; at least a second less than the pod's grace period")
}

func (o *options) bindElection(flags *pflag.FlagSet) {
	flags.BoolVar(&o.elect, "leader-elect", true, "work only while holding the lease, so that one of several managers does")
	flags.StringVar(&o.leaseNamespace, "leader-election-namespace", "", "namespace of the lease (default the manager's own)")
	flags.DurationVar(&o.leaseDuration, "leader-election-lease-duration", 15*time.Second,
		"how long the others wait for a leader that does not renew its lease")
	flags.DurationVar(&o.renewDeadline, "leader-election-renew-deadline", 10*time.Second,
		"how long the leader tries to renew its lease before it gives up")
	flags.DurationVar(&o.retryPeriod, "leader-election-retry-period", 2*time.Second, "how often the lease is looked at")
}

var clusterIDPattern = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`)

// check says in a sentence what is wrong with the flags, before anything is started.
func (o *options) check() error {
	switch {
	case o.clusterID == "":
		return errors.New("--cluster-id is missing: give this cluster a name of its own, such as prod-eu-1; " +
			"two clusters with one name would close each other's tickets")
	case !clusterIDPattern.MatchString(o.clusterID):
		return fmt.Errorf("--cluster-id %q is no name: use lower-case letters, digits and hyphens, at most 63", o.clusterID)
	case o.settle < 0:
		return errors.New("--settle is negative: give a duration such as 30s, or 0")
	case o.workers < 1:
		return errors.New("--max-concurrent-reconciles must be at least 1")
	case o.shutdown <= 0:
		return errors.New("--graceful-shutdown-timeout must be longer than 0s")
	case slices.Contains(o.watchNamespaces, ""):
		return errors.New("--watch-namespaces holds an empty name: leave the flag out to watch all namespaces")
	}
	return nil
}
