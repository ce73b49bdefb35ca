// Goroutines that are all born on one P.
package main

import (
	"fmt"
	"sync"
)

func init() {
	workloads["stealing/spawned"] = stealing
}

// What suites/stealing.cpp counts, by CPU.
func stealing(r request) outcome {
	grain := r.number("grain_ns")
	batches := r.n / uint64(r.tasks)
	if batches == 0 {
		batches = 1
	}
	ran := make([]uint32, r.tasks)
	at := make([]uint32, r.tasks)
	var counts [1024]float64
	steals := 0.0
	made := measured(batches*uint64(r.tasks), func() {})
	made.wall, made.cpu = 0, 0
	for batch := uint64(0); batch < batches; batch++ {
		one := measured(0, func() {
			var done sync.WaitGroup
			done.Add(r.tasks)
			for i := 0; i < r.tasks; i++ {
				go func(i int) {
					busy(grain)
					ran[i]++
					at[i] = cpuHere()
					done.Done()
				}(i)
			}
			done.Wait()
		})
		made.wall += one.wall
		made.cpu += one.cpu
		var here [1024]float64
		home := 0
		for _, cpu := range at {
			here[cpu%1024]++
			if here[cpu%1024] > here[home] {
				home = int(cpu % 1024)
			}
		}
		for i, cpu := range at {
			if int(cpu%1024) != home && (i == 0 || at[i-1] != cpu) {
				steals++
			}
		}
		for i := range here {
			counts[i] += here[i]
		}
	}
	most, least, seen := 0.0, 2.0, 0
	all := float64(batches) * float64(r.tasks)
	for _, n := range counts {
		if n == 0 {
			continue
		}
		seen++
		if n/all > most {
			most = n / all
		}
		if n/all < least {
			least = n / all
		}
	}
	made.metrics = []string{fmt.Sprintf("share_max=%g", most), fmt.Sprintf("share_min=%g", least),
		fmt.Sprintf("shared_by=%d", seen), fmt.Sprintf("steals=%g", steals/float64(batches))}
	for _, times := range ran {
		made.result += uint64(times)
	}
	return made
}
