package main

import (
	"encoding/json"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// An instruction is one of a Dockerfile: its word in upper case, its flags, and the rest of its line.
type instruction struct {
	word, rest string
	flags      []string
}

// A stage is a FROM and what follows it.
type stage struct {
	image, name  string
	instructions []instruction
}

func TestDockerfile(t *testing.T) {
	text, err := fs.ReadFile(moduleTree(t), "Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	stages := parseDockerfile(string(text))
	if len(stages) < 2 {
		t.Fatalf("%d stages, want a builder and the image", len(stages))
	}
	t.Run("builder", func(t *testing.T) { checkBuilder(t, stages[0]) })
	t.Run("image", func(t *testing.T) { checkImage(t, stages[0].name, stages[len(stages)-1]) })
}

// checkBuilder wants a pinned Go, and a static and reproducible build that downloads only once.
func checkBuilder(t *testing.T, s stage) {
	if !regexp.MustCompile(`^golang:1\.\d+\.\d+-[a-z]+$`).MatchString(s.image) {
		t.Errorf("builder %q is not pinned to one release", s.image)
	}
	build := ""
	var flags []string
	for _, in := range s.instructions {
		if in.word == "RUN" && strings.Contains(in.rest, "go build") {
			build, flags = in.rest, in.flags
		}
	}
	for _, want := range []string{"CGO_ENABLED=0", "-trimpath", `-ldflags "-s -w"`, "-o /out/policybot", "./cmd/policybot"} {
		if !strings.Contains(build, want) {
			t.Errorf("no %s in %q", want, build)
		}
	}
	caches := 0
	for _, flag := range flags {
		if strings.HasPrefix(flag, "--mount=type=cache,") {
			caches++
		}
	}
	if caches != 2 {
		t.Errorf("%d cache mounts, want one for modules and one for builds", caches)
	}
}

// checkImage wants the program, certificates and time zones on nothing, run by nobody in particular.
func checkImage(t *testing.T, builder string, s stage) {
	if s.image != "scratch" {
		t.Errorf("the image is built on %q", s.image)
	}
	copies := map[string][]string{} // target → flags
	for _, in := range s.instructions {
		switch in.word {
		case "COPY":
			fields := strings.Fields(in.rest)
			copies[fields[len(fields)-1]] = in.flags
			if !slices.Contains(in.flags, "--from="+builder) {
				t.Errorf("COPY %s is not from the builder", in.rest)
			}
		case "RUN", "ADD", "SHELL":
			t.Errorf("%s %s in the final stage", in.word, in.rest)
		}
	}
	for _, target := range []string{"/etc/ssl/certs/ca-certificates.crt", "/usr/share/zoneinfo", "/policybot", "/data"} {
		if _, ok := copies[target]; !ok {
			t.Errorf("%s is not copied", target)
		}
	}
	if len(copies) != 4 {
		t.Errorf("%d things are copied, want 4", len(copies))
	}
	user := s.last("USER")
	if !regexp.MustCompile(`^[1-9]\d*:[1-9]\d*$`).MatchString(user) {
		t.Errorf("USER %q is not a number other than root: there is no /etc/passwd to look a name up", user)
	}
	if !slices.Contains(copies["/data"], "--chown="+user) {
		t.Errorf("/data does not belong to %s", user)
	}
	if got := s.list(t, "VOLUME"); !slices.Equal(got, []string{"/data"}) {
		t.Errorf("VOLUME %q", got)
	}
	if got := s.list(t, "ENTRYPOINT"); !slices.Equal(got, []string{"/policybot"}) {
		t.Errorf("ENTRYPOINT %q", got)
	}
	if got := strings.Fields(s.last("ENV")); !slices.Contains(got, "POLICYBOT_DATA=/data") {
		t.Errorf("ENV %q", got)
	}
	if got := s.last("EXPOSE"); got != "8080" {
		t.Errorf("EXPOSE %q", got)
	}
}

func TestParseDockerfile(t *testing.T) {
	stages := parseDockerfile("# comment\nARG X=1\nFROM a:1 AS build\nrun --mount=type=cache,target=/c \\\n  # why\n  go build \\\n  -o x\n\nFROM scratch\nUSER 1:1\nUSER 2:2\nENTRYPOINT [\"/x\", \"y\"]\n")
	if len(stages) != 2 || stages[0].image != "a:1" || stages[0].name != "build" || stages[1].image != "scratch" || stages[1].name != "" {
		t.Fatalf("stages %+v", stages)
	}
	run := stages[0].instructions[0]
	if run.word != "RUN" || run.rest != "go build -o x" || !slices.Equal(run.flags, []string{"--mount=type=cache,target=/c"}) {
		t.Errorf("run %+v", run)
	}
	if got := stages[1].last("USER"); got != "2:2" {
		t.Errorf("USER %q", got)
	}
	if got := stages[1].list(t, "ENTRYPOINT"); !slices.Equal(got, []string{"/x", "y"}) {
		t.Errorf("ENTRYPOINT %q", got)
	}
}

// parseDockerfile reads what this repository uses of the format: comments, lines that go on after a
// backslash, flags, stages. What stands before the first FROM is left out.
func parseDockerfile(text string) []stage {
	var stages []stage
	line := ""
	for part := range strings.Lines(text) {
		part = strings.TrimSpace(part)
		if strings.HasPrefix(part, "#") {
			continue
		}
		before, more := strings.CutSuffix(part, "\\")
		line += " " + before
		if more {
			continue
		}
		fields := strings.Fields(line)
		line = ""
		if len(fields) == 0 {
			continue
		}
		in := instruction{word: strings.ToUpper(fields[0])}
		fields = fields[1:]
		for len(fields) > 0 && strings.HasPrefix(fields[0], "--") {
			in.flags = append(in.flags, fields[0])
			fields = fields[1:]
		}
		in.rest = strings.Join(fields, " ")
		switch {
		case in.word == "FROM" && len(fields) > 0:
			s := stage{image: fields[0]}
			if len(fields) == 3 && strings.EqualFold(fields[1], "AS") {
				s.name = fields[2]
			}
			stages = append(stages, s)
		case len(stages) > 0:
			s := &stages[len(stages)-1]
			s.instructions = append(s.instructions, in)
		}
	}
	return stages
}

// last is what the last instruction of a kind says, the one that counts.
func (s stage) last(word string) string {
	rest := ""
	for _, in := range s.instructions {
		if in.word == word {
			rest = in.rest
		}
	}
	return rest
}

// list is the last instruction of a kind in its JSON form, the one that needs no shell.
func (s stage) list(t *testing.T, word string) []string {
	t.Helper()
	var words []string
	if err := json.Unmarshal([]byte(s.last(word)), &words); err != nil {
		t.Errorf("%s %s: %v", word, s.last(word), err)
	}
	return words
}
