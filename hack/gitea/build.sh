#!/usr/bin/env bash
# Provides Gitea as bin/gitea/gitea, built from its Go module: five minutes the first
# time, nothing afterwards. Its SQLite is C, so a C compiler is needed.
#
# A GITEA_BINARY that the user has set is respected: then nothing is built.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
link=$root/bin/gitea

binary=${GITEA_BINARY:-$link/gitea}
if [ "$binary" != "$link/gitea" ]; then
	if [ ! -f "$binary" ] || [ ! -x "$binary" ]; then
		echo "GITEA_BINARY is set to $binary, which is no program: unset the variable or put Gitea there" >&2
		exit 1
	fi
	echo "using the Gitea in $binary (GITEA_BINARY)" >&2
	exit 0
fi

version=$(cd "$here" && go list -m -f '{{.Version}}' code.gitea.io/gitea)

# Gitea reads these folders at run time. They come along because the module cache may lie
# where the user that Gitea runs as cannot go: it refuses to be root. The web pages' scripts
# and styles are no part of the module; the API is complete without them.
export WITH_CGO=1 BESIDE="code.gitea.io/gitea options templates public"
exec "$root/hack/buildonce.sh" "$here" "gitea/$version" "$link" \
	-tags "sqlite sqlite_unlock_notify" \
	-ldflags "-s -w -X main.Version=${version#v}" \
	code.gitea.io/gitea
