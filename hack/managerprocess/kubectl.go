package managerprocess

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// Kubectl is the real one, with a kubeconfig of its own and nothing of the user's environment.
type Kubectl struct {
	Program, Kubeconfig string
}

// Run runs a command for what it does.
func (k Kubectl) Run(ctx context.Context, arguments ...string) error {
	_, err := k.Output(ctx, arguments...)
	return err
}

// Output runs a command for what it prints.
func (k Kubectl) Output(ctx context.Context, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, k.Program, arguments...)
	command.Env = []string{"KUBECONFIG=" + k.Kubeconfig, "HOME=" + os.TempDir(), "PATH=" + os.Getenv("PATH")}
	var printed, complained bytes.Buffer
	command.Stdout, command.Stderr = &printed, &complained
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("kubectl %s: %w: %s", strings.Join(arguments, " "), err, strings.TrimSpace(complained.String()))
	}
	return printed.String(), nil
}
