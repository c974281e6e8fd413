package console

import (
	"net/http"
	"net/netip"
	"strings"
)

// remote is the address that a request comes from. That is its peer, unless the peer lies in trusted, as a proxy of this
// installation does: then it is the right-most address of X-Forwarded-For that is not trusted itself. What stands left of
// it anybody may have written. Where an entry is no address, or all are trusted, it is the last trusted one before.
func remote(r *http.Request, trusted []netip.Prefix) string {
	peer, ok := addressOf(r.RemoteAddr)
	if !ok {
		return r.RemoteAddr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for n := len(hops) - 1; n >= 0 && within(trusted, peer); n-- {
		hop, ok := addressOf(strings.TrimSpace(hops[n]))
		if !ok {
			break
		}
		peer = hop
	}
	return peer.String()
}

// addressOf reads an address with or without a port, brackets or zone. One of IPv4 in the form of IPv6 is the former.
func addressOf(text string) (netip.Addr, bool) {
	if at, err := netip.ParseAddrPort(text); err == nil {
		return at.Addr().Unmap().WithZone(""), true
	}
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	return addr.Unmap().WithZone(""), err == nil
}

func within(list []netip.Prefix, addr netip.Addr) bool {
	for _, p := range list {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
