// Command etcd is the etcd server as its own module releases it, for the control
// plane of the tests and the demo. Upstream's main package imports its command
// line client's requirements as well; calling the server alone builds faster.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
