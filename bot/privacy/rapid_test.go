package privacy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func digits(n int) *rapid.Generator[string] {
	return rapid.StringMatching(fmt.Sprintf("[0-9]{%d}", n))
}

var mobiles = rapid.Custom(func(t *rapid.T) string {
	// Not a round sum, and not two years in a row: those are numbers of a table.
	return rapid.StringMatching("1[3-9][0-9]{2}[3-9]").Draw(t, "head") + rapid.StringMatching("[0-9]{2}[3-9][0-9]{2}[1-9]").Draw(t, "tail")
})

var residents = rapid.Custom(func(t *rapid.T) string {
	day := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 120*365).Draw(t, "day"))
	area := rapid.SampledFrom([]string{"11", "15", "21", "35", "44", "50", "54", "62", "65", "71", "81", "83"}).Draw(t, "province")
	s := area + digits(4).Draw(t, "county") + day.Format("20060102") + digits(3).Draw(t, "order")
	for _, c := range "0123456789X" {
		var d []int8
		for _, r := range s + string(c) {
			if r == 'X' {
				r = '0' + 10
			}
			d = append(d, int8(r-'0'))
		}
		if mod11(d) {
			return s + string(c)
		}
	}
	panic("no check character")
})

var cards = rapid.Custom(func(t *rapid.T) string {
	form := rapid.SampledFrom([]struct {
		prefix string
		n      int
	}{{"62", 16}, {"62", 17}, {"62", 18}, {"62", 19}, {"4", 16}, {"51", 16}, {"55", 16}, {"2720", 16}, {"37", 15}, {"3528", 16}, {"955880", 19}, {"436742", 19}}).Draw(t, "form")
	s := form.prefix + digits(form.n-1-len(form.prefix)).Draw(t, "digits")
	for c := '0'; c <= '9'; c++ {
		var d []int8
		for _, r := range s + string(c) {
			d = append(d, int8(r-'0'))
		}
		if luhn(d) && (len(d) < 18 || !identity(d[:18]) || !mod11(d[:18])) {
			return s + string(c)
		}
	}
	return "4111111111111111"
})

// disguise rewrites a number so that people still read the same.
func disguise(t *rapid.T, s string, sizes []int) string {
	var b strings.Builder
	wide := rapid.Bool().Draw(t, "wide")
	hidden := rapid.SampledFrom([]string{"", "", "\u200b", "\ufeff", "\u2060", "\u00ad"}).Draw(t, "hidden")
	between := rapid.SampledFrom([]string{"", " ", "-", ".", "\u3000", "－", "·", " - ", "\u00a0", "–"}).Draw(t, "between")
	if rapid.IntRange(0, 3).Draw(t, "singles") == 0 {
		sizes = nil
		for range s {
			sizes = append(sizes, 1)
		}
	}
	chinese := rapid.IntRange(0, 3).Draw(t, "chinese") == 0
	at := 0
	for i, r := range s {
		if len(sizes) > 0 && at == sizes[0] {
			b.WriteString(between)
			sizes, at = sizes[1:], 0
		} else if i > 0 {
			b.WriteString(hidden)
		}
		at++
		switch {
		case chinese && r <= '9':
			r = []rune("零一二三四五六七八九")[r-'0']
		case wide:
			r += 0xfee0
		}
		b.WriteRune(r)
	}
	return b.String()
}

var (
	befores = []string{
		"", "我的号码是", "请回复 ", "contact: ", "Please call ", "，", "（", "\n", "2020年", "厦府办〔2020〕57号，", "张伟",
		"拨打12345或", "电话0592-5051111，", "a@b.cn ", "[手机号/mobile]", "@", "1. ", "第三条 ", "统一社会信用代码91350100M000100Y43，",
	}
	afters = []string{"", "。", "，谢谢", " please", "）", "\n2020年", "张三", " a@b.cn", "[手机号/mobile]", "？", ". Thanks", "的政策", "、12345", "/0592-5051111"}
)

// TestFindsDisguised hides one valid number in a text and finds exactly it.
func TestFindsDisguised(t *testing.T) {
	forms := []struct {
		kind   Kind
		number *rapid.Generator[string]
		sizes  [][]int
	}{
		{Mobile, mobiles, [][]int{{3, 4, 4}, {3, 8}, {7, 4}, {3, 3, 5}, {4, 4, 3}, {11}}},
		{ResidentID, residents, [][]int{{6, 8, 4}, {6, 4, 4, 4}, {4, 4, 4, 4, 2}, {3, 3, 4, 4, 4}, {18}}},
		{BankCard, cards, [][]int{{4, 4, 4, 4, 4}, {20}, {6, 20}}},
	}
	rapid.Check(t, func(t *rapid.T) {
		form := rapid.SampledFrom(forms).Draw(t, "form")
		number := disguise(t, form.number.Draw(t, "number"), rapid.SampledFrom(form.sizes).Draw(t, "sizes"))
		if form.kind == Mobile {
			number = rapid.SampledFrom([]string{"", "", "", "+86", "86", "0086", "+86 ", "86-", "(+86)"}).Draw(t, "country") + number
		}
		before := rapid.SampledFrom(befores).Draw(t, "before")
		text := before + number + rapid.SampledFrom(afters).Draw(t, "after")
		found := 0
		for _, f := range Find(text) {
			if f.Kind == form.kind && f.Start == len(before) && f.End == len(before)+len(number) {
				found++
			} else if f.Kind != Email {
				t.Fatalf("%q: %s", text, show(text, Find(text)))
			}
		}
		if found != 1 {
			t.Fatalf("%q: %s not found: %s", text, form.kind, show(text, Find(text)))
		}
		lawful(t, text)
	})
}

// TestSoup puts pieces together that touch every rule.
func TestSoup(t *testing.T) {
	texts, want := readCases(t)
	pieces := []string{
		"1", "2", "x", "X", "E", "H", "wx", "qq", "vx", "tel", "微信", "微信号：", "QQ", "护照", "身份证", "卡号", "编号", "元", "万", "万先生",
		"0.", "86", "+", "+86", "0086", "(", ")", "-", " ", ".", "_", "@", "at", " at ", "[at]", "[", "]", "dot", " dot ", "点", "com", ".com", ".cn", "a", "b1",
		"https://", "www.", "=", ":", "：", "\u200b", "\u00ad", "️⃣", "一", "零", "\n", "\xff", "第", "〕", "公众", "8000", "0013", "138", "12345", "yuan", "E12345678", "abc123",
		"13800138000", "13900000000", "一三八零零一三八零零零", "4111111111111111", "11010519491231002X", "110105194912310021", "a@b.cn", "zhang_1",
	}
	for i, text := range texts {
		for _, f := range want[i] {
			pieces = append(pieces, text[f.Start:f.End])
		}
	}
	for _, k := range []Kind{Mobile, ResidentID, BankCard, Email, Passport, Account} {
		pieces = append(pieces, k.Placeholder())
	}
	rapid.Check(t, func(t *rapid.T) {
		lawful(t, strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 10).Draw(t, "pieces"), ""))
	})
}
