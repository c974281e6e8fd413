package journal

import (
	"context"
	"errors"
	"fmt"
	"strconv"
)

// Settings that stand before what the configuration says. Each is a whole number in decimal digits; "" leaves what is
// configured.
const (
	SettingRetention = "retention_days" // days after which a question is removed; 0: never
	SettingTokens    = "daily_tokens"   // that language models may use on one day (UTC); 0: no limit
)

// What these settings may be besides 0.
const (
	LeastRetention = 8 // days that a platform may take to deliver an event once more, and one
	MostRetention  = 36_500
	MostTokens     = 1_000_000_000
)

// ErrSetting says that the value of a setting is none that it may have. It is wrapped.
var ErrSetting = errors.New("this is no value of the setting")

// ReadNumber reads SettingRetention or SettingTokens; ok reports whether it is set. ErrSetting when its value is none
// that it may have: then it counts as not set. Another error is the keeper's: what holds is not known.
func ReadNumber(ctx context.Context, k Keeper, name string) (n int, ok bool, err error) {
	text, err := k.Setting(ctx, name)
	if err != nil || text == "" {
		return 0, false, err
	}
	if n, err = ParseNumber(name, text); err != nil {
		return 0, false, err
	}
	return n, true, nil
}

// ParseNumber reads a value of SettingRetention or SettingTokens; ErrSetting when it is none.
func ParseNumber(name, text string) (int, error) {
	least, most := Range(name)
	n, err := strconv.Atoi(text)
	if err != nil || n != 0 && (n < least || n > most) || strconv.Itoa(n) != text {
		return 0, fmt.Errorf("%s: %w: %q", name, ErrSetting, text)
	}
	return n, nil
}

// Range gives the least and the most that SettingRetention or SettingTokens may be besides 0.
func Range(name string) (least, most int) {
	if name == SettingRetention {
		return LeastRetention, MostRetention
	}
	return 1, MostTokens
}
