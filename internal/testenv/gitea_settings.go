package testenv

import (
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// GiteaOption changes how StartGitea sets Gitea up.
type GiteaOption func(*giteaSettings)

// giteaSettings are those of app.ini, by section and key.
type giteaSettings map[string]map[string]string

func giteaSettingsFrom(opts []GiteaOption) giteaSettings {
	s := giteaSettings{
		"server": {
			// Nobody but this machine hears of it, and it asks nobody.
			"HTTP_ADDR":    "127.0.0.1",
			"OFFLINE_MODE": "true",
			"DISABLE_SSH":  "true",
			// Whoever still waits for an answer is cut off.
			"GRACEFUL_HAMMER_TIME": "1s",
		},
		"database": {
			"DB_TYPE": "sqlite3",
			// In milliseconds: the command line writes too, while the server runs.
			"SQLITE_TIMEOUT": "20000",
		},
		"security":     {"INSTALL_LOCK": "true"},
		"service":      {"DISABLE_REGISTRATION": "true"},
		"mailer":       {"ENABLED": "false"},
		"indexer":      {"ISSUE_INDEXER_TYPE": "db"},
		"queue":        {"TYPE": "channel"},
		"actions":      {"ENABLED": "false"},
		"cron":         {"ENABLED": "false"},
		"openid":       {"ENABLE_OPENID_SIGNIN": "false"},
		"update_check": {"ENABLED": "false"},
		// On the console too, for the message of an error.
		"log": {"MODE": "console, file", "LEVEL": "Info"},
	}
	for _, opt := range opts {
		opt(&s)
	}
	return s
}

// WithGiteaSetting sets a key of a section of app.ini in place of its default.
func WithGiteaSetting(section, key, value string) GiteaOption {
	return func(s *giteaSettings) { s.set(section, key, value) }
}

func (s giteaSettings) set(section, key, value string) {
	if s[section] == nil {
		s[section] = map[string]string{}
	}
	s[section][key] = value
}

// write puts app.ini into dir, for a program that lies beside the folders that it reads and hears on address.
func (s giteaSettings) write(dir, program, address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("configure Gitea: %w", err)
	}
	s.set("server", "HTTP_PORT", port)
	s.set("server", "ROOT_URL", "http://"+address+"/")
	s.set("server", "STATIC_ROOT_PATH", filepath.Dir(program))
	// Gitea's own additions, secrets among them, go into this file as well.
	if err := os.WriteFile(filepath.Join(dir, "app.ini"), []byte("WORK_PATH = "+dir+"\n"+s.ini()), 0o600); err != nil {
		return fmt.Errorf("configure Gitea: %w", err)
	}
	return nil
}

func (s giteaSettings) ini() string {
	var text strings.Builder
	for _, section := range slices.Sorted(maps.Keys(s)) {
		fmt.Fprintf(&text, "\n[%s]\n", section)
		for _, key := range slices.Sorted(maps.Keys(s[section])) {
			fmt.Fprintf(&text, "%s = %s\n", key, s[section][key])
		}
	}
	return text.String()
}
