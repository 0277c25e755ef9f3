package testenv

// Option changes what Start brings up.
type Option func(*settings)

type settings struct {
	policies          bool
	controllerManager bool
	apiServerFlags    map[string][]string
}

func settingsFrom(opts []Option) settings {
	s := settings{policies: true, apiServerFlags: map[string][]string{}}
	for _, opt := range opts {
		opt(&s)
	}
	return s
}

// WithControllerManager also runs kube-controller-manager with the controllers that delete the contents of namespaces
// and collect garbage. Without it a namespace stays Terminating and owner references have no effect.
func WithControllerManager() Option {
	return func(s *settings) { s.controllerManager = true }
}

// WithoutPolicies leaves the admission policies of config/policy out.
func WithoutPolicies() Option {
	return func(s *settings) { s.policies = false }
}

// WithAPIServerFlag sets a flag of kube-apiserver, named without its dashes, in place of its default.
func WithAPIServerFlag(name string, values ...string) Option {
	return func(s *settings) { s.apiServerFlags[name] = values }
}
