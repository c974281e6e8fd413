package wecomfake

// CorpOptions of a self-built app.
type CorpOptions struct{}

// A corp is the state of the self-built app, under Server.mu.
type corp struct{}

// openCorp registers the routes of the self-built app and its webhooks at s.mux.
func (s *Server) openCorp() error { return nil }
