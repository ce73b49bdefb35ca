// Goroutines that work beside others that wait, in the kernel or not; see suites/beside.hpp, suites/blocking.cpp and
// suites/syscall.cpp.
package main

import (
	"bufio"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

func init() {
	workloads["blocking/network"] = waitOnNetwork
	workloads["blocking/sleep"] = waitOnSleep
	workloads["blocking/channel"] = waitOnChannel
	workloads["blocking/lock"] = waitOnLock
	workloads["syscall/read"] = waitInRead
}

func threadsOfProcess() string {
	in, err := os.Open("/proc/self/status")
	if err != nil {
		return "0"
	}
	defer in.Close()
	for lines := bufio.NewScanner(in); lines.Scan(); {
		if name, rest, found := strings.Cut(lines.Text(), ":"); found && name == "Threads" {
			return strings.TrimSpace(rest)
		}
	}
	return "0"
}

// Each of `waiting` goroutines calls wait, which says whether it ended as it should; release ends them all. The result
// is the number of operations, or 0 when one did not.
func workBeside(r request, waiting int, wait func(task int) bool, release func()) outcome {
	var arrived, right atomic.Int64
	var waits, works sync.WaitGroup
	waits.Add(waiting)
	for i := 0; i < waiting; i++ {
		go func(task int) {
			arrived.Add(1)
			if wait(task) {
				right.Add(1)
			}
			waits.Done()
		}(i)
	}
	for arrived.Load() != int64(waiting) {
		runtime.Gosched()
	}
	works.Add(r.tasks)
	made := measured(r.n, func() {
		for i := 0; i < r.tasks; i++ {
			go func(task int) {
				for n := shareOf(r.n, task, r.tasks); n > 0; n-- {
					busy(1000)
					runtime.Gosched()
				}
				works.Done()
			}(i)
		}
		works.Wait()
	})
	made.metrics = []string{"threads=" + threadsOfProcess()}
	release()
	waits.Wait()
	if right.Load() == int64(waiting) {
		made.result = r.n
	}
	return made
}

// Panics with what went wrong: the other side says that the program has ended.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func waitOnNetwork(r request) outcome {
	waiting := int(r.number("waiting"))
	folder, err := os.MkdirTemp("", "gobench-go-")
	must(err)
	listener, err := net.Listen("unix", filepath.Join(folder, "socket"))
	must(err)
	here, there := make([]net.Conn, waiting), make([]net.Conn, waiting)
	for i := range here {
		here[i], err = net.Dial("unix", listener.Addr().String())
		must(err)
		there[i], err = listener.Accept()
		must(err)
	}
	must(listener.Close())
	must(os.RemoveAll(folder))
	made := workBeside(r, waiting, func(task int) bool {
		var got [1]byte
		n, err := here[task].Read(got[:])
		return err == nil && n == 1 && got[0] == byte(task%251)
	}, func() {
		for i, one := range there {
			_, err := one.Write([]byte{byte(i % 251)})
			must(err)
		}
	})
	for i := range here {
		here[i].Close()
		there[i].Close()
	}
	return made
}

func waitOnSleep(r request) outcome {
	var over atomic.Bool
	return workBeside(r, int(r.number("waiting")), func(int) bool {
		for !over.Load() {
			time.Sleep(10 * time.Millisecond)
		}
		return true
	}, func() { over.Store(true) })
}

func waitOnChannel(r request) outcome {
	waiting := int(r.number("waiting"))
	messages := make(chan int)
	return workBeside(r, waiting, func(int) bool { return <-messages == 7 }, func() {
		for i := 0; i < waiting; i++ {
			messages <- 7
		}
	})
}

func waitOnLock(r request) outcome {
	var lock sync.Mutex
	lock.Lock()
	return workBeside(r, int(r.number("waiting")), func(int) bool {
		lock.Lock()
		lock.Unlock()
		return true
	}, lock.Unlock)
}

func waitInRead(r request) outcome {
	blocked := int(r.number("blocked"))
	between := time.Duration(r.number("read_ms")) * time.Millisecond
	// Not os.Pipe, whose readers wait at Go's poller.
	pipes := make([][2]int, blocked)
	written := make([]uint64, blocked)
	for i := range pipes {
		must(syscall.Pipe(pipes[i][:]))
	}
	var over atomic.Bool
	var fed sync.WaitGroup
	fed.Add(1)
	go func() {
		for next := byte(1); !over.Load(); next = next%100 + 1 {
			time.Sleep(between)
			for i := range pipes {
				if n, err := syscall.Write(pipes[i][1], []byte{next}); n == 1 && err == nil {
					written[i] += uint64(next)
				}
			}
		}
		for i := range pipes {
			syscall.Close(pipes[i][1])
		}
		fed.Done()
	}()
	read := make([]uint64, blocked)
	made := workBeside(r, blocked, func(task int) bool {
		var got [1]byte
		for {
			n, err := syscall.Read(pipes[task][0], got[:])
			if err == syscall.EINTR {
				continue
			}
			if err != nil || n == 0 {
				return err == nil
			}
			read[task] += uint64(got[0])
		}
	}, func() {
		over.Store(true)
		fed.Wait()
	})
	for i := range pipes {
		syscall.Close(pipes[i][0])
		if read[i] != written[i] {
			made.result = 0
		}
	}
	return made
}
