package sqlite_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain walks fewer ways than package memory does, which shares the suite: each step is on the disk
// here. The flag -rapid.checks asks for more.
func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		if err := f.Value.Set("20"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
