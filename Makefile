# Everything here runs from a fresh clone with Go, make, git and a shell; `make help`
# lists what there is. Tools, the control plane and Prometheus are built from pinned Go
# modules into the user's cache once (hack/buildonce.sh) and linked into bin/.

SHELL := /usr/bin/env bash -o pipefail
.SHELLFLAGS := -ec
.DEFAULT_GOAL := help

# The toolchain of the machine is used as it is: a download halfway through a build
# would make the same commit build differently in two places.
export GOTOOLCHAIN ?= local
# A control plane that the user has chosen is respected.
export KUBEBUILDER_ASSETS ?= $(CURDIR)/bin/k8s

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo v0.0.0)
IMG ?= ghcr.io/gemba-dev/gemba:$(VERSION)
KUBECTL ?= kubectl
FUZZTIME ?= 10s
BENCH_FLAGS ?=
TEST_TIMEOUT ?= 20m

tool = bin/tools/$(1)/$(1)

# Packages whose tests start a control plane or a Prometheus: those that import internal/testenv.
integration = $(shell go list -f '{{.ImportPath}} {{.Imports}} {{.TestImports}} {{.XTestImports}}' ./... \
	| awk '/controller-runtime\/pkg\/envtest|gemba\/internal\/testenv/ && $$1 !~ /\/test\/tickets$$/ {print $$1}')
# What needs a real Gitea, which takes a C compiler to build, stands apart.
tickets = github.com/gemba-dev/gemba/test/tickets
unit = $(filter-out $(integration) $(tickets),$(shell go list ./...))
# Packages that compute with civil time or write times down; they must not notice where the machine stands.
zoned = ./internal/cadence/... ./internal/governance/... ./internal/ticket/... ./internal/status/...
# A whole year on the real API server, with a golden text; it must read the same on a machine anywhere.
zoned_integration = ./test/loop
# Where these run a second time: thirteen hours ahead, in a zone that once left out a day.
far_zone = Pacific/Apia
# What `make generate` owns, completely; hack/verify.sh compares exactly these.
generated = api/v1alpha1/zz_generated.deepcopy.go config/crd/bases config/rbac/role.yaml docs/reference/api.md \
	charts/gemba/templates/generated

##@ Everyday

.PHONY: help
help: ## Explain each target.
	@awk 'BEGIN {FS = ":.*## "} \
		/^##@ / {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build the manager, static, into bin/gemba.
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/gemba ./cmd/gemba

.PHONY: demo
demo: controlplane build ## Tell the whole story on a throw-away cluster; Ctrl-C ends it.
	go run ./hack/demo

.PHONY: fmt
fmt: tool-golangci-lint ## Format the code as the linters expect it.
	$(call tool,golangci-lint) fmt

.PHONY: clean
clean: ## Remove what was built here; the user's cache stays.
	rm -rf bin

##@ Generation

.PHONY: generate
generate: generate-code generate-chart generate-docs ## Regenerate deepcopy, CRDs, RBAC, the chart and the API reference.

.PHONY: generate-code
generate-code: tool-controller-gen
	$(call tool,controller-gen) object paths=./api/...
	$(call tool,controller-gen) crd paths=./api/... output:crd:dir=config/crd/bases
	go run ./hack/crdfix config/crd/bases
	$(call tool,controller-gen) rbac:roleName=gemba-manager paths=./controllers/... output:rbac:dir=config/rbac

.PHONY: generate-chart
generate-chart: generate-code tool-kustomize
	go run ./hack/chartgen $(call tool,kustomize) config charts/gemba

.PHONY: generate-docs
generate-docs: tool-crd-ref-docs
	mkdir -p docs/reference
	$(call tool,crd-ref-docs) --source-path=api --config=hack/tools/crd-ref-docs/config.yaml \
		--renderer=markdown --output-path=docs/reference/api.md --log-level=ERROR

##@ Checks

.PHONY: test
test: verify test-unit test-zones test-integration ## Run everything that CI runs.

.PHONY: verify
verify: verify-generated lint ## Check that generated files are current, then lint.

.PHONY: verify-generated
verify-generated: ## Regenerate and fail where a committed file differs.
	hack/verify.sh $(generated)

.PHONY: lint
lint: tool-golangci-lint ## Run the linters; .golangci.yml says why each is there.
	$(call tool,golangci-lint) run

.PHONY: test-unit
test-unit: ## Test what needs no control plane.
	go test -timeout $(TEST_TIMEOUT) $(unit)

.PHONY: test-zones
test-zones: ## Test the civil arithmetic again on a machine in Apia, which skipped a day.
	TZ=$(far_zone) go test -count=1 -timeout $(TEST_TIMEOUT) $(zoned)

.PHONY: test-integration
test-integration: controlplane prometheus tool-helm tool-kustomize ## Test what runs on the real API server and the real Prometheus.
	packages="$(integration)"; \
	[ -n "$$packages" ] || { echo "no package's tests import internal/testenv: nothing would be tested" >&2; exit 1; }; \
	go test -count=1 -timeout $(TEST_TIMEOUT) $$packages
	TZ=$(far_zone) go test -v -count=1 -timeout $(TEST_TIMEOUT) $(zoned_integration)

.PHONY: e2e-tickets
e2e-tickets: controlplane gitea standardwebhooks ## Test the life of a ticket with the built manager, a real Gitea, and readers that share no code with it.
	go test -count=1 -timeout $(TEST_TIMEOUT) $(tickets)

.PHONY: fuzz
fuzz: ## Run each fuzz target for FUZZTIME (10s).
	hack/fuzz.sh $(FUZZTIME)

.PHONY: bench
bench: controlplane prometheus build ## Measure speed against bare clients; BENCH_FLAGS="-only kpi-samples" runs one.
	go run ./hack/bench $(BENCH_FLAGS)

##@ Clusters

.PHONY: controlplane
controlplane: ## Build kube-apiserver, etcd and kubectl once per user and link bin/k8s.
	hack/controlplane/build.sh

.PHONY: prometheus
prometheus: ## Build Prometheus once per user and link bin/prometheus.
	hack/prometheus/build.sh

.PHONY: gitea
gitea: ## Build Gitea once per user and link bin/gitea; this one needs a C compiler.
	hack/gitea/build.sh

.PHONY: standardwebhooks
standardwebhooks: ## Install the npm package that checks signatures in tests; this one needs Node.
	hack/standardwebhooks/install.sh

.PHONY: install
install: tool-kustomize ## Install the CRDs into the cluster of your kubeconfig.
	$(call tool,kustomize) build config/crd | $(KUBECTL) apply --server-side -f -

.PHONY: deploy
deploy: tool-kustomize ## Install everything, with the manager's image IMG.
	$(call tool,kustomize) build config/default \
		| sed 's|image: ghcr.io/gemba-dev/gemba:.*|image: $(IMG)|' \
		| $(KUBECTL) apply --server-side -f -

.PHONY: undeploy
undeploy: tool-kustomize ## Remove what deploy installed; the CRDs go last, and with them all objects.
	$(call tool,kustomize) build config/default | $(KUBECTL) delete --ignore-not-found -f -

.PHONY: docker-build
docker-build: ## Build the image IMG for this machine's architecture.
	docker build --build-arg VERSION=$(VERSION) -t $(IMG) .

tool-%:
	@hack/tools/build.sh $*
