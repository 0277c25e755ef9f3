package testenv

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"regexp"
	"strconv"
)

// giteaPage is how many items are asked for at once: the most that Gitea gives by default.
const giteaPage = 50

// accessToken is what the command line prints of a new token.
var accessToken = regexp.MustCompile(`[0-9a-f]{40}`)

// Issue is what Gitea's API tells of an issue.
type Issue struct {
	Number    int64     `json:"number"`
	Title     string    `json:"title"`
	Body      string    `json:"body"`
	State     string    `json:"state"`
	HTMLURL   string    `json:"html_url"`
	User      Account   `json:"user"`
	Labels    []Label   `json:"labels"`
	Assignees []Account `json:"assignees"`
	Comments  int       `json:"comments"`
}

// Label is what Gitea's API tells of a label. An issue is given labels by their IDs, and listed by their names.
type Label struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// Account is what Gitea's API tells of a user.
type Account struct {
	Login string `json:"login"`
}

// Comment is what Gitea's API tells of a comment.
type Comment struct {
	ID   int64   `json:"id"`
	Body string  `json:"body"`
	User Account `json:"user"`
}

// CreateUser makes a user and returns an access token that may do all that the user may.
func (g *Gitea) CreateUser(ctx context.Context, name string, admin bool) (string, error) {
	args := []string{
		"admin", "user", "create", "--username", name, "--email", name + "@example.com", "--random-password",
		"--must-change-password=false", "--access-token",
	}
	if admin {
		args = append(args, "--admin")
	}
	said, err := g.command(ctx, args...).Output()
	if err != nil {
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			said = append(said, failed.Stderr...)
		}
		return "", fmt.Errorf("create user %s in Gitea: %w: %s", name, err, tail(said, 1000))
	}
	token := accessToken.Find(said)
	if token == nil {
		return "", fmt.Errorf("create user %s in Gitea: no token in %q", name, said)
	}
	return string(token), nil
}

// CreateRepository makes an empty repository with issues. The token is the owner's, or an administrator's.
func (g *Gitea) CreateRepository(ctx context.Context, token, owner, name string) error {
	var caller Account
	if err := g.Call(ctx, http.MethodGet, "/user", token, nil, &caller); err != nil {
		return err
	}
	path := "/user/repos"
	if caller.Login != owner {
		path = "/admin/users/" + url.PathEscape(owner) + "/repos"
	}
	return g.Call(ctx, http.MethodPost, path, token, map[string]any{"name": name}, nil)
}

// Issues lists the issues of a repository, without pull requests, the newest first. The state is open, closed or all.
func (g *Gitea) Issues(ctx context.Context, token, owner, repository, state string) ([]Issue, error) {
	query := url.Values{"state": {state}, "type": {"issues"}, "limit": {strconv.Itoa(giteaPage)}}
	var issues []Issue
	for page := 1; ; page++ {
		query.Set("page", strconv.Itoa(page))
		var some []Issue
		path := repositoryPath(owner, repository) + "/issues?" + query.Encode()
		if err := g.Call(ctx, http.MethodGet, path, token, nil, &some); err != nil {
			return nil, err
		}
		if len(some) == 0 {
			return issues, nil
		}
		issues = append(issues, some...)
	}
}

// Comments lists the comments on an issue, the oldest first.
func (g *Gitea) Comments(ctx context.Context, token, owner, repository string, number int64) ([]Comment, error) {
	var comments []Comment
	path := issuePath(owner, repository, number) + "/comments"
	err := g.Call(ctx, http.MethodGet, path, token, nil, &comments)
	return comments, err
}

// CloseIssue closes an issue, as a person does with a button.
func (g *Gitea) CloseIssue(ctx context.Context, token, owner, repository string, number int64) error {
	path := issuePath(owner, repository, number)
	return g.Call(ctx, http.MethodPatch, path, token, map[string]any{"state": "closed"}, nil)
}

// EditIssue writes the text of an issue anew, as a person does in its editor.
func (g *Gitea) EditIssue(ctx context.Context, token, owner, repository string, number int64, body string) error {
	path := issuePath(owner, repository, number)
	return g.Call(ctx, http.MethodPatch, path, token, map[string]any{"body": body}, nil)
}

// Call makes any request to the API: path is what follows /api/v1, in is sent as JSON and out filled from it where they
// are not nil. No token is nobody. Any other answer than one of success is an error.
func (g *Gitea) Call(ctx context.Context, method, path, token string, in, out any) error {
	answer, err := g.call(ctx, method, path, token, in)
	if err == nil && out != nil {
		err = json.Unmarshal(answer, out)
	}
	if err != nil {
		return fmt.Errorf("ask Gitea to %s %s: %w", method, path, err)
	}
	return nil
}

func (g *Gitea) call(ctx context.Context, method, path, token string, in any) ([]byte, error) {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return nil, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, g.URL()+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "token "+token)
	}
	response, err := g.client.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode/100 != 2 {
		err = fmt.Errorf("%s: %s", response.Status, tail(answer, 1000))
	}
	return answer, err
}

func repositoryPath(owner, repository string) string {
	return "/repos/" + url.PathEscape(owner) + "/" + url.PathEscape(repository)
}

func issuePath(owner, repository string, number int64) string {
	return repositoryPath(owner, repository) + "/issues/" + strconv.FormatInt(number, 10)
}
