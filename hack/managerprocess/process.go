// Package managerprocess runs the built manager as a process of this machine, under the token of its own
// ServiceAccount, so that it may do what config/rbac grants and no more.
package managerprocess

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

const (
	// readyTimeout bounds how long the manager may take to see everything.
	readyTimeout = time.Minute
	// stopTimeout bounds how long it may take to end once it was told to.
	stopTimeout = 30 * time.Second
)

// Options say how a manager is run.
type Options struct {
	// Program is the built manager.
	Program string
	// Kubeconfig is what WriteKubeconfig wrote.
	Kubeconfig string
	// Log is the file to which it logs; it is appended to.
	Log string
	// Arguments are flags beside those that say where the API server is and where it is probed.
	Arguments []string
}

// Process is a manager that runs.
type Process struct {
	command *exec.Cmd
	log     string
	probes  string
	ended   chan struct{}
}

// Start runs a manager. It returns at once; see AwaitReady.
func Start(ctx context.Context, options Options) (*Process, error) {
	probes, err := FreeAddress(ctx)
	if err != nil {
		return nil, err
	}
	p := &Process{log: options.Log, probes: probes, ended: make(chan struct{})}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of the manager: %w", err)
	}
	defer log.Close() //nolint:errcheck // the manager has a copy of its own
	arguments := append([]string{
		"--kubeconfig=" + options.Kubeconfig,
		"--leader-election-namespace=" + Namespace,
		"--health-probe-bind-address=" + probes,
	}, options.Arguments...)
	// It ends by a signal and not with a context: gracefully, or as hard as a test wants it.
	p.command = exec.Command(options.Program, arguments...) //nolint:noctx // see above
	p.command.Env = []string{}
	p.command.Stdout, p.command.Stderr = log, log
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", options.Program, err)
	}
	go func() {
		// How it ended is told by its log.
		_ = p.command.Wait()
		close(p.ended)
	}()
	return p, nil
}

// Log is the file to which it logs.
func (p *Process) Log() string { return p.log }

// AwaitReady waits until the manager says that it is ready.
func (p *Process) AwaitReady(ctx context.Context) error {
	err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, readyTimeout, true, func(ctx context.Context) (bool, error) {
		if err := p.Check(); err != nil {
			return false, err
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.probes+"/readyz", http.NoBody)
		if err != nil {
			return false, err
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			return response.StatusCode == http.StatusOK, response.Body.Close()
		}
		// It does not listen yet.
		return false, nil
	})
	if wait.Interrupted(err) {
		return fmt.Errorf("the manager does not get ready: %w\n%s", err, p.LastWords())
	}
	return err
}

// Check is an error where the manager has ended by itself.
func (p *Process) Check() error {
	select {
	case <-p.ended:
		return fmt.Errorf("the manager has ended:\n%s", p.LastWords())
	default:
		return nil
	}
}

// Stop ends the manager as Kubernetes does: it is told, and killed where it does not listen. It is safe on nil and on
// one that has ended.
func (p *Process) Stop() error {
	if p == nil {
		return nil
	}
	if err := p.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-p.ended:
		return nil
	case <-time.After(stopTimeout):
		return errors.Join(fmt.Errorf("the manager did not end within %s of being told to", stopTimeout), p.Kill())
	}
}

// Kill ends the manager at once, as a power cut would.
func (p *Process) Kill() error {
	if err := p.Signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-p.ended
	return nil
}

// Signal sends a signal; to a manager that has ended it is none.
func (p *Process) Signal(signal syscall.Signal) error {
	if err := p.command.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("send the manager %s: %w", signal, err)
	}
	return nil
}

// LastWords are the last lines that it has logged.
func (p *Process) LastWords() string {
	content, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	lines := bytes.Split(bytes.TrimSpace(content), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-15):], []byte("\n")))
}

// FreeAddress finds a port of this machine that is free. It lies below those that the kernel hands out, so that no
// connection or server that asks for any port takes it in the moment until it is used.
func FreeAddress(ctx context.Context) (string, error) {
	var failed error
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", lowestPort+rand.IntN(lowestEphemeral-lowestPort)) //nolint:gosec // no secret
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
		if err == nil {
			return address, listener.Close()
		}
		failed = err
	}
	return "", fmt.Errorf("find a free port: %w", failed)
}

// The ports that are chosen from: IANA's registered ones below the range that Linux takes for connections by default
// (net.ipv4.ip_local_port_range).
const (
	lowestPort      = 10000
	lowestEphemeral = 32768
)
