package metrics_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/metrics"
)

const stuck = "gemba_deliveries_stuck"

func told(system string, operation governancev1alpha1.Operation, state governancev1alpha1.DeliveryState,
) governancev1alpha1.TicketStatus {
	return governancev1alpha1.TicketStatus{
		System: system, Delivery: &governancev1alpha1.Delivery{Operation: operation, State: state},
	}
}

func remediated(name string, tickets ...governancev1alpha1.TicketStatus) *governancev1alpha1.Remediation {
	return &governancev1alpha1.Remediation{
		ObjectMeta: metav1.ObjectMeta{Namespace: "billing", Name: name},
		Status:     governancev1alpha1.RemediationStatus{State: governancev1alpha1.RemediationOpen, Tickets: tickets},
	}
}

func TestAMessageIsStuckWhereSomebodyMustLookAtIt(t *testing.T) {
	for state, reason := range map[governancev1alpha1.DeliveryState]string{
		governancev1alpha1.DeliveryIntended:  "",
		governancev1alpha1.DeliverySending:   "",
		governancev1alpha1.DeliveryDelivered: "",
		governancev1alpha1.DeliveryRetrying:  "",
		governancev1alpha1.DeliveryRefused:   "Refused",
		governancev1alpha1.DeliveryUnknown:   "OutcomeUnknown",
		governancev1alpha1.DeliveryGaveUp:    "GaveUp",
		governancev1alpha1.DeliveryAbandoned: "",
		governancev1alpha1.DeliveryDryRun:    "",
	} {
		t.Run(string(state), func(t *testing.T) {
			recorder := metrics.NewRecorder()
			recorder.ObserveRemediation(remediated("a", told("platform/desk", governancev1alpha1.OperationCreate, state)))
			if reason == "" {
				expectNone(t, recorder)
				return
			}
			expect(t, recorder, []string{stuck}, stuck+`{reason="`+reason+`",system="platform/desk"} 1`)
		})
	}
}

func TestATicketThatIsAssignedToNobodyOrWasNotToldOfIsNotStuck(t *testing.T) {
	recorder := metrics.NewRecorder()
	recorder.ObserveRemediation(remediated("a", governancev1alpha1.TicketStatus{System: "platform/desk"},
		told("platform/board", governancev1alpha1.OperationAssign, governancev1alpha1.DeliveryRefused)))
	expectNone(t, recorder)
}

func TestMessagesAreStuckUntilTheyGoOnOrTheirRemediationIsClosedOrGone(t *testing.T) {
	recorder := metrics.NewRecorder()
	refused := told("platform/desk", governancev1alpha1.OperationCreate, governancev1alpha1.DeliveryRefused)
	givenUp := told("platform/board", governancev1alpha1.OperationClose, governancev1alpha1.DeliveryGaveUp)
	recorder.ObserveRemediation(remediated("a", refused, givenUp))
	recorder.ObserveRemediation(remediated("a", refused, givenUp))
	recorder.ObserveRemediation(remediated("b", refused))
	recorder.ObserveRemediation(remediated("c", refused))
	expect(t, recorder, []string{stuck},
		stuck+`{reason="GaveUp",system="platform/board"} 1`,
		stuck+`{reason="Refused",system="platform/desk"} 3`)

	closed := remediated("a", refused, givenUp)
	closed.Status.State = governancev1alpha1.RemediationClosed
	recorder.ObserveRemediation(closed)
	recorder.ObserveRemediation(remediated("b", told("platform/desk", governancev1alpha1.OperationCreate, governancev1alpha1.DeliveryDelivered)))
	expect(t, recorder, []string{stuck}, stuck+`{reason="Refused",system="platform/desk"} 1`)
	recorder.ForgetRemediation(types.NamespacedName{Namespace: "billing", Name: "c"})
	expectNone(t, recorder)
}

func expectNone(t *testing.T, recorder *metrics.Recorder) {
	t.Helper()
	if left := testutil.CollectAndCount(recorder, stuck); left != 0 {
		t.Errorf("%d series of messages that are stuck, want none", left)
	}
}
