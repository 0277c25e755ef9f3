package ticket

import (
	"fmt"
	"maps"
	"slices"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// Parameters are what a TicketSystem says about its system, with the defaults of its type.
type Parameters map[v1alpha1.ParameterName]v1alpha1.ParameterValue

// ParametersOf resolves what a TicketSystem says. Its error is a sentence that says which parameter is missing, and what it is,
// or which there is no use for.
func (p *Protocol) ParametersOf(spec *v1alpha1.TicketSystemSpec) (Parameters, error) {
	resolved, known := Parameters{}, map[v1alpha1.ParameterName]bool{}
	for _, parameter := range p.declared.Parameters {
		known[parameter.Name] = true
		switch given, found := spec.Parameters[parameter.Name]; {
		case found:
			resolved[parameter.Name] = given
		case parameter.Default != nil:
			resolved[parameter.Name] = *parameter.Default
		default:
			return nil, fmt.Errorf("spec.parameters lacks %s: %s", parameter.Name, oneLine(string(parameter.Description)))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(spec.Parameters)) {
		if !known[name] {
			return nil, fmt.Errorf("spec.parameters has %s, which type: %s does not know", name, spec.Type)
		}
	}
	return resolved, nil
}

// SecretFieldsOf lists where the secret fields of bodies come from. Its error is a sentence that says which one is missing or
// has no place.
func (p *Protocol) SecretFieldsOf(spec *v1alpha1.TicketSystemSpec) ([]v1alpha1.SecretField, error) {
	for _, name := range p.declared.SecretFields {
		if !slices.ContainsFunc(spec.SecretFields, func(f v1alpha1.SecretField) bool { return f.Name == name }) {
			return nil, fmt.Errorf("spec.secretFields lacks %s", name)
		}
	}
	for _, given := range spec.SecretFields {
		if !slices.Contains(p.declared.SecretFields, given.Name) {
			return nil, fmt.Errorf("spec.secretFields has %s, which type: %s does not know", given.Name, spec.Type)
		}
	}
	return spec.SecretFields, nil
}

func (p Parameters) variable() map[string]any {
	variable := make(map[string]any, len(p))
	for name, value := range p {
		variable[string(name)] = string(value)
	}
	return variable
}
