package metrics

import (
	"context"
	"errors"
	"io"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/tools/events"
	clocktesting "k8s.io/utils/clock/testing"
)

func TestEventsBeyondTheBucketAreDroppedAndCounted(t *testing.T) {
	operations := NewOperations("v0.0.0")
	clock := clocktesting.NewFakePassiveClock(time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC))
	sent := events.NewFakeRecorder(1000)
	recorder := operations.LimitEvents(sent, clock)
	record := func(count int) {
		for range count {
			recorder.Eventf(&runtime.Unknown{}, nil, "Normal", "ReviewOverdue", "Judge", "%s", "late")
		}
	}
	record(80)
	if got, dropped := len(sent.Events), testutil.ToFloat64(operations.droppedEvents); got != 50 || dropped != 30 {
		t.Errorf("of 80 at once %d were sent and %v dropped, want 50 and 30", got, dropped)
	}
	clock.SetTime(clock.Now().Add(time.Second))
	record(60)
	if got, dropped := len(sent.Events), testutil.ToFloat64(operations.droppedEvents); got != 100 || dropped != 40 {
		t.Errorf("a second later %d were sent and %v dropped in all, want 100 and 40", got, dropped)
	}
}

func TestDeliveriesAreCountedByWhatBecameOfThem(t *testing.T) {
	operations := NewOperations("v1.2.3")
	registry := prometheus.NewRegistry()
	if err := operations.Register(registry); err != nil {
		t.Fatal(err)
	}
	operations.DeliveryAttempt("platform/desk", "Create", "Unknown")
	operations.DeliveryAttempt("platform/desk", "Create", "Delivered")
	operations.DeliveryAttempt("platform/desk", "Create", "Delivered")
	want := `
# HELP gemba_delivery_attempts_total Tries to send a message to a ticket system, by what was asked and what became of it: Delivered, Refused, NotReceived or Unknown.
# TYPE gemba_delivery_attempts_total counter
gemba_delivery_attempts_total{operation="Create",outcome="Delivered",system="platform/desk"} 2
gemba_delivery_attempts_total{operation="Create",outcome="Unknown",system="platform/desk"} 1
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "gemba_delivery_attempts_total"); err != nil {
		t.Error(err)
	}
	if count, err := testutil.GatherAndCount(registry, "gemba_build_info"); err != nil || count != 1 {
		t.Errorf("got %d build infos and %v, want one", count, err)
	}
}

func TestOnlyWhatMakesBlindDegradesReadiness(t *testing.T) {
	reviews := schema.GroupResource{Group: "governance.gemba.dev", Resource: "reviews"}
	tests := map[string]struct {
		err            error
		counted, blind bool
	}{
		"a watch that ended as watches do": {err: io.EOF},
		"a watch whose version is too old": {err: apierrors.NewResourceExpired("too old")},
		"a manager that stops":             {err: context.Canceled},
		"an API server that is down": {
			err: &url.Error{Op: "Get", URL: "https://10.0.0.1", Err: syscall.ECONNREFUSED}, counted: true,
		},
		"an API server that has too much to do": {err: apierrors.NewTooManyRequests("later", 1), counted: true},
		"an object that does not decode":        {err: errors.New("failed to list: cannot parse heldAt"), counted: true, blind: true},
		"a right that is missing":               {err: apierrors.NewForbidden(reviews, "", nil), counted: true, blind: true},
	}
	for sentence, test := range tests {
		t.Run(sentence, func(t *testing.T) {
			operations := NewOperations("v0.0.0")
			clock := clocktesting.NewFakePassiveClock(time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC))
			reflectors := operations.WatchReflectors(clock)
			reflectors.note("*v1alpha1.Review", test.err)
			counted := testutil.ToFloat64(operations.reflectorErrors.WithLabelValues("Review")) == 1
			if counted != test.counted {
				t.Errorf("counted: %v, want %v", counted, test.counted)
			}
			err := reflectors.Check(nil)
			if blind := err != nil && strings.Contains(err.Error(), "Review"); blind != test.blind {
				t.Errorf("the check says %v, want it to name the kind: %v", err, test.blind)
			}
			clock.SetTime(clock.Now().Add(blindFor))
			if err := reflectors.Check(nil); err != nil {
				t.Errorf("long after the last failure the check still says %v", err)
			}
		})
	}
}
