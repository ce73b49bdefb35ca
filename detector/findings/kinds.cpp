#include "detector/findings/kinds.hpp"

#include <algorithm>

namespace gobench::detector::findings {

const std::vector<kind_info>& all_kinds() {
  static const std::vector<kind_info> all = {
      {"data-race", "DataRace", "data race",
       "Two tasks access the same memory, at least one of them writes, and nothing orders the two "
       "accesses. In C++ that is undefined behaviour.",
       "Guard both accesses with the same lock, make the object atomic, or hand it over through a "
       "channel, a join or another operation that orders the two."},
      {"use-after-free-race", "UseAfterFreeRace", "race with the end of an object",
       "One task accesses memory that another one frees or destroys, and nothing orders the two. "
       "With other timing it is a use after free.",
       "Join the task that uses the object before it is freed, or let both share its ownership."},
      {"deadlock", "Deadlock", "deadlock", "Tasks wait for each other, and none of them can go on.",
       "Take the locks in one order everywhere, or take them together with std::scoped_lock."},
      {"lock-order", "LockOrder", "lock order inversion",
       "Locks are taken in orders that contradict each other; with other timing it is a deadlock.",
       "Take the locks in one order everywhere, or take them together with std::scoped_lock."},
      {"leak", "TaskLeak", "task that never ends",
       "A task waits for something that nobody can do any more.",
       "Close the channel it waits for, cancel its context, or let somebody join it."},
      {"misuse", "Misuse", "misuse of a lock or channel",
       "A lock, a channel or a wait_group is used in a way that its rules do not allow, such as an "
       "unlock by another thread, "
       "a "
       "second lock by its owner, or its destruction while it is locked; or a channel is closed "
       "twice or used for sending after that, or a wait_group counts below zero.",
       "Let the task that locked it unlock it, once, before it is destroyed, as std::unique_lock "
       "does; let one task close a channel, after the last send."},
      {"hang", "Hang", "hang", "The program made no progress for longer than it was given.",
       "Look at what the tasks in the report wait for."},
      {"crash", "Crash", "crash", "The program was ended by a signal or an uncaught exception.",
       "Look at the stack in the report."},
      {"assertion", "Assertion", "failed assertion",
       "A condition that the program states is false.", "Look at the stack in the report."}};
  return all;
}

kind_info kind_of(std::string_view id) {
  const auto& all = all_kinds();
  const auto found = std::ranges::find(all, id, &kind_info::id);
  if (found != all.end()) return *found;
  return {id, id, id, "The detector has reported this kind of finding.",
          "Look at the stacks in the report."};
}

}  // namespace gobench::detector::findings
