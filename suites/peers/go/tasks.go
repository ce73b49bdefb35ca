// Goroutines themselves: made, switched, parked, put to sleep.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func init() {
	workloads["spawn/go"] = spawn
	workloads["switch/gosched"] = gosched
	workloads["sleep/sleep"] = sleeping
	workloads["park/go"] = parked
	workloads["compute/go"] = compute
}

// Batches of r.tasks goroutines that do nothing but say that they were there.
func spawn(r request) outcome {
	ran := make([]uint32, r.tasks)
	batches := r.n / uint64(r.tasks)
	if batches == 0 {
		batches = 1
	}
	made := measured(batches*uint64(r.tasks), func() {
		for batch := uint64(0); batch < batches; batch++ {
			var done sync.WaitGroup
			done.Add(r.tasks)
			for i := range ran {
				at := &ran[i]
				go func() {
					*at++
					done.Done()
				}()
			}
			done.Wait()
		}
	})
	for _, times := range ran {
		made.result += uint64(times)
	}
	return made
}

func gosched(r request) outcome {
	var sum atomic.Uint64
	made := crowd(r.tasks, r.n, func(task int) {
		share := shareOf(r.n, task, r.tasks)
		for i := uint64(0); i < share; i++ {
			runtime.Gosched()
		}
		sum.Add(share)
	})
	made.result = sum.Load()
	return made
}

// Each task sleeps its share of times. The result is the number of sleeps that were long enough.
func sleeping(r request) outcome {
	length := time.Duration(r.number("sleep_us")) * time.Microsecond
	var enough atomic.Uint64
	slept := make([][]float64, r.tasks)
	for task := range slept {
		slept[task] = make([]float64, 0, shareOf(r.n, task, r.tasks))
	}
	made := crowd(r.tasks, r.n, func(task int) {
		share := shareOf(r.n, task, r.tasks)
		own, took := uint64(0), slept[task]
		for i := uint64(0); i < share; i++ {
			start := time.Now()
			time.Sleep(length)
			t := time.Since(start)
			if t >= length {
				own++
			}
			took = append(took, float64(t))
		}
		slept[task] = took
		enough.Add(own)
	})
	var all []float64
	for _, one := range slept {
		all = append(all, one...)
	}
	sort.Float64s(all)
	made.metrics = []string{
		fmt.Sprintf("p50_ns=%g", quantile(all, 0.5)), fmt.Sprintf("p99_ns=%g", quantile(all, 0.99)),
	}
	made.result = enough.Load()
	return made
}

// Type 7 of Hyndman and Fan, of sorted values.
func quantile(of []float64, q float64) float64 {
	at := q * float64(len(of)-1)
	low := int(at)
	if low+1 >= len(of) {
		return of[len(of)-1]
	}
	return of[low] + (at-float64(low))*(of[low+1]-of[low])
}

// A field of /proc/self/status in bytes.
func status(field string) float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for _, line := range strings.Split(string(text), "\n") {
		if rest, found := strings.CutPrefix(line, field+":"); found {
			kilobytes, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kilobytes * 1024
		}
	}
	return 0
}

// r.tasks goroutines are made and park, all are woken, all end. The process is a fresh one, so that what it
// holds is theirs.
func parked(r request) outcome {
	resident, tables := status("VmRSS"), status("VmPTE")
	gate := make(chan struct{})
	var arrived, woken atomic.Int64
	var done sync.WaitGroup
	made := outcome{}
	var createdIn time.Duration
	all := measured(r.n, func() {
		done.Add(r.tasks)
		start := time.Now()
		for i := 0; i < r.tasks; i++ {
			go func() {
				arrived.Add(1)
				<-gate
				woken.Add(1)
				done.Done()
			}()
		}
		for arrived.Load() != int64(r.tasks) {
			runtime.Gosched()
		}
		createdIn = time.Since(start)
		resident, tables = status("VmRSS")-resident, status("VmPTE")-tables
		close(gate)
		done.Wait()
	})
	made.wall, made.cpu, made.ops = all.wall, all.cpu, uint64(r.tasks)
	made.result = uint64(woken.Load())
	made.metrics = []string{
		fmt.Sprintf("create_ns=%g", float64(createdIn)/float64(r.tasks)),
		fmt.Sprintf("resident_bytes=%g", resident/float64(r.tasks)),
		fmt.Sprintf("table_bytes=%g", tables/float64(r.tasks)),
	}
	return made
}

// Computing that shares nothing: 1000 steps of a linear congruential generator. The result is the sum of
// their last values.
func compute(r request) outcome {
	var result atomic.Uint64
	made := crowd(r.tasks, r.n, func(task int) {
		share := shareOf(r.n, task, r.tasks)
		state := uint64(task)
		for i := uint64(0); i < share; i++ {
			for round := 0; round < 1000; round++ {
				state = state*6364136223846793005 + 1442695040888963407
			}
		}
		result.Add(state)
	})
	made.result = result.Load()
	return made
}
