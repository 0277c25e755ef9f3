// Package chart shows that the Helm chart installs what config/default installs, what its values change, and that a
// release comes, is upgraded and goes on a real API server. It needs helm and kustomize in bin/tools: make
// test-integration builds them.
package chart
