// Command crdfix closes, in generated CRDs, the holes between what the API server
// accepts and what Go can decode. One stored object that does not decode stalls
// the informer of its whole kind, so a schema must never be looser than its type.
//
//	go run ./hack/crdfix config/crd/bases
//
// It rewrites the files in place and changes nothing on a second run.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "crdfix:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("name the folder that holds the CRDs, and nothing else")
	}
	files, err := filepath.Glob(filepath.Join(args[0], "*.yaml"))
	if err != nil {
		return fmt.Errorf("list CRDs in %s: %w", args[0], err)
	}
	if len(files) == 0 {
		return fmt.Errorf("no *.yaml in %s: generate the CRDs first", args[0])
	}
	for _, file := range files {
		if err := fixFile(file); err != nil {
			return err
		}
	}
	return nil
}

func fixFile(file string) error {
	before, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read CRD: %w", err)
	}
	after, err := fix(before)
	if err != nil {
		return fmt.Errorf("fix %s: %w", file, err)
	}
	if err := os.WriteFile(file, after, 0o644); err != nil {
		return fmt.Errorf("write CRD: %w", err)
	}
	return nil
}
