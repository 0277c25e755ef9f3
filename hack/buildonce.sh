#!/usr/bin/env bash
# Builds the main packages of one pinned module once per user and links the result.
#
#   hack/buildonce.sh MODULE_DIR NAME LINK [go build flags...] PACKAGE...
#
# The binaries land in the user's cache under NAME and a hash of the recipe: the
# module's files, these arguments and the Go toolchain. A clone that finds that
# folder only makes LINK point at it, so a second clone or a clean costs nothing,
# and a changed recipe never meets an old binary. Nothing in the cache is ever
# changed in place: a build goes to a folder of its own and is renamed when whole.
#
# WITH_CGO=1 in the environment builds with cgo. BESIDE="MODULE FOLDER..." copies these
# folders of a module beside the binaries, for a program that reads them while it runs.
set -euo pipefail

module_dir=$1 name=$2 link=$3
shift 3
cgo=${WITH_CGO:-0}
beside=${BESIDE:-}

cd "$module_dir"
recipe=$({
	printf '%s\n' "$@"
	go env GOVERSION GOOS GOARCH
	find . -type f \( -name '*.go' -o -name go.mod -o -name go.sum \) | LC_ALL=C sort | xargs cat
	# Only where they are used: the others keep the hashes under which they are cached.
	[ "$cgo" = 0 ] || printf 'CGO_ENABLED=%s\n' "$cgo"
	[ -z "$beside" ] || printf 'BESIDE=%s\n' "$beside"
} | git hash-object --stdin | cut -c1-12)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/gemba
built=$cache/$name-$recipe

if [ ! -d "$built" ]; then
	mkdir -p "$(dirname "$built")"
	building=$(mktemp -d "$built.XXXXXX")
	trap 'rm -rf "$building"' EXIT
	echo "building $name (once; kept in $built)" >&2
	CGO_ENABLED=$cgo GOWORK=off go build -trimpath -buildvcs=false -o "$building/" "$@"
	if [ -n "$beside" ]; then
		read -r module folders <<<"$beside"
		# The build has downloaded the module; before that it has no folder.
		sources=$(GOWORK=off go list -m -f '{{.Dir}}' "$module")
		for folder in $folders; do
			cp -R "$sources/$folder" "$building/"
		done
		# The module cache is read-only; what is kept here can be deleted.
		chmod -R u+w "$building"
	fi
	chmod 755 "$building"
	# Two builds may race; whoever is second finds the folder there and throws its own away.
	[ -d "$built" ] || mv "$building" "$built"
fi

mkdir -p "$(dirname "$link")"
ln -sfn "$built" "$link"
