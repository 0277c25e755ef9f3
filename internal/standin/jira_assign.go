package standin

import (
	"fmt"
	"net/http"
	"slices"
)

// assign gives an issue to a user, who is named by the account id in Cloud, and by the name in Data Center. The status of a
// refusal is documented, its sentence is from reports of users.
//
// https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issues/#api-rest-api-2-issue-issueidorkey-assignee-put
// https://docs.atlassian.com/software/jira/docs/api/REST/latest/#api/2/issue-assign
func (j *jira) assign(c call) (reply, error) {
	var body struct {
		AccountID *string `json:"accountId"`
		Name      *string `json:"name"`
	}
	history, err := j.find(c)
	if err := firstOf(err, c.onlyQuery(), c.read(&body)); err != nil {
		return reply{}, err
	}
	user, other := body.Name, body.AccountID
	if j.options.Cloud {
		user, other = other, user
	}
	if user == nil || other != nil {
		return reply{}, stricter("Jira Cloud names a user by accountId, and Data Center by name")
	}
	if !slices.Contains(j.options.Assignable, *user) {
		return reply{}, refuse(jiraInvalid(map[string]string{"assignee": fmt.Sprintf("User '%s' cannot be assigned issues.", *user)}))
	}
	history.change(c.now, func(r *record) { r.fields["assignee"] = *user })
	return empty(http.StatusNoContent), nil
}
