// Command chaos runs the real program under faults and judges what people saw. It builds cmd/policybot
// with the tag faultkit, starts it again and again, breaks something in each row of its table, and
// prints the table. The exit code is 1 when a row fails or cannot be run; no row is ever skipped.
//
//	go run ./cmd/chaos -short            every fault, small, in a minute and a half
//	go run ./cmd/chaos -long             every fault; 200 kills under 20,000 questions
//	go run ./cmd/chaos -load             figures under load
//	go run ./cmd/chaos -soak 30m         how memory and goroutines grow, for long
//
// It needs Linux, root (for mounts and other users' processes), and the commands named in tools.
package main
