// Package export writes rows of the log as files that people open elsewhere: CSV and XLSX for spreadsheets, and
// JSON lines for programs. It writes row by row and keeps none. What a spreadsheet would take for a formula is
// text in every format.
package export

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"time"
)

// A Format is a kind of file.
type Format string

// Formats.
const (
	CSV   Format = "csv"   // RFC 4180 in UTF-8 with a byte order mark
	JSONL Format = "jsonl" // a line of JSON for each row
	XLSX  Format = "xlsx"
)

// MediaType gives the media type of a format, "" when it is not known.
func (f Format) MediaType() string {
	return map[Format]string{
		CSV: "text/csv; charset=utf-8", JSONL: "application/jsonl",
		XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	}[f]
}

// FileName gives the name of a file of a day, of letters that are safe everywhere. An unknown format has no ending.
func FileName(f Format, day time.Time) string {
	name := "policybot-log-" + day.Format("2006-01-02")
	if f.MediaType() != "" {
		name += "." + string(f)
	}
	return name
}

// byteOrderMark lets spreadsheets read UTF-8.
const byteOrderMark = "\ufeff"

// A sink takes rows of cells: texts as string, numbers as int or float64.
type sink interface {
	row(cells []any) error
	close() error // ends the file
}

// Write writes rows to w, with columns for tables; lines of JSON have all that a row has. Cells are cleaned as
// [Clean] says. It stops at the first error of rows or of w, and what is written by then is no whole file. An
// XLSX file is put together in temporary files of the system's folder, which are gone when Write returns, and then
// written to w.
func Write(w io.Writer, f Format, columns []Column, rows iter.Seq2[Row, error]) error {
	return WriteIn("", w, f, columns, rows)
}

// WriteIn is Write with the temporary files in a folder, which is made for this user alone where it is not there; "" for
// the system's. What a process that was killed has left in it is for its owner to remove.
func WriteIn(folder string, w io.Writer, f Format, columns []Column, rows iter.Seq2[Row, error]) error {
	b := bufio.NewWriterSize(w, 1<<16)
	var err error
	switch f {
	case JSONL:
		err = writeLines(b, rows)
	case CSV:
		err = writeTable(newCSV(b), columns, rows)
	case XLSX:
		if folder != "" {
			err = os.MkdirAll(folder, 0o700)
		}
		if err == nil {
			err = newXLSX(folder).write(b, columns, ahead(rows)) // packing takes longer than reading
		}
	default:
		return fmt.Errorf("export: no format %q", f)
	}
	if err == nil {
		err = b.Flush()
	}
	if err != nil {
		return fmt.Errorf("export %s: %w", f, err)
	}
	return nil
}

// writeLines writes rows as JSON.
func writeLines(w io.Writer, rows iter.Seq2[Row, error]) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for row, err := range rows {
		if err != nil {
			return err
		}
		if err := e.Encode(row); err != nil {
			return err
		}
	}
	return nil
}

// writeTable writes a heading and rows, and ends the table.
func writeTable(s sink, columns []Column, rows iter.Seq2[Row, error]) error {
	cells := make([]any, len(columns))
	for i, c := range columns {
		cells[i] = c.Heading
	}
	if err := s.row(cells); err != nil {
		return err
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		for i, c := range columns {
			cells[i] = c.cell(row)
		}
		if err := s.row(cells); err != nil {
			return err
		}
	}
	return s.close()
}

// A csvSink writes CSV.
type csvSink struct {
	csv   *csv.Writer
	cells []string
}

func newCSV(w io.Writer) *csvSink {
	_, _ = io.WriteString(w, byteOrderMark) // the writer below reports errors
	c := csv.NewWriter(w)
	c.UseCRLF = true
	return &csvSink{csv: c}
}

func (s *csvSink) row(cells []any) error {
	s.cells = s.cells[:0]
	for _, cell := range cells {
		if text, ok := cell.(string); ok {
			s.cells = append(s.cells, Guard(text))
		} else {
			s.cells = append(s.cells, fmt.Sprint(cell))
		}
	}
	return s.csv.Write(s.cells)
}

func (s *csvSink) close() error {
	s.csv.Flush()
	return s.csv.Error()
}
