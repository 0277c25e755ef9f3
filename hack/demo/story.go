package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/gemba-dev/gemba/hack/demo/samples"
	"github.com/gemba-dev/gemba/hack/managerprocess"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
)

// story is what the demonstration has going.
type story struct {
	root, folder, assets string

	out     io.Writer
	started time.Time
	desk    *desk.Desk
	cluster *cluster
	manager *managerprocess.Process

	// applied is the file with the samples, review the one with the review that is recorded later.
	applied, review string
}

// newStory makes the folder, the desk, and the files that will be applied: dated once, so that the cluster that is built
// a second time gets the very same ones.
func newStory(root, folder string) (*story, error) {
	s := &story{root: root, folder: folder, assets: os.Getenv("KUBEBUILDER_ASSETS"), out: os.Stdout, started: time.Now()}
	if s.assets == "" {
		s.assets = filepath.Join(root, "bin", "k8s")
	}
	if err := os.RemoveAll(folder); err != nil {
		return nil, fmt.Errorf("clear the folder of an earlier demonstration: %w", err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("make the folder: %w", err)
	}
	var err error
	if s.desk, err = desk.New(desk.Options{Now: time.Now}); err != nil {
		return nil, fmt.Errorf("start the ticket desk: %w", err)
	}
	return s, errors.Join(s.renderSamples(), s.renderReview())
}

func (s *story) renderSamples() error {
	objects, err := samples.Read(filepath.Join(s.root, "config", "samples"))
	if err != nil {
		return err
	}
	if err := samples.Date(objects, s.started); err != nil {
		return err
	}
	if err := samples.PointTo(objects, s.desk.URL()); err != nil {
		return err
	}
	s.applied = filepath.Join(s.folder, "samples.yaml")
	return samples.Write(s.applied, objects)
}

func (s *story) renderReview() error {
	objects, err := samples.ReadFile(filepath.Join(s.root, "config", "samples", "later", "supplier-switch.yaml"))
	if err != nil {
		return err
	}
	if err := samples.Date(objects, s.started); err != nil {
		return err
	}
	s.review = filepath.Join(s.folder, "supplier-switch-review.yaml")
	return samples.Write(s.review, objects)
}

// tell tells the story, a chapter at a time.
func (s *story) tell(ctx context.Context) error {
	chapters := []func(context.Context) error{s.build, s.findings, s.tickets, s.recordReview, s.rebuild, s.afterRebuild}
	for _, chapter := range chapters {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	s.chapter("The end", "That was the review loop, told in %s.", time.Since(s.started).Round(time.Second))
	return nil
}

// chapter prints a heading and what it is about.
func (s *story) chapter(heading, format string, arguments ...any) {
	s.say("\n── %s ──", heading)
	s.say(format, arguments...)
}

// show runs kubectl and prints the command and what it says, as somebody at a terminal would see it.
func (s *story) show(ctx context.Context, arguments ...string) error {
	text, err := s.cluster.kubectl.Output(ctx, arguments...)
	if err != nil {
		return err
	}
	s.say("\n$ kubectl %s\n%s", strings.Join(arguments, " "), strings.TrimSuffix(text, "\n"))
	return nil
}

func (s *story) say(format string, arguments ...any) {
	// What the output refuses cannot be told to it.
	_, _ = fmt.Fprintf(s.out, format+"\n", arguments...)
}

// table prints rows whose columns are separated by tabs.
func (s *story) table(rows []string) {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	// A builder takes everything.
	_, _ = io.WriteString(table, strings.Join(rows, "\n"))
	_ = table.Flush()
	s.say("%s", text.String())
}

// reviewed are the verdicts once supplier-switch was reviewed.
func reviewed() []samples.Verdict {
	after := slices.Clone(samples.Verdicts)
	for i := range after {
		if after[i].Process == samples.ReviewedLater {
			after[i].Findings, after[i].Tickets = nil, nil
		}
	}
	return after
}

// ticketCount is how many findings open a ticket.
func ticketCount(verdicts []samples.Verdict) int {
	count := 0
	for _, verdict := range verdicts {
		count += len(verdict.Tickets)
	}
	return count
}

// stay keeps everything up until the user has seen enough.
func (s *story) stay(ctx context.Context) {
	s.say("\nThe cluster and the desk stay up. Look around in another terminal:\n\n"+
		"  export KUBECONFIG=%s\n  kubectl get governance -A\n\nThe desk is at %s, the log of the manager in %s.\n"+
		"Ctrl-C throws everything away.", s.kubeconfig(), s.desk.URL(), s.manager.Log())
	<-ctx.Done()
	s.say("")
}

func (s *story) kubeconfig() string { return filepath.Join(s.folder, "kubeconfig") }

// end stops what is running, in the order in which one needs the other.
func (s *story) end() error {
	return errors.Join(s.manager.Stop(), s.cluster.stop(), s.desk.Close())
}
