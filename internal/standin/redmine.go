package standin

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// RedmineOptions say how Redmine is set up.
type RedmineOptions struct {
	Options
	// Projects are the identifiers of the projects; their ids count from 1. Default: ops.
	Projects []string
	// Trackers are the names of the trackers; their ids count from 1. Default: Bug, Feature and Support.
	Trackers []string
	// Priorities are the names of the priorities; their ids count from 1, and the second is the default. Default: Low,
	// Normal, High, Urgent and Immediate.
	Priorities []string
	// Statuses are what issues go through, the first at the beginning. Default: New, In Progress, Resolved, Feedback, Closed
	// and Rejected.
	Statuses []RedmineStatus
	// CustomFields are the custom fields of issues.
	CustomFields []RedmineField
	// Forbidden are changes of status that the workflow does not allow to the user, as pairs of ids. Redmine answers them
	// with success and leaves the status as it is.
	Forbidden [][2]int
	// Members are the ids of the users that issues can be assigned to. Default: 7.
	Members []int
	// Older makes it one of the versions that do not say of the status of an issue whether it is a closed one.
	Older bool
}

// RedmineStatus is a status of issues.
type RedmineStatus struct {
	ID     int
	Name   string
	Closed bool
}

// RedmineField is a custom field of issues.
type RedmineField struct {
	ID   int
	Name string
	// Filter says that it is used as a filter. Where it is not, Redmine ignores it in a list, and lists more than was meant.
	Filter bool
}

// redmine is a Redmine with its options.
type redmine struct {
	*Tracker
	options RedmineOptions
}

// NewRedmine stands in for Redmine 5 with its REST API.
//
// https://www.redmine.org/projects/redmine/wiki/Rest_api
// https://www.redmine.org/projects/redmine/wiki/Rest_Issues
func NewRedmine(options RedmineOptions) *Tracker {
	r := &redmine{Tracker: newTracker(options.Options), options: options.withDefaults()}
	return r.speak(vendor{
		routes: []route{
			{http.MethodPost, "/issues.json", r.create},
			{http.MethodGet, "/issues.json", r.list},
			{http.MethodGet, "/issues/{issue}.json", r.get},
			{http.MethodPut, "/issues/{issue}.json", r.update},
		},
		unauthorized: func(call, bool) reply {
			return empty(http.StatusUnauthorized).with("WWW-Authenticate", `Basic realm="Redmine API"`)
		},
		// Redmine has no limit of its own. A proxy before it may have one; what that answers is not verified.
		throttled: func(_ call, seconds int) reply {
			return plain(http.StatusTooManyRequests, "Too Many Requests").with("Retry-After", strconv.Itoa(seconds))
		},
		// The answer of Rails to what is no route; not verified.
		unknown: func(call) reply {
			return answer(http.StatusNotFound, object{"status": 404, "error": "Not Found"})
		},
		unsupported: func(call) reply {
			return plain(http.StatusUnsupportedMediaType, "stand-in: the body must be declared to be application/json")
		},
		states: r.states(),
	})
}

func (o RedmineOptions) withDefaults() RedmineOptions {
	o.Projects = orElse(o.Projects, "ops")
	o.Trackers = orElse(o.Trackers, "Bug", "Feature", "Support")
	o.Priorities = orElse(o.Priorities, "Low", "Normal", "High", "Urgent", "Immediate")
	if len(o.Members) == 0 {
		o.Members = []int{7}
	}
	if len(o.Statuses) == 0 {
		o.Statuses = []RedmineStatus{
			{1, "New", false}, {2, "In Progress", false}, {3, "Resolved", false}, {4, "Feedback", false},
			{5, "Closed", true}, {6, "Rejected", true},
		}
	}
	return o
}

func (r *redmine) states() states {
	first := func(closed bool) string {
		at := slices.IndexFunc(r.options.Statuses, func(s RedmineStatus) bool { return s.Closed == closed })
		if at < 0 {
			return ""
		}
		return strconv.Itoa(r.options.Statuses[at].ID)
	}
	return states{
		known:  func(state string) bool { _, found := r.status(state); return found },
		closed: func(state string) bool { status, _ := r.status(state); return status.Closed },
		open:   first(false),
		shut:   first(true),
		decline: func(issue *record) {
			if at := slices.IndexFunc(r.options.Statuses, func(s RedmineStatus) bool { return s.Name == "Rejected" }); at >= 0 {
				issue.state = strconv.Itoa(r.options.Statuses[at].ID)
			}
		},
	}
}

// status finds a status by its id.
func (r *redmine) status(id string) (RedmineStatus, bool) {
	at := slices.IndexFunc(r.options.Statuses, func(s RedmineStatus) bool { return strconv.Itoa(s.ID) == id })
	if at < 0 {
		return RedmineStatus{}, false
	}
	return r.options.Statuses[at], true
}

// customField finds a custom field by its id.
func (r *redmine) customField(id string) (RedmineField, bool) {
	at := slices.IndexFunc(r.options.CustomFields, func(f RedmineField) bool { return strconv.Itoa(f.ID) == id })
	if at < 0 {
		return RedmineField{}, false
	}
	return r.options.CustomFields[at], true
}

// numberOf finds a name by its id, which counts from 1, or by the name itself; 0 where there is none.
func numberOf(names []string, text string) int {
	if at := slices.Index(names, text); at >= 0 {
		return at + 1
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < 1 || number > len(names) {
		return 0
	}
	return number
}

// find finds an issue. Errors that are not about values have no body.
func (r *redmine) find(c call) (*history, error) {
	history, found := r.store.find(c.named["issue"])
	if !found {
		return nil, refuse(empty(http.StatusNotFound))
	}
	return history, nil
}

// show is an issue as Redmine shows it.
func (r *redmine) show(issue record) object {
	status, _ := r.status(issue.state)
	named := func(field string, names []string) object {
		number, _ := issue.fields[field].(int)
		return object{"id": number, "name": names[number-1]}
	}
	shown := object{
		"id": issue.number, "assigned_to": object{"id": issue.fields[redmineAssignee]}, "project": named("project_id", r.options.Projects), "tracker": named("tracker_id", r.options.Trackers),
		"priority": named("priority_id", r.options.Priorities), "author": object{"id": 7, "name": "Gemba"},
		"status":  object{"id": status.ID, "name": status.Name, "is_closed": status.Closed},
		"subject": issue.title, "description": issue.body, "done_ratio": 0, "is_private": false,
		"created_on": rfc3339(issue.created), "updated_on": rfc3339(issue.changed), "closed_on": rfc3339(issue.closed),
	}
	if r.options.Older {
		shown["status"] = object{"id": status.ID, "name": status.Name}
	}
	if issue.fields[redmineAssignee] == nil {
		delete(shown, "assigned_to")
	}
	if len(r.options.CustomFields) > 0 {
		shown["custom_fields"] = r.showCustomFields(issue)
	}
	return shown
}

func (r *redmine) showCustomFields(issue record) []object {
	shown := []object{}
	for _, field := range r.options.CustomFields {
		shown = append(shown, object{"id": field.ID, "name": field.Name, "value": issue.field("cf_" + strconv.Itoa(field.ID))})
	}
	return shown
}

// showJournals are the notes of an issue, the oldest first. Changes without a note are left out here.
func showJournals(issue record) []object {
	shown := []object{}
	for at, said := range issue.comments {
		shown = append(shown, object{
			"id": issue.number*1000 + at, "notes": said.text, "created_on": said.at.UTC().Format(time.RFC3339),
			"user": object{"id": 7, "name": "Gemba"}, "details": []object{},
		})
	}
	return shown
}
