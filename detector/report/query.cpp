// Reading a report from within __tsan_on_report(): the functions and signatures of ThreadSanitizer's run time,
// as debuggers and test harnesses call them. Each returns 1, or 0 if there is no such thing.
#include "detector/report/query.hpp"

#include <sys/types.h>

#include <atomic>

#include "detector/report/words.hpp"

namespace gobench::detector::reporting {
namespace {

// Read by the thread that runs the hook, or by a debugger.
constinit std::atomic<const current_report*> the_report{nullptr};

const current_report* cast(void* report) { return static_cast<const current_report*>(report); }

void copy_trace(const raw_stack& stack, void** trace, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i)
    trace[i] = i < stack.size() ? reinterpret_cast<void*>(stack[i] - 1) : nullptr;
}

// The locks of both sides, each once, and that of a misuse.
std::vector<const raw_lock*> locks_of(const raw_finding& raw) {
  std::vector<const raw_lock*> all;
  const auto add = [&](const raw_lock& lock) {
    for (const raw_lock* one : all)
      if (one->where == lock.where) return;
    all.push_back(&lock);
  };
  for (const raw_access& access : raw.accesses)
    for (const raw_lock& lock : access.locks) add(lock);
  if (raw.lock.where != 0) add(raw.lock);
  return all;
}

// Of a misuse the access is no memory operation; its stack stands alone.
std::size_t operations_of(const current_report& report) {
  return report.told.family() == finding_family::race ? report.raw.accesses.size() : 0;
}
std::size_t stacks_of(const current_report& report) {
  return report.told.family() == finding_family::race ? 0 : report.raw.accesses.size();
}
std::size_t locations_of(const current_report& report) {
  return report.told.object.kind == location_kind::unknown ? 0 : 1;
}

const char* description_of(finding_type type) {
  switch (type) {
    case finding_type::data_race:
    case finding_type::atomic_race:
    case finding_type::channel_close_race:
      return "data-race";
    case finding_type::vptr_race:
      return "data-race-vptr";
    case finding_type::use_after_free_race:
    case finding_type::use_after_free:
    case finding_type::race_with_free:
      return "heap-use-after-free";
    case finding_type::destroyed_while_locked:
    case finding_type::destroyed_while_waited_for:
      return "locked-mutex-destroy";
    case finding_type::unlock_by_another:
    case finding_type::unlock_of_unlocked:
    case finding_type::condition_without_lock:
      return "mutex-bad-unlock";
    case finding_type::double_lock:
      return "mutex-double-lock";
    case finding_type::invalid_lock:
      return "mutex-invalid-access";
    case finding_type::deadlock:
    case finding_type::all_asleep:
      return "deadlock";
    case finding_type::lock_order:
    case finding_type::read_lock_again:
      return "lock-order-inversion";
    case finding_type::leak:
      return "thread-leak";
    case finding_type::negative_wait_group:
    case finding_type::add_beside_wait:
    case finding_type::send_on_closed:
    case finding_type::close_of_closed:
    case finding_type::close_of_nil:
    case finding_type::held_too_long:
    case finding_type::waited_too_long:
      return "misuse";
  }
  return "data-race";
}

int id_of(const raw_finding& raw, std::uint32_t task) {
  return task < raw.tasks.size() ? static_cast<int>(raw.tasks[task].id) : -1;
}

}  // namespace

current_report_scope::current_report_scope(const current_report& shown) noexcept {
  // Release: a debugger's thread that reads the pointer sees the report.
  the_report.store(&shown, std::memory_order_release);
}
current_report_scope::~current_report_scope() {
  the_report.store(nullptr, std::memory_order_release);
}

}  // namespace gobench::detector::reporting

using namespace gobench::detector;
using namespace gobench::detector::reporting;
using uptr = std::uintptr_t;

#pragma GCC visibility push(default)
extern "C" {

void* __tsan_get_current_report();
int __tsan_get_report_data(void* report, const char** description, int* count, int* stack_count,
                           int* mop_count, int* loc_count, int* mutex_count, int* thread_count,
                           int* unique_tid_count, void** sleep_trace, uptr trace_size);
int __tsan_get_report_tag(void* report, uptr* tag);
int __tsan_get_report_stack(void* report, uptr index, void** trace, uptr trace_size);
int __tsan_get_report_mop(void* report, uptr index, int* tid, void** addr, int* size, int* write,
                          int* atomic, void** trace, uptr trace_size);
int __tsan_get_report_loc(void* report, uptr index, const char** type, void** addr, uptr* start,
                          uptr* size, int* tid, int* fd, int* suppressable, void** trace,
                          uptr trace_size);
int __tsan_get_report_loc_object_type(void* report, uptr index, const char** object_type);
int __tsan_get_report_mutex(void* report, uptr index, uptr* mutex_id, void** addr, int* destroyed,
                            void** trace, uptr trace_size);
int __tsan_get_report_thread(void* report, uptr index, int* tid, pid_t* os_id, int* running,
                             const char** name, int* parent_tid, void** trace, uptr trace_size);
int __tsan_get_report_unique_tid(void* report, uptr index, int* tid);

void* __tsan_get_current_report() {
  return const_cast<current_report*>(the_report.load(std::memory_order_acquire));
}

int __tsan_get_report_data(void* report, const char** description, int* count, int* stack_count,
                           int* mop_count, int* loc_count, int* mutex_count, int* thread_count,
                           int* unique_tid_count, void** sleep_trace, uptr trace_size) {
  const current_report* of = cast(report);
  if (of == nullptr) return 0;
  *description = description_of(of->raw.type);
  *count = 1;
  *stack_count = static_cast<int>(stacks_of(*of));
  *mop_count = static_cast<int>(operations_of(*of));
  *loc_count = static_cast<int>(locations_of(*of));
  *mutex_count = static_cast<int>(locks_of(of->raw).size());
  *thread_count = static_cast<int>(of->raw.tasks.size());
  *unique_tid_count = 0;
  copy_trace({}, sleep_trace, trace_size);
  return 1;
}

int __tsan_get_report_tag(void* report, uptr* tag) {
  if (report == nullptr) return 0;
  *tag = 0;
  return 1;
}

int __tsan_get_report_stack(void* report, uptr index, void** trace, uptr trace_size) {
  const current_report* of = cast(report);
  if (of == nullptr || index >= stacks_of(*of)) return 0;
  copy_trace(of->raw.accesses[index].stack, trace, trace_size);
  return 1;
}

int __tsan_get_report_mop(void* report, uptr index, int* tid, void** addr, int* size, int* write,
                          int* atomic, void** trace, uptr trace_size) {
  const current_report* of = cast(report);
  if (of == nullptr || index >= operations_of(*of)) return 0;
  const raw_access& access = of->raw.accesses[index];
  *tid = id_of(of->raw, access.task);
  *addr = reinterpret_cast<void*>(access.where);
  *size = static_cast<int>(access.size);
  *write = access.what != operation::read && access.what != operation::atomic_read ? 1 : 0;
  *atomic = access.what == operation::atomic_read || access.what == operation::atomic_write ? 1 : 0;
  copy_trace(access.stack, trace, trace_size);
  return 1;
}

int __tsan_get_report_loc(void* report, uptr index, const char** type, void** addr, uptr* start,
                          uptr* size, int* tid, int* fd, int* suppressable, void** trace,
                          uptr trace_size) {
  const current_report* of = cast(report);
  if (of == nullptr || index >= locations_of(*of)) return 0;
  const raw_location& place = of->raw.location;
  const address where = of->raw.accesses.empty() ? place.start : of->raw.accesses[0].where;
  *type = location_name(of->told.object.kind).data();
  *addr = reinterpret_cast<void*>(where);
  *start = where - of->told.object.offset;
  *size = of->told.object.size;
  *tid = id_of(of->raw, place.task);
  *fd = place.descriptor;
  *suppressable = 0;
  copy_trace(place.allocated, trace, trace_size);
  return 1;
}

int __tsan_get_report_loc_object_type(void* report, uptr index, const char** object_type) {
  const current_report* of = cast(report);
  if (of == nullptr || index >= locations_of(*of)) return 0;
  *object_type = "";
  return 1;
}

int __tsan_get_report_mutex(void* report, uptr index, uptr* mutex_id, void** addr, int* destroyed,
                            void** trace, uptr trace_size) {
  const current_report* of = cast(report);
  if (of == nullptr) return 0;
  const std::vector<const raw_lock*> locks = locks_of(of->raw);
  if (index >= locks.size()) return 0;
  *mutex_id = locks[index]->id;
  *addr = reinterpret_cast<void*>(locks[index]->where);
  *destroyed = of->raw.type == finding_type::invalid_lock ? 1 : 0;
  copy_trace(locks[index]->taken, trace, trace_size);
  return 1;
}

int __tsan_get_report_thread(void* report, uptr index, int* tid, pid_t* os_id, int* running,
                             const char** name, int* parent_tid, void** trace, uptr trace_size) {
  const current_report* of = cast(report);
  if (of == nullptr || index >= of->raw.tasks.size()) return 0;
  const raw_task& task = of->raw.tasks[index];
  *tid = static_cast<int>(task.id);
  *os_id = 0;
  *running = task.running ? 1 : 0;
  *name = of->told.tasks[index].name.c_str();
  *parent_tid = static_cast<int>(task.parent);
  copy_trace(task.born, trace, trace_size);
  return 1;
}

int __tsan_get_report_unique_tid(void*, uptr, int*) { return 0; }
}
#pragma GCC visibility pop
