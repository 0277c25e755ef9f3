// Package e2e runs the built manager, under the rights that config/rbac grants it, against a real API server and a real
// ticket desk, and treats it badly: it is killed between a message and its answer, run twice at once, and restarted
// where nothing has changed.
package e2e
