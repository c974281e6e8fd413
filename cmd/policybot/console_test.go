package main

import (
	"net"
	"net/url"
	"slices"
	"testing"
)

// TestReadAccess tries who may read without an account: by default whoever is on this machine alone.
func TestReadAccess(t *testing.T) {
	for _, tt := range []struct {
		access, at string
		open       bool
		wrong      bool
	}{
		{"", "127.0.0.1:8080", true, false},
		{"", "[::1]:8080", true, false},
		{"", "[::ffff:127.0.0.1]:8080", true, false},
		{"", "0.0.0.0:8080", false, false},
		{"", "[::]:8080", false, false},
		{"", "192.0.2.1:8080", false, false},
		{"open", "0.0.0.0:8080", true, false},
		{"login", "127.0.0.1:8080", false, false},
		{"Open", "127.0.0.1:8080", false, true},
		{"yes", "127.0.0.1:8080", false, true},
	} {
		a := &app{env: func(string) string { return tt.access }}
		open, err := a.readsOpen(address(t, tt.at), nil)
		if open != tt.open || (err != nil) != tt.wrong {
			t.Errorf("%q at %s: %v, %v", tt.access, tt.at, open, err)
		}
	}
}

// TestBehindProxy: what a proxy on this machine passes on is not from this machine.
func TestBehindProxy(t *testing.T) {
	a := &app{env: func(string) string { return "" }}
	for text, open := range map[string]bool{"https://policy.example": false, "http://10.0.0.1": false, "http://localhost:8080": true, "http://127.0.0.1:8080": true} {
		base, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := a.readsOpen(address(t, "127.0.0.1:8080"), base); err != nil || got != open {
			t.Errorf("%s: open %v, %v", text, got, err)
		}
	}
}

func address(t *testing.T, at string) net.Addr {
	t.Helper()
	a, err := net.ResolveTCPAddr("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestBaseURL(t *testing.T) {
	for text, good := range map[string]bool{
		"": true, "https://policy.example": true, "http://10.0.0.1:8080/": true,
		"policy.example": false, "ftp://policy.example": false, "https://policy.example/app": false, "https://u:p@policy.example": false, "https://": false, "https://a?b": false,
	} {
		a := &app{env: func(string) string { return text }}
		if _, err := a.baseURL(); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestHostsOf(t *testing.T) {
	base := &url.URL{Scheme: "https", Host: "Policy.Example:8443"}
	for _, tt := range []struct {
		at       string
		base     *url.URL
		has, not string
	}{
		{"127.0.0.1:8080", nil, "localhost", "policy.example"},
		{"127.0.0.1:8080", base, "policy.example", "evil.example"},
		{"0.0.0.0:8080", base, "localhost", "evil.example"},
	} {
		hosts := hostsOf(address(t, tt.at), tt.base)
		if !slices.Contains(hosts, tt.has) || slices.Contains(hosts, tt.not) {
			t.Errorf("%s, %v: %q", tt.at, tt.base, hosts)
		}
	}
	if hosts := hostsOf(address(t, "0.0.0.0:8080"), nil); hosts != nil {
		t.Errorf("an address for all answers to %q alone", hosts)
	}
	if got := reachable(address(t, "0.0.0.0:8080")); got != "localhost:8080" {
		t.Errorf("reachable at %q", got)
	}
}
