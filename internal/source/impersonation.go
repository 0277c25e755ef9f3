package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

const (
	// maxAccounts is how many clients are kept. Making one costs no connection: they share those of the manager.
	maxAccounts = 256
	// maxRead bounds what one question reads, in bytes.
	maxRead = 4 << 20
)

// errTooLong says that the API server sent more than maxRead.
var errTooLong = errors.New("the answer is too long")

// Kubernetes reads objects of the cluster as ServiceAccounts, so that a KPI sees what its ServiceAccount may see and never
// what Gemba may. It is safe for concurrent use.
type Kubernetes struct {
	config   *rest.Config
	mapper   meta.RESTMapper
	accounts client.Reader

	mu      sync.Mutex
	clients map[types.NamespacedName]dynamic.Interface
	// order holds the accounts as they came, the oldest first.
	order []types.NamespacedName
}

// NewKubernetes returns a reader that goes the way of config to the API server. The mapper knows the kinds of the cluster.
// Accounts reads ServiceAccounts, past any cache: whoever takes the annotation away wants it to count at once.
func NewKubernetes(config *rest.Config, mapper meta.RESTMapper, accounts client.Reader) *Kubernetes {
	return &Kubernetes{config: config, mapper: mapper, accounts: accounts, clients: map[types.NamespacedName]dynamic.Interface{}}
}

// refuses says why nothing is read as a ServiceAccount; nil where it has opted in. The words are the same whether it does
// not exist, or does not want it.
func (k *Kubernetes) refuses(ctx context.Context, account types.NamespacedName) *finding {
	found := &corev1.ServiceAccount{}
	err := k.accounts.Get(ctx, account, found)
	if err != nil && !apierrors.IsNotFound(err) {
		come := missing(v1alpha1.SampleNoAnswer, "the API server does not say who may read for KPIs", "It is asked again.")
		return &come
	}
	if err == nil && found.Annotations[v1alpha1.AnnotationKPIReader] == "true" {
		return nil
	}
	come := missing(v1alpha1.SampleForbidden, fmt.Sprintf("ServiceAccount %s does not read for KPIs", account.Name),
		fmt.Sprintf("Create it in the namespace of the KPI, with the annotation %s: \"true\".", v1alpha1.AnnotationKPIReader))
	return &come
}

// as returns a client that reads as a ServiceAccount. It is known by its user name alone: with constrained impersonation
// (KEP-5284) the API server adds the groups that every ServiceAccount has, and refuses requests that name groups.
func (k *Kubernetes) as(account types.NamespacedName) (dynamic.Interface, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if kept, found := k.clients[account]; found {
		return kept, nil
	}
	config := rest.CopyConfig(k.config)
	config.Impersonate = rest.ImpersonationConfig{UserName: "system:serviceaccount:" + account.Namespace + ":" + account.Name}
	// Lanes bound how often is asked, and warnings about old versions are for those who wrote the KPI, not for our log.
	config.QPS, config.RateLimiter = -1, nil
	config.WarningHandler, config.WarningHandlerWithContext = rest.NoWarnings{}, nil
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return &boundedRoundTripper{next: next} })
	made, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("making a client for ServiceAccount %s: %w", account, err)
	}
	if len(k.order) >= maxAccounts {
		delete(k.clients, k.order[0])
		k.order = slices.Delete(k.order, 0, 1)
	}
	k.clients[account] = made
	k.order = append(k.order, account)
	return made, nil
}

// boundedRoundTripper bounds replies of the API server: the objects of a list may be large, and the memory is shared by
// everybody.
type boundedRoundTripper struct{ next http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b *boundedRoundTripper) RoundTrip(request *http.Request) (*http.Response, error) {
	reply, err := b.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	reply.Body = &boundedBody{ReadCloser: reply.Body, left: maxRead}
	return reply, nil
}

// boundedBody fails past its bound.
type boundedBody struct {
	io.ReadCloser
	left int
}

// Read implements io.Reader.
func (b *boundedBody) Read(into []byte) (int, error) {
	if b.left < 0 {
		return 0, errTooLong
	}
	read, err := b.ReadCloser.Read(into)
	b.left -= read
	if b.left < 0 {
		return read + b.left, errTooLong
	}
	return read, err
}
