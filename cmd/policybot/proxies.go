package main

import (
	"net/netip"
	"strings"
)

// trustedProxies are the addresses of proxies whose X-Forwarded-For is believed: those of POLICYBOT_TRUSTED_PROXIES, with
// commas between, else those of trusted_proxies. A single address stands for itself. None: nobody is believed.
func (a *app) trustedProxies() ([]netip.Prefix, error) {
	list := a.settings.TrustedProxies
	if text := strings.TrimSpace(a.env("POLICYBOT_TRUSTED_PROXIES")); text != "" {
		list = strings.Split(text, ",")
	}
	var out []netip.Prefix
	for _, text := range list {
		text = strings.TrimSpace(text)
		p, err := netip.ParsePrefix(text)
		if addr, aerr := netip.ParseAddr(text); aerr == nil {
			p, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil || p.Addr().Is4In6() {
			return nil, &messageError{"proxies_bad", []any{text}}
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// examineProxies says what a proxy before the program needs; nothing where there seems to be none.
func (a *app) examineProxies() []check {
	trusted, err := a.trustedProxies()
	if err != nil {
		return []check{{"proxies", false, a.explain(err)}}
	}
	base, err := a.baseURL()
	if err != nil {
		return []check{{"proxies", false, a.explain(err)}}
	}
	if base == nil || base.Scheme != "https" || len(trusted) > 0 {
		return nil
	}
	return []check{{"proxies", true, a.msg("d_proxies")}}
}
