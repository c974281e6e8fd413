package console

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

// TestRemote takes the word of proxies that are trusted, and of nobody else.
func TestRemote(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, tt := range []struct {
		name, peer string
		forwarded  []string
		want       string
	}{
		{"direct", "203.0.113.7:5000", nil, "203.0.113.7"},
		{"spoofed", "203.0.113.7:5000", []string{"198.51.100.1"}, "203.0.113.7"},
		{"through a proxy", "10.0.0.2:5000", []string{"198.51.100.1"}, "198.51.100.1"},
		{"spoofed through a proxy", "10.0.0.2:5000", []string{"1.1.1.1, 198.51.100.1"}, "198.51.100.1"},
		{"spoofed as a proxy", "10.0.0.2:5000", []string{"10.9.9.9, 198.51.100.1"}, "198.51.100.1"},
		{"two proxies", "10.0.0.2:5000", []string{"1.1.1.1, 198.51.100.1, 10.0.0.3"}, "198.51.100.1"},
		{"two headers", "10.0.0.2:5000", []string{"1.1.1.1", "198.51.100.1,10.0.0.3"}, "198.51.100.1"},
		{"IPv6", "[fd00::2]:5000", []string{"2001:db8::1"}, "2001:db8::1"},
		{"IPv6 with a port", "[fd00::2]:5000", []string{"[2001:db8::1]:443"}, "2001:db8::1"},
		{"IPv4 as IPv6", "[::ffff:10.0.0.2]:5000", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{"with a port", "10.0.0.2:5000", []string{"198.51.100.1:1234"}, "198.51.100.1"},
		{"rubbish", "10.0.0.2:5000", []string{"198.51.100.1, <x>"}, "10.0.0.2"},
		{"rubbish behind", "10.0.0.2:5000", []string{"<x>, 10.0.0.3"}, "10.0.0.3"},
		{"empty", "10.0.0.2:5000", []string{""}, "10.0.0.2"},
		{"none", "10.0.0.2:5000", nil, "10.0.0.2"},
		{"all trusted", "10.0.0.2:5000", []string{"10.0.0.4, 10.0.0.3"}, "10.0.0.4"},
		{"no address", "@", []string{"198.51.100.1"}, "@"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = tt.peer
		for _, one := range tt.forwarded {
			r.Header.Add("X-Forwarded-For", one)
		}
		if got := remote(r, trusted); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
		if got, want := remote(r, nil), client(r).From; tt.name != "IPv4 as IPv6" && got != want {
			t.Errorf("%s, nobody trusted: %s, want %s", tt.name, got, want)
		}
	}
}
