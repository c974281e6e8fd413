package privacy

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

var marked = regexp.MustCompile(`⟦([a-z-]+) ([^⟧]*)⟧`)

// readCases returns the texts of testdata/cases.txt and what has to be found
// in each.
func readCases(t testing.TB) (texts []string, want [][]Found) {
	data, err := os.ReadFile("testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(data), "\n") {
		if line == "" || strings.HasPrefix(line, "# ") || strings.HasPrefix(line, "## ") {
			continue
		}
		line, err := strconv.Unquote(`"` + strings.ReplaceAll(line, `"`, `\"`) + `"`)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		var text strings.Builder
		var found []Found
		at := 0
		for _, m := range marked.FindAllStringSubmatchIndex(line, -1) {
			text.WriteString(line[at:m[0]])
			start := text.Len()
			text.WriteString(line[m[4]:m[5]])
			found = append(found, Found{Kind(line[m[2]:m[3]]), start, text.Len()})
			at = m[1]
		}
		text.WriteString(line[at:])
		texts, want = append(texts, text.String()), append(want, found)
	}
	return texts, want
}

func TestCases(t *testing.T) {
	texts, want := readCases(t)
	for i, text := range texts {
		if got := Find(text); !slices.Equal(got, want[i]) {
			t.Errorf("%q:\n got %s\nwant %s", text, show(text, got), show(text, want[i]))
		}
		lawful(t, text)
	}
	if len(texts) < 130 {
		t.Fatalf("only %d cases", len(texts))
	}
}

func show(text string, found []Found) string {
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintf(&b, "%s %q; ", f.Kind, text[f.Start:f.End])
	}
	return b.String()
}

// lawful checks what holds for any text.
func lawful(t interface{ Fatalf(string, ...any) }, text string) {
	masked, found := Mask(text)
	if !slices.Equal(found, Find(text)) {
		t.Fatalf("%q: Mask and Find differ", text)
	}
	rest, at := masked, 0
	for _, f := range found {
		if f.Start < at || f.End <= f.Start || f.End > len(text) || f.Kind.Placeholder() == "" {
			t.Fatalf("%q: %v after %d", text, f, at)
		}
		if !utf8.ValidString(text[f.Start:f.End]) {
			t.Fatalf("%q: %v cuts a character", text, f)
		}
		var ok bool
		if rest, ok = strings.CutPrefix(rest, text[at:f.Start]+f.Kind.Placeholder()); !ok {
			t.Fatalf("%q became %q", text, masked)
		}
		at = f.End
	}
	if rest != text[at:] {
		t.Fatalf("%q became %q", text, masked)
	}
	if again, more := Mask(masked); again != masked {
		t.Fatalf("%q\nbecame %q\n  then %q: %s", text, masked, again, show(masked, more))
	}
}

func TestPlaceholders(t *testing.T) {
	for _, k := range []Kind{Mobile, ResidentID, BankCard, Email, Passport, Account} {
		if p := k.Placeholder(); p == "" || Find(p) != nil {
			t.Errorf("%s: %q", k, p)
		}
	}
	if p := Kind("name").Placeholder(); p != "" {
		t.Errorf("a kind that is none has %q", p)
	}
}

func TestChecks(t *testing.T) {
	values := func(s string) (d []int8) {
		for _, r := range s {
			if r == 'X' {
				r = '0' + 10
			}
			d = append(d, int8(r-'0'))
		}
		return d
	}
	for s, want := range map[string]bool{
		"11010519491231002X": true, "440524188001010014": true, // GB 11643-1999, annex
		"110105194912310021": false,
	} {
		if mod11(values(s)) != want {
			t.Errorf("mod11(%s) is %v", s, !want)
		}
	}
	for s, want := range map[string]bool{"79927398713": true, "79927398710": false, "4111111111111111": true} {
		if luhn(values(s)) != want {
			t.Errorf("luhn(%s) is %v", s, !want)
		}
	}
	for s, want := range map[string]bool{"20240229": true, "20230229": false, "20231301": false, "18000101": false} {
		if datelike(values(s)) != want {
			t.Errorf("datelike(%s) is %v", s, !want)
		}
	}
}

func FuzzMask(f *testing.F) {
	texts, _ := readCases(f)
	for _, text := range texts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4096 {
			return
		}
		lawful(t, text)
		lawful(t, text+text)
	})
}

func BenchmarkFind(b *testing.B) {
	policy, err := os.ReadFile("../../seeds/000_d486a0f142223587.txt")
	if err != nil {
		b.Fatal(err)
	}
	texts, _ := readCases(b)
	for name, text := range map[string]string{
		"policy":  string(policy),
		"dense":   strings.Join(texts, "\n"),
		"digits":  strings.Repeat("1", 1<<16),
		"rows":    strings.Repeat("13 ", 1<<14),
		"han":     strings.Repeat("一", 1<<14),
		"letters": strings.Repeat("a", 1<<16),
		"at":      strings.Repeat("a@", 1<<14),
		"english": strings.Repeat("The policy is available at the office: see annex 3, ", 1<<10),
		"hidden":  "1" + strings.Repeat("\u200b", 1<<14) + "2",
		"hidden2": strings.Repeat("1\u200b-", 1<<14),
		"mobiles": strings.Repeat("13800138000 ", 1<<12),
		"vain":    strings.Repeat("13800000000 ", 1<<12),
		"wx":      strings.Repeat("wx：abcd ", 1<<12),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				Find(text)
			}
		})
	}
}
