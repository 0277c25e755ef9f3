package cadence

import (
	"fmt"
	"time"
	_ "time/tzdata" // zone data for images that have none
)

// widestShift is more than any zone was ever away from UTC, in seconds.
const widestShift = 30 * 60 * 60

// loadZone finds an IANA zone; the empty name is UTC. "Local" is refused: it differs from machine to machine.
func loadZone(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, fmt.Errorf("the time zone %.64q is not known: use an IANA name, as in Europe/Berlin", name)
	}
	return loc, nil
}

// instant resolves a local day and time as RFC 5545, 3.3.5 asks: a time that the zone skips takes the offset before
// the gap, one that it repeats the first of the two. time.Date leaves open which one it takes, and Time.ZoneBounds is
// wrong on 31 December of leap years past the end of the zone's table, so offsets are looked up on both sides. No
// zone changes its offset twice within that time.
func instant(d Date, secondOfDay int, loc *time.Location) time.Time {
	wall := d.wall(secondOfDay)
	before := wall - offsetAt(wall-widestShift, loc)
	after := wall - offsetAt(wall+widestShift, loc)
	if wall-offsetAt(before, loc) != before && wall-offsetAt(after, loc) == after {
		return time.Unix(after, 0).UTC()
	}
	return time.Unix(before, 0).UTC()
}

// offsetAt is how far local time is ahead of UTC at an instant, in seconds.
func offsetAt(second int64, loc *time.Location) int64 {
	_, offset := time.Unix(second, 0).In(loc).Zone()
	return int64(offset)
}
