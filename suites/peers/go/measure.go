// Stopwatches: of a function, of a crowd of goroutines and of a team that shares operations.
package main

import (
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// CPU time of the process in ns.
func cpuNow() int64 {
	const processCPU = 2 // CLOCK_PROCESS_CPUTIME_ID
	var at syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, processCPU, uintptr(unsafe.Pointer(&at)), 0)
	return at.Nano()
}

func measured(ops uint64, f func()) outcome {
	cpu := cpuNow()
	start := time.Now()
	f()
	wall := int64(time.Since(start))
	return outcome{wall: wall, cpu: cpuNow() - cpu, ops: ops}
}

// crowd starts goroutines that wait for a common start and then run body, each once. Measured from the
// start to the end of the last.
func crowd(tasks int, ops uint64, body func(task int)) outcome {
	return crowdWith(tasks, ops, body, nil, nil)
}

// The same with something that is done beside them, and something just before the start.
func crowdWith(tasks int, ops uint64, body func(task int), beside, before func()) outcome {
	start := make(chan struct{})
	var arrived atomic.Int64
	var done sync.WaitGroup
	done.Add(tasks)
	for i := 0; i < tasks; i++ {
		go func(task int) {
			arrived.Add(1)
			<-start
			body(task)
			done.Done()
		}(i)
	}
	for arrived.Load() != int64(tasks) {
		runtime.Gosched()
	}
	return measured(ops, func() {
		if before != nil {
			before()
		}
		close(start)
		if beside != nil {
			beside()
		}
		done.Wait()
	})
}

// When, and on which CPU.
type mark struct {
	ns  int64
	cpu uint32
}

var origin = time.Now()

func markNow() mark {
	return mark{int64(time.Since(origin)), cpuHere()}
}

// What a task has for itself, on cache lines of its own.
type lane struct {
	_      [64]byte
	atGate atomic.Uint32 // 1 + the CPU on which it was last seen at the gate
	marks  []mark
	_      [64]byte
}

// A service that a team needs, such as the owner of the data.
type service struct {
	serve  func()
	noMore func()
}

const (
	longestGate  = 3 * time.Millisecond
	longestSlice = 30 * time.Microsecond
)

// team shares r.n operations among r.tasks goroutines, which wait at a gate, runnable, until all are
// there and have been seen on as many CPUs as they can use. share is called with parts of a task's share.
// The gate, the parts and the marks are those of gobench's own suites (suites/team.hpp).
func team(r request, with *service, share func(task int, count uint64)) outcome {
	tasks := r.tasks
	parts := uint64(64)
	if tasks > 8 {
		parts = 8 // a mark costs a system call here
	}
	lanes := make([]lane, tasks)
	for i := range lanes {
		lanes[i].marks = make([]mark, 0, parts+1)
	}
	slice := longestGate / time.Duration(tasks)
	if slice > longestSlice {
		slice = longestSlice
	}
	wanted := runtime.GOMAXPROCS(0)
	if tasks < wanted {
		wanted = tasks
	}
	var open atomic.Bool
	var arrived, sharing atomic.Int64
	sharing.Store(int64(tasks))
	spin := func() {
		for until := time.Now().Add(slice); !open.Load() && time.Now().Before(until); {
		}
	}
	cpusAtGate := func() int {
		seen := map[uint32]bool{}
		for i := range lanes {
			if cpu := lanes[i].atGate.Load(); cpu != 0 {
				seen[cpu] = true
			}
		}
		return len(seen)
	}

	var started time.Time
	var cpuStart int64
	var done sync.WaitGroup
	done.Add(tasks)
	member := func(task int) {
		mine := &lanes[task]
		mine.atGate.Store(cpuHere() + 1)
		if arrived.Add(1) == int64(tasks) {
			for deadline := time.Now().Add(longestGate); cpusAtGate() < wanted && time.Now().Before(deadline); {
				spin()
				runtime.Gosched()
				mine.atGate.Store(cpuHere() + 1)
			}
			cpuStart = cpuNow()
			started = time.Now()
			open.Store(true)
		} else {
			for !open.Load() {
				spin()
				if open.Load() {
					break
				}
				runtime.Gosched()
				mine.atGate.Store(cpuHere() + 1)
			}
		}
		mine.marks = append(mine.marks, markNow())
		own := r.n / uint64(tasks)
		if uint64(task) < r.n%uint64(tasks) {
			own++
		}
		for part := uint64(0); part < parts; part++ {
			count := own / parts
			if part < own%parts {
				count++
			}
			if count == 0 {
				continue
			}
			share(task, count)
			if tasks > 1 {
				mine.marks = append(mine.marks, markNow())
			}
		}
		if sharing.Add(-1) == 0 && with != nil {
			with.noMore()
		}
		done.Done()
	}
	if with != nil {
		done.Add(1)
		go func() {
			with.serve()
			done.Done()
		}()
	}
	for i := 0; i < tasks; i++ {
		go member(i)
	}
	done.Wait()
	made := outcome{wall: int64(time.Since(started)), cpu: cpuNow() - cpuStart, ops: r.n}
	if tasks > 1 {
		for i := range lanes {
			made.marks = append(made.marks, lanes[i].marks)
		}
	}
	return made
}

// busy computes for a time, by the clock, as long as something is held.
func busy(ns int64) {
	if ns <= 0 {
		return
	}
	for start := time.Now(); int64(time.Since(start)) < ns; {
	}
}
