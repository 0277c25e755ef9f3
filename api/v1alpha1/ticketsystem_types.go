package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// BasicAuth logs in with a user name and a password.
type BasicAuth struct {
	// username holds the user name.
	Username SecretKeyReference `json:"username"`
	// password holds the password.
	Password SecretKeyReference `json:"password"`
}

// HeaderAuth logs in with a header of its own.
type HeaderAuth struct {
	// name of the header, such as X-Api-Key. Host, Authorization, Content-Length and the headers of a single
	// connection cannot be set.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^[A-Za-z][A-Za-z0-9-]*$`
	Name string `json:"name"`

	// value holds the value of the header.
	Value SecretKeyReference `json:"value"`
}

// Auth says how to log in; exactly one way.
//
// +kubebuilder:validation:XValidation:rule="(has(self.basic) ? 1 : 0) + (has(self.bearer) ? 1 : 0) + (has(self.header) ? 1 : 0) == 1",message="say how to log in: give exactly one of basic, bearer and header"
type Auth struct {
	// basic logs in with a user name and a password.
	// +optional
	Basic *BasicAuth `json:"basic,omitempty"`

	// bearer holds a token.
	// +optional
	Bearer *SecretKeyReference `json:"bearer,omitempty"`

	// header logs in with a header of its own.
	// +optional
	Header *HeaderAuth `json:"header,omitempty"`
}

// TLS says whom to trust.
type TLS struct {
	// caBundle holds the certificates, in PEM, of the authorities to trust instead of the system's.
	// +kubebuilder:validation:MaxLength=65536
	// +optional
	CABundle string `json:"caBundle,omitempty"`
}

// Endpoint is another system that is asked over HTTP.
type Endpoint struct {
	// url of the system.
	URL Link `json:"url"`

	// auth says how to log in. Secrets are read from the namespace of the object, and sent only to hosts that the
	// Secret's own annotation governance.gemba.dev/allowed-hosts lists.
	// +optional
	Auth *Auth `json:"auth,omitempty"`

	// tls says whom to trust. Certificates are always verified.
	// +optional
	TLS *TLS `json:"tls,omitempty"`

	// proxy is the URL of an HTTP proxy. Variables of the environment are ignored.
	// +optional
	Proxy Link `json:"proxy,omitempty"`

	// timeout of one request, between 1s and 60s. Default: 10s.
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1s') && duration(self) <= duration('60s')",message="timeout must lie between 1s and 60s"
	// +kubebuilder:default="10s"
	// +optional
	Timeout Duration `json:"timeout,omitempty"`

	// allowedNamespaces says from which namespaces the object may be referred to. Default: its own only.
	// +optional
	AllowedNamespaces *AllowedNamespaces `json:"allowedNamespaces,omitempty"`
}

// TicketSystemType names a kind of ticket system.
//
// +kubebuilder:validation:Enum=Webhook
type TicketSystemType string

// TicketSystemWebhook posts CloudEvents with the headers of Standard Webhooks.
const TicketSystemWebhook TicketSystemType = "Webhook"

// Webhook holds what is particular to the type Webhook.
type Webhook struct {
	// deduplicates says that the receiver recognises a message by its webhook-id and a ticket by its ticketKey, so that
	// a message whose fate is unknown can be sent again. Without it such a message is held until a person decides.
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

// TicketSystemSpec says where tickets are opened and how to log in there.
//
// +kubebuilder:validation:XValidation:rule="!has(self.webhook) || self.type == 'Webhook'",message="webhook belongs to type: Webhook"
type TicketSystemSpec struct {
	// type of the system.
	Type TicketSystemType `json:"type"`

	Endpoint `json:",inline"`

	// webhook holds what is particular to the type Webhook.
	// +optional
	Webhook *Webhook `json:"webhook,omitempty"`

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
