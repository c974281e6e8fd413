package wire

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ParseBase says what is wrong with a base URL, "" when nothing is, without
// repeating it: a password may be what is wrong with it.
func ParseBase(base string) (u *url.URL, problem string) {
	u, err := url.Parse(base)
	switch {
	case err != nil:
		return nil, "it is no URL"
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, "it does not begin with https:// or http://"
	case u.Hostname() == "":
		return nil, "it names no host"
	case u.User != nil:
		return nil, "it has a user or a password; a key belongs into APIKey"
	case strings.ContainsAny(base, "?#"):
		return nil, "it has a query or a fragment"
	case !IsWord(base):
		return nil, "it has a space or a control character, or is not UTF-8"
	}
	return u, ""
}

// HostAndPath is where u leads, without the scheme and a port that it implies.
func HostAndPath(u *url.URL) string {
	host := strings.ToLower(u.Host)
	if port := u.Port(); port == "" || u.Scheme == "https" && port == "443" || u.Scheme == "http" && port == "80" {
		host = strings.TrimSuffix(host, ":"+port)
	}
	return host + strings.TrimRight(u.EscapedPath(), "/")
}

// IsWord reports whether s can be one of the words of a model's name; so can the
// empty string.
func IsWord(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	})
}

// IsKey reports whether key can be sent in a header: printable ASCII without
// blanks; so can the empty string.
func IsKey(key string) bool {
	return !strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' })
}

// ShowsKey reports whether one of texts, which are shown and stored, has the key in
// it. Keys shorter than Window are not looked for.
func ShowsKey(key string, texts ...string) bool {
	return len(key) >= Window && strings.Contains(strings.Join(texts, " "), key)
}

// WithoutSecrets leaves out of an address what may be meant for one reader.
func WithoutSecrets(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an address that is no URL"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}
