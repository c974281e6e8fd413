package main

import (
	"fmt"
	"os"

	"policybot/bot/intent"
)

func main() {
	for _, q := range os.Args[1:] {
		fmt.Printf("%+v\n", intent.Read(q))
	}
}
