package standin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gemba-dev/gemba/internal/standin"
)

// follow is an event about an alert that there is.
func follow(action, key string) string {
	return fmt.Sprintf(`{"routing_key":%q,"event_action":%q,"dedup_key":%q}`, standin.PagerDutyRoutingKey, action, key)
}

func TestPagerDutyJoinsATriggerToTheOpenAlertAndOpensANewOneAfterwards(t *testing.T) {
	tracker := serve(t, standin.NewPagerDuty(standin.PagerDutyOptions{}))
	send := func(body string) got { return tracker.want(http.StatusAccepted, http.MethodPost, "/v2/enqueue", body) }
	answer := send(trigger("k1", "Review refunds"))
	if answer.at(t, "status") != "success" || answer.at(t, "message") != "Event processed" || answer.at(t, "dedup_key") != "k1" {
		t.Errorf("answered %s", answer.text)
	}
	send(trigger("k1", "Review refunds, really"))
	send(follow("acknowledge", "k1"))
	if alert := tracker.only(); alert.Title != "Review refunds" || len(alert.Comments) != 1 || alert.VendorState != "acknowledged" || alert.State != standin.Open {
		t.Errorf("the alert is %+v", alert)
	}
	send(follow("resolve", "k1"))
	if alert := tracker.only(); alert.State != standin.Closed || alert.Fields["severity"] != "warning" {
		t.Errorf("the alert is %+v", alert)
	}
	send(follow("resolve", "k1"))
	send(follow("acknowledge", "nobody's"))
	send(trigger("k1", "Again"))
	alerts := tracker.Tickets()
	if len(alerts) != 2 || alerts[0].State != standin.Closed || alerts[1].State != standin.Open || alerts[1].Fields["dedup_key"] != "k1" {
		t.Errorf("the alerts are %+v", alerts)
	}
}

func TestPagerDutyMakesAKeyForATriggerWithoutOne(t *testing.T) {
	tracker := serve(t, standin.NewPagerDuty(standin.PagerDutyOptions{}))
	for range 2 {
		answer := tracker.want(http.StatusAccepted, http.MethodPost, "/v2/enqueue", trigger("", "Review refunds"))
		if len(answer.at(t, "dedup_key")) != 32 {
			t.Errorf("answered %s", answer.text)
		}
	}
	if len(tracker.Tickets()) != 2 {
		t.Errorf("there are %d alerts, want 2", len(tracker.Tickets()))
	}
}

func TestPagerDutyRefusesAnEventThatIsWrong(t *testing.T) {
	good := trigger("k1", "Review refunds")
	tests := map[string]struct{ body, text string }{
		"with a short routing key":       {strings.Replace(good, standin.PagerDutyRoutingKey, "short", 1), "Length of 'routing_key' is incorrect"},
		"with another routing key":       {strings.Replace(good, standin.PagerDutyRoutingKey, strings.Repeat("a", 32), 1), "Invalid routing key"},
		"with an action unheard of":      {strings.Replace(good, "trigger", "close", 1), "'event_action' is invalid"},
		"with a severity unheard of":     {strings.Replace(good, "warning", "Warning", 1), "'payload.severity' is invalid"},
		"without a source":               {strings.Replace(good, "billing", "", 1), "'payload.source' is missing or blank"},
		"without a summary":              {trigger("k1", ""), "'payload.summary' is missing or blank"},
		"with a key that is too long":    {trigger(strings.Repeat("k", 256), "Review refunds"), "'dedup_key' is too long"},
		"to resolve without a key":       {follow("resolve", ""), "'dedup_key' is missing or blank"},
		"to trigger without a payload":   {follow("trigger", "k1"), "'payload' is missing or blank"},
		"that is no JSON":                {"{", "JSON parse error"},
		"with a field that there is not": {strings.Replace(good, `"source"`, `"origin"`, 1), "stand-in:"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			tracker := serve(t, standin.NewPagerDuty(standin.PagerDutyOptions{}))
			answer := tracker.want(http.StatusBadRequest, http.MethodPost, "/v2/enqueue", test.body)
			if !strings.Contains(answer.text, test.text) || len(tracker.Tickets()) != 0 {
				t.Errorf("answered %s, and there is %+v", answer.text, tracker.Tickets())
			}
		})
	}
	tracker := serve(t, standin.NewPagerDuty(standin.PagerDutyOptions{}))
	tracker.want(http.StatusAccepted, http.MethodPost, "/v2/enqueue", trigger(strings.Repeat("k", 255), "Review refunds"))
}
