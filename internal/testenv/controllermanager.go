package testenv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// controllerManager is a running kube-controller-manager.
type controllerManager struct {
	command *exec.Cmd
	dir     string
	output  bytes.Buffer
}

// startControllerManager runs the controllers that tests need, each under its own ServiceAccount and with the rights
// that Kubernetes itself grants it: as an administrator they would have the verb purge, and prove nothing.
func (e *Env) startControllerManager(ctx context.Context, program string) (*controllerManager, error) {
	dir, err := os.MkdirTemp("", "gemba-controller-manager-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for kube-controller-manager: %w", err)
	}
	kubeconfig, err := e.WriteKubeconfig(dir, "system:kube-controller-manager")
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	manager := &controllerManager{dir: dir}
	// The context of Start may end with the set-up of a suite; the process lives until stop.
	manager.command = exec.CommandContext(context.WithoutCancel(ctx), program,
		"--kubeconfig="+kubeconfig,
		"--authentication-kubeconfig="+kubeconfig,
		"--authorization-kubeconfig="+kubeconfig,
		"--controllers=namespace-controller,garbage-collector-controller",
		"--use-service-account-credentials=true",
		"--leader-elect=false",
		"--secure-port=0",
		"--kube-api-qps=200",
		"--kube-api-burst=400",
	)
	manager.command.Stdout = &manager.output
	manager.command.Stderr = &manager.output
	if err := manager.command.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: %w", program, err), os.RemoveAll(dir))
	}
	return manager, nil
}

// stop kills the process, which keeps no state. One that had ended by itself is an error, told with its last words.
func (m *controllerManager) stop() error {
	defer os.RemoveAll(m.dir) //nolint:errcheck // a folder left behind in the temporary directory harms nobody
	killed := m.command.Process.Kill()
	err := m.command.Wait()
	if errors.Is(killed, os.ErrProcessDone) || m.command.ProcessState.Exited() {
		return fmt.Errorf("kube-controller-manager ended by itself: %w: %s", err, tail(m.output.Bytes(), 1000))
	}
	return nil
}

func tail(text []byte, size int) []byte {
	if len(text) <= size {
		return text
	}
	return text[len(text)-size:]
}
