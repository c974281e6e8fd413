package bm25

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"math"
)

// An index file is, in little endian:
//
//	magic     "bm25idx" and the format version, a byte
//	checksum  uint32, CRC-32C of all that follows
//	header    K1, B, Group, GroupB: float64; numbers of units, groups, keys, codes, dense lists: uint32
//	lengths   a byte a unit
//	groups    first unit and length: uint32 each
//	keys      uint64 each, ascending
//	ends      end of each key's list: uint32
//	codes     uint16 each
//	dense     for each list, the words, the bounds and the counts
const (
	magic      = "bm25idx\x01"
	headerSize = len(magic) + 4 + 4*8 + 5*4
)

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	le         = binary.LittleEndian
)

// A FormatError says why data cannot be read as an index. The remedy is
// always to build the index again.
type FormatError struct{ Problem string }

// Error implements error.
func (e *FormatError) Error() string { return "bm25: not a usable index: " + e.Problem }

// WriteTo writes the index to w, for [Read]. It returns the number of bytes
// written and the first error of w.
func (x *Index) WriteTo(w io.Writer) (int64, error) {
	b := x.encode()
	n, err := w.Write(b)
	return int64(n), err
}

func (x *Index) encode() []byte {
	size := headerSize + len(x.lengths) + 8*len(x.sizes) + 12*len(x.keys) + 2*len(x.codes)
	for i := range x.dense {
		size += x.denseSize(len(x.dense[i].counts))
	}
	b := append(make([]byte, 0, size), magic...)
	b = le.AppendUint32(b, 0)
	for _, v := range []float64{x.params.K1, x.params.B, x.params.Group, x.params.GroupB} {
		b = le.AppendUint64(b, math.Float64bits(v))
	}
	for _, n := range []int{len(x.lengths), len(x.sizes), len(x.keys), len(x.codes), len(x.dense)} {
		b = le.AppendUint32(b, uint32(n))
	}
	b = append(b, x.lengths...)
	for g, size := range x.sizes {
		b = le.AppendUint32(b, x.groups[g])
		b = le.AppendUint32(b, size)
	}
	for _, key := range x.keys {
		b = le.AppendUint64(b, key)
	}
	for _, end := range x.starts[1:] {
		b = le.AppendUint32(b, end)
	}
	for _, c := range x.codes {
		b = le.AppendUint16(b, c)
	}
	for _, d := range x.dense {
		for _, word := range d.words {
			b = le.AppendUint64(b, word)
		}
		b = append(append(b, d.bounds...), d.counts...)
	}
	le.PutUint32(b[len(magic):], crc32.Checksum(b[len(magic)+4:], castagnoli))
	return b
}

// denseSize returns the size in a file of a dense list.
func (x *Index) denseSize(df int) int { return (len(x.lengths)+63)/64*8 + x.blocks() + df }

// Read returns the index in data, which is all that WriteTo wrote. Data that
// is cut off, altered, or of another version gives a *[FormatError]. The data
// is not retained.
func Read(data []byte) (*Index, error) {
	if len(data) < headerSize || string(data[:len(magic)-1]) != magic[:len(magic)-1] {
		return nil, &FormatError{"no index header"}
	}
	if data[len(magic)-1] != magic[len(magic)-1] {
		return nil, &FormatError{"another format version"}
	}
	if crc32.Checksum(data[len(magic)+4:], castagnoli) != le.Uint32(data[len(magic):]) {
		return nil, &FormatError{"checksum does not match: cut off or altered"}
	}
	r := reader{data: data[len(magic)+4:], ok: true}
	x := &Index{}
	for _, v := range []*float64{&x.params.K1, &x.params.B, &x.params.Group, &x.params.GroupB} {
		*v = math.Float64frombits(le.Uint64(r.take(8)))
	}
	if !x.params.valid() {
		return nil, &FormatError{"parameters out of range"}
	}
	var n [5]int
	for i := range n {
		n[i] = int(le.Uint32(r.take(4)))
	}
	x.read(&r, n[0], n[1], n[2], n[3], n[4])
	if !r.ok || len(r.data) > 0 {
		return nil, &FormatError{"contents are out of order"}
	}
	return x, nil
}

// read reads the sections. It leaves r not ok if they are out of order.
func (x *Index) read(r *reader, units, groups, keys, codes, dense int) {
	x.lengths = append([]uint8(nil), r.take(units)...)
	x.readGroups(r, units, groups)
	x.keys = r.uint64s(keys)
	x.starts = append([]uint32{0}, r.uint32s(keys)...)
	x.codes = r.uint16s(codes)
	if !r.ok {
		return
	}
	for i := range x.keys {
		r.check(i == 0 || x.keys[i-1] < x.keys[i])
		r.check(x.starts[i] < x.starts[i+1])
	}
	r.check(int(x.starts[keys]) == codes)
	x.prepare()
	x.readDense(r, dense)
}

func (x *Index) readGroups(r *reader, units, groups int) {
	both := r.uint32s(2 * groups)
	if !r.ok {
		return
	}
	x.groups, x.sizes = make([]uint32, groups+1), make([]uint32, groups)
	x.groups[groups] = uint32(units)
	for g := range x.sizes {
		x.groups[g], x.sizes[g] = both[2*g], both[2*g+1]
	}
	for g := range x.sizes {
		r.check(x.groups[g] <= x.groups[g+1])
	}
	r.check(x.groups[0] == 0)
}

// readDense reads the dense lists, whose sizes follow from their keys'.
func (x *Index) readDense(r *reader, n int) {
	if r.check(n <= len(x.keys)); !r.ok {
		return
	}
	x.dense = make([]dense, 0, n)
	for i := range x.keys {
		if !r.ok {
			return
		}
		df, _ := number(x.codes[x.starts[i]:x.starts[i+1]])
		if !isDense(int(df), len(x.lengths)) {
			continue
		}
		var d dense
		d.words = r.uint64s((len(x.lengths) + 63) / 64)
		d.bounds = append([]uint8(nil), r.take(x.blocks())...)
		d.counts = append([]uint8(nil), r.take(int(df))...)
		if !r.ok {
			return
		}
		last := len(x.lengths) % 64
		r.check(d.rank() == int(df) && (last == 0 || d.words[len(d.words)-1]>>last == 0))
		x.dense = append(x.dense, d)
	}
	r.check(len(x.dense) == n)
}

// A reader takes data apart.
type reader struct {
	data []byte
	ok   bool // nothing was missing or wrong so far
}

func (r *reader) check(ok bool) { r.ok = r.ok && ok }

// take returns the next n bytes, or nil and not ok if there are fewer.
func (r *reader) take(n int) []byte {
	if r.check(n >= 0 && n <= len(r.data)); !r.ok {
		return nil
	}
	taken := r.data[:n:n]
	r.data = r.data[n:]
	return taken
}

// The three below take n values.

func (r *reader) uint64s(n int) []uint64 {
	b := r.take(8 * n)
	values := make([]uint64, len(b)/8)
	for i := range values {
		values[i] = le.Uint64(b[:8])
		b = b[8:]
	}
	return values
}

func (r *reader) uint32s(n int) []uint32 {
	b := r.take(4 * n)
	values := make([]uint32, len(b)/4)
	for i := range values {
		values[i] = le.Uint32(b[:4])
		b = b[4:]
	}
	return values
}

func (r *reader) uint16s(n int) []uint16 {
	b := r.take(2 * n)
	values := make([]uint16, len(b)/2)
	rest := values
	for ; len(rest) >= 4 && len(b) >= 8; rest, b = rest[4:], b[8:] {
		v := le.Uint64(b)
		rest[0], rest[1], rest[2], rest[3] = uint16(v), uint16(v>>16), uint16(v>>32), uint16(v>>48)
	}
	for i := range rest {
		rest[i] = le.Uint16(b[2*i:])
	}
	return values
}
