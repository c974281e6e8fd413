package export

import "iter"

// How far rows are read ahead of what is written.
const (
	aheadRows    = 16 // in a batch
	aheadBatches = 4
)

// ahead gives the same rows, read by a goroutine of its own while those before are written. It ends with the loop over
// them: rows are not read any more when ahead has returned. A panic of rows is one of the loop.
func ahead(rows iter.Seq2[Row, error]) iter.Seq2[Row, error] {
	type item struct {
		row Row
		err error
	}
	return func(yield func(Row, error) bool) {
		batches, stop, ended := make(chan []item, aheadBatches), make(chan struct{}), make(chan struct{})
		var failed any
		go func() {
			defer close(ended)
			defer close(batches)
			defer func() { failed = recover() }()
			batch := make([]item, 0, aheadRows)
			give := func() bool {
				select {
				case batches <- batch:
					batch = make([]item, 0, aheadRows)
					return true
				case <-stop:
					return false
				}
			}
			for row, err := range rows {
				batch = append(batch, item{row, err})
				if err != nil {
					break
				}
				if len(batch) == aheadRows && !give() {
					return
				}
			}
			give()
		}()
		defer func() {
			<-ended
			if failed != nil {
				panic(failed)
			}
		}()
		defer close(stop)
		for batch := range batches {
			for _, i := range batch {
				if !yield(i.row, i.err) {
					return
				}
			}
		}
	}
}
