package bridge

import (
	"fmt"
	"os"
	"testing"
)

func TestTry(t *testing.T) {
	b := Default()
	fmt.Println(len(b.entries), len(b.forms))
	for _, q := range []string{os.Getenv("Q")} {
		cs, _ := b.Read(q)
		for _, c := range cs {
			fmt.Println(c.Text, c.Forms)
		}
	}
}
