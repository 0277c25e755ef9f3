package managerprocess

import (
	"context"
	"fmt"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// The namespace and the ServiceAccount of config/rbac.
const (
	Namespace = "gemba-system"
	Account   = "gemba-manager"
)

// WriteKubeconfig writes a kubeconfig that holds a fresh token of the manager's ServiceAccount and nothing else. The
// configuration says where the API server is and whom to trust; kubectl is an administrator's.
func WriteKubeconfig(ctx context.Context, kubectl Kubectl, api *rest.Config, path string) error {
	token, err := kubectl.Output(ctx, "-n", Namespace, "create", "token", Account, "--duration=24h")
	if err != nil {
		return err
	}
	config := clientcmdapi.NewConfig()
	config.Clusters["cluster"] = &clientcmdapi.Cluster{Server: api.Host, CertificateAuthorityData: api.CAData}
	config.AuthInfos[Account] = &clientcmdapi.AuthInfo{Token: strings.TrimSpace(token)}
	config.Contexts["manager"] = &clientcmdapi.Context{Cluster: "cluster", AuthInfo: Account, Namespace: Namespace}
	config.CurrentContext = "manager"
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		return fmt.Errorf("write the kubeconfig of the manager: %w", err)
	}
	return nil
}
