package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"policybot/bot"
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
	RetentionDays *int      `yaml:"retention_days"` // after which a question is removed; 0: never; else 8 to 36,500
}

// A duration is written as 90s, 10m or 2h.
type duration time.Duration

// UnmarshalYAML reads a duration for package yaml.
func (d *duration) UnmarshalYAML(text []byte) error {
	v, err := time.ParseDuration(strings.Trim(strings.TrimSpace(string(text)), `"'`))
	if err != nil {
		return fmt.Errorf("%s is no duration such as 90s, 10m or 2h", strings.TrimSpace(string(text)))
	}
	*d = duration(v)
	return nil
}

// leastRetention is how many days a platform may take to deliver an event once more, and one.
const leastRetention = 8

// check says which value is not allowed, and what is.
func (c serviceConfig) check() error {
	ints := []struct {
		name        string
		value       *int
		least, most int
		or          int // allowed besides; least when nothing is
	}{
		{"per_user", c.PerUser, 1, 1000, 1},
		{"total", c.Total, 1, 1_000_000, 1},
		{"workers", c.Workers, 1, 256, 1},
		{"retention_days", c.RetentionDays, leastRetention, 36_500, 0},
	}
	for _, v := range ints {
		if v.value != nil && (*v.value < v.least || *v.value > v.most) && *v.value != v.or {
			allowed := strconv.Itoa(v.least) + " to " + strconv.Itoa(v.most)
			if v.or < v.least {
				allowed = strconv.Itoa(v.or) + ", or " + allowed
			}
			return fmt.Errorf("service.%s is %d; allowed is %s", v.name, *v.value, allowed)
		}
	}
	times := []struct {
		name        string
		value       *duration
		least, most time.Duration
	}{
		{"age", c.Age, time.Second, 24 * time.Hour},
		{"answer", c.Answer, time.Second, 10 * time.Minute},
		{"wait", c.Wait, time.Second, 10 * time.Minute},
	}
	for _, v := range times {
		if d := v.value; d != nil && (time.Duration(*d) < v.least || time.Duration(*d) > v.most) {
			return fmt.Errorf("service.%s is %s; allowed is %s to %s", v.name, time.Duration(*d), v.least, v.most)
		}
	}
	return nil
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
			*v.to = time.Duration(*v.from)
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
	return time.Duration(*c.Wait)
}
