package e2e_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

// counter answers with numbers in JSON to whoever logs in as it wants, over TLS with a certificate of its own authority.
type counter struct {
	*httptest.Server
	// asked counts the requests that came, refused those that did not log in.
	asked, refused atomic.Int64
}

// newCounter runs a counter until the spec ends. Whoever may ask is told by admits; certificates of clients are asked for.
func newCounter(admits func(*http.Request) bool) *counter {
	c := &counter{}
	mux := http.NewServeMux()
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if r.PostFormValue("grant_type") != "client_credentials" || user != "gemba" || password != "client-canary" {
			http.Error(w, `{"error":"invalid_client"}`, http.StatusUnauthorized)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token":"fetched-canary","token_type":"Bearer","expires_in":3600}`))
	})
	mux.HandleFunc("/v1/share", func(w http.ResponseWriter, r *http.Request) {
		c.asked.Add(1)
		if !admits(r) {
			c.refused.Add(1)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		_, _ = w.Write([]byte(`{"share": 95.5, "at": "` + wall.Now().UTC().Format(time.RFC3339) + `"}`))
	})
	c.Server = httptest.NewUnstartedServer(mux)
	c.TLS = &tls.Config{ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS12}
	c.StartTLS()
	DeferCleanup(c.Close)
	return c
}

// authority is the certificate that the counter is to be trusted by.
func (c *counter) authority() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate().Raw}))
}

func (c *counter) host() string { return strings.TrimPrefix(c.URL, "https://") }

// clientCertificate makes a certificate and its key, in PEM.
func clientCertificate() (certificate, key []byte) {
	GinkgoHelper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	Expect(err).NotTo(HaveOccurred())
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "gemba"},
		NotBefore: wall.Now().Add(-time.Hour), NotAfter: wall.Now().Add(time.Hour),
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	Expect(err).NotTo(HaveOccurred())
	encoded, err := x509.MarshalECPrivateKey(private)
	Expect(err).NotTo(HaveOccurred())
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}),
		pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: encoded})
}

func secretKey(key string) governancev1alpha1.SecretKeyReference {
	return governancev1alpha1.SecretKeyReference{Name: "login", Key: key}
}

var _ = Describe("A KPI that a server measures", func() {
	type login struct {
		declare func(*governancev1alpha1.MetricSourceSpec, *counter)
		admits  func(*http.Request) bool
	}
	logins := map[string]login{
		"basic": {
			func(spec *governancev1alpha1.MetricSourceSpec, _ *counter) {
				spec.Auth = &governancev1alpha1.Auth{Basic: &governancev1alpha1.BasicAuth{Username: secretKey("user"), Password: secretKey("password")}}
			},
			func(r *http.Request) bool {
				user, password, _ := r.BasicAuth()
				return user == "gemba" && password == "password-canary"
			},
		},
		"bearer": {
			func(spec *governancev1alpha1.MetricSourceSpec, _ *counter) {
				token := secretKey("token")
				spec.Auth = &governancev1alpha1.Auth{Bearer: &token}
			},
			func(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer token-canary" },
		},
		"header": {
			func(spec *governancev1alpha1.MetricSourceSpec, _ *counter) {
				spec.Auth = &governancev1alpha1.Auth{Header: &governancev1alpha1.HeaderAuth{Name: "X-Api-Key", Value: secretKey("token")}}
			},
			func(r *http.Request) bool { return r.Header.Get("X-Api-Key") == "token-canary" },
		},
		"oauth2": {
			func(spec *governancev1alpha1.MetricSourceSpec, c *counter) {
				spec.Auth = &governancev1alpha1.Auth{OAuth2: &governancev1alpha1.OAuth2Auth{
					TokenURL: governancev1alpha1.Link(c.URL + "/token"), ClientID: secretKey("user"), ClientSecret: secretKey("client"),
				}}
			},
			func(r *http.Request) bool { return r.Header.Get("Authorization") == "Bearer fetched-canary" },
		},
		"certificate": {
			func(spec *governancev1alpha1.MetricSourceSpec, _ *counter) {
				spec.TLS.ClientCertificate = &governancev1alpha1.ClientCertificate{Certificate: secretKey("certificate"), Key: secretKey("key")}
			},
			func(r *http.Request) bool { return len(r.TLS.PeerCertificates) == 1 },
		},
	}

	It("is asked for with each way to log in", func(ctx SpecContext) {
		namespace := newNamespace(ctx, newDesk())
		start(ctx, "--leader-elect=false", "--metrics-bind-address=0")
		var hosts []string
		counters := map[string]*counter{}
		for name, way := range logins {
			counters[name] = newCounter(way.admits)
			hosts = append(hosts, counters[name].host())
		}
		certificate, key := clientCertificate()
		apply(ctx, newLogin(namespace, strings.Join(hosts, ","), certificate, key))
		for name, way := range logins {
			source := builders.MakeMetricSource(name, counters[name].URL).InNamespace(namespace).HTTP("/v1").
				Tune(func(spec *governancev1alpha1.MetricSourceSpec) {
					spec.TLS = &governancev1alpha1.TLS{CABundle: counters[name].authority()}
					way.declare(spec, counters[name])
				}).Obj()
			apply(ctx, source, quick(namespace, name).HTTP(name, "/v1/share", "double(reply.share)").
				Tune(func(spec *governancev1alpha1.KPISpec) { spec.Source.HTTP.Time = "timestamp(reply.at)" }).Obj())
		}
		for name := range logins {
			Eventually(stateOf(namespace, name)).WithContext(ctx).Should(Equal(governancev1alpha1.KPIMet), name)
			Expect(kpiStatus(ctx, namespace, name).Value).To(HaveValue(Equal(governancev1alpha1.Decimal("95.5"))))
			Expect(counters[name].refused.Load()).To(BeZero(), name)
		}
	}, SpecTimeout(4*time.Minute))

	It("is asked nowhere that its Secret, its MetricSource or the certificate of the server do not allow", func(ctx SpecContext) {
		namespace := newNamespace(ctx, newDesk())
		start(ctx, "--leader-elect=false", "--metrics-bind-address=0")
		theirs, open, strange := newCounter(logins["bearer"].admits), newCounter(admitAll), newCounter(admitAll)
		certificate, key := clientCertificate()
		// Somebody who may write a MetricSource, and not read the Secret, names a host of their own.
		apply(ctx, newLogin(namespace, "metrics.example.com", certificate, key))
		trusting := func(c *counter) func(*governancev1alpha1.MetricSourceSpec) {
			return func(spec *governancev1alpha1.MetricSourceSpec) {
				spec.TLS = &governancev1alpha1.TLS{CABundle: c.authority()}
			}
		}
		thief := builders.MakeMetricSource("thief", theirs.URL).InNamespace(namespace).HTTP("/v1").Tune(trusting(theirs)).
			Tune(func(spec *governancev1alpha1.MetricSourceSpec) { logins["bearer"].declare(spec, theirs) }).Obj()
		// The authority of another server: the certificate is for somebody else.
		other := builders.MakeMetricSource("other", strange.URL).InNamespace(namespace).HTTP("/v1").Obj()
		apply(ctx, thief, other,
			builders.MakeMetricSource("open", open.URL).InNamespace(namespace).HTTP("/v1/elsewhere").Tune(trusting(open)).Obj(),
			quick(namespace, "stolen").HTTP("thief", "/v1/share", "double(reply.share)").Obj(),
			quick(namespace, "sneaked").HTTP("open", "/v1/share", "double(reply.share)").Obj(),
			quick(namespace, "strange").HTTP("other", "/v1/share", "double(reply.share)").Obj(),
		)
		ready := func(name string) func(context.Context) string {
			return func(ctx context.Context) string {
				return conditionOf(kpiStatus(ctx, namespace, name).Conditions, governancev1alpha1.ConditionReady)
			}
		}
		thiefReady := reasonOf(thief, governancev1alpha1.ConditionReady, func() []metav1.Condition { return thief.Status.Conditions })
		Eventually(thiefReady).WithContext(ctx).Should(Equal("False/ReferenceNotPermitted"))
		Eventually(ready("stolen")).WithContext(ctx).Should(Equal("False/ReferenceNotReady"))
		Eventually(ready("sneaked")).WithContext(ctx).Should(Equal("False/ReferenceNotPermitted"))
		Eventually(attemptOf(namespace, "strange")).WithContext(ctx).Should(Equal(governancev1alpha1.SampleNoAnswer))
		Expect(theirs.asked.Load()).To(BeZero(), "requests at the thief's host")
		Expect(open.asked.Load()).To(BeZero(), "requests below a path that is not allowed")
		Expect(strange.asked.Load()).To(BeZero(), "requests at a server that is not trusted")
		everything, err := kubectl.Output(ctx, "-n", namespace, "get", "kpi,msrc,events", "-o", "yaml")
		Expect(err).NotTo(HaveOccurred())
		Expect(everything).NotTo(ContainSubstring("canary"))
	}, SpecTimeout(4*time.Minute))
})

func admitAll(*http.Request) bool { return true }

// newLogin is a Secret with every way to log in, for some hosts.
func newLogin(namespace, hosts string, certificate, key []byte) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "login", Annotations: map[string]string{
			governancev1alpha1.AnnotationAllowedHosts: hosts,
		}},
		Data: map[string][]byte{
			"user": []byte("gemba"), "password": []byte("password-canary"), "token": []byte("token-canary"),
			"client": []byte("client-canary"), "certificate": certificate, "key": key,
		},
	}
}
