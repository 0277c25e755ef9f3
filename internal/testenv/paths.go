package testenv

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const assetsVariable = "KUBEBUILDER_ASSETS"

// repositoryRoot is the nearest folder above the working directory that holds both go.mod and config/crd; tests run
// in the folder of their package.
func repositoryRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the repository: %w", err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if exists(filepath.Join(dir, "go.mod")) && exists(filepath.Join(dir, "config", "crd")) {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no go.mod with config/crd beside it above %s: run inside the repository", start)
		}
	}
}

// assetsDirectory is where the programs of the control plane are. What the user has set is never second-guessed.
func assetsDirectory(root string) (string, error) {
	if dir := os.Getenv(assetsVariable); dir != "" {
		return dir, nil
	}
	dir := filepath.Join(root, "bin", "k8s")
	if !exists(filepath.Join(dir, "kube-apiserver")) {
		return "", errors.New("no control plane in bin/k8s: run make controlplane, or set " + assetsVariable)
	}
	return dir, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// findProgram is the path of a program: what a variable of the environment names, else the one that make built into bin.
func findProgram(name, variable string) (string, error) {
	// What the user has set is never second-guessed.
	if program := os.Getenv(variable); program != "" {
		return program, nil
	}
	root, err := repositoryRoot()
	if err != nil {
		return "", err
	}
	built := strings.ToLower(name)
	program := filepath.Join(root, "bin", built, built)
	if !exists(program) {
		return "", fmt.Errorf("no %s in bin/%s: run make %s, or set %s", name, built, built, variable)
	}
	return program, nil
}
