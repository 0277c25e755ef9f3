package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// kubectl is the real one, with the kubeconfig of the demonstration and nothing of the user's environment.
type kubectl struct {
	program, kubeconfig string
}

// show prints the command and what it says, as somebody at a terminal would see it.
func (k kubectl) show(ctx context.Context, out io.Writer, arguments ...string) error {
	text, err := k.output(ctx, arguments...)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n$ kubectl %s\n%s", strings.Join(arguments, " "), text)
	return nil
}

// quiet runs a command for what it does.
func (k kubectl) quiet(ctx context.Context, arguments ...string) error {
	_, err := k.output(ctx, arguments...)
	return err
}

// output runs a command for what it prints.
func (k kubectl) output(ctx context.Context, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, k.program, arguments...)
	command.Env = []string{"KUBECONFIG=" + k.kubeconfig, "HOME=" + os.TempDir(), "PATH=" + os.Getenv("PATH")}
	var printed, complained bytes.Buffer
	command.Stdout, command.Stderr = &printed, &complained
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("kubectl %s: %w: %s", strings.Join(arguments, " "), err, strings.TrimSpace(complained.String()))
	}
	return printed.String(), nil
}
