package fakemodel_test

import (
	"slices"
	"testing"

	"policybot/bot/fakemodel"
	"policybot/bot/model"
	"policybot/bot/model/modeltest"
)

// TestLaws: a fake keeps the laws that an endpoint has to keep.
func TestLaws(t *testing.T) {
	modeltest.Run(t, func(reply string) model.Model { return fakemodel.Scripted(slices.Repeat([]string{reply}, 100)...) })
}
