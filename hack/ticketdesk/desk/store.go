package desk

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// load reads the state of an earlier desk, if there is one.
func (d *Desk) load() error {
	if d.options.Store == "" {
		return nil
	}
	content, err := os.ReadFile(d.options.Store)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the desk's state: %w", err)
	}
	loaded := newState()
	if err := json.Unmarshal(content, &loaded); err != nil {
		return fmt.Errorf("reading the desk's state in %s: %w", d.options.Store, err)
	}
	d.state = loaded
	return nil
}

// save writes the state beside the old one and then in its place, so that a crash leaves one of the two. The caller holds
// the lock.
func (d *Desk) save() error {
	if d.options.Store == "" {
		return nil
	}
	content, err := json.MarshalIndent(d.state, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the desk's state: %w", err)
	}
	beside := d.options.Store + ".new"
	if err := os.WriteFile(beside, content, 0o600); err != nil {
		return fmt.Errorf("writing the desk's state: %w", err)
	}
	if err := os.Rename(beside, d.options.Store); err != nil {
		return fmt.Errorf("writing the desk's state: %w", err)
	}
	return nil
}
