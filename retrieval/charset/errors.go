package charset

import "bytes"

// Code says why Decode refused a file. Its values are short, stable and made
// for programs: a caller picks the sentence for its reader by them.
type Code string

// The reasons for which Decode refuses a file.
const (
	// Empty: nothing to read, see Decode.
	Empty Code = "empty"
	// Binary: not a text file. Error.Looks names the format, or is "" when
	// NUL or many control characters gave the file away.
	Binary Code = "binary"
	// Unknown: perhaps a text file, but not one that can be read in full.
	// Error.Looks names the encoding the file seems to be in, or is "".
	Unknown Code = "unknown"
)

// Error is the type of every error that Decode returns.
type Error struct {
	// Code is the reason.
	Code Code
	// Looks is what the file looks like. It is "" with Empty and may be ""
	// with the others. With Binary it is one of PDF, ZIP, OLE, RTF, PNG, JPEG,
	// GIF, TIFF, GZIP, 7Z, RAR and ELF. With Unknown it is one of UTF8,
	// UTF16LE, UTF16BE and GB18030, for a file in that encoding with damaged
	// or missing bytes, or UTF32 or Big5, which Decode does not read.
	Looks string
}

// Error returns an English sentence, without full stop, for the person whose
// file it is. Where saving the file again would help, it says so.
func (e *Error) Error() string {
	switch {
	case e.Code == Empty:
		return "the file is empty"
	case e.Code == Binary && e.Looks == "":
		return "the file is not a text file: it holds bytes that text does not"
	case e.Code == Binary:
		return "the file looks like " + describeFormat(e.Looks) + ", not a text file"
	case e.Looks == UTF32 || e.Looks == Big5:
		return "the file looks like " + e.Looks + " text, which is not supported: save it as UTF-8"
	case e.Looks != "":
		return "the file looks like " + e.Looks + " text with damaged or missing bytes: " +
			"get a complete copy and save it as UTF-8"
	}
	return "the encoding of the file is not clear: save it as UTF-8"
}

// formats lists the first bytes of the formats that end up under a .txt or .md
// name, from the specification of each (the Unix file command knows the same).
// All are 3 bytes or longer and none begins a text by chance.
var formats = []struct{ name, magic, phrase string }{
	{"PDF", "%PDF-", "a PDF file"},
	{"ZIP", "PK\x03\x04", "a ZIP file (Word, Excel, PowerPoint and OFD documents are ZIP files)"},
	{"ZIP", "PK\x05\x06", ""}, // an empty archive
	{"ZIP", "PK\x07\x08", ""}, // a split archive
	{"OLE", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Word, Excel, PowerPoint or WPS file"},
	{"RTF", `{\rtf`, "an RTF file"},
	{"PNG", "\x89PNG\r\n\x1a\n", "a PNG image"},
	{"JPEG", "\xff\xd8\xff", "a JPEG image"},
	{"GIF", "GIF87a", "a GIF image"},
	{"GIF", "GIF89a", ""},
	{"TIFF", "II*\x00", "a TIFF image"},
	{"TIFF", "MM\x00*", ""},
	{"GZIP", "\x1f\x8b\x08", "a GZIP file"},
	{"7Z", "7z\xbc\xaf\x27\x1c", "a 7Z archive"},
	{"RAR", "Rar!\x1a\x07", "a RAR archive"},
	{"ELF", "\x7fELF", "an ELF program"},
}

// formatOf returns the name of the format whose first bytes data begins with,
// or "".
func formatOf(data []byte) string {
	for _, f := range formats {
		if bytes.HasPrefix(data, []byte(f.magic)) {
			return f.name
		}
	}
	return ""
}

// describeFormat returns the name of a format with its article, and name
// itself for one that is not in formats.
func describeFormat(name string) string {
	for _, f := range formats {
		if f.name == name {
			return f.phrase
		}
	}
	return name
}
