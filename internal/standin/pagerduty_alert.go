package standin

import (
	"fmt"
	"net/http"
	"slices"
)

// enqueue takes an event. Acknowledging and resolving what is not open is accepted and does nothing.
//
// https://developer.pagerduty.com/docs/send-alert-event
func (p *pagerDuty) enqueue(c call) (reply, error) {
	if !c.isJSON() {
		return notAnEvent(), nil
	}
	var event pagerDutyEvent
	if err := firstOf(c.onlyQuery(), c.read(&event)); err != nil {
		return reply{}, err
	}
	if problems := event.problems(); len(problems) > 0 {
		return answer(http.StatusBadRequest, object{
			"status": "invalid event", "message": "Event object is invalid", "errors": problems,
		}), nil
	}
	if !slices.Contains(p.keys, event.RoutingKey) {
		return plain(http.StatusBadRequest, "Invalid routing key"), nil // text and no JSON, as users report it
	}
	if event.DedupKey == "" {
		event.DedupKey = fmt.Sprintf("%032x", p.store.next())
	}
	p.take(c, event)
	return answer(http.StatusAccepted, object{
		"status": "success", "message": "Event processed", "dedup_key": event.DedupKey,
	}), nil
}

// take carries out an event that is good. A trigger joins the open alert with its key, or opens a new one: a resolved
// alert is never opened again.
func (p *pagerDuty) take(c call, event pagerDutyEvent) {
	alert := p.openAlert(event)
	switch {
	case alert == nil && event.EventAction == "trigger":
		p.store.add(p.newAlert(c, event), c.now)
	case alert == nil:
		// Nothing is open under the key.
	case event.EventAction == "trigger":
		// What the alert shows then is not verified: here the first trigger stays, and the others are its log.
		alert.change(c.now, func(r *record) { r.say(event.Payload.Summary) })
	case event.EventAction == "acknowledge":
		alert.change(c.now, func(r *record) { r.state = pagerDutyAcknowledged })
	default:
		alert.change(c.now, func(r *record) { r.state = pagerDutyResolved })
	}
}

// openAlert finds the alert that is open under the key of an event, at the service that the routing key names.
func (p *pagerDuty) openAlert(event pagerDutyEvent) *history {
	for _, candidate := range p.store.all {
		alert := candidate.latest()
		mine := alert.home == event.RoutingKey && alert.field("dedup_key") == event.DedupKey
		if mine && !alert.deleted && alert.state != pagerDutyResolved {
			return candidate
		}
	}
	return nil
}

func (p *pagerDuty) newAlert(c call, event pagerDutyEvent) record {
	id := fmt.Sprintf("Q%09d", p.store.next())
	fields := map[string]any{
		"dedup_key": event.DedupKey, "source": event.Payload.Source, "severity": event.Payload.Severity,
		"component": event.Payload.Component, "group": event.Payload.Group, "class": event.Payload.Class,
		"client": event.Client, "client_url": event.ClientURL, "links": event.Links, "images": event.Images,
		"custom_details": event.Payload.CustomDetails, "timestamp": event.Payload.Timestamp,
	}
	return record{
		id: id, home: event.RoutingKey, url: c.base() + "/alerts/" + id, title: shortened(event.Payload.Summary, 1024),
		state: pagerDutyTriggered, fields: fields,
	}
}

// shortened cuts a text to so many characters, as PagerDuty does with a summary.
func shortened(text string, most int) string {
	characters := []rune(text)
	return string(characters[:min(most, len(characters))])
}
