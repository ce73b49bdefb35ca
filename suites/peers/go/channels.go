// Channels between goroutines.
package main

import "sync/atomic"

func init() {
	workloads["ping-pong/chan"] = pingPong
	workloads["transfer/chan"] = transfer
	workloads["skynet/chan"] = skynet
	workloads["sieve/chan"] = sieve
	workloads["pipeline/chan"] = pipeline
	workloads["fan-in/chan"] = fanIn
}

// The operations of one of several that share them.
func shareOf(n uint64, part, parts int) uint64 {
	share := n / uint64(parts)
	if uint64(part) < n%uint64(parts) {
		share++
	}
	return share
}

// Pairs of tasks that send a number to and fro. The result is the sum of what came back.
func pingPong(r request) outcome {
	pairs := r.tasks / 2
	there := make([]chan uint64, pairs)
	back := make([]chan uint64, pairs)
	for i := range there {
		there[i], back[i] = make(chan uint64), make(chan uint64)
	}
	var sum atomic.Uint64
	made := crowd(2*pairs, r.n, func(task int) {
		pair := task / 2
		out, in := there[pair], back[pair]
		share := shareOf(r.n, pair, pairs)
		if task%2 == 0 {
			own := uint64(0)
			for i := uint64(0); i < share; i++ {
				out <- i
				own += <-in
			}
			sum.Add(own)
		} else {
			for i := uint64(0); i < share; i++ {
				in <- <-out + 1
			}
		}
	})
	made.result = sum.Load()
	return made
}

// Half of the tasks send 1, 2, ... and half receive. The result is the sum of what was received.
func transfer(r request) outcome {
	producers := r.tasks / 2
	values := make(chan uint64, r.number("capacity"))
	var sending atomic.Int64
	sending.Store(int64(producers))
	var sum atomic.Uint64
	made := crowd(2*producers, r.n, func(task int) {
		if task < producers {
			share := shareOf(r.n, task, producers)
			for i := uint64(1); i <= share; i++ {
				values <- i
			}
			if sending.Add(-1) == 0 {
				close(values)
			}
			return
		}
		own := uint64(0)
		for value := range values {
			own += value
		}
		sum.Add(own)
	})
	made.result = sum.Load()
	return made
}

func skynetNode(to chan<- uint64, first, size uint64) {
	if size == 1 {
		to <- first
		return
	}
	from := make(chan uint64)
	part := size / 10
	for i := uint64(0); i < 10; i++ {
		go skynetNode(from, first+i*part, part)
	}
	sum := uint64(0)
	for i := 0; i < 10; i++ {
		sum += <-from
	}
	to <- sum
}

// r.n trees, one after the other. The result is the sum of their sums.
func skynet(r request) outcome {
	leaves := uint64(r.number("leaves"))
	sum := uint64(0)
	made := measured(r.n, func() {
		for i := uint64(0); i < r.n; i++ {
			result := make(chan uint64)
			go skynetNode(result, 0, leaves)
			sum += <-result
		}
	})
	made.result = sum
	return made
}

// r.n sieves, one after the other. The result is the sum of the largest primes that they found.
func sieve(r request) outcome {
	last := uint64(r.number("last"))
	sum := uint64(0)
	made := measured(r.n, func() {
		for i := uint64(0); i < r.n; i++ {
			numbers := make(chan uint64)
			go func(to chan<- uint64) {
				for n := uint64(2); n <= last; n++ {
					to <- n
				}
				close(to)
			}(numbers)
			for {
				prime, more := <-numbers
				if !more {
					break
				}
				sum += prime
				filtered := make(chan uint64)
				go func(from <-chan uint64, to chan<- uint64) {
					for n := range from {
						if n%prime != 0 {
							to <- n
						}
					}
					close(to)
				}(numbers, filtered)
				numbers = filtered
			}
		}
	})
	made.result = sum
	return made
}

// A number goes through all tasks, each adding 1. The result is the sum of what comes out.
func pipeline(r request) outcome {
	links := make([]chan uint64, r.tasks-1)
	for i := range links {
		links[i] = make(chan uint64)
	}
	sum := uint64(0)
	made := crowd(r.tasks, r.n, func(task int) {
		switch {
		case task == 0:
			for i := uint64(0); i < r.n; i++ {
				links[0] <- i
			}
		case task < r.tasks-1:
			in, out := links[task-1], links[task]
			for i := uint64(0); i < r.n; i++ {
				out <- <-in + 1
			}
		default:
			in := links[task-1]
			for i := uint64(0); i < r.n; i++ {
				sum += <-in
			}
		}
	})
	made.result = sum
	return made
}

// All tasks but one send to that one. The result is the sum of what it receives.
func fanIn(r request) outcome {
	values := make(chan uint64)
	senders := r.tasks - 1
	sum := uint64(0)
	made := crowd(r.tasks, r.n, func(task int) {
		if task < senders {
			share := shareOf(r.n, task, senders)
			for i := uint64(1); i <= share; i++ {
				values <- i
			}
			return
		}
		for i := uint64(0); i < r.n; i++ {
			sum += <-values
		}
	})
	made.result = sum
	return made
}
