package export

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/xuri/excelize/v2"
)

// mostRows is how many rows a sheet has at most.
const mostRows = excelize.TotalRows

// An xlsxSink writes XLSX: texts as inline strings, never as formulas. When a sheet is full the next one goes on,
// with the heading again.
type xlsxSink struct {
	file    *excelize.File
	sheet   *excelize.StreamWriter
	sheets  int
	heading []any
	most    int // rows of a sheet
	n       int // of this sheet
}

func newXLSX() *xlsxSink { return &xlsxSink{file: excelize.NewFile(), most: mostRows} }

// write writes a workbook.
func (s *xlsxSink) write(w io.Writer, columns []Column, rows iter.Seq2[Row, error]) (err error) {
	defer func() { err = errors.Join(err, s.file.Close()) }() // removes the temporary files
	if err := writeTable(s, columns, rows); err != nil {
		return err
	}
	_, err = s.file.WriteTo(w)
	return err
}

func (s *xlsxSink) row(cells []any) error {
	values := make([]any, len(cells))
	for i, cell := range cells {
		if text, ok := cell.(string); ok {
			cell = Fit(text)
		}
		values[i] = cell
	}
	if s.heading == nil {
		s.heading = values
		return s.next()
	}
	if s.n == s.most {
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
	s.n = 0
	return s.put(s.heading)
}

func (s *xlsxSink) close() error {
	if s.sheet == nil {
		return nil
	}
	return s.sheet.Flush()
}
