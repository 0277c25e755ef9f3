package ticket

import (
	"slices"
	"strings"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/governance"
)

// causes are the categories, in the order in which people are asked for them.
var causes = []v1alpha1.CauseCategory{
	v1alpha1.CauseProcess, v1alpha1.CauseHandoff, v1alpha1.CausePolicy, v1alpha1.CauseIncentive, v1alpha1.CauseKPI,
	v1alpha1.CauseAuthority, v1alpha1.CauseTechnology, v1alpha1.CauseTraining, v1alpha1.CauseCommunication, v1alpha1.CauseResources,
	v1alpha1.CauseSupplier, v1alpha1.CausePeople, v1alpha1.CauseUnknown,
}

// causePrefix may stand before a category where labels of all kinds stand beside each other.
const causePrefix = "cause-"

// causeNamed is the first category that a text from a ticket system names; empty where it names none. Other people's labels are
// no errors.
func causeNamed(text string) v1alpha1.CauseCategory {
	for _, named := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == ',' }) {
		named = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(named)), causePrefix)
		for _, category := range causes {
			if named == strings.ToLower(string(category)) {
				return category
			}
		}
	}
	return ""
}

func lacksCause(remediation *v1alpha1.Remediation) bool {
	return demandsCause(remediation) && governance.NamedCause(remediation) == ""
}

// demandsCause is true where the route asks for a cause. Of a group whose route leaves it open, the gravest finding decides.
func demandsCause(remediation *v1alpha1.Remediation) bool {
	route := remediation.Spec.Route
	if remediation.Spec.Group == nil || route.Cause != "" {
		return route.Cause == v1alpha1.CauseRequired
	}
	return slices.ContainsFunc(remediation.Status.Findings, func(f v1alpha1.RemediedFinding) bool {
		return governance.CauseDemanded(&v1alpha1.Route{}, f.Finding) == v1alpha1.CauseRequired
	})
}

// CauseOf is the cause as it counts once a Remediation is closed; empty where none was asked for nor named.
func CauseOf(remediation *v1alpha1.Remediation) v1alpha1.CauseCategory {
	named := governance.NamedCause(remediation)
	if named == "" && demandsCause(remediation) {
		return v1alpha1.CauseUnknown
	}
	return named
}

// Answered is the verdict once a ticket was read: a cause that is named there is not waited for any more.
func (v Verdict) Answered(ticket v1alpha1.TicketStatus) Verdict {
	v.AwaitsCause = v.AwaitsCause && ticket.Cause == ""
	return v
}

// causeText asks what was at fault, where the route wants to know.
func causeText(content Content) string {
	if !lacksCause(content.Remediation) {
		return ""
	}
	return "Before anything is tried: " + causeQuestion(content.CauseHint)
}

// causeQuestion asks for the cause, and says where it is answered; hint says how in the ticket system.
func causeQuestion(hint string) string {
	names := make([]string, 0, len(causes))
	for _, category := range causes {
		names = append(names, string(category))
	}
	last := len(names) - 1
	question := "what was at fault? Where numbers go wrong it is seldom the people. Write it to spec.cause of the Remediation named " +
		"below: " + strings.Join(names[:last], ", ") + " or " + names[last] + "."
	if hint == "" {
		return question
	}
	return question + " Or " + hint + "."
}

// HasAsked is true where the question for the cause was put in an attempt, when the finding was gone.
func HasAsked(ticket v1alpha1.TicketStatus, attempt int32) bool {
	return hasSaid(ticket, Notice{Reason: ReasonRecovered}, attempt)
}
