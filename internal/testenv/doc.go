// Package testenv runs a real Kubernetes control plane for tests: kube-apiserver and etcd, on request with
// kube-controller-manager, carrying the CRDs of config/crd/bases and the admission policies of config/policy.
//
// One environment serves a whole test binary: start it in TestMain or BeforeSuite, give each test its own namespace,
// stop it at the end. The programs come from the folder that KUBEBUILDER_ASSETS names, else from bin/k8s of the
// repository (make controlplane).
//
// It also runs a real Prometheus (StartPrometheus), an exporter for it to scrape (StartExporter), and gives it values of
// the past (Backfill). The program is what PROMETHEUS_BINARY names, else the one in bin/prometheus (make prometheus).
// A real Gitea (StartGitea) is what GITEA_BINARY names, else the one in bin/gitea (make gitea).
package testenv
