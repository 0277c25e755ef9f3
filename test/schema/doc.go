// Package schema tries the schemas of config/crd/bases on a real API server: tables of malformed resources, each of
// which is refused with a sentence that says what to do, and a generator whose objects are stored and decoded, because
// one stored object that Go cannot decode stalls the informer of its whole kind. Every rule and every pattern of a
// schema has a row that breaks it; a test compares.
package schema
