// Package expression evaluates the expressions, in CEL, by which users take a number or a time out of a document.
//
// Whoever writes an expression may be anybody who may write a KPI, and the document comes from another system. So both
// are hostile: an expression is bounded in length, nesting, cost and time, no value that it makes may grow large, and
// nothing that goes wrong is more than an error. The language is the standard library with the extensions for strings,
// math and lists, and optional values. Numbers of JSON are doubles, times are UTC.
package expression
