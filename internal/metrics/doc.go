// Package metrics says in Prometheus' words what the status of objects says: where reviews stand, which findings stand,
// which remediations are open, what the values of KPIs are, what became of messages.
//
// No label holds a person, a free text or anything else without a bound: namespaces, kinds, names of declared objects,
// rules and stages. The numbers about objects are those of one Recorder, which the manager that leads keeps; one that
// waits for its turn says nothing about objects, so that a sum over all managers counts nothing twice.
package metrics
