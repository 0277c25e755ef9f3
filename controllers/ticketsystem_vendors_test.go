package controllers_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/standin"
)

// vendor is a type of ticket system, with a stand-in that speaks as the pages say which it names.
type vendor struct {
	systemType v1alpha1.TicketSystemType
	parameters map[v1alpha1.ParameterName]v1alpha1.ParameterValue
	// tracker makes the stand-in.
	tracker func(standin.Options) *standin.Tracker
	// login is what the stand-in asks for, and auth how the TicketSystem gives it, from the keys user and token of a Secret.
	login standin.Credential
	auth  *v1alpha1.Auth
	// secretFields are filled from the key routing of the same Secret.
	secretFields []v1alpha1.SecretField
	// creates, closes and reopens recognise the requests that do so.
	creates, closes, reopens standin.Match
	// answer names Handoff as the cause of a ticket, as a person does there; nil where nobody can.
	answer func(at *standin.Tracker, id string) error
	// owner is the account there of somebody to whom tickets can be assigned, and assigned the field of a ticket that shows it;
	// empty where nothing can be assigned.
	owner, assigned string
	// declines says that people can close a ticket there as something that will not be done.
	declines bool
	// mute says that the system takes no comments, and says nothing when a ticket is closed.
	mute bool
	// lag is how long a new ticket is missing where it is looked for.
	lag time.Duration
}

const vendorToken = "t0ken-of-the-stand-in"

func vendorSecret(key string) v1alpha1.SecretKeyReference {
	return v1alpha1.SecretKeyReference{Name: "vendor", Key: key}
}

func bearer() *v1alpha1.Auth {
	token := vendorSecret("token")
	return &v1alpha1.Auth{Bearer: &token}
}

func basic() *v1alpha1.Auth {
	return &v1alpha1.Auth{Basic: &v1alpha1.BasicAuth{Username: vendorSecret("user"), Password: vendorSecret("token")}}
}

func headerAuth(name string) *v1alpha1.Auth {
	return &v1alpha1.Auth{Header: &v1alpha1.HeaderAuth{Name: name, Value: vendorSecret("token")}}
}

// ending recognises requests with a method whose path ends with a text.
func ending(method, end string) standin.Match {
	return func(m, path string) bool {
		path, _, _ = strings.Cut(path, "?")
		return m == method && strings.HasSuffix(path, end)
	}
}

// labelled puts a label on a ticket, beside one that means nothing to Gemba.
func labelled(label string) func(*standin.Tracker, string) error {
	return func(at *standin.Tracker, id string) error {
		return errors.Join(at.LabelOutside(id, "cause-of-grief"), at.LabelOutside(id, label))
	}
}

// filled writes into a field of a ticket.
func filled(field, value string) func(*standin.Tracker, string) error {
	return func(at *standin.Tracker, id string) error { return at.SetField(id, field, value) }
}

func jira(cloud bool) vendor {
	deployment := v1alpha1.ParameterValue("DataCenter")
	if cloud {
		deployment = "Cloud"
	}
	return vendor{
		systemType: v1alpha1.TicketSystemJira,
		parameters: map[v1alpha1.ParameterName]v1alpha1.ParameterValue{"project": "OPS", "deployment": deployment},
		tracker: func(options standin.Options) *standin.Tracker {
			return standin.NewJira(standin.JiraOptions{Options: options, Cloud: cloud})
		},
		login: standin.Basic("gemba", vendorToken), auth: basic(), lag: 30 * time.Second,
		creates: ending("POST", "/issue"), closes: ending("POST", "/transitions"), reopens: ending("POST", "/transitions"),
		answer: labelled("cause-handoff"), declines: true,
		owner: "gemba-owner", assigned: "assignee",
	}
}

func redmine(older bool) vendor {
	return vendor{
		systemType: v1alpha1.TicketSystemRedmine,
		parameters: map[v1alpha1.ParameterName]v1alpha1.ParameterValue{"project": "ops", "keyField": "7", "causeField": "9", "declinedStatus": "6"},
		tracker: func(options standin.Options) *standin.Tracker {
			return standin.NewRedmine(standin.RedmineOptions{
				Options: options, Older: older,
				CustomFields: []standin.RedmineField{{ID: 7, Name: "Ticket key", Filter: true}, {ID: 9, Name: "Cause"}},
			})
		},
		login: standin.RedmineKey(vendorToken), auth: headerAuth("X-Redmine-Api-Key"),
		creates: ending("POST", "/issues.json"), closes: standin.To("PUT", "/issues/"), reopens: standin.To("PUT", "/issues/"),
		answer: filled("cf_9", "Handoff"), declines: true,
		owner: "7", assigned: "assigned_to_id",
	}
}

// vendors are the types that are built in, but for the webhook, whose desk is the subject of the other specs.
func vendors() map[string]vendor {
	return map[string]vendor{
		// https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issues/
		"Jira Cloud": jira(true),
		// https://developer.atlassian.com/server/jira/platform/rest/
		"Jira Data Center": jira(false),
		// https://www.servicenow.com/docs/r/api-reference/rest-apis/c_TableAPI.html
		"ServiceNow": {
			systemType: v1alpha1.TicketSystemServiceNow,
			parameters: map[v1alpha1.ParameterName]v1alpha1.ParameterValue{"causeField": "u_cause"},
			tracker: func(options standin.Options) *standin.Tracker {
				return standin.NewServiceNow(standin.ServiceNowOptions{
					Options: options, NeedsCloseCode: true, Columns: []string{"u_cause"},
				})
			},
			answer: filled("u_cause", "handoff"), declines: true,
			owner: "6816f79cc0a8016401c5a33be04be441", assigned: "assigned_to",
			login: standin.Basic("gemba", vendorToken), auth: basic(),
			creates: ending("POST", "/table/incident"), closes: standin.To("PATCH", "/table/incident/"),
			reopens: standin.To("PATCH", "/table/incident/"),
		},
		// https://docs.github.com/en/rest/issues/issues
		"GitHub": {
			systemType: v1alpha1.TicketSystemGitHub,
			parameters: map[v1alpha1.ParameterName]v1alpha1.ParameterValue{"repository": "acme/ops"},
			tracker: func(options standin.Options) *standin.Tracker {
				return standin.NewGitHub(standin.GitHubOptions{Options: options})
			},
			login: standin.Bearer(vendorToken), auth: bearer(),
			creates: ending("POST", "/issues"), closes: standin.To("PATCH", "/issues/"), reopens: standin.To("PATCH", "/issues/"),
			answer: labelled("Cause-Handoff"), declines: true,
			owner: "octocat", assigned: "assignees",
		},
		// https://docs.gitlab.com/api/issues/
		"GitLab": {
			systemType: v1alpha1.TicketSystemGitLab,
			parameters: map[v1alpha1.ParameterName]v1alpha1.ParameterValue{"project": "acme/ops"},
			tracker: func(options standin.Options) *standin.Tracker {
				return standin.NewGitLab(standin.GitLabOptions{Options: options})
			},
			login: standin.PrivateToken(vendorToken), auth: headerAuth("Private-Token"),
			creates: ending("POST", "/issues"), closes: standin.To("PUT", "/issues/"), reopens: standin.To("PUT", "/issues/"),
			answer: labelled("cause-handoff"),
			owner:  "7", assigned: "assignee_ids",
		},
		// https://www.redmine.org/projects/redmine/wiki/Rest_Issues
		"Redmine": redmine(false),
		// https://developer.pagerduty.com/docs/events-api-v2-overview
		"PagerDuty": {
			systemType: v1alpha1.TicketSystemPagerDuty,
			tracker: func(options standin.Options) *standin.Tracker {
				options.Credentials = nil
				return standin.NewPagerDuty(standin.PagerDutyOptions{Options: options})
			},
			secretFields: []v1alpha1.SecretField{{Name: "routing_key", Value: vendorSecret("routing")}},
			creates:      ending("POST", "/enqueue"), closes: ending("POST", "/enqueue"), reopens: ending("POST", "/enqueue"), mute: true,
		},
	}
}

// name is what Gemba calls a ticket of the vendor.
func (v vendor) name(of standin.Ticket) string {
	if v.mute {
		return of.Fields["dedup_key"]
	}
	return of.ID
}

// eachVendor makes a spec for each of them.
func eachVendor(body any) []any {
	entries := []any{body}
	all := vendors()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		entries = append(entries, Entry(name, all[name]))
	}
	return entries
}
