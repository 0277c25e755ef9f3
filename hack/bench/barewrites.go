package main

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// bareWrites is how many statuses of KPIs a bare client writes in a second: the same request for the same objects on the
// same control plane, by as many workers. The manager is stopped for it, and each KPI is written once at most.
func (p *plane) bareWrites(ctx context.Context, count int) (perSecond float64, err error) {
	if err := p.stopManager(); err != nil {
		return 0, err
	}
	kpis, err := p.watch.listKPIs(ctx)
	if err != nil {
		return 0, err
	}
	if len(kpis) < count {
		return 0, fmt.Errorf("there are %d KPIs to write and not %d", len(kpis), count)
	}
	begun := time.Now()
	err = severalAtOnce(ctx, count, func(ctx context.Context, i int) error {
		written := kpis[i].DeepCopy()
		// Something must differ: a write that changes nothing is cheaper.
		written.Status.WrittenAt = &metav1.Time{Time: time.Now().Add(time.Hour)}
		return p.env.Client.Status().Update(ctx, written)
	})
	if err != nil {
		return 0, fmt.Errorf("write the status of KPIs: %w", err)
	}
	return float64(count) / time.Since(begun).Seconds(), nil
}

// tellWriting compares how fast statuses of KPIs were written with a bare client.
func tellWriting(b *bench, perSecond, bare float64, note string) {
	b.figures.add("KPIs written in a second", whole(perSecond), note)
	b.figures.add("KPIs written in a second, bare client", whole(bare), "one status PUT each, by as many workers, without the manager")
	b.figures.add("ratio to the bare client", fmt.Sprintf("%.2f", perSecond/bare), "")
}
