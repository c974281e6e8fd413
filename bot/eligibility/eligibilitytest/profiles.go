package eligibilitytest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// A Judged is a whole profile with the measures that fit it, judged by hand.
type Judged struct {
	ID      string          `json:"id"`
	Profile json.RawMessage `json:"profile"`
	Match   []Listed        `json:"match"`
	May     []Listed        `json:"may_match"`
	No      []Listed        `json:"no_match"`
	Day     time.Time       `json:"-"` // that it is for: as_of of the profile
}

// A Listed is a measure of a judged profile.
type Listed struct {
	Measure string   `json:"measure"` // id
	File    string   `json:"file"`    // of the document
	Quote   string   `json:"quote"`   // words of the offer
	Clause  string   `json:"clause"`  // path
	Time    string   `json:"time"`    // whether its period, target year or deadline is over
	Unknown []string `json:"unknown"` // criteria, by name or by fact
}

// Profiles reads judged profiles, one a line.
func Profiles(file string) ([]Judged, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var out []Judged
	for s := bufio.NewScanner(bytes.NewReader(data)); s.Scan(); {
		var p Judged
		var with struct {
			AsOf string `json:"as_of"`
		}
		if err := json.Unmarshal(s.Bytes(), &p); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if err := json.Unmarshal(p.Profile, &with); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", file, p.ID, err)
		}
		if p.Day, err = time.Parse(time.DateOnly, with.AsOf); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", file, p.ID, err)
		}
		out = append(out, p)
	}
	return out, nil
}
