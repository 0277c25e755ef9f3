package controllers

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
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

// prepare reads the Secrets of a TicketSystem, checks all that it says, and gives what to send with. A *notReadyError says
// what somebody must change.
func (e *Endpoints) prepare(ctx context.Context, system *v1alpha1.TicketSystem) (*endpoint, error) {
	backend, known := ticket.BackendFor(system.Spec.Type)
	if !known {
		return nil, &notReadyError{status.Invalid(fmt.Sprintf("The type %s is not known: choose Webhook.", system.Spec.Type))}
	}
	if _, err := e.Guard.CheckURL(string(system.Spec.URL)); err != nil {
		return nil, invalid("spec.url cannot be used", err)
	}
	secrets := newSecretReader(e.Secrets, system)
	auth, err := authOf(ctx, secrets, system.Spec.Auth)
	if err != nil {
		return nil, err
	}
	keys, err := signingKeys(ctx, secrets, backend.SigningSecrets(system.Spec))
	if err != nil {
		return nil, err
	}
	return e.keep(system, secrets.version(), func() (*endpoint, error) {
		return newEndpoint(e.Guard, system, backend, auth, keys)
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
}

func newEndpoint(guard *egress.Guard, system *v1alpha1.TicketSystem, backend ticket.Backend, auth egress.Auth,
	keys []string,
) (*endpoint, error) {
	options := egress.Options{
		Timeout:  timeoutOf(system),
		ProxyURL: string(system.Spec.Proxy),
		Auth:     auth,
		Secrets:  keys,
	}
	if system.Spec.TLS != nil {
		options.CABundle = []byte(system.Spec.TLS.CABundle)
	}
	sender, err := egress.NewClient(guard, options)
	if err != nil {
		return nil, invalid("The endpoint cannot be used", err)
	}
	return &endpoint{client: sender, backend: backend, url: string(system.Spec.URL), signingKeys: keys}, nil
}

// timeoutOf is the deadline of one request; the schema bounds what is declared.
func timeoutOf(system *v1alpha1.TicketSystem) time.Duration {
	declared, err := time.ParseDuration(string(system.Spec.Timeout))
	if err != nil || declared <= 0 {
		return egress.DefaultTimeout
	}
	return min(declared, egress.MaxTimeout)
}

// send makes one try of a message. Timestamp and signature belong to the try; everything else is as it was written down.
func (e *endpoint) send(ctx context.Context, delivery *v1alpha1.Delivery, now time.Time) ticket.Outcome {
	body := []byte(delivery.Body)
	header := map[string]string{
		"Content-Type":                e.backend.ContentType,
		"Idempotency-Key":             delivery.MessageKey,
		egress.HeaderWebhookID:        delivery.MessageKey,
		egress.HeaderWebhookTimestamp: fmt.Sprint(now.Unix()),
	}
	if len(e.signingKeys) > 0 {
		signature, err := egress.Sign(e.signingKeys, delivery.MessageKey, now, body)
		if err != nil {
			return ticket.Outcome{Fate: ticket.FateNotReceived, Message: sentence("The message could not be signed", err)}
		}
		header[egress.HeaderWebhookSignature] = signature
	}
	response, err := e.client.Do(ctx, egress.Request{
		Method: delivery.Method, URL: e.url + delivery.Path, Header: header, Body: body,
	})
	if err != nil {
		return ticket.Outcome{Fate: fateOf(err), Message: sentence("No answer came", err)}
	}
	outcome := ticket.Classify(ticket.Reply{
		Status: response.Status, Header: response.Header, Body: response.Body,
		Excerpt: e.client.Excerpt(string(response.Body)),
	}, now)
	if outcome.Fate == ticket.FateDelivered {
		outcome.Known = e.backend.Parse(response.Body)
	}
	return outcome
}

// fateOf translates what is known of a request into what is known of the message.
func fateOf(err error) ticket.Fate {
	if egress.OutcomeOf(err) == egress.NotSent {
		return ticket.FateNotReceived
	}
	return ticket.FateUnknown
}

// authOf reads how to log in.
func authOf(ctx context.Context, secrets *secretReader, auth *v1alpha1.Auth) (egress.Auth, error) {
	switch {
	case auth == nil:
		return egress.Auth{}, nil
	case auth.Bearer != nil:
		token, err := secrets.read(ctx, *auth.Bearer)
		return egress.BearerAuth(token), err
	case auth.Header != nil:
		value, err := secrets.read(ctx, auth.Header.Value)
		return egress.HeaderAuth(auth.Header.Name, value), err
	case auth.Basic != nil:
		user, err := secrets.read(ctx, auth.Basic.Username)
		if err != nil {
			return egress.Auth{}, err
		}
		password, err := secrets.read(ctx, auth.Basic.Password)
		return egress.BasicAuth(user, password), err
	default:
		return egress.Auth{}, nil
	}
}

// signingKeys reads and tries the keys, so that a bad one is told before a ticket hangs on it.
func signingKeys(ctx context.Context, secrets *secretReader, refs []v1alpha1.SecretKeyReference) ([]string, error) {
	keys := make([]string, 0, len(refs))
	for _, ref := range refs {
		key, err := secrets.read(ctx, ref)
		if err != nil {
			return nil, err
		}
		key = strings.TrimSpace(key)
		if _, err := egress.Sign([]string{key}, "probe", time.Unix(0, 0), nil); err != nil {
			return nil, invalid(fmt.Sprintf("Key %s of Secret %s cannot sign", ref.Key, ref.Name), err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// secretReader reads the Secrets of one TicketSystem, each once.
type secretReader struct {
	reader    client.Reader
	namespace string
	host      string
	seen      map[v1alpha1.ObjectName]*corev1.Secret
	order     []string
}

func newSecretReader(reader client.Reader, system *v1alpha1.TicketSystem) *secretReader {
	// The URL was checked before: an empty host admits no Secret.
	host, _ := egress.HostPort(string(system.Spec.URL))
	return &secretReader{
		reader: reader, namespace: system.Namespace, host: host, seen: map[v1alpha1.ObjectName]*corev1.Secret{},
	}
}

// version changes when one of the Secrets does.
func (s *secretReader) version() string { return strings.Join(s.order, ",") }

// read gives the value of a key, where the Secret allows that its values are sent to the host.
func (s *secretReader) read(ctx context.Context, ref v1alpha1.SecretKeyReference) (string, error) {
	secret, err := s.get(ctx, ref.Name)
	if err != nil {
		return "", err
	}
	if err := egress.SecretAllowsHost(secret.Annotations, s.host); err != nil {
		return "", &notReadyError{status.NotPermitted(sentence(fmt.Sprintf("Secret %s cannot be used", ref.Name), err))}
	}
	value, found := secret.Data[ref.Key]
	if !found {
		return "", &notReadyError{status.NotFound(fmt.Sprintf("Secret %s has no key %s: add it.", ref.Name, ref.Key))}
	}
	return string(value), nil
}

func (s *secretReader) get(ctx context.Context, name v1alpha1.ObjectName) (*corev1.Secret, error) {
	if secret, found := s.seen[name]; found {
		return secret, nil
	}
	secret := &corev1.Secret{}
	key := types.NamespacedName{Namespace: s.namespace, Name: string(name)}
	if err := s.reader.Get(ctx, key, secret); err != nil {
		if apierrors.IsNotFound(err) {
			return nil, &notReadyError{status.NotFound(fmt.Sprintf("Secret %s does not exist in namespace %s: create it.",
				name, s.namespace))}
		}
		return nil, fmt.Errorf("get Secret %s: %w", key, err)
	}
	s.seen[name] = secret
	s.order = append(s.order, string(name)+"@"+secret.ResourceVersion)
	return secret, nil
}

// invalid is what only an edit cures.
func invalid(what string, err error) error {
	return &notReadyError{status.Invalid(sentence(what, err))}
}

// sentence makes one of an error of package egress, which holds no secret.
func sentence(what string, err error) string {
	return what + ": " + strings.TrimRight(err.Error(), ".") + "."
}
