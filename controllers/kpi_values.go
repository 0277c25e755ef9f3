package controllers

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// knownValues remembers what the values of KPIs say where that was not worth a write yet. What is lost of it with the
// process changes no verdict.
type knownValues struct {
	mu    sync.Mutex
	known map[types.NamespacedName]knownValue
	// unasked says since when a source cannot be asked.
	unasked map[types.NamespacedName]time.Time
}

// blocked gives since when this process knows that the source of a KPI cannot be asked: from then on it counts as tried,
// so that what nobody can ask any more becomes stale. Where it can be asked, that is forgotten.
func (k *knownValues) blocked(kpi *governancev1alpha1.KPI, problem bool, now time.Time) time.Time {
	key := client.ObjectKeyFromObject(kpi)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.unasked == nil {
		k.unasked = map[types.NamespacedName]time.Time{}
	}
	since, known := k.unasked[key]
	switch {
	case !problem:
		delete(k.unasked, key)
		return time.Time{}
	case !known:
		k.unasked[key] = now
		return now
	default:
		return since
	}
}

// knownValue is the status of a KPI without what every subject has.
type knownValue struct {
	uid    types.UID
	status governancev1alpha1.KPIStatus
}

// isAnother tells whether a KPI was created anew under the name of one that is remembered.
func (k *knownValues) isAnother(kpi *governancev1alpha1.KPI) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	kept, found := k.known[client.ObjectKeyFromObject(kpi)]
	return found && kept.uid != kpi.UID
}

// keep remembers the value part of a judged status.
func (k *knownValues) keep(kpi *governancev1alpha1.KPI, judged *governancev1alpha1.KPIStatus) {
	value := knownValue{uid: kpi.UID, status: *judged.DeepCopy()}
	value.status.SubjectStatus = governancev1alpha1.SubjectStatus{}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.known == nil {
		k.known = map[types.NamespacedName]knownValue{}
	}
	k.known[client.ObjectKeyFromObject(kpi)] = value
}

// recall gives a copy of a KPI with the value part that was remembered for it, where there is one.
func (k *knownValues) recall(kpi *governancev1alpha1.KPI) *governancev1alpha1.KPI {
	k.mu.Lock()
	kept, found := k.known[client.ObjectKeyFromObject(kpi)]
	k.mu.Unlock()
	recalled := kpi.DeepCopy()
	if !found {
		return recalled
	}
	subject, writtenAt := recalled.Status.SubjectStatus, recalled.Status.WrittenAt
	recalled.Status = *kept.status.DeepCopy()
	recalled.Status.SubjectStatus, recalled.Status.WrittenAt = subject, writtenAt
	return recalled
}

func (k *knownValues) forget(key types.NamespacedName) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.known, key)
	delete(k.unasked, key)
}
