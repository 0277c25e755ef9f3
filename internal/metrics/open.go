package metrics

import (
	"k8s.io/apimachinery/pkg/types"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// openRemediation is what one Remediation that is not closed adds to the metrics.
type openRemediation struct {
	rule governancev1alpha1.Rule
	// stuck has an entry for each of its tickets whose last message waits for somebody.
	stuck []stuckLabels
}

type remediationLabels struct {
	namespace string
	rule      governancev1alpha1.Rule
}

// stuckLabels say where a message is stuck, and for which of the reasons of the condition Delivered.
type stuckLabels struct{ system, reason string }

// stuckReasons are those of messages that wait for somebody. One that a person has given up waits for nobody.
var stuckReasons = map[governancev1alpha1.DeliveryState]string{
	governancev1alpha1.DeliveryRefused: governancev1alpha1.ReasonRefused,
	governancev1alpha1.DeliveryGaveUp:  governancev1alpha1.ReasonGaveUp,
	governancev1alpha1.DeliveryUnknown: governancev1alpha1.ReasonOutcomeUnknown,
}

// ObserveRemediation counts a Remediation, and which of its messages are stuck, while it is not closed.
func (r *Recorder) ObserveRemediation(remediation *governancev1alpha1.Remediation) {
	key := types.NamespacedName{Namespace: remediation.Namespace, Name: remediation.Name}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dropRemediation(key)
	if remediation.Status.State == governancev1alpha1.RemediationClosed {
		return
	}
	observed := openRemediation{rule: ruleOf(remediation), stuck: stuckOf(remediation.Status.Tickets)}
	r.remediations[key] = observed
	r.open[remediationLabels{key.Namespace, observed.rule}]++
	for _, labels := range observed.stuck {
		r.stuck[labels]++
	}
}

// stuckOf finds the tickets whose last message waits for somebody. A ticket that could not be assigned is there all the same, and
// is asked to be again by itself.
func stuckOf(tickets []governancev1alpha1.TicketStatus) (stuck []stuckLabels) {
	for _, ticket := range tickets {
		delivery := ticket.Delivery
		if delivery == nil || delivery.Operation == governancev1alpha1.OperationAssign {
			continue
		}
		if reason, waits := stuckReasons[delivery.State]; waits {
			stuck = append(stuck, stuckLabels{system: ticket.System, reason: reason})
		}
	}
	return stuck
}

func ruleOf(remediation *governancev1alpha1.Remediation) governancev1alpha1.Rule {
	finding, group := remediation.Spec.Finding, remediation.Spec.Group
	switch {
	case finding != nil:
		return finding.Rule
	case group != nil && group.Rule != "":
		return group.Rule
	default:
		return governancev1alpha1.SeveralRules
	}
}

// ForgetRemediation drops a Remediation that is gone.
func (r *Recorder) ForgetRemediation(key types.NamespacedName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dropRemediation(key)
}

func (r *Recorder) dropRemediation(key types.NamespacedName) {
	observed, counted := r.remediations[key]
	if !counted {
		return
	}
	delete(r.remediations, key)
	decrement(r.open, remediationLabels{key.Namespace, observed.rule})
	for _, labels := range observed.stuck {
		decrement(r.stuck, labels)
	}
}
