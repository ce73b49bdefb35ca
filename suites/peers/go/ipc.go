// Messages between two goroutines; see suites/ipc/channels.cpp.
package main

import (
	"encoding/binary"
	"fmt"
	"time"
)

func init() {
	workloads["ipc/round-trip"] = ipcRoundTrip
	workloads["ipc/stream"] = ipcStream
}

// A message has its number at its beginning, as far as there is room.
func setNumber(message []byte, n uint64) {
	var all [8]byte
	binary.LittleEndian.PutUint64(all[:], n)
	copy(message, all[:])
}

func hasNumber(message []byte, n uint64) bool {
	var all, found [8]byte
	binary.LittleEndian.PutUint64(all[:], n)
	width := copy(found[:], message)
	for i := 0; i < width; i++ {
		if all[i] != found[i] {
			return false
		}
	}
	return true
}

// The result is the number of right answers.
func ipcRoundTrip(r request) outcome {
	there, back := make(chan []byte), make(chan []byte)
	bytes := r.number("bytes")
	right := uint64(0)
	trips := make([]float64, 0, r.n)
	made := crowd(2, r.n, func(task int) {
		if task == 0 {
			message := make([]byte, bytes)
			for i := uint64(0); i < r.n; i++ {
				setNumber(message, i)
				start := time.Now()
				there <- message
				message = <-back
				trips = append(trips, float64(time.Since(start)))
				if hasNumber(message, i+1) {
					right++
				}
			}
			return
		}
		for i := uint64(0); i < r.n; i++ {
			message := <-there
			if hasNumber(message, i) { // otherwise the answer is wrong as well
				setNumber(message, i+1)
			}
			back <- message
		}
	})
	made.metrics = latenessMetrics(trips)
	made.result = right
	return made
}

// The result is the number of right messages. They come back to be used again, as in gobench's own.
func ipcStream(r request) outcome {
	const room = 10
	there, empties := make(chan []byte, room), make(chan []byte, room+2)
	bytes := r.number("bytes")
	for i := 0; i < room+2; i++ {
		empties <- make([]byte, bytes)
	}
	right := uint64(0)
	made := crowd(2, r.n, func(task int) {
		for i := uint64(0); i < r.n; i++ {
			if task == 0 {
				message := <-empties
				setNumber(message, i)
				there <- message
			} else {
				message := <-there
				if hasNumber(message, i) {
					right++
				}
				empties <- message
			}
		}
	})
	made.result = right
	made.metrics = []string{rate(made, bytes)}
	return made
}

func rate(made outcome, bytes int64) string {
	mib := float64(made.ops) * float64(bytes) / (1 << 20)
	return fmt.Sprintf("mib_per_s=%g", mib/(float64(made.wall)*1e-9))
}
