#!/usr/bin/env bash
# Provides Prometheus as bin/prometheus/prometheus, built from its Go module: three to
# five minutes the first time, nothing afterwards.
#
# A PROMETHEUS_BINARY that the user has set is respected: then nothing is built.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
link=$root/bin/prometheus

binary=${PROMETHEUS_BINARY:-$link/prometheus}
if [ "$binary" != "$link/prometheus" ]; then
	if [ ! -f "$binary" ] || [ ! -x "$binary" ]; then
		echo "PROMETHEUS_BINARY is set to $binary, which is no program: unset the variable or put Prometheus there" >&2
		exit 1
	fi
	echo "using the Prometheus in $binary (PROMETHEUS_BINARY)" >&2
	exit 0
fi

# As a Go module Prometheus 3.5.0 is called v0.305.0: the module has no /v3 in its path.
module=$(cd "$here" && go list -m -f '{{.Version}}' github.com/prometheus/prometheus)
minor=${module#v0.}
patch=${minor#*.}
minor=${minor%%.*}
version=$((minor / 100)).$((minor % 100)).$patch

# Without the tag builtinassets the pages of the web UI are left out; the HTTP API is complete.
exec "$root/hack/buildonce.sh" "$here" "prometheus/v$version" "$link" \
	-ldflags "-s -w -X github.com/prometheus/common/version.Version=$version" \
	github.com/prometheus/prometheus/cmd/prometheus
