package kpi

import (
	"encoding/csv"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// published are data sets that textbooks and R's package datasets know: women, cars, mtcars (weight, miles a gallon), longley
// (year, employed), airquality (day, ozone), nile, Anscombe's quartet, and the example of Sen (1968). The file was written,
// in testdata, by
//
//	Rscript published.R            (R 4.2.2)
//
// and the figures about it, which no line of this package took part in, by
//
//	/usr/bin/python3 slopes.py > slopes.csv   (SciPy 1.10.1: scipy.stats.theilslopes, spearmanr)
//	Rscript ranks.R > ranks.csv               (R 4.2.2: cor, cor.test)
func published(t testing.TB) map[string][]Point {
	t.Helper()
	sets := map[string][]Point{}
	for _, row := range table(t, "published.csv") {
		x, y := number(t, row[1]), number(t, row[2])
		sets[row[0]] = append(sets[row[0]], Point{At: at(x), Value: y})
	}
	if len(sets) != 11 {
		t.Fatalf("%d data sets", len(sets))
	}
	return sets
}

// at lets a second stand for one on the axis.
func at(x float64) time.Time { return time.Unix(0, int64(math.Round(x*1e9))).UTC() }

func table(t testing.TB, name string) [][]string {
	t.Helper()
	file, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%d rows of %s: %v", len(rows), name, err)
	}
	return rows[1:]
}

func number(t testing.TB, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func wantNear(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9*max(1, math.Abs(want)) {
		t.Errorf("%s is %.15g, want %.15g", what, got, want)
	}
}

func axes(points []Point) (x, y []float64) {
	for _, p := range points {
		x, y = append(x, float64(p.At.UnixNano())/1e9), append(y, p.Value)
	}
	return x, y
}

func TestTheilSenAgreesWithSciPy(t *testing.T) {
	sets := published(t)
	for _, row := range table(t, "slopes.csv") {
		t.Run(row[0], func(t *testing.T) {
			line, ok := TheilSen(sets[row[0]])
			if !ok || line.Samples != len(sets[row[0]]) {
				t.Fatalf("no line through %d values: %+v", len(sets[row[0]]), line)
			}
			wantNear(t, "the slope", line.PerSecond, number(t, row[1]))
			wantNear(t, "the intercept", line.At(at(0)), number(t, row[2]))
		})
	}
}

func TestSpearmanAgreesWithSciPyAndR(t *testing.T) {
	sets := published(t)
	for _, file := range []string{"slopes.csv", "ranks.csv"} {
		for _, row := range table(t, file) {
			t.Run(file+" "+row[0], func(t *testing.T) {
				rho, ok := Spearman(axes(sets[row[0]]))
				if !ok {
					t.Fatal("there is no correlation")
				}
				column := map[string]int{"slopes.csv": 3, "ranks.csv": 1}[file]
				wantNear(t, "rho", rho, number(t, row[column]))
			})
		}
	}
}

func TestMannKendallAgreesWithR(t *testing.T) {
	sets, compared := published(t), 0
	for _, row := range table(t, "ranks.csv") {
		if row[2] == "NA" {
			continue
		}
		compared++
		t.Run(row[0], func(t *testing.T) {
			wantNear(t, "z", mannKendall(inOrder(sets[row[0]])), number(t, row[2]))
		})
	}
	if compared != 8 {
		t.Fatalf("%d data sets were compared", compared)
	}
}

// The figures that the papers themselves give.
func TestFiguresOfTheLiterature(t *testing.T) {
	line, ok := TheilSen(published(t)["sen 1968"])
	if !ok || line.PerSecond != 4 {
		t.Errorf("the slope of Sen's example is %v, want 4", line.PerSecond)
	}
	// Hampel (1974): the median absolute deviation of a normal distribution is 0.6745 standard deviations.
	source := rand.New(rand.NewPCG(1, 2))
	values := make([]float64, 20_000)
	for i := range values {
		values[i] = 10 + 3*source.NormFloat64()
	}
	if middle, deviation := robustSpread(values); math.Abs(middle-10) > 0.1 || math.Abs(deviation-3) > 0.1 {
		t.Errorf("median %v, deviation %v", middle, deviation)
	}
}

func TestALineIsNotMovedByAFewWrongValues(t *testing.T) {
	points := falling(0, 20, 95, 0.25)
	for _, i := range []int{3, 8, 9, 15, 17} {
		points[i].Value = 1e9 * float64(i%2)
	}
	line, ok := TheilSen(points)
	if !ok || line.PerSecond != -0.25/3600 {
		t.Fatalf("the line is %+v, %v", line, ok)
	}
	wantNear(t, "the line at hour 4", line.At(hours(4)), 94)
}

func TestWhereThereIsNoLine(t *testing.T) {
	for name, points := range map[string][]Point{
		"none":                     nil,
		"one":                      {{start, 1}},
		"one time":                 {{start, 1}, {start, 2}, {start, 3}},
		"one value":                {{start, 1}, {minutes(1), 1}, {minutes(2), 1}},
		"zero and negative zero":   {{start, 0}, {minutes(1), math.Copysign(0, -1)}},
		"one that is a number":     {{start, 1}, {minutes(1), math.NaN()}, {minutes(2), math.Inf(1)}},
		"a slope that is infinite": {{start, -math.MaxFloat64}, {start.Add(1), math.MaxFloat64}},
	} {
		if line, ok := TheilSen(points); ok {
			t.Errorf("%s: %+v", name, line)
		}
	}
	if line, ok := TheilSen([]Point{{start, 1}, {minutes(1), math.NaN()}, {minutes(2), 121}}); !ok || line.PerSecond != 1 || line.Samples != 2 {
		t.Errorf("what is no number is left out: %+v", line)
	}
	if line, ok := TheilSen([]Point{{start, 1}, {minutes(1), 61}, {minutes(1), 61}, {minutes(2), 121}}); !ok || line.PerSecond != 1 {
		t.Errorf("equal times are left out: %+v", line)
	}
}

func TestALineRestsOnTheNewestTwoHundredValues(t *testing.T) {
	points := falling(0, 799, 0, -7200)
	for i := range points[:600] {
		points[i].Value = 0
	}
	line, ok := TheilSen(points)
	if !ok || line.Samples != 200 || line.PerSecond != 2 || !line.Origin.Equal(hours(600)) {
		t.Fatalf("the line is %+v", line)
	}
}

func TestWhereThereIsNoRankCorrelation(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, pair := range map[string][2][]float64{
		"none":                  {nil, nil},
		"two pairs":             {{1, 2}, {1, 2}},
		"two pairs and a NaN":   {{1, 2, nan}, {1, 2, 3}},
		"two pairs and an Inf":  {{1, 2, 3}, {1, 2, inf}},
		"other lengths":         {{1, 2, 3}, {1, 2}},
		"a constant side":       {{1, 2, 3}, {1, 1, 1}},
		"zero and negative one": {{0, math.Copysign(0, -1), 0}, {1, 2, 3}},
	} {
		if rho, ok := Spearman(pair[0], pair[1]); ok {
			t.Errorf("%s: %v", name, rho)
		}
	}
	if rho, ok := Spearman([]float64{1, 2, nan, 3}, []float64{1e300, 2, 3, -1e300}); !ok || rho != -1 {
		t.Errorf("rho is %v", rho)
	}
}

func TestThereIsNoTrendByChance(t *testing.T) {
	for name, points := range map[string][]Point{
		"of none": nil, "of one": {{start, 1}}, "of two": {{start, 1}, {minutes(1), 2}},
		"of equal values": falling(0, 20, 1, 0),
	} {
		if z := mannKendall(points); z != 0 {
			t.Errorf("%s: z is %v", name, z)
		}
	}
	if up, down := mannKendall(falling(0, 9, 0, -1)), mannKendall(falling(0, 9, 0, 1)); up != -down || up < chance {
		t.Errorf("upwards %v, downwards %v", up, down)
	}
	if z := mannKendall([]Point{{start, 1}, {start, 2}, {start, 3}, {minutes(1), 4}}); z > 1 {
		t.Errorf("values of one time rise by %v", z)
	}
}

// The slow way to a median is the independent one.
func TestTheMedianIsTheOneInTheMiddle(t *testing.T) {
	source := rand.New(rand.NewPCG(3, 4))
	for n := range 300 {
		values := make([]float64, n+1)
		for i := range values {
			values[i] = float64(source.IntN(n/2 + 2))
		}
		sorted := slices.Sorted(slices.Values(values))
		want := (sorted[n/2] + sorted[(n+1)/2]) / 2
		if got := median(values); got != want {
			t.Fatalf("the median of %v is %v, want %v", sorted, got, want)
		}
		if got := selected(values, n/3, n%4); got != sorted[n/3] {
			t.Fatalf("at place %d of %v stands %v", n/3, sorted, got)
		}
		slices.Sort(values)
		if !slices.Equal(values, sorted) {
			t.Fatalf("%v became %v", sorted, values)
		}
	}
	if got := median([]float64{math.MaxFloat64, math.MaxFloat64}); got != math.MaxFloat64 {
		t.Fatalf("the median is %v", got)
	}
	if !math.IsNaN(median(nil)) {
		t.Fatal("none has a median")
	}
}
