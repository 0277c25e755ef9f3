package egress

import (
	"crypto/x509"
	"errors"
	"net"
)

// describe tells the cause of a failure in words that are the same each time it happens. Ports that the kernel draws, the
// resolver's address and the current time, which the standard library quotes, would rewrite a status at every retry.
func describe(cause error) string {
	var name *net.DNSError
	if errors.As(cause, &name) {
		return "looking up " + name.Name + ": " + name.Err
	}
	var invalid x509.CertificateInvalidError
	if errors.As(cause, &invalid) && invalid.Reason == x509.Expired {
		return "the certificate of the receiver has expired, or is not valid yet"
	}
	var operation *net.OpError
	if errors.As(cause, &operation) && operation.Err != nil {
		return operation.Err.Error()
	}
	return cause.Error()
}
