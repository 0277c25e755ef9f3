package egress

import (
	"fmt"
	"net"
	"strings"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

const (
	// maxAllowedHosts and maxAllowedHostsLength bound what is read of an annotation that anybody may have written.
	maxAllowedHosts       = 64
	maxAllowedHostsLength = 4096
)

// SecretAllowsURL says, in a sentence, why a Secret may not be sent to the host of a URL; nil where it may. It is
// SecretAllowsHost, except that over http://, where everybody on the way can read it, the annotation must name the port as
// well: a Secret that was meant for https://desk.example does not leave for http://desk.example:443.
func SecretAllowsURL(annotations map[string]string, rawURL string) error {
	target, err := parseURL(rawURL)
	if err != nil {
		return err
	}
	wanted, err := normalizeHost(target.Host, target.Scheme)
	if err != nil {
		return fmt.Errorf("%w: the host to send the Secret to %w", ErrInvalidRequest, err)
	}
	if target.Scheme != "http" {
		return secretAllows(annotations, wanted, shortHost(wanted), false)
	}
	return secretAllows(annotations, wanted, wanted, true)
}

// SecretAllowsHost reads the annotation governance.gemba.dev/allowed-hosts of a Secret, such as
// "desk.example, desk.example:8443", where a host without a port stands for the default port of https. It says, in a
// sentence, why the Secret may not be sent to the host; nil where it may. The host is "name" or "name:port", as HostPort
// returns it. Hosts match exactly: no wildcards, no subdomains, no other port. An annotation with one malformed entry
// allows nothing, so that a slip is noticed.
func SecretAllowsHost(annotations map[string]string, host string) error {
	wanted, err := normalizeHost(host, "https")
	if err != nil {
		return fmt.Errorf("%w: the host to send the Secret to %w", ErrInvalidRequest, err)
	}
	return secretAllows(annotations, wanted, shortHost(wanted), false)
}

// secretAllows looks "name:port" up in the annotation; portNamed asks for an entry that names the port. Shown is how a
// person would write the host there.
func secretAllows(annotations map[string]string, wanted, shown string, portNamed bool) error {
	text := strings.TrimSpace(annotations[v1alpha1.AnnotationAllowedHosts])
	if text == "" {
		return fmt.Errorf("%w: the Secret may be sent nowhere; annotate it with %s: %s",
			ErrSecretNotAllowed, v1alpha1.AnnotationAllowedHosts, shown)
	}
	allowed, err := parseAllowedHosts(text)
	if err != nil {
		return err
	}
	named, found := allowed[wanted]
	if !found || portNamed && !named {
		return fmt.Errorf("%w: add %s to its annotation %s if it is meant",
			ErrSecretNotAllowed, shown, v1alpha1.AnnotationAllowedHosts)
	}
	return nil
}

// parseAllowedHosts reads the annotation: which "name:port" are allowed, and whether an entry names that port.
func parseAllowedHosts(text string) (map[string]bool, error) {
	if len(text) > maxAllowedHostsLength {
		return nil, fmt.Errorf("%w: its annotation %s is longer than %d characters",
			ErrSecretNotAllowed, v1alpha1.AnnotationAllowedHosts, maxAllowedHostsLength)
	}
	entries := strings.Split(text, ",")
	if len(entries) > maxAllowedHosts {
		return nil, fmt.Errorf("%w: its annotation %s lists more than %d hosts",
			ErrSecretNotAllowed, v1alpha1.AnnotationAllowedHosts, maxAllowedHosts)
	}
	allowed := make(map[string]bool, len(entries))
	for number, entry := range entries {
		name, port, err := splitHost(strings.TrimSpace(entry))
		if err != nil {
			return nil, fmt.Errorf("%w: entry %d of its annotation %s %w",
				ErrSecretNotAllowed, number+1, v1alpha1.AnnotationAllowedHosts, err)
		}
		named := port != ""
		if !named {
			port = defaultPort("https")
		}
		normal := net.JoinHostPort(name, port)
		allowed[normal] = allowed[normal] || named
	}
	return allowed, nil
}

// shortHost drops the default port, as a person would write the host.
func shortHost(hostPort string) string {
	host, port, err := net.SplitHostPort(hostPort)
	if err != nil || port != "443" {
		return hostPort
	}
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}
