package schema

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/status"
)

// What the schema can refuse does not belong among the objects that stall. Those that are judged by a pure function
// are judged here; the suite of the controllers reconciles them all.
func TestObjectsThatStallAreAcceptedByTheAPIServer(t *testing.T) {
	names := map[string]bool{}
	for _, stalling := range builders.StallingObjects() {
		t.Run(stalling.Sentence, func(t *testing.T) {
			identity := stalling.Object.GetObjectKind().GroupVersionKind().Kind + "/" + stalling.Object.GetName()
			if names[identity] {
				t.Errorf("%s is there twice: give each object its own name", identity)
			}
			names[identity] = true
			for _, object := range append(stalling.Needs, stalling.Object) {
				if err := env.Client.Create(t.Context(), object, client.DryRunAll); err != nil {
					t.Fatalf("the API server refuses it: %v", err)
				}
			}
			ready := judgedReady(t, stalling.Object)
			if ready == nil {
				return
			}
			if ready.Status != metav1.ConditionFalse || ready.Reason != stalling.WantReason ||
				!strings.Contains(ready.Message, stalling.WantSubstring) {
				t.Errorf("got %s/%s %q, want False/%s with %q",
					ready.Status, ready.Reason, ready.Message, stalling.WantReason, stalling.WantSubstring)
			}
		})
	}
}

func judgedReady(t *testing.T, object client.Object) *metav1.Condition {
	now := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	var conditions []metav1.Condition
	switch declared := object.(type) {
	case *governancev1alpha1.ReviewCadence:
		conditions = governance.JudgeCadence(declared, now).Status.Conditions
	case *governancev1alpha1.GovernancePolicy:
		conditions = governance.JudgePolicy(t.Context(), governance.PolicyInput{Policy: declared}, now).Conditions
	default:
		return nil
	}
	return status.Find(conditions, governancev1alpha1.ConditionReady)
}
