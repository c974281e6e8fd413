package console

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

// TestSecureHeader tells browsers to stay with HTTPS where the console is reached over it, and nowhere else.
func TestSecureHeader(t *testing.T) {
	w := newWorld(t, setup{})
	for secure, want := range map[bool]string{true: "max-age=31536000", false: ""} {
		w.console.Secure = secure
		reply := httptest.NewRecorder()
		w.console.Handler().ServeHTTP(reply, httptest.NewRequest(http.MethodGet, "/login", nil))
		if got := reply.Header().Get("Strict-Transport-Security"); got != want {
			t.Errorf("secure %v: %q, want %q", secure, got, want)
		}
	}
}

// TestClientBehindProxy has requests come from whom a trusted proxy names.
func TestClientBehindProxy(t *testing.T) {
	w := newWorld(t, setup{})
	w.console.Trusted = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} // where httptest asks from
	got := ""
	h := w.console.outermost(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = client(r).From }))
	r := httptest.NewRequest(http.MethodGet, "/login", nil)
	r.Header.Set("X-Forwarded-For", "1.1.1.1, 198.51.100.9")
	h.ServeHTTP(httptest.NewRecorder(), r)
	if got != "198.51.100.9" {
		t.Errorf("from %s", got)
	}
}

// TestOwnPathHostile lets nobody lead a reader to another site.
func TestOwnPathHostile(t *testing.T) {
	for to, want := range map[string]string{
		"/desk?tab=mine": "/desk?tab=mine", "/图书": "/图书", "": "/", "desk": "/", "//evil.example": "/", `/\evil.example`: "/", "https://evil.example": "/",
		"/\t/evil.example": "/", "/a\r\nb": "/", "/a\x00": "/", "/a\u0085b": "/", "javascript:alert(1)": "/",
		"/library?q=a": "/library?q=a", "/": "/", "/a\r\nSet-Cookie: x": "/", "/clauses/x#y": "/clauses/x#y",
	} {
		if got := ownPath(to); got != want {
			t.Errorf("%q: %q, want %q", to, got, want)
		}
	}
}
