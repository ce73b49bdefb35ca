// What every task is doing at this moment, as Go prints it for SIGQUIT.
//
//   kill -QUIT <pid>          or ctrl-\ on the terminal
//
// While a run is on, SIGQUIT prints the dump on stderr; then the signal does what it does by default, so
// the shell sees 128 + 3, and a core file is written where that is enabled. A program that has a handler of
// its own for it, or ignores it, when run() begins keeps it.
//
// Environment
//   GOBENCH_SIGQUIT=die|continue|off      die is the default; with `continue` the program goes on after the
//                                         dump; `off` leaves the signal alone
#pragma once

#include <string>

#include "runtime/flavour.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

// The tasks of the run that is on, oldest first, a paragraph for each: its number, where it was spawned,
// what it does (running on which processor; runnable; waiting for what, on which object, for how long; in a
// blocking call; not started yet), and the stack of one that waits. At most 200 of them with a stack, and
// 10000 in all; then how many more there are. One line when no run is on.
//
// From any thread and task, at any time; the tasks go on meanwhile, so each paragraph is true of a moment
// of its own. A task whose stack is being read is held back for some microseconds. Stacks are there
// for fibers on x86-64; function names and lines come from the program's symbols and, where binutils are
// installed, its debug information (addr2line is started for that; GOBENCH_SYMBOLIZER=off prevents it).
// Throws std::bad_alloc.
std::string dump_tasks();

// The same to stderr.
void print_tasks();

}  // namespace gobench::inline GOBENCH_FLAVOUR
