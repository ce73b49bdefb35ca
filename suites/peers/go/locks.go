// Shared data: counters and registers behind a lock, an atomic or a channel. The locks are called directly
// and not through an interface, which would cost more than an uncontended lock.
package main

import (
	"sync"
	"sync/atomic"
)

func init() {
	workloads["counter/mutex"] = counterMutex
	workloads["counter/rwmutex"] = counterRWMutex
	workloads["counter/atomic"] = counterAtomic
	workloads["counter/chan_lock"] = counterChanLock
	workloads["counter/chan_owner"] = counterChanOwner
	workloads["register/mutex"] = registerMutex
	workloads["register/rwmutex"] = registerRWMutex
}

func counterMutex(r request) outcome {
	var lock sync.Mutex
	hold := r.number("hold_ns")
	counter := uint64(0)
	made := team(r, nil, func(_ int, count uint64) {
		for i := uint64(0); i < count; i++ {
			lock.Lock()
			counter++
			if hold > 0 {
				busy(hold)
			}
			lock.Unlock()
		}
	})
	made.result = counter
	return made
}

func counterRWMutex(r request) outcome {
	var lock sync.RWMutex
	hold := r.number("hold_ns")
	counter := uint64(0)
	made := team(r, nil, func(_ int, count uint64) {
		for i := uint64(0); i < count; i++ {
			lock.Lock()
			counter++
			if hold > 0 {
				busy(hold)
			}
			lock.Unlock()
		}
	})
	made.result = counter
	return made
}

func counterAtomic(r request) outcome {
	counter := new(atomic.Uint64)
	made := team(r, nil, func(_ int, count uint64) {
		for i := uint64(0); i < count; i++ {
			counter.Add(1)
		}
	})
	made.result = counter.Load()
	return made
}

func counterChanLock(r request) outcome {
	held := make(chan struct{}, 1)
	hold := r.number("hold_ns")
	counter := uint64(0)
	made := team(r, nil, func(_ int, count uint64) {
		for i := uint64(0); i < count; i++ {
			held <- struct{}{}
			counter++
			if hold > 0 {
				busy(hold)
			}
			<-held
		}
	})
	made.result = counter
	return made
}

func counterChanOwner(r request) outcome {
	// As large as what gobench's own side sends: key, whether to read, and where the value goes.
	type wish struct {
		key   uint64
		read  bool
		reply *chan uint64
	}
	requests := make(chan wish, r.number("capacity"))
	hold := r.number("hold_ns")
	counter := uint64(0)
	owner := service{
		serve: func() {
			for range requests {
				counter++
				if hold > 0 {
					busy(hold)
				}
			}
		},
		noMore: func() { close(requests) },
	}
	made := team(r, &owner, func(_ int, count uint64) {
		for i := uint64(0); i < count; i++ {
			requests <- wish{}
		}
	})
	made.result = counter
	return made
}

// splitmix64, as in suites/random.hpp.
type random struct{ state uint64 }

func randomOf(seed uint64, task int) *random {
	return &random{seed + 0x9e3779b97f4a7c15*(uint64(task)+1)}
}

func (g *random) next() uint64 {
	g.state += 0x9e3779b97f4a7c15
	z := g.state
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

func (g *random) percent() uint64 { return (g.next() >> 32) * 100 >> 32 }

// Two numbers that are always equal, unless somebody reads while another writes. The result is their value,
// or all ones when a reader saw them differ.
type register struct{ first, second uint64 }

func (g *register) result(torn *atomic.Uint64) uint64 {
	if torn.Load() != 0 || g.first != g.second {
		return ^uint64(0)
	}
	return g.first
}

func usersOf(r request) []*random {
	users := make([]*random, r.tasks)
	for i := range users {
		users[i] = randomOf(r.seed, i)
	}
	return users
}

func registerMutex(r request) outcome {
	var lock sync.Mutex
	var data register
	var torn atomic.Uint64
	hold, reads := r.number("hold_ns"), uint64(r.number("read_pct"))
	users := usersOf(r)
	made := team(r, nil, func(task int, count uint64) {
		mine := *users[task]
		for i := uint64(0); i < count; i++ {
			if mine.percent() < reads {
				lock.Lock()
				if data.first != data.second {
					torn.Add(1)
				}
			} else {
				lock.Lock()
				data.first++
				data.second++
			}
			if hold > 0 {
				busy(hold)
			}
			lock.Unlock()
		}
		*users[task] = mine
	})
	made.result = data.result(&torn)
	return made
}

func registerRWMutex(r request) outcome {
	var lock sync.RWMutex
	var data register
	var torn atomic.Uint64
	hold, reads := r.number("hold_ns"), uint64(r.number("read_pct"))
	users := usersOf(r)
	made := team(r, nil, func(task int, count uint64) {
		mine := *users[task]
		for i := uint64(0); i < count; i++ {
			if mine.percent() < reads {
				lock.RLock()
				if data.first != data.second {
					torn.Add(1)
				}
				if hold > 0 {
					busy(hold)
				}
				lock.RUnlock()
			} else {
				lock.Lock()
				data.first++
				data.second++
				if hold > 0 {
					busy(hold)
				}
				lock.Unlock()
			}
		}
		*users[task] = mine
	})
	made.result = data.result(&torn)
	return made
}
