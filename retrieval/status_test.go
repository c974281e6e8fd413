package retrieval_test

import (
	"fmt"
	"testing"
	"time"

	"policybot/retrieval"
)

func day(t *testing.T, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestStatusOn(t *testing.T) {
	type doc = retrieval.Document
	period := doc{ValidFrom: "2023-05-01", ValidUntil: "2028-04-30"}
	years := doc{ValidFrom: "2020", ValidUntil: "2022"}
	months := doc{ValidFrom: "2024-02", ValidUntil: "2024-02"}
	for _, tt := range []struct {
		name string
		doc  doc
		on   string
		want string
	}{
		{"nothing known", doc{}, "2024-06-01", retrieval.StatusUnknown},
		{"only issued", doc{IssuedOn: "2015-02-16"}, "2024-06-01", retrieval.StatusUnknown},

		{"day before", period, "2023-04-30", retrieval.StatusNotYet},
		{"first day", period, "2023-05-01", retrieval.StatusInForce},
		{"last day", period, "2028-04-30", retrieval.StatusInForce},
		{"day after", period, "2028-05-01", retrieval.StatusPeriodOver},

		{"year before", years, "2019-12-31", retrieval.StatusNotYet},
		{"first day of the year", years, "2020-01-01", retrieval.StatusInForce},
		{"last day of the year", years, "2022-12-31", retrieval.StatusInForce},
		{"year after", years, "2023-01-01", retrieval.StatusPeriodOver},

		{"month before", months, "2024-01-31", retrieval.StatusNotYet},
		{"first day of the month", months, "2024-02-01", retrieval.StatusInForce},
		{"leap day", months, "2024-02-29", retrieval.StatusInForce},
		{"month after", months, "2024-03-01", retrieval.StatusPeriodOver},

		{"no end, before", doc{ValidFrom: "2023-05-01"}, "2023-04-30", retrieval.StatusNotYet},
		{"no end, after", doc{ValidFrom: "2023-05-01"}, "2023-05-01", retrieval.StatusUnknown},
		{"no beginning, before the end", doc{ValidUntil: "2023-05-01"}, "2023-05-01", retrieval.StatusInForce},
		{"no beginning, after the end", doc{ValidUntil: "2023-05-01"}, "2023-05-02", retrieval.StatusPeriodOver},

		{"target year", doc{TargetYear: 2020}, "2020-12-31", retrieval.StatusUnknown},
		{"after the target year", doc{TargetYear: 2020}, "2021-01-01", retrieval.StatusTargetOver},
		{"target year before the beginning", doc{TargetYear: 2020, ValidFrom: "2022-01-01"}, "2021-06-01", retrieval.StatusNotYet},
		{"target year after the beginning", doc{TargetYear: 2020, ValidFrom: "2019-01-01"}, "2021-06-01", retrieval.StatusTargetOver},
		{"a period goes before a target year", doc{TargetYear: 2020, ValidUntil: "2028-04-30"}, "2024-06-01", retrieval.StatusInForce},

		{"repealed within its period", doc{Repealed: true, ValidFrom: "2023-05-01", ValidUntil: "2028-04-30"}, "2024-06-01", retrieval.StatusRepealed},
		{"repealed after its period", doc{Repealed: true, ValidUntil: "2020-04-30"}, "2024-06-01", retrieval.StatusRepealed},
		{"transcript", doc{Kind: retrieval.KindTranscript, TargetYear: 2020}, "2024-06-01", retrieval.StatusNotPolicy},
		{"transcript with a period", doc{Kind: retrieval.KindTranscript, ValidUntil: "2028-04-30", Repealed: true}, "2024-06-01", retrieval.StatusNotPolicy},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.doc.StatusOn(day(t, tt.on)); got != tt.want {
				t.Errorf("on %s: %s, want %s", tt.on, got, tt.want)
			}
		})
	}
}

// The day is that of the place where it is asked, not of Greenwich.
func TestStatusOnOwnDay(t *testing.T) {
	d := retrieval.Document{ValidFrom: "2024-01-01", ValidUntil: "2024-12-31"}
	beijing := time.FixedZone("CST", 8*60*60)
	if got := d.StatusOn(time.Date(2025, 1, 1, 0, 30, 0, 0, beijing)); got != retrieval.StatusPeriodOver {
		t.Errorf("half past midnight on New Year's Day in Beijing: %s", got)
	}
	if got := d.StatusOn(time.Date(2024, 1, 1, 0, 30, 0, 0, beijing)); got != retrieval.StatusInForce {
		t.Errorf("half past midnight on the first day in Beijing: %s", got)
	}
}

// A status is asked of whatever a store holds, so no date may stop the program.
func TestStatusOnBadDates(t *testing.T) {
	for _, date := range []string{"", "2", "20205", "2020-", "2020-13", "2020-02-30", "2020年6月3日", "2020-06-03T00:00:00Z", "\xff\xff\xff\xff\xff\xff\xff"} {
		for _, d := range []retrieval.Document{{ValidFrom: date}, {ValidUntil: date}, {ValidFrom: date, ValidUntil: date}} {
			if got := d.StatusOn(day(t, "2020-06-03")); got == "" {
				t.Errorf("%q: no status", date)
			}
		}
	}
}

func TestValidDate(t *testing.T) {
	for date, want := range map[string]bool{
		"2024": true, "2024-02": true, "2024-02-29": true, "2000-02-29": true,
		"": false, "24": false, "2024-2": false, "2024-13": false, "2024-00": false, "2023-02-29": false, "1900-02-29": false,
		"2024-02-30": false, "2024/02/01": false, "2024-02-1": false, "2024-02-01 ": false, "２０２４": false, "abcd": false, "abcd-ef-gh": false,
	} {
		if got := retrieval.ValidDate(date); got != want {
			t.Errorf("ValidDate(%q) = %v", date, got)
		}
	}
}

func ExampleDocument_StatusOn() {
	d := retrieval.Document{ValidFrom: "2020", ValidUntil: "2022-12-31"}
	for _, year := range []int{2019, 2021, 2023} {
		fmt.Println(year, d.StatusOn(time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC)))
	}
	// Output:
	// 2019 not_yet
	// 2021 in_force
	// 2023 period_over
}
