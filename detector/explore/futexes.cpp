// futex(2): what std::atomic::wait, the C++20 semaphores, latches and barriers, std::future, guards of local statics and
// the library's own parking wait on.
#include <linux/futex.h>
#include <climits>

#include "detector/engine/task_state.hpp"
#include "detector/explore/blocking_calls.hpp"

namespace gobench::detector::explore {
namespace {

void wait_for_wake(std::uint32_t* word, std::uint32_t value, std::int64_t deadline, long& result,
                   address pc) {
  if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != value) {
    errno = EAGAIN;
    result = -1;
    return;
  }
  switch (wait({.key = word,
                .what = operation::wait,
                .then = operation::wake,
                // What the library parks for is not said by the word that it parks on.
                .then_object = current_task->in_our_code != 0 ? nullptr : word,
                .deadline = deadline,
                .interruptible = true,
                .pc = pc})) {
    case wait_end::woken:
      result = 0;
      return;
    case wait_end::timed_out:
      errno = ETIMEDOUT;
      break;
    case wait_end::interrupted:
      errno = EINTR;
      break;
  }
  result = -1;
}

}  // namespace

bool futex(long operation_and_flags, std::uint32_t* word, std::uint32_t value,
           const timespec* timeout, long& result, address pc) {
  // In code of the library: where the program has called it, as its step has said.
  if (current_task->in_our_code != 0) pc = 0;
  const bool real_clock = (operation_and_flags & FUTEX_CLOCK_REALTIME) != 0;
  switch (operation_and_flags & FUTEX_CMD_MASK) {
    case FUTEX_WAIT:
      if (!controls()) return false;
      step(operation::wait, word, pc);
      wait_for_wake(word, value, deadline_after(timeout), result, pc);
      return true;
    case FUTEX_WAIT_BITSET:
      if (!controls()) return false;
      step(operation::wait, word, pc);
      wait_for_wake(word, value,
                    deadline_of(real_clock ? CLOCK_REALTIME : CLOCK_MONOTONIC, timeout), result,
                    pc);
      return true;
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET: {
      step(operation::signal, word, pc);
      const std::size_t woken = wake_some(word, value, operation::wake, pc);
      result = static_cast<long>(woken);
      // Those who are not controlled really wait.
      return self != nullptr && woken >= value;
    }
    default:
      return false;
  }
}

}  // namespace gobench::detector::explore
