package journal_test

import (
	"errors"
	"testing"

	"policybot/bot/journal"
	"policybot/bot/journal/memory"
)

// TestReadNumber reads what may be set, and nothing else.
func TestReadNumber(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		n          int
		ok, bad    bool
	}{
		{journal.SettingRetention, "", 0, false, false},
		{journal.SettingRetention, "0", 0, true, false},
		{journal.SettingRetention, "7", 0, false, true},
		{journal.SettingRetention, "8", 8, true, false},
		{journal.SettingRetention, "36500", 36500, true, false},
		{journal.SettingRetention, "36501", 0, false, true},
		{journal.SettingRetention, "-8", 0, false, true},
		{journal.SettingTokens, "0", 0, true, false},
		{journal.SettingTokens, "1", 1, true, false},
		{journal.SettingTokens, "1000000000", 1_000_000_000, true, false},
		{journal.SettingTokens, "1000000001", 0, false, true},
		{journal.SettingTokens, "-1", 0, false, true},
		{journal.SettingTokens, "+1", 0, false, true},
		{journal.SettingTokens, "01", 0, false, true},
		{journal.SettingTokens, "1e3", 0, false, true},
		{journal.SettingTokens, "99999999999999999999", 0, false, true},
		{journal.SettingTokens, " 1", 0, false, true},
	} {
		k := memory.New()
		if err := k.SetSetting(t.Context(), tt.name, tt.text); err != nil {
			t.Fatal(err)
		}
		n, ok, err := journal.ReadNumber(t.Context(), k, tt.name)
		if n != tt.n || ok != tt.ok || errors.Is(err, journal.ErrSetting) != tt.bad || (err != nil) != tt.bad {
			t.Errorf("%s %q: %d, %v, %v", tt.name, tt.text, n, ok, err)
		}
	}
}
