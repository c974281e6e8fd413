package bot

import (
	_ "embed"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"policybot/bot/understand"
	"policybot/retrieval/analysis"
)

//go:embed commands.txt
var commandsFile string

// commands are what a whole message may be to be a command.
var commands = readCommands(commandsFile)

// readCommands reads lines of the form name: word, word, …
func readCommands(file string) map[string][]string {
	out := map[string][]string{}
	for _, line := range dataLines(file) {
		name, words, _ := strings.Cut(line, ":")
		for w := range strings.SplitSeq(words, ",") {
			out[name] = append(out[name], analysis.Normalize(strings.TrimSpace(w)))
		}
	}
	return out
}

func isStop(text string) bool   { return isCommand("stop", text) }
func isHelp(text string) bool   { return isCommand("help", text) }
func isForget(text string) bool { return isCommand("forget", text) }

// isHandOver reports whether a message asks for a person, alone or with words for that person behind a mark, or in Chinese
// behind a blank.
func isHandOver(text string) bool {
	if isCommand("person", text) {
		return true
	}
	folded := strings.TrimSpace(analysis.Normalize(understand.Clean(text)))
	return slices.ContainsFunc(commands["person_with"], func(form string) bool {
		rest, is := strings.CutPrefix(folded, form)
		mark, _ := utf8.DecodeRuneInString(strings.TrimSpace(rest))
		return is && (strings.ContainsRune(",:;.!，：；。！、", mark) || form[0] >= utf8.RuneSelf && strings.HasPrefix(rest, " ")) // Chinese has no blanks between words
	})
}

// maxCommand is how many bytes a message has at most that is a command.
const maxCommand = 100

// isCommand reports whether the whole of a message, marks at its ends left out, is a command.
func isCommand(name, text string) bool {
	return len(text) <= maxCommand && slices.Contains(commands[name], commandOf(text))
}

// commandOf is a message as commands are compared: in normal form, without marks at its ends.
func commandOf(text string) string {
	folded := analysis.Normalize(understand.Clean(text))
	return strings.TrimFunc(folded, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) && r != '/' })
}

// dataLines are the lines of a data file that are neither blank nor comments.
func dataLines(file string) []string {
	var out []string
	for line := range strings.Lines(file) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			out = append(out, line)
		}
	}
	return out
}
