// Whether the calling OS thread is inside the detector, and notes that are made once.
#pragma once

#include <cstdint>

#include "detector/clocks/clock_types.hpp"

namespace gobench::detector {

extern __thread int internal_depth __attribute__((tls_model("initial-exec")));
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

// Where precision is given up, which is said once.
enum class precision_note : std::uint8_t { of_epochs, of_clocks, of_tasks };
void note_once(precision_note what) noexcept;

}  // namespace gobench::detector
