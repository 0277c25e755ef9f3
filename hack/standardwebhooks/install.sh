#!/usr/bin/env bash
# Provides bin/standardwebhooks/verify.cjs, which checks signatures with the npm package
# standardwebhooks: installed once per user, from the lock file beside this script.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
recipe=$(cat "$here/package.json" "$here/package-lock.json" "$here/verify.cjs" | git hash-object --stdin | cut -c1-12)
installed=${XDG_CACHE_HOME:-$HOME/.cache}/gemba/standardwebhooks/$recipe

if [ ! -d "$installed" ]; then
	mkdir -p "$(dirname "$installed")"
	installing=$(mktemp -d "$installed.XXXXXX")
	trap 'rm -rf "$installing"' EXIT
	echo "installing standardwebhooks (once; kept in $installed)" >&2
	cp "$here/package.json" "$here/package-lock.json" "$here/verify.cjs" "$installing/"
	npm ci --prefix "$installing" --no-audit --no-fund --ignore-scripts >&2
	chmod 755 "$installing"
	# Two installations may race; whoever is second finds the folder there and throws its own away.
	[ -d "$installed" ] || mv "$installing" "$installed"
fi

mkdir -p "$root/bin"
ln -sfn "$installed" "$root/bin/standardwebhooks"
