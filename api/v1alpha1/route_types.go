package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// CauseDemand says whether a cause must be named before a ticket is done with.
//
// +kubebuilder:validation:Enum=Optional;Required
type CauseDemand string

// The demands for a cause.
const (
	CauseOptional CauseDemand = "Optional"
	CauseRequired CauseDemand = "Required"
)

// Escalation is what happens where a finding stands for too long.
//
// +kubebuilder:validation:XValidation:rule="has(self.severity) || has(self.ticketSystemRef) || has(self.assignee)",message="say what the step does: give severity, ticketSystemRef or assignee"
type Escalation struct {
	// after is how long the finding has stood, since its Remediation was opened or it came back, between 1m and 8760h.
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1m') && duration(self) <= duration('8760h')",message="after must lie between 1m and 8760h"
	After Duration `json:"after"`

	// severity that the tickets show from then on, where that of the finding is lower.
	// +optional
	Severity Severity `json:"severity,omitempty"`

	// ticketSystemRef names where a further ticket is opened. Its allowedNamespaces must admit the namespace of the subject.
	// +optional
	TicketSystemRef *NamespacedReference `json:"ticketSystemRef,omitempty"`

	// assignee says, as that of a route, to whom the tickets are assigned from then on; with ticketSystemRef, the ticket there alone.
	// +optional
	Assignee Expression `json:"assignee,omitempty"`
}

// ActiveTimes are when people want to be told something.
//
// +kubebuilder:validation:XValidation:rule="!has(self.from) || !has(self.to) || self.from < self.to",message="from must lie before to: give the hours of one day"
type ActiveTimes struct {
	// timeZone is the IANA name of the zone that the times are in. Default: UTC.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:default=UTC
	// +optional
	TimeZone string `json:"timeZone,omitempty"`

	// weekdays on which something may be said. Default: Monday to Friday.
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=7
	// +kubebuilder:default={Monday,Tuesday,Wednesday,Thursday,Friday}
	// +listType=set
	// +optional
	Weekdays []Weekday `json:"weekdays,omitempty"`

	// from this local time on. Default: the beginning of the day.
	// +optional
	From TimeOfDay `json:"from,omitempty"`

	// to this local time, which is no longer active. Default: the end of the day.
	// +optional
	To TimeOfDay `json:"to,omitempty"`
}

// GroupKey is something that findings of one ticket have in common.
//
// +kubebuilder:validation:Enum=Namespace;Rule;Subject
type GroupKey string

// What findings can be grouped by.
const (
	// GroupByNamespace puts all findings of a namespace on one ticket.
	GroupByNamespace GroupKey = "Namespace"
	// GroupByRule puts those on one ticket that one rule has found.
	GroupByRule GroupKey = "Rule"
	// GroupBySubject puts those on one ticket that are about one process or KPI.
	GroupBySubject GroupKey = "Subject"
)

// Pace says when and how often something is said about a finding that stands.
type Pace struct {
	// groupWait is how long a finding has stood before its ticket is opened, and how long changes of an open ticket are gathered
	// before they are told, at most 24h. A finding of severity Critical does not wait. Default: 0s.
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s') && duration(self) <= duration('24h')",message="groupWait must lie between 0s and 24h"
	// +optional
	GroupWait Duration `json:"groupWait,omitempty"`

	// repeatEvery is how often people are reminded of an open ticket, between 1h and 8760h. Default: never.
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1h') && duration(self) <= duration('8760h')",message="repeatEvery must lie between 1h and 8760h"
	// +optional
	RepeatEvery Duration `json:"repeatEvery,omitempty"`

	// maxRepeats is how often at most, in one attempt. Default: 3.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100
	// +optional
	MaxRepeats int32 `json:"maxRepeats,omitempty"`

	// escalate lists what happens where the finding stands for longer, step by step. A ticket that somebody closes again after
	// Gemba has reopened it takes the next step at once.
	// +kubebuilder:validation:MaxItems=3
	// +kubebuilder:validation:XValidation:rule="size(self) < 2 || duration(self[0].after) < duration(self[1].after)",message="the steps must come one after the other: let after rise from step to step"
	// +kubebuilder:validation:XValidation:rule="size(self) < 3 || duration(self[1].after) < duration(self[2].after)",message="the steps must come one after the other: let after rise from step to step"
	// +listType=atomic
	// +optional
	Escalate []Escalation `json:"escalate,omitempty"`

	// activeTimes are when people want to be told something; a message waits for them. One about a finding of severity Critical does
	// not. Default: always.
	// +optional
	ActiveTimes *ActiveTimes `json:"activeTimes,omitempty"`
}

// Route says which findings open tickets, and where. The first route that matches a finding wins.
type Route struct {
	// name of the route.
	Name Key `json:"name"`

	// rules that it covers. Default: all.
	// +kubebuilder:validation:MaxItems=64
	// +listType=set
	// +optional
	Rules []Rule `json:"rules,omitempty"`

	// minSeverity that it covers. Default: Medium.
	// +kubebuilder:default=Medium
	// +optional
	MinSeverity Severity `json:"minSeverity,omitempty"`

	// selector chooses subjects by their labels. Default: all.
	// +optional
	Selector *metav1.LabelSelector `json:"selector,omitempty"`

	// ticketSystemRef names where tickets are opened. Its allowedNamespaces must admit the namespace of the subject.
	TicketSystemRef NamespacedReference `json:"ticketSystemRef"`

	// groupBy lists what findings have in common that share a ticket; they are always of one namespace. The ticket is told as findings
	// come and go, and closed when none is left. Default: each finding has a ticket of its own.
	// +kubebuilder:validation:MaxItems=3
	// +listType=set
	// +optional
	GroupBy []GroupKey `json:"groupBy,omitempty"`

	Pace `json:",inline"`

	// assignee says to whom tickets are assigned: an expression in CEL that gives a text, such as subject.owner.user. It sees
	// subject with kind, namespace, name, labels, tier, and owner and accountable with user, team and role; what is not declared is
	// an empty text. The account of whom it names stands in spec.assignees of the TicketSystem; without one the ticket is assigned
	// to nobody. A group is where all its subjects name the same. Default: nobody.
	// +optional
	Assignee Expression `json:"assignee,omitempty"`

	// cause says whether a cause must be named before a ticket is closed. Default: Required for KPIConflict, Watermelon, and
	// Breached of severity High and above, which are KPIs that are Fatal or an outcome; else Optional.
	// +optional
	Cause CauseDemand `json:"cause,omitempty"`

	// reopenWithin is how long after a ticket was closed the same finding reopens it instead of opening another.
	// Default: P30D.
	// +kubebuilder:default=P30D
	// +optional
	ReopenWithin Period `json:"reopenWithin,omitempty"`
}
