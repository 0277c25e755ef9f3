package schema

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	governancev1alpha1 "github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/builders"
	"github.com/gemba-dev/gemba/internal/egress"
	"github.com/gemba-dev/gemba/internal/expression"
	"github.com/gemba-dev/gemba/internal/governance"
	"github.com/gemba-dev/gemba/internal/status"
)

// unusable is a KPI or a MetricSource that the API server accepts and that cannot be used, with the one who tells why.
type unusable struct {
	object client.Object
	why    func() error
	// want is part of what is told.
	want string
}

func TestKPIsThatCannotBeMeasuredAreAcceptedByTheAPIServer(t *testing.T) {
	for _, part := range []map[string]unusable{dangling(), misspelt(), misplaced()} {
		for sentence, tc := range part {
			t.Run(sentence, func(t *testing.T) {
				if err := env.Client.Create(t.Context(), tc.object, client.DryRunAll); err != nil {
					t.Fatalf("the API server refuses it: %v", err)
				}
				err := tc.why()
				if err == nil || !strings.Contains(err.Error(), tc.want) {
					t.Errorf("got %v, want a sentence with %q", err, tc.want)
				}
			})
		}
	}
}

// dangling are KPIs that name what is not there.
func dangling() map[string]unusable {
	const cure = "create it or name another one"
	of := func(b *builders.KPIBuilder, want string) unusable {
		kpi := b.Obj()
		return unusable{kpi, func() error { return notReady(governance.KPIInput{KPI: kpi}) }, want}
	}
	here := func(b *builders.KPIBuilder, want string) unusable {
		kpi := b.Obj()
		return unusable{kpi, func() error { return notReady(governance.KPIInput{KPI: kpi, ProcessExists: true}) }, want}
	}
	return map[string]unusable{
		"a KPI of a process that does not exist": of(builders.MakeKPI("orphan").Process("nothing"),
			"ReferenceNotFound: Process nothing of spec.processRef does not exist in this namespace: "+cure),
		"a KPI with a counterweight that does not exist": here(builders.MakeKPI("alone").BalancedBy("nothing"),
			"ReferenceNotFound: KPI nothing of spec.balancedBy does not exist in this namespace: "+cure),
		"a KPI that predicts what does not exist": here(builders.MakeKPI("prophet").Tune(func(s *governancev1alpha1.KPISpec) {
			s.ProxyFor = &governancev1alpha1.ProxyFor{KPIRef: governancev1alpha1.LocalReference{Name: "nothing"}}
		}), "ReferenceNotFound: KPI nothing of spec.proxyFor does not exist in this namespace: "+cure),
		"a KPI whose review is on a cadence that does not exist": here(builders.MakeKPI("untimed").Tune(func(s *governancev1alpha1.KPISpec) {
			s.Reviews = []governancev1alpha1.ReviewRequirement{{Name: "full", CadenceRef: &governancev1alpha1.ClusterReference{Name: "nothing"}}}
		}), cure),
	}
}

// notReady tells why a KPI is not Ready; nil where it is.
func notReady(in governance.KPIInput) error {
	in.Policy = governance.EffectivePolicy(nil)
	judged := governance.JudgeKPI(in, time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC))
	ready := status.Find(judged.Status.Conditions, governancev1alpha1.ConditionReady)
	if ready == nil || ready.Status == metav1.ConditionTrue {
		return nil
	}
	return errors.New(ready.Reason + ": " + ready.Message)
}

// misspelt are KPIs whose expressions are none.
func misspelt() map[string]unusable {
	reply := func(name, value, want string) unusable {
		return unusable{builders.MakeKPI(name).HTTP("desk", "/open", value).Obj(), compiling(value, "reply"), want}
	}
	object := func(name, value, want string) unusable {
		return unusable{builders.MakeKPI(name).ConfigMap("claims", "kpi-reader", value).Obj(), compiling(value, "object"), want}
	}
	return map[string]unusable{
		"an expression that does not end":       reply("endless", "double(reply.open", "line 1, column 18"),
		"an expression over another variable":   reply("other", "double(object.open)", "undeclared reference to 'object'"),
		"an expression that calls what is none": object("call", "object.data.open.toNumber()", "undeclared reference to 'toNumber'"),
		"an expression with a pattern that is none": object("pattern",
			"object.data.open.matches('[') ? 1.0 : 0.0", "line 1, column"),
		"an expression of thirteen macros": object("macros",
			strings.Repeat("object.l.map(x, x).size() + ", 12)+"object.l.map(x, x).size()", "at most 12 are allowed"),
	}
}

func compiling(text string, variable string) func() error {
	return func() error {
		_, err := expression.Compile(text, variable)
		return err
	}
}

// misplaced are metric sources that may not be asked. Those that cannot be told without their Secrets are tried with the
// controllers.
func misplaced() map[string]unusable {
	at := func(name, url, want string) unusable {
		return unusable{builders.MakeMetricSource(name, url).Obj(), checking(url, egress.Options{}), want}
	}
	with := func(name string, tune func(*governancev1alpha1.MetricSourceSpec), options egress.Options, want string) unusable {
		const url = "https://prometheus.example.com"
		return unusable{builders.MakeMetricSource(name, url).Tune(tune).Obj(), checking(url, options), want}
	}
	const bundle, proxy = "-----BEGIN NONSENSE-----", "http://169.254.169.254:3128"
	return map[string]unusable{
		"a metric source whose URL holds a password":                       at("password", "https://gemba:secret@prometheus.example.com", "must not hold credentials"),
		"a metric source whose URL has a fragment":                         at("fragment", "https://prometheus.example.com/#query", "must have a host and no fragment"),
		"a metric source at the address where clouds hand out credentials": at("metadata", "https://169.254.169.254/latest", "169.254.169.254"),
		"a metric source that trusts what is no certificate": with("bundle", func(s *governancev1alpha1.MetricSourceSpec) {
			s.TLS = &governancev1alpha1.TLS{CABundle: bundle}
		}, egress.Options{CABundle: []byte(bundle)}, "certificate"),
		"a metric source behind a proxy that is no place for one": with("proxy", func(s *governancev1alpha1.MetricSourceSpec) {
			s.Proxy = proxy
		}, egress.Options{ProxyURL: proxy}, "169.254.169.254"),
		"a metric source whose tenants would choose the host": {
			builders.MakeMetricSource("tenants", "https://prometheus.example.com").Tune(func(s *governancev1alpha1.MetricSourceSpec) {
				s.Prometheus = &governancev1alpha1.PrometheusSource{Tenancy: &governancev1alpha1.PrometheusTenancy{Header: "Host"}}
			}).Obj(), func() error { return egress.CheckHeader("Host", "claims") }, "cannot be set"},
	}
}

func checking(url string, options egress.Options) func() error {
	return func() error {
		guard, err := egress.NewGuard(egress.GuardOptions{})
		if err != nil {
			return err
		}
		if _, err := guard.CheckURL(url); err != nil {
			return err
		}
		_, err = egress.NewClient(guard, options)
		return err
	}
}

// TestWhatIsJudgedOfAKPIIsStored: a status that the API server refuses is a verdict that is lost.
func TestWhatIsJudgedOfAKPIIsStored(t *testing.T) {
	long := governancev1alpha1.Text(strings.Repeat("Ask. ", 400))
	now := time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)
	full := builders.MakeKPI("full").Trend("8760h", "8760h").AtLeast("1")
	for i := range 200 {
		full.Measured(now.AddDate(0, 0, i-201).Format(time.DateOnly), fmt.Sprint(1000-i))
	}
	opposed := builders.MakeKPI("opposed").Measured("2025-12-31", "95")
	others := map[governancev1alpha1.ObjectName]*governancev1alpha1.KPI{}
	for i := range 8 {
		name := strings.Repeat("a", 252) + fmt.Sprint(i)
		opposed.BalancedBy(name)
		others[governancev1alpha1.ObjectName(name)] = builders.MakeKPI(name).State(governancev1alpha1.KPIBreached).Obj()
	}
	for sentence, kpi := range map[string]*builders.KPIBuilder{
		"never measured": builders.MakeKPI("never"),
		"breached, with an action of two pages": builders.MakeKPI("breached").Fatal().Measured("2025-12-31", "3").
			Tune(func(s *governancev1alpha1.KPISpec) { s.Action = long }),
		"an objective that hardly fits on a line": builders.MakeKPI("line").Measured("2025-12-31", "-999999999999.999999").
			AtLeast("-999999999999.999999").Tune(func(s *governancev1alpha1.KPISpec) { s.Unit = strings.Repeat("漢", 32) }),
		"two hundred measurements and a trend":    full,
		"eight counterweights that are breached":  opposed,
		"a measurement of the first day there is": builders.MakeKPI("first").Measured("1970-01-01", "95"),
	} {
		t.Run(sentence, func(t *testing.T) {
			object := kpi.Obj()
			if err := env.Client.Create(t.Context(), object); err != nil {
				t.Fatal(err)
			}
			object.SetGroupVersionKind(schema.FromAPIVersionAndKind(governancev1alpha1.GroupVersion.String(), "KPI"))
			in := governance.KPIInput{KPI: object, Others: others, ProcessExists: true}
			in.Policy = governance.EffectivePolicy(nil)
			object.Status = governance.JudgeKPI(in, now).Status
			if err := env.Client.Status().Update(t.Context(), object); err != nil {
				t.Errorf("the status is refused: %v", err)
			}
		})
	}
}
