package controllers

import (
	"context"
	"errors"
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
	language, fields, err := languageOf(system)
	if err != nil {
		return nil, invalid("The ticket system cannot be spoken to", err)
	}
	options, secrets, err := egressOptions(ctx, e.Secrets, e.Guard, system.Namespace, &system.Spec.Endpoint)
	if err != nil {
		return nil, err
	}
	keys, err := signingKeys(ctx, secrets, signingSecretsOf(system))
	if err != nil {
		return nil, err
	}
	filled, err := secretFields(ctx, secrets, fields)
	if err != nil {
		return nil, err
	}
	// As many connections are kept as are used at once.
	options.Connections = limitsOfSystem(system).concurrent
	return e.keep(system, secrets.version(), func() (*endpoint, error) {
		options.Secrets = append(options.Secrets, keys...)
		for _, value := range filled {
			options.Secrets = append(options.Secrets, value)
		}
		return newEndpoint(e.Guard, options, &endpoint{
			language: language, url: string(system.Spec.URL), signingKeys: keys, secretFields: filled,
		})
	})
}

// languageOf says how a TicketSystem is spoken to, and where the secret fields of its bodies come from.
func languageOf(system *v1alpha1.TicketSystem) (ticket.Language, []v1alpha1.SecretField, error) {
	language, err := ticket.LanguageOf(&system.Spec)
	if err != nil {
		return ticket.Language{}, nil, err
	}
	for _, declared := range language.Headers() {
		if err := egress.CheckHeader(declared.Name, declared.Value); err != nil {
			return ticket.Language{}, nil, err
		}
	}
	fields, err := language.SecretFieldsOf(&system.Spec)
	return language, fields, err
}

// keep gives the endpoint of an earlier call where nothing has changed since.
func (e *Endpoints) keep(system *v1alpha1.TicketSystem, secrets string, build func() (*endpoint, error),
) (*endpoint, error) {
	key := client.ObjectKeyFromObject(system)
	version := versionOfSpec(system) + "/" + secrets
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
	language    ticket.Language
	url         string
	signingKeys []string
	// secretFields fill the top of each body when it leaves.
	secretFields map[string]string
	// trouble is the same for all visits.
	trouble *trouble
	// visit is told of each request; nil where nobody is.
	visit *visit
}

// during is the endpoint for the requests of a visit.
func (e *endpoint) during(v *visit) *endpoint {
	visited := *e
	visited.visit = v
	return &visited
}

func newEndpoint(guard *egress.Guard, options egress.Options, prepared *endpoint) (*endpoint, error) {
	sender, err := egress.NewClient(guard, options)
	if err != nil {
		return nil, invalid("The endpoint cannot be used", err)
	}
	prepared.client, prepared.trouble = sender, &trouble{}
	return prepared, nil
}

// signingSecretsOf lists the keys that messages to a TicketSystem are signed with, the newest first.
func signingSecretsOf(system *v1alpha1.TicketSystem) []v1alpha1.SecretKeyReference {
	if system.Spec.Webhook == nil {
		return nil
	}
	return system.Spec.Webhook.SigningSecrets
}

// invalid is what only an edit cures.
func invalid(what string, err error) error {
	return &notReadyError{status.Invalid(sentence(what, err))}
}

// sentence makes one of an error of package egress, which holds no secret.
func sentence(what string, err error) string {
	return what + ": " + strings.TrimRight(err.Error(), ".") + "."
}
