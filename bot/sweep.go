package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"policybot/bot/journal"
)

// forgetBatch is how many questions are removed in one transaction.
const forgetBatch = 500

// sweepAll sees to what is too old until ctx ends.
func (s *Service) sweepAll(ctx context.Context) {
	for {
		if err := s.sweep(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("cannot look for questions that waited too long", "error", err)
		}
		if err := s.readStopped(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("cannot read whether the service is stopped", "error", err)
		}
		if s.health.broken() {
			s.health.store(s.Journal.SetSetting(ctx, settingProbe, s.clock.now().Format(time.RFC3339Nano)))
		}
		if err := s.sweepOthers(ctx); err != nil && ctx.Err() == nil {
			s.Log.Error("cannot look for replies that no channel delivers", "error", err)
		}
		if now := s.clock.now(); !now.Before(s.forgetFrom) {
			s.forgetFrom = now.Add(time.Hour)
			if err := s.forget(ctx); err != nil && ctx.Err() == nil {
				s.Log.Error("cannot remove old questions", "error", err)
			}
		}
		if !sleep(ctx, s.Limits.SweepEvery) {
			return
		}
	}
}

// sweep gives questions that waited too long to the staff.
func (s *Service) sweep(ctx context.Context) error {
	for {
		now := s.clock.now()
		c, err := s.Journal.Claim(ctx, journal.ClaimOptions{Now: now, Until: now.Add(s.Limits.Lease), AcceptedBefore: now.Add(-s.Limits.Age)})
		switch {
		case errors.Is(err, journal.ErrNone):
			return nil
		case err != nil:
			return err
		}
		s.complete(ctx, c, s.toStaff(c.Question, Failed, ReasonExpired, Record{}))
	}
}

// sweepOthers sees to replies for channels that are not configured any more:
// after Limits.GiveUp each becomes a case.
func (s *Service) sweepOthers(ctx context.Context) error {
	for {
		now := s.clock.now()
		d, err := s.Journal.Next(ctx, journal.NextOptions{Now: now, Until: now.Add(s.Limits.Lease), Channels: slices.Collect(maps.Keys(s.byName)), Other: true})
		switch {
		case errors.Is(err, journal.ErrNone):
			return nil
		case err != nil:
			return err
		case s.overdue(d, now):
			err = s.giveUp(ctx, d, now, "the channel "+d.Channel+" is not configured")
		default:
			err = s.Journal.Later(ctx, d, journal.Later{At: now, Next: now.Add(10 * time.Minute), Why: "the channel " + d.Channel + " is not configured"})
		}
		if err != nil && !errors.Is(err, journal.ErrLost) {
			return err
		}
	}
}

// Retention is after how long questions are removed now; 0: never. It is what SettingRetention of the journal says,
// else Limits.Retention. journal.ErrSetting, with the latter, when the setting has no value that it may have; of another
// error nothing is known, and nothing is to be removed.
func (s *Service) Retention(ctx context.Context) (time.Duration, error) {
	days, set, err := journal.ReadNumber(ctx, s.Journal, journal.SettingRetention)
	if set {
		return time.Duration(days) * 24 * time.Hour, nil
	}
	return s.Limits.Retention, err
}

// forget removes questions whose time is over.
func (s *Service) forget(ctx context.Context) error {
	retention, err := s.Retention(ctx)
	switch {
	case errors.Is(err, journal.ErrSetting):
		s.Log.Error("the setting of the retention cannot be read; the configured one holds", "error", err)
	case err != nil:
		return err
	}
	if retention <= 0 {
		return nil
	}
	for {
		n, err := s.Journal.Forget(ctx, s.clock.now().Add(-retention), forgetBatch)
		if err != nil {
			return err
		}
		if n > 0 {
			s.Log.Info("removed old questions", "number", n)
		}
		if n < forgetBatch {
			return nil
		}
	}
}

// Stopped tells why the service answers nothing; the zero value when it does.
type Stopped struct {
	Reason string    `json:"reason"`
	By     string    `json:"by,omitempty"`
	At     time.Time `json:"at,omitzero"`
}

// On reports whether the service is stopped.
func (s Stopped) On() bool { return s.Reason != "" }

// Settings of the journal.
const (
	settingStopped = "stopped"
	settingProbe   = "probe" // written to see whether the journal can be written to again
)

// Stopped tells whether and why the service answers nothing.
func (s *Service) Stopped() Stopped {
	s.stopMu.RLock()
	defer s.stopMu.RUnlock()
	return s.stopped
}

// SetStopped switches the service off, with a reason for askers to read, or on again with
// the zero value. It outlives the process.
func SetStopped(ctx context.Context, j journal.Keeper, v Stopped) error {
	text := ""
	if v.On() {
		text = string(encode(v))
	}
	if err := j.SetSetting(ctx, settingStopped, text); err != nil {
		return fmt.Errorf("switch the service: %w", err)
	}
	return nil
}

// ReadStopped reads what SetStopped wrote.
func ReadStopped(ctx context.Context, j journal.Keeper) (Stopped, error) {
	text, err := j.Setting(ctx, settingStopped)
	if err != nil || text == "" {
		return Stopped{}, err
	}
	var v Stopped
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return v, fmt.Errorf("read why the service is stopped: %w", err)
	}
	return v, nil
}

// readStopped takes over what another handle of the journal has set.
func (s *Service) readStopped(ctx context.Context) error {
	s.stopRead.Lock() // what was read first is not set last
	defer s.stopRead.Unlock()
	v, err := ReadStopped(ctx, s.Journal)
	if err != nil {
		return err
	}
	s.stopMu.Lock()
	defer s.stopMu.Unlock()
	s.stopped = v
	return nil
}
