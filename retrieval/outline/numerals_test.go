package outline

import "testing"

func TestNumbers(t *testing.T) {
	cases := []struct {
		text string
		n    int
		rest string
	}{
		{"一、", 1, "、"},
		{"十）", 10, "）"},
		{"十二条", 12, "条"},
		{"二十一条", 21, "条"},
		{"一百零三条", 103, "条"},
		{"一千一百二十九条", 1129, "条"},
		{"九千九百九十九条", 9999, "条"},
		{"两百条", 200, "条"},
		{"12.", 12, "."},
		{"１２．", 12, "．"},
		{"一二", 1, "二"},
		{"零", 0, "零"},
		{"12345", 0, "12345"},
		{"条", 0, "条"},
		{"", 0, ""},
	}
	for _, c := range cases {
		n, size, _ := number(c.text)
		if n != c.n || c.text[size:] != c.rest {
			t.Errorf("number(%q) = %d, rest %q, want %d, rest %q", c.text, n, c.text[size:], c.n, c.rest)
		}
	}
	for n := 1; n < 100; n++ {
		if got, size, _ := number(hanNumeral(n)); got != n || size != len(hanNumeral(n)) {
			t.Errorf("number(hanNumeral(%d) = %q) = %d", n, hanNumeral(n), got)
		}
	}
}
