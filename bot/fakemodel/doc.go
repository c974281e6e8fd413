// Package fakemodel holds fakes of model.Model, called fakes, for tests that need a
// model which is good, bad, scripted, slow or broken, and a collection of texts
// that try to turn a model against its users.
//
// [Honest] answers as a good model would: true sentences in other words, each with
// quotes. [Byzantine] obeys whoever wrote the material and lies in every way that
// its strategies know. [Scripted], [Failing] and [Trickle] are plain. [Attacks]
// reads the folder attacks, which a clerk can edit.
//
// The fakes were written from the form of prompts and replies alone, without sight
// of the code that checks replies, so that neither is made to fit the other.
package fakemodel
