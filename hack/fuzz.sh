#!/usr/bin/env bash
# Runs each fuzz target of the repository for the given time: hack/fuzz.sh 10s
# (go test takes one fuzz target a run).
set -euo pipefail
cd "$(dirname "$0")/.."

grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' api controllers internal |
	sed 's/:func /:/' | LC_ALL=C sort |
	while IFS=: read -r file target; do
		echo "$target ($(dirname "$file"))"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$1" "./$(dirname "$file")"
	done
