// Units of work that compute or wait, as in suites/parallelism.cpp.
package main

import (
	"sync/atomic"
	"time"
)

func init() {
	workloads["parallelism/compute"] = func(r request) outcome {
		return units(r, func(ns int64) { busy(ns) })
	}
	workloads["parallelism/wait"] = func(r request) outcome {
		return units(r, func(ns int64) { time.Sleep(time.Duration(ns)) })
	}
}

func units(r request, unit func(ns int64)) outcome {
	ns := r.number("unit_ns")
	var done atomic.Uint64
	made := team(r, nil, func(task int, count uint64) {
		for i := uint64(0); i < count; i++ {
			unit(ns)
		}
		done.Add(count)
	})
	made.result = done.Load()
	return made
}
