package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

const (
	ticketedProcesses  = 1000
	ticketedNamespaces = 10
	// bareSenders is how many messages are under way to a ticket system at once, as in the manager.
	bareSenders = 2
)

// arrivals is a receiver that remembers when messages came.
type arrivals struct {
	mu    sync.Mutex
	keys  map[string]bool
	count int
	times changes
}

func (a *arrivals) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.keys[r.Header.Get("webhook-id")] = true
	a.count++
	a.times.note(time.Now())
	id := a.count
	a.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"id": "DESK-%d", "state": "open"}`, id)
}

func (a *arrivals) seen() (count, different int, times changes) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.count, len(a.keys), a.times
}

// tickets measures how fast tickets are opened once they may be: what is due is known, and is gathered for a while first.
func tickets(ctx context.Context, b *bench) (err error) {
	desk := &arrivals{keys: map[string]bool{}}
	server := httptest.NewServer(desk)
	defer server.Close()
	b.say("starts a control plane")
	p, err := startPlane(ctx, b.folder)
	defer func() { err = errors.Join(err, p.stop()) }()
	if err != nil {
		return err
	}
	b.say("creates 1,000 processes in 10 namespaces, which were never reviewed")
	if err := createTicketed(ctx, p); err != nil {
		return err
	}
	// The bare loop has no rate limit either.
	system := builders.MakeTicketSystem("desk").InNamespace("default").URL(server.URL).Deduplicates().AllowAll().
		RateLimit(10000, bareSenders).Obj()
	if err := p.env.Client.Create(ctx, system); err != nil {
		return fmt.Errorf("create the TicketSystem: %w", err)
	}
	b.say("starts the manager, and waits until all findings are gathered")
	if err := p.startManager(ctx); err != nil {
		return err
	}
	if err := awaitRemediations(ctx, p); err != nil {
		return err
	}
	b.say("waits for the tickets")
	if err := awaitOpened(ctx, p, desk); err != nil {
		return err
	}
	b.say("posts and puts the same by a bare loop")
	count, different, times := desk.seen()
	bare, err := bareTickets(ctx, p, server.URL)
	if err != nil {
		return err
	}
	tellTickets(b, count, different, times, bare)
	return nil
}

func createTicketed(ctx context.Context, p *plane) error {
	namespaces := make([]string, ticketedNamespaces)
	for i := range namespaces {
		namespace, err := p.env.NewNamespace(ctx, "bench", nil)
		if err != nil {
			return err
		}
		namespaces[i] = namespace
	}
	if err := p.env.Client.Create(ctx, gatheringPolicy()); err != nil {
		return fmt.Errorf("create the GovernancePolicy: %w", err)
	}
	return p.create(ctx, ticketedProcesses, func(i int) client.Object {
		return builders.MakeProcess(fmt.Sprintf("process-%04d", i)).InNamespace(namespaces[i%ticketedNamespaces]).
			Step("check", "somebody has to look").InEffectSince("2019-01-01").Obj()
	})
}

// gatheredFor is long enough for all processes to be judged and all remediations to be made.
const gatheredFor = "60s"

func gatheringPolicy() *governancev1alpha1.GovernancePolicy {
	return builders.MakePolicy("bench").RouteOf(governancev1alpha1.Route{
		Name: "all", TicketSystemRef: governancev1alpha1.NamespacedReference{Namespace: "default", Name: "desk"},
		Pace: governancev1alpha1.Pace{GroupWait: gatheredFor},
	}).Obj()
}

// remediations lists those that a condition holds for.
func remediations(ctx context.Context, p *plane, is func(*governancev1alpha1.Remediation) bool) (
	found []governancev1alpha1.Remediation, err error,
) {
	var list governancev1alpha1.RemediationList
	if err := p.env.Client.List(ctx, &list); err != nil {
		return nil, fmt.Errorf("list Remediations: %w", err)
	}
	for i := range list.Items {
		if is(&list.Items[i]) {
			found = append(found, list.Items[i])
		}
	}
	return found, nil
}

// awaitRemediations waits until each process has a Remediation that was looked at.
func awaitRemediations(ctx context.Context, p *plane) error {
	return await(ctx, "remediations that wait", ticketedProcesses, func() (int, error) {
		found, err := remediations(ctx, p, func(r *governancev1alpha1.Remediation) bool { return r.Status.State != "" })
		return len(found), err
	})
}

// awaitOpened waits for the messages before it looks at the remediations: to list a thousand of them twice a second costs the API
// server as much as what is measured.
func awaitOpened(ctx context.Context, p *plane, desk *arrivals) error {
	err := await(ctx, "messages", ticketedProcesses, func() (int, error) {
		count, _, _ := desk.seen()
		return count, nil
	})
	if err != nil {
		return err
	}
	return await(ctx, "remediations with an open ticket", ticketedProcesses, func() (int, error) {
		found, err := remediations(ctx, p, func(r *governancev1alpha1.Remediation) bool {
			return r.Status.State == governancev1alpha1.RemediationOpen
		})
		return len(found), err
	})
}

// bareTickets is how many tickets a loop opens in a second that announces each in a status, posts it, stores what came of it,
// and tells of it by an event: the same requests for the same objects, as many at once. The manager is stopped for it.
func bareTickets(ctx context.Context, p *plane, url string) (perSecond float64, err error) {
	if err := p.stopManager(); err != nil {
		return 0, err
	}
	opened, err := remediations(ctx, p, func(*governancev1alpha1.Remediation) bool { return true })
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	err = someAtOnce(ctx, bareSenders, len(opened), func(ctx context.Context, i int) error {
		return bareTicket(ctx, p, url, &opened[i])
	})
	return float64(len(opened)) / time.Since(begun).Seconds(), err
}

func bareTicket(ctx context.Context, p *plane, url string, remediation *governancev1alpha1.Remediation) error {
	delivery := remediation.Status.Tickets[0].Delivery
	delivery.State = governancev1alpha1.DeliverySending
	delivery.Tries++
	if err := p.env.Client.Status().Update(ctx, remediation); err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(delivery.Body))
	if err != nil {
		return err
	}
	request.Header.Set("webhook-id", "bare")
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	if err := reply.Body.Close(); err != nil {
		return err
	}
	delivery = remediation.Status.Tickets[0].Delivery
	delivery.State = governancev1alpha1.DeliveryDelivered
	if err := p.env.Client.Status().Update(ctx, remediation); err != nil {
		return err
	}
	return p.env.Client.Create(ctx, bareEvent(remediation))
}

// bareEvent is what tells that a ticket was opened.
func bareEvent(remediation *governancev1alpha1.Remediation) *eventsv1.Event {
	return &eventsv1.Event{
		ObjectMeta: metav1.ObjectMeta{Namespace: remediation.Namespace, GenerateName: remediation.Name + "-"},
		EventTime:  metav1.NowMicro(),
		Type:       "Normal", Reason: "TicketOpened", Action: "Deliver", Note: "Opened ticket DESK-1 at default/desk",
		ReportingController: "bench", ReportingInstance: "bench",
		Regarding: corev1.ObjectReference{
			APIVersion: governancev1alpha1.GroupVersion.String(), Kind: "Remediation", Namespace: remediation.Namespace,
			Name: remediation.Name, UID: remediation.UID,
		},
	}
}

func tellTickets(b *bench, count, different int, times changes, bare float64) {
	took := times.last.Sub(times.first)
	perSecond := float64(ticketedProcesses) / took.Seconds()
	ratio := perSecond / bare
	b.figures.add("messages", whole(float64(count)), fmt.Sprintf("of %s tickets, from the first to the last in %s",
		whole(float64(different)), seconds(took)))
	b.figures.add("tickets opened in a second", whole(perSecond), "two messages under way at once")
	b.figures.add("tickets opened in a second, bare loop", whole(bare), "two status PUTs, an event and a POST each, by two at once, without the manager")
	b.figures.add("ratio to the bare loop", fmt.Sprintf("%.2f", ratio), budget(">= 0.8", ratio >= 0.8))
}
