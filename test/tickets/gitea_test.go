package tickets_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gemba-dev/gemba/internal/testenv"
)

func TestGiteaKeepsAnIssueWithItsLabelUntilItIsClosed(t *testing.T) {
	ctx := t.Context()
	gitea := startGitea(t)
	admin := createUser(t, gitea, "keeper", true)
	desk := createUser(t, gitea, "desk", false)
	for owner, token := range map[string]string{"desk": desk, "keeper": admin} {
		if err := gitea.CreateRepository(ctx, token, owner, "work"); err != nil {
			t.Fatal(err)
		}
	}
	if err := gitea.CreateRepository(ctx, admin, "desk", "more"); err != nil {
		t.Errorf("an administrator cannot make a repository for somebody else: %v", err)
	}
	if err := gitea.CreateRepository(ctx, desk, "keeper", "more"); err == nil {
		t.Error("a user who is no administrator makes a repository for somebody else")
	}

	number := openIssue(t, gitea, desk, "Review refunds", "overdue")
	assertIssues(t, gitea, desk, "open", "Review refunds: open, overdue")
	comment(t, gitea, desk, number, "Still not reviewed.")
	comments, err := gitea.Comments(ctx, desk, "desk", "work", number)
	if err != nil || len(comments) != 1 || comments[0].Body != "Still not reviewed." || comments[0].User.Login != "desk" {
		t.Errorf("got the comments %v and %v, want the one that was made", comments, err)
	}

	if err := gitea.CloseIssue(ctx, desk, "desk", "work", number); err != nil {
		t.Fatal(err)
	}
	assertIssues(t, gitea, desk, "open")
	assertIssues(t, gitea, desk, "closed", "Review refunds: closed, overdue")
	if _, err := gitea.Issues(ctx, "guessed", "desk", "work", "all"); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("got %v for a token that was guessed, want 401", err)
	}
}

func TestGiteaComesBackOnItsAddressWithItsData(t *testing.T) {
	gitea := startGitea(t)
	address := gitea.URL()
	desk := createUser(t, gitea, "desk", false)
	if err := gitea.CreateRepository(t.Context(), desk, "desk", "work"); err != nil {
		t.Fatal(err)
	}
	openIssue(t, gitea, desk, "Review refunds", "overdue")
	if err := gitea.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := gitea.URL(); got != address {
		t.Errorf("Gitea came back at %s, want %s", got, address)
	}
	assertIssues(t, gitea, desk, "all", "Review refunds: open, overdue")
	if err := gitea.Stop(); err != nil {
		t.Fatal(err)
	}
	if response, err := http.Get(address); err == nil {
		response.Body.Close()
		t.Errorf("got the answer %s of a Gitea that was stopped, want none", response.Status)
	}
}

func TestGiteaWaitsForItsAddressWhileSomebodyElseHasIt(t *testing.T) {
	gitea := startGitea(t)
	if err := gitea.Stop(); err != nil {
		t.Fatal(err)
	}
	squatter, err := net.Listen("tcp", strings.TrimPrefix(gitea.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	err = gitea.Start(ctx)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("got %v, want that it tried until the deadline and found the address in use", err)
	}
	squatter.Close()
	if err := gitea.Start(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAllIssuesOfGiteaAreListedOverItsPages(t *testing.T) {
	gitea := startGitea(t, testenv.WithGiteaSetting("api", "MAX_RESPONSE_ITEMS", "2"))
	desk := createUser(t, gitea, "desk", false)
	if err := gitea.CreateRepository(t.Context(), desk, "desk", "work"); err != nil {
		t.Fatal(err)
	}
	want := []string{}
	for _, title := range []string{"one", "two", "three", "four", "five"} {
		openIssue(t, gitea, desk, title)
		want = append([]string{title + ": open"}, want...)
	}
	assertIssues(t, gitea, desk, "open", want...)
}

func TestAGiteaThatCannotStartSaysWhy(t *testing.T) {
	tests := map[string]struct {
		binary  string
		options []testenv.GiteaOption
		want    string
	}{
		"a setting that Gitea refuses is told with its last words": {
			options: []testenv.GiteaOption{testenv.WithGiteaSetting("server", "PROTOCOL", "clay tablets")},
			want:    `Invalid PROTOCOL "clay tablets"`,
		},
		"a program that is not there is told with its path": {
			binary: filepath.Join(t.TempDir(), "none"),
			want:   "none: no such file or directory",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			// Gitea is somebody else than root, and cannot get into a folder of the test.
			folder, err := os.MkdirTemp("", "gemba-test-") //nolint:usetesting // see above
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(folder)
			if err := os.Chmod(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			t.Setenv("TMPDIR", folder)
			if test.binary != "" {
				t.Setenv("GITEA_BINARY", test.binary)
			}
			gitea, err := testenv.StartGitea(t.Context(), test.options...)
			if err == nil {
				t.Fatal("it started", gitea.Close())
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
			left, err := os.ReadDir(folder)
			if err != nil || len(left) > 0 {
				t.Errorf("got %v and %v left behind, want nothing", err, left)
			}
		})
	}
}

func TestAMissingGiteaIsSaidWithItsCure(t *testing.T) {
	repository := t.TempDir()
	for _, path := range []string{"go.mod", "config/crd", "bin/gitea"} {
		if err := os.MkdirAll(filepath.Join(repository, path), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(repository)
	t.Setenv("GITEA_BINARY", "")
	if _, err := testenv.FindGitea(); err == nil || !strings.Contains(err.Error(), "run make gitea") {
		t.Errorf("got %v, want an error that names the target of make", err)
	}
	program := filepath.Join(repository, "bin", "gitea", "gitea")
	if err := os.WriteFile(program, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := testenv.FindGitea(); err != nil || got != program {
		t.Errorf("got %s and %v, want %s", got, err, program)
	}
}

func startGitea(t *testing.T, opts ...testenv.GiteaOption) *testenv.Gitea {
	t.Helper()
	gitea, err := testenv.StartGitea(t.Context(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := gitea.Close(); err != nil {
			t.Error(err)
		}
	})
	return gitea
}

func createUser(t *testing.T, gitea *testenv.Gitea, name string, admin bool) string {
	t.Helper()
	token, err := gitea.CreateUser(t.Context(), name, admin)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// openIssue opens an issue in desk's repository work, with labels that it makes first, and returns its number.
func openIssue(t *testing.T, gitea *testenv.Gitea, token, title string, labels ...string) int64 {
	t.Helper()
	ids := []int64{}
	for _, name := range labels {
		var label testenv.Label
		call(t, gitea, token, "/repos/desk/work/labels", map[string]any{"name": name, "color": "#aa0000"}, &label)
		ids = append(ids, label.ID)
	}
	var issue testenv.Issue
	call(t, gitea, token, "/repos/desk/work/issues", map[string]any{"title": title, "labels": ids}, &issue)
	return issue.Number
}

func comment(t *testing.T, gitea *testenv.Gitea, token string, number int64, body string) {
	t.Helper()
	path := "/repos/desk/work/issues/" + strconv.FormatInt(number, 10) + "/comments"
	call(t, gitea, token, path, map[string]any{"body": body}, nil)
}

func call(t *testing.T, gitea *testenv.Gitea, token, path string, in, out any) {
	t.Helper()
	if err := gitea.Call(t.Context(), http.MethodPost, path, token, in, out); err != nil {
		t.Fatal(err)
	}
}

// assertIssues compares the issues of desk's repository work, each as its title, state and labels.
func assertIssues(t *testing.T, gitea *testenv.Gitea, token, state string, want ...string) {
	t.Helper()
	issues, err := gitea.Issues(t.Context(), token, "desk", "work", state)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, issue := range issues {
		text := issue.Title + ": " + issue.State
		for _, label := range issue.Labels {
			text += ", " + label.Name
		}
		got = append(got, text)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got the %s issues %q, want %q", state, got, want)
	}
}
