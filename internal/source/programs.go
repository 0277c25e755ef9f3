package source

import (
	"fmt"
	"sync"

	"github.com/gemba-dev/gemba/api/v1alpha1"
	"github.com/gemba-dev/gemba/internal/expression"
)

// maxPrograms is how many compiled expressions are kept. Each takes some 20 KiB, and compiling one a millisecond: kept for
// each of 10,000 KPIs they would take more memory than everything else, and never kept more time than the requests.
const maxPrograms = 512

// programs keeps compiled expressions. The zero value is ready.
type programs struct {
	mu    sync.Mutex
	known map[program]*expression.Program
	// order holds the keys as they came, the oldest first.
	order []program
}

// program is an expression over one variable.
type program struct {
	text, variable string
}

// compile returns the compiled expression.
func (p *programs) compile(wanted program) (*expression.Program, error) {
	if found := p.find(wanted); found != nil {
		return found, nil
	}
	compiled, err := expression.Compile(wanted.text, wanted.variable)
	if err != nil {
		return nil, err
	}
	p.keep(wanted, compiled)
	return compiled, nil
}

func (p *programs) find(wanted program) *expression.Program {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known[wanted]
}

func (p *programs) keep(made program, compiled *expression.Program) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil {
		p.known = map[program]*expression.Program{}
	}
	if p.known[made] != nil {
		return
	}
	if len(p.order) >= maxPrograms {
		delete(p.known, p.order[0])
		p.order = p.order[1:]
	}
	p.known[made] = compiled
	p.order = append(p.order, made)
}

// extraction takes value and time out of a document.
type extraction struct {
	programs *programs
	variable string
	// value and time are expressions; time may be empty.
	value, time string
}

// extraction checks the expressions of a KPI over a variable.
func (b *Builder) extraction(variable string, value, at v1alpha1.Expression) (extraction, error) {
	made := extraction{programs: &b.programs, variable: variable, value: string(value), time: string(at)}
	for field, text := range map[string]string{"value": made.value, "time": made.time} {
		if text == "" && field == "time" {
			continue
		}
		if _, err := b.programs.compile(program{text, variable}); err != nil {
			return extraction{}, problem(ErrInvalid, fmt.Sprintf("the expression %s cannot be used: %s", field, err), "")
		}
	}
	return made, nil
}
