package controllers

import (
	"context"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/egress"
)

// egressOptions reads the Secrets that an Endpoint of a namespace names, and checks all that it says. A *notReadyError
// says what somebody must change; other errors may pass by themselves. The reader knows the versions of what it read.
func egressOptions(
	ctx context.Context, reader client.Reader, guard *egress.Guard, namespace string, endpoint *v1alpha1.Endpoint,
) (egress.Options, *secretReader, error) {
	options := egress.Options{Timeout: timeoutOf(endpoint), ProxyURL: string(endpoint.Proxy)}
	if err := checkURLs(guard, endpoint); err != nil {
		return options, nil, err
	}
	secrets := newSecretReader(reader, namespace, endpoint)
	var err error
	if options.Auth, err = authOf(ctx, secrets, endpoint.Auth); err != nil {
		return options, nil, err
	}
	if endpoint.TLS == nil {
		return options, secrets, nil
	}
	options.CABundle = []byte(endpoint.TLS.CABundle)
	if own := endpoint.TLS.ClientCertificate; own != nil {
		certificate, err := secrets.read(ctx, own.Certificate)
		if err != nil {
			return options, nil, err
		}
		key, err := secrets.read(ctx, own.Key)
		if err != nil {
			return options, nil, err
		}
		options.ClientCert, options.ClientKey = []byte(certificate), []byte(key)
		options.Secrets = append(options.Secrets, key)
	}
	return options, secrets, nil
}

// checkURLs says which of the URLs of an Endpoint cannot be used.
func checkURLs(guard *egress.Guard, endpoint *v1alpha1.Endpoint) error {
	if _, err := guard.CheckURL(string(endpoint.URL)); err != nil {
		return invalid("spec.url cannot be used", err)
	}
	if endpoint.Auth != nil && endpoint.Auth.OAuth2 != nil {
		if _, err := guard.CheckURL(string(endpoint.Auth.OAuth2.TokenURL)); err != nil {
			return invalid("spec.auth.oauth2.tokenURL cannot be used", err)
		}
	}
	if endpoint.Proxy != "" {
		if _, err := egress.HostPort(string(endpoint.Proxy)); err != nil {
			return invalid("spec.proxy cannot be used", err)
		}
	}
	return nil
}

// timeoutOf is the deadline of one request; the schema bounds what is declared.
func timeoutOf(endpoint *v1alpha1.Endpoint) time.Duration {
	declared, err := time.ParseDuration(string(endpoint.Timeout))
	if err != nil || declared <= 0 {
		return egress.DefaultTimeout
	}
	return min(declared, egress.MaxTimeout)
}
