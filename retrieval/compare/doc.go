// Command compare measures the lexical index of policybot beside two that
// could take its place: bleve (cjk analyzer, BM25) and SQLite FTS5 over bigrams
// made in Go. It is a module of its own so that those two stay out of the
// product.
//
//	go run . -corpus FILE -queries FILE [-qrels FILE]
//
// The corpus is a line of JSON a clause, {"id","title","path","document","text"},
// the queries {"qid","text"}, the qrels qid<TAB>id<TAB>grade. Clauses are
// indexed by title, path and text in one field; the clauses of a document (or,
// if it is not given, of a title) should follow one another. Without -corpus a
// synthetic corpus is made, on which quality says nothing.
//
// Each engine builds its index in one process and answers from it in another,
// so that none pays for the memory of the others:
//
//	clauses/s   building and storing, reading the corpus not counted
//	stored      size of the stored index
//	open        from the stored index to the answer to a first query
//	p50, p99    milliseconds a query for -k hits, one after the other; the
//	            fastest of -rounds counts, to leave out other work of the machine
//	heap        live Go heap after all queries, without the corpus; bleve maps
//	            its files and SQLite has memory of its own, which RSS shows
//	RSS         resident memory then
package main
