package e2e_test

import (
	"context"
	"fmt"
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// scrape reads metrics as Prometheus does.
func scrape(ctx context.Context, url string) map[string]*dto.MetricFamily {
	GinkgoHelper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	Expect(err).NotTo(HaveOccurred())
	response, err := http.DefaultClient.Do(request)
	Expect(err).NotTo(HaveOccurred())
	defer response.Body.Close()
	Expect(response.StatusCode).To(Equal(http.StatusOK))
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(response.Body)
	Expect(err).NotTo(HaveOccurred())
	return families
}

// judged gives how many passes of a controller ended, well or not.
func judged(families map[string]*dto.MetricFamily, controller string) float64 {
	return sum(families, "controller_runtime_reconcile_total", "controller", controller)
}

// busy names the controllers that have work under way, or waiting, or to be tried again.
func busy(families map[string]*dto.MetricFamily) []string {
	var names []string
	for _, name := range []string{"workqueue_depth", "controller_runtime_active_workers"} {
		for _, metric := range families[name].GetMetric() {
			if metric.GetGauge().GetValue() > 0 {
				names = append(names, fmt.Sprint(name, metric.GetLabel()))
			}
		}
	}
	return names
}

// writes counts the requests to the API server that may change something. Who may scrape is asked by a POST as well, but
// not here, where the metrics are open.
func writes(families map[string]*dto.MetricFamily) float64 {
	var total float64
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		total += sum(families, "rest_client_requests_total", "method", method)
	}
	return total
}

// sum adds up the counters of a family that have a label.
func sum(families map[string]*dto.MetricFamily, family, label, value string) float64 {
	var total float64
	for _, metric := range families[family].GetMetric() {
		for _, pair := range metric.GetLabel() {
			if pair.GetName() == label && pair.GetValue() == value {
				total += metric.GetCounter().GetValue()
			}
		}
	}
	return total
}

// eachObject calls visit for the objects of a list.
func eachObject(list client.ObjectList, visit func(client.Object)) error {
	return meta.EachListItem(list, func(item runtime.Object) error {
		object, ok := item.(client.Object)
		if !ok {
			return fmt.Errorf("%T is no object", item)
		}
		visit(object)
		return nil
	})
}
