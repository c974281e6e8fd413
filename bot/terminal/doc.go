// Package terminal is what people see when they run the program by hand:
// answers, lists and progress, for readers of Chinese and of English alike; and
// a channel of the service through which they talk with it, see [Chat].
//
// # Cells
//
// A terminal is a grid of cells. Everything here counts cells, not bytes or
// characters: a Han character fills two, a Latin letter one, a combining mark
// none; see [Width]. [Wrap] breaks lines where Chinese and English may be
// broken, [Truncate] and [Pad] fit a text into a column.
//
// # Safety
//
// A terminal obeys control characters, and the text of a document or of a
// question can hold any. Whatever reaches a terminal through [Screen],
// [Progress] or [Chat] has gone through [Clean] before; the only control characters sent
// are the line feed, the carriage return of [Progress] and the colours of
// [Screen].
//
// # Colour
//
// Colour only repeats what the words say. With its colours taken away, the
// output is byte for byte the output without colour.
package terminal
