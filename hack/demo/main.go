// Command demo tells the story of Gemba on a cluster of its own: real kube-apiserver and etcd, the built manager under
// its own ServiceAccount, a small ticket desk. It ends with an error that says why where the story did not happen.
//
//	make demo
//
// With a terminal the cluster stays up until Ctrl-C; without one it is thrown away at the end.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"golang.org/x/term"
	ctrl "sigs.k8s.io/controller-runtime"
)

// limit is how long the whole story may take on a slow machine, before somebody looks at the result.
const limit = 10 * time.Minute

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "\ndemo: the story did not happen:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	folder := flag.String("folder", filepath.Join("bin", "demo"), "folder for the kubeconfig, the log of the manager and what is applied")
	configMaps := flag.Bool("configmaps", false, "read all numbers from ConfigMaps, although there may be a Prometheus")
	flag.Parse()
	ctrl.SetLogger(logr.Discard())
	root, err := repositoryRoot()
	if err != nil {
		return err
	}
	story := newStory(root, filepath.Join(root, *folder))
	story.configMaps = *configMaps
	defer func() { err = errors.Join(err, story.end()) }()
	telling, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := story.tell(telling); err != nil {
		return err
	}
	if term.IsTerminal(int(os.Stdin.Fd())) {
		story.stay(ctx)
	}
	return nil
}

// repositoryRoot is where the Makefile and config/ are; go run leaves the working directory as it was.
func repositoryRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the repository: %w", err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "config", "default", "kustomization.yaml")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no config/default above %s: run make demo inside the repository", start)
		}
	}
}
