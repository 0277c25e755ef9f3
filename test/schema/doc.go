// Package schema tries the schemas of config/crd/bases on a real API server: a table of malformed resources, each of
// which is refused with a sentence that says what to do, and a generator whose objects are stored and decoded, because
// one stored object that Go cannot decode stalls the informer of its whole kind.
package schema
