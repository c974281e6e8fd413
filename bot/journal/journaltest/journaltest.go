// Package journaltest holds the conformance suite that every [journal.Journal] passes: cases for each sentence
// of the contract, and a random walk in step with package memory.
//
// What the suite asks for beyond the comments of package journal:
//
//   - Keys. Delivery keys and content keys are separate names, each within its channel. An empty key stands for
//     nothing. When the delivery key and the content key of an arrival are of two questions, the delivery key
//     counts. A key of a refused, cancelled, erased or forgotten question still makes a duplicate, whatever
//     Refuse and Limits say. A duplicate writes the Step "duplicate" and leaves Told false.
//
//   - Of a forgotten question Accept gives only ID, Channel and the State Closed. Edit and Withdraw do not know
//     it. Its id is taken: a question that wants it gets OtherID.
//
//   - When Question.ID and OtherID are both taken, Accept fails with an error of its own.
//
//   - Reasons of a refusal: Refuse comes first, then Limits.PerUser, then Limits.Total. A limit refuses when that
//     many are counted already. TellOnce looks at AcceptedAt. A refused question has a Seq like any other and the
//     Step "refused", not "accepted".
//
//   - AnsweredAt is set by Complete alone, ClosedAt by Posted and GiveUp alone. A cancelled question has neither
//     Outcome nor Reason, unless it was answered before it was erased.
//
//   - Bounds of time are half open: a lease ends at its Until, a pause too; Filter.Since is in, Filter.Until out.
//
//   - Edit leaves Seq, Turn, Attempts and NotBefore alone and adds 1 to Revision. A channel, user or key that does
//     not fit gives "" and no error, and writes nothing. Withdraw by a dialogue touches, and reports, only what
//     is waiting or claimed; nothing of that kind gives "".
//
//   - Renew works, like Complete, while nobody else got the claim, even when the lease has ended. It writes no Step.
//
//   - Earlier has questions with a smaller Seq, AskedAt at most an hour before.
//
//   - Complete with a case leaves a case that the question has as it is. So do OpenCase and GiveUp. Only a case that
//     is opened writes the Step "case". A case id that is taken by another case is an error, and nothing is done.
//
//   - OpenCase with a question that is not known: ErrNotFound. Respond to a case that is not known: ErrNotFound.
//     ErrReplied comes before ErrUnreachable.
//
//   - A post of a case with a question is one of that question's deliveries, one of a case without is of the case's user. Its
//     tokens are those of the question. A token that is taken is an error, and nothing is done.
//
//   - A case shows its question's text, place and user as they are now.
//
//   - Each delivery with a question writes that question's Steps posting, posted, retried and failed, whatever its
//     Purpose. Order of Steps of one call: answered, case; failed, case.
//
//   - A dropped delivery holds up no dialogue. A pause holds for the Channel and Place.ID, in every Thread. Channels
//     that are empty and not nil choose nothing.
//
//   - Ratings: the last call counts. Anybody may rate any question that is there.
//
//   - Entries and Ratings may be read while other methods are called from within the loop.
//
//   - Erase also removes Reason, Lang, Masked, About, Profile, Org, AsOf, Digest, tokens, every rating of the user and on the user's
//     questions. Deliveries stay without User, Dialogue, Place, Reply, Doc, Receipt and Why; those that are not
//     posted or failed become Dropped. Cases stay in their State, without Text, Asked, User, Dialogue, Place, Reply
//     and Response. Questions that are waiting, claimed or answered become Cancelled and are counted in
//     Erased.Cancelled; each question gets the Step "erased" and no other. A second Erase finds nothing.
//
//   - Drafts of an erased case stay without Text and Clauses; the case loses ReturnReason, ClosedWhy and Clauses and, when
//     it is open, its Stage and approval. It can be assigned and closed, and nothing else.
//
//   - Order of errors of Drafts and Respond: ErrNotFound, ErrReplied or ErrClosed, ErrUnreachable, what is wrong with what is
//     given, *ConflictError, then the rest. Respond: ErrUnapproved comes before a conflict.
//
//   - Inbox shows cases as GetCase does, and by After nothing twice.
//
//   - Forget removes by Seq, oldest first. Counts.Questions counts those forgotten too. What is kept for an open case
//     does not count for the limit. A case that was opened for no question keeps none; nor does an erased one.
//
//   - What Search finds of a question: its latest rating is that of the last call, even with an earlier time, and when
//     it is erased the one before. Questions are listed from Accept on. An erased question is listed with its id,
//     channel, time, state, outcome and the state of its case alone, and has no reviews; it cannot be reviewed.
//     Search finds by places, documents, clauses and kinds of notice as a whole, by words as parts.
//
//   - A SaveReview whose Base is not the N of the latest is a conflict, also when its Base is greater.
//
// Not looked at: Turn, ids of deliveries, Seq of deliveries but for their order, NextAt before the first
// Later, details of Steps but for what Erase must remove, Attempts, Duplicates and Revision of an erased
// question, By of an erased case, a Dialogue that is empty, texts of errors.
package journaltest

import (
	"context"
	"testing"

	"policybot/bot/journal"
)

// Test checks that a journal keeps its contract. open returns an empty journal and has it closed at the end of
// the test that it is given. reopen, when it is not nil, ends that journal as a crash would and gives one that
// continues it; it may be called several times, and only the last that was given is used.
func Test(t *testing.T, open func(t *testing.T) (j journal.Journal, reopen func() journal.Journal)) {
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			j, reopen := open(t)
			c.run(newBench(t.Context(), t, j, reopen))
		})
	}
	t.Run("Walk", func(t *testing.T) { testWalk(t, often, open) })
	t.Run("WalkAtDesk", func(t *testing.T) { testWalk(t, atDesk, open) })
}

// A check is one case of the suite.
type check struct {
	name string
	run  func(b *bench)
}

// cases lists all cases.
func cases() []check {
	var all []check
	for _, list := range [][]check{
		acceptCases(), refusalCases(), changeCases(), claimCases(), finishCases(), outboxCases(), pauseCases(),
		staffCases(), deskPostCases(), draftCases(), finishedCases(), approvalCases(), logCases(), searchCases(), reviewCases(), eraseCases(), forgetCases(), generalCases(),
	} {
		all = append(all, list...)
	}
	return all
}

// A failer is told of what is wrong. Fatalf does not return. *testing.T is one.
type failer interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

var _ failer = (*testing.T)(nil)

// newBench makes what one case works with.
func newBench(ctx context.Context, f failer, j journal.Journal, reopen func() journal.Journal) *bench {
	return &bench{failer: f, ctx: ctx, Journal: j, reopen: reopen, now: start}
}
