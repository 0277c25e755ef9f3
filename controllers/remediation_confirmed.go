package controllers

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/gemba-dev/gemba/internal/ticket"
)

// confirmation is what is known of the ticket that an id names at a place.
type confirmation struct {
	id, place string
	// foreign says that it is not the ticket of the Remediation; at is when that was found.
	foreign bool
	at      time.Time
}

// confirmations remember, by Remediation and system, the ticket that is known to be the right one: its id came from an answer to a
// create or a search of this process, or the ticket was read and carries the key. The zero value remembers nothing; safe for
// concurrent use. It is not written down: whoever may write the status could write that, too.
type confirmations struct {
	mu    sync.Mutex
	known map[types.NamespacedName]map[string]confirmation
}

// keep remembers that an id is that of the ticket of a pass.
func (c *confirmations) keep(p *pass, id string) {
	if p.system != nil && id != "" {
		c.put(p, confirmation{id: id, place: ticket.PlaceOf(&p.system.Spec)})
	}
}

// keepForeign remembers that an id is that of another ticket.
func (c *confirmations) keepForeign(p *pass, id string) {
	c.put(p, confirmation{id: id, place: ticket.PlaceOf(&p.system.Spec), foreign: true, at: p.now})
}

func (c *confirmations) put(p *pass, kept confirmation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := client.ObjectKeyFromObject(p.remediation)
	if c.known == nil {
		c.known = map[types.NamespacedName]map[string]confirmation{}
	}
	if c.known[key] == nil {
		c.known[key] = map[string]confirmation{}
	}
	c.known[key][p.ticket.System] = kept
}

// of gives what is known of an id in the system of a pass, as the system is now.
func (c *confirmations) of(p *pass, id string) (kept confirmation, found bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept, found = c.known[client.ObjectKeyFromObject(p.remediation)][p.ticket.System]
	return kept, found && kept.id == id && kept.place == ticket.PlaceOf(&p.system.Spec)
}

func (c *confirmations) forget(key types.NamespacedName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.known, key)
}
