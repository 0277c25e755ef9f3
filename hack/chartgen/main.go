// Command chartgen writes those templates of the Helm chart that say the same as config/, so that both ways of
// installing give the same rights, policies and schemas.
//
//	go run ./hack/chartgen bin/tools/kustomize/kustomize config charts/gemba
//
// It owns templates/generated of the chart and replaces that folder whole.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// overlays are the folders of config/ that the chart brings, each of them behind a value or always.
var overlays = []string{"default", "cadences", "prometheus"}

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "chartgen:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 3 {
		return errors.New("name kustomize, the folder config and the folder of the chart, and nothing else")
	}
	var manifests []byte
	for _, overlay := range overlays {
		built, err := build(ctx, args[0], filepath.Join(args[1], overlay))
		if err != nil {
			return err
		}
		manifests = slices.Concat(manifests, []byte("---\n"), built)
	}
	templates, err := generate(manifests)
	if err != nil {
		return err
	}
	return write(filepath.Join(args[2], "templates", "generated"), templates)
}

func build(ctx context.Context, kustomize, folder string) ([]byte, error) {
	var stderr bytes.Buffer
	command := exec.CommandContext(ctx, kustomize, "build", folder)
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("build %s: %w: %s", folder, err, stderr.Bytes())
	}
	return out, nil
}

// write replaces the folder, so that what config/ no longer holds leaves the chart too.
func write(folder string, templates map[string]string) error {
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("remove the old templates: %w", err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("make the folder of the templates: %w", err)
	}
	for name, text := range templates {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			return fmt.Errorf("write a template: %w", err)
		}
	}
	return nil
}
