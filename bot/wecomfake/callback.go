package wecomfake

import "net/http"

type responseURL struct{}

func (s *Server) call(*inbound) {}

func (s *Server) responseFor(*inbound) string { return "" }

func (s *Server) serveResponse(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }
