// Atomic instructions on a word of one's own, on words in one cache line, and on one word.
package main

import "sync/atomic"

func init() {
	workloads["atomics/load"] = atomicLoad
	workloads["atomics/store"] = atomicStore
	workloads["atomics/add"] = atomicAdd
	workloads["atomics/cas"] = atomicCas
}

// The word of each task; the slice keeps 16 words of distance for words of their own.
func wordsOf(r request) (words []*uint64) {
	memory := make([]uint64, 16*(r.tasks+1))
	for i := 0; i < r.tasks; i++ {
		switch r.words["layout"] {
		case "own":
			words = append(words, &memory[16*i])
		case "neighbours":
			words = append(words, &memory[i])
		default:
			words = append(words, &memory[0])
		}
	}
	return words
}

func sumOf(words []*uint64) uint64 {
	seen := map[*uint64]bool{}
	sum := uint64(0)
	for _, word := range words {
		if !seen[word] {
			sum += *word
		}
		seen[word] = true
	}
	return sum
}

func atomicLoad(r request) outcome {
	words := wordsOf(r)
	sums := make([]uint64, 16*r.tasks)
	for _, word := range words {
		*word = 1
	}
	made := team(r, nil, func(task int, count uint64) {
		at, sum := words[task], uint64(0)
		for i := uint64(0); i < count; i++ {
			sum += atomic.LoadUint64(at)
		}
		sums[16*task] += sum
	})
	for _, sum := range sums {
		made.result += sum
	}
	return made
}

func atomicStore(r request) outcome {
	words := wordsOf(r)
	done := make([]uint64, 16*r.tasks)
	made := team(r, nil, func(task int, count uint64) {
		at, next := words[task], done[16*task]
		for i := uint64(0); i < count; i++ {
			next++
			atomic.StoreUint64(at, next)
		}
		done[16*task] = next
	})
	for task, word := range words {
		// What is there is the last that a task stored: this one's, or another's where they share the word.
		last := false
		for other, stored := range words {
			last = last || (stored == word && *word == done[16*other])
		}
		if !last {
			return made
		}
		made.result += done[16*task]
	}
	return made
}

func atomicAdd(r request) outcome {
	words := wordsOf(r)
	made := team(r, nil, func(task int, count uint64) {
		at := words[task]
		for i := uint64(0); i < count; i++ {
			atomic.AddUint64(at, 1)
		}
	})
	made.result = sumOf(words)
	return made
}

func atomicCas(r request) outcome {
	words := wordsOf(r)
	made := team(r, nil, func(task int, count uint64) {
		at := words[task]
		for i := uint64(0); i < count; i++ {
			for {
				old := atomic.LoadUint64(at)
				if atomic.CompareAndSwapUint64(at, old, old+1) {
					break
				}
			}
		}
	})
	made.result = sumOf(words)
	return made
}
