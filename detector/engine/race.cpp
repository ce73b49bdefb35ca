#include "detector/engine/race.hpp"

#include <link.h>

#include <atomic>
#include <utility>

#include "detector/engine/engine.hpp"
#include "detector/engine/internal.hpp"
#include "detector/engine/locate.hpp"
#include "detector/engine/options.hpp"
#include "detector/engine/start.hpp"
#include "detector/engine/sync_object.hpp"
#include "detector/engine/tasks.hpp"
#include "detector/report/report.hpp"

namespace gobench::detector {
namespace {

enum class meaning : std::uint8_t { access, freeing, vptr };
__thread meaning write_means __attribute__((tls_model("initial-exec"))) = meaning::access;
__thread std::uint64_t seen __attribute__((tls_model("initial-exec"))) = 0;

// A loop that races a million times is reported once; looking at each again would take minutes. How often a place
// was part of a conflict is counted by its pc; after some it is looked at only every so often.
constexpr std::size_t place_count = 1024;
constinit std::atomic<std::uint32_t> places[place_count] = {};

bool looked_at_enough(address pc) {
  const std::uint32_t count =
      places[(pc * 0x9e3779b97f4a7c15u) >> 54].fetch_add(1, std::memory_order_relaxed);
  return count >= 32 && (count & (count - 1)) != 0;
}
static_assert(place_count == std::size_t{1} << (64 - 54));

raw_stack current_stack(const task_state& task, address pc) {
  raw_stack stack(1, pc);
  for (const frame* f = task.frame_next; f != task.frames && stack.size() < 256;)
    stack.push_back((--f)->pc);
  return stack;
}

raw_lock lock_as_told(address where, bool shared, raw_stack taken) {
  raw_lock lock;
  lock.where = where;
  lock.shared = shared;
  lock.taken = std::move(taken);
  lock.id = lock_number_at(where);  // an atomic access may be reported while its object is locked
  return lock;
}

std::vector<raw_lock> locks_now(const task_state& task) {
  std::vector<raw_lock> locks;
  for (std::uint32_t i = 0; i != task.held_count; ++i) {
    const held_lock& held = task.held[i];
    raw_lock lock;
    lock.id = held.number;
    lock.where = held.lock;
    lock.shared = held.shared;
    lock.taken = stack_at(held.taken);
    locks.push_back(std::move(lock));
  }
  return locks;
}

std::size_t bytes_of(cell c) { return static_cast<std::size_t>(__builtin_popcount(c & cell_mask)); }

operation operation_of(cell c) {
  if ((c & cell_atomic) != 0)
    return (c & cell_read) != 0 ? operation::atomic_read : operation::atomic_write;
  return (c & cell_read) != 0 ? operation::read : operation::write;
}

raw_access access_now(const task_state& task, cell me, address where, address pc) {
  raw_access access;
  access.what = operation_of(me);
  if (write_means == meaning::freeing) access.what = operation::free_memory;
  if (write_means == meaning::vptr) access.what = operation::vptr_update;
  access.where = where;
  access.size = bytes_of(me);
  access.stack = current_stack(task, pc);
  access.locks = locks_now(task);
  return access;
}

raw_access access_then(cell other, epoch then, address granule_start) {
  raw_access access;
  access.what = operation_of(other);
  const auto first = static_cast<unsigned>(__builtin_ctz(other & cell_mask));
  access.where = granule_start + first;
  access.size = bytes_of(other);
  if (task_state* task = find_task(then.task); task != nullptr) {
    traced_access traced = traces.replay(*task, then.clock, access.where, access.size,
                                         (other & cell_read) != 0, (other & cell_atomic) != 0);
    access.stack = std::move(traced.stack);
    for (traced_lock& lock : traced.locks)
      access.locks.push_back(lock_as_told(lock.lock, lock.shared, std::move(lock.taken)));
  }
  return access;
}

// Does one of the thread-local blocks of the calling thread have this address?
bool is_thread_local_here(address where) {
  const auto look = [](dl_phdr_info* module, std::size_t, void* given) {
    const address sought = *static_cast<const address*>(given);
    const auto block = reinterpret_cast<address>(module->dlpi_tls_data);
    if (block == 0) return 0;
    for (int i = 0; i != module->dlpi_phnum; ++i)
      if (module->dlpi_phdr[i].p_type == PT_TLS && sought - block < module->dlpi_phdr[i].p_memsz) {
        return 1;
      }
    return 0;
  };
  return dl_iterate_phdr(look, &where) != 0;
}

// Fibers that run one after the other on a thread may use its thread-local variables without more: no two
// of them do so at once. Taken for granted as well where the earlier one ran elsewhere and had a pointer.
bool shares_thread_locals(const task_state& task, epoch then, address where) {
  const task_state* earlier = find_task(then.task);
  if (task.kind != task_kind::fiber && (earlier == nullptr || earlier->kind != task_kind::fiber))
    return false;
  return is_thread_local_here(where);
}

void tell(raw_finding&& finding) {
  if (report(std::move(finding)) && option_values.halt_on_error)
    end_process(option_values.exitcode);
}

void tell_conflict(task_state& task, finding_type type, cell me, address where, address pc,
                   cell other, epoch then, operation earlier_was) {
  raw_finding finding;
  finding.type = type;
  finding.accesses.push_back(access_now(task, me, where, pc));
  finding.accesses.push_back(access_then(other, then, where & ~address{granule - 1}));
  // Asked with both places: that one of them is known says nothing about the pair. Naming the object and the tasks is
  // what costs most.
  const raw_stack& earlier_stack = finding.accesses[1].stack;
  if (!earlier_stack.empty() && report_known(type, pc, earlier_stack[0])) return;
  finding.tasks.push_back(describe_task(task));
  finding.accesses[1].what = earlier_was;
  task_state* earlier = find_task(then.task);
  finding.tasks.push_back(earlier != nullptr ? describe_task(*earlier, then.clock) : raw_task{});
  finding.accesses[1].task = 1;
  locate(where, finding);
  tell(std::move(finding));
}

}  // namespace

std::uint64_t races_seen() noexcept { return seen; }

freeing_mark::freeing_mark() noexcept { write_means = meaning::freeing; }
freeing_mark::~freeing_mark() { write_means = meaning::access; }
vptr_mark::vptr_mark() noexcept { write_means = meaning::vptr; }
vptr_mark::~vptr_mark() { write_means = meaning::access; }

void raced_with(task_state& task, cell me, address where, address pc, cell other,
                epoch then) noexcept {
  ++seen;
  if (!option_values.report_bugs || looked_at_enough(pc)) return;
  if (((me | other) & cell_atomic) != 0 && !option_values.report_atomic_races) return;
  const internal_scope inside;
  if (shares_thread_locals(task, then, where)) return;
  finding_type type = finding_type::data_race;
  if (((me | other) & cell_atomic) != 0) type = finding_type::atomic_race;
  if (write_means == meaning::freeing) type = finding_type::race_with_free;
  if (write_means == meaning::vptr) type = finding_type::vptr_race;
  tell_conflict(task, type, me, where, pc, other, then, operation_of(other));
}

void accessed_freed(task_state& task, cell me, address where, address pc, cell other, epoch then,
                    bool raced) noexcept {
  ++seen;
  if (!option_values.report_bugs || looked_at_enough(pc)) return;
  const internal_scope inside;
  // The free is a write in the trace.
  tell_conflict(task, raced ? finding_type::use_after_free_race : finding_type::use_after_free, me,
                where, pc, other & ~(cell_read | cell_atomic), then, operation::free_memory);
}

void misused_lock(task_state& task, finding_type what, address lock, std::uint32_t number,
                  stack_id earlier, address pc) noexcept {
  if (!option_values.report_bugs || looked_at_enough(pc)) return;
  const internal_scope inside;
  raw_finding finding;
  finding.type = what;
  raw_access access;
  access.what = operation::lock;
  if (what == finding_type::destroyed_while_locked ||
      what == finding_type::destroyed_while_waited_for)
    access.what = operation::destroy;
  if (what == finding_type::unlock_by_another || what == finding_type::unlock_of_unlocked ||
      what == finding_type::held_too_long)
    access.what = operation::unlock;
  if (what == finding_type::condition_without_lock) access.what = operation::wait_condition;
  access.where = lock;
  access.stack = current_stack(task, pc);
  access.locks = locks_now(task);
  finding.accesses.push_back(std::move(access));
  finding.tasks.push_back(describe_task(task));
  finding.lock.id = number;
  finding.lock.where = lock;
  finding.lock.taken = stack_at(earlier);
  locate(lock, finding);
  tell(std::move(finding));
}

}  // namespace gobench::detector
