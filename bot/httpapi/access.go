package httpapi

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/bot/channel"
)

// Headers of a request; see the package.
const (
	HeaderKey          = "Idempotency-Key"
	HeaderUser         = "X-Policybot-User"
	HeaderConversation = "X-Policybot-Conversation"
)

const (
	maxKey  = 255 // bytes of an idempotency key
	maxName = 128 // bytes of a user, a conversation, or a member of the staff
)

// access lets a request in or says why not.
func (a *API) access(r *http.Request) error {
	if a.token != "" {
		if bearer(r, a.token) {
			return nil
		}
		p := problem(http.StatusUnauthorized, "token")
		p.challenge = `Bearer realm="policybot"`
		return p
	}
	if !a.proxied && fromHere(r) {
		return nil
	}
	return problem(http.StatusForbidden, "not_here")
}

// bearer reports whether a request brings the token. It takes the same time for every wrong one.
func bearer(r *http.Request, token string) bool {
	scheme, got, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	want, have := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(strings.TrimSpace(got)))
	return subtle.ConstantTimeCompare(want[:], have[:]) == 1 && strings.EqualFold(scheme, "Bearer")
}

// fromHere reports whether a request comes from a program on this machine. The peer alone does not tell: a
// web page can make the browser on this machine ask, under its own name (Origin) or under one that it lets
// point to the loopback (Host), and a proxy on this machine asks for others.
func fromHere(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() || !isLoopback(hostOnly(r.Host)) {
		return false
	}
	if r.Header.Get("Forwarded") != "" || r.Header.Get("X-Forwarded-For") != "" {
		return false
	}
	for _, origin := range r.Header.Values("Origin") {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || !isLoopback(u.Hostname()) {
			return false
		}
	}
	return true
}

// hostOnly takes the port and the brackets off a Host header.
func hostOnly(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
}

// isLoopback reports whether a name or an address stands for this machine, without asking anybody.
func isLoopback(host string) bool {
	if strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}

// idempotencyKey gives the key of a request, or a random one.
func idempotencyKey(r *http.Request) (string, error) {
	values := r.Header.Values(HeaderKey)
	if len(values) == 0 {
		return rand.Text(), nil
	}
	key := values[0]
	visible := !strings.ContainsFunc(key, func(c rune) bool { return c <= ' ' || c > '~' })
	if len(values) > 1 || key == "" || len(key) > maxKey || !visible {
		return "", problem(http.StatusBadRequest, "key", HeaderKey, maxKey)
	}
	return key, nil
}

// nameHeader gives a header that names something, "" when it is not there.
func nameHeader(r *http.Request, header string) (string, error) {
	values := r.Header.Values(header)
	if len(values) == 0 {
		return "", nil
	}
	if len(values) > 1 || !isName(values[0]) {
		return "", problem(http.StatusBadRequest, "name_header", header, maxName)
	}
	return values[0], nil
}

// isName reports whether a text can name somebody: short, not blank, and nothing in it that cannot be seen.
func isName(s string) bool {
	return strings.TrimSpace(s) != "" && len(s) <= maxName && utf8.ValidString(s) &&
		!strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsPrint(c) })
}

// origin tells who sent a request and where its replies belong. key stands for the conversation when the
// request names none. Whoever is not named is somebody of their own in each conversation: behind one address
// many people may ask, so it says nothing of them and is not kept.
func origin(r *http.Request, key string) (channel.Actor, channel.Place, error) {
	user, err := nameHeader(r, HeaderUser)
	if err != nil {
		return channel.Actor{}, channel.Place{}, err
	}
	conversation, err := nameHeader(r, HeaderConversation)
	if err != nil {
		return channel.Actor{}, channel.Place{}, err
	}
	thread := key
	if conversation != "" {
		thread = conversation
	}
	switch {
	case user != "":
	case conversation != "":
		user = "conversation " + conversation
	default:
		user = "question " + key
	}
	return channel.Actor{ID: user}, channel.Place{ID: user, Thread: thread}, nil
}
