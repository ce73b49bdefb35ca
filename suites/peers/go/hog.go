// Waking up beside goroutines that compute.
package main

import (
	"fmt"
	"runtime"
	"sort"
	"sync"
	"sync/atomic"
	"time"
)

func init() {
	workloads["hog/timer"] = hogTimer
}

// latenessMetrics are the columns of suites/lateness.hpp, of waits in ns.
func latenessMetrics(waits []float64) []string {
	sort.Float64s(waits)
	if len(waits) == 0 {
		return nil
	}
	var made []string
	for _, q := range []struct {
		name string
		at   float64
	}{{"p50_us", 0.5}, {"p90_us", 0.9}, {"p99_us", 0.99}, {"p999_us", 0.999}, {"max_us", 1}} {
		rank := int(q.at*float64(len(waits)) + 0.999999)
		if rank < 1 {
			rank = 1
		}
		made = append(made, fmt.Sprintf("%s=%g", q.name, waits[rank-1]/1000))
	}
	return made
}

// Goroutines that are to wake up each millisecond beside others that compute; see suites/hog.cpp. The result is
// the number of wake-ups that were not too early.
func hogTimer(r request) outcome {
	const pace = time.Millisecond
	hogs, burst := r.number("hogs"), time.Duration(r.number("burst_ms"))*time.Millisecond
	var stop atomic.Bool
	var others, computing sync.WaitGroup
	var enough atomic.Uint64
	waits := make([][]float64, r.tasks)
	for task := range waits {
		waits[task] = make([]float64, 0, shareOf(r.n, task, r.tasks))
	}
	made := measured(r.n, func() {
		begin := time.Now().Add(pace)
		others.Add(r.tasks)
		for i := 0; i < r.tasks; i++ {
			go func(task int) {
				share := shareOf(r.n, task, r.tasks)
				first := begin.Add(pace * time.Duration(task) / time.Duration(r.tasks))
				took, own := waits[task], uint64(0)
				for n := uint64(0); n < share; n++ {
					wanted := first.Add(pace * time.Duration(n))
					time.Sleep(time.Until(wanted))
					late := time.Since(wanted)
					if late >= 0 {
						own++
					}
					took = append(took, float64(late))
				}
				waits[task] = took
				enough.Add(own)
				others.Done()
			}(i)
		}
		computing.Add(int(hogs))
		for i := int64(0); i < hogs; i++ {
			go func() {
				for !stop.Load() {
					for end := time.Now().Add(burst); !stop.Load() && time.Now().Before(end); {
					}
					runtime.Gosched()
				}
				computing.Done()
			}()
		}
		others.Wait()
	})
	stop.Store(true)
	computing.Wait()
	var all []float64
	for _, one := range waits {
		all = append(all, one...)
	}
	made.metrics = latenessMetrics(all)
	made.result = enough.Load()
	return made
}
