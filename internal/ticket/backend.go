package ticket

import "github.com/gemba-dev/gemba/api/v1alpha1"

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
	// Deduplicates says whether a receiver so configured recognises a message that it has had before.
	Deduplicates func(spec v1alpha1.TicketSystemSpec) bool
	// SigningSecrets are the keys that each message is signed with after Standard Webhooks, the newest first.
	SigningSecrets func(spec v1alpha1.TicketSystemSpec) []v1alpha1.SecretKeyReference
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
