package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

const (
	rolledUpProcesses = 100
	rolledUpKPIs      = 2000
	// gathering is for how long a process gathers what changes below it, by design.
	gathering = 5 * time.Second
	// quietFor is after how long without a write nothing more is expected.
	quietFor = 12 * time.Second
)

// processRollUp measures how many writes of processes follow from KPIs that change all at once. They ask one question, so
// that all have the answer at the same instant.
func processRollUp(ctx context.Context, b *bench) (err error) {
	var share atomic.Int64
	share.Store(97)
	numbers := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"share": %d}`, share.Load())
	}))
	defer numbers.Close()
	b.say("starts a control plane")
	p, err := startPlane(ctx, b.folder)
	defer func() { err = errors.Join(err, p.stop()) }()
	if err != nil {
		return err
	}
	b.say("creates 100 processes with 20 KPIs each")
	if err := createRolledUp(ctx, p, numbers.URL); err != nil {
		return err
	}
	b.say("starts the manager")
	if err := p.startManager(ctx); err != nil {
		return err
	}
	if _, err := awaitRolledUp(ctx, p, governancev1alpha1.KPIMet, metav1.ConditionTrue); err != nil {
		return err
	}
	rates := []float64{}
	for _, change := range []change{
		{"breach", 50, governancev1alpha1.KPIBreached, metav1.ConditionFalse},
		{"recovery", 97, governancev1alpha1.KPIMet, metav1.ConditionTrue},
	} {
		b.say("2,000 KPIs change at once: %s", change.what)
		rate, err := change.measure(ctx, b, p, func() { share.Store(change.share) })
		if err != nil {
			return err
		}
		rates = append(rates, rate)
	}
	b.say("writes the same by a bare client")
	bare, err := p.bareWrites(ctx, rolledUpKPIs)
	if err != nil {
		return err
	}
	tellWriting(b, median(rates), bare, "those of processes, and events, are written beside them and not counted")
	return nil
}

// change is something that happens to all KPIs at once.
type change struct {
	what    string
	share   int64
	state   governancev1alpha1.KPIState
	kpisMet metav1.ConditionStatus
}

// measure makes it happen, waits for all that follows, and gives how many KPIs were written in a second.
func (c change) measure(ctx context.Context, b *bench, p *plane, happen func()) (perSecond float64, err error) {
	before, err := p.counts(ctx)
	if err != nil {
		return 0, err
	}
	p.watch.forget()
	happen()
	kpis, err := awaitRolledUp(ctx, p, c.state, c.kpisMet)
	if err != nil {
		return 0, err
	}
	after, err := p.counts(ctx)
	if err != nil {
		return 0, err
	}
	_, processes := p.watch.seen()
	return tellRollUp(b, c.what, before, after, kpis, processes), nil
}

func createRolledUp(ctx context.Context, p *plane, url string) error {
	namespace, err := p.env.NewNamespace(ctx, "bench", nil)
	if err != nil {
		return err
	}
	if err := p.env.Client.Create(ctx, builders.MakeMetricSource("numbers", url).InNamespace(namespace).HTTP("/").Obj()); err != nil {
		return fmt.Errorf("create the MetricSource: %w", err)
	}
	today := time.Now().UTC().Format(time.DateOnly)
	processName := func(i int) string { return fmt.Sprintf("process-%03d", i%rolledUpProcesses) }
	err = p.create(ctx, rolledUpProcesses, func(i int) client.Object {
		return builders.MakeProcess(processName(i)).InNamespace(namespace).Step("check", "somebody has to look").
			InEffectSince(today).Obj()
	})
	if err != nil {
		return err
	}
	return p.create(ctx, rolledUpKPIs, func(i int) client.Object {
		return builders.MakeKPI(fmt.Sprintf("share-%04d", i)).InNamespace(namespace).Process(processName(i)).
			HTTP("numbers", "/share", "reply.share").Every("5s").InEffectSince(today).Obj()
	})
}

// awaitRolledUp waits until all KPIs and processes are as they should be, and nothing more is written about processes. It
// gives when the KPIs changed.
func awaitRolledUp(
	ctx context.Context, p *plane, state governancev1alpha1.KPIState, kpisMet metav1.ConditionStatus,
) (kpis changes, err error) {
	err = p.watch.awaitKPIs(ctx, "KPIs that are "+string(state), rolledUpKPIs, func(found *governancev1alpha1.KPI) bool {
		return found.Status.State == state
	})
	if err != nil {
		return kpis, err
	}
	// Later there are heartbeats, which have nothing to do with it.
	kpis, _ = p.watch.seen()
	what := "processes with KPIsMet=" + string(kpisMet)
	err = p.watch.awaitProcesses(ctx, what, rolledUpProcesses, func(found *governancev1alpha1.Process) bool {
		return meta.IsStatusConditionPresentAndEqual(found.Status.Conditions, governancev1alpha1.ConditionKPIsMet, kpisMet)
	})
	if err != nil {
		return kpis, err
	}
	return kpis, p.watch.awaitQuiet(ctx, quietFor)
}

// tellRollUp says what was written, and gives how many KPIs in a second. A process may be written once in each time of
// gathering in which KPIs changed.
func tellRollUp(b *bench, what string, before, after counts, kpis, processes changes) (perSecond float64) {
	took := kpis.last.Sub(kpis.first)
	allowed := float64(rolledUpProcesses * (1 + int(took/gathering)))
	ofKPIs := after.api.statusWrites("kpis") - before.api.statusWrites("kpis")
	ofProcesses := after.api.statusWrites("processes") - before.api.statusWrites("processes")
	passes := func(at counts) float64 {
		return at.manager.sum("controller_runtime_reconcile_total", map[string]string{"controller": "process"})
	}
	b.figures.add(what+": status writes of KPIs", whole(ofKPIs),
		fmt.Sprintf("of %s KPIs, from the first to the last in %s; heartbeats included", whole(rolledUpKPIs), seconds(took)))
	b.figures.add(what+": status writes of processes", whole(ofProcesses), fmt.Sprintf("of %d processes; %s",
		rolledUpProcesses, budget("one in 5 s each, <= "+whole(allowed), ofProcesses <= allowed)))
	b.figures.add(what+": processes judged", whole(passes(after)-passes(before)), "passes of the controller")
	b.figures.add(what+": from the first KPI to the last process", seconds(processes.last.Sub(kpis.first)), "")
	return rolledUpKPIs / took.Seconds()
}
