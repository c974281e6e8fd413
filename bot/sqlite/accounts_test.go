package sqlite_test

import (
	"testing"

	"policybot/bot/accounts"
	"policybot/bot/accounts/accountstest"
)

func TestAccounts(t *testing.T) {
	accountstest.Test(t, func(t testing.TB) accounts.Store {
		db, _ := fresh(t)
		return db
	})
}
