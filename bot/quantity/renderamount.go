package quantity

import (
	"math/big"
	"strings"
)

// zhUnits and enUnits are how the units that have a certain name in the other
// language are written after a number; of English ones the singular.
var zhUnits = map[string]string{
	"CNY": "元", "USD": "美元", "EUR": "欧元", "JPY": "日元", "GBP": "英镑", "HKD": "港元",
	"percent": "%", "percentage point": "个百分点",
	"litre": "升", "millilitre": "毫升", "square kilometre": "平方公里", "square metre": "平方米", "cubic metre": "立方米",
	"kilometre": "公里", "metre": "米", "mu": "亩", "hectare": "公顷", "ton": "吨", "kilogram": "公斤", "gram": "克",
	"kilowatt": "千瓦", "megawatt": "兆瓦", "kilowatt hour": "千瓦时",
	"year": "年", "quarter": "个季度", "month": "个月", "week": "周", "day": "天", "working day": "个工作日", "hour": "小时", "minute": "分钟",
	"people": "人", "项": "项", "户": "户", "强": "强", "visits": "人次",
}

var enUnits = map[string]string{
	"percent": "%", "percentage point": "percentage point",
	"litre": "litre", "millilitre": "millilitre", "square kilometre": "square kilometre", "square metre": "square metre",
	"cubic metre": "cubic metre", "kilometre": "kilometre", "metre": "metre", "mu": "mu", "hectare": "hectare", "ton": "ton",
	"kilogram": "kilogram", "gram": "gram", "kilowatt": "kilowatt", "megawatt": "megawatt", "kilowatt hour": "kilowatt hour",
	"year": "year", "quarter": "quarter", "month": "month", "week": "week", "day": "day", "working day": "working day",
	"hour": "hour", "minute": "minute",
	"people": "people", "项": "item", "户": "household", "强": "top", "visits": "person-visit",
}

var enMoney = map[string]string{"CNY": "RMB ", "USD": "US$", "EUR": "EUR ", "JPY": "JPY ", "GBP": "GBP ", "HKD": "HK$"}

var zhCompare = map[Comparator][2]string{
	None: {}, AtLeast: {"不少于", ""}, MoreThan: {"超过", ""}, AtMost: {"不超过", ""}, LessThan: {"不足", ""},
	UpTo: {"最高", ""}, About: {"约", ""}, Nearly: {"近", ""},
}

var enCompare = map[Comparator]string{
	None: "", AtLeast: "at least ", MoreThan: "more than ", AtMost: "not more than ", LessThan: "less than ",
	UpTo: "up to ", About: "about ", Nearly: "nearly ",
}

func renderAmount(q Quantity, zh bool) (string, bool) {
	if zh {
		return zhAmount(q)
	}
	return enAmount(q)
}

func zhAmount(q Quantity) (string, bool) {
	unit, ok := zhUnits[q.Unit]
	ok = ok || q.Kind == Number && q.Unit == ""
	words, known := zhCompare[q.Comparator]
	low, ok1 := zhNumber(q.Value)
	if !ok || !known || !ok1 || q.Kind == Duration && q.Comparator == Nearly {
		return "", false // 近三年 are the last three years
	}
	if q.High == nil {
		return words[0] + low + unit, true
	}
	high, ok := zhNumber(q.High)
	return words[0] + low + unit + "—" + high + unit, ok
}

func enAmount(q Quantity) (string, bool) {
	low, ok1 := enNumber(q.Value)
	words, known := enCompare[q.Comparator]
	if !ok1 || !known {
		return "", false
	}
	if prefix, ok := enMoney[q.Unit]; ok && q.Kind == Money {
		if q.High == nil {
			return words + prefix + low, true
		}
		high, ok := enNumber(q.High)
		return words + prefix + low + " to " + prefix + high, ok
	}
	unit, ok := enUnits[q.Unit]
	switch {
	case q.Kind == Number && q.Unit == "":
		return words + low, true
	case !ok || q.Unit == "强" && (q.Comparator != None || q.High != nil || q.Value.Cmp(big.NewRat(5, 1)) < 0):
		return "", false
	case q.Unit == "强":
		return "top " + low, true
	case unit != "%":
		if unit != "people" && unit != "mu" && (q.Value.Cmp(big.NewRat(1, 1)) != 0 || q.High != nil) {
			unit += "s"
		}
		unit = " " + unit
	}
	if q.High == nil {
		return words + low + unit, true
	}
	high, ok := enNumber(q.High)
	if unit == "%" {
		low += "%"
	}
	return words + low + " to " + high + unit, ok
}

// zhNumber writes a number with 万, 亿 or 万亿 if that is shorter.
func zhNumber(v *big.Rat) (string, bool) {
	return scaledNumber(v, []int64{1e12, 1e8, 1e4}, []string{"万亿", "亿", "万"}, false)
}

// enNumber writes a number with million, billion or trillion from one million on.
func enNumber(v *big.Rat) (string, bool) {
	return scaledNumber(v, []int64{1e12, 1e9, 1e6}, []string{" trillion", " billion", " million"}, true)
}

// scaledNumber writes v by the largest multiplier that leaves at most three
// decimals, and false if none does.
func scaledNumber(v *big.Rat, by []int64, names []string, commas bool) (string, bool) {
	if v.Sign() < 0 || v.Cmp(big.NewRat(1e16, 1)) >= 0 {
		return "", false
	}
	for k, m := range by {
		x := new(big.Rat).Quo(v, big.NewRat(m, 1))
		if x.Cmp(big.NewRat(1, 1)) >= 0 {
			if s, ok := decimals(x, commas); ok {
				return s + names[k], true
			}
		}
	}
	return decimals(v, commas)
}

func decimals(v *big.Rat, commas bool) (string, bool) {
	s := v.FloatString(3)
	back, ok := new(big.Rat).SetString(s)
	if !ok || back.Cmp(v) != 0 {
		return "", false
	}
	whole, part, _ := strings.Cut(s, ".")
	if part = strings.TrimRight(part, "0"); part != "" {
		part = "." + part
	}
	if commas {
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + "," + whole[i:]
		}
	}
	return whole + part, true
}
