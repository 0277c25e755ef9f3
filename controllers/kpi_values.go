package controllers

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// knownValues remembers what the values of KPIs say where that was not worth a write yet. What is lost of it with the
// process changes no verdict.
type knownValues struct {
	mu    sync.Mutex
	known map[types.NamespacedName]knownValue
}

// knownValue is the status of a KPI without what every subject has.
type knownValue struct {
	uid    types.UID
	status governancev1alpha1.KPIStatus
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

// recall gives a copy of a KPI with the value part that was remembered for it; of one that was created anew there is none.
func (k *knownValues) recall(kpi *governancev1alpha1.KPI) *governancev1alpha1.KPI {
	k.mu.Lock()
	kept, found := k.known[client.ObjectKeyFromObject(kpi)]
	k.mu.Unlock()
	recalled := kpi.DeepCopy()
	if !found || kept.uid != kpi.UID {
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
}
