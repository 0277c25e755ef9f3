package testenv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/transport"
)

const giteaVariable = "GITEA_BINARY"

const (
	giteaPollEvery = 50 * time.Millisecond
	// giteaAnswerTimeout bounds one look whether Gitea answers.
	giteaAnswerTimeout = 5 * time.Second
	// giteaStopTimeout bounds a graceful exit, which takes a fraction of a second on an idle machine.
	giteaStopTimeout = 30 * time.Second
)

// Gitea is a real Gitea with a SQLite database of its own, on a port of the loopback interface that it keeps over
// restarts. It sends no mail, asks no other host and lets nobody register. Start, Stop, Restart, Close and CreateUser are
// called one at a time; the API may be used from anywhere.
type Gitea struct {
	program  string
	dir      string
	settings giteaSettings
	address  string
	// settled says that Gitea has answered on address: from then on it stays.
	settled bool
	client  http.RoundTripper
	process *process
}

// FindGitea is the path of the Gitea program: what GITEA_BINARY names, else the one in bin/gitea of the repository
// (make gitea).
func FindGitea() (string, error) {
	return findProgram("Gitea", giteaVariable)
}

// StartGitea starts an empty Gitea and returns when its API answers. What was started is gone again when it returns an
// error. Gitea refuses to be root: where this process is root, Gitea runs as nobody, whom TMPDIR has to let through.
func StartGitea(ctx context.Context, opts ...GiteaOption) (*Gitea, error) {
	program, err := FindGitea()
	if err != nil {
		return nil, err
	}
	client, err := transport.New(&transport.Config{})
	if err != nil {
		return nil, fmt.Errorf("make a client for Gitea: %w", err)
	}
	dir, err := os.MkdirTemp("", "gemba-gitea-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for Gitea: %w", err)
	}
	g := &Gitea{program: program, dir: dir, settings: giteaSettingsFrom(opts), client: client}
	if err := g.install(); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	if err := g.Start(ctx); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	return g, nil
}

// Start brings a Gitea back that was stopped: on the same address, with the data it had. It returns when its API answers.
func (g *Gitea) Start(ctx context.Context) error {
	if g.process != nil {
		return errors.New("start Gitea: it is running")
	}
	var last error
	err := wait.PollUntilContextTimeout(ctx, giteaPollEvery, startTimeout, true,
		func(ctx context.Context) (bool, error) {
			ready, unready, fatal := g.comeUp(ctx)
			if unready != nil {
				last = unready
			}
			return ready, fatal
		})
	if err != nil {
		return errors.Join(fmt.Errorf("start Gitea %s: %w", g.program, errors.Join(err, last)), g.end(syscall.SIGKILL))
	}
	g.settled = true
	return nil
}

// comeUp does what is next to be done for Gitea to answer. unready says what keeps it, where that is known.
func (g *Gitea) comeUp(ctx context.Context) (ready bool, unready, fatal error) {
	if g.process == nil {
		unready, fatal = g.launch(ctx)
		return false, unready, fatal
	}
	// A port that was free a moment ago may be somebody else's by now. Gitea then goes on without one.
	if output := g.process.output.bytes(); bytes.Contains(output, []byte("address already in use")) {
		return false, fmt.Errorf("listen on %s: %s", g.address, tail(output, 1000)), g.end(syscall.SIGKILL)
	}
	if g.process.hasEnded() {
		ended := g.process
		g.process = nil
		return false, nil, ended.endedByItself()
	}
	// Whoever else has the port need not answer at all.
	ctx, cancel := context.WithTimeout(ctx, giteaAnswerTimeout)
	defer cancel()
	unready = g.Call(ctx, http.MethodGet, "/version", "", nil, nil)
	return unready == nil, unready, nil
}

// URL is where Gitea is reached, without a slash at the end. It stays the same over restarts.
func (g *Gitea) URL() string { return "http://" + g.address }

// Stop ends Gitea as an administrator would, and keeps its data for Start.
func (g *Gitea) Stop() error { return g.end(syscall.SIGTERM) }

// Restart stops Gitea and starts it again.
func (g *Gitea) Restart(ctx context.Context) error {
	if err := g.Stop(); err != nil {
		return err
	}
	return g.Start(ctx)
}

// Close ends Gitea where it runs and removes its data. It is safe on nil.
func (g *Gitea) Close() error {
	if g == nil {
		return nil
	}
	return errors.Join(g.end(syscall.SIGKILL), os.RemoveAll(g.dir))
}

func (g *Gitea) end(signal syscall.Signal) error {
	if g.process == nil {
		return nil
	}
	ending := g.process
	g.process = nil
	return ending.end(signal, giteaStopTimeout)
}
