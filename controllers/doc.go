// Package controllers reconciles the kinds of Gemba, a file a reconciler. A reconciler is thin: it gathers from the
// cache what a verdict needs, has internal/governance judge, publishes the status in one write where it differs, and
// comes back when the verdict can change next.
package controllers
