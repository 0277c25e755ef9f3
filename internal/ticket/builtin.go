package ticket

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"sync"

	"sigs.k8s.io/yaml"

	"github.com/gemba-dev/gemba/api/v1alpha1"
)

// typeFiles hold one TicketProtocol each, named as the type.
//
//go:embed types/*.yaml
var typeFiles embed.FS

// builtIn compiles the types that are built in, once.
var builtIn = sync.OnceValues(func() (map[v1alpha1.TicketSystemType]*Protocol, error) {
	files, err := typeFiles.ReadDir("types")
	if err != nil {
		return nil, fmt.Errorf("read the types of ticket systems: %w", err)
	}
	protocols := map[v1alpha1.TicketSystemType]*Protocol{}
	for _, file := range files {
		name := strings.TrimSuffix(file.Name(), ".yaml")
		protocol, err := readType(file.Name())
		if err != nil {
			return nil, fmt.Errorf("read the type of ticket system %s: %w", name, err)
		}
		protocols[v1alpha1.TicketSystemType(name)] = protocol
	}
	return protocols, nil
})

func readType(file string) (*Protocol, error) {
	text, err := typeFiles.ReadFile(path.Join("types", file))
	if err != nil {
		return nil, fmt.Errorf("open it: %w", err)
	}
	// The strict reader of YAML takes a field that replaces one of a merged block for a field that stands twice.
	text, err = yaml.YAMLToJSON(text)
	if err != nil {
		return nil, fmt.Errorf("read it as YAML: %w", err)
	}
	declared := &v1alpha1.TicketProtocol{}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(declared); err != nil {
		return nil, fmt.Errorf("understand it: %w", err)
	}
	return CompileProtocol(declared)
}

// ProtocolOf is how a TicketSystem is spoken to: as its type says, or as its spec.custom says. Its error is a sentence that
// says what to change.
func ProtocolOf(spec *v1alpha1.TicketSystemSpec) (*Protocol, error) {
	if spec.Custom != nil {
		return customs.protocol(spec.Custom)
	}
	protocols, err := builtIn()
	if err != nil {
		return nil, err
	}
	protocol, known := protocols[spec.Type]
	if !known {
		return nil, fmt.Errorf("the type %s is not known to this version", spec.Type)
	}
	return protocol, nil
}

// customs keeps what custom ticket systems compile to: several look at it in each pass.
var customs = &compiled{}

type compiled struct {
	mu   sync.Mutex
	kept map[[sha256.Size]byte]*Protocol
}

// maxCompiled is how many are kept. When there are more, all are forgotten.
const maxCompiled = 64

func (c *compiled) protocol(declared *v1alpha1.TicketProtocol) (*Protocol, error) {
	text, err := json.Marshal(declared)
	if err != nil {
		return nil, fmt.Errorf("spec.custom cannot be read: %w", err)
	}
	key := sha256.Sum256(text)
	c.mu.Lock()
	defer c.mu.Unlock()
	if kept, found := c.kept[key]; found {
		return kept, nil
	}
	protocol, err := CompileProtocol(declared.DeepCopy())
	if err != nil {
		return nil, fmt.Errorf("spec.custom.%w", err)
	}
	if c.kept == nil || len(c.kept) >= maxCompiled {
		c.kept = map[[sha256.Size]byte]*Protocol{}
	}
	c.kept[key] = protocol
	return protocol, nil
}

// UnknownOutcomeOf says what is done about a message to a TicketSystem that may have opened a ticket.
func UnknownOutcomeOf(spec *v1alpha1.TicketSystemSpec) v1alpha1.UnknownOutcome {
	if spec.Webhook != nil && spec.Webhook.Deduplicates {
		return v1alpha1.UnknownDeduplicate
	}
	declared := spec.Custom
	if protocols, err := builtIn(); declared == nil && err == nil && protocols[spec.Type] != nil {
		declared = protocols[spec.Type].declared
	}
	if declared == nil || declared.UnknownOutcome == "" {
		return v1alpha1.UnknownHold
	}
	return declared.UnknownOutcome
}
