package console

// What operations do, as entries of the audit call it.
const (
	didReview       = "review.saved"
	didMakeEntry    = "entry.made"
	didUndoEntry    = "entry.undone"
	didMarkGap      = "gap.marked"
	didHandGap      = "gap.handed"
	didAddGolden    = "golden.added"
	didChangeGolden = "golden.changed"
	didRemoveGolden = "golden.removed"
	didExportGolden = "golden.exported"
	didRunGolden    = "golden.run"
	didCancelRun    = "golden.cancelled"
	didExportLog    = "log.exported"
	didSaveView     = "view.saved"
	didDeleteView   = "view.deleted"
)

// What is done at the machine too, by commands, as entries of the audit call it.
const (
	DidPauseAnswers  = didPauseAnswers
	DidResumeAnswers = didResumeAnswers
	DidApprove       = didApproveMeasure // of a measure
	DidReject        = didRejectMeasure
	DidErasePerson   = didErasePerson
	DidSend          = didSend
	DidClose         = didClose
	DidMakeEntry     = didMakeEntry
	DidUndoEntry     = didUndoEntry
)

// What is done by commands alone.
const (
	DidIndex        = "document.indexed"  // a file became a document, or its next version, without a second person
	DidImport       = "measures.imported" // from a file that people have reviewed
	DidDraft        = "measures.drafted"  // by the program, for review
	DidBuildVectors = "vectors.built"
	DidUndoVectors  = "vectors.undone"
	DidStopVectors  = "vectors.off"
	DidDropVectors  = "vectors.dropped"
)
