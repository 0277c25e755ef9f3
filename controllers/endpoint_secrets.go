package controllers

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/egress"
	"github.com/gemba-dev/gemba/internal/status"
)

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
	case auth.OAuth2 != nil:
		return oauth2Of(ctx, secrets, auth.OAuth2)
	default:
		return egress.Auth{}, nil
	}
}

func oauth2Of(ctx context.Context, secrets *secretReader, auth *v1alpha1.OAuth2Auth) (egress.Auth, error) {
	id, err := secrets.read(ctx, auth.ClientID)
	if err != nil {
		return egress.Auth{}, err
	}
	secret, err := secrets.read(ctx, auth.ClientSecret)
	if err != nil {
		return egress.Auth{}, err
	}
	scopes := make([]string, 0, len(auth.Scopes))
	for _, scope := range auth.Scopes {
		scopes = append(scopes, string(scope))
	}
	return egress.OAuth2Auth(string(auth.TokenURL), id, secret, scopes...), nil
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

// secretFields reads what fills the secret fields of bodies; nil where there are none.
func secretFields(ctx context.Context, secrets *secretReader, fields []v1alpha1.SecretField) (map[string]string, error) {
	if len(fields) == 0 {
		return nil, nil
	}
	filled := make(map[string]string, len(fields))
	for _, field := range fields {
		value, err := secrets.read(ctx, field.Value)
		if err != nil {
			return nil, err
		}
		filled[string(field.Name)] = strings.TrimSpace(value)
	}
	return filled, nil
}

// secretReader reads the Secrets of one Endpoint, each once.
type secretReader struct {
	reader    client.Reader
	namespace string
	// urls are those of all that a Secret is handed to.
	urls  []string
	seen  map[v1alpha1.ObjectName]*corev1.Secret
	order []string
}

// newSecretReader reads what may be sent to an Endpoint, to its proxy where it has one, and to where it fetches tokens:
// whoever names the proxy and the authorities to trust can read all that passes through.
func newSecretReader(reader client.Reader, namespace string, endpoint *v1alpha1.Endpoint) *secretReader {
	urls := []string{string(endpoint.URL)}
	if endpoint.Proxy != "" {
		urls = append(urls, string(endpoint.Proxy))
	}
	if endpoint.Auth != nil && endpoint.Auth.OAuth2 != nil {
		urls = append(urls, string(endpoint.Auth.OAuth2.TokenURL))
	}
	return &secretReader{
		reader: reader, namespace: namespace, urls: urls, seen: map[v1alpha1.ObjectName]*corev1.Secret{},
	}
}

// version changes when one of the Secrets does.
func (s *secretReader) version() string { return strings.Join(s.order, ",") }

// read gives the value of a key, where the Secret allows that its values are handed to all of them.
func (s *secretReader) read(ctx context.Context, ref v1alpha1.SecretKeyReference) (string, error) {
	secret, err := s.get(ctx, ref.Name)
	if err != nil {
		return "", err
	}
	for _, url := range s.urls {
		if err := egress.SecretAllowsURL(secret.Annotations, url); err != nil {
			return "", &notReadyError{status.NotPermitted(sentence(fmt.Sprintf("Secret %s cannot be used", ref.Name), err))}
		}
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
		if apierrors.IsForbidden(err) {
			return nil, &notReadyError{status.NotPermitted(fmt.Sprintf(
				"Gemba may not read Secret %s: allow its ServiceAccount to get it.", name))}
		}
		return nil, fmt.Errorf("get Secret %s: %w", key, err)
	}
	s.seen[name] = secret
	s.order = append(s.order, string(name)+"@"+secret.ResourceVersion)
	return secret, nil
}
