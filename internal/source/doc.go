// Package source knows where the values of KPIs come from: one file a source, behind one small interface.
//
// A Builder turns what a KPI declares into a Question. Asking it always yields a sample: a value, or in a sentence why
// there is none. The sentences hold no secret, no path and nothing of a document that was read, so that they can be shown
// to everybody who sees the KPI.
//
// What a KPI declares, what a source answers and what is read from the cluster are all untrusted: each is bounded, and
// none can make a question ask more than the MetricSource, or the ServiceAccount, admits.
package source
