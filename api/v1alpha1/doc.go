// Package v1alpha1 is what users of Gemba declare and read: processes, the cadences on which they must be
// re-justified, the reviews that were held, what was accepted for a while, the policy that judges, and what is
// being done about the rest.
//
// The package holds shapes, bounds and words, and no logic. It imports apimachinery and nothing else, so that a
// dashboard can import it.
//
// Conventions that hold for every kind:
//
//   - Identity is namespace, kind and name, never a UID: a cluster that is rebuilt from git is the same one.
//   - Times are RFC 3339 in whole seconds; the generated schema admits only what Go decodes.
//   - A Date is a civil date without a zone; the zone is the cadence's.
//   - A Period is an ISO 8601 date period (P12M, P1W) and follows the calendar; a duration (30s, 24h) is elapsed time.
//   - Conditions have positive polarity and one meaning everywhere; see conditions.go.
//
// +kubebuilder:object:generate=true
// +groupName=governance.gemba.dev
package v1alpha1
