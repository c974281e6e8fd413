package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"policybot/bot"
	"policybot/bot/journal"
)

// serviceConfig is how the service works. What is not set has its usual value.
type serviceConfig struct {
	HTTP          string    `yaml:"http"`           // listen address
	PerUser       *int      `yaml:"per_user"`       // questions of one user under way, 1 to 1,000
	Total         *int      `yaml:"total"`          // questions waiting, 1 to 1,000,000
	Workers       *int      `yaml:"workers"`        // questions answered at once, 1 to 256
	Age           *duration `yaml:"age"`            // after which a waiting question goes to the staff
	Answer        *duration `yaml:"answer"`         // one attempt to answer
	Wait          *duration `yaml:"wait"`           // how long a request for an answer waits
	RetentionDays *int      `yaml:"retention_days"` // after which a question is removed; 0: never; else 8 to 36,500; the console can set another
}

// A duration is written as 90s, 10m or 2h.
type duration struct {
	time.Duration
	bad string // what is written, when it is no duration
}

// UnmarshalYAML reads a duration for package yaml. What is none is kept for check.
func (d *duration) UnmarshalYAML(text []byte) error {
	written := strings.Trim(strings.TrimSpace(string(text)), `"'`)
	v, err := time.ParseDuration(written)
	if *d = (duration{Duration: v}); err != nil {
		d.bad = strconv.Quote(written)
	}
	return nil
}

// String is what is written.
func (d duration) String() string {
	if d.bad != "" {
		return d.bad
	}
	return d.Duration.String()
}

// check names the first value that is not allowed and says what is; name is "" when all are.
func (c serviceConfig) check() (name, value, allowed string) {
	return notAllowed("service", []intRange{
		{"per_user", c.PerUser, 1, 1000, ""},
		{"total", c.Total, 1, 1_000_000, ""},
		{"workers", c.Workers, 1, 256, ""},
		{"retention_days", c.RetentionDays, journal.LeastRetention, journal.MostRetention, "0, "},
	}, []timeRange{
		{"age", c.Age, "1s", "24h"},
		{"answer", c.Answer, "1s", "10m"},
		{"wait", c.Wait, "1s", "10m"},
	})
}

// An intRange is a number with what is allowed; zero, if not empty, allows 0 besides.
type intRange struct {
	name        string
	value       *int
	least, most int
	zero        string
}

// A timeRange is a time with what is allowed.
type timeRange struct {
	name        string
	value       *duration
	least, most string
}

// notAllowed names the first value of a section that is not allowed and says what is.
func notAllowed(section string, ints []intRange, times []timeRange) (name, value, allowed string) {
	for _, v := range ints {
		if v.value != nil && (*v.value < v.least || *v.value > v.most) && (*v.value != 0 || v.zero == "") {
			return section + "." + v.name, strconv.Itoa(*v.value), fmt.Sprintf("%s%d – %d", v.zero, v.least, v.most)
		}
	}
	for _, v := range times {
		least, _ := time.ParseDuration(v.least)
		most, _ := time.ParseDuration(v.most)
		if d := v.value; d != nil && (d.bad != "" || d.Duration < least || d.Duration > most) {
			return section + "." + v.name, d.String(), v.least + " – " + v.most
		}
	}
	return "", "", ""
}

// limits are the service's limits as configured.
func (c serviceConfig) limits() bot.Limits {
	l := bot.DefaultLimits
	for _, v := range []struct {
		to   *int
		from *int
	}{{&l.PerUser, c.PerUser}, {&l.Total, c.Total}, {&l.Workers, c.Workers}} {
		if v.from != nil {
			*v.to = *v.from
		}
	}
	for _, v := range []struct {
		to   *time.Duration
		from *duration
	}{{&l.Age, c.Age}, {&l.Answer, c.Answer}} {
		if v.from != nil {
			*v.to = v.from.Duration
		}
	}
	if c.RetentionDays != nil {
		l.Retention = time.Duration(*c.RetentionDays) * 24 * time.Hour
	}
	return l
}

// wait is how long a request for an answer waits; 0 is the usual time.
func (c serviceConfig) wait() time.Duration {
	if c.Wait == nil {
		return 0
	}
	return c.Wait.Duration
}
