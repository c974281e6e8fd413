// Package eval measures the bot: answers against a question set that people
// wrote, and searches against an outside corpus with relevance judgements.
//
// A question set is read by [ReadQuestions]. [Run] asks each [Question], has
// [Judge] compare the answer with what was expected and adds the verdicts up
// to a [Report], which [CompareAnswers] sets beside an earlier one. Behaviour
// is judged by the outcome of an answer and the kinds of its notices, never by
// words in its text; citations by the text of the cited clause; facts by
// [PointHit] on the text that the person reads. Beside the shares of the
// checks, a report says what the confidence of the answers is worth
// ([RiskCoverage]), how the two languages fare on the same questions
// ([Parity]) and, of each miss, how its answer came about ([Why]).
//
// An outside corpus is read by [ReadCorpus], [ReadQueries] and [ReadQrels];
// [MeasureRetrieval] times a search over its queries and fills a
// [RetrievalReport], which [Compare] sets beside an earlier one.
//
// All readers are streaming, skip blank lines and name the line of what they
// refuse and what is allowed there.
package eval
