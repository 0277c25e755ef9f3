// Package expression evaluates the expressions, in CEL, by which users take a number or a time out of a document, and by which
// requests to ticket systems are made.
//
// Whoever writes an expression may be anybody who may write a KPI, and the document comes from another system. So both
// are hostile: an expression is bounded in length, nesting, cost and time, no value that it makes may grow large, and
// nothing that goes wrong is more than an error. The language is the standard library with the extensions for strings,
// math and lists, optional values, and pathEscape and queryEscape for texts that become a part of a URL. Numbers of JSON are doubles, times are UTC.
package expression
