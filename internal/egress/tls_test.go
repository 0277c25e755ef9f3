package egress_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/internal/egress"
)

// trusted starts a TLS server and returns a client option that trusts it.
func trusted(t *testing.T, config *tls.Config) (*httptest.Server, egress.Options) {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = config
	server.StartTLS()
	t.Cleanup(server.Close)
	return server, egress.Options{CABundle: bundleOf(server)}
}

func TestClientTrustsTheBundleOfTheEndpoint(t *testing.T) {
	server, options := trusted(t, nil)
	response, err := newClient(t, newGuard(t, onLoopback), options).Do(context.Background(), post(server.URL))
	if err != nil || response.Status != http.StatusOK {
		t.Fatalf("status %d, %v", response.Status, err)
	}
}

func TestClientVerifiesTheName(t *testing.T) {
	server, options := trusted(t, nil)
	guard := newGuard(t, egress.GuardOptions{AllowCIDRs: []string{"127.0.0.0/8", "::1/128"}})
	// The certificate names 127.0.0.1 and example.com, not localhost.
	wrong := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	_, err := newClient(t, guard, options).Do(context.Background(), post(wrong))
	if !errors.Is(err, egress.ErrTLS) || egress.OutcomeOf(err) != egress.NotSent {
		t.Fatalf("%v is %s; want ErrTLS, NotSent", err, egress.OutcomeOf(err))
	}
}

func TestClientRefusesOldTLS(t *testing.T) {
	server, options := trusted(t, &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
	_, err := newClient(t, newGuard(t, onLoopback), options).Do(context.Background(), post(server.URL))
	if !errors.Is(err, egress.ErrTLS) || egress.OutcomeOf(err) != egress.NotSent {
		t.Fatalf("%v is %s; want ErrTLS, NotSent", err, egress.OutcomeOf(err))
	}
}

// With TLS 1.3 the refusal arrives after the client has begun to send; with 1.2 before.
func TestClientWithoutTheWantedCertificateHasNotSent(t *testing.T) {
	for name, version := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			server, options := trusted(t, &tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: version})
			_, err := newClient(t, newGuard(t, onLoopback), options).Do(context.Background(), post(server.URL))
			if !errors.Is(err, egress.ErrTLS) || egress.OutcomeOf(err) != egress.NotSent {
				t.Fatalf("%v is %s; want ErrTLS, NotSent", err, egress.OutcomeOf(err))
			}
		})
	}
}

func TestClientSpeaksOnlyHTTP1(t *testing.T) {
	protocol := ""
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { protocol = r.Proto }))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	options := egress.Options{CABundle: bundleOf(server)}
	if _, err := newClient(t, newGuard(t, onLoopback), options).Do(context.Background(), post(server.URL)); err != nil {
		t.Fatal(err)
	}
	if protocol != "HTTP/1.1" {
		t.Errorf("the server saw %s", protocol)
	}
}

// bundleOf returns the certificate of a TLS server as a CA bundle.
func bundleOf(server *httptest.Server) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
}

// clientPair makes a certificate that signs itself, and its key, both in PEM.
func clientPair(t *testing.T) (certificate, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "gemba"},
		NotBefore:    time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2120, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})
}

func TestClientPresentsItsCertificate(t *testing.T) {
	certificate, key := clientPair(t)
	stranger, strangersKey := clientPair(t)
	known := x509.NewCertPool()
	known.AppendCertsFromPEM(certificate)
	for name, version := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			server, options := trusted(t, &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: known, MaxVersion: version})
			send := func(certificate, key []byte) (done, asked error) {
				options.ClientCert, options.ClientKey = certificate, key
				client := newClient(t, newGuard(t, onLoopback), options)
				_, done = client.Do(context.Background(), post(server.URL))
				_, asked = ask(&http.Client{Transport: client.RoundTripper()}, server.URL)
				return done, asked
			}
			if done, asked := send(certificate, key); done != nil || asked != nil {
				t.Errorf("the certificate that the server knows: %v, %v", done, asked)
			}
			if done, asked := send(stranger, strangersKey); !errors.Is(done, egress.ErrTLS) || !errors.Is(asked, egress.ErrTLS) {
				t.Errorf("a certificate that it does not know: %v, %v; want ErrTLS", done, asked)
			}
		})
	}
}

func TestNewClientRefusesAKeyOfAnotherCertificate(t *testing.T) {
	certificate, _ := clientPair(t)
	_, key := clientPair(t)
	_, err := egress.NewClient(loopback(t), egress.Options{ClientCert: certificate, ClientKey: key})
	if !errors.Is(err, egress.ErrInvalidRequest) || !strings.Contains(err.Error(), "belong together") {
		t.Errorf("%v, want ErrInvalidRequest", err)
	}
}
