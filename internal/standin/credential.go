package standin

import (
	"encoding/base64"
	"net/http"
	"slices"
)

// Credential is a header that logs in. The constructors make the usual ones.
type Credential struct {
	Header string
	Value  string
}

// Basic is a user name with a password or a token: Jira Cloud with an email address and an API token, ServiceNow.
func Basic(user, password string) Credential {
	return Credential{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))}
}

// Bearer is a token: Jira Data Center, ServiceNow, GitHub, GitLab.
func Bearer(token string) Credential { return Credential{"Authorization", "Bearer " + token} }

// PrivateToken is a token of GitLab in its own header.
func PrivateToken(token string) Credential { return Credential{"PRIVATE-TOKEN", token} }

// RedmineKey is an API key of Redmine in its own header.
func RedmineKey(key string) Credential { return Credential{"X-Redmine-API-Key", key} }

// present says whether the request shows the credential.
func (c Credential) present(r *http.Request) bool { return r.Header.Get(c.Header) == c.Value }

// authorized says whether a request may enter, and if not, whether it is anonymous.
func (t *Tracker) authorized(r *http.Request) (allowed, anonymous bool) {
	known := t.options.Credentials
	if len(known) == 0 {
		return true, false
	}
	if slices.ContainsFunc(known, func(c Credential) bool { return c.present(r) }) {
		return true, false
	}
	shown := slices.ContainsFunc(known, func(c Credential) bool { return r.Header.Get(c.Header) != "" })
	return false, !shown
}
