package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/testenv"
)

const (
	lookEvery = 500 * time.Millisecond
	// patience is how long something may take to happen on a slow machine.
	patience = 15 * time.Minute
)

// watcher sees what becomes of KPIs and processes, without asking the API server again and again.
type watcher struct {
	reader cache.Cache
	end    context.CancelFunc
	ended  chan error

	mu              sync.Mutex
	kpis, processes changes
}

// changes are when the first and the last of several changes were seen.
type changes struct{ first, last time.Time }

func (c *changes) note(now time.Time) {
	if c.first.IsZero() {
		c.first = now
	}
	c.last = now
}

func startWatcher(ctx context.Context, env *testenv.Env) (*watcher, error) {
	reader, err := cache.New(env.Config, cache.Options{Scheme: env.Scheme, DefaultTransform: cache.TransformStripManagedFields()})
	if err != nil {
		return nil, fmt.Errorf("make a cache: %w", err)
	}
	w := &watcher{reader: reader, ended: make(chan error, 1)}
	for object, seen := range map[client.Object]*changes{
		&governancev1alpha1.KPI{}: &w.kpis, &governancev1alpha1.Process{}: &w.processes,
	} {
		informer, err := reader.GetInformer(ctx, object, cache.BlockUntilSynced(false))
		if err != nil {
			return nil, fmt.Errorf("watch %T: %w", object, err)
		}
		noting := toolscache.ResourceEventHandlerFuncs{UpdateFunc: func(_, _ any) { w.note(seen) }}
		if _, err := informer.AddEventHandler(noting); err != nil {
			return nil, fmt.Errorf("watch %T: %w", object, err)
		}
	}
	var running context.Context
	running, w.end = context.WithCancel(context.WithoutCancel(ctx))
	go func() { w.ended <- reader.Start(running) }()
	if !reader.WaitForCacheSync(ctx) {
		return w, errors.New("the cache does not see what there is")
	}
	return w, nil
}

// stop ends it. It is safe on nil.
func (w *watcher) stop() error {
	if w == nil {
		return nil
	}
	w.end()
	return <-w.ended
}

func (w *watcher) note(seen *changes) {
	w.mu.Lock()
	defer w.mu.Unlock()
	seen.note(time.Now())
}

// forget begins to note changes anew.
func (w *watcher) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.kpis, w.processes = changes{}, changes{}
}

// seen gives which changes were noted.
func (w *watcher) seen() (kpis, processes changes) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.kpis, w.processes
}

// awaitKPIs waits until so many KPIs are as they should be.
func (w *watcher) awaitKPIs(ctx context.Context, what string, count int, is func(*governancev1alpha1.KPI) bool) error {
	return await(ctx, what, count, func() (found int, err error) {
		kpis, err := w.listKPIs(ctx)
		for i := range kpis {
			if is(&kpis[i]) {
				found++
			}
		}
		return found, err
	})
}

// awaitProcesses waits until so many processes are as they should be.
func (w *watcher) awaitProcesses(
	ctx context.Context, what string, count int, is func(*governancev1alpha1.Process) bool,
) error {
	return await(ctx, what, count, func() (found int, err error) {
		var list governancev1alpha1.ProcessList
		err = w.reader.List(ctx, &list, client.UnsafeDisableDeepCopy)
		for i := range list.Items {
			if is(&list.Items[i]) {
				found++
			}
		}
		return found, err
	})
}

// listKPIs gives the KPIs as they are seen now; they are not to be changed.
func (w *watcher) listKPIs(ctx context.Context) ([]governancev1alpha1.KPI, error) {
	var list governancev1alpha1.KPIList
	err := w.reader.List(ctx, &list, client.UnsafeDisableDeepCopy)
	return list.Items, err
}

// awaitQuiet waits until no process has changed for a time.
func (w *watcher) awaitQuiet(ctx context.Context, quiet time.Duration) error {
	for {
		_, processes := w.seen()
		wait := quiet - time.Since(processes.last)
		if wait <= 0 {
			return nil
		}
		if err := pass(ctx, wait); err != nil {
			return err
		}
	}
}

// await waits until so many are found.
func await(ctx context.Context, what string, count int, find func() (int, error)) error {
	found := 0
	err := wait.PollUntilContextTimeout(ctx, lookEvery, patience, true, func(context.Context) (done bool, err error) {
		found, err = find()
		return found >= count, err
	})
	if err != nil {
		return fmt.Errorf("%s: %d of %d: %w", what, found, count, err)
	}
	return nil
}
