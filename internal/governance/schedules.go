package governance

import (
	"fmt"
	"sync"

	"github.com/gemba-dev/gemba/internal/cadence"
)

// maxSchedules bounds the memo. Cadences are few, but everybody may write a period of their own into a process.
const maxSchedules = 512

// scheduleMemo remembers schedules by what they were compiled from: compiling one costs more than judging a process on
// it, and a schedule in turn remembers its occurrences.
type scheduleMemo struct {
	mu     sync.Mutex
	bySpec map[string]*cadence.Schedule
}

var schedules = scheduleMemo{bySpec: make(map[string]*cadence.Schedule)}

// compile gives the schedule of a cadence; what cannot be compiled is not remembered.
func (m *scheduleMemo) compile(spec cadence.Spec) (*cadence.Schedule, error) {
	key := fmt.Sprintf("%#v", spec)
	m.mu.Lock()
	defer m.mu.Unlock()
	if known := m.bySpec[key]; known != nil {
		return known, nil
	}
	schedule, err := cadence.Compile(spec)
	if err != nil {
		return nil, err
	}
	if len(m.bySpec) >= maxSchedules {
		clear(m.bySpec)
	}
	m.bySpec[key] = schedule
	return schedule, nil
}
