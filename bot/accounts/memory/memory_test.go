package memory_test

import (
	"testing"

	"policybot/bot/accounts"
	"policybot/bot/accounts/accountstest"
	"policybot/bot/accounts/memory"
)

func TestStore(t *testing.T) {
	accountstest.Test(t, func(testing.TB) accounts.Store { return memory.New() })
}
