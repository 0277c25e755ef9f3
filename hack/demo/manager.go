package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// managerNamespace and managerAccount are those of config/rbac.
const (
	managerNamespace = "gemba-system"
	managerAccount   = "gemba-manager"
)

// manager is the built program, running.
type manager struct {
	command *exec.Cmd
	log     string
	ended   chan struct{}
}

// startManager runs bin/gemba with the token of its own ServiceAccount and nothing else, so that it may do what
// config/rbac grants and no more, and waits until it is ready.
func startManager(ctx context.Context, c *cluster, program, folder string) (*manager, error) {
	kubeconfig, err := writeManagerKubeconfig(ctx, c, folder)
	if err != nil {
		return nil, err
	}
	probes, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	m := &manager{log: filepath.Join(folder, "manager.log"), ended: make(chan struct{})}
	log, err := os.OpenFile(m.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of the manager: %w", err)
	}
	defer log.Close() //nolint:errcheck // the manager has its own copy
	// No context: it ends by a signal, gracefully.
	m.command = exec.Command(program,
		"--kubeconfig="+kubeconfig,
		"--cluster-id=hearthlight-demo",
		"--leader-elect",
		"--leader-election-namespace="+managerNamespace,
		"--health-probe-bind-address="+probes,
		"--metrics-bind-address=127.0.0.1:0",
		"--settle=5s",
		// The desk is on this machine and speaks plain HTTP; a real one does neither.
		"--egress-allow-http",
		"--egress-allow-cidr=127.0.0.0/8",
	)
	m.command.Env = []string{}
	m.command.Stdout, m.command.Stderr = log, log
	if err := m.command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	go func() {
		// How it ended is told by its log.
		_ = m.command.Wait()
		close(m.ended)
	}()
	return m, m.awaitReady(ctx, probes)
}

func (m *manager) awaitReady(ctx context.Context, probes string) error {
	err := wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, time.Minute, true, func(ctx context.Context) (bool, error) {
		if err := m.check(); err != nil {
			return false, err
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+probes+"/readyz", http.NoBody)
		if err != nil {
			return false, err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			// It does not listen yet.
			return false, nil
		}
		return response.StatusCode == http.StatusOK, response.Body.Close()
	})
	if err != nil {
		return fmt.Errorf("wait until the manager is ready: %w\n%s", err, m.lastWords())
	}
	return nil
}

// check is an error where the manager has ended by itself.
func (m *manager) check() error {
	select {
	case <-m.ended:
		return fmt.Errorf("the manager has ended:\n%s", m.lastWords())
	default:
		return nil
	}
}

func (m *manager) lastWords() string {
	content, err := os.ReadFile(m.log)
	if err != nil {
		return err.Error()
	}
	lines := bytes.Split(bytes.TrimSpace(content), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-15):], []byte("\n")))
}

// stop ends the manager as Kubernetes does: it is told, and killed where it does not listen. It is safe on nil.
func (m *manager) stop() error {
	if m == nil {
		return nil
	}
	if err := m.command.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop the manager: %w", err)
	}
	select {
	case <-m.ended:
		return nil
	case <-time.After(30 * time.Second):
		// The error of a process that is gone by now says nothing.
		_ = m.command.Process.Kill()
		<-m.ended
		return errors.New("the manager did not end within 30 s of being told to")
	}
}

// writeManagerKubeconfig writes a kubeconfig that holds a token of the manager's ServiceAccount.
func writeManagerKubeconfig(ctx context.Context, c *cluster, folder string) (string, error) {
	token, err := c.kubectl.output(ctx, "-n", managerNamespace, "create", "token", managerAccount, "--duration=24h")
	if err != nil {
		return "", err
	}
	config := clientcmdapi.NewConfig()
	config.Clusters["demo"] = &clientcmdapi.Cluster{
		Server:                   c.environment.Config.Host,
		CertificateAuthorityData: c.environment.Config.CAData,
	}
	config.AuthInfos[managerAccount] = &clientcmdapi.AuthInfo{Token: strings.TrimSpace(token)}
	config.Contexts["demo"] = &clientcmdapi.Context{Cluster: "demo", AuthInfo: managerAccount, Namespace: managerNamespace}
	config.CurrentContext = "demo"
	path := filepath.Join(folder, "manager.kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		return "", fmt.Errorf("write the kubeconfig of the manager: %w", err)
	}
	return path, nil
}

// freeAddress finds a port that is free now; nobody else here takes one in the moment until it is used.
func freeAddress(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return listener.Addr().String(), listener.Close()
}
