package v1alpha1

// UnknownOutcome says what is done about a message that may have opened a ticket, where no answer has said so.
//
// +kubebuilder:validation:Enum=Deduplicate;Search;Hold
type UnknownOutcome string

// What is done about a message that may have opened a ticket.
const (
	// UnknownDeduplicate sends it again: the system recognises a ticket by its key.
	UnknownDeduplicate UnknownOutcome = "Deduplicate"
	// UnknownSearch looks for the ticket once the system must show it, and sends the message again where there is none.
	UnknownSearch UnknownOutcome = "Search"
	// UnknownHold waits for a person to decide with spec.resolve of the Remediation.
	UnknownHold UnknownOutcome = "Hold"
)

// TicketMethod is the method of a request to a ticket system.
//
// +kubebuilder:validation:Enum=GET;POST;PUT;PATCH;DELETE
type TicketMethod string

// TicketHeader is a header that each request carries.
type TicketHeader struct {
	// name of the header. Host, Authorization, Content-Length and the headers of a single connection cannot be set.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^[A-Za-z][A-Za-z0-9-]*$`
	Name string `json:"name"`

	// value of the header; no secret, which belongs in auth.
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:Pattern=`^[\x20-\x7E]*$`
	Value string `json:"value"`
}

// TicketParameter is something about a system that its TicketSystem says in spec.parameters.
type TicketParameter struct {
	// name of the parameter.
	Name ParameterName `json:"name"`

	// description says what it is.
	// +optional
	Description Text `json:"description,omitempty"`

	// default where spec.parameters does not say it. A parameter without a default is required.
	// +optional
	Default *ParameterValue `json:"default,omitempty"`
}

// ParameterName names a parameter.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:Pattern=`^[a-z][A-Za-z0-9]*$`
type ParameterName string

// ParameterValue is what a TicketSystem says a parameter is.
//
// +kubebuilder:validation:MaxLength=1024
type ParameterValue string

// TicketProtocol says, as data, how tickets are opened and kept in a system: one request for each thing that is done.
//
// Its expressions are CEL. Each sees ticket (what is said, see the page about custom ticket systems), parameters and base, the
// URL of the TicketSystem; those
// that read an answer see reply with status, headers (by lower-case name) and body (JSON, or text where it is none).
type TicketProtocol struct {
	// unknownOutcome says what is done about a message that may have opened a ticket. Default: Hold.
	// +kubebuilder:default=Hold
	// +optional
	UnknownOutcome UnknownOutcome `json:"unknownOutcome,omitempty"`

	// contentType of requests with a body. Default: application/json.
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[\x20-\x7E]*$`
	// +optional
	ContentType string `json:"contentType,omitempty"`

	// headers of each request.
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=name
	// +optional
	Headers []TicketHeader `json:"headers,omitempty"`

	// standardWebhooks adds webhook-id, webhook-timestamp and, where spec.webhook holds keys, webhook-signature.
	// +optional
	StandardWebhooks bool `json:"standardWebhooks,omitempty"`

	// parameters that a TicketSystem gives.
	// +kubebuilder:validation:MaxItems=32
	// +listType=map
	// +listMapKey=name
	// +optional
	Parameters []TicketParameter `json:"parameters,omitempty"`

	// secretFields are fields at the top of each body that are filled in from spec.secretFields when a request leaves. They
	// are never written down.
	// +kubebuilder:validation:MaxItems=4
	// +listType=set
	// +optional
	SecretFields []SecretFieldName `json:"secretFields,omitempty"`

	// find looks for a ticket by its key. unknownOutcome: Search needs it.
	// +optional
	Find *TicketSearch `json:"find,omitempty"`

	// create opens a ticket.
	Create TicketRequest `json:"create"`

	// comment adds a text to a ticket. Without it nothing is said between create and close.
	// +optional
	Comment *TicketRequest `json:"comment,omitempty"`

	// close closes a ticket. Without it tickets are left open.
	// +optional
	Close *TicketRequest `json:"close,omitempty"`

	// reopen opens a closed ticket again. Without it a new ticket is opened.
	// +optional
	Reopen *TicketRequest `json:"reopen,omitempty"`

	// assign assigns an open ticket to ticket.assignee. It may be sent twice. Without it a ticket is assigned where create uses
	// ticket.assignee, and not at all where neither does.
	// +optional
	Assign *TicketRequest `json:"assign,omitempty"`

	// read reads a ticket's state.
	// +optional
	Read *TicketReading `json:"read,omitempty"`
}

// SecretFieldName is a field of a JSON object.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:Pattern=`^[A-Za-z_][A-Za-z0-9_-]*$`
type SecretFieldName string

// SecretField fills one field at the top of each body.
type SecretField struct {
	// name of the field, such as routing_key.
	Name SecretFieldName `json:"name"`

	// value holds what goes there.
	Value SecretKeyReference `json:"value"`
}

// TicketRequest is one request, and what its answer says. It is written down before it is sent, and is the same over all tries.
type TicketRequest struct {
	// lookup is asked before the request is written down; its answer is seen as lookup, in the form of reply.
	// +optional
	Lookup *TicketLookup `json:"lookup,omitempty"`

	// method of the request. Default: POST.
	// +kubebuilder:default=POST
	// +optional
	Method TicketMethod `json:"method,omitempty"`

	// path is a text that is added to the URL of the TicketSystem. It sees of ticket its key, subjectKey, id, url and
	// operation. Escape what goes into it with pathEscape(...) or queryEscape(...).
	Path Expression `json:"path"`

	// body is a value that is sent as JSON: {"title": ticket.title}. Without it there is no body.
	// +optional
	Body Expression `json:"body,omitempty"`

	// verify is true of a body that this request can have. It is asked before a message that was written down is sent again.
	// +optional
	Verify Expression `json:"verify,omitempty"`

	// id takes the ticket's name in its system out of the reply: a text or a number.
	// +optional
	ID Expression `json:"id,omitempty"`

	// url takes the link to the ticket out of the reply.
	// +optional
	URL Expression `json:"url,omitempty"`

	// state takes out of the reply whether the ticket is "open", "closed", or "declined": closed as something that will not be done.
	// +optional
	State Expression `json:"state,omitempty"`

	// warning is a sentence about something that is amiss although the request was taken, out of the reply, and empty where nothing
	// is. People read it in the condition Delivered.
	// +optional
	Warning Expression `json:"warning,omitempty"`

	// carriesText says that the request tells why: ticket.body is in it. Otherwise that is said by a comment before it.
	// +optional
	CarriesText bool `json:"carriesText,omitempty"`
}

// TicketReading asks for a ticket, with GET.
type TicketReading struct {
	// path is a text that is added to the URL of the TicketSystem, as that of a request.
	Path Expression `json:"path"`

	// url takes the link to the ticket out of the reply.
	// +optional
	URL Expression `json:"url,omitempty"`

	// state takes out of the reply whether the ticket is "open", "closed", or "declined": closed as something that will not be done.
	State Expression `json:"state"`

	// carries is true where the reply shows that the ticket carries ticket.key or ticket.subjectKey. With it, an id that somebody
	// else has named is read before anything is said to the ticket, and nothing is said to one that does not carry the key.
	// +optional
	Carries Expression `json:"carries,omitempty"`

	// cause takes out of the reply what people have named as the cause, such as a label: a category of spec.cause of a
	// Remediation, also in small letters and after "cause-". Of several, in lines or with commas between them, the first counts;
	// what is no category is passed over.
	// +optional
	Cause Expression `json:"cause,omitempty"`

	// causeHint tells people how the cause is named in this system; it continues "or" and ends without a full stop. It sees base
	// and parameters.
	// +optional
	CauseHint Expression `json:"causeHint,omitempty"`

	// text takes the text of the ticket out of the reply, as people see it and edit it. What they write there about their attempts
	// is read: each in lines that begin with Hypothesis:, Done:, Result: and Learned:.
	// +optional
	Text Expression `json:"text,omitempty"`
}

// TicketLookup asks for something that a request needs to know, with GET.
type TicketLookup struct {
	// path is a text that is added to the URL of the TicketSystem.
	Path Expression `json:"path"`

	// done is true where lookup shows that nothing is left to do.
	// +optional
	Done Expression `json:"done,omitempty"`

	// problem is a sentence that says what somebody must do first, and empty where nothing must be done.
	// +optional
	Problem Expression `json:"problem,omitempty"`
}

// TicketSearch lists tickets, a page at a time, to find those with a key.
type TicketSearch struct {
	// method of the request. Default: GET.
	// +kubebuilder:default=GET
	// +optional
	Method TicketMethod `json:"method,omitempty"`

	// path is a text that is added to the URL of the TicketSystem. It sees key, the text that is looked for; open, which
	// is true where only open tickets are; page, which counts from 1; and previous, the reply of the page before.
	Path Expression `json:"path"`

	// body is a value that is sent as JSON; it sees what path sees.
	// +optional
	Body Expression `json:"body,omitempty"`

	// tickets takes those with the key out of the reply: a list of {"id": ..., "url": ..., "state": ...}, the newest first; state is
	// as that of a request.
	Tickets Expression `json:"tickets"`

	// more is true where there is another page. At most 50 are asked for.
	// +optional
	More Expression `json:"more,omitempty"`

	// visibleAfter is how long after it was opened a ticket may be missing from the list. Default: 0s.
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s') && duration(self) <= duration('1h')",message="visibleAfter must lie between 0s and 1h"
	// +optional
	VisibleAfter Duration `json:"visibleAfter,omitempty"`
}
