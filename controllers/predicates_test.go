package controllers

import (
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/event"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
)

func TestWhatPassesOfAChangedProcess(t *testing.T) {
	cases := map[string]struct {
		change func(process *governancev1alpha1.Process)
		passes bool
	}{
		"an edit of the spec": {func(p *governancev1alpha1.Process) { p.Generation, p.ResourceVersion = 2, "2" }, true},
		"an edit of the labels": {func(p *governancev1alpha1.Process) {
			p.Labels, p.ResourceVersion = map[string]string{"team": "a"}, "2"
		}, true},
		"a write of the status, which would answer itself": {
			func(p *governancev1alpha1.Process) { p.ResourceVersion = "2" }, false},
		"a resync, since a timer may have slept": {func(*governancev1alpha1.Process) {}, true},
	}
	for sentence, one := range cases {
		t.Run(sentence, func(t *testing.T) {
			before := builders.MakeProcess("refunds").Obj()
			before.Generation, before.ResourceVersion = 1, "1"
			after := before.DeepCopy()
			one.change(after)
			update := event.UpdateEvent{ObjectOld: before, ObjectNew: after}
			if got := declarationChanged.Update(update); got != one.passes {
				t.Errorf("it passes: %t, want %t", got, one.passes)
			}
		})
	}
}
