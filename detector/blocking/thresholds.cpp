#include "detector/blocking/thresholds.hpp"

#include <utility>

#include "detector/blocking/telling.hpp"
#include "detector/engine/internal.hpp"
#include "detector/engine/options.hpp"

namespace gobench::detector::blocking {
namespace {

std::int64_t in_ns(int ms) noexcept { return std::int64_t{ms} * 1'000'000; }

}  // namespace

void look_at_length(task_state& task, const wait_seen& wait) noexcept {
  if (wait.kind == wait_kind::sleep ||
      now_ns() - wait.since_ns < in_ns(option_values.waited_too_long_ms))
    return;
  raw_finding finding;
  finding.type = finding_type::waited_too_long;
  add_wait(finding, task, wait, nullptr);
  tell(std::move(finding));
}

void look_at_hold(task_state& task, const held_lock& held, address pc) noexcept {
  const std::int64_t length = now_ns() - held.since_ns;
  if (length < in_ns(option_values.held_too_long_ms)) return;
  const internal_mark inside;
  raw_finding finding;
  finding.type = finding_type::held_too_long;
  add_call(finding, task, operation::unlock, held.lock, stack_of(task, pc));
  finding.accesses[0].waited_ns = length;
  finding.lock.id = held.number;
  finding.lock.where = held.lock;
  finding.lock.taken = stack_at(held.taken);
  tell(std::move(finding));
}

}  // namespace gobench::detector::blocking
