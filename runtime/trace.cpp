#include "runtime/trace.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>
#include <utility>

#include "runtime/internal/identity.hpp"
#include "runtime/internal/scheduler.hpp"
#include "runtime/internal/trace_buffer.hpp"
#include "runtime/internal/trace_point.hpp"
#include "runtime/internal/trace_recorder.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {
namespace runtime::trace {

std::atomic<bool> on{false};

namespace {

// Of a task that is an OS thread. It never moves, so its address may be kept.
thread_local buffer* of_this_thread = nullptr;

void record(buffer& to, const event& one) noexcept { recorder::instance().note(to.push(one)); }

event about(const control& task, event_kind what, std::int32_t track) noexcept {
  return {.task = task.id.load(std::memory_order_relaxed),
          .file = task.born.file_name(),
          .line = task.born.line(),
          .track = track,
          .what = what};
}

void begins(buffer& here, control& task, std::int64_t now) noexcept {
  here.running = true;
  here.since_ns = now;
  here.flow_in = task.trace_flow.exchange(0, std::memory_order_relaxed);
}

void ends(buffer& here, const control& task, std::int32_t track, run_end end,
          std::int64_t now) noexcept {
  if (!here.running) return;
  here.running = false;
  event one = about(task, event_kind::ran, track);
  one.begin_ns = here.since_ns;
  one.end_ns = now;
  one.flow = here.flow_in;
  one.end = end;
  if (end == run_end::parked) {
    one.reason = task.reason.load(std::memory_order_relaxed);
    one.object = task.object.load(std::memory_order_relaxed);
  }
  record(here, one);
}

run_end end_of(leave how) noexcept {
  switch (how) {
    case leave::park:
      return run_end::parked;
    case leave::requeue:
      return run_end::yielded;
    case leave::finish:
      return run_end::finished;
    case leave::none:
    case leave::requeue_global:
    case leave::forget:
      break;
  }
  return run_end::moved;
}

std::int32_t track_of_thread(const control& task) noexcept {
  constexpr std::uint64_t tracks = 1'000'000'000;
  return first_thread_track +
         static_cast<std::int32_t>(task.id.load(std::memory_order_relaxed) % tracks);
}

}  // namespace

buffer* attach() noexcept { return is_on() ? recorder::instance().take() : nullptr; }

void detach(buffer* one) noexcept {
  if (one != nullptr) recorder::instance().give(*one);
}

void switched(worker& w, control* from, control* to, leave how) noexcept {
  const std::int64_t now = now_ns();
  if (from != nullptr && w.p != nullptr) ends(*w.trace, *from, w.p->index, end_of(how), now);
  if (how == leave::finish) w.trace->finishing_ns = now;
  if (to != nullptr) begins(*w.trace, *to, now);
}

void finished(worker& w) noexcept { w.trace->finishing_ns = 0; }

void stole(worker& w, int victim, std::uint32_t tasks) noexcept {
  record(*w.trace, {.begin_ns = now_ns(),
                    .task = static_cast<std::uint64_t>(victim),
                    .number = tasks,
                    .track = w.p->index,
                    .what = event_kind::stole});
}

void entered_blocking(worker& w) noexcept {
  const std::int64_t now = now_ns();
  ends(*w.trace, *w.running(), w.p->index, run_end::blocks, now);
  w.trace->blocks_since_ns = now;
}

void left_blocking(worker& w) noexcept {
  control& task = *w.running();
  const std::int64_t now = now_ns();
  event one = about(task, event_kind::blocked, w.p != nullptr ? w.p->index : outside_track);
  one.begin_ns = w.trace->blocks_since_ns;
  one.end_ns = now;
  record(*w.trace, one);
  if (w.p != nullptr) begins(*w.trace, task, now);
}

namespace {

// A task was made runnable by the caller, on a processor, a task thread or neither.
void made_runnable(worker* w, control& task, event one) noexcept {
  buffer* here = w != nullptr ? w->trace : of_this_thread;
  // The end of a task wakes its joiner when the next one has its processor already.
  const bool finishing = here != nullptr && here->finishing_ns != 0;
  one.begin_ns = finishing ? here->finishing_ns - 1 : now_ns();
  if (here == nullptr || !(here->running || finishing)) {
    // The scheduling loop, a timer, a thread of the user: there is no slice for an arrow to start from.
    if (w != nullptr && w->p != nullptr) one.track = w->p->index;
    recorder::instance().share(one);
    return;
  }
  one.track = w == nullptr ? track_of_thread(*this_thread_task()) : w->p->index;
  one.flow = here->new_flow();
  task.trace_flow.store(one.flow, std::memory_order_relaxed);
  record(*here, one);
}

}  // namespace

void spawned(worker* w, control& fresh) noexcept {
  made_runnable(w, fresh, about(fresh, event_kind::spawned, outside_track));
}

void woken(worker* w, waiter& target) noexcept {
  if (target.kind == waiter_kind::foreign) return;
  auto& task = static_cast<control&>(target);
  event one = about(task, event_kind::woke, outside_track);
  one.reason = task.reason.load(std::memory_order_relaxed);
  one.object = task.object.load(std::memory_order_relaxed);
  made_runnable(w, task, one);
}

void idle(processor& p) noexcept { p.idle_since_ns = now_ns(); }

void idle_over(processor& p) noexcept {
  if (p.idle_since_ns == 0) return;
  recorder::instance().share({.begin_ns = p.idle_since_ns,
                              .end_ns = now_ns(),
                              .track = p.index,
                              .what = event_kind::idle});
  p.idle_since_ns = 0;
}

void handed_off(processor& p) noexcept {
  recorder::instance().share(
      {.begin_ns = now_ns(), .track = p.index, .what = event_kind::handed_off});
}

void thread_began(control& task) noexcept {
  of_this_thread = attach();
  if (of_this_thread != nullptr) begins(*of_this_thread, task, now_ns());
}

void thread_parks(control& task) noexcept {
  if (of_this_thread != nullptr)
    ends(*of_this_thread, task, track_of_thread(task), run_end::parked, now_ns());
}

void thread_goes_on(control& task) noexcept {
  if (of_this_thread != nullptr) begins(*of_this_thread, task, now_ns());
}

void thread_ends(control& task) noexcept {
  if (of_this_thread == nullptr) return;
  ends(*of_this_thread, task, track_of_thread(task), run_end::finished, now_ns());
  detach(std::exchange(of_this_thread, nullptr));
}

void thread_blocks(control& task, bool enters) noexcept {
  if (of_this_thread == nullptr) return;
  const std::int64_t now = now_ns();
  if (enters) {
    ends(*of_this_thread, task, track_of_thread(task), run_end::blocks, now);
    of_this_thread->blocks_since_ns = now;
    return;
  }
  event one = about(task, event_kind::blocked, track_of_thread(task));
  one.begin_ns = of_this_thread->blocks_since_ns;
  one.end_ns = now;
  record(*of_this_thread, one);
  begins(*of_this_thread, task, now);
}

void begin_run() noexcept {
  const char* file = std::getenv("GOBENCH_TRACE");
  if (file == nullptr || *file == '\0' || is_on()) return;
  // The process that has tried last: once is enough, and the file of a parent is not its child's.
  static std::atomic<pid_t> tried{0};
  const pid_t before = tried.exchange(::getpid());
  const bool own = std::string_view(file).find("%p") != std::string_view::npos;
  if (before == ::getpid() || (before != 0 && !own)) return;
  try {
    recorder::instance().open(file);
  } catch (const std::exception& refused) {
    std::fprintf(stderr,
                 "gobench: there will be no trace, GOBENCH_TRACE cannot be written (%s); choose "
                 "another place.\n",
                 refused.what());
  }
}

void end_run() noexcept {
  if (is_on()) recorder::instance().complete();
}

int writer_number() noexcept { return is_on() ? recorder::instance().writer_number() : 0; }

}  // namespace runtime::trace

void trace_to(const std::string& path) { runtime::trace::recorder::instance().open(path); }

}  // namespace gobench::inline GOBENCH_FLAVOUR
