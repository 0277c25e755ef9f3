package tickets_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

// received is a message as it came in.
type received struct {
	header http.Header
	body   []byte
}

// recorder takes every message and keeps it.
type recorder struct {
	mu       sync.Mutex
	messages []received
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.messages = append(r.messages, received{header: request.Header.Clone(), body: body})
	_, _ = io.WriteString(w, `{"id": "DESK-1", "state": "open"}`)
}

func (r *recorder) all(context.Context) []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]received(nil), r.messages...)
}

// verified asks the npm package standardwebhooks (make standardwebhooks) what it thinks of a message and a key.
func (m received) verified(ctx context.Context, key string) (payload string, err error) {
	headers := map[string]string{}
	for _, name := range []string{"webhook-id", "webhook-timestamp", "webhook-signature"} {
		headers[name] = m.header.Get(name)
	}
	input, err := json.Marshal(map[string]any{"secret": key, "headers": headers, "body": string(m.body)})
	if err != nil {
		return "", err
	}
	script := filepath.Join("..", "..", "bin", "standardwebhooks", "verify.cjs")
	command := exec.CommandContext(ctx, "node", script)
	command.Stdin = bytes.NewReader(input)
	var out, complaint bytes.Buffer
	command.Stdout, command.Stderr = &out, &complaint
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("%w: %s", err, complaint.String())
	}
	return out.String(), nil
}

// The keys, while they are being changed: the receiver may know either.
const (
	newKey   = "whsec_bmV3LWtleS1uZXcta2V5LW5ldy1rZXktbmV3LWtleQ=="
	oldKey   = "whsec_b2xkLWtleS1vbGQta2V5LW9sZC1rZXktb2xkLWtleQ=="
	otherKey = "whsec_b3RoZXIta2V5LW90aGVyLWtleS1vdGhlci1rZXkh"
)

var _ = Describe("A message of a webhook", func() {
	It("is one that others understand, who share no code with Gemba", func(ctx SpecContext) {
		desk := &recorder{}
		server := httptest.NewServer(desk)
		DeferCleanup(server.Close)
		host, err := url.Parse(server.URL)
		Expect(err).NotTo(HaveOccurred())
		newCluster(ctx, namespace,
			&corev1.Secret{
				ObjectMeta: metav1.ObjectMeta{
					Namespace: namespace, Name: "desk", Annotations: map[string]string{v1alpha1.AnnotationAllowedHosts: host.Host},
				},
				StringData: map[string]string{"new": newKey, "old": oldKey},
			},
			builders.MakeTicketSystem("desk").InNamespace(namespace).URL(server.URL).Deduplicates().
				SignedWith("desk", "new").SignedWith("desk", "old").Obj(),
			builders.MakePolicy("company").Route("all", namespace, "desk").Obj(),
			builders.MakeProcess("refunds").InNamespace(namespace).Step("check", "somebody has to look: <&> \"quotes\", ümläuts").
				InEffectSince("2019-01-01").Obj(),
		)
		Eventually(desk.all, patience).WithContext(ctx).Should(HaveLen(1))
		message := desk.all(ctx)[0]

		By("verifying its signature with the npm package, by the new key and by the old one")
		for _, key := range []string{newKey, oldKey} {
			payload, err := message.verified(ctx, key)
			Expect(err).NotTo(HaveOccurred())
			Expect(payload).To(MatchJSON(message.body))
		}
		_, err = message.verified(ctx, otherKey)
		Expect(err).To(MatchError(ContainSubstring("No matching signature found")))
		changed := received{header: message.header, body: bytes.Replace(message.body, []byte("refunds"), []byte("returns"), 1)}
		_, err = changed.verified(ctx, newKey)
		Expect(err).To(MatchError(ContainSubstring("No matching signature found")))

		By("reading it with the SDK of CloudEvents")
		Expect(message.header.Get("Content-Type")).To(Equal(cloudevents.ApplicationCloudEventsJSON))
		event := cloudevents.NewEvent()
		Expect(json.Unmarshal(message.body, &event)).To(Succeed())
		Expect(event.Validate()).To(Succeed())
		Expect(event.SpecVersion()).To(Equal(cloudevents.VersionV1))
		Expect(event.ID()).To(Equal(message.header.Get("webhook-id")))
		Expect(event.Type()).To(Equal("dev.gemba.ticket.opened"))
		Expect(event.Source()).To(Equal("gemba/tickets"))
		Expect(event.Subject()).To(Equal("billing/Process/refunds"))
		Expect(event.Time()).To(BeTemporally("<", wall.Now()))
		var data struct{ Title, Body string }
		Expect(event.DataAs(&data)).To(Succeed())
		Expect(data.Title).To(Equal("refunds (billing): it was never reviewed"))
	}, SpecTimeout(3*time.Minute))
})
