package e2e_test

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/managerprocess"
	"github.com/gemba-dev/gemba/internal/builders"
)

// canary is a secret that is looked for wherever something is shown.
func canary(of string) string { return "canary-" + of + "-4f1c9e" }

// tattler is a ticket system that repeats whatever it is told, and refuses it.
type tattler struct {
	*httptest.Server
	asked atomic.Int32
}

func newTattler(serve func(http.Handler) *httptest.Server) *tattler {
	t := &tattler{}
	t.Server = serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.asked.Add(1)
		body, _ := io.ReadAll(r.Body)
		echo, err := json.Marshal(map[string]any{"headers": r.Header, "body": string(body), "id": r.Header.Get("Authorization")})
		if err != nil {
			panic(err)
		}
		w.Header().Set("X-Echo", r.Header.Get("Authorization"))
		status := http.StatusUnauthorized
		if strings.HasSuffix(r.URL.Path, "/taken") {
			status = http.StatusOK
		}
		w.WriteHeader(status)
		_, _ = w.Write(echo)
	}))
	DeferCleanup(t.Close)
	return t
}

// mutualTLS serves those alone who present a certificate.
func mutualTLS(handler http.Handler) *httptest.Server {
	server := httptest.NewUnstartedServer(handler)
	server.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	return server
}

func canaryKey(of string) governancev1alpha1.SecretKeyReference {
	return governancev1alpha1.SecretKeyReference{Name: "canaries", Key: of}
}

// tattled are ticket systems with every form of a secret, at a host that repeats them.
func tattled(t, secure *tattler) map[string]*governancev1alpha1.TicketSystem {
	bearer := canaryKey("bearer")
	custom := func(path governancev1alpha1.Expression) *builders.TicketSystemBuilder {
		return builders.MakeTicketSystem("desk").URL(t.URL).Custom(governancev1alpha1.TicketProtocol{
			Create: governancev1alpha1.TicketRequest{
				Path: path, Body: `{"text": ticket.title}`, ID: "reply.body.id", URL: `"https://desk.example/" + reply.headers["x-echo"]`,
			},
			SecretFields: []governancev1alpha1.SecretFieldName{"key"},
		})
	}
	systems := map[string]*governancev1alpha1.TicketSystem{
		"bearer": builders.MakeTicketSystem("desk").URL(t.URL).Bearer("canaries", "bearer").Obj(),
		"header": builders.MakeTicketSystem("desk").URL(t.URL).HeaderAuth("X-Api-Key", "canaries", "header").Obj(),
		"signed": builders.MakeTicketSystem("desk").URL(t.URL).SignedWith("canaries", "signing").Obj(),
		"field":  custom(`"/refused"`).Obj(),
		"taken":  custom(`"/taken"`).Obj(),
		"basic":  builders.MakeTicketSystem("desk").URL(t.URL).Obj(),
		"oauth2": builders.MakeTicketSystem("desk").URL(t.URL).Obj(),
	}
	systems["certificate"] = builders.MakeTicketSystem("desk").URL(secure.URL).Obj()
	systems["certificate"].Spec.TLS = &governancev1alpha1.TLS{
		CABundle:          string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})),
		ClientCertificate: &governancev1alpha1.ClientCertificate{Certificate: canaryKey("certificate"), Key: canaryKey("key")},
	}
	for _, name := range []string{"field", "taken"} {
		systems[name].Spec.SecretFields = []governancev1alpha1.SecretField{{Name: "key", Value: canaryKey("field")}}
	}
	systems["taken"].Spec.Auth = &governancev1alpha1.Auth{Bearer: &bearer}
	systems["basic"].Spec.Auth = &governancev1alpha1.Auth{
		Basic: &governancev1alpha1.BasicAuth{Username: canaryKey("user"), Password: canaryKey("password")},
	}
	systems["oauth2"].Spec.Auth = &governancev1alpha1.Auth{OAuth2: &governancev1alpha1.OAuth2Auth{
		TokenURL: governancev1alpha1.Link(t.URL + "/token"), ClientID: canaryKey("user"), ClientSecret: canaryKey("client"),
	}}
	return systems
}

var _ = Describe("Secrets of ticket systems", func() {
	It("are shown to nobody, by a host that repeats them to a manager that logs all it can", func(ctx SpecContext) {
		host, secure := newTattler(httptest.NewServer), newTattler(mutualTLS)
		forms := []string{"bearer", "header", "user", "password", "client", "field"}
		data := map[string]string{"signing": "whsec_" + base64.StdEncoding.EncodeToString([]byte(canary("signing-key-of-24-bytes")))}
		secrets := []string{canary("signing-key-of-24-bytes")}
		for _, form := range forms {
			data[form] = canary(form)
			secrets = append(secrets, canary(form))
		}
		certificate, key := clientCertificate()
		data["certificate"], data["key"] = string(certificate), string(key)
		secrets = append(secrets, strings.Split(string(key), "\n")[1:3]...)
		namespaces := map[string]string{}
		for form, system := range tattled(host, secure) {
			namespace, err := env.NewNamespace(ctx, "secrets", nil)
			Expect(err).NotTo(HaveOccurred())
			namespaces[form] = namespace
			DeferCleanup(func(ctx context.Context) error { return empty(ctx, namespace) })
			system.Namespace = namespace
			apply(ctx, &corev1.Secret{
				ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "canaries", Annotations: map[string]string{
					governancev1alpha1.AnnotationAllowedHosts: strings.TrimPrefix(host.URL, "http://") + "," + strings.TrimPrefix(secure.URL, "https://"),
				}},
				StringData: data,
			}, system, builders.MakePolicy(namespace).Selects("kubernetes.io/metadata.name", namespace).Route("desk", namespace, "desk").Obj(),
				overdue(namespace, "refunds"))
		}
		address, err := managerprocess.FreeAddress(ctx)
		Expect(err).NotTo(HaveOccurred())
		manager := start(ctx, "--leader-elect=false", "--metrics-secure=false", "--metrics-bind-address="+address, "--zap-log-level=10")
		for form, namespace := range namespaces {
			Eventually(func(ctx context.Context) (int32, error) {
				var list governancev1alpha1.RemediationList
				err := env.Client.List(ctx, &list, client.InNamespace(namespace))
				if err != nil || len(list.Items) == 0 || len(list.Items[0].Status.Tickets) == 0 || list.Items[0].Status.Tickets[0].Delivery == nil {
					return 0, err
				}
				return list.Items[0].Status.Tickets[0].Delivery.Tries, nil
			}, time.Minute).WithContext(ctx).Should(BeNumerically(">", 0), form)
		}
		Eventually(host.asked.Load, time.Minute).Should(BeNumerically(">=", len(namespaces)-1))
		Expect(secure.asked.Load()).To(BeNumerically(">=", 1), "the one that asks for a certificate")

		shown := map[string]string{}
		for _, namespace := range namespaces {
			text, err := kubectl.Output(ctx, "-n", namespace, "get", "proc,rem,ticketsys,gpol,events,events.events.k8s.io", "-o", "yaml")
			Expect(err).NotTo(HaveOccurred())
			shown["objects and events"] += text
		}
		log, err := os.ReadFile(manager.Log())
		Expect(err).NotTo(HaveOccurred())
		shown["log"], shown["metrics"] = string(log), metricsText(ctx, address)
		for where, text := range shown {
			Expect(text).To(ContainSubstring("refunds"), "the search must have something to search in: "+where)
			for i, secret := range secrets {
				for _, spelt := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret)), fmt.Sprintf("%q", secret)} {
					Expect(strings.Contains(text, spelt)).To(BeFalse(), "%s shows secret %d", where, i)
				}
			}
		}
		Expect(shown["objects and events"]).To(ContainSubstring("redacted"), "the host did repeat them")
	}, SpecTimeout(4*time.Minute))
})

// metricsText reads the metrics as they stand.
func metricsText(ctx context.Context, address string) string {
	GinkgoHelper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/metrics", http.NoBody)
	Expect(err).NotTo(HaveOccurred())
	response, err := http.DefaultClient.Do(request)
	Expect(err).NotTo(HaveOccurred())
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	Expect(err).NotTo(HaveOccurred())
	return string(text)
}
