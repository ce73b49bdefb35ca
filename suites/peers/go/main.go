// The Go side of gobench's suites: one program that does a workload for each line it reads.
//
//	counter/mutex tasks=8 n=100000 seed=1 hold_ns=0
//
// asks for n operations of the workload counter/mutex by 8 goroutines. The answer is one line:
//
//	ok WALL_NS CPU_NS OPERATIONS RESULT [METRIC=VALUE]... [@TICK/CPU,TICK/CPU,...]...
//
// RESULT is what the other side compares with what it must be. Each @ is a task: when, in ns, and on
// which CPU it had done a further part of its share. Anything else is `error TEXT`. The process keeps
// running until its input ends, so that its samples can be taken in turn with those of others, and
// GOMAXPROCS is what its environment says.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// What is asked for.
type request struct {
	tasks   int
	n       uint64
	seed    uint64
	numbers map[string]int64
	words   map[string]string
}

// What is answered.
type outcome struct {
	wall, cpu int64
	ops       uint64
	result    uint64
	metrics   []string
	marks     [][]mark
}

type workload func(r request) outcome

// Filled by the files that have the workloads.
var workloads = map[string]workload{}

func (r request) number(name string) int64 {
	n, there := r.numbers[name]
	if !there {
		panic("the request has no " + name)
	}
	return n
}

func parse(fields []string) (request, error) {
	r := request{tasks: 1, numbers: map[string]int64{}, words: map[string]string{}}
	for _, field := range fields {
		name, text, found := strings.Cut(field, "=")
		if !found {
			return r, fmt.Errorf("%s has no value", field)
		}
		n, err := strconv.ParseUint(text, 10, 64)
		switch {
		case name == "tasks":
			r.tasks = int(n)
		case name == "n":
			r.n = n
		case name == "seed":
			r.seed = n
		case err == nil:
			r.numbers[name] = int64(n)
		default:
			r.words[name] = text
		}
	}
	return r, nil
}

func (o outcome) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "ok %d %d %d %d", o.wall, o.cpu, o.ops, o.result)
	for _, metric := range o.metrics {
		text.WriteString(" " + metric)
	}
	for _, task := range o.marks {
		text.WriteString(" @")
		for i, m := range task {
			if i > 0 {
				text.WriteByte(',')
			}
			fmt.Fprintf(&text, "%d/%d", m.ns, m.cpu)
		}
	}
	return text.String()
}

func answer(line string) string {
	fields := strings.Fields(line)
	if len(fields) == 0 {
		return "error an empty request"
	}
	work, known := workloads[fields[0]]
	if !known {
		return "error there is no workload " + fields[0]
	}
	r, err := parse(fields[1:])
	if err != nil {
		return "error " + err.Error()
	}
	runtime.GC() // as Go's own testing package does before it measures
	return work(r).String()
}

func main() {
	in := bufio.NewReader(os.Stdin)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		fmt.Println(answer(line))
	}
}
