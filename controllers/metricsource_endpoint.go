package controllers

import (
	"context"
	"fmt"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/egress"
)

// MetricSources turns MetricSources into something that can be asked. It is shared by the reconcilers that ask and the
// one that says whether a MetricSource is ready, and safe for concurrent use.
type MetricSources struct {
	// Secrets reads Secrets by name, past any cache.
	Secrets client.Reader
	// Guard says where requests may go.
	Guard *egress.Guard

	mu      sync.Mutex
	known   map[types.NamespacedName]knownSource
	changes chan event.TypedGenericEvent[*v1alpha1.MetricSource]
}

// NewMetricSources makes an empty one.
func NewMetricSources(secrets client.Reader, guard *egress.Guard) *MetricSources {
	return &MetricSources{
		Secrets: secrets, Guard: guard, known: map[types.NamespacedName]knownSource{},
		changes: make(chan event.TypedGenericEvent[*v1alpha1.MetricSource], 256),
	}
}

// knownSource is kept so that connections and tokens are used again, and Secrets are not read for each value.
type knownSource struct {
	// spec names the object and its generation, secrets the versions of what was read for it.
	spec, secrets string
	client        *egress.Client
	// err is a *notReadyError where the source cannot be asked.
	err error
	// told is true where whoever asks knows of it.
	told bool
}

// Client gives what to ask a MetricSource with; what is known of this generation of it is used. A *notReadyError says
// what somebody must change.
func (m *MetricSources) Client(ctx context.Context, source *v1alpha1.MetricSource) (*egress.Client, error) {
	m.mu.Lock()
	kept, found := m.known[client.ObjectKeyFromObject(source)]
	m.mu.Unlock()
	if !found || kept.spec != specVersion(source) {
		var err error
		if kept, err = m.load(ctx, source); err != nil {
			return nil, err
		}
	}
	return kept.client, kept.err
}

// Refresh reads the Secrets of a MetricSource again, and has its KPIs judged where something changed.
func (m *MetricSources) Refresh(ctx context.Context, source *v1alpha1.MetricSource) error {
	kept, err := m.load(ctx, source)
	if err != nil {
		return err
	}
	if !kept.told {
		m.tell(source)
	}
	return kept.err
}

// load looks at a MetricSource and keeps what it found, or what was kept where nothing has changed. Errors may pass by
// themselves.
func (m *MetricSources) load(ctx context.Context, source *v1alpha1.MetricSource) (knownSource, error) {
	options, secrets, err := egressOptions(ctx, m.Secrets, m.Guard, source.Namespace, &source.Spec.Endpoint)
	if _, notReady := asNotReady(err); err != nil && !notReady {
		return knownSource{}, err
	}
	found := knownSource{spec: specVersion(source), err: err}
	if err == nil {
		found.secrets = secrets.version()
	}
	options.Connections = int(source.Spec.RateLimit.Concurrent)
	return m.keep(client.ObjectKeyFromObject(source), found, options), nil
}

// keep keeps what was found, with what to ask it by where that is possible.
func (m *MetricSources) keep(key types.NamespacedName, found knownSource, options egress.Options) knownSource {
	m.mu.Lock()
	defer m.mu.Unlock()
	before, known := m.known[key]
	if known && before.isStill(found) {
		return before
	}
	if found.err == nil {
		made, err := egress.NewClient(m.Guard, options)
		if err != nil {
			err = invalid("The endpoint cannot be used", err)
		}
		found.client, found.err = made, err
	}
	// Whoever asks for the first time is answered, and needs not be told.
	found.told = !known || (before.told && sameTrouble(before, found))
	if before.client != nil {
		before.client.Close()
	}
	m.known[key] = found
	return found
}

// isStill tells whether what was found can be asked as before.
func (k knownSource) isStill(found knownSource) bool {
	return k.err == nil && found.err == nil && k.spec == found.spec && k.secrets == found.secrets
}

// sameTrouble tells whether nothing can be asked, before as after, for the same reason.
func sameTrouble(before, after knownSource) bool {
	return before.err != nil && after.err != nil && before.err.Error() == after.err.Error()
}

// tell has the KPIs of a MetricSource judged. Where too much is waiting it is tried again with the next look.
func (m *MetricSources) tell(source *v1alpha1.MetricSource) {
	select {
	case m.changes <- event.TypedGenericEvent[*v1alpha1.MetricSource]{Object: source}:
	default:
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	key := client.ObjectKeyFromObject(source)
	if kept, found := m.known[key]; found {
		kept.told = true
		m.known[key] = kept
	}
}

// Forget drops what is kept for a MetricSource that is gone.
func (m *MetricSources) Forget(key types.NamespacedName) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if kept, found := m.known[key]; found {
		if kept.client != nil {
			kept.client.Close()
		}
		delete(m.known, key)
	}
}

func specVersion(source *v1alpha1.MetricSource) string {
	return fmt.Sprintf("%s/%d", source.UID, source.Generation)
}
