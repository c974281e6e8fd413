package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"policybot/bot"
	"policybot/bot/accounts"
	"policybot/bot/channel"
	"policybot/bot/console"
	"policybot/bot/erasure"
	"policybot/bot/httpapi"
	journaldb "policybot/bot/sqlite"
)

// person is who the command names, with their account in the console if they have one. Without the key a code of the
// log still names somebody, but not their account; that is said where there are accounts.
func (c *privacyEraseCmd) person(ctx context.Context, a *app, db *journaldb.DB) (erasure.Person, error) {
	who := erasure.Person{User: c.User}
	book, err := accounts.New(accounts.Options{Store: db})
	if err != nil {
		return who, err
	}
	list, err := book.Accounts(ctx)
	if err != nil {
		return who, err
	}
	key, err := a.readKey()
	switch {
	case err != nil && c.User != "":
		if len(list) > 0 {
			fmt.Fprintln(a.out, a.msg("erase_no_key"))
		}
		return who, nil
	case errors.Is(err, os.ErrNotExist):
		return who, &messageError{"key_missing", []any{filepath.Join(a.data, keyName)}}
	case err != nil:
		return who, err
	}
	account := func(id string) string { return bot.UserHash(key, httpapi.Name, console.AccountActor(id)) }
	switch {
	case c.User != "":
	case c.Platform == console.AccountPlatform:
		one, err := book.Account(ctx, c.ID)
		if err != nil {
			return who, accountError(c.ID, err)
		}
		who.User = account(one.ID)
	default:
		who.User = bot.UserHash(key, c.Platform, channel.Actor{Tenant: c.Tenant, ID: c.ID})
	}
	for _, one := range list {
		if account(one.ID) == who.User {
			who.Account = one.Name
		}
	}
	return who, nil
}
