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
	// configMaps declines a Prometheus that may be there.
	configMaps bool

	out     io.Writer
	started time.Time
	desk    *desk.Desk
	figures *figures
	cluster *cluster
	manager *managerprocess.Process

	// applied is the file with the samples, review the one with the review that is recorded later.
	applied, review string
}

func newStory(root, folder string) *story {
	s := &story{root: root, folder: folder, assets: os.Getenv("KUBEBUILDER_ASSETS"), out: os.Stdout, started: time.Now()}
	if s.assets == "" {
		s.assets = filepath.Join(root, "bin", "k8s")
	}
	return s
}

// prepare makes the folder, what plays the world outside, and the files that will be applied: dated once, so that the
// cluster that is built a second time gets the very same ones.
func (s *story) prepare(ctx context.Context) (err error) {
	if err := os.RemoveAll(s.folder); err != nil {
		return fmt.Errorf("clear the folder of an earlier demonstration: %w", err)
	}
	if err := os.MkdirAll(s.folder, 0o755); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	if s.desk, err = desk.New(desk.Options{Now: time.Now}); err != nil { //nolint:contextcheck // the desk ends by Close, after all else
		return fmt.Errorf("start the ticket desk: %w", err)
	}
	return errors.Join(s.renderSamples(ctx), s.renderReview())
}

func (s *story) renderSamples(ctx context.Context) error {
	objects, err := samples.Read(filepath.Join(s.root, "config", "samples"))
	if err != nil {
		return err
	}
	if err := samples.Date(objects, s.started); err != nil {
		return err
	}
	if err := samples.PointTo(objects, "TicketSystem", s.desk.URL()); err != nil {
		return err
	}
	if s.figures, err = startFigures(ctx, objects, s.configMaps); err != nil {
		return err
	}
	if objects, err = s.figures.feed(objects, s.root); err != nil {
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
	chapters := []func(context.Context) error{
		s.prepare, s.build, s.findings, s.tickets, s.watermelon, s.recordReview, s.rebuild, s.afterRebuild,
	}
	for _, chapter := range chapters {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	s.chapter("The end", "That was the loop of reviews and numbers, told in %s.", time.Since(s.started).Round(time.Second))
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
		if after[i].Subject == samples.ReviewedLater {
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
	err := errors.Join(s.manager.Stop(), s.cluster.stop())
	s.figures.end()
	if s.desk == nil {
		return err
	}
	return errors.Join(err, s.desk.Close())
}
