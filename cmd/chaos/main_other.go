//go:build !linux

package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Fprintln(os.Stderr, "chaos: faults are put into a Linux system; run this in a Linux machine or container")
	os.Exit(1)
}
