package source

// Restrict makes a query match a label, as tenancy does.
func Restrict(query, label, namespace string) (string, error) {
	return tenancy{label: label, namespace: namespace}.restrict(query)
}

// KeptClients counts the clients of ServiceAccounts that are kept.
func KeptClients(reader *Kubernetes) int {
	reader.mu.Lock()
	defer reader.mu.Unlock()
	return len(reader.clients)
}

// KeptPrograms counts the compiled expressions that are kept.
func KeptPrograms(builder *Builder) int {
	builder.programs.mu.Lock()
	defer builder.programs.mu.Unlock()
	return len(builder.programs.known)
}
