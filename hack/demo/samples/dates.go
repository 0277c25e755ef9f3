package samples

import (
	"fmt"
	"maps"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// The bad examples have fixed dates and stay bad; the good ones say by these annotations how old they are to be.
const (
	// HeldDaysAgo stands on a Review whose heldAt is moved to so many days before today.
	HeldDaysAgo = "demo.gemba.dev/held-days-ago"
	// MeasuredDaysAgo stands on a KPI with manual measurements. They are moved together, so that the last period ends so
	// many days before today.
	MeasuredDaysAgo = "demo.gemba.dev/measured-days-ago"
)

// Date moves what says so to before now: a review to ten in the morning UTC of so many days ago, or a minute ago;
// measurements by whole days.
func Date(objects []*unstructured.Unstructured, now time.Time) error {
	now = now.UTC()
	for _, object := range objects {
		for annotation, move := range map[string]func(*unstructured.Unstructured, time.Time, int) error{
			HeldDaysAgo: moveReview, MeasuredDaysAgo: moveMeasurements,
		} {
			days, found := object.GetAnnotations()[annotation]
			if !found {
				continue
			}
			count, err := strconv.Atoi(days)
			if err != nil || count < 0 {
				return fmt.Errorf("%s %s: %s is %q, which is no number of days", object.GetKind(), object.GetName(), annotation, days)
			}
			if err := move(object, now, count); err != nil {
				return fmt.Errorf("date %s %s: %w", object.GetKind(), object.GetName(), err)
			}
		}
	}
	return nil
}

func moveReview(review *unstructured.Unstructured, now time.Time, daysAgo int) error {
	held := day(now, daysAgo).Add(10 * time.Hour)
	if daysAgo == 0 {
		held = now.Add(-time.Minute).Truncate(time.Second)
	}
	return unstructured.SetNestedField(review.Object, held.Format(time.RFC3339), "spec", "heldAt")
}

func day(now time.Time, daysAgo int) time.Time {
	return time.Date(now.Year(), now.Month(), now.Day()-daysAgo, 0, 0, 0, 0, time.UTC)
}

func moveMeasurements(kpi *unstructured.Unstructured, now time.Time, daysAgo int) error {
	path := []string{"spec", "source", "manual", "measurements"}
	measurements, _, err := unstructured.NestedSlice(kpi.Object, path...)
	if err != nil {
		return err
	}
	var last time.Time
	for _, one := range measurements {
		to, err := timeOf(one, "to", time.DateOnly)
		if err != nil {
			return err
		}
		if to.After(last) {
			last = to
		}
	}
	by := day(now, daysAgo).Sub(last)
	for i := range measurements {
		if measurements[i], err = moved(measurements[i], by); err != nil {
			return err
		}
	}
	return unstructured.SetNestedSlice(kpi.Object, measurements, path...)
}

// moved is a measurement whose times are later.
func moved(measurement any, by time.Duration) (map[string]any, error) {
	fields, _ := measurement.(map[string]any)
	later := maps.Clone(fields)
	for field, layout := range map[string]string{"from": time.DateOnly, "to": time.DateOnly, "takenAt": time.RFC3339} {
		at, err := timeOf(measurement, field, layout)
		if err != nil {
			return nil, err
		}
		later[field] = at.Add(by).Format(layout)
	}
	return later, nil
}

func timeOf(measurement any, field, layout string) (time.Time, error) {
	fields, _ := measurement.(map[string]any)
	at, err := time.Parse(layout, fmt.Sprint(fields[field]))
	if err != nil {
		return time.Time{}, fmt.Errorf("read %s of a measurement: %w", field, err)
	}
	return at, nil
}
