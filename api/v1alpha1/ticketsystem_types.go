package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// TicketSystemType names a kind of ticket system.
//
// +kubebuilder:validation:Enum=Webhook;Jira;ServiceNow;GitHub;GitLab;Gitea;Redmine;PagerDuty;Custom
type TicketSystemType string

// The types of ticket systems.
const (
	// TicketSystemWebhook posts CloudEvents with the headers of Standard Webhooks.
	TicketSystemWebhook TicketSystemType = "Webhook"
	// TicketSystemJira opens issues in Jira, Cloud or Data Center.
	TicketSystemJira TicketSystemType = "Jira"
	// TicketSystemServiceNow opens records through the Table API.
	TicketSystemServiceNow TicketSystemType = "ServiceNow"
	// TicketSystemGitHub opens issues in a repository of GitHub.
	TicketSystemGitHub TicketSystemType = "GitHub"
	// TicketSystemGitLab opens issues in a project of GitLab.
	TicketSystemGitLab TicketSystemType = "GitLab"
	// TicketSystemGitea opens issues in a repository of Gitea or Forgejo.
	TicketSystemGitea TicketSystemType = "Gitea"
	// TicketSystemRedmine opens issues in a project of Redmine.
	TicketSystemRedmine TicketSystemType = "Redmine"
	// TicketSystemPagerDuty sends events to PagerDuty (Events API v2).
	TicketSystemPagerDuty TicketSystemType = "PagerDuty"
	// TicketSystemCustom does what spec.custom says.
	TicketSystemCustom TicketSystemType = "Custom"
)

// Webhook holds what is particular to the type Webhook.
type Webhook struct {
	// deduplicates says that the receiver recognises a message by its webhook-id and a ticket by its ticketKey, so that
	// a message whose fate is unknown can be sent again. Without it such a message is held until a person decides, unless
	// it is a comment, which is sent again all the same.
	// Default: false.
	// +kubebuilder:default=false
	// +optional
	Deduplicates bool `json:"deduplicates,omitempty"`

	// signingSecrets hold the keys ("whsec_" and base64 of 24 to 64 bytes) that sign each message, the newest first;
	// several while keys are being changed.
	// +kubebuilder:validation:MaxItems=4
	// +listType=atomic
	// +optional
	SigningSecrets []SecretKeyReference `json:"signingSecrets,omitempty"`
}

// TicketRateLimit bounds how often a ticket system is sent to and asked. It is no RateLimit of a MetricSource: people work in a
// ticket system, its makers count requests, and each place takes one of the few workers that all ticket systems have.
type TicketRateLimit struct {
	// perSecond is how many requests a second are made at most, over all namespaces: messages, and what is searched, looked up
	// and read. Default: 5.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000
	// +kubebuilder:default=5
	// +optional
	PerSecond int32 `json:"perSecond,omitempty"`

	// concurrent is how many requests are under way at once. Default: 2.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=6
	// +kubebuilder:default=2
	// +optional
	Concurrent int32 `json:"concurrent,omitempty"`
}

// TicketAssignee says what somebody is called in a ticket system.
type TicketAssignee struct {
	// user, or team, as the assignee of a route gives it: often the name with which people log in to the cluster.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[^\x00-\x1f\x7f]+$`
	User string `json:"user"`

	// account in the ticket system, in the form that its page names.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:Pattern=`^[^\x00-\x1f\x7f]+$`
	Account string `json:"account"`
}

// TicketSystemSpec says where tickets are opened and how to log in there.
//
// +kubebuilder:validation:XValidation:rule="!has(self.webhook) || self.type == 'Webhook' || self.type == 'Custom'",message="webhook belongs to type: Webhook, or Custom"
// +kubebuilder:validation:XValidation:rule="has(self.custom) == (self.type == 'Custom')",message="give custom with type: Custom, and only there"
type TicketSystemSpec struct {
	// type of the system.
	Type TicketSystemType `json:"type"`

	Endpoint `json:",inline"`

	// rateLimit bounds how often the system is sent to and asked. What is too much waits, one namespace after another.
	// +kubebuilder:default={}
	// +optional
	RateLimit TicketRateLimit `json:"rateLimit,omitempty"`

	// webhook holds what is particular to the type Webhook.
	// +optional
	Webhook *Webhook `json:"webhook,omitempty"`

	// parameters say what the type needs to know, such as the project; the page of each type lists them.
	// +kubebuilder:validation:MaxProperties=32
	// +optional
	Parameters map[ParameterName]ParameterValue `json:"parameters,omitempty"`

	// secretFields fill fields of each body that hold a secret, where the type has such.
	// +kubebuilder:validation:MaxItems=4
	// +listType=map
	// +listMapKey=name
	// +optional
	SecretFields []SecretField `json:"secretFields,omitempty"`

	// assignees say what those are called in the system to whom routes assign tickets. Whoever is not listed is assigned nothing.
	// +kubebuilder:validation:MaxItems=1000
	// +listType=map
	// +listMapKey=user
	// +optional
	Assignees []TicketAssignee `json:"assignees,omitempty"`

	// custom says how a system is spoken to that is not built in.
	// +optional
	Custom *TicketProtocol `json:"custom,omitempty"`

	// readEvery is how often the state of an open ticket is read, where the type can read it: between 1m and 24h, or 0s for
	// never. Default: 10m.
	// +kubebuilder:validation:XValidation:rule="duration(self) == duration('0s') || (duration(self) >= duration('1m') && duration(self) <= duration('24h'))",message="readEvery must lie between 1m and 24h, or be 0s"
	// +kubebuilder:default="10m"
	// +optional
	ReadEvery Duration `json:"readEvery,omitempty"`

	// dryRun renders and records every message and sends none. Default: false.
	// +optional
	DryRun bool `json:"dryRun,omitempty"`
}

// TicketSystemStatus is what Gemba knows of a ticket system.
type TicketSystemStatus struct {
	// observedGeneration is the generation of the spec that the status speaks of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions of the system: Ready, Reachable.
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// TicketSystem is where tickets are opened.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=ticketsys,categories=governance
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.spec.type`
// +kubebuilder:printcolumn:name="URL",type=string,JSONPath=`.spec.url`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reachable",type=string,JSONPath=`.status.conditions[?(@.type=="Reachable")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type TicketSystem struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec says where tickets are opened.
	Spec TicketSystemSpec `json:"spec"`

	// status is what Gemba knows of it.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status TicketSystemStatus `json:"status,omitempty"`
}

// TicketSystemList is a list of ticket systems.
//
// +kubebuilder:object:root=true
type TicketSystemList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []TicketSystem `json:"items"`
}
