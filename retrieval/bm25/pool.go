package bm25

// A pool holds the postings of all keys while an index is built: for each key
// a chain of runs that double in size. The last two codes of a run are the
// place of the next one. Runs lie within pages so that nothing is moved.
type pool struct {
	pages [][]uint16
	free  uint32 // next free place: page<<pageBits | offset
}

const (
	pageBits = 18
	pageSize = 1 << pageBits
	maxLevel = 10
)

// runSize is the number of codes in a run of a level, pointer included.
func runSize(level uint16) uint32 { return 4 << min(level, maxLevel) }

func newPool() pool {
	return pool{pages: [][]uint16{make([]uint16, pageSize)}, free: 1} // place 0 means none
}

// run reserves a run and returns its place.
func (p *pool) run(size uint32) uint32 {
	if p.free&(pageSize-1)+size > pageSize || p.free>>pageBits == uint32(len(p.pages)) {
		if len(p.pages) == 1<<(32-pageBits) {
			panic("bm25: more than 8 GiB of postings")
		}
		p.free = uint32(len(p.pages)) << pageBits
		p.pages = append(p.pages, make([]uint16, pageSize))
	}
	at := p.free
	p.free += size
	return at
}

// used returns about how many codes there are.
func (p *pool) used() uint32 { return p.free }

func (p *pool) start(s *slot) {
	s.head = p.run(runSize(0))
	s.next, s.room, s.level = s.head, uint16(runSize(0)-2), 0
}

// write appends the posting kept back in s to its chain.
func (p *pool) write(s *slot) {
	distance, tf := s.last-s.prev, s.tf
	if distance < 1<<(16-countBits) && tf < longCount && s.room > 0 {
		p.pages[s.next>>pageBits][s.next&(pageSize-1)] = uint16(distance)<<countBits | tf
		s.next++
		s.room--
		return
	}
	var codes [4]uint16
	for _, c := range appendPosting(codes[:0], countBits, distance, uint32(tf)) {
		p.put(s, c)
	}
}

func (p *pool) put(s *slot, c uint16) {
	if s.room == 0 {
		s.level++
		size := runSize(s.level)
		at := p.run(size)
		page, off := p.pages[s.next>>pageBits], s.next&(pageSize-1)
		page[off], page[off+1] = uint16(at), uint16(at>>16)
		s.next, s.room = at, uint16(size-2)
	}
	p.pages[s.next>>pageBits][s.next&(pageSize-1)] = c
	s.next++
	s.room--
}

// read appends the codes of a chain to dst.
func (p *pool) read(dst []uint16, s *slot) []uint16 {
	at := s.head
	for level := uint16(0); ; level++ {
		page, off := p.pages[at>>pageBits], at&(pageSize-1)
		size := runSize(level) - 2
		if level == s.level {
			return append(dst, page[off:off+size-uint32(s.room)]...)
		}
		dst = append(dst, page[off:off+size]...)
		at = uint32(page[off+size]) | uint32(page[off+size+1])<<16
	}
}
