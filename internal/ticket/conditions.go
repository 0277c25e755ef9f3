package ticket

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
)

// goneForms say why a finding no longer stands, with {subject} for the kind of its subject.
var goneForms = map[string]string{
	v1alpha1.ReasonFindingGone:    "The finding is gone.",
	v1alpha1.ReasonWaived:         "The finding is accepted for a while by a waiver.",
	v1alpha1.ReasonRetired:        "The {subject} is retired.",
	v1alpha1.ReasonSubjectDeleted: "The {subject} is no longer declared.",
}

func goneSentence(verdict Verdict) string {
	return strings.ReplaceAll(goneForms[verdict.Gone], "{subject}", governance.Noun(verdict.Kind))
}

// RecoveredCondition says whether the finding is gone.
func RecoveredCondition(verdict Verdict) metav1.Condition {
	if verdict.Gone == "" {
		return condition(v1alpha1.ConditionRecovered, metav1.ConditionFalse, v1alpha1.ReasonFindingStands,
			"The finding stands.")
	}
	return condition(v1alpha1.ConditionRecovered, metav1.ConditionTrue, verdict.Gone, goneSentence(verdict))
}

// VerifiedCondition says whether the finding stayed gone.
func VerifiedCondition(verdict Verdict, tickets ...v1alpha1.TicketStatus) metav1.Condition {
	switch {
	case verdict.Gone == "" && slices.ContainsFunc(tickets, isDeclined):
		return condition(v1alpha1.ConditionVerified, metav1.ConditionFalse, v1alpha1.ReasonWontFix,
			"The ticket was closed as something that will not be done, and the finding stands. To accept it for a while, record a Waiver.")
	case verdict.Gone == "" && slices.ContainsFunc(tickets, closedOutside):
		return condition(v1alpha1.ConditionVerified, metav1.ConditionFalse, v1alpha1.ReasonClosedUnverified,
			"The ticket was closed in its system, and the finding stands.")
	case verdict.Gone == "":
		return condition(v1alpha1.ConditionVerified, metav1.ConditionFalse, v1alpha1.ReasonNotRecovered,
			"The finding stands.")
	case !verdict.Verified:
		return condition(v1alpha1.ConditionVerified, metav1.ConditionFalse, v1alpha1.ReasonVerifying,
			"The finding must stay gone until "+verdict.VerifiedAt.UTC().Format(timeForm)+".")
	case verdict.Gone == v1alpha1.ReasonRetired, verdict.Gone == v1alpha1.ReasonSubjectDeleted:
		return condition(v1alpha1.ConditionVerified, metav1.ConditionTrue, verdict.Gone, goneSentence(verdict))
	default:
		return condition(v1alpha1.ConditionVerified, metav1.ConditionTrue, v1alpha1.ReasonStayedRecovered,
			"The finding stayed gone for as long as its rule asks.")
	}
}

func isDeclined(ticket v1alpha1.TicketStatus) bool { return ticket.Declined }

func closedOutside(ticket v1alpha1.TicketStatus) bool {
	return ticket.State == v1alpha1.TicketClosed && ticket.ClosedOutside > 0
}

// deliveredForms say what the state of a message means for the condition Delivered.
var deliveredForms = map[v1alpha1.DeliveryState]struct {
	status metav1.ConditionStatus
	reason string
}{
	v1alpha1.DeliveryIntended:  {metav1.ConditionUnknown, v1alpha1.ReasonPending},
	v1alpha1.DeliverySending:   {metav1.ConditionUnknown, v1alpha1.ReasonPending},
	v1alpha1.DeliveryDelivered: {metav1.ConditionTrue, v1alpha1.ReasonDelivered},
	v1alpha1.DeliveryDryRun:    {metav1.ConditionTrue, v1alpha1.ReasonDryRun},
	v1alpha1.DeliveryRetrying:  {metav1.ConditionFalse, v1alpha1.ReasonRetrying},
	v1alpha1.DeliveryRefused:   {metav1.ConditionFalse, v1alpha1.ReasonRefused},
	v1alpha1.DeliveryGaveUp:    {metav1.ConditionFalse, v1alpha1.ReasonGaveUp},
	v1alpha1.DeliveryAbandoned: {metav1.ConditionFalse, v1alpha1.ReasonGaveUp},
	v1alpha1.DeliveryUnknown:   {metav1.ConditionUnknown, v1alpha1.ReasonOutcomeUnknown},
}

// DeliveredCondition says whether the messages for a ticket have arrived.
func DeliveredCondition(ticket v1alpha1.TicketStatus) metav1.Condition {
	delivery := ticket.Delivery
	if delivery == nil {
		return condition(v1alpha1.ConditionDelivered, metav1.ConditionUnknown, v1alpha1.ReasonPending,
			"Nothing was sent yet.")
	}
	form := deliveredForms[delivery.State]
	message := delivery.Message
	if delivery.Operation == v1alpha1.OperationAssign && failed(delivery.State) {
		// The ticket is there; it is only assigned to nobody.
		form, message = deliveredForms[v1alpha1.DeliveryDelivered], ticket.Unassigned
	}
	if delivery.State == v1alpha1.DeliverySending {
		message = "The message is being sent."
		if delivery.Tries > 1 {
			// A retry is no news: the condition stays where it was.
			form = deliveredForms[v1alpha1.DeliveryRetrying]
			message = "The message is being sent again."
		}
	}
	if message == "" {
		message = "The message was taken."
	}
	return condition(v1alpha1.ConditionDelivered, form.status, form.reason, message)
}

// RetryingCondition says that something could not be asked that must be known first, and that it is asked again.
func RetryingCondition(message string) metav1.Condition {
	return condition(v1alpha1.ConditionDelivered, metav1.ConditionFalse, v1alpha1.ReasonRetrying, message)
}

// UnconfirmedCondition says that nothing is said to a ticket, because nothing shows that it is the right one, and what to do.
func UnconfirmedCondition(message string) metav1.Condition {
	return condition(v1alpha1.ConditionDelivered, metav1.ConditionFalse, v1alpha1.ReasonUnconfirmed, message)
}

// NotConfiguredCondition says that nothing can be sent, and what to do.
func NotConfiguredCondition(message string) metav1.Condition {
	return condition(v1alpha1.ConditionDelivered, metav1.ConditionFalse, v1alpha1.ReasonNotConfigured, message)
}

func condition(conditionType string, status metav1.ConditionStatus, reason, message string) metav1.Condition {
	return metav1.Condition{Type: conditionType, Status: status, Reason: reason, Message: message}
}
