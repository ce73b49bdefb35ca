// Goroutines that use their stacks.
package main

import (
	"runtime"
	"sync"
)

func init() {
	workloads["taskpool/go"] = taskPool
}

// Touches so many pages of stack; returns how many there were.
//
//go:noinline
func touchPages(pages int64) uint64 {
	var page [4000]byte
	page[pages%4000] = 1
	if pages <= 1 {
		return uint64(page[pages%4000])
	}
	return touchPages(pages-1) + uint64(page[pages%4000])
}

// Batches of r.tasks goroutines that go stack_kb deep.
func taskPool(r request) outcome {
	pages := (r.number("stack_kb") + 3) / 4
	yields := r.number("yields") != 0
	calls := make([]uint64, r.tasks)
	batches := r.n / uint64(r.tasks)
	if batches == 0 {
		batches = 1
	}
	made := measured(batches*uint64(r.tasks), func() {
		for batch := uint64(0); batch < batches; batch++ {
			var done sync.WaitGroup
			done.Add(r.tasks)
			for i := range calls {
				at := &calls[i]
				go func() {
					if pages == 0 {
						*at++
					} else {
						*at += touchPages(pages)
					}
					if yields {
						runtime.Gosched()
					}
					done.Done()
				}()
			}
			done.Wait()
		}
	})
	for _, n := range calls {
		made.result += n
	}
	return made
}
