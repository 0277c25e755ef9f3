package sampling

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/utils/clock"

	"github.com/gemba-dev/gemba/internal/kpi"
)

func TestASourceThatAnswersAgainIsAskedAsManyQuestionsAtATimeAsBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		down, underWay, most := true, 0, 0
		o := oracle{reply: func(ctx context.Context, now time.Time) kpi.Sample {
			mu.Lock()
			answer := slowly(3 * time.Second)
			if down {
				answer = silent
			}
			underWay++
			most = max(most, underWay)
			mu.Unlock()
			defer func() {
				mu.Lock()
				defer mu.Unlock()
				underWay--
			}()
			return answer(ctx, now)
		}}
		s := NewSampler(clock.RealClock{}, Options{})
		for i := range 50 {
			p := plan(named("k", i), fmt.Sprint("q", i), &o)
			p.Limits.Concurrent = 7
			s.Declare(p)
		}
		stop := run(t, s)
		after(3 * time.Minute)
		mu.Lock()
		down, most = false, 0
		mu.Unlock()
		atOnce := func() int {
			mu.Lock()
			defer mu.Unlock()
			return most
		}
		for waited := 0; waited < 90 && atOnce() == 0; waited++ {
			after(time.Second)
		}
		// There are some seconds for the first answer, and as many for the next.
		after(8 * time.Second)
		seen := atOnce()
		stop()
		wantEqual(t, "most at once, some seconds after it answers again", seen, 7)
	})
}
