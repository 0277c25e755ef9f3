package kpi

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// FuzzEvaluate reads samples and a series out of bytes, and everything that users write out of text that no schema checked.
// Nothing panics, the status can be written, judging again without anything new changes nothing, and the values of a status
// are Decimals.
func FuzzEvaluate(f *testing.F) {
	seed := func(values ...float64) []byte {
		var data []byte
		for i, v := range values {
			data = binary.LittleEndian.AppendUint64(data, math.Float64bits(v))
			data = append(data, byte(i*7), byte(i))
		}
		return data
	}
	f.Add("10", "12", "5m", "P7D", seed(1, 2, 3), byte(0))
	f.Add("0", "0", "", "", seed(math.NaN(), math.Inf(1), math.Inf(-1), 1e300, -1e300, math.Copysign(0, -1), 5e-324), byte(1))
	f.Add("-999999999999.999999", "999999999999.999999", "8760h", "P99Y999M999W9999D", seed(999999999999.5, -999999999999.5), byte(2))
	f.Add("", "x", "-1h", "P", seed(), byte(3))
	f.Add("85", "90", "0s", "P1D", seed(1, 1, 1, 1, 1, 1, 1, 1, 1, 9), byte(4))
	f.Fuzz(func(t *testing.T, low, high, length, period string, data []byte, kind byte) {
		spec := fuzzedSpec(low, high, length, period, kind)
		var samples []Sample
		var points []Point
		for ; len(data) >= 10 && len(samples) < 300; data = data[10:] {
			value := math.Float64frombits(binary.LittleEndian.Uint64(data))
			at := start.Add(time.Duration(int8(data[8])) * time.Minute << (data[9] % 32))
			samples = append(samples, Sample{AskedAt: at.Add(time.Duration(data[9])), At: at, Value: value, Result: v1alpha1.SampleAnswered})
			points = append(points, Point{At: at, Value: value})
		}
		in := Input{
			Spec: spec, Samples: samples, Series: points, HasSeries: kind&1 == 1, Predicted: points, TriedSince: start,
			KeepFor: time.Duration(kind) << 55,
		}
		verdict := Evaluate(in, hours(1))
		checkWritable(t, spec, &verdict.Status)
		again := Evaluate(Input{Spec: spec, Before: &verdict.Status, Series: points, HasSeries: kind&1 == 1, KeepFor: in.KeepFor, TriedSince: start}, hours(1))
		if again.Status.Judged != verdict.Status.Judged || again.Status.State != verdict.Status.State {
			t.Fatalf("%+v\nbecame %+v", verdict.Status, again.Status)
		}
		Throttle(key, spec, &verdict.Status, &again.Status, hours(2))
		PairAtLag(points, points, time.Duration(kind)<<55, time.Duration(kind)-9)
		TheilSen(points)
	})
}

func fuzzedSpec(low, high, length, period string, kind byte) *v1alpha1.KPISpec {
	a, b, d, p := v1alpha1.Decimal(low), v1alpha1.Decimal(high), v1alpha1.Duration(length), v1alpha1.Period(period)
	spec := atLeast(low, warning(high), breachFor(d), recoverFor(d), staleAfter(d), every(d), trend(d, d),
		plausible(v1alpha1.Plausibility{Min: &a, Max: &b, FlatAfter: int32(kind), Jump: int32(kind)}),
		corrected(hours(-int(kind)), hours(0)))
	spec.ProxyFor = &v1alpha1.ProxyFor{Lag: p, Window: p, MinSamples: 4}
	spec.Unit = period
	switch kind / 2 % 4 {
	case 1:
		spec.Objective = v1alpha1.Objective{AtMost: &v1alpha1.AtMost{Target: a, Warning: &b}}
	case 2:
		spec.Objective = v1alpha1.Objective{Within: &v1alpha1.Within{Min: a, Max: b, Margin: &a}}
	case 3:
		measuredByHand(v1alpha1.Measurement{Value: a, From: v1alpha1.Date(low), To: "2026-01-31", TakenAt: metav1.NewTime(start)})(spec)
	}
	return spec
}

// checkWritable checks what the schema asks of a status.
func checkWritable(t *testing.T, spec *v1alpha1.KPISpec, status *v1alpha1.KPIStatus) {
	if text, err := json.Marshal(status); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	decimals := []v1alpha1.Decimal{}
	if status.Value != nil && spec.Source.Manual == nil {
		decimals = append(decimals, *status.Value)
	}
	for _, p := range status.History {
		decimals = append(decimals, p.Value)
	}
	if status.Trend != nil {
		decimals = append(decimals, status.Trend.PerDay)
	}
	if status.Correlation != nil {
		decimals = append(decimals, status.Correlation.Value)
	}
	for _, d := range decimals {
		if _, ok := d.Rat(); !ok {
			t.Fatalf("%q is no Decimal", d)
		}
	}
	if len(status.History) > pointsAtMost || len([]rune(status.Objective)) > objectiveAtMost {
		t.Fatalf("%d values kept, objective %q", len(status.History), status.Objective)
	}
}
