package testenv

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// keptOutput is how much a program may have written last that is still known.
const keptOutput = 64 << 10

// process is a program that was started.
type process struct {
	command *exec.Cmd
	output  lastOutput
	ended   chan struct{}
}

// startProcess starts a program in dir. It lives until end is called or it ends by itself; the context of a set-up
// does not take it along.
func startProcess(ctx context.Context, dir, program string, args ...string) (*process, error) {
	p := &process{ended: make(chan struct{})}
	p.command = exec.CommandContext(context.WithoutCancel(ctx), program, args...)
	p.command.Dir = dir
	p.command.Stdout = &p.output
	p.command.Stderr = &p.output
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	go func() {
		// How it ended is in its ProcessState too.
		_ = p.command.Wait()
		close(p.ended)
	}()
	return p, nil
}

func (p *process) name() string { return filepath.Base(p.command.Path) }

func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// end sends a signal and waits until the program is gone, which it is in any case afterwards. It is an error where it
// had ended by itself, and where it had to be killed because it took longer than within.
func (p *process) end(signal os.Signal, within time.Duration) error {
	if p.hasEnded() {
		return p.endedByItself()
	}
	if err := p.command.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("send %s to %s: %w", signal, p.name(), err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	select {
	case <-p.ended:
		return nil
	case <-ctx.Done():
	}
	// An error means that it has just gone.
	_ = p.command.Process.Kill()
	<-p.ended
	return fmt.Errorf("%s went on for %s after %s and was killed: %s", p.name(), within, signal, p.lastWords())
}

func (p *process) endedByItself() error {
	return fmt.Errorf("%s ended by itself (%s): %s", p.name(), p.command.ProcessState, p.lastWords())
}

func (p *process) lastWords() []byte { return tail(p.output.bytes(), 1000) }

// lastOutput keeps the end of what a program writes, for a reader that does not wait for the program.
type lastOutput struct {
	mutex sync.Mutex
	text  []byte
}

// Write keeps text. It never fails.
func (o *lastOutput) Write(text []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.text = append(o.text, text...)
	// Twice the size, so that not every line moves everything.
	if len(o.text) > 2*keptOutput {
		o.text = append([]byte(nil), tail(o.text, keptOutput)...)
	}
	return len(text), nil
}

func (o *lastOutput) bytes() []byte {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return append([]byte(nil), o.text...)
}
