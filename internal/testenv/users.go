package testenv

import (
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// UserConfig logs in as a user of that name in those groups. The user may do what RBAC grants, which is nothing at
// first.
func (e *Env) UserConfig(name string, groups ...string) (*rest.Config, error) {
	user, err := e.addUser(name, groups)
	if err != nil {
		return nil, err
	}
	config := user.Config()
	config.QPS = -1
	return config, nil
}

// UserClient is a live client that acts as a user of that name in those groups.
func (e *Env) UserClient(name string, groups ...string) (client.Client, error) {
	config, err := e.UserConfig(name, groups...)
	if err != nil {
		return nil, err
	}
	c, err := client.New(config, client.Options{Scheme: e.Scheme})
	if err != nil {
		return nil, fmt.Errorf("make a client for user %s: %w", name, err)
	}
	return c, nil
}

// WriteKubeconfig writes a kubeconfig into dir that logs in as a user of that name in those groups, and returns its
// path.
func (e *Env) WriteKubeconfig(dir, name string, groups ...string) (string, error) {
	user, err := e.addUser(name, groups)
	if err != nil {
		return "", err
	}
	contents, err := user.KubeConfig()
	if err != nil {
		return "", fmt.Errorf("render the kubeconfig of user %s: %w", name, err)
	}
	file, err := os.CreateTemp(dir, "*.kubeconfig")
	if err != nil {
		return "", fmt.Errorf("create a kubeconfig for user %s: %w", name, err)
	}
	path := filepath.Clean(file.Name())
	if err := file.Close(); err != nil {
		return "", fmt.Errorf("create %s: %w", path, err)
	}
	if err := os.WriteFile(path, contents, 0o600); err != nil {
		return "", fmt.Errorf("write the kubeconfig of user %s: %w", name, err)
	}
	return path, nil
}

func (e *Env) addUser(name string, groups []string) (*envtest.AuthenticatedUser, error) {
	user, err := e.environment.AddUser(envtest.User{Name: name, Groups: groups}, nil)
	if err != nil {
		return nil, fmt.Errorf("add user %s: %w", name, err)
	}
	return user, nil
}
