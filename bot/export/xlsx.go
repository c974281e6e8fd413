package export

import (
	"archive/zip"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/xuri/excelize/v2"
)

// Bounds of a sheet. Less than 4 GB of XML come of so much text, however much of it has to be escaped: more than
// that needs another form of ZIP, which not every program reads.
const (
	mostRows  = excelize.TotalRows
	mostBytes = 512 << 20 // of text
)

// An xlsxSink writes XLSX: texts as inline strings, never as formulas. When a sheet is full the next one goes on,
// with the heading again.
type xlsxSink struct {
	file    *excelize.File
	sheet   *excelize.StreamWriter
	sheets  int
	heading []any
	most    int // rows of a sheet
	n       int // of this sheet
	bytes   int // of this sheet
}

func newXLSX(folder string) *xlsxSink {
	return &xlsxSink{file: excelize.NewFile(excelize.Options{TmpDir: folder}), most: mostRows}
}

// zipTo packs straight into w, so that the file is never in memory, and fast rather than tight.
func zipTo(w io.Writer) *zip.Writer {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	return z
}

// write writes a workbook.
func (s *xlsxSink) write(w io.Writer, columns []Column, rows iter.Seq2[Row, error]) (err error) {
	defer func() { err = errors.Join(err, s.file.Close()) }() // removes the temporary files
	if err := writeTable(s, columns, rows); err != nil {
		return err
	}
	s.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zipTo(w) })
	_, err = s.file.WriteTo(io.Discard) // what it would write there is in w
	return err
}

func (s *xlsxSink) row(cells []any) error {
	values := make([]any, len(cells))
	for i, cell := range cells {
		if text, ok := cell.(string); ok {
			text = Fit(text)
			s.bytes += len(text)
			cell = text
		}
		values[i] = cell
	}
	if s.heading == nil {
		s.heading = values
		return s.next()
	}
	if s.n == s.most || s.bytes > mostBytes {
		if err := s.next(); err != nil {
			return err
		}
	}
	return s.put(values)
}

// put writes one row of the sheet.
func (s *xlsxSink) put(values []any) error {
	s.n++
	return s.sheet.SetRow(fmt.Sprintf("A%d", s.n), values)
}

// next begins a sheet.
func (s *xlsxSink) next() error {
	if err := s.close(); err != nil {
		return err
	}
	s.sheets++
	name := fmt.Sprintf("Sheet%d", s.sheets) // a new file has Sheet1
	if s.sheets > 1 {
		if _, err := s.file.NewSheet(name); err != nil {
			return err
		}
	}
	var err error
	if s.sheet, err = s.file.NewStreamWriter(name); err != nil {
		return err
	}
	s.n, s.bytes = 0, 0
	return s.put(s.heading)
}

func (s *xlsxSink) close() error {
	if s.sheet == nil {
		return nil
	}
	return s.sheet.Flush()
}
