package privacy

import "time"

// identity reports whether d, 18 values of which only the last may be 10 for
// X, has the province and the date of birth of a resident identity number.
func identity(d []int8) bool {
	return province(d) && birth(number(d[6:10]), number(d[10:12]), number(d[12:14]))
}

// oldIdentity is identity for the 15 digits of GB 11643-1989.
func oldIdentity(d []int8) bool {
	return province(d) && birth(1900+number(d[6:8]), number(d[8:10]), number(d[10:12]))
}

// province reports whether d begins with a province of GB/T 2260, or 8 or 9
// as in residence permits of Hong Kong, Macau and Taiwan residents and in
// permanent residence cards of foreigners.
func province(d []int8) bool {
	switch n := number(d[:2]); n / 10 {
	case 1, 5:
		return n != 10 && n%10 <= 5 && (n/10 == 1 || n <= 54)
	case 2:
		return n >= 21 && n <= 23
	case 3:
		return n >= 31 && n <= 37
	case 4:
		return n >= 41 && n <= 46
	case 6:
		return n >= 61 && n <= 65
	case 7:
		return n == 71
	case 8:
		return n >= 81 && n <= 83
	case 9:
		return true
	}
	return false
}

// birth reports whether the date exists, from 1880 to 2079.
func birth(year, month, day int) bool {
	if year < 1880 || year > 2079 || month < 1 || month > 12 || day < 1 {
		return false
	}
	return day <= time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// datelike reports whether d is a date of eight digits.
func datelike(d []int8) bool {
	return len(d) == 8 && birth(number(d[:4]), number(d[4:6]), number(d[6:]))
}

// mod11 reports whether d, of 18 values, sums to 1 by ISO 7064 MOD 11-2, as
// GB 11643-1999 has it.
func mod11(d []int8) bool {
	sum := 0
	for _, v := range d {
		sum = sum*2 + int(v)
		sum %= 11
	}
	return sum == 1
}

// luhn reports whether d has the check digit of ISO/IEC 7812-1, annex B.
func luhn(d []int8) bool {
	sum := 0
	for i, v := range d {
		n := int(v)
		if (len(d)-i)%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

// creditCode reports whether d, 18 digits, is also a unified social credit
// code: GB 32100-2015, MOD 31 with the powers of 3. Codes with letters are
// never taken for numbers.
func creditCode(d []int8) bool {
	sum, weight := 0, 1
	for _, v := range d[:17] {
		sum += int(v) * weight
		weight = weight * 3 % 31
	}
	return d[0] == 9 && (31-sum%31)%31 == int(d[17])
}

// cardPrefix reports whether cards of len(d) digits are issued that begin like
// d: UnionPay, the older cards of mainland banks, Visa, Mastercard, American
// Express, JCB and Discover. Cards of 14 digits (Diners Club) need a label.
func cardPrefix(d []int8) bool {
	two, four := number(d[:2]), number(d[:4])
	switch len(d) {
	case 19:
		return two == 62 || four == 9558 || four == 9559 || four == 4367 || four == 6013 || four == 4563 || two == 60
	case 17, 18:
		return two == 62
	case 16:
		return two == 62 || two/10 == 4 || two >= 51 && two <= 55 || four >= 2221 && four <= 2720 ||
			four >= 3528 && four <= 3589 || two == 65 || four == 6011 || four == 9558
	case 15:
		return two == 34 || two == 37
	}
	return false
}

// number returns the digits as a number.
func number(d []int8) int {
	n := 0
	for _, v := range d {
		n = n*10 + int(v)
	}
	return n
}
