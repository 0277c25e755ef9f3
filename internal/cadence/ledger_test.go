package cadence

import (
	"slices"
	"testing"
	"time"
)

func TestAnExtraPeriodDoesNotMoveTheOthersInTheLedger(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2024, time.January, n, 0, 0, 0, 0, time.UTC) }
	j := &judge{extras: []Entry{{ID: "change-a", Opens: day(2)}, {ID: "change-b", Opens: day(9)}}}
	opened := []period{
		{Entry: Entry{ID: "edited", Opens: day(5), Due: day(6)}},
		{Entry: Entry{ID: "frozen", Opens: day(1), Due: day(7)}},
	}
	var ids []string
	for _, entry := range j.ledger(opened) {
		ids = append(ids, entry.ID)
	}
	if want := []string{"change-a", "edited", "frozen", "change-b"}; !slices.Equal(ids, want) {
		t.Errorf("the ledger is %v, want %v", ids, want)
	}
}
