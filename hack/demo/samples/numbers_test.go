package samples_test

import (
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/hack/demo/samples"
)

func TestTheWatermelonNamesWhatIsRedInside(t *testing.T) {
	known := read(t, today)
	known.settle(t, today)
	move := known.processes[samples.Watermelon.Name]
	met := meta.FindStatusCondition(move.Status.Conditions, v1alpha1.ConditionKPIsMet)
	if met == nil || met.Status != metav1.ConditionFalse || met.Reason != string(v1alpha1.RuleWatermelon) ||
		!strings.Contains(met.Message, samples.RedInside.Name.Name) {
		t.Errorf("KPIsMet is %+v, want False/Watermelon with %s in its message", met, samples.RedInside.Name.Name)
	}
	if counts := move.Status.Counts; counts.Touchpoints != 19 || counts.Departments != 5 {
		t.Errorf("there are %d touchpoints in %d departments, want 19 in 5", counts.Touchpoints, counts.Departments)
	}
	if summary := move.Status.KPIs; summary.Met != 5 || summary.Breached != 2 || summary.Total != 7 {
		t.Errorf("of the KPIs there are %+v, want five that are met and two that are breached", summary)
	}
}

func TestWhatIsFatalOutranksWhatIsNot(t *testing.T) {
	known := read(t, today)
	known.settle(t, today)
	for name, want := range map[string]v1alpha1.Severity{
		"wrong-tariff-billed": v1alpha1.SeverityCritical, "refused-for-authority": v1alpha1.SeverityHigh,
		"greeting-omitted": v1alpha1.SeverityMedium,
	} {
		found := known.kpis[types.NamespacedName{Namespace: "contact-centre", Name: name}]
		if got := found.Status.Findings[0].Severity; got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	tariff := known.processes[types.NamespacedName{Namespace: "contact-centre", Name: "tariff-change"}]
	if score := tariff.Status.Score; score == nil || *score != 0 {
		t.Errorf("the score is %v, want 0: what is Fatal outranks the rest", score)
	}
}

// R gives cor(qa, satisfaction, method = "spearman") as 0.0796581196581 for the same 26 pairs.
func TestTheScoreOfTheQualityDepartmentHasNothingToDoWithSatisfaction(t *testing.T) {
	for sentence, now := range years {
		known := read(t, now)
		known.settle(t, now)
		score := known.kpis[types.NamespacedName{Namespace: "journeys", Name: "qa-score"}]
		want := v1alpha1.KPICorrelation{With: "mover-satisfaction", Value: "0.079658", Samples: 26}
		if got := score.Status.Correlation; got == nil || *got != want {
			t.Errorf("%s: the correlation is %+v, want %+v", sentence, got, want)
		}
	}
}

func TestOutageCallsCrossTheirTargetInNineDays(t *testing.T) {
	for sentence, now := range years {
		known := read(t, now)
		known.settle(t, now)
		calls := known.kpis[types.NamespacedName{Namespace: "metering", Name: "outage-calls"}]
		trend := calls.Status.Trend
		if trend == nil || trend.CrossesAt == nil {
			t.Errorf("%s: the trend is %+v, want one that crosses the target", sentence, trend)
			continue
		}
		if in := trend.CrossesAt.Sub(now); in < 8*24*time.Hour || in > 10*24*time.Hour {
			t.Errorf("%s: the trend crosses the target in %s, want some nine days", sentence, in)
		}
	}
}

func TestMeasurementsKeepTheirDistances(t *testing.T) {
	before, after := read(t, today), read(t, today.AddDate(1, 2, 3))
	name := types.NamespacedName{Namespace: "journeys", Name: "qa-score"}
	written, moved := before.kpis[name].Spec.Source.Manual.Measurements, after.kpis[name].Spec.Source.Manual.Measurements
	last := moved[len(moved)-1]
	if want := v1alpha1.Date(today.AddDate(1, 2, 0).Format(time.DateOnly)); last.To != want {
		t.Errorf("the last period ends on %s, want %s, three days before", last.To, want)
	}
	by := last.TakenAt.Sub(written[len(written)-1].TakenAt.Time)
	for i := range moved {
		if got := moved[i].TakenAt.Sub(written[i].TakenAt.Time); got != by || moved[i].Value != written[i].Value {
			t.Errorf("measurement %d is moved by %s from %v to %v, want by %s", i, got, written[i], moved[i], by)
		}
	}
}

func TestAPrometheusYieldsWhatTheConfigMapHolds(t *testing.T) {
	objects, err := samples.Read(folder)
	if err != nil {
		t.Fatal(err)
	}
	figures, err := samples.Figures(objects)
	if err != nil {
		t.Fatal(err)
	}
	known := read(t, today)
	objects, err = samples.AskPrometheus(objects, folder, "http://127.0.0.1:9090")
	if err != nil {
		t.Fatal(err)
	}
	asking := &company{}
	asking.take(t, objects, today)
	if len(asking.sources) != 1 || asking.sources[0].Spec.URL != "http://127.0.0.1:9090" {
		t.Fatalf("the metric sources are %+v, want one at the URL that was given", asking.sources)
	}
	seen := 0
	for name, kpi := range asking.kpis {
		query := kpi.Spec.Source.Prometheus
		if query == nil {
			continue
		}
		seen++
		if kpi.Namespace != asking.sources[0].Namespace || string(query.MetricSourceRef.Name) != asking.sources[0].Name {
			t.Errorf("%s asks %v, which is not the metric source", name, query.MetricSourceRef)
		}
		if got, want := figures[query.Query], known.sample(t, known.kpis[name], today).Value; got != want {
			t.Errorf("%s is %v from Prometheus, and %v from the ConfigMap", name, got, want)
		}
	}
	if seen != len(figures) {
		t.Errorf("%d KPIs ask Prometheus, and there are %d figures", seen, len(figures))
	}
}
