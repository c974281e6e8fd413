package console

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"policybot/bot/eligibility/register"
	"policybot/bot/journal"
)

// warnings are what somebody should look at.
func (c *Console) warnings(ctx context.Context, d *adminData) error {
	all, err := c.Accounts.Accounts(ctx)
	if err != nil {
		return err
	}
	approval, err := c.switchedOn(ctx, journal.SettingApproval)
	if err != nil {
		return err
	}
	alone, err := c.switchedOn(ctx, SettingAlone)
	if err != nil {
		return err
	}
	warn := func(when bool, name, url string, values ...any) {
		if when {
			d.Warnings = append(d.Warnings, adminWarning{d.T(name, values...), url})
		}
	}
	stale := d.Measures[stateStale]
	warn(d.State == "paused", "warn.paused", "/admin/settings")
	warn(count(all, isAdmin) == 1, "warn.one_admin", "/admin/users")
	warn(!approval, "warn.approval_off", "/admin/settings")
	warn(alone, "warn.alone", "/admin/settings")
	warn(d.Public && c.Open, "warn.open", "/admin/settings")
	warn(d.Public && !c.Secure, "warn.plain", "/admin/settings")
	warn(d.Proposals > 0, "warn.proposals", "/admin/documents", d.Proposals)
	warn(stale > 0, "warn.stale_measures", "/admin/measures?state="+stateStale, stale)
	warn(d.EntriesOld > 0, "warn.stale_entries", "/admin/documents", d.EntriesOld)
	warn(c.Admin.Installed != nil && d.Backup.IsZero(), "warn.no_backup", "")
	warn(!d.Backup.IsZero() && d.now.Sub(d.Backup) > backupAge, "warn.old_backup", "", d.Time(d.Backup))
	return nil
}

// backupAge is how old the last backup may be.
const backupAge = 7 * 24 * time.Hour

// stateStale stands for the state of a measure whose words are not in the current text.
const stateStale = "stale"

// shownState is the state of a measure with regard to the text of its document.
func shownState(l register.Listed) string {
	if l.Stale() {
		return stateStale
	}
	return string(l.State)
}

// sortedKeys are the keys of a map in order.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// size is a number of bytes for people.
func size(n int64) string {
	const kilo = 1024
	unit, value := 0, float64(n)
	units := []string{"B", "KB", "MB", "GB", "TB"}
	for value >= kilo && unit < len(units)-1 {
		value /= kilo
		unit++
	}
	digits := 0
	if unit > 0 && value < 10 {
		digits = 1
	}
	return strconv.FormatFloat(value, 'f', digits, 64) + " " + units[unit]
}
