// How evenly the turns are shared out.
package main

import (
	"fmt"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

func init() {
	workloads["fairness/mutex"] = fairMutex
	workloads["fairness/rwmutex"] = fairRWMutex
	workloads["fairness/turns"] = fairTurns
	workloads["fairness/unequal"] = unequalTurns
	workloads["fairness/consumers"] = fairConsumers
	workloads["fairness/select"] = fairSelect
}

// What suites/fairness/turns.hpp has under the same names.
type contest struct {
	wanted, batch uint64
	done          atomic.Uint64
	overAt        atomic.Int64 // ns since origin; 0: not yet
	origin        time.Time
}

type turns struct {
	_      [64]byte
	of     *contest
	last   int64
	done   uint64
	untold uint64
	waits  histogram
	_      [64]byte
}

// Log-linear as in results/histogram.hpp, coarser: 128 buckets to a power of two.
type histogram struct {
	buckets [58 * 128]uint32
	count   uint64
	longest int64
}

func (h *histogram) record(v int64) {
	index, shift := v, 0
	for ; index >= 256; index >>= 1 {
		shift++
	}
	h.buckets[int64(shift)*128+index]++
	h.count++
	if v > h.longest {
		h.longest = v
	}
}

func quantileOf(all []*turns, q float64) float64 {
	var count, seen uint64
	for _, one := range all {
		count += one.waits.count
	}
	for i := range all[0].waits.buckets {
		for _, one := range all {
			seen += uint64(one.waits.buckets[i])
		}
		if float64(seen) >= q*float64(count) {
			if i < 256 {
				return float64(i)
			}
			shift := i/128 - 1
			return (float64(i%128+128) + 0.5) * float64(uint64(1)<<shift)
		}
	}
	return 0
}

func (c *contest) now() int64   { return int64(time.Since(c.origin)) + 1 }
func (c *contest) goesOn() bool { return c.overAt.Load() == 0 }
func (t *turns) took(ops uint64) {
	now := t.of.now()
	t.waits.record(now - t.last)
	t.last = now
	t.done += ops
	t.untold += ops
	if t.untold >= t.of.batch {
		if t.of.done.Add(t.untold) >= t.of.wanted {
			t.of.overAt.CompareAndSwap(0, now)
		}
		t.untold = 0
	}
}

// measureTurns runs body in r.tasks goroutines and main beside them. The result is still to be set.
func measureTurns(r request, body func(task int, mine *turns), main func(), c *contest) outcome {
	c.wanted = r.n
	c.batch = r.n / (256 * uint64(r.tasks))
	if c.batch < 1 {
		c.batch = 1
	} else if c.batch > 64 {
		c.batch = 64
	}
	all := make([]*turns, r.tasks)
	for i := range all {
		all[i] = &turns{of: c}
	}
	c.origin = time.Now()
	made := crowdWith(r.tasks, r.n, func(task int) { body(task, all[task]) }, main, func() {
		c.origin = time.Now()
	})
	var sum, squares float64
	fewest, most, longest := ^uint64(0), uint64(0), int64(0)
	made.ops = 0
	for _, one := range all {
		if left := c.overAt.Load() - one.last; left > 0 {
			one.waits.record(left)
		}
		made.ops += one.done
		sum += float64(one.done)
		squares += float64(one.done) * float64(one.done)
		if one.done < fewest {
			fewest = one.done
		}
		if one.done > most {
			most = one.done
		}
		if one.waits.longest > longest {
			longest = one.waits.longest
		}
	}
	jain := 1.0
	if squares > 0 {
		jain = sum * sum / (float64(r.tasks) * squares)
	}
	made.metrics = []string{
		fmt.Sprintf("jain=%g", jain), fmt.Sprintf("ops_min=%d", fewest), fmt.Sprintf("ops_max=%d", most),
		fmt.Sprintf("wait_p99_us=%g", quantileOf(all, 0.99)/1000),
		fmt.Sprintf("longest_wait_us=%g", float64(longest)/1000),
	}
	return made
}

func fairMutex(r request) outcome {
	var lock sync.Mutex
	var c contest
	hold, counter := r.number("hold_ns"), uint64(0)
	made := measureTurns(r, func(_ int, mine *turns) {
		for c.goesOn() {
			lock.Lock()
			counter++
			busy(hold)
			lock.Unlock()
			mine.took(1)
		}
	}, nil, &c)
	made.result = counter
	return made
}

func fairRWMutex(r request) outcome {
	var lock sync.RWMutex
	var c contest
	var data register
	var reads, torn atomic.Uint64
	hold := r.number("hold_ns")
	made := measureTurns(r, func(task int, mine *turns) {
		for c.goesOn() {
			if task%8 == 0 {
				lock.Lock()
				data.first++
				busy(hold)
				data.second++
				lock.Unlock()
			} else {
				lock.RLock()
				first := data.first
				busy(hold)
				if first != data.second {
					torn.Add(1)
				}
				lock.RUnlock()
				reads.Add(1)
			}
			mine.took(1)
		}
	}, nil, &c)
	made.result = data.result(&torn)
	if torn.Load() == 0 {
		made.result += reads.Load()
	}
	return made
}

func byTurns(r request, turn func(task int) uint64) outcome {
	var c contest
	var sum atomic.Uint64
	made := measureTurns(r, func(task int, mine *turns) {
		own := uint64(0)
		for c.goesOn() {
			ops := turn(task)
			own += ops
			mine.took(ops)
		}
		sum.Add(own)
	}, nil, &c)
	made.result = sum.Load()
	return made
}

func fairTurns(r request) outcome {
	return byTurns(r, func(int) uint64 {
		runtime.Gosched()
		return 1
	})
}

func unequalTurns(r request) outcome {
	return byTurns(r, func(task int) uint64 {
		units := uint64(1)
		if task%2 != 0 {
			units = 50
		}
		for i := uint64(0); i < units; i++ {
			busy(1000)
		}
		runtime.Gosched()
		return units
	})
}

func fairConsumers(r request) outcome {
	var c contest
	values := make(chan uint64)
	sent, received := uint64(0), atomic.Uint64{}
	made := measureTurns(r, func(_ int, mine *turns) {
		own := uint64(0)
		for value := range values {
			own += value
			mine.took(1)
		}
		received.Add(own)
	}, func() {
		for c.goesOn() {
			sent++
			values <- sent
		}
		close(values)
	}, &c)
	made.result = sent
	if received.Load() != sent*(sent+1)/2 {
		made.result = ^uint64(0)
	}
	return made
}

// By reflect.Select, which takes any number of channels and is slower than the statement.
func fairSelect(r request) outcome {
	var c contest
	from := make([]chan uint64, r.tasks)
	cases := make([]reflect.SelectCase, r.tasks)
	for i := range from {
		from[i] = make(chan uint64)
		cases[i] = reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(from[i])}
	}
	received := uint64(0)
	made := measureTurns(r, func(task int, mine *turns) {
		for c.goesOn() {
			from[task] <- 1
			mine.took(1)
		}
		close(from[task])
	}, func() {
		for c.goesOn() {
			if _, _, ok := reflect.Select(cases); ok {
				received++
			}
		}
		for _, one := range from {
			for range one {
				received++
			}
		}
	}, &c)
	made.result = received
	return made
}
