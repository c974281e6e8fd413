package main

import (
	"fmt"
	"testing"
)

func TestTrustedProxies(t *testing.T) {
	for _, tt := range []struct {
		env, want string
		file      []string
		bad       bool
	}{
		{env: "", want: "[]"},
		{env: "10.0.0.0/8, 192.0.2.7,fd00::/8", want: "[10.0.0.0/8 192.0.2.7/32 fd00::/8]"},
		{file: []string{"10.1.2.3/8"}, want: "[10.0.0.0/8]"},
		{env: "10.0.0.0/8", file: []string{"192.0.2.7"}, want: "[10.0.0.0/8]"},
		{env: "10.0.0.0/8,", bad: true},
		{env: "proxy.example", bad: true},
		{env: "::ffff:10.0.0.1", bad: true},
		{file: []string{"10.0.0.0/33"}, bad: true},
	} {
		a := &app{env: func(string) string { return tt.env }}
		a.settings.TrustedProxies = tt.file
		got, err := a.trustedProxies()
		if (err != nil) != tt.bad || !tt.bad && fmt.Sprint(got) != tt.want {
			t.Errorf("%q, %q: %v, %v", tt.env, tt.file, got, err)
		}
	}
}

// TestDoctorProxies says in one line that a proxy is not trusted, where there is one.
func TestDoctorProxies(t *testing.T) {
	for _, tt := range []struct {
		base, proxies string
		lines         int
		ok            bool
	}{
		{"https://policy.example", "", 1, true},
		{"https://policy.example", "10.0.0.0/8", 0, true},
		{"https://policy.example", "x", 1, false},
		{"http://policy.example", "", 0, true},
		{"", "", 0, true},
	} {
		a := &app{env: func(name string) string {
			return map[string]string{"POLICYBOT_BASE_URL": tt.base, "POLICYBOT_TRUSTED_PROXIES": tt.proxies}[name]
		}}
		got := a.examineProxies()
		if len(got) != tt.lines || len(got) > 0 && (got[0].OK != tt.ok || got[0].Detail == "") {
			t.Errorf("%q, %q: %+v", tt.base, tt.proxies, got)
		}
	}
}
