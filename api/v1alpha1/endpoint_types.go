package v1alpha1

// BasicAuth logs in with a user name and a password.
type BasicAuth struct {
	// username holds the user name.
	Username SecretKeyReference `json:"username"`
	// password holds the password.
	Password SecretKeyReference `json:"password"`
}

// HeaderAuth logs in with a header of its own.
type HeaderAuth struct {
	// name of the header, such as X-Api-Key. Host, Authorization, Content-Length and the headers of a single
	// connection cannot be set.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^[A-Za-z][A-Za-z0-9-]*$`
	Name string `json:"name"`

	// value holds the value of the header.
	Value SecretKeyReference `json:"value"`
}

// OAuth2Auth logs in with a token that is fetched by the client credentials grant (RFC 6749, section 4.4).
type OAuth2Auth struct {
	// tokenURL is where tokens are fetched. The Secrets of the client must allow its host, and that of the endpoint.
	TokenURL Link `json:"tokenURL"`

	// clientID holds the name of the client.
	ClientID SecretKeyReference `json:"clientID"`

	// clientSecret holds the secret of the client.
	ClientSecret SecretKeyReference `json:"clientSecret"`

	// scopes that are asked for.
	// +kubebuilder:validation:MaxItems=32
	// +listType=set
	// +optional
	Scopes []Scope `json:"scopes,omitempty"`
}

// Scope is one scope of an OAuth2 token: printable characters without space, quote and backslash (RFC 6749, 3.3).
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=256
// +kubebuilder:validation:Pattern=`^[\x21\x23-\x5B\x5D-\x7E]+$`
type Scope string

// Auth says how to log in; exactly one way.
//
// +kubebuilder:validation:XValidation:rule="(has(self.basic) ? 1 : 0) + (has(self.bearer) ? 1 : 0) + (has(self.header) ? 1 : 0) + (has(self.oauth2) ? 1 : 0) == 1",message="say how to log in: give exactly one of basic, bearer, header and oauth2"
type Auth struct {
	// basic logs in with a user name and a password.
	// +optional
	Basic *BasicAuth `json:"basic,omitempty"`

	// bearer holds a token.
	// +optional
	Bearer *SecretKeyReference `json:"bearer,omitempty"`

	// header logs in with a header of its own.
	// +optional
	Header *HeaderAuth `json:"header,omitempty"`

	// oauth2 logs in with a token that is fetched by client credentials.
	// +optional
	OAuth2 *OAuth2Auth `json:"oauth2,omitempty"`
}

// TLS says whom to trust, and who Gemba is.
type TLS struct {
	// caBundle holds the certificates, in PEM, of the authorities to trust instead of the system's.
	// +kubebuilder:validation:MaxLength=65536
	// +optional
	CABundle string `json:"caBundle,omitempty"`

	// clientCertificate is presented to the other side: mutual TLS.
	// +optional
	ClientCertificate *ClientCertificate `json:"clientCertificate,omitempty"`
}

// ClientCertificate is who Gemba is to the other side.
type ClientCertificate struct {
	// certificate holds the certificate and its chain, in PEM.
	Certificate SecretKeyReference `json:"certificate"`
	// key holds the private key, in PEM.
	Key SecretKeyReference `json:"key"`
}

// Endpoint is another system that is asked over HTTP.
type Endpoint struct {
	// url of the system.
	URL Link `json:"url"`

	// auth says how to log in. Secrets are read from the namespace of the object, and sent only to hosts that the
	// Secret's own annotation governance.gemba.dev/allowed-hosts lists.
	// +optional
	Auth *Auth `json:"auth,omitempty"`

	// tls says whom to trust, and who Gemba is. Certificates are always verified.
	// +optional
	TLS *TLS `json:"tls,omitempty"`

	// proxy is the URL of an HTTP proxy. Variables of the environment are ignored.
	// +optional
	Proxy Link `json:"proxy,omitempty"`

	// timeout of one request, between 1s and 60s. Default: 10s.
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1s') && duration(self) <= duration('60s')",message="timeout must lie between 1s and 60s"
	// +kubebuilder:default="10s"
	// +optional
	Timeout Duration `json:"timeout,omitempty"`

	// allowedNamespaces says from which namespaces the object may be referred to. Default: its own only.
	// +optional
	AllowedNamespaces *AllowedNamespaces `json:"allowedNamespaces,omitempty"`
}
