package console

import (
	"net/url"
	"time"
)

// OpsRoutes are the methods and paths of the addresses of operations.
func OpsRoutes() (list [][2]string) {
	for _, r := range routes {
		if r.need == ops {
			list = append(list, [2]string{r.method, r.path})
		}
	}
	return list
}

// FilterAgain is what is left of the values of an address that was read as a filter.
func FilterAgain(values url.Values, now time.Time) string { return readFilter(values, now).Encode() }

// FilterNames are the names of all filters.
func FilterNames() []string { return append(fieldNames(), "span") }

// HostilePlots are plots with a label that would be more than text.
func HostilePlots(label string) (string, error) {
	v := View{Lang: english}
	var b writer
	for _, p := range []plot{
		barPlot(v, "a", label, label, []string{label, label}, []plotItem{{Name: label, URL: "javascript:alert(1)", Value: 1, Shown: label}}),
		columnPlot(v, "b", label, label, []string{label, label}, []string{label, label}, []int{1, 2}, []int{2, 1}),
	} {
		if err := templates["opsoverview"].ExecuteTemplate(&b, "opsplot", p); err != nil {
			return "", err
		}
	}
	return string(b), nil
}

type writer []byte

// Write implements io.Writer.
func (w *writer) Write(b []byte) (int, error) {
	*w = append(*w, b...)
	return len(b), nil
}

// Alike groups texts.
func Alike(texts []string) [][]int { return sameQuestions(texts) }

// WaitGolden waits for the run of the golden set under way.
func (c *Console) WaitGolden() { c.golden.work.Wait() }
