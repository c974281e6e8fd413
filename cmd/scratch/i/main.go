package main

import (
	"fmt"
	"os"

	"policybot/bot/intent"
	"policybot/bot/quantity"
)

func main() {
	for _, q := range os.Args[1:] {
		fmt.Printf("%+v\n", intent.Read(q))
		r, rem := intent.Strip(q)
		fmt.Println(r, rem)
		for _, x := range quantity.Find(q) {
			fmt.Printf("  %s %+v\n", q[x.Start:x.End], x)
		}
	}
}
