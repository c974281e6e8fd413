package retrieval

import (
	"encoding/binary"
	"io"

	"policybot/retrieval/analysis"
)

// texts are many texts in compact form, one after the other.
type texts struct {
	units []uint16
	ends  []uint32 // of each text in units
}

func (t *texts) add(fields ...string) {
	for i, f := range fields {
		if i > 0 {
			t.units = append(t.units, 0)
		}
		t.units = analysis.AppendCompact(t.units, f)
	}
	t.ends = append(t.ends, uint32(len(t.units)))
}

func (t *texts) len() int { return len(t.ends) }

// at returns the i-th text, nothing when there is none.
func (t *texts) at(i int) []uint16 {
	if i < 0 || i >= len(t.ends) {
		return nil
	}
	from := uint32(0)
	if i > 0 {
		from = t.ends[i-1]
	}
	return t.units[from:t.ends[i]]
}

// clip gives back what append has reserved beyond need.
func (t *texts) clip() {
	t.units = append(make([]uint16, 0, len(t.units)), t.units...)
	t.ends = append(make([]uint32, 0, len(t.ends)), t.ends...)
}

// write writes t as the number of texts, where each ends, and the units, all
// as little-endian numbers.
func (t *texts) write(w io.Writer) error {
	head := binary.LittleEndian.AppendUint32(nil, uint32(len(t.ends)))
	for _, v := range []any{head, t.ends, t.units} {
		if err := binary.Write(w, binary.LittleEndian, v); err != nil {
			return err
		}
	}
	return nil
}

// texts reads what texts.write wrote.
func (r *fieldReader) texts() texts {
	n := int(binary.LittleEndian.Uint32(r.take(4)))
	if r.bad || n > (len(r.data)-r.at)/4 {
		r.bad = true
		return texts{}
	}
	t := texts{ends: make([]uint32, n)}
	last := uint32(0)
	for i, b := 0, r.take(4*n); i < n; i++ {
		t.ends[i] = binary.LittleEndian.Uint32(b[4*i:])
		r.bad = r.bad || t.ends[i] < last
		last = t.ends[i]
	}
	if r.bad || uint64(last)*2 > uint64(len(r.data)-r.at) {
		r.bad = true
		return texts{}
	}
	b := r.take(2 * int(last))
	t.units = make([]uint16, last)
	for i := range t.units {
		t.units[i] = binary.LittleEndian.Uint16(b[2*i:])
	}
	return t
}
