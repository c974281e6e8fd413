package memory_test

import (
	"testing"

	"policybot/bot/journal"
	"policybot/bot/journal/journaltest"
	"policybot/bot/journal/memory"
)

func TestJournal(t *testing.T) {
	journaltest.Test(t, func(*testing.T) (journal.Journal, func() journal.Journal) {
		return memory.New(), nil // nothing outlives the process
	})
}
