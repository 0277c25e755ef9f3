package controllers

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/egress"
	"github.com/gemba-dev/gemba/internal/status"
	"github.com/gemba-dev/gemba/internal/ticket"
)

// Endpoints turns TicketSystems into something that can be sent to. It is shared by the reconcilers that send and the
// one that says whether a TicketSystem is ready, and safe for concurrent use.
type Endpoints struct {
	// Secrets reads Secrets by name, past any cache.
	Secrets client.Reader
	// Guard says where requests may go.
	Guard *egress.Guard
	// Clock says when a TicketSystem whose configuration made a try fail is tried again. Where it is nil, at once.
	Clock clock.PassiveClock

	mu    sync.Mutex
	known map[types.NamespacedName]knownEndpoint
}

// knownEndpoint is kept so that connections are used again.
type knownEndpoint struct {
	version  string
	endpoint *endpoint
}

// notReadyError says why a TicketSystem cannot be sent to, until somebody changes something.
type notReadyError struct{ readiness status.Readiness }

// Error is the sentence of the readiness.
func (e *notReadyError) Error() string { return e.readiness.Message }

// asNotReady takes the readiness out of an error; ok is false for errors that may pass by themselves.
func asNotReady(err error) (readiness status.Readiness, ok bool) {
	var notReady *notReadyError
	if errors.As(err, &notReady) {
		return notReady.readiness, true
	}
	return status.Readiness{}, false
}

// prepare gives what to send to a TicketSystem with. A *notReadyError says what somebody must change. What only a try can
// find out, such as an address that is not allowed, is tried anew after recheckSecrets.
func (e *Endpoints) prepare(ctx context.Context, system *v1alpha1.TicketSystem) (*endpoint, error) {
	prepared, err := e.check(ctx, system)
	if err != nil {
		return nil, err
	}
	at, found := prepared.trouble.last()
	if found != nil && e.Clock != nil && e.Clock.Since(at) < recheckSecrets {
		return nil, found
	}
	return prepared, nil
}

// judge says why a TicketSystem cannot be sent to, what the last try found included; nil where it can.
func (e *Endpoints) judge(ctx context.Context, system *v1alpha1.TicketSystem) error {
	prepared, err := e.check(ctx, system)
	if err != nil {
		return err
	}
	_, found := prepared.trouble.last()
	return found
}

// check reads the Secrets of a TicketSystem and checks all that it says.
func (e *Endpoints) check(ctx context.Context, system *v1alpha1.TicketSystem) (*endpoint, error) {
	backend, known := ticket.BackendFor(system.Spec.Type)
	if !known {
		return nil, &notReadyError{status.Invalid(fmt.Sprintf("The type %s is not known: choose Webhook.", system.Spec.Type))}
	}
	options, secrets, err := egressOptions(ctx, e.Secrets, e.Guard, system.Namespace, &system.Spec.Endpoint)
	if err != nil {
		return nil, err
	}
	keys, err := signingKeys(ctx, secrets, backend.SigningSecrets(system.Spec))
	if err != nil {
		return nil, err
	}
	return e.keep(system, secrets.version(), func() (*endpoint, error) {
		options.Secrets = append(options.Secrets, keys...)
		return newEndpoint(e.Guard, system, backend, options, keys)
	})
}

// keep gives the endpoint of an earlier call where nothing has changed since.
func (e *Endpoints) keep(system *v1alpha1.TicketSystem, secrets string, build func() (*endpoint, error),
) (*endpoint, error) {
	key := client.ObjectKeyFromObject(system)
	version := fmt.Sprintf("%s/%d/%s", system.UID, system.Generation, secrets)
	e.mu.Lock()
	defer e.mu.Unlock()
	if kept, found := e.known[key]; found && kept.version == version {
		return kept.endpoint, nil
	}
	built, err := build()
	if err != nil {
		return nil, err
	}
	e.drop(key)
	if e.known == nil {
		e.known = map[types.NamespacedName]knownEndpoint{}
	}
	e.known[key] = knownEndpoint{version: version, endpoint: built}
	return built, nil
}

// Forget drops what is kept for a TicketSystem that is gone.
func (e *Endpoints) Forget(system types.NamespacedName) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.drop(system)
}

func (e *Endpoints) drop(system types.NamespacedName) {
	if kept, found := e.known[system]; found {
		kept.endpoint.client.Close()
		delete(e.known, system)
	}
}

// endpoint is a TicketSystem that can be sent to.
type endpoint struct {
	client      *egress.Client
	backend     ticket.Backend
	url         string
	signingKeys []string
	trouble     trouble
}

func newEndpoint(guard *egress.Guard, system *v1alpha1.TicketSystem, backend ticket.Backend, options egress.Options,
	keys []string,
) (*endpoint, error) {
	sender, err := egress.NewClient(guard, options)
	if err != nil {
		return nil, invalid("The endpoint cannot be used", err)
	}
	return &endpoint{client: sender, backend: backend, url: string(system.Spec.URL), signingKeys: keys}, nil
}

// invalid is what only an edit cures.
func invalid(what string, err error) error {
	return &notReadyError{status.Invalid(sentence(what, err))}
}

// sentence makes one of an error of package egress, which holds no secret.
func sentence(what string, err error) string {
	return what + ": " + strings.TrimRight(err.Error(), ".") + "."
}
