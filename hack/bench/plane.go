package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/hack/managerprocess"
	"github.com/gemba-dev/gemba/internal/testenv"
)

// workers is how many requests to the API server are under way: what the manager has by default.
const workers = 16

// plane is a control plane with what config/ installs, and the manager that runs on it.
type plane struct {
	env     *testenv.Env
	kubectl managerprocess.Kubectl
	folder  string
	http    *http.Client
	watch   *watcher
	manager *manager
}

// manager is the built manager under its own ServiceAccount.
type manager struct {
	process *managerprocess.Process
	metrics string
}

// startPlane brings a control plane up and looks at it. It is to be stopped even where it came up only in part.
func startPlane(ctx context.Context, folder string) (*plane, error) {
	p := &plane{folder: folder}
	var err error
	if p.env, err = testenv.Start(ctx); err != nil {
		return p, err
	}
	kubeconfig, err := p.env.WriteKubeconfig(folder, "bench-admin", "system:masters")
	if err != nil {
		return p, err
	}
	p.kubectl = managerprocess.Kubectl{Program: p.env.KubectlPath, Kubeconfig: kubeconfig}
	for _, install := range [][]string{
		{"apply", "-f", filepath.Join("config", "manager", "namespace.yaml")},
		{"apply", "-k", filepath.Join("config", "rbac")},
	} {
		if err := p.kubectl.Run(ctx, install...); err != nil {
			return p, err
		}
	}
	if p.http, err = rest.HTTPClientFor(p.env.Config); err != nil {
		return p, fmt.Errorf("make a client for the API server: %w", err)
	}
	p.watch, err = startWatcher(ctx, p.env)
	return p, err
}

// stop ends everything.
func (p *plane) stop() error {
	return errors.Join(p.stopManager(), p.watch.stop(), p.env.Stop())
}

// startManager runs the manager and waits until it is ready.
func (p *plane) startManager(ctx context.Context) error {
	program, err := filepath.Abs(filepath.Join("bin", "gemba"))
	if err != nil {
		return fmt.Errorf("find the manager: %w", err)
	}
	if _, err := os.Stat(program); err != nil {
		return fmt.Errorf("find the manager: %w: run make build, and this in the root of the repository", err)
	}
	kubeconfig := filepath.Join(p.folder, "manager.kubeconfig")
	if err := managerprocess.WriteKubeconfig(ctx, p.kubectl, p.env.Config, kubeconfig); err != nil {
		return err
	}
	address, err := managerprocess.FreeAddress(ctx)
	if err != nil {
		return err
	}
	process, err := managerprocess.Start(ctx, managerprocess.Options{
		Program: program, Kubeconfig: kubeconfig, Log: filepath.Join(p.folder, "manager.log"),
		Arguments: []string{
			"--cluster-id=bench", "--leader-elect=false", "--egress-allow-http", "--egress-allow-cidr=127.0.0.0/8",
			"--metrics-bind-address=" + address, "--metrics-secure=false",
		},
	})
	if err != nil {
		return err
	}
	p.manager = &manager{process: process, metrics: "http://" + address + "/metrics"}
	return process.AwaitReady(ctx)
}

// stopManager ends the manager, if there is one.
func (p *plane) stopManager() error {
	if p.manager == nil {
		return nil
	}
	ending := p.manager
	p.manager = nil
	return ending.process.Stop()
}

// counts are the metrics of the API server and of the manager.
type counts struct{ api, manager counters }

func (p *plane) counts(ctx context.Context) (now counts, err error) {
	if now.api, err = p.apiCounts(ctx); err != nil {
		return now, err
	}
	if err := p.manager.process.Check(); err != nil {
		return now, err
	}
	now.manager, err = scrape(ctx, http.DefaultClient, p.manager.metrics)
	return now, err
}

func (p *plane) apiCounts(ctx context.Context) (counters, error) {
	return scrape(ctx, p.http, strings.TrimSuffix(p.env.Config.Host, "/")+"/metrics")
}

// create makes so many objects, several at once.
func (p *plane) create(ctx context.Context, count int, object func(i int) client.Object) error {
	return severalAtOnce(ctx, count, func(ctx context.Context, i int) error {
		return p.env.Client.Create(ctx, object(i))
	})
}

// severalAtOnce does something so many times, by as many workers as the manager has, until an error.
func severalAtOnce(ctx context.Context, count int, do func(ctx context.Context, i int) error) error {
	return someAtOnce(ctx, workers, count, do)
}

// someAtOnce does something so many times, by some workers, until an error.
func someAtOnce(ctx context.Context, workers, count int, do func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	numbers := make(chan int)
	var working sync.WaitGroup
	for range workers {
		working.Go(func() {
			for i := range numbers {
				if err := do(ctx, i); err != nil {
					cancel(fmt.Errorf("number %d: %w", i, err))
				}
			}
		})
	}
	for i := range count {
		select {
		case numbers <- i:
		case <-ctx.Done():
		}
	}
	close(numbers)
	working.Wait()
	return context.Cause(ctx)
}
