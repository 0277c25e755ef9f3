package egress

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// maxResponseHeader bounds the headers of a reply, in bytes.
const maxResponseHeader = 64 << 10

// newTransport returns a transport that dials through the guard. With keepAlive it keeps idle connections for half
// a minute. Without, every request has a connection of its own: a kept connection that the receiver is just closing is
// the commonest way for the fate of a request to become unknown.
func newTransport(guard *Guard, settings settings, keepAlive bool) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	connections, kept := settings.connections, settings.connections
	if connections == 0 {
		connections, kept = 8, 2
	}
	return &http.Transport{
		Proxy:                  func(*http.Request) (*url.URL, error) { return settings.proxy, nil },
		DialContext:            guard.dial(&net.Dialer{Timeout: settings.timeout, ControlContext: guard.control}),
		TLSClientConfig:        settings.tls,
		TLSHandshakeTimeout:    settings.timeout,
		Protocols:              protocols,
		DisableKeepAlives:      !keepAlive,
		MaxIdleConns:           2 * kept,
		MaxIdleConnsPerHost:    kept,
		MaxConnsPerHost:        connections,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: maxResponseHeader,
	}
}

// tlsConfig trusts the bundle, or the system's authorities where it is empty, and presents the client's certificate where
// there is one. Errors say what is wrong with the PEM and show none of it.
func tlsConfig(options Options) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if len(options.CABundle) > 0 {
		roots, err := parseBundle(options.CABundle)
		if err != nil {
			return nil, err
		}
		config.RootCAs = roots
	}
	if len(options.ClientCert) == 0 && len(options.ClientKey) == 0 {
		return config, nil
	}
	pair, err := tls.X509KeyPair(options.ClientCert, options.ClientKey)
	if err != nil {
		return nil, fmt.Errorf("%w: the client certificate and its key must be PEM and belong together", ErrInvalidRequest)
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}

// parseBundle reads certificates and nothing else, so that a bundle with one damaged certificate is noticed.
func parseBundle(bundle []byte) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	count := 0
	for block, rest := pem.Decode(bundle); block != nil; block, rest = pem.Decode(rest) {
		certificate, err := x509.ParseCertificate(block.Bytes)
		if block.Type != "CERTIFICATE" || err != nil {
			return nil, fmt.Errorf("%w: block %d of the CA bundle is not a certificate", ErrInvalidRequest, count+1)
		}
		pool.AddCert(certificate)
		count++
	}
	if count == 0 {
		return nil, fmt.Errorf("%w: the CA bundle holds no certificate in PEM", ErrInvalidRequest)
	}
	return pool, nil
}
