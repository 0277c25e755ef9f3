// Command gemba is the manager of Gemba: it judges processes by what is declared, says in status what holds and what
// does not, and keeps a ticket open until what does not hold is remedied.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/spf13/pflag"
	ctrl "sigs.k8s.io/controller-runtime"
)

// version is set when a release is built.
var version string

// commands are what the program can be told to do beside running the manager.
var commands = map[string]func(ctx context.Context, arguments []string, out io.Writer) error{
	"remove-finalizers": removeFinalizers,
}

func main() {
	err := run(ctrl.SetupSignalHandler(), os.Args[1:], os.Stdout)
	switch {
	case errors.Is(err, pflag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "gemba:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string, out io.Writer) error {
	if len(arguments) > 0 {
		if command, known := commands[arguments[0]]; known {
			return command(ctx, arguments[1:], out)
		}
	}
	options, err := parseFlags(arguments, out)
	if err != nil {
		return err
	}
	if options.showVersion {
		_, err := fmt.Fprintln(out, "gemba", versionName())
		return err
	}
	return runManager(ctx, options)
}

// versionName is the version that is running, as far as the build knows it.
func versionName() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}
