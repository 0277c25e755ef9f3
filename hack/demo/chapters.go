package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/demo/samples"
	"github.com/gemba-dev/gemba/hack/managerprocess"
	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
)

// build brings a cluster up with everything that the company has declared.
func (s *story) build(ctx context.Context) error {
	s.chapter("1. A company and a cluster", "Hearthlight Energy, an invented electricity supplier, declares its processes "+
		"in a cluster of its own:\na real kube-apiserver and etcd, started now and thrown away at the end.")
	if err := s.bringUp(ctx); err != nil {
		return err
	}
	s.say("\nThe API server is at %s, its kubeconfig in\n%s.\nconfig/default is installed (kinds, roles, admission "+
		"policies), the cadences too, and config/samples is applied.\nThe manager runs as the ServiceAccount %s/%s, with "+
		"the rights of config/rbac and no others.\nA ticket desk listens at %s.",
		s.cluster.environment.Config.Host, s.kubeconfig(), managerprocess.Namespace, managerprocess.Account, s.desk.URL())
	return nil
}

func (s *story) bringUp(ctx context.Context) (err error) {
	if s.cluster, err = startCluster(s.assets, s.kubeconfig()); err != nil {
		return err
	}
	if err := s.cluster.install(ctx, s.root); err != nil {
		return err
	}
	if err := s.cluster.kubectl.Run(ctx, "apply", "--server-side", "-f", s.applied); err != nil {
		return err
	}
	return s.runManager(ctx)
}

func (s *story) runManager(ctx context.Context) (err error) {
	if err := s.figures.await(ctx); err != nil {
		return err
	}
	kubeconfig := filepath.Join(s.folder, "manager.kubeconfig")
	err = managerprocess.WriteKubeconfig(ctx, s.cluster.kubectl, s.cluster.environment.Config, kubeconfig)
	if err != nil {
		return err
	}
	s.manager, err = managerprocess.Start(ctx, managerprocess.Options{
		Program:    filepath.Join(s.root, "bin", "gemba"),
		Kubeconfig: kubeconfig,
		Log:        filepath.Join(s.folder, "manager.log"),
		Arguments: []string{
			"--cluster-id=hearthlight-demo",
			"--metrics-bind-address=127.0.0.1:0",
			// Shorter than the default, and long enough for a busy machine to count every review.
			"--settle=20s",
			// The desk is on this machine and speaks plain HTTP; a real one does neither.
			"--egress-allow-http",
			"--egress-allow-cidr=127.0.0.0/8",
		},
	})
	if err != nil {
		return err
	}
	return s.manager.AwaitReady(ctx)
}

func (s *story) findings(ctx context.Context) error {
	s.chapter("2. What Gemba found", "Every process is judged by what is declared, by what was reviewed and by its numbers. "+
		"An overdue review\nis a finding, not an error: all of them are Ready.")
	if err := s.await(ctx, "waiting for the verdicts", s.verdictsDiffer(samples.Verdicts)); err != nil {
		return err
	}
	if err := errors.Join(
		s.show(ctx, "get", "processes", "-A"),
		s.show(ctx, "get", "reviewcadences"),
		s.show(ctx, "get", "reviews", "-n", "contact-centre"),
	); err != nil {
		return err
	}
	s.say("\nThe newest review of tariff-change does not count: it leaves a step out. Nobody can say why that step " +
		"exists.\nloyalty-club is suspended: its verdict stands, and nobody is sent a message about it.")
	return s.showFindings(ctx)
}

// showFindings prints all that is wrong with the worst process of the company.
func (s *story) showFindings(ctx context.Context) error {
	findings, err := s.cluster.kubectl.Output(ctx, "get", "process", "refunds", "-n", "billing", "-o",
		`jsonpath={range .status.findings[*]}{.severity}{"\t"}{.rule}{"\t"}{.message}{"\n"}{end}`)
	if err != nil {
		return err
	}
	s.say("\nThe status of refunds lists all that is wrong with it:")
	s.table(strings.Split(strings.TrimSpace(findings), "\n"))
	return nil
}

func (s *story) tickets(ctx context.Context) error {
	s.chapter("3. A ticket for each finding that matters", "The policy of the company sends findings of Medium and above "+
		"to the desk, and whatever is at risk. Each message\nis written down before it is sent, under a key that stays the "+
		"same, so that a crash neither loses a ticket\nnor opens two.")
	if err := s.await(ctx, "waiting for the tickets", s.ticketsDiffer(samples.Verdicts)); err != nil {
		return err
	}
	if err := s.await(ctx, "waiting for the deliveries", s.deliveryDiffers(ticketCount(samples.Verdicts))); err != nil {
		return err
	}
	if err := errors.Join(
		s.show(ctx, "get", "remediations", "-A"),
		s.show(ctx, "get", "ticketsystems", "-A"),
	); err != nil {
		return err
	}
	s.showTickets()
	if err := s.showTicket(samples.ReviewedLater, governancev1alpha1.RuleReviewOverdue); err != nil {
		return err
	}
	return s.oneTicketEach()
}

func (s *story) recordReview(ctx context.Context) error {
	s.chapter("5. Somebody reviews supplier-switch", "A review is an object like any other. This one gives a verdict on "+
		"every step.")
	if err := s.show(ctx, "apply", "-f", s.review); err != nil {
		return err
	}
	if err := s.await(ctx, "waiting until supplier-switch is current", s.reviewIsCurrentDiffers); err != nil {
		return err
	}
	if err := s.await(ctx, "waiting until its ticket is closed", s.ticketsDiffer(reviewed())); err != nil {
		return err
	}
	if err := s.await(ctx, "waiting for the deliveries", s.deliveryDiffers(ticketCount(samples.Verdicts))); err != nil {
		return err
	}
	name, namespace := samples.ReviewedLater.Name.Name, samples.ReviewedLater.Name.Namespace
	if err := errors.Join(
		s.show(ctx, "get", "process", name, "-n", namespace),
		s.show(ctx, "get", "remediations", "-n", namespace),
	); err != nil {
		return err
	}
	s.showTickets()
	return nil
}

func (s *story) rebuild(ctx context.Context) error {
	s.chapter("6. The cluster burns down", "etcd and everything in it is gone; the desk is not. The cluster is built again "+
		"from the same files and the review.\nNothing was backed up: what Gemba knew is in the files, or follows from them.")
	if err := errors.Join(s.manager.Stop(), s.cluster.stop()); err != nil {
		return err
	}
	s.manager, s.cluster = nil, nil
	var err error
	if s.cluster, err = startCluster(s.assets, s.kubeconfig()); err != nil {
		return err
	}
	if err := s.cluster.install(ctx, s.root); err != nil {
		return err
	}
	for _, file := range []string{s.applied, s.review} {
		if err := s.cluster.kubectl.Run(ctx, "apply", "--server-side", "-f", file); err != nil {
			return err
		}
	}
	return s.runManager(ctx)
}

func (s *story) afterRebuild(ctx context.Context) error {
	before := len(s.desk.Tickets())
	if err := errors.Join(
		s.await(ctx, "waiting for the verdicts after the rebuild", s.verdictsDiffer(reviewed())),
		s.await(ctx, "waiting for the deliveries after the rebuild", s.deliveryDiffers(ticketCount(reviewed()))),
		s.await(ctx, "looking at the tickets after the rebuild", s.ticketsDiffer(reviewed())),
		s.await(ctx, "looking at the watermelon after the rebuild", s.watermelonDiffers),
	); err != nil {
		return err
	}
	if after := len(s.desk.Tickets()); after != before {
		return fmt.Errorf("the desk had %d tickets before the rebuild and has %d now", before, after)
	}
	if err := s.show(ctx, "get", "processes", "-A"); err != nil {
		return err
	}
	s.showTickets()
	s.say("\nStill one ticket for each finding that stands, and none open for supplier-switch: the desk was sent the same\n"+
		"keys again, recognised %d of them, and opened nothing.", s.desk.Duplicates())
	return s.oneTicketEach()
}

// showTickets prints the tickets as the desk has them.
func (s *story) showTickets() {
	s.say("\nThe desk at %s has these tickets:", s.desk.URL())
	rows := []string{"TICKET\tSTATE\tSEVERITY\tRULE\tSUBJECT"}
	for _, ticket := range s.desk.Tickets() {
		rows = append(rows, strings.Join([]string{ticket.ID, ticket.State, ticket.Severity, ticket.Rule, ticket.Subject}, "\t"))
	}
	s.table(rows)
}

// showTicket prints the text of an open ticket, as somebody at the desk reads it.
func (s *story) showTicket(subject samples.Subject, rule governancev1alpha1.Rule) error {
	for _, ticket := range s.desk.Tickets() {
		if ticket.State == desk.Open && ticket.Subject == subject.String() && ticket.Rule == string(rule) {
			s.say("\n%s reads:\n\n  %s\n\n  %s", ticket.ID, ticket.Title, strings.ReplaceAll(ticket.Body, "\n", "\n  "))
			return nil
		}
	}
	return fmt.Errorf("the desk has no open ticket for %s of %s", rule, subject)
}
