// Numbers through stages, as in suites/lines.hpp.
package main

import (
	"sync"
	"sync/atomic"
)

func init() {
	workloads["line/chain"] = chainLine
	workloads["line/fan-out"] = fanOutLine
	workloads["line/fan-in"] = fanInLine
	workloads["line/fan-out-in"] = fanOutInLine
}

func source(n uint64, out chan<- uint64) {
	for i := uint64(1); i <= n; i++ {
		out <- i
	}
}

func stage(in <-chan uint64, out chan<- uint64, ns int64) {
	for number := range in {
		busy(ns)
		out <- number + 1
	}
}

func addUp(in <-chan uint64) uint64 {
	sum := uint64(0)
	for number := range in {
		sum += number
	}
	return sum
}

func chainLine(r request) outcome {
	links := make([]chan uint64, r.tasks+1)
	for i := range links {
		links[i] = make(chan uint64, r.number("capacity"))
	}
	ns := r.number("work_ns")
	var sum uint64
	made := crowd(r.tasks+2, r.n, func(task int) {
		switch {
		case task < r.tasks:
			stage(links[task], links[task+1], ns)
			close(links[task+1])
		case task == r.tasks:
			source(r.n, links[0])
			close(links[0])
		default:
			sum = addUp(links[r.tasks])
		}
	})
	made.result = sum
	return made
}

func fanOutLine(r request) outcome {
	link := make(chan uint64, r.number("capacity"))
	ns := r.number("work_ns")
	var sum atomic.Uint64
	made := crowd(r.tasks+1, r.n, func(task int) {
		if task == r.tasks {
			source(r.n, link)
			close(link)
			return
		}
		own := uint64(0)
		for number := range link {
			busy(ns)
			own += number + 1
		}
		sum.Add(own)
	})
	made.result = sum.Load()
	return made
}

func fanInLine(r request) outcome {
	link := make(chan uint64, r.number("capacity"))
	var sending sync.WaitGroup
	sending.Add(r.tasks)
	var sum uint64
	made := crowdWith(r.tasks+1, r.n, func(task int) {
		if task == r.tasks {
			sum = addUp(link)
			return
		}
		source(shareOf(r.n, task, r.tasks), link)
		sending.Done()
	}, func() {
		sending.Wait()
		close(link)
	}, nil)
	made.result = sum
	return made
}

func fanOutInLine(r request) outcome {
	out := make(chan uint64, r.number("capacity"))
	in := make(chan uint64, r.number("capacity"))
	ns := r.number("work_ns")
	var working sync.WaitGroup
	working.Add(r.tasks)
	var sum uint64
	made := crowdWith(r.tasks+2, r.n, func(task int) {
		switch {
		case task < r.tasks:
			stage(out, in, ns)
			working.Done()
		case task == r.tasks:
			source(r.n, out)
			close(out)
		default:
			sum = addUp(in)
		}
	}, func() {
		working.Wait()
		close(in)
	}, nil)
	made.result = sum
	return made
}
