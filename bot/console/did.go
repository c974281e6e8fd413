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
