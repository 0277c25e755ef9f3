// Package status keeps what Gemba says about an object uniform: conditions are set in one way, and a status is written
// in one way, by one PUT with the resource version that was read, and only where it differs.
//
// The package also holds the checker that tests run over every object that a spec leaves behind.
package status
