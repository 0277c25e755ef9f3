package standin

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"unicode/utf8"
)

// PagerDutyOptions say how PagerDuty is set up.
type PagerDutyOptions struct {
	Options
	// RoutingKeys are the integration keys, of 32 characters each. Default: PagerDutyRoutingKey.
	RoutingKeys []string
}

// PagerDutyRoutingKey is the integration key of a stand-in that was given none.
const PagerDutyRoutingKey = "e93facc04764012d7bfb002500d5d1a6"

// The states of an alert.
const (
	pagerDutyTriggered    = "triggered"
	pagerDutyAcknowledged = "acknowledged"
	pagerDutyResolved     = "resolved"
)

// pagerDuty is a PagerDuty with its options.
type pagerDuty struct {
	*Tracker
	keys []string
}

// NewPagerDuty stands in for version 2 of PagerDuty's Events API. Alerts cannot be read there, only by Tickets.
//
// https://developer.pagerduty.com/docs/events-api-v2-overview
// https://github.com/PagerDuty/api-schema/blob/main/reference/events-v2/openapiv3.json
func NewPagerDuty(options PagerDutyOptions) *Tracker {
	p := &pagerDuty{Tracker: newTracker(options.Options), keys: orElse(options.RoutingKeys, PagerDutyRoutingKey)}
	return p.speak(vendor{
		routes: []route{{http.MethodPost, "/v2/enqueue", p.enqueue}},
		unauthorized: func(call, bool) reply {
			return plain(http.StatusUnauthorized, "stand-in: the Events API knows no login; leave Credentials empty")
		},
		throttled: pagerDutyThrottled,
		unknown: func(call) reply {
			return answer(http.StatusNotFound, object{"status": "Not Found", "message": "Not Found"}) // not verified
		},
		unsupported: func(call) reply { return notAnEvent() },
		states: states{
			known: func(state string) bool {
				return slices.Contains([]string{pagerDutyTriggered, pagerDutyAcknowledged, pagerDutyResolved}, state)
			},
			closed: func(state string) bool { return state == pagerDutyResolved },
			open:   pagerDutyTriggered,
			shut:   pagerDutyResolved,
		},
	})
}

// pagerDutyThrottled is documented as a 429 without more. The body is from reports of users. That Retry-After comes with it
// is not verified.
func pagerDutyThrottled(_ call, seconds int) reply {
	return answer(http.StatusTooManyRequests, object{
		"status": "throttle exceeded", "message": "Requests for this service are arriving too quickly.  Please retry later.",
	}).with("Retry-After", strconv.Itoa(seconds))
}

// notAnEvent is documented for what is no JSON.
func notAnEvent() reply {
	return answer(http.StatusBadRequest, object{
		"status": "Unrecognized object", "message": "Event object format is unrecognized", "errors": []string{"JSON parse error"},
	})
}

// pagerDutyEvent is the body of a request.
type pagerDutyEvent struct {
	RoutingKey  string              `json:"routing_key"`
	EventAction string              `json:"event_action"`
	DedupKey    string              `json:"dedup_key"`
	Payload     *pagerDutyPayload   `json:"payload"`
	Client      string              `json:"client"`
	ClientURL   string              `json:"client_url"`
	Links       []map[string]string `json:"links"`
	Images      []map[string]string `json:"images"`
}

// pagerDutyPayload is what a trigger says.
type pagerDutyPayload struct {
	Summary       string         `json:"summary"`
	Source        string         `json:"source"`
	Severity      string         `json:"severity"`
	Timestamp     string         `json:"timestamp"`
	Component     string         `json:"component"`
	Group         string         `json:"group"`
	Class         string         `json:"class"`
	CustomDetails map[string]any `json:"custom_details"`
}

// problems is all that is wrong with an event. The sentences about the routing key, the severity and what is missing or
// blank are from reports of users; the others are not verified.
func (e pagerDutyEvent) problems() []string {
	problems := []string{}
	if utf8.RuneCountInString(e.RoutingKey) != 32 {
		problems = append(problems, "Length of 'routing_key' is incorrect (should be 32 characters)")
	}
	if !slices.Contains([]string{"trigger", "acknowledge", "resolve"}, e.EventAction) {
		problems = append(problems, "'event_action' is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')")
	}
	if utf8.RuneCountInString(e.DedupKey) > 255 {
		problems = append(problems, "'dedup_key' is too long (maximum is 255 characters)")
	}
	if e.EventAction == "trigger" {
		return append(problems, e.Payload.problems()...)
	}
	if e.DedupKey == "" {
		problems = append(problems, "'dedup_key' is missing or blank")
	}
	return problems
}

// problems is all that is wrong with the payload of a trigger.
func (p *pagerDutyPayload) problems() []string {
	if p == nil {
		return []string{"'payload' is missing or blank"}
	}
	problems := []string{}
	for _, needed := range [][2]string{{"summary", p.Summary}, {"source", p.Source}, {"severity", p.Severity}} {
		if isBlank(needed[1]) {
			problems = append(problems, fmt.Sprintf("'payload.%s' is missing or blank", needed[0]))
		}
	}
	if p.Severity != "" && !slices.Contains([]string{"critical", "error", "warning", "info"}, p.Severity) {
		problems = append(problems, "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')")
	}
	return problems
}
