package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/gemba-dev/gemba/internal/governance"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	// unanchored is what a heading loses on its way into an anchor.
	unanchored = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	for _, page := range pages(t) {
		for _, match := range link.FindAllStringSubmatch(page.prose(), -1) {
			if strings.Contains(match[1], "://") {
				continue
			}
			file, anchor, _ := strings.Cut(match[1], "#")
			target := page.path
			if file != "" {
				target = filepath.Join(filepath.Dir(page.path), file)
			}
			text, err := os.ReadFile(filepath.Join(root, target))
			if err != nil && !isFolder(target) {
				t.Errorf("%s links to %s, which does not exist", page.path, match[1])
				continue
			}
			if anchor != "" && !hasAnchor(string(text), anchor) {
				t.Errorf("%s links to %s, which has no such heading", page.path, match[1])
			}
		}
	}
}

func isFolder(path string) bool {
	info, err := os.Stat(filepath.Join(root, path))
	return err == nil && info.IsDir()
}

// hasAnchor tells whether a page has a heading that the anchor stands for.
func hasAnchor(text, anchor string) bool {
	for _, match := range heading.FindAllStringSubmatch(text, -1) {
		plain := unanchored.ReplaceAllString(strings.ToLower(match[1]), "")
		if strings.ReplaceAll(plain, " ", "-") == anchor {
			return true
		}
	}
	return false
}

func TestEveryRuleHasItsPrinciple(t *testing.T) {
	principles := read(t, "docs/principles.md").text
	for _, rule := range governance.Rules() {
		if !strings.Contains(principles, "`"+string(rule.Name)+"`") {
			t.Errorf("docs/principles.md does not tell of the rule %s", rule.Name)
		}
	}
}
