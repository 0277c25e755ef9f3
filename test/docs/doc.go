// Package docs keeps the documentation true: each complete YAML example is offered to a real API server, links lead
// somewhere, and every rule has its line in the list of principles.
package docs
