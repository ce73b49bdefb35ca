// The claims, in the order of their table: what is measured or tried for each, and the threshold with its reason.
//
// A threshold is where an engineer would decide otherwise, and not what some machine has shown: a claim that
// something is much cheaper takes an order of magnitude or what is named, one that it is cheaper takes
// more than the differences between two builds of the same program.
#include <algorithm>

#include "cli/claims/claim.hpp"

namespace gobench::cli::claims {

namespace {

using results::vehicle;

results::value number(std::int64_t n) { return n; }
results::value word(const char* text) { return std::string(text); }

constexpr const char* silent = "The cure orders the accesses; a report would be a false alarm.";

claim v1() {
  const place fiber{.suite = "spawn", .case_name = "spawn", .impl = "gobench.go", .tasks = 1000};
  return {
      .id = "V1",
      .text = "A thread is costly to create and destroy, a goroutine very cheap.",
      .brief = "threads cost, goroutines are cheap",
      .figures = {{.about = "CPU time of a thread created and ended, to that of a fiber",
                   .of = {{.suite = "spawn",
                           .case_name = "spawn",
                           .impl = "std.thread",
                           .runs_on = vehicle::thread,
                           .tasks = 1000},
                          "cpu_ns_per_op"},
                   .to = quantity{fiber, "cpu_ns_per_op"},
                   .threshold = 10,
                   .reason = "Below an order of magnitude a program with a pool of threads would "
                             "hardly be written anew.",
                   .when_busy = busy_machine::changes_nothing},
                  {.about = "CPU time of a fiber created and ended",
                   .of = {fiber, "cpu_ns_per_op"},
                   .unit = "ns",
                   .is = bound::at_most,
                   .threshold = 2000,
                   .reason = "Where a task costs no more than some cache misses, one for every "
                             "small job is affordable.",
                   .when_busy = busy_machine::changes_nothing}},
      .look_closer = "gobench run spawn"};
}

claim v2() {
  return {.id = "V2",
          .text = "Switching threads saves more than 50 registers, switching goroutines 3.",
          .brief = "fibers switch with less ado",
          .figures = {{.about = "CPU time of a switch between threads on one CPU, to fibers",
                       .of = {{.suite = "switch",
                               .case_name = "yield",
                               .impl = "os.futex",
                               .runs_on = vehicle::thread,
                               .tasks = 2,
                               .procs = 1},
                              "cpu_ns_per_op"},
                       .to = quantity{{.suite = "switch",
                                       .case_name = "yield",
                                       .impl = "gobench.yield",
                                       .tasks = 2,
                                       .procs = 1},
                                      "cpu_ns_per_op"},
                       .threshold = 5,
                       .reason = "The registers cannot be counted from outside, only what they and "
                                 "the way through the kernel cost; 50 to 3 should leave 5.",
                       .when_busy = busy_machine::changes_nothing}},
          .look_closer = "gobench run switch"};
}

place parked(const char* impl, vehicle on) {
  place made{.suite = "stacks", .case_name = "park", .impl = impl, .runs_on = on, .tasks = 1000};
  if (on == vehicle::fiber) made.parameters.set("stack", word("lazy"));
  return made;
}

claim v3() {
  return {
      .id = "V3",
      .text = "A thread's stack takes 1 to 8 MB, a goroutine's 2 to 8 KB.",
      .brief = "thread stack MBs, goroutine KBs",
      .figures = {{.about = "main memory of a parked fiber",
                   .of = {parked("gobench.go", vehicle::fiber), "resident_bytes"},
                   .unit = "KiB",
                   .scale = 1.0 / 1024,
                   .is = bound::at_most,
                   .threshold = 8,
                   .reason = "The claim's own upper bound.",
                   .when_busy = busy_machine::changes_nothing},
                  {.about = "address space of a parked thread",
                   .of = {parked("std.thread", vehicle::thread), "virtual_bytes"},
                   .unit = "MiB",
                   .scale = 1.0 / (1024 * 1024),
                   .threshold = 1,
                   .reason = "The claim's own lower bound. It is reserved and not taken: what a "
                             "thread takes of main memory is claim V4.",
                   .when_busy = busy_machine::changes_nothing}},
      .look_closer = "gobench run stacks"};
}

place filled(const char* impl, vehicle on) {
  place made{.suite = "stacks",
             .case_name = "fill",
             .impl = impl,
             .runs_on = on,
             .tasks = 100'000,
             .parameters = {{"limit_mb", number(64)}}};
  if (on == vehicle::fiber) made.parameters.set("stack", word("lazy"));
  return made;
}

claim v4() {
  return {
      .id = "V4",
      .text = "1000 threads fill 1 GB; 1 GB holds 250,000 to 500,000 goroutines.",
      .brief = "1 GB: 1000 threads, 250k tasks",
      .figures = {{.about = "fibers that fit into 1 GiB, in thousands, told from 64 MiB",
                   .of = {filled("gobench.go", vehicle::fiber), "fit"},
                   .unit = "k",
                   .scale = 0.016,
                   .threshold = 250,
                   .reason = "The claim's own lower bound.",
                   .when_busy = busy_machine::changes_nothing},
                  {.about = "threads that fit into 1 GiB, in thousands, told from 64 MiB",
                   .of = {filled("std.thread", vehicle::thread), "fit"},
                   .unit = "k",
                   .scale = 0.016,
                   .is = bound::at_most,
                   .threshold = 2,
                   .reason = "Twice as many as claimed would still be about as many. A kernel that "
                             "provides pages when they are touched takes far less than the "
                             "stack that is reserved.",
                   .when_busy = busy_machine::changes_nothing}},
      .look_closer = "gobench run stacks"};
}

claim v5() {
  const place million{.suite = "million",
                      .case_name = "park",
                      .impl = "gobench.go",
                      .tasks = 1'000'000,
                      .quick_tasks = 100'000};
  return {.id = "V5",
          .text = "One or two million goroutines are no problem, a million threads are impossible.",
          .brief = "a million goroutines: no problem",
          .figures = {{.about =
                           "a fiber created, parked, woken and ended, of a million (100,000 quick)",
                       .of = {million, "cpu_ns_per_op"},
                       .unit = "us",
                       .scale = 1e-3,
                       .is = bound::at_most,
                       .threshold = 10,
                       .reason = "Then a million take ten seconds of CPU time from birth to end.",
                       .when_busy = busy_machine::changes_nothing},
                      {.about = "main memory of one of them",
                       .of = {million, "resident_bytes"},
                       .unit = "KiB",
                       .scale = 1.0 / 1024,
                       .is = bound::at_most,
                       .threshold = 8,
                       .reason = "Then a million fit into 8 GiB, which any server has.",
                       .when_busy = busy_machine::changes_nothing},
                      {.about = "threads that the system gives one process, in thousands",
                       .of = {{.suite = "stacks",
                               .case_name = "fill",
                               .impl = "std.thread",
                               .runs_on = vehicle::thread,
                               .tasks = 1'000'000,
                               .parameters = {{"limit_mb", number(1024)}},
                               .quick_parameters = {{"limit_mb", number(128)}}},
                              "fit"},
                       .unit = "k",
                       .scale = 1e-3,
                       .is = bound::at_most,
                       .threshold = 999,
                       .reason = "Not a million: it stops at a limit of the system, or where 1 GiB "
                                 "(128 MiB quick) of main memory is filled.",
                       .when_busy = busy_machine::changes_nothing}},
          .look_closer = "gobench run million"};
}

claim v6() {
  const place deep{.suite = "stack-growth",
                   .case_name = "recursion",
                   .impl = "gobench.go",
                   .parameters = {{"depth_kb", number(1024 * 1000)}},
                   .quick_parameters = {{"depth_kb", number(65536)}}};
  return {.id = "V6",
          .text =
              "A thread's stack is fixed, a goroutine's grows at run time up to 1 GB, and is given "
              "back.",
          .brief = "stacks grow and are given back",
          .figures =
              {{.about = "main memory at the deepest point of a recursion of 1000 MiB (64 quick)",
                .of = {deep, "at_bytes"},
                .unit = "MiB",
                .scale = 1.0 / (1024 * 1024),
                .threshold = 60,
                .reason = "A thread's 8 MiB would have overflowed long before.",
                .when_busy = busy_machine::changes_nothing},
               {.about = "what of it is left at the end of the run",
                .of = {deep, "ended_bytes"},
                .to = quantity{deep, "at_bytes"},
                .unit = "%",
                .scale = 100,
                .is = bound::at_most,
                .threshold = 5,
                .reason = "All of it is given back but for what the allocator keeps of "
                          "anything.",
                .when_busy = busy_machine::changes_nothing},
               {.about = "time until three quarters of 64 MiB are given back by a run that is idle",
                .of = {{.suite = "stack-growth",
                        .case_name = "idle",
                        .impl = "gobench.go",
                        .parameters = {{"depth_kb", number(65536)}}},
                       "given_back_ns"},
                .unit = "ms",
                .scale = 1e-6,
                .is = bound::at_most,
                .threshold = 1000,
                .reason = "While the program runs, and sooner than anybody looks at its memory.",
                .when_busy = busy_machine::slows},
               {.about = "time until an overflow has ended in an error that names the task",
                .of = {{.suite = "stack-growth", .case_name = "overflow", .impl = "gobench.go"}},
                .unit = "ms",
                .scale = 1e-6,
                .is = bound::at_most,
                .threshold = 5000,
                .reason = "That it ends so is what the sample proves; the time only has to be "
                          "one that nobody takes for a hang.",
                .when_busy = busy_machine::slows}},
          .look_closer = "gobench run stack-growth"};
}

claim v7() {
  const place kept{.suite = "task-pool",
                   .case_name = "batch",
                   .impl = "gobench.go",
                   .tasks = 1000,
                   .parameters = {{"stack_kb", number(0)}, {"yields", number(1)}}};
  place mapped = kept;
  mapped.impl = "gobench.fixed";
  return {
      .id = "V7",
      .text = "A task that finishes may leave its stack to the next.",
      .brief = "a stack is left to the next task",
      .figures = {{.about =
                       "CPU time of a task on a stack mapped for it, to one on a stack left over",
                   .of = {mapped, "cpu_ns_per_op"},
                   .to = quantity{kept, "cpu_ns_per_op"},
                   .threshold = 2,
                   .reason = "Keeping stacks takes memory; it has to halve the cost of a task.",
                   .when_busy = busy_machine::changes_nothing}},
      .look_closer = "gobench run task-pool"};
}

claim v8() {
  return {
      .id = "V8",
      .text = "Threads have an identity, goroutines show none.",
      .brief = "goroutines show no identity",
      .trials = {{.about = "a task asked for its id, or for what belongs to one",
                  .program = "identity.cpp",
                  .by = examiner::compiler,
                  .reason = "There is nothing to ask for; std::this_thread::get_id() is there."},
                 {.about = "a race of two tasks",
                  .program = "racy_tasks.cpp",
                  .finding = "data-race",
                  .mentions = {"\"task\":"},
                  .reason = "Reports name tasks, since people have to tell them apart."}},
      .look_closer = "gobench claims V8"};
}

claim v9() {
  const auto cpu = [](place where) { return quantity{std::move(where), "cpu_ns_per_op"}; };
  const place fiber_switch{
      .suite = "switch", .case_name = "yield", .impl = "gobench.yield", .tasks = 2, .procs = 1};
  place coroutine_switch = fiber_switch;
  coroutine_switch.runs_on = vehicle::coroutine;
  const place fiber_parked{
      .suite = "memory", .case_name = "wait", .impl = "gobench.go", .tasks = 1000};
  place coroutine_parked = fiber_parked;
  coroutine_parked.impl = "gobench.spawn";
  coroutine_parked.runs_on = vehicle::coroutine;
  return {.id = "V9",
          .text = "Is a goroutine a coroutine? It switches like one, and keeps a stack besides.",
          .brief = "a goroutine is like a coroutine",
          .figures = {{.about = "CPU time of a switch of fibers, to that of coroutines",
                       .of = cpu(fiber_switch),
                       .to = cpu(coroutine_switch),
                       .is = bound::at_most,
                       .threshold = 4,
                       .reason = "Of the same order: threads take 20 times as long and more.",
                       .when_busy = busy_machine::changes_nothing},
                      {.about = "main memory of a parked fiber, to that of a coroutine",
                       .of = {fiber_parked, "task_bytes"},
                       .to = quantity{coroutine_parked, "task_bytes"},
                       .threshold = 4,
                       .reason = "A coroutine keeps a frame, a fiber a page of stack at least.",
                       .when_busy = busy_machine::changes_nothing}},
          .look_closer = "gobench run switch spawn memory"};
}

place by_procs(const char* name, int procs) {
  return {.suite = "gomaxprocs",
          .case_name = name,
          .impl = std::string_view(name) == "compute" ? "gobench.go" : "gobench.chan",
          .tasks = 8,
          .procs = procs};
}

claim s1() {
  return {
      .id = "S1",
      .text = "G tasks run on P processors; GOMAXPROCS sets P, and more of them do more at a time.",
      .brief = "more processors do more at a time",
      .figures = {{.about = "time of computing tasks on one processor, to all",
                   .of = {by_procs("compute", 1)},
                   .to = quantity{by_procs("compute", 0)},
                   .threshold = 1.5,
                   .reason = "Two processors without a loss would make it 2; CPUs that are threads "
                             "of one core about 1.3.",
                   .contended = true}},
      .look_closer = "gobench run gomaxprocs"};
}

claim s2() {
  const auto slowdown = [](const char* name, const char* about) {
    return figure{.about = about,
                  .of = {by_procs(name, 0)},
                  .to = quantity{by_procs(name, 1)},
                  .threshold = 1.1,
                  .reason = "Less than a tenth is what two runs of one program differ by.",
                  .contended = true};
  };
  return {.id = "S2",
          .text = "More than one processor can make a program slower that mostly communicates.",
          .brief = "a second processor can slow down",
          .figures = {slowdown("fan-in", "time of a fan-in on all processors, to one"),
                      slowdown("pipeline", "time of a pipeline on all processors, to one"),
                      slowdown("ping-pong", "time of pairs of tasks on all processors, to one")},
          .one_suffices = true,
          .look_closer = "gobench run gomaxprocs"};
}

// Units of work, one after the other in one task or by eight; on so many processors.
quantity units(const char* name, const char* impl, int procs) {
  const bool serial = std::string_view(impl) == "plain.serial";
  return {{.suite = "parallelism",
           .case_name = name,
           .impl = impl,
           .runs_on = serial ? vehicle::thread : vehicle::fiber,
           .tasks = serial ? 1 : 8,
           .procs = procs,
           .parameters = {{"unit_ns", number(200'000)}}}};
}

claim s3() {
  const auto gain = [](const char* name, int procs, const char* about) {
    return figure{.about = about,
                  .of = units(name, "plain.serial", procs),
                  .to = units(name, "gobench.go", procs)};
  };
  figure one_computes = gain("compute", 1, "computing, one processor: time of one task, to 8");
  one_computes.is = bound::at_most;
  one_computes.threshold = 1.2;
  one_computes.reason = "They take turns, concurrent and not parallel, and gain nothing.";
  figure one_waits = gain("wait", 1, "waiting, one processor: time of one task, to 8");
  one_waits.threshold = 4;
  one_waits.reason = "Who waits needs no processor: 8 wait at the same time.";
  figure all_compute = gain("compute", 0, "computing, all processors: time of one task, to 8");
  all_compute.threshold = 1.4;
  all_compute.reason = "Two processors without a loss make it 2: parallel.";
  all_compute.contended = true;
  figure all_wait = gain("wait", 0, "waiting, all processors: time of one task, to 8");
  all_wait.threshold = 4;
  all_wait.reason = "As with one: processors make no difference to waiting.";
  return {.id = "S3",
          .text = "Concurrency is not parallelism: one core or many, computing or waiting.",
          .brief = "concurrent is not parallel",
          .figures = {one_computes, one_waits, all_compute, all_wait},
          .look_closer = "gobench run parallelism"};
}

claim s4() {
  const auto beside = [](const char* name, const char* about) {
    place local{.suite = "run-queue", .case_name = name, .impl = "gobench.local", .tasks = 64};
    place global = local;
    global.impl = "gobench.global";
    return figure{
        .about = about,
        .of = {global},
        .to = quantity{local},
        .threshold = 1.2,
        .reason = "A queue of its own for each processor is more code; a fifth is worth it.",
        .contended = true};
  };
  return {
      .id = "S4",
      .text = "One run queue per processor reduces the contention for its lock.",
      .brief = "own run queues contend less",
      .figures = {beside("yield", "time of a yield with one queue for all, to queues of their own"),
                  beside("spawn", "time of a task with one queue for all, to queues of their own")},
      .look_closer = "gobench run run-queue"};
}

claim s5() {
  const auto drained = [](int procs) {
    return place{.suite = "stealing",
                 .case_name = "spawned",
                 .impl = "gobench.go",
                 .tasks = 1000,
                 .procs = procs,
                 .parameters = {{"grain_ns", number(10'000)}}};
  };
  return {
      .id = "S5",
      .text = "Idle processors steal work.",
      .brief = "idle processors steal work",
      .figures = {{.about =
                       "time to drain what was born on one processor, without others to with them",
                   .of = {drained(1)},
                   .to = quantity{drained(0)},
                   .threshold = 1.4,
                   .reason = "Two processors that share without a loss make it 2.",
                   .contended = true},
                  {.about = "share of the tasks that the busiest processor did",
                   .of = {drained(0), "share_max"},
                   .unit = "%",
                   .scale = 100,
                   .is = bound::at_most,
                   .threshold = 75,
                   .reason = "A quarter or more was taken by others.",
                   .when_busy = busy_machine::delays,
                   .contended = true}},
      .look_closer = "gobench run stealing"};
}

quantity beside_waiting(const char* name, int waiting, const char* column) {
  return {{.suite = "blocking",
           .case_name = name,
           .impl = "gobench.task",
           .procs = 1,
           .parameters = {{"waiting", number(waiting)}}},
          column};
}

claim s6() {
  const auto threads = [](const char* name, const char* about) {
    return figure{.about = about,
                  .of = beside_waiting(name, 1000, "threads"),
                  .unit = "threads",
                  .is = bound::at_most,
                  .threshold = 16,
                  .reason = "A few of the runtime's own, and not one for each that waits.",
                  .when_busy = busy_machine::changes_nothing};
  };
  const auto rest = [](const char* name, const char* about) {
    return figure{
        .about = about,
        .of = beside_waiting(name, 1000, "cpu_ns_per_op"),
        .to = beside_waiting(name, 0, "cpu_ns_per_op"),
        .is = bound::at_most,
        .threshold = 1.5,
        .reason = "Who waits takes nothing from the others, but for what caches make of it.",
        .when_busy = busy_machine::changes_nothing};
  };
  return {
      .id = "S6",
      .text =
          "Waiting on the network, a sleep, a channel or a lock parks the goroutine, not its "
          "thread.",
      .brief = "waiting parks a task, no thread",
      .figures = {threads("network", "threads where 1000 fibers wait for the network"),
                  threads("sleep", "the same where they sleep"),
                  threads("channel", "the same where they wait for a channel"),
                  threads("lock", "the same where they wait for a lock"),
                  rest("channel", "CPU time of the others beside 1000 that wait, to beside none"),
                  rest("network", "the same beside 1000 that wait for the network")},
      .look_closer = "gobench run blocking"};
}

claim s7() {
  const auto late = [](const char* impl) {
    return quantity{{.suite = "hog",
                     .case_name = "timer",
                     .impl = impl,
                     .tasks = 4,
                     .procs = 1,
                     .parameters = {{"hogs", number(1)}, {"burst_ms", number(50)}}},
                    "p99_us"};
  };
  return {
      .id = "S7",
      .text = "A task that never blocks starves the others; Go marks it after 10 ms.",
      .brief = "a hog starves the others",
      .figures = {{.about =
                       "99 of 100 wake-ups beside a hog of 50 ms are at most so late, without help",
                   .of = late("gobench.no_hand_off"),
                   .unit = "ms",
                   .scale = 1e-3,
                   .threshold = 30,
                   .reason = "They wait for what is left of the 50 ms.",
                   .when_busy = busy_machine::delays},
                  {.about = "the same, where the processor is handed on after 10 ms",
                   .of = late("gobench.hand_off"),
                   .unit = "ms",
                   .scale = 1e-3,
                   .is = bound::at_most,
                   .threshold = 20,
                   .reason = "10 ms until the hog is noticed, and a time slice of the kernel.",
                   .when_busy = busy_machine::delays}},
      .look_closer = "gobench run hog"};
}

claim s8() {
  const auto read = [](const char* impl, int blocked) {
    return quantity{{.suite = "syscall",
                     .case_name = "read",
                     .impl = impl,
                     .procs = 1,
                     .parameters = {{"blocked", number(blocked)}, {"read_ms", number(20)}}}};
  };
  return {
      .id = "S8",
      .text = "A blocking system call takes its thread along, and the processor moves on.",
      .brief = "blocked calls keep no processor",
      .figures = {{.about = "time of the others beside 4 tasks in blocking reads, to beside none",
                   .of = read("gobench.blocking", 4),
                   .to = read("gobench.blocking", 0),
                   .is = bound::at_most,
                   .threshold = 1.5,
                   .reason = "They have the processor for themselves, but for the reads' ends."},
                  {.about = "the same where the scheduler does not know, to where it does",
                   .of = read("gobench.read_no_hand_off", 4),
                   .to = read("gobench.blocking", 4),
                   .threshold = 3,
                   .reason = "Then everybody waits for each read: what the claim is about."}},
      .look_closer = "gobench run syscall"};
}

claim s9() {
  return {
      .id = "S9",
      .text = "Coroutine scheduling cannot be fair.",
      .brief = "coroutines do not share fairly",
      .figures = {{.about =
                       "Jain's index of the time that tasks got which yield after 50 us or after 1",
                   .of = {{.suite = "fairness",
                           .case_name = "unequal",
                           .impl = "gobench.yield",
                           .tasks = 8,
                           .procs = 1},
                          "jain"},
                   .unit = "",
                   .is = bound::at_most,
                   .threshold = 0.8,
                   .reason =
                       "1 is even; where half of the tasks get everything it is 0.5. Turns are "
                       "dealt out fairly, time is not: who keeps the processor has it.",
                   .when_busy = busy_machine::changes_nothing}},
      .look_closer = "gobench run fairness"};
}

claim s10() {
  const place fibers{.suite = "reactor",
                     .case_name = "echo",
                     .impl = "gobench.net",
                     .tasks = 1000,
                     .quick_tasks = 200};
  place threads = fibers;
  threads.impl = "std.thread";
  threads.runs_on = vehicle::thread;
  place loop = threads;
  loop.impl = "plain.epoll";
  return {
      .id = "S10",
      .text = "A thread per request does not scale; a reactor or a goroutine per connection does.",
      .brief = "a thread per request won't scale",
      .figures = {{.about = "CPU time of a request by a thread per connection, to a fiber",
                   .of = {threads, "cpu_ns_per_op"},
                   .to = quantity{fibers, "cpu_ns_per_op"},
                   .threshold = 1.2,
                   .reason = "A fifth fewer machines is a reason.",
                   .when_busy = busy_machine::changes_nothing},
                  {.about = "the same by a thread per connection, to an event loop",
                   .of = {threads, "cpu_ns_per_op"},
                   .to = quantity{loop, "cpu_ns_per_op"},
                   .threshold = 1.2,
                   .reason = "As above.",
                   .when_busy = busy_machine::changes_nothing}},
      .look_closer = "gobench run reactor"};
}

place counter(const char* impl, int tasks, vehicle on = vehicle::fiber) {
  place made{.suite = "mutex-vs-chan",
             .case_name = "counter",
             .impl = impl,
             .runs_on = on,
             .tasks = tasks,
             .parameters = {{"hold_ns", number(0)}}};
  if (std::string_view(impl) == "std.atomic" || std::string_view(impl) == "plain.loop")
    made.parameters = {};
  return made;
}

claim c1() {
  const auto beside = [](const char* impl, const char* about) {
    return figure{.about = about,
                  .of = {counter(impl, 8), "cpu_ns_per_op"},
                  .to = quantity{counter("gobench.mutex", 8), "cpu_ns_per_op"},
                  .threshold = 1.5,
                  .reason = "Half as much again is a price that one notices.",
                  .when_busy = busy_machine::changes_nothing};
  };
  return {
      .id = "C1",
      .text = "To protect a variable use a mutex; a channel costs more.",
      .brief = "mutex, not channel, for a variable",
      .figures = {beside("gobench.chan_lock",
                         "CPU time of an addition under a channel as a lock, to a mutex; 8 tasks"),
                  beside("gobench.chan_owner",
                         "the same by a request to an owner through a channel, to a mutex")},
      .look_closer = "gobench run mutex-vs-chan"};
}

claim c2() {
  const auto shared = [](const char* impl, int read_pct) {
    return quantity{{.suite = "rwmutex",
                     .case_name = "two numbers",
                     .impl = impl,
                     .tasks = 8,
                     .parameters = {{"hold_ns", number(1000)}, {"read_pct", number(read_pct)}}}};
  };
  return {.id = "C2",
          .text = "A read-write lock pays when reads dominate.",
          .brief = "a read-write lock pays for reads",
          .figures = {{.about =
                           "time under a mutex to that under a read-write lock; reads of 1 us only",
                       .of = shared("gobench.mutex", 100),
                       .to = shared("gobench.shared_mutex", 100),
                       .threshold = 1.3,
                       .reason = "Two CPUs that read at the same time make it 2 at best.",
                       .contended = true},
                      {.about = "the same with writes only",
                       .of = shared("gobench.mutex", 0),
                       .to = shared("gobench.shared_mutex", 0),
                       .is = bound::at_most,
                       .threshold = 1.2,
                       .reason = "Without reads it has nothing to gain: it pays for reads and not "
                                 "anyway."}},
          .look_closer = "gobench run rwmutex"};
}

claim c3() {
  const auto beside = [](int tasks, const char* about) {
    return figure{.about = about,
                  .of = {counter("std.mutex", tasks, vehicle::thread), "cpu_ns_per_op"},
                  .to = quantity{counter("std.atomic", tasks, vehicle::thread), "cpu_ns_per_op"},
                  .threshold = 1.2,
                  .reason = "A lock takes two atomic instructions where one would do.",
                  .when_busy = busy_machine::changes_nothing};
  };
  return {
      .id = "C3",
      .text = "Atomics are the cheapest, for simple types.",
      .brief = "atomics are the cheapest",
      .figures = {beside(1, "CPU time of an addition under a mutex to an atomic one; one thread"),
                  beside(8, "the same with 8 threads")},
      .look_closer = "gobench run atomics mutex-vs-chan"};
}

claim c4() {
  return {.id = "C4",
          .text = "A plain loop may beat locks and many tasks.",
          .brief = "a plain loop may beat all of it",
          .figures = {{.about = "time of an addition by 8 tasks with a mutex, to one task without",
                       .of = {counter("gobench.mutex", 8)},
                       .to = quantity{counter("plain.loop", 1)},
                       .threshold = 2,
                       .reason = "All CPUs together should not take twice as long as one alone."}},
          .look_closer = "gobench run mutex-vs-chan"};
}

claim c5() {
  const auto trip = [](const char* impl, vehicle on) {
    return place{.suite = "ping-pong",
                 .case_name = "round trip",
                 .impl = impl,
                 .runs_on = on,
                 .tasks = 2,
                 .procs = 1};
  };
  return {
      .id = "C5",
      .text = "Channels give communication of low latency, threads of a huge one.",
      .brief = "channels beat threads in latency",
      .figures = {{.about =
                       "round trip of threads with a condition variable, to fibers with channels",
                   .of = {trip("std.condition_variable", vehicle::thread)},
                   .to = quantity{trip("gobench.chan", vehicle::fiber)},
                   .threshold = 5,
                   .reason = "Huge against low should be more than twice or thrice.",
                   .when_busy = busy_machine::slows}},
      .look_closer = "gobench run ping-pong"};
}

// A channel whose source offers values twice as fast as they are consumed.
place rated(int capacity, const char* limiter) {
  return {.suite = "chan-buffer",
          .case_name = "rates",
          .impl = "gobench.chan",
          .tasks = 2,
          .parameters = {{"capacity", number(capacity)},
                         {"pace", word("faster")},
                         {"limiter", word(limiter)},
                         {"service_ns", number(20'000)}}};
}

claim c6() {
  const auto transfer = [](int capacity) {
    return quantity{{.suite = "chan-buffer",
                     .case_name = "transfer",
                     .impl = "gobench.chan",
                     .tasks = 2,
                     .procs = 1,
                     .parameters = {{"capacity", number(capacity)}}},
                    "cpu_ns_per_op"};
  };
  return {
      .id = "C6",
      .text = "A buffer helps only while the rates match.",
      .brief = "buffers help while rates match",
      .figures = {{.about = "CPU time of a number without a buffer, to one of 128; equal rates",
                   .of = transfer(0),
                   .to = transfer(128),
                   .threshold = 1.3,
                   .reason = "A third is worth one more number to choose.",
                   .when_busy = busy_machine::changes_nothing},
                  {.about =
                       "time of a value without a buffer, to one of 128; a source twice too fast",
                   .of = {rated(0, "off")},
                   .to = quantity{rated(128, "off")},
                   .is = bound::at_most,
                   .threshold = 1.2,
                   .reason = "The consumer sets the pace: the buffer is full and helps nobody."}},
      .look_closer = "gobench run chan-buffer"};
}

claim c7() {
  return {
      .id = "C7",
      .text = "An unbounded channel can be had with a queue.",
      .brief = "unbounded channels can be had",
      .figures = {{.about = "CPU time of a number through an unbounded channel, to one of 128",
                   .of = {{.suite = "chan-buffer",
                           .case_name = "transfer",
                           .impl = "gobench.unbounded_chan",
                           .tasks = 2},
                          "cpu_ns_per_op"},
                   .to = quantity{{.suite = "chan-buffer",
                                   .case_name = "transfer",
                                   .impl = "gobench.chan",
                                   .tasks = 2,
                                   .parameters = {{"capacity", number(128)}}},
                                  "cpu_ns_per_op"},
                   .is = bound::at_most,
                   .threshold = 2,
                   .reason = "It has to allocate; for twice the price one would rather bound it.",
                   .when_busy = busy_machine::changes_nothing}},
      .look_closer = "gobench run chan-buffer"};
}

claim c8() {
  return {.id = "C8",
          .text = "A select with default makes the use of channels non-blocking.",
          .brief = "select with default never blocks",
          .figures = {{.about = "CPU time of a select over 8 empty channels that takes its default",
                       .of = {{.suite = "select",
                               .case_name = "default",
                               .impl = "gobench.select",
                               .procs = 1,
                               .parameters = {{"cases", number(8)}}},
                              "cpu_ns_per_op"},
                       .unit = "ns",
                       .is = bound::at_most,
                       .threshold = 1000,
                       .reason = "Less than it costs to be woken: it has not waited.",
                       .when_busy = busy_machine::changes_nothing}},
          .look_closer = "gobench run select"};
}

claim c9() {
  const auto jobs = [](const char* name, const char* impl, vehicle on, int workers, int job_ns) {
    place made{.suite = "worker-pool",
               .case_name = name,
               .impl = impl,
               .runs_on = on,
               .tasks = 100,
               .parameters = {{"job_ns", number(job_ns)}}};
    if (workers > 0) {
      made.parameters.set("workers", number(workers));
      made.parameters.set("queue", number(5));
    }
    return made;
  };
  const place pool = jobs("compute", "gobench.worker_pool", vehicle::fiber, 5, 0);
  return {.id = "C9",
          .text = "Worker pools: how do they perform? Far better than a thread for each job.",
          .brief = "a pool beats a thread per job",
          .figures =
              {{.about = "CPU time of an empty job on a thread of its own, to a pool of 5 fibers",
                .of = {jobs("compute", "std.thread", vehicle::thread, 0, 0), "cpu_ns_per_op"},
                .to = quantity{pool, "cpu_ns_per_op"},
                .threshold = 5,
                .reason = "A pool is more to write and to tune; twice would not be enough.",
                .when_busy = busy_machine::changes_nothing},
               {.about = "time of 100 jobs that wait 1 ms, by 5 workers to 64",
                .of = {jobs("wait", "gobench.worker_pool", vehicle::fiber, 5, 1'000'000)},
                .to = quantity{jobs("wait", "gobench.worker_pool", vehicle::fiber, 64, 1'000'000)},
                .threshold = 5,
                .reason = "Where jobs wait the number of workers decides: it is 12 times as "
                          "large.",
                .when_busy = busy_machine::slows}},
          .look_closer = "gobench run worker-pool"};
}

claim c10() {
  const auto chain = [](const char* impl, vehicle on) {
    place made{.suite = "pipeline",
               .case_name = "chain",
               .impl = impl,
               .runs_on = on,
               .tasks = 10,
               .parameters = {{"work_ns", number(0)}}};
    if (on == vehicle::fiber) made.parameters.set("capacity", number(64));
    return quantity{made, "cpu_ns_per_op"};
  };
  return {
      .id = "C10",
      .text = "Goroutines and channels are like processes and pipes.",
      .brief = "goroutines are like pipes",
      .figures = {{.about =
                       "CPU time of a number through 10 threads and pipes, to fibers and channels",
                   .of = chain("posix.pipe", vehicle::thread),
                   .to = chain("gobench.chan", vehicle::fiber),
                   .threshold = 2,
                   .reason = "They do the same work, and a pipe costs system calls.",
                   .when_busy = busy_machine::changes_nothing}},
      .look_closer = "gobench run pipeline sieve skynet"};
}

claim c11() {
  const auto trip = [](const char* impl, vehicle on = vehicle::process) {
    return place{.suite = "ipc",
                 .case_name = "round trip",
                 .impl = impl,
                 .runs_on = on,
                 .tasks = 2,
                 .parameters = {{"bytes", number(1)}}};
  };
  claim made{
      .id = "C11",
      .text =
          "Processes talk through files with locks, signals, sockets, message queues, pipes, "
          "FIFOs, semaphores, shared memory and mapped files.",
      .brief = "processes talk in many ways",
      .look_closer = "gobench run ipc"};
  for (const char* impl :
       {"os.file_lock", "os.signal", "os.unix_stream", "os.unix_datagram", "os.tcp", "os.posix_mq",
        "os.sysv_mq", "os.pipe", "os.fifo", "os.shm_semaphore", "os.sysv_shm_semaphore",
        "os.shm_futex", "os.sysv_shm_futex", "os.mapped_file", "os.eventfd", "os.shm_ring"}) {
    made.figures.push_back({.about = std::string("CPU time of a round trip of a byte by ") + impl +
                                     ", to a channel of fibers",
                            .of = {trip(impl), "cpu_ns_per_op"},
                            .to = quantity{trip("gobench.chan", vehicle::fiber), "cpu_ns_per_op"},
                            .threshold = 1.2,
                            .reason =
                                "Every sample proves that its messages arrive. A channel within "
                                "one process has to be cheaper, or one would take two.",
                            .when_busy = busy_machine::changes_nothing});
  }
  return made;
}

claim c12() {
  const auto held = [](const char* impl, int tasks) {
    return quantity{{.suite = "mutex",
                     .case_name = "counter",
                     .impl = impl,
                     .tasks = tasks,
                     .parameters = {{"hold_ns", number(10'000)}}}};
  };
  return {
      .id = "C12",
      .text = "Hold locks briefly.",
      .brief = "hold locks briefly",
      .figures = {{.about =
                       "time of 8 tasks that hold a lock for 10 us each time, to one task without",
                   .of = held("gobench.mutex", 8),
                   .to = held("plain.loop", 1),
                   .threshold = 0.9,
                   .reason =
                       "All CPUs together do no more than one alone: what is done under a lock "
                       "is done one after another."}},
      .look_closer = "gobench run mutex"};
}

claim c13() {
  const auto waits = [](const char* impl) {
    return quantity{{.suite = "waiting",
                     .case_name = "notice",
                     .impl = impl,
                     .runs_on = vehicle::thread,
                     .parameters = {{"gap_us", number(1000)}}},
                    "cpu_ns_per_op"};
  };
  return {
      .id = "C13",
      .text = "Busy waiting wastes CPU time.",
      .brief = "busy waiting wastes CPU time",
      .figures = {{.about = "CPU time of a message each millisecond by spinning, to a futex",
                   .of = waits("plain.spin"),
                   .to = waits("os.futex"),
                   .threshold = 5,
                   .reason = "A wake-up takes some microseconds, a millisecond of spinning all of "
                             "it; other programs only make the spinner get less.",
                   .when_busy = busy_machine::changes_nothing}},
      .look_closer = "gobench run waiting"};
}

claim c14() {
  const auto offered = [](const char* limiter, const char* column) {
    return quantity{rated(128, limiter), column};
  };
  return {
      .id = "C14",
      .text = "Limit the source rather than enlarge the buffer.",
      .brief = "limit the source, not the buffer",
      .figures = {{.about =
                       "median wait from put to get without a limiter, to with one; twice too fast",
                   .of = offered("off", "p50_us"),
                   .to = offered("on", "p50_us"),
                   .threshold = 3,
                   .reason = "Without one every value waits for the whole buffer before it.",
                   .when_busy = busy_machine::delays},
                  {.about = "length of a queue of 128 at last, with a limiter",
                   .of = offered("on", "queue_q4"),
                   .unit = "",
                   .is = bound::at_most,
                   .threshold = 32,
                   .reason = "A quarter: the buffer is there for bursts again.",
                   .when_busy = busy_machine::delays}},
      .look_closer = "gobench run chan-buffer"};
}

claim r1() {
  const auto cured = [](const char* by, const char* about) {
    return trial{.about = about, .program = by, .reason = silent};
  };
  return {.id = "R1",
          .text = "A data race is cured by an atomic, a mutex or a channel.",
          .brief = "a race is cured in three ways",
          .trials = {{.about = "a counter of two threads without a lock",
                      .program = "counter_racy.cpp",
                      .finding = "data-race",
                      .reason = "Nothing orders the additions, whenever they happen."},
                     cured("counter_atomic.cpp", "the same with an atomic"),
                     cured("counter_mutex.cpp", "the same with a mutex"),
                     cured("counter_channel.cpp", "the same with a channel to an owner")},
          .look_closer = "gobench race ./app"};
}

// Enough that a program of two threads with a handful of steps shows what it can do.
const std::vector<std::string> some_schedules = {"--schedules", "300", "--seed", "1"};

claim r2() {
  return {.id = "R2",
          .text = "A race condition is not a data race.",
          .brief = "a race condition is no data race",
          .trials = {{.about = "an account of which two threads look at and take, with atomics",
                      .program = "check_then_act.cpp",
                      .arguments = {"unchecked"},
                      .reason = "Every access is atomic: the race detector has nothing to say."},
                     {.about = "the same, whose result is asserted",
                      .program = "check_then_act.cpp",
                      .by = examiner::explore,
                      .options = some_schedules,
                      .finding = "assertion",
                      .reason = "In some schedule both look before either takes."},
                     {.about = "the same under a lock",
                      .program = "checked_under_lock.cpp",
                      .by = examiner::explore,
                      .options = some_schedules,
                      .reason = "No schedule parts the look from the taking."}},
          .look_closer = "gobench explore ./test"};
}

claim r3() {
  // A program that hangs ends at its finding.
  const std::vector<std::string> to_the_first = {"--halt-on-error"};
  return {
      .id = "R3",
      .text =
          "Deadlock: circular wait, self-lock, nobody at the other end of a channel; all asleep "
          "or only some.",
      .brief = "every kind of deadlock is reported",
      .trials = {{.about = "two threads that hold a lock each and want the other's",
                  .program = "circular_wait.cpp",
                  .options = to_the_first,
                  .finding = "deadlock",
                  .reason = "A circle of waits that nothing can open."},
                 {.about = "a task that locks its own mutex again",
                  .program = "self_lock.cpp",
                  .options = to_the_first,
                  .finding = "misuse",
                  .mentions = {"already held by the same task"},
                  .reason = "It waits for itself, which is told before it does."},
                 {.about = "a receive where nobody can send",
                  .program = "nobody_sends.cpp",
                  .finding = "deadlock",
                  .reason = "All tasks are asleep and nothing can wake one."},
                 {.about = "two of three tasks that wait for each other",
                  .program = "some_asleep.cpp",
                  .options = to_the_first,
                  .finding = "deadlock",
                  .reason = "The circle is certain although the third task goes on."},
                 {.about = "two threads that lock in opposite orders, mostly without harm",
                  .program = "lucky_order.cpp",
                  .by = examiner::explore,
                  .options = some_schedules,
                  .finding = "deadlock",
                  .reason = "Some schedule lets each take its first lock."}},
      .look_closer = "gobench race ./app"};
}

claim r4() {
  const auto starved = [](const char* impl) {
    return quantity{{.suite = "starvation",
                     .case_name = "writer",
                     .impl = impl,
                     .runs_on = vehicle::thread,
                     .tasks = 4,
                     .parameters = {{"hold_ns", number(10'000)}}},
                    "longest_wait_us"};
  };
  const auto wait = [](const char* impl) {
    return quantity{{.suite = "fairness",
                     .case_name = "lock",
                     .impl = impl,
                     .runs_on = vehicle::thread,
                     .tasks = 8,
                     .parameters = {{"hold_ns", number(1000)}}},
                    "longest_wait_us"};
  };
  return {
      .id = "R4",
      .text = "Starvation: under an unfair lock a task may wait many times as long as its share.",
      .brief = "unfair locks starve tasks",
      .figures = {{.about = "longest wait of 8 threads for std::mutex",
                   .of = wait("std.mutex"),
                   .unit = "ms",
                   .scale = 1e-3,
                   .threshold = 0.16,
                   .reason =
                       "A fair lock that is held for 1 us goes round 8 threads in 8 us: 20 times "
                       "as long is starvation.",
                   .when_busy = busy_machine::delays},
                  {.about = "longest wait of a writer where readers go first, to where a writer "
                            "holds them back",
                   .of = starved("std.reader_first"),
                   .to = starved("gobench.shared_mutex"),
                   .threshold = 3,
                   .reason =
                       "The remedy is a lock that knows who waits; thrice is what one notices.",
                   .when_busy = busy_machine::delays}},
      .look_closer = "gobench run starvation fairness"};
}

claim r5() {
  const auto waits = [](const char* impl) {
    return quantity{{.suite = "priority-inversion",
                     .case_name = "inversion",
                     .impl = impl,
                     .runs_on = vehicle::thread,
                     .procs = 1},
                    "p50_us"};
  };
  return {
      .id = "R5",
      .text =
          "Priority inversion: a high priority waits for a low one, and with it for all between.",
      .brief = "priorities are inverted by locks",
      .figures = {{.about = "wait of a high priority without inheritance, to with it",
                   .of = waits("std.mutex"),
                   .to = waits("posix.mutex_inherit"),
                   .threshold = 5,
                   .reason =
                       "It waits for the lock alone, or for what computes between as well: 5 ms "
                       "after 0.1.",
                   .when_busy = busy_machine::changes_nothing}},
      .look_closer = "gobench run priority-inversion"};
}

claim r6() {
  return {
      .id = "R6",
      .text = "Sending on or closing a closed channel panics; a nil channel blocks for ever.",
      .brief = "misused channels are named errors",
      .trials = {{.about = "a send on a closed channel, a second close, a close of nil",
                  .program = "closed_channel.cpp",
                  .finding = "misuse",
                  .mentions = {"closed_channel.cpp"},
                  .succeeds = true,
                  .reason = "Each throws channel_error that says which, as the program checks; the "
                            "report says who closed the channel."},
                 {.about = "a receive from a nil channel, and nobody else",
                  .program = "nil_channel.cpp",
                  .finding = "deadlock",
                  .reason = "It waits for ever, and is told so."},
                 {.about = "a close that nothing orders with a send",
                  .program = "close_beside_send.cpp",
                  .finding = "data-race",
                  .reason = "In another schedule the send would have thrown."}},
      .look_closer = "gobench race ./app"};
}

claim r7() {
  return {.id = "R7",
          .text = "Copying a lock is a bug.",
          .brief = "copying a lock is refused",
          .trials = {{.about = "copies of every lock and of what waits like one",
                      .program = "copied_locks.cpp",
                      .by = examiner::compiler,
                      .reason = "A copy would be another lock that protects nothing. Channels are "
                                "handles: a copy is the same channel, and no bug."}},
          .look_closer = "gobench claims R7"};
}

claim r8() {
  return {
      .id = "R8",
      .text = "Goroutines leak.",
      .brief = "leaked tasks are reported",
      .trials = {{.about = "a task that sends to nobody when the program ends",
                  .program = "leaking.cpp",
                  .options = {"--leaks", "on"},
                  .finding = "leak",
                  .mentions = {"leaking.cpp"},
                  .reason = "It is alive at the end; the report says where it was born and what it "
                            "waits for."},
                 {.about = "the same with a buffer for one answer",
                  .program = "not_leaking.cpp",
                  .options = {"--leaks", "on"},
                  .reason = "The task has ended."}},
      .look_closer = "gobench race --leaks on ./app"};
}

claim r9() {
  return {
      .id = "R9",
      .text = "Locks are held or waited for too long.",
      .brief = "long waits for locks are reported",
      .trials = {{.about = "a thread that sleeps for 300 ms with a lock",
                  .program = "held_too_long.cpp",
                  .options = {"--held-too-long-ms", "100"},
                  .finding = "misuse",
                  .mentions = {"held_too_long.cpp"},
                  .reason =
                      "It holds the lock three times as long as allowed; the report says where."},
                 {.about = "the other, that waits for it",
                  .program = "held_too_long.cpp",
                  .options = {"--waited-too-long-ms", "100"},
                  .finding = "misuse",
                  .mentions = {"held_too_long.cpp"},
                  .reason = "It waits three times as long as allowed; the report says for whom."}},
      .look_closer = "gobench race --held-too-long-ms 100 ./app"};
}

claim r10() {
  return {.id = "R10",
          .text = "An inverted lock order is a deadlock to come.",
          .brief = "inverted lock orders are reported",
          .trials = {{.about = "two locks taken in opposite orders, one after the other",
                      .program = "inverted_order.cpp",
                      .finding = "lock-order",
                      .reason = "No deadlock happened, and in another schedule one would."},
                     {.about = "the same in one order",
                      .program = "same_order.cpp",
                      .reason = "Nothing can go wrong."}},
          .look_closer = "gobench race ./app"};
}

}  // namespace

const std::vector<claim>& all_claims() {
  static const std::vector<claim> all = {
      v1(), v2(), v3(), v4(), v5(), v6(), v7(), v8(),  v9(),  //
      s1(), s2(), s3(), s4(), s5(), s6(), s7(), s8(),  s9(),  s10(), c1(),  c2(),
      c3(), c4(), c5(), c6(), c7(), c8(), c9(), c10(), c11(), c12(), c13(), c14(),
      r1(), r2(), r3(), r4(), r5(), r6(), r7(), r8(),  r9(),  r10()};
  return all;
}

const claim* find_claim(std::string_view id) {
  const auto found = std::ranges::find(all_claims(), id, &claim::id);
  return found == all_claims().end() ? nullptr : &*found;
}

effort effort_for(std::string_view suite) {
  // Memory hardly varies, and these take long: a thousand tasks and more, each sample in a process of its own.
  static const std::vector<effort> all = {
      {.suite = "million", .quick_repetitions = 6, .repetitions = 6},
      {.suite = "stacks", .quick_repetitions = 6, .repetitions = 8},
      {.suite = "stack-growth", .quick_repetitions = 6, .repetitions = 8},
      {.suite = "reactor",
       .quick_repetitions = 6,
       .quick_seconds = 0.02,
       .repetitions = 10,
       .seconds = 0.05},
      {.suite = "hog",
       .quick_repetitions = 6,
       .quick_seconds = 0.1,
       .repetitions = 15,
       .seconds = 0.2},
      {.suite = "memory", .quick_repetitions = 6, .repetitions = 8},
      {.suite = "priority-inversion",
       .quick_repetitions = 6,
       .quick_seconds = 0.06,
       .repetitions = 12,
       .seconds = 0.2},
      {.suite = "starvation",
       .quick_repetitions = 6,
       .quick_seconds = 0.05,
       .repetitions = 15,
       .seconds = 0.1},
      {.suite = "syscall",
       .quick_repetitions = 6,
       .quick_seconds = 0.05,
       .repetitions = 15,
       .seconds = 0.1},
      {.suite = "blocking",
       .quick_repetitions = 6,
       .quick_seconds = 0.01,
       .repetitions = 15,
       .seconds = 0.03},
      {.suite = "waiting",
       .quick_repetitions = 6,
       .quick_seconds = 0.03,
       .repetitions = 15,
       .seconds = 0.1},
      {.suite = "ipc",
       .quick_repetitions = 6,
       .quick_seconds = 0.005,
       .repetitions = 15,
       .seconds = 0.02},
      {.suite = "fairness",
       .quick_repetitions = 9,
       .quick_seconds = 0.03,
       .repetitions = 25,
       .seconds = 0.08},
  };
  const auto found = std::ranges::find(all, suite, &effort::suite);
  return found == all.end() ? effort{} : *found;
}

}  // namespace gobench::cli::claims
