//go:build linux

package main

// A canary is a made-up secret that must not be seen in anything the program prints or sends.
type canary struct{ name, value string }

// Values of canaries. None is a secret of anybody.
const (
	canaryToken  = "canary-token-7f3a91c2e8d44b06"
	canaryChat   = "canary-chat-secret-5b1e0c7d92fa"
	canaryKey    = "sk-canary-2d9c4e7a1b8f"
	canaryMobile = "13912345678" // typed in questions
)

var canaries = []canary{
	{"the token of the API", canaryToken},
	{"the signing secret of the chat", canaryChat},
	{"the key of the model", canaryKey},
	{"a mobile number from a question", canaryMobile},
}
