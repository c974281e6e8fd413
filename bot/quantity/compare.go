package quantity

import (
	"math/big"
	"strings"
)

// Equal reports whether a and b say the same: value, unit and comparator. What
// is counted (Noun) and where they stand do not matter.
//
// A number without a unit equals an amount of money of the same value if that
// is in CNY: 1200亿 and 1200亿元. It equals a count of the same value; and a count without a
// measure word equals one with any, 120 and 120家, and 个 goes with every measure
// word but those of people. So Equal is symmetric but not transitive.
func Equal(a, b Quantity) bool {
	r := Relate(a, b)
	return r.Unit && a.Comparator == b.Comparator && exact(a, b)
}

func exact(a, b Quantity) bool {
	return a.Value.Cmp(b.Value) == 0 && (a.High == nil) == (b.High == nil) && (a.High == nil || a.High.Cmp(b.High) == 0) &&
		(a.Kind != Date || a.Unit == b.Unit)
}

// Supported reports whether some quantity of source says what claim says: the
// same value, a unit that goes with it, and a comparator that is neither
// stronger nor of another kind. A claim may be weaker: at least for more than,
// about for nearly; but not about for an exact number. A year is supported by a
// date in that year and by either end of a range of years. Without source
// nothing is supported.
func Supported(claim Quantity, source []Quantity) bool {
	for _, s := range source {
		if r := Relate(claim, s); r.Value && r.Unit && r.Comparator {
			return true
		}
	}
	return false
}

// A Relation says what two quantities have in common. Unit is false without
// Value, and Comparator without Unit.
type Relation struct{ Value, Unit, Comparator bool }

// Relate compares a claim with one quantity of its source by the rules of
// [Supported].
func Relate(claim, source Quantity) Relation {
	var r Relation
	if claim.Value == nil || source.Value == nil {
		return r
	}
	switch {
	case claim.Kind == Date && source.Kind == Date:
		r.Value = dateWithin(claim, source)
		r.Unit = r.Value
		r.Comparator = r.Unit && dateAllows(claim.Comparator, source.Comparator)
		return r
	case claim.Kind == Date || source.Kind == Date:
		return r
	case claim.Kind == Code || source.Kind == Code:
		same := claim.Kind == source.Kind && claim.Unit == source.Unit
		return Relation{same, same, same}
	case claim.Kind == Document && source.Kind == Document:
		same := sameDocument(claim, source)
		return Relation{same, same, same}
	}
	r.Value = sameValue(claim, source)
	r.Unit = r.Value && sameUnit(claim, source)
	r.Comparator = r.Unit && allows(claim.Comparator, source.Comparator)
	return r
}

// sameValue compares values; 12 months are a year.
func sameValue(a, b Quantity) bool {
	if (a.High == nil) != (b.High == nil) {
		return false
	}
	if a.Kind == Duration && b.Kind == Duration && a.Unit != b.Unit {
		x, y := months[a.Unit], months[b.Unit]
		if x == 0 || y == 0 {
			return a.Value.Cmp(b.Value) == 0 && (a.High == nil || a.High.Cmp(b.High) == 0)
		}
		if times(a.Value, x).Cmp(times(b.Value, y)) == 0 {
			return a.High == nil || times(a.High, x).Cmp(times(b.High, y)) == 0
		}
	}
	return a.Value.Cmp(b.Value) == 0 && (a.High == nil || a.High.Cmp(b.High) == 0)
}

// months are the months of the units of time that have a whole number of them.
var months = map[string]int64{"year": 12, "quarter": 3, "month": 1}

func times(v *big.Rat, by int64) *big.Rat { return new(big.Rat).Mul(v, big.NewRat(by, 1)) }

// sameUnit reports whether two amounts of the same value may be the same.
func sameUnit(a, b Quantity) bool {
	if a.Kind == b.Kind {
		switch a.Kind {
		case Count:
			return sameMeasure(a.Unit, b.Unit)
		case Ordinal:
			return a.Unit == b.Unit || a.Unit == "" || b.Unit == ""
		case Duration:
			x, y := months[a.Unit], months[b.Unit]
			return a.Unit == b.Unit || x > 0 && y > 0 && times(a.Value, x).Cmp(times(b.Value, y)) == 0
		}
		return a.Unit == b.Unit
	}
	for range 2 {
		switch {
		case a.Kind == Number && b.Kind == Money:
			return b.Unit == "CNY"
		case a.Kind == Number && b.Kind == Count:
			return true
		case a.Kind == Class && b.Kind == Count:
			return a.Unit == "class" && b.Unit == "类" || a.Unit == "level" && b.Unit == "级"
		case a.Kind == Ordinal && b.Kind == Class:
			return a.Unit == "" && b.Unit != "plan"
		}
		a, b = b, a
	}
	return false
}

// sameMeasure reports whether two measure words may count the same things.
func sameMeasure(a, b string) bool {
	if a == b || a == "" || b == "" {
		return true
	}
	special := func(u string) bool { return u == "people" || u == "visits" || u == "强" || u == "次" }
	return (a == "个" || b == "个" || a == "项" && b == "款" || a == "款" && b == "项") && !special(a) && !special(b)
}

// sameDocument compares year, number and the issuer's marks: one may be cut
// short or left out.
func sameDocument(a, b Quantity) bool {
	if a.Value.Cmp(b.Value) != 0 {
		return false
	}
	return strings.HasSuffix(a.Unit, b.Unit) || strings.HasSuffix(b.Unit, a.Unit)
}

// allows reports whether a claim with one comparator may be made of an amount
// with another.
func allows(claim, source Comparator) bool {
	switch claim {
	case source:
		return true
	case AtLeast:
		return source == MoreThan
	case AtMost, UpTo:
		return source == LessThan || source == AtMost || source == UpTo
	case About:
		return source == Nearly
	}
	return false
}

// dateAllows is allows for dates: 2022年, by 2022 and 2022年前 go together, since
// and after need the like.
func dateAllows(claim, source Comparator) bool {
	switch claim {
	case None:
		return true
	case AtMost, LessThan:
		return source == None || source == AtMost || source == LessThan
	}
	return source == AtLeast || source == MoreThan
}

// dateWithin reports whether all that claim says of a date is in source.
func dateWithin(claim, source Quantity) bool {
	if claim.High != nil {
		return source.High != nil && partWithin(claim, source) &&
			dayWithin(claim.Value, source.Value) && dayWithin(claim.High, source.High)
	}
	if dayWithin(claim.Value, source.Value) {
		return partWithin(claim, source)
	}
	return source.High != nil && dayWithin(claim.Value, source.High) && partWithin(claim, source)
}

// partWithin compares the parts of the year; December is the end of it.
func partWithin(claim, source Quantity) bool {
	if claim.Unit == "" || claim.Unit == source.Unit {
		return true
	}
	last := source.Value
	if source.High != nil {
		last = source.High
	}
	return claim.Unit == "end" && last.Num().Int64()/100%100 == 12 && claim.Value.Num().Int64()/100%100 == 0
}

func dayWithin(claim, source *big.Rat) bool {
	c, s := claim.Num().Int64(), source.Num().Int64()
	for _, by := range []int64{1, 100} {
		if x := c / by % 100; x != 0 && x != s/by%100 {
			return false
		}
	}
	return c/10000 == 0 || c/10000 == s/10000
}
