package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// table holds the figures of a scenario.
type table struct{ rows [][3]string }

// add tells a figure, and what it is to be compared with.
func (t *table) add(figure, value, note string) {
	t.rows = append(t.rows, [3]string{figure, value, note})
}

func (t *table) print(out io.Writer) {
	columns := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range t.rows {
		_, _ = fmt.Fprintf(columns, "  %s\t%s\t%s\n", row[0], row[1], row[2])
	}
	_ = columns.Flush()
}

// budget says whether a budget was kept.
func budget(text string, kept bool) string {
	if kept {
		return "budget " + text + ": kept"
	}
	return "budget " + text + ": MISSED"
}

// quantile is the smallest of the values that a share of them does not exceed; zero where there are none.
func quantile(values []time.Duration, share float64) time.Duration {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	rank := int(math.Ceil(share * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// median is the one in the middle, or the mean of the two; zero where there are none.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// spread shows the least and the greatest of the values, to so many decimals.
func spread(values []float64, decimals int) string {
	if len(values) == 0 {
		return "none"
	}
	return fmt.Sprintf("%.*f to %.*f", decimals, slices.Min(values), decimals, slices.Max(values))
}

// whole shows a number without decimals, with its thousands apart.
func whole(number float64) string {
	digits := strconv.FormatInt(int64(math.Round(math.Abs(number))), 10)
	var parts []string
	for len(digits) > 3 {
		parts = append(parts, digits[len(digits)-3:])
		digits = digits[:len(digits)-3]
	}
	slices.Reverse(parts)
	text := strings.Join(append([]string{digits}, parts...), ",")
	if number <= -0.5 {
		return "-" + text
	}
	return text
}

// milliseconds shows a duration to a tenth of one.
func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
}

// seconds shows a duration to a tenth of one.
func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// mebibytes shows a size to a tenth of one.
func mebibytes(bytes float64) string { return fmt.Sprintf("%.1f MiB", bytes/(1<<20)) }
