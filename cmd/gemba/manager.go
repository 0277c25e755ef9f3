package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/egress"
	"github.com/gemba-dev/gemba/internal/metrics"
)

// leaseName names the lease that managers compete for.
const leaseName = "gemba.governance.gemba.dev"

// reconciliationTimeout bounds one pass over one object; a message may take one of the two minutes.
const reconciliationTimeout = 2 * time.Minute

// runManager runs until the context ends, and then lets work under way finish.
func runManager(ctx context.Context, o *options) error {
	ctrl.SetLogger(zap.New(zap.UseFlagOptions(&o.log)))
	guard, err := egress.NewGuard(o.egress)
	if err != nil {
		return fmt.Errorf("read the flags about egress: %w", err)
	}
	restConfig, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("find the API server: %w", err)
	}
	// The API server protects itself by priority and fairness; a limit here would only make due times late.
	restConfig.QPS = -1

	realClock := clock.RealClock{}
	operations := metrics.NewOperations(versionName())
	reflectors := operations.WatchReflectors(realClock)
	managerOptions, err := o.managerOptions(reflectors)
	if err != nil {
		return err
	}
	mgr, err := ctrl.NewManager(restConfig, managerOptions)
	if err != nil {
		return fmt.Errorf("make the manager: %w", err)
	}
	parts := &parts{mgr: mgr, options: o, clock: realClock, guard: guard, operations: operations}
	if err := parts.setup(ctx); err != nil {
		return err
	}
	if err := addChecks(mgr, reflectors); err != nil {
		return err
	}
	ctrl.Log.Info("Starting", "version", versionName(), "clusterID", o.clusterID, "leaderElection", o.elect)
	if err := mgr.Start(ctx); err != nil {
		return fmt.Errorf("run the manager: %w", err)
	}
	return nil
}

func (o *options) managerOptions(reflectors *metrics.Reflectors) (ctrl.Options, error) {
	scheme, err := newScheme()
	if err != nil {
		return ctrl.Options{}, err
	}
	warm := true
	return ctrl.Options{
		Scheme:  scheme,
		Cache:   o.cacheOptions(reflectors),
		Client:  o.clientOptions(),
		Metrics: o.metricsOptions(),
		Controller: config.Controller{
			// Whoever takes over has seen everything already.
			EnableWarmup: &warm,
			// A read waits for the writes before it to come back; where a watch is broken that would be for ever.
			ReconciliationTimeout: reconciliationTimeout,
		},
		HealthProbeBindAddress:        o.probeAddress,
		LeaderElection:                o.elect,
		LeaderElectionID:              leaseName,
		LeaderElectionNamespace:       o.leaseNamespace,
		LeaderElectionReleaseOnCancel: true,
		LeaseDuration:                 &o.leaseDuration,
		RenewDeadline:                 &o.renewDeadline,
		RetryPeriod:                   &o.retryPeriod,
		GracefulShutdownTimeout:       &o.shutdown,
	}, nil
}

func (o *options) cacheOptions(reflectors *metrics.Reflectors) cache.Options {
	watched := make(map[string]cache.Config, len(o.watchNamespaces))
	for _, namespace := range o.watchNamespaces {
		watched[namespace] = cache.Config{}
	}
	return cache.Options{
		DefaultNamespaces: watched,
		ByObject: map[client.Object]cache.ByObject{
			// A policy is for all namespaces, and so is what its routes name: one that lies elsewhere is found all the same.
			// The empty map means every namespace; without it the default above would hold.
			&governancev1alpha1.TicketSystem{}: {Namespaces: map[string]cache.Config{}},
			// So are metric sources, which KPIs of other namespaces may ask.
			&governancev1alpha1.MetricSource{}: {Namespaces: map[string]cache.Config{}},
		},
		// Nobody here asks who wrote which field, and it is a fifth of each object.
		DefaultTransform:         cache.TransformStripManagedFields(),
		DefaultWatchErrorHandler: reflectors.Handle,
	}
}

func (o *options) clientOptions() client.Options {
	// A pass that follows on the heels of another would otherwise judge what that one has already changed, and learn it
	// from the conflict of its write. The cache keeps this promise for one scope only.
	readYourWrites := len(o.watchNamespaces) <= 1
	return client.Options{Cache: &client.CacheOptions{
		// Read by name when they are needed: a cache would hold every Secret of the cluster.
		DisableFor:                      []client.Object{&corev1.Secret{}, &corev1.ConfigMap{}},
		EnableReadYourWritesConsistency: &readYourWrites,
	}}
}

func (o *options) metricsOptions() metricsserver.Options {
	serving := metricsserver.Options{
		BindAddress:   o.metricsAddress,
		SecureServing: o.metricsSecure,
		CertDir:       o.metricsCertDir,
		// HTTP/2 gives one client too much to cancel (CVE-2023-44487), and a scrape gains nothing by it.
		TLSOpts: []func(*tls.Config){func(c *tls.Config) { c.NextProtos = []string{"http/1.1"} }},
	}
	if o.metricsSecure {
		serving.FilterProvider = filters.WithAuthenticationAndAuthorization
	}
	return serving
}

func newScheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, governancev1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, fmt.Errorf("build the scheme: %w", err)
		}
	}
	return scheme, nil
}
