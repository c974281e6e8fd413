package main

import (
	"context"
	"errors"
	"fmt"

	"policybot/bot/accounts"
	journaldb "policybot/bot/sqlite"
	"policybot/bot/terminal"
)

type usersCmd struct {
	List    usersListCmd    `cmd:"" help:"列出账号 · list accounts"`
	Add     usersAddCmd     `cmd:"" help:"新建账号，给出设置密码用的一次性代码 · make an account; prints the one-time code for its password"`
	Role    usersRoleCmd    `cmd:"" help:"改变角色 · change the role"`
	Disable usersDisableCmd `cmd:"" help:"停用账号 · disable an account"`
	Enable  usersEnableCmd  `cmd:"" help:"重新启用账号 · enable an account again"`
	Reset   usersResetCmd   `cmd:"" help:"给出重设密码用的一次性代码 · print a one-time code for a new password"`
}

// withBook opens the accounts to be read.
func (a *app) withBook(ctx context.Context, do func(*accounts.Book) error) error {
	return a.withJournal(ctx, func(db *journaldb.DB) error { return a.doBook(db, do) })
}

// changeBook opens the accounts to be changed, and makes the file when there is none.
func (a *app) changeBook(ctx context.Context, do func(*accounts.Book) error) error {
	return a.makeJournal(ctx, func(db *journaldb.DB) error { return a.doBook(db, do) })
}

func (a *app) doBook(db *journaldb.DB, do func(*accounts.Book) error) error {
	book, err := accounts.New(accounts.Options{Store: db})
	if err != nil {
		return err
	}
	return do(book)
}

// actor is whoever runs the command, at the machine.
func (a *app) actor() accounts.Actor { return accounts.Actor{Name: a.who()} }

// accountError says what is wrong about an account.
func accountError(name string, err error) error {
	switch {
	case errors.Is(err, accounts.ErrNotFound):
		return &messageError{"no_user", []any{name}}
	case errors.Is(err, accounts.ErrTaken):
		return &messageError{"user_taken", []any{name}}
	case errors.Is(err, accounts.ErrName):
		return &messageError{"user_name", []any{name}}
	case errors.Is(err, accounts.ErrLastAdmin):
		return &messageError{"user_last", []any{name}}
	case errors.Is(err, accounts.ErrDenied):
		return &messageError{"user_disabled", []any{name}}
	}
	return err
}

type usersListCmd struct {
	JSON bool `name:"json" help:"输出 JSON · print JSON"`
}

// Run lists the accounts in order of their names.
func (c *usersListCmd) Run(ctx context.Context, a *app) error {
	return a.withBook(ctx, func(book *accounts.Book) error {
		list, err := book.Accounts(ctx)
		if err != nil {
			return err
		}
		if c.JSON {
			if list == nil {
				list = []accounts.Account{}
			}
			return a.printJSON(map[string]any{"users": list})
		}
		if len(list) == 0 {
			fmt.Fprintln(a.out, a.msg("u_none"))
			return nil
		}
		t := terminal.Table{Columns: []terminal.Column{
			{Head: a.msg("u_name"), Keep: true}, {Head: a.msg("u_role"), Keep: true}, {Head: a.msg("l_state")}, {Head: a.msg("u_display")}, {Head: a.msg("u_since")},
		}}
		for _, u := range list {
			state := a.msg("u_enabled")
			if u.Disabled {
				state = a.msg("u_disabled")
			}
			t.Rows = append(t.Rows, terminal.Row{Cells: []string{
				u.Name, a.roleName(u.Role), state, u.Display, u.CreatedAt.Local().Format("2006-01-02"),
			}})
		}
		s := a.screen()
		s.Table(t)
		return s.Err()
	})
}

// roleName is a role as it is typed and, in Chinese, what it means.
func (a *app) roleName(r accounts.Role) string {
	switch r {
	case accounts.Viewer:
		return a.msg("role_viewer")
	case accounts.Staff:
		return a.msg("role_staff")
	case accounts.Ops:
		return a.msg("role_ops")
	case accounts.Admin:
		return a.msg("role_admin")
	}
	return string(r)
}

type usersAddCmd struct {
	Name    string `arg:"" help:"登录名 · login name"`
	Role    string `required:"" enum:"viewer,staff,ops,admin" help:"角色：viewer 查询、staff 处理、ops 运维、admin 管理 · role" placeholder:"viewer|staff|ops|admin"`
	Display string `help:"显示的姓名 · the person's name" placeholder:"NAME"`
	Prefers string `enum:"zh,en," default:"" help:"界面语言 · language of the pages" placeholder:"zh|en"`
	SignOn  bool   `help:"不设密码，由单位的统一登录进入；登录名应是邮箱 · no password: signs in by the provider; the name is an e-mail address"`
}

func (c *usersAddCmd) writes() bool { return true }

// Run makes an account.
func (c *usersAddCmd) Run(ctx context.Context, a *app) error {
	return a.changeBook(ctx, func(book *accounts.Book) error {
		u, code, err := book.Create(ctx, a.actor(), accounts.NewAccount{
			Name: c.Name, Display: c.Display, Role: accounts.Role(c.Role), Lang: c.Prefers, SignOn: c.SignOn,
		})
		if err != nil {
			return accountError(c.Name, err)
		}
		fmt.Fprintln(a.out, a.msg("u_added", u.Name, a.roleName(u.Role)))
		if code != "" {
			fmt.Fprintln(a.out, a.msg("u_code", code))
		}
		return nil
	})
}

type usersRoleCmd struct {
	Name string `arg:"" help:"登录名 · login name"`
	Role string `arg:"" enum:"viewer,staff,ops,admin" help:"角色：viewer、staff、ops 或 admin · viewer, staff, ops or admin"`
}

func (c *usersRoleCmd) writes() bool { return true }

// Run changes a role.
func (c *usersRoleCmd) Run(ctx context.Context, a *app) error {
	return a.changeBook(ctx, func(book *accounts.Book) error {
		u, err := book.SetRole(ctx, a.actor(), c.Name, accounts.Role(c.Role))
		if err != nil {
			return accountError(c.Name, err)
		}
		fmt.Fprintln(a.out, a.msg("u_is", u.Name, a.roleName(u.Role)))
		return nil
	})
}

type usersDisableCmd struct {
	Name string `arg:"" help:"登录名 · login name"`
}

func (c *usersDisableCmd) writes() bool { return true }

// Run disables an account.
func (c *usersDisableCmd) Run(ctx context.Context, a *app) error {
	return a.setDisabled(ctx, c.Name, true)
}

type usersEnableCmd struct {
	Name string `arg:"" help:"登录名 · login name"`
}

func (c *usersEnableCmd) writes() bool { return true }

// Run enables an account.
func (c *usersEnableCmd) Run(ctx context.Context, a *app) error {
	return a.setDisabled(ctx, c.Name, false)
}

func (a *app) setDisabled(ctx context.Context, name string, disabled bool) error {
	return a.changeBook(ctx, func(book *accounts.Book) error {
		u, err := book.SetDisabled(ctx, a.actor(), name, disabled)
		if err != nil {
			return accountError(name, err)
		}
		said := a.msg("u_on", u.Name)
		if disabled {
			said = a.msg("u_off", u.Name)
		}
		fmt.Fprintln(a.out, said)
		return nil
	})
}

type usersResetCmd struct {
	Name string `arg:"" help:"登录名 · login name"`
}

func (c *usersResetCmd) writes() bool { return true }

// Run prints a code with which the owner sets a new password.
func (c *usersResetCmd) Run(ctx context.Context, a *app) error {
	return a.changeBook(ctx, func(book *accounts.Book) error {
		code, err := book.Reset(ctx, a.actor(), c.Name)
		if err != nil {
			return accountError(c.Name, err)
		}
		fmt.Fprintln(a.out, a.msg("u_code", code))
		return nil
	})
}
