#!/usr/bin/env bash
# Provides kube-apiserver, kube-controller-manager, kubectl and etcd in bin/k8s,
# built from their Go modules: five minutes the first time, nothing afterwards.
#
# A KUBEBUILDER_ASSETS that the user has set to another folder is respected: then
# nothing is built, and the folder must hold all four programs.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
link=$root/bin/k8s

assets=${KUBEBUILDER_ASSETS:-$link}
if [ "$assets" != "$link" ]; then
	for program in etcd kube-apiserver kube-controller-manager kubectl; do
		if [ ! -x "$assets/$program" ]; then
			echo "KUBEBUILDER_ASSETS is set to $assets, which has no $program: unset the variable or add the program" >&2
			exit 1
		fi
	done
	echo "using the control plane in $assets (KUBEBUILDER_ASSETS)" >&2
	exit 0
fi

version=$(cd "$here" && go list -m -f '{{.Version}}' k8s.io/kubernetes)
minor=${version#v1.}
minor=${minor%%.*}

# Without these the programs report v0.0.0-master, which some clients refuse to talk to.
stamp=
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
	stamp="$stamp -X $package.gitVersion=$version -X $package.gitMajor=1 -X $package.gitMinor=$minor"
done

exec "$root/hack/buildonce.sh" "$here" "controlplane/$version" "$link" -ldflags "-s -w$stamp" \
	k8s.io/kubernetes/cmd/kube-apiserver \
	k8s.io/kubernetes/cmd/kube-controller-manager \
	k8s.io/kubernetes/cmd/kubectl \
	./etcd
