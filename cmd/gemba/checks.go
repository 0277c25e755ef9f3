package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/healthz"

	"github.com/gemba-dev/gemba/internal/metrics"
)

// addChecks serves /healthz and /readyz. A manager that waits to lead is ready as soon as it has seen everything.
func addChecks(mgr ctrl.Manager, reflectors *metrics.Reflectors) error {
	if err := mgr.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return fmt.Errorf("add the health check: %w", err)
	}
	ready := map[string]healthz.Checker{
		"caches":     cachesAreFilled(mgr.GetCache()),
		"reflectors": reflectors.Check,
	}
	for name, check := range ready {
		if err := mgr.AddReadyzCheck(name, check); err != nil {
			return fmt.Errorf("add the readiness check %s: %w", name, err)
		}
	}
	return nil
}

// cachesAreFilled looks whether every kind that is watched was listed once.
func cachesAreFilled(informers cache.Informers) healthz.Checker {
	return func(request *http.Request) error {
		ctx, cancel := context.WithTimeout(request.Context(), 100*time.Millisecond)
		defer cancel()
		if !informers.WaitForCacheSync(ctx) {
			return errors.New("not every kind was listed yet")
		}
		return nil
	}
}
