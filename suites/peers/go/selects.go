// Select over 8 and 32 channels. The cases are spelled out, as in a program, since reflect.Select is many
// times slower.
package main

func init() {
	workloads["select/default"] = func(r request) outcome {
		return selecting(r, 1, selectDefault8, selectDefault32)
	}
	workloads["select/ready"] = func(r request) outcome {
		return selecting(r, 1, selectReady8, selectReady32)
	}
	workloads["select/blocking"] = selectBlocking
}

type channels []chan uint64

func channelsOf(n int64, capacity int) channels {
	c := make(channels, n)
	for i := range c {
		c[i] = make(chan uint64, capacity)
	}
	return c
}

type selector func(c channels, n uint64) uint64

func selectorOf(cases int64, of8, of32 selector) selector {
	switch cases {
	case 8:
		return of8
	case 32:
		return of32
	}
	panic("select of 8 or 32 cases")
}

func selecting(r request, capacity int, of8, of32 selector) outcome {
	cases := r.number("cases")
	c := channelsOf(cases, capacity)
	of := selectorOf(cases, of8, of32)
	sum := uint64(0)
	made := crowd(1, r.n, func(int) { sum = of(c, r.n) })
	made.result = sum
	return made
}

// One task sends to each channel in turn, the other waits for any.
func selectBlocking(r request) outcome {
	cases := r.number("cases")
	c := channelsOf(cases, 0)
	receive := selectorOf(cases, selectBlocking8, selectBlocking32)
	sum := uint64(0)
	made := crowd(2, r.n, func(task int) {
		if task == 0 {
			sum = receive(c, r.n)
			return
		}
		for i := uint64(0); i < r.n; i++ {
			c[i%uint64(len(c))] <- i + 1
		}
	})
	made.result = sum
	return made
}
