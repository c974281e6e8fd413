package bm25

import "slices"

// A list is what is stored for one key.
type list struct {
	df, groupDF uint32
	groups      []uint16 // postings of groups
	units       []uint16 // postings of units, of a key that is not frequent
	dense       *dense   // of a frequent key
}

// find returns the list of key, and false if no unit holds it.
func (x *Index) find(key uint64) (list, bool) {
	i, ok := slices.BinarySearch(x.keys, key)
	if !ok {
		return list{}, false
	}
	return x.list(i)
}

// list returns the list of the i-th key, and false if it is malformed.
func (x *Index) list(i int) (l list, ok bool) {
	codes := x.codes[x.starts[i]:x.starts[i+1]]
	l.df, codes = number(codes)
	l.groupDF, codes = number(codes)
	size, codes := number(codes)
	if uint64(size) > uint64(len(codes)) || l.df == 0 || int(l.df) > x.Units() || int(l.groupDF) > x.Groups() {
		return l, false
	}
	l.groups, l.units = codes[:size], codes[size:]
	if isDense(int(l.df), x.Units()) {
		at, rest := number(l.units)
		if rest == nil || int(at) >= len(x.dense) || len(x.dense[at].counts) != int(l.df) {
			return l, false
		}
		l.dense = &x.dense[at]
	}
	return l, true
}

// count returns the count of a unit, 0 if it does not hold the key.
func (l *list) count(unit uint32) uint32 {
	if l.dense != nil {
		return l.dense.count(unit)
	}
	return count(l.units, countBits, unit)
}

// A listWriter adds lists to an index that is being built.
type listWriter struct {
	*Index
	bounds *[(longCount + 1) << 8]uint8 // see boundTable
	groups []uint16                     // scratch space
}

// add adds the list of the next key, given the postings of its units: the
// numbers of units, of groups and of codes of the groups, the postings of the
// groups, then those of the units or the place in x.dense.
func (w *listWriter) add(codes []uint16) {
	x := w.Index
	df, groupDF := w.sumGroups(codes)
	x.codes = appendNumber(x.codes, df)
	x.codes = appendNumber(x.codes, groupDF)
	x.codes = appendNumber(x.codes, uint32(len(w.groups)))
	x.codes = append(x.codes, w.groups...)
	if isDense(int(df), x.Units()) {
		x.codes = appendNumber(x.codes, uint32(len(x.dense)))
		x.dense = append(x.dense, w.newDense(codes, int(df)))
	} else {
		x.codes = append(x.codes, codes...)
	}
}

// sumGroups makes w.groups the postings of the groups.
func (w *listWriter) sumGroups(codes []uint16) (df, groupDF uint32) {
	w.groups = w.groups[:0]
	last, group, sum, after := uint32(0), uint32(0), uint32(0), uint32(0)
	end := uint32(0) // of the current group, whose number is group-1
	for i := 0; i < len(codes); i++ {
		c := uint32(codes[i])
		count := c & longCount
		if count == 0 {
			after += c >> countBits << (16 - countBits)
			continue
		}
		if count == longCount {
			i++
			count = uint32(codes[i])
		}
		df++
		if after += c >> countBits; after > end {
			if sum > 0 {
				w.groups = appendPosting(w.groups, groupCountBits, group-last, sum)
				last, sum = group, 0
			}
			group = w.groupOf[after-1] + 1
			end = w.Index.groups[group]
			groupDF++
		}
		sum += count
	}
	w.groups = appendPosting(w.groups, groupCountBits, group-last, sum)
	return df, groupDF
}
