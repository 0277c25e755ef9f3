// Package ticket decides what is said to ticket systems about a finding, and when: keys, texts, the outbox, and the
// life of a Remediation from its first finding to its closed ticket. It does no I/O and reads no clock.
//
// The promise: every message is delivered at least once under a stable key; there is one ticket for an episode wherever
// the receiver removes duplicates; nothing is lost in silence. How it is kept:
//
//   - keys.go: names and keys depend on what a message is about, never on a clock, a UID or a count of tries.
//   - message.go: the text of a message, the same bytes on every try.
//   - outbox.go: what to do next about a ticket. A send is only ever proposed together with the status that must be
//     stored before it.
//   - outcome.go: what an answer, or its absence, says about a message.
//   - lifecycle.go: when a finding is recovered, verified, and when it has come back.
package ticket
