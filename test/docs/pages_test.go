package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// root of the repository, seen from this package.
const root = "../.."

// page is a page of the documentation.
type page struct {
	// path from the root of the repository.
	path string
	text string
}

// pages reads the README and everything in docs that is written by hand.
func pages(t *testing.T) []page {
	t.Helper()
	found := []page{read(t, "README.md")}
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".md" {
			return err
		}
		relative, err := filepath.Rel(root, path)
		if err == nil && !strings.HasPrefix(relative, filepath.Join("docs", "reference")) {
			found = append(found, read(t, relative))
		}
		return err
	})
	if err != nil {
		t.Fatalf("read the documentation: %v", err)
	}
	return found
}

func read(t *testing.T, path string) page {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatalf("read a page: %v", err)
	}
	return page{path: path, text: string(text)}
}

// block is a fenced block of code.
type block struct {
	// info is what stands behind the opening fence: "yaml", or "yaml fragment".
	info string
	// line on which the block begins, from 1.
	line int
	text string
}

const fence = "```"

// blocks gives the fenced blocks of a page.
func (p page) blocks() []block {
	var found []block
	var open *block
	for number, line := range strings.Split(p.text, "\n") {
		switch {
		case open == nil && strings.HasPrefix(line, fence):
			open = &block{info: strings.TrimPrefix(line, fence), line: number + 1}
		case open != nil && line == fence:
			found = append(found, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	return found
}

// prose is a page without its fenced blocks.
func (p page) prose() string {
	text := p.text
	for _, b := range p.blocks() {
		text = strings.Replace(text, fence+b.info+"\n"+b.text+fence, "", 1)
	}
	return text
}
