// Package builders makes the objects that tests speak of. Each builder begins with an object that the API server
// accepts, and each method changes one thing about it, so that a test names only what it is about:
//
//	builders.MakeProcess("refunds").Cadence("annual").InEffectSince("2024-01-01").Step("check", "fraud").Obj()
//
// Times are given as a day, "2024-06-30" (midnight UTC), or an instant, "2024-06-30T17:00:00Z". A text that is neither
// panics: it is a mistake in the test.
package builders

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
)

// Namespace holds what a builder makes as long as nothing else is said.
const Namespace = metav1.NamespaceDefault

func objectMeta(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: Namespace, Name: name}
}

func typeMeta(kind string) metav1.TypeMeta {
	return metav1.TypeMeta{APIVersion: governancev1alpha1.GroupVersion.String(), Kind: kind}
}

func instant(text string) metav1.Time {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, text); err == nil {
			return metav1.NewTime(at.UTC())
		}
	}
	panic(fmt.Sprintf("%q is neither a day (2006-01-02) nor an instant (2006-01-02T15:04:05Z)", text))
}

// subject names a process.
func subject(process string) governancev1alpha1.SubjectReference {
	return governancev1alpha1.SubjectReference{
		Kind: governancev1alpha1.KindProcess,
		Name: governancev1alpha1.ObjectName(process),
	}
}
