#!/usr/bin/env bash
# Provides one pinned tool as bin/tools/NAME/NAME: hack/tools/build.sh NAME
#
# Each tool has a module of its own, so that their requirements cannot fight each
# other's or the operator's. `go tool -modfile=hack/tools/NAME/go.mod NAME` runs the
# same thing; the binary is kept because `go tool` links anew in every clone.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
name=$1

cd "$here/$name"
package=$(sed -n 's/^tool //p' go.mod)
version=$(go list -f '{{.Module.Version}}' "$package")
exec "$root/hack/buildonce.sh" "$PWD" "$name/$version" "$root/bin/tools/$name" -ldflags '-s -w' "$package"
