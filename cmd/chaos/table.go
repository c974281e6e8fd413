//go:build linux

package main

// faultRows are all faults, by their numbers in the fault list.
var faultRows = []row{
	{name: "F1", what: "slow answerer: the event is acknowledged in 0.5 s, 1 reply", run: slowAnswer},
	{name: "F2", what: "the same event 4 times: 1 question, 1 reply", run: sameEvent},
	{name: "F3", what: "event again while its question is being answered", run: retryWhileRunning},
	{name: "F4", what: "event again after a kill", waits: true, run: retryAfterRestart},
	{name: "F5", what: "event again 6 days later", run: lateRetry},
	{name: "F6", what: "two events for one post", run: twoEvents},
	{name: "F7", what: "question edited, question deleted, both under way", run: changedMind},
	{name: "F8", what: "messages of the bot itself and of other bots", run: bots},
	{name: "F9", what: "events of threads in another order", waits: true, run: shuffled},
	{name: "F15", what: "acknowledgements are lost", waits: true, run: lostAcks},
	{name: "F21", what: "the platform asks to wait, fails, or does not say that it has shown the message (F22)", waits: true, run: sendFails},
	{name: "F23", what: "killed between the message shown and that stored", waits: true, run: killedBeforePosted},
	{name: "F26", what: "many questions in one place in 1 s: 1 post a second", waits: true, run: onePlace},
	{name: "F51", what: "kill -9 at random under load: nothing lost, nothing doubled", run: kills},
	{name: "F53", what: "fsync fails: no acknowledgement, health says so, recovers", waits: true, run: syncFails},
	{name: "F54", what: "disk full: questions turned away, reads work, recovers", waits: true, run: diskFull},
	{name: "F55", what: "data folders that cannot be used: exit code 1, one line", run: badFolders},
	{name: "F56", what: "second serve on one folder names the first", run: twoInstances},
	{name: "F58", what: "first start killed again and again", run: firstStart},
	{name: "F59", what: "backup under load, restore, the same answers", waits: true, run: backup},
	{name: "F60", what: "SIGTERM under load, and a second one", waits: true, run: terminated},
	{name: "F61", what: "SIGSTOP, then SIGCONT", waits: true, run: frozen},
	{name: "F62", what: "wall clock jumps: hour, leap day, summer time", waits: true, run: clocks},
	{name: "F63", what: "few descriptors, little memory, one processor", run: scarce},
	{name: "F64", what: "panic in the answerer: one notice, the process lives", run: panics},
	longTime,
	{name: "F66", what: "naughty texts", run: naughtyTexts},
	{name: "F67", what: "hidden characters and digits in disguise", run: smuggled},
	{name: "F70", what: "one user asks the same again and again: one notice", waits: true, run: oneUserManyTimes},
}

// loadRows are figures under load.
var loadRows = []row{
	{name: "ack", what: "acknowledgement at 50 events/s while nothing is answered", run: ackLoad},
	{name: "answer", what: "embedded answers at 8.3/s", run: answerLoad},
	{name: "noisy", what: "others' latency beside one user at 50/s", run: noisyUser},
}

// longTime lasts as long as -soak says, and 20 s without it, 2 minutes with -long.
var longTime = row{name: "F65", what: "a long time under an even load: memory, goroutines and descriptors stay", waits: true, run: soak}

// soakRows are those of -soak.
var soakRows = []row{longTime}
