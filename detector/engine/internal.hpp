// Whether the calling OS thread is inside the detector, and notes that are made once.
#pragma once

#include <atomic>
#include <cstdint>

#include "detector/clocks/clock_types.hpp"

namespace gobench::detector {

extern __thread int internal_depth __attribute__((tls_model("initial-exec")));
// Handlers of the calling thread wait although it is not inside: it holds the lock of an object.
extern __thread int signals_held __attribute__((tls_model("initial-exec")));
extern __thread bool signal_waits __attribute__((tls_model("initial-exec")));
extern bool started;  // start-up is done

void deliver_waiting_signals() noexcept;

// What internal_scope does, inlined.
class internal_mark {
 public:
  internal_mark() noexcept { internal_depth = internal_depth + 1; }
  ~internal_mark() {
    internal_depth = internal_depth - 1;
    if (__builtin_expect(signal_waits, 0)) deliver_waiting_signals();
  }
  internal_mark(const internal_mark&) = delete;
  internal_mark& operator=(const internal_mark&) = delete;
};

// While an object is locked outside of the detector, so that an access can be recorded: a handler that uses the same object
// would wait for ever.
class held_signals {
 public:
  held_signals() noexcept { signals_held = signals_held + 1; }
  ~held_signals() {
    signals_held = signals_held - 1;
    if (__builtin_expect(signal_waits, 0)) deliver_waiting_signals();
  }
  held_signals(const held_signals&) = delete;
  held_signals& operator=(const held_signals&) = delete;
};

// The clocks have given precision up for memory: set in the middle of an operation on a clock, looked at where that
// can be told, and what clocks of objects hold in vain be given back.
extern std::atomic<bool> clocks_were_reduced;
void clocks_reduced() noexcept;  // for node_pool::set_limit
void look_after_clocks() noexcept;

// Where precision is given up, which is said once.
enum class precision_note : std::uint8_t { of_epochs, of_clocks, of_tasks };
void note_once(precision_note what) noexcept;

}  // namespace gobench::detector
