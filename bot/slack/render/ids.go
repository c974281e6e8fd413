package render

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strconv"
	"strings"
)

// mark begins the id of each block of ours.
const mark = "pb-"

// Mark is what stands for the key of a delivery in ids of blocks: 26 of [a-z2-7].
func Mark(key string) string {
	sum := sha256.Sum256([]byte(key))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}

// BlockID is the id of the block that shows the label of a message: it tells of which delivery and which
// part of it the message is. Other blocks of the message have it with a hyphen and a number behind. It has
// at most 60 characters.
func BlockID(key string, part, parts int) string {
	return fmt.Sprintf("%s%s-%d-%d", mark, Mark(key), part, parts)
}

// ParseBlockID reads the id of any block of a message: the [Mark] of its key, its part and how many there
// are. ok is false for ids that are not ours.
func ParseBlockID(id string) (of string, part, parts int, ok bool) {
	rest, ours := strings.CutPrefix(id, mark)
	fields := strings.Split(rest, "-")
	if !ours || len(fields) < 3 || len(fields) > 4 || len(fields[0]) != 26 {
		return "", 0, 0, false
	}
	var numbers []int
	for _, f := range fields[1:] {
		n, err := strconv.Atoi(f)
		if err != nil || n < 1 || strconv.Itoa(n) != f {
			return "", 0, 0, false
		}
		numbers = append(numbers, n)
	}
	if numbers[0] > numbers[1] {
		return "", 0, 0, false
	}
	return fields[0], numbers[0], numbers[1], true
}
