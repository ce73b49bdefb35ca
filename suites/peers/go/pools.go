// Goroutines that use their stacks.
package main

import (
	"runtime"
	"sync"
	"time"
)

func init() {
	workloads["taskpool/go"] = taskPool
	workloads["workerpool/pool-compute"] = func(r request) outcome { return jobBatches(r, false, poolOf(r)) }
	workloads["workerpool/pool-wait"] = func(r request) outcome { return jobBatches(r, true, poolOf(r)) }
	workloads["workerpool/go-compute"] = func(r request) outcome { return jobBatches(r, false, goroutineEach) }
	workloads["workerpool/go-wait"] = func(r request) outcome { return jobBatches(r, true, goroutineEach) }
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

// Batches of r.tasks jobs. start, when there is one, is called before the time is taken and returns what submits a
// job and what ends the pool.
func jobBatches(r request, wait bool, start func() (submit func(func()), end func())) outcome {
	ns := r.number("job_ns")
	ran := make([]uint64, r.tasks)
	batches := r.n / uint64(r.tasks)
	if batches == 0 {
		batches = 1
	}
	submit, end := start()
	made := measured(batches*uint64(r.tasks), func() {
		for batch := uint64(0); batch < batches; batch++ {
			var done sync.WaitGroup
			done.Add(r.tasks)
			for i := range ran {
				at := &ran[i]
				submit(func() {
					*at++
					if wait {
						time.Sleep(time.Duration(ns))
					} else {
						busy(ns)
					}
					done.Done()
				})
			}
			done.Wait()
		}
	})
	end()
	for _, n := range ran {
		made.result += n
	}
	return made
}

func poolOf(r request) func() (func(func()), func()) {
	return func() (func(func()), func()) {
		queue := make(chan func(), r.number("queue"))
		var ended sync.WaitGroup
		workers := int(r.number("workers"))
		ended.Add(workers)
		for i := 0; i < workers; i++ {
			go func() {
				for job := range queue {
					job()
				}
				ended.Done()
			}()
		}
		return func(job func()) { queue <- job }, func() {
			close(queue)
			ended.Wait()
		}
	}
}

func goroutineEach() (func(func()), func()) {
	return func(job func()) { go job() }, func() {}
}
