// Command ticketdesk runs a small ticket desk for trying out Gemba: see package desk.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/gemba-dev/gemba/hack/ticketdesk/desk"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "ticketdesk:", err)
		os.Exit(1)
	}
}

// run serves until it is interrupted.
func run() error {
	listen := flag.String("listen", "127.0.0.1:0", "address to listen on; port 0 takes a free one")
	store := flag.String("store", "", "file that keeps the tickets over restarts; empty: memory only")
	keys := flag.String("keys", "", "file with signing keys (whsec_...), one a line; empty: signatures are not verified")
	flag.Parse()

	options := desk.Options{Listen: *listen, Store: *store, Now: time.Now}
	if *keys != "" {
		content, err := os.ReadFile(*keys)
		if err != nil {
			return fmt.Errorf("reading the signing keys: %w", err)
		}
		options.Keys = strings.Fields(string(content))
		if len(options.Keys) == 0 {
			return fmt.Errorf("reading the signing keys: %s holds none", *keys)
		}
	}
	running, err := desk.New(options)
	if err != nil {
		return err
	}
	fmt.Println(running.URL())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	<-ctx.Done()
	return running.Close()
}
