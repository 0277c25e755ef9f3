package ticket

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// Backend says how a type of ticket system is spoken to. It is data: adding a type adds an entry to a table and
// nothing else.
type Backend struct {
	// Method and Path of each request; the path is below the URL of the TicketSystem.
	Method, Path string
	// ContentType of each body.
	ContentType string
	// Render gives a message its form.
	Render func(messageKey string, message Message) ([]byte, error)
	// Parse takes out of the body of a reply what it says of the ticket. What is in the body is untrusted.
	Parse func(body []byte) Known
	// Name reads back what a body that Render made names. A body that Render cannot have made is an error.
	Name func(body []byte) (Named, error)
	// Deduplicates says whether a receiver so configured recognises a message that it has had before.
	Deduplicates func(spec v1alpha1.TicketSystemSpec) bool
	// SigningSecrets are the keys that each message is signed with after Standard Webhooks, the newest first.
	SigningSecrets func(spec v1alpha1.TicketSystemSpec) []v1alpha1.SecretKeyReference
}

// Named is what the body of a message says that it is.
type Named struct {
	MessageKey, TicketKey string
	Operation             v1alpha1.Operation
}

// Known is what a reply says of a ticket; empty where it does not.
type Known struct {
	ID, URL string
	// Closed is true where the reply says that the ticket is closed.
	Closed bool
}

// backends are the types of ticket systems that are built in.
var backends = map[v1alpha1.TicketSystemType]Backend{
	v1alpha1.TicketSystemWebhook: webhook,
}

// BackendFor finds the type; ok is false where this version does not know it.
func BackendFor(systemType v1alpha1.TicketSystemType) (backend Backend, ok bool) {
	backend, ok = backends[systemType]
	return backend, ok
}

// Endpoint is the method of an operation and its path below the URL of the TicketSystem. A request goes there, whatever
// the status of a Remediation shows: others than Gemba may be able to write that.
func (b Backend) Endpoint(v1alpha1.Operation) (method, path string) { return b.Method, b.Path }

// Verify says why a message that is written down is not one that Gemba can have written for the ticket of a key. It is
// asked before a message is sent again: whoever may write the status of a Remediation must not speak for other tickets.
func (b Backend) Verify(delivery *v1alpha1.Delivery, ticketKey string) error {
	if !belongs(delivery, ticketKey) {
		return fmt.Errorf("verify the message %q: it does not belong to ticket %s", delivery.MessageKey, ticketKey)
	}
	named, err := b.Name([]byte(delivery.Body))
	if err != nil {
		return fmt.Errorf("verify the message %q: %w", delivery.MessageKey, err)
	}
	want := Named{MessageKey: delivery.MessageKey, TicketKey: ticketKey, Operation: delivery.Operation}
	if named != want {
		return fmt.Errorf("verify the message %q: its body says that it is the %s %q of ticket %q", delivery.MessageKey,
			named.Operation, named.MessageKey, named.TicketKey)
	}
	return nil
}

// belongs is true where a message key is of the form that MessageKey gives.
func belongs(delivery *v1alpha1.Delivery, ticketKey string) bool {
	if delivery.Operation == v1alpha1.OperationCreate {
		return delivery.MessageKey == ticketKey
	}
	sum, found := strings.CutPrefix(delivery.MessageKey, ticketKey+"-"+strconv.Itoa(int(delivery.Sequence))+"-")
	return found && len(sum) == bodyHash
}
