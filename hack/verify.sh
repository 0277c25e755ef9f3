#!/usr/bin/env bash
# Regenerates everything and fails if one of the given paths was not current.
#
# The comparison is with the working tree and not with the last commit, so that it
# can be run before committing; in a clean checkout the two are the same. The new
# files stay in place: what is left to do is to look at them and commit.
set -euo pipefail
cd "$(dirname "$0")/.."

before=$(mktemp -d)
trap 'rm -rf "$before"' EXIT
for path in "$@"; do
	if [ -e "$path" ]; then
		mkdir -p "$before/$(dirname "$path")"
		cp -R "$path" "$before/$path"
	fi
done

"${MAKE:-make}" --no-print-directory generate

stale=0
for path in "$@"; do
	if ! diff -ruN "$before/$path" "$path"; then
		stale=1
	fi
done
if [ "$stale" = 1 ]; then
	echo "generated files were not current: they are now, commit them" >&2
	exit 1
fi

# A generated file that git ignores or does not know would be missing in every clone.
unknown=$(git ls-files --others -- "$@")
if [ -n "$unknown" ] && [ -n "${CI:-}" ]; then
	printf 'generated files that are not in git:\n%s\n' "$unknown" >&2
	exit 1
fi
