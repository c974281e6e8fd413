package terminal

import (
	"bufio"
	"errors"
	"io"
	"os"
	"time"
)

// maxLine is the most bytes of a line that is taken, without its end.
const maxLine = 64 << 10

// A lineSource gives the lines of a reader, one when it is asked for one. Its methods are for one goroutine.
//
// A Read of a terminal cannot be broken off, so each line is read by a goroutine that the source owns.
// There is at most one; it ends when its Read returns. See pause and close for what makes Read return.
type lineSource struct {
	in      io.Reader
	buffer  *bufio.Reader
	line    []byte        // of the line that is being read
	long    bool          // it has more than maxLine bytes
	reading chan readLine // gets what is being read; nil when nothing is
}

// A readLine is one line, or the error that ended the reading.
type readLine struct {
	text string // without its end
	long bool   // it had more than maxLine bytes and was not kept
	err  error
}

func newLineSource(in io.Reader) *lineSource {
	return &lineSource{in: in, buffer: bufio.NewReaderSize(in, 4<<10)}
}

// next gives the channel that gets the next line. It is the same until taken is called.
func (s *lineSource) next() <-chan readLine {
	if s.reading == nil {
		got := make(chan readLine, 1)
		s.reading = got
		go func() { got <- s.read() }()
	}
	return s.reading
}

// taken says that the line of next was received.
func (s *lineSource) taken() { s.reading = nil }

// read reads one line. After an error that is not io.EOF it can be called again and goes on with the line.
func (s *lineSource) read() readLine {
	for {
		part, err := s.buffer.ReadSlice('\n')
		if !s.long {
			s.line = append(s.line, part...)
		}
		if n := len(s.line); n > maxLine+1 || n == maxLine+1 && s.line[n-1] != '\n' {
			s.line, s.long = nil, true
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err == nil, errors.Is(err, io.EOF) && (s.long || len(s.line) > 0):
			got := readLine{text: string(s.line), long: s.long}
			s.line, s.long = nil, false
			return got
		default:
			return readLine{err: err}
		}
	}
}

// pause breaks off a Read under way where the reader has deadlines, as connections and some files have.
// Elsewhere the Read goes on, and the line that it gets is the next one. Nothing that was read is lost.
func (s *lineSource) pause() {
	in, ok := s.in.(interface{ SetReadDeadline(t time.Time) error })
	if s.reading == nil || !ok || in.SetReadDeadline(time.Unix(1, 0)) != nil {
		return
	}
	got := <-s.reading
	s.reading = nil
	if !errors.Is(got.err, os.ErrDeadlineExceeded) {
		s.reading = make(chan readLine, 1)
		s.reading <- got
	}
	_ = in.SetReadDeadline(time.Time{}) // a deadline could be set before
}

// close closes the reader and waits until its goroutine has ended. A file is left open: closing one such
// as standard input does not end a Read of it, which then ends with the process.
func (s *lineSource) close() error {
	s.pause()
	in, ok := s.in.(io.Closer)
	if _, file := s.in.(*os.File); file || !ok {
		return nil
	}
	err := in.Close()
	if s.reading != nil {
		<-s.reading
		s.reading = nil
	}
	return err
}
