package loop

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// diary tells in plain text what became of one process: what people did, and what was seen to change.
type diary struct {
	w       *world
	name    string
	text    strings.Builder
	process governancev1alpha1.ProcessStatus
	rems    map[string]governancev1alpha1.RemediationStatus
	heard   int
}

func newDiary(w *world, process string) *diary {
	return &diary{w: w, name: process, rems: map[string]governancev1alpha1.RemediationStatus{}}
}

// did notes what a person did.
func (d *diary) did(format string, arguments ...any) {
	d.line("* "+format, arguments...)
}

func (d *diary) line(format string, arguments ...any) {
	at := d.w.clock.Now().UTC().Format("2006-01-02 15:04:05")
	fmt.Fprintf(&d.text, "%s  %s\n", at, fmt.Sprintf(format, arguments...))
}

// look notes what has changed since the last look.
func (d *diary) look() {
	GinkgoHelper()
	after := d.w.process(d.name).Status
	d.lookAtReviews(after)
	d.lookAtFindings(after)
	d.lookAtNotices(after)
	d.lookAtConditions(after)
	d.process = after
	d.lookAtRemediations()
	d.listen()
}

func (d *diary) lookAtReviews(after governancev1alpha1.ProcessStatus) {
	for i := range after.Reviews {
		is := &after.Reviews[i]
		was := governancev1alpha1.RequirementStatus{}
		if i < len(d.process.Reviews) {
			was = d.process.Reviews[i]
		}
		if was.Stage != is.Stage || was.Lead != is.Lead {
			d.line("review %s: %s, due %s, in time until %s", is.Name, stageText(is), is.Due.UTC().Format("2006-01-02"),
				is.Deadline.UTC().Format("2006-01-02"))
		}
		for _, entry := range is.Ledger {
			if !slices.ContainsFunc(was.Ledger, func(e governancev1alpha1.PeriodEntry) bool { return sameEntry(e, entry) }) {
				d.line("ledger %s: period %s %s", is.Name, entry.ID, entryText(entry))
			}
		}
	}
}

func stageText(r *governancev1alpha1.RequirementStatus) string {
	if r.Lead == "" {
		return string(r.Stage)
	}
	return fmt.Sprintf("%s (%s)", r.Stage, r.Lead)
}

func sameEntry(a, b governancev1alpha1.PeriodEntry) bool {
	return a.ID == b.ID && a.State == b.State && a.ClosedBy == b.ClosedBy && a.Amended == b.Amended
}

func entryText(entry governancev1alpha1.PeriodEntry) string {
	text := string(entry.State)
	if entry.ClosedBy != "" {
		text += " by " + string(entry.ClosedBy)
	}
	if entry.Amended {
		text += " (amended)"
	}
	return text
}

func (d *diary) lookAtFindings(after governancev1alpha1.ProcessStatus) {
	for _, finding := range after.Findings {
		if !hasFinding(d.process.Findings, finding) {
			d.line("finding %s (%s): %s", finding.Rule, finding.Severity, finding.Message)
		}
	}
	for _, finding := range d.process.Findings {
		if !hasFinding(after.Findings, finding) {
			d.line("finding %s is gone", finding.Rule)
		}
	}
}

func (d *diary) lookAtNotices(after governancev1alpha1.ProcessStatus) {
	for _, notice := range after.Notices {
		if !slices.Contains(d.process.Notices, notice) {
			d.line("notice %s: %s", notice.Reason, notice.Message)
		}
	}
	for _, notice := range d.process.Notices {
		if !slices.ContainsFunc(after.Notices, func(n governancev1alpha1.Notice) bool {
			return n.Reason == notice.Reason && n.About == notice.About
		}) {
			d.line("notice %s is gone", notice.Reason)
		}
	}
}

func hasFinding(findings []governancev1alpha1.Finding, finding governancev1alpha1.Finding) bool {
	return slices.ContainsFunc(findings, func(f governancev1alpha1.Finding) bool {
		return f.Rule == finding.Rule && f.About == finding.About && f.Severity == finding.Severity &&
			f.Message == finding.Message
	})
}

func (d *diary) lookAtConditions(after governancev1alpha1.ProcessStatus) {
	for _, conditionType := range []string{
		governancev1alpha1.ConditionReviewCurrent, governancev1alpha1.ConditionCompliant, governancev1alpha1.ConditionReady,
	} {
		was, is := condition(d.process.Conditions, conditionType), condition(after.Conditions, conditionType)
		if was != is {
			d.line("condition %s", is)
		}
	}
}

func (d *diary) lookAtRemediations() {
	GinkgoHelper()
	for _, remediation := range d.w.remediations() {
		was, is := d.rems[remediation.Name], remediation.Status
		if was.State != is.State || was.Attempt != is.Attempt {
			d.line("remediation of %s: %s, attempt %d, %s, %s", remediation.Spec.Finding.Rule, is.State, is.Attempt,
				condition(is.Conditions, governancev1alpha1.ConditionRecovered),
				condition(is.Conditions, governancev1alpha1.ConditionVerified))
		}
		d.rems[remediation.Name] = is
	}
}

// listen notes what reached the desk.
func (d *diary) listen() {
	messages := d.w.desk.Messages()
	for _, message := range messages[d.heard:] {
		ticket, _ := d.w.desk.Ticket(message.Event.Data.TicketKey)
		d.line("desk: %s %s %q", message.Event.Data.Operation, ticket.ID, message.Event.Data.Title)
	}
	d.heard = len(messages)
}

// expectGolden compares the diary with the text that is kept.
func (d *diary) expectGolden(name string) {
	GinkgoHelper()
	text := d.text.String()
	path := filepath.Join("testdata", name)
	if *update {
		Expect(os.MkdirAll("testdata", 0o755)).To(Succeed())
		Expect(os.WriteFile(path, []byte(text), 0o644)).To(Succeed())
	}
	golden, err := os.ReadFile(path)
	Expect(err).NotTo(HaveOccurred(), "run the suite with -update to write it")
	Expect(strings.Split(text, "\n")).To(HaveExactElements(strings.Split(string(golden), "\n")))
}
