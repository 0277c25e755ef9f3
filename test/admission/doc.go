// Package admission proves on a real API server what the policies in config/policy and the rules in the CRDs refuse:
// who may record, edit, withdraw and remove a Review, and who may approve a Waiver for how long.
package admission
