// Package draft reads eligibility measures out of the clauses of a policy document
// by rules. What it writes is a draft: a person reads and corrects it before anybody
// is told by it what applies to them.
//
// [Clauses] finds the sentences that offer something to enterprises, institutions or
// people, and reads from their words to whom and on which conditions. The words that
// tell one thing from another are in cues.txt, which can be changed without
// programming. Nothing is learned, kept or guessed: every condition stands on words of
// the document, and a condition that the vocabulary of package eligibility cannot say
// is declared in those words.
package draft
