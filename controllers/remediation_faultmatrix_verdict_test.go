package controllers_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/status"
)

// told are the comments of a ticket without what differs between trials: instants, and words behind the first sentence.
func (t *trial) told() []string {
	var told []string
	for _, ticket := range t.counter.tickets() {
		for _, comment := range ticket.comments {
			first, _, _ := strings.Cut(comment, "\n")
			told = append(told, digits.ReplaceAllString(first, "#"))
		}
	}
	slices.Sort(told)
	if t.receiver.holds || t.receiver.searched {
		// A comment whose fate is unknown is made again.
		told = slices.Compact(told)
	}
	return told
}

var digits = regexp.MustCompile(`[0-9]+`)

// clean is what a run without faults has come to.
type clean struct {
	effects []effect
	states  []string
	told    []string
}

// judge lists what is wrong at the end of a trial.
func (t *trial) judge(want clean) []string {
	t.checkDeterminism(want)
	t.checkBytes()
	t.checkTickets(want)
	t.checkRemediations()
	return t.problems
}

// checkDeterminism says that the fault has happened where it was planned.
func (t *trial) checkDeterminism(want clean) {
	planned := t.gate.plan.number
	switch {
	case planned == 0:
	case !t.gate.fired:
		t.violate("the fault never happens")
	case t.gate.effects[planned-1] != want.effects[planned-1]:
		t.violate("the fault hits another effect: %s", t.gate.effects[planned-1])
	}
}

// checkBytes says that messages with one key are the same to the byte.
func (t *trial) checkBytes() {
	first := map[string]sent{}
	for _, message := range t.messages {
		under := fmt.Sprint(message.life, " ", message.key)
		before, seen := first[under]
		if seen && before != message {
			t.violate("a retry differs: %s %s %s and %s %s %s", before.method, before.path, before.body, message.method, message.path,
				message.body)
		}
		first[under] = message
	}
}

// checkTickets says that there is one, in the right state, with the right history, and that everything was told.
func (t *trial) checkTickets(want clean) {
	tickets := t.counter.tickets()
	// A Remediation that is deleted before its message leaves opens none.
	if len(tickets) > 1 || len(tickets) == 0 && !t.receiver.holds && !t.ended {
		t.violate("there are %d tickets", len(tickets))
	}
	if t.receiver.holds {
		return
	}
	for _, ticket := range tickets {
		if ticket.state != "closed" {
			t.violate("ticket %s is %s", ticket.id, ticket.state)
		}
	}
	if t.wasDelete {
		return
	}
	if t.receiver.searched && tickets[0].assignee != trackerOwner {
		t.violate("the ticket is assigned to %q", tickets[0].assignee)
	}
	if !slices.Equal(t.states, want.states) {
		t.violate("the ticket was %v", t.states)
	}
	if told := t.told(); !slices.Equal(told, want.told) {
		t.violate("the ticket was told %q", told)
	}
}

// checkRemediations says that the Remediation is at its end, or says why not.
func (t *trial) checkRemediations() {
	all := t.cluster.all()
	if t.wasDelete && len(all) == 0 {
		t.checkLeft()
		return
	}
	if len(all) != 1 {
		t.violate("there are %d Remediations", len(all))
		return
	}
	remediation := &all[0]
	t.checkSound(remediation)
	if t.receiver.holds && remediation.Status.State != v1alpha1.RemediationClosed {
		t.checkHeld(remediation)
		return
	}
	t.checkClosed(remediation)
}

// checkSound says that tools which wait for objects do not stumble.
func (t *trial) checkSound(remediation *v1alpha1.Remediation) {
	for _, problem := range status.Check(status.Subject{
		Generation: remediation.Generation, ObservedGeneration: remediation.Status.ObservedGeneration,
		Conditions: remediation.Status.Conditions,
	}) {
		t.violate("the status is not sound: %s", problem)
	}
}

// checkClosed says that a Remediation knows that its ticket is closed, and is held by nobody.
func (t *trial) checkClosed(remediation *v1alpha1.Remediation) {
	if remediation.Status.State != v1alpha1.RemediationClosed || len(remediation.Finalizers) > 0 {
		t.violate("the Remediation is %s, with finalizers %v", remediation.Status.State, remediation.Finalizers)
	}
	if said := conditionOf(remediation); said != "True/Delivered" {
		t.violate("the condition Delivered is %s", said)
	}
	for _, ticket := range t.counter.tickets() {
		known := remediation.Status.Tickets[0]
		if ticket.state != "closed" || known.State != v1alpha1.TicketClosed || known.ID != ticket.id {
			t.violate("the Remediation knows of ticket %q, which is %s; %s is %s", known.ID, known.State, ticket.id, ticket.state)
		}
	}
	if !t.wasDelete && remediation.Status.Attempt != 2 {
		t.violate("it is attempt %d", remediation.Status.Attempt)
	}
}

// checkHeld says that a message whose fate is unknown, and no other, is left to a person.
func (t *trial) checkHeld(remediation *v1alpha1.Remediation) {
	if t.gate.plan.fault == nil || t.gate.plan.fateIsKnown() {
		t.violate("the Remediation is %s, although the fate of each message is known", remediation.Status.State)
	}
	if said := conditionOf(remediation); said != "Unknown/OutcomeUnknown" {
		t.violate("the Remediation is %s, and Delivered is %s", remediation.Status.State, said)
	}
}

// checkLeft says that a ticket which is left open behind a Remediation is told of.
func (t *trial) checkLeft() {
	isOpen := slices.ContainsFunc(t.counter.tickets(), func(of seenTicket) bool { return of.state != "closed" })
	if !isOpen {
		return
	}
	for _, of := range t.managers {
		if slices.ContainsFunc(of.recordedEvents(), func(event string) bool { return strings.Contains(event, "TicketLeftOpen") }) {
			return
		}
	}
	t.violate("a ticket is left open, and nobody is told")
}

func conditionOf(remediation *v1alpha1.Remediation) string {
	if found := status.Find(remediation.Status.Conditions, v1alpha1.ConditionDelivered); found != nil {
		return string(found.Status) + "/" + found.Reason
	}
	return "absent"
}
