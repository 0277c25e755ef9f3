// Package tickets runs the built manager, under the rights that config/rbac grants it, against a real API server and a real
// Gitea, and looks at what becomes of the issues through Gitea's own API. It is apart from the other end-to-end tests because
// Gitea takes a C compiler to build: make e2e-tickets.
package tickets
