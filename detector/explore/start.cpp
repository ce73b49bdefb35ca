// How an exploration begins, and the ends that are not the program's own.
#include <sys/syscall.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <cstring>

#include "detector/blocking/blocking.hpp"
#include "detector/engine/engine.hpp"
#include "detector/engine/memory.hpp"
#include "detector/engine/option_text.hpp"
#include "detector/engine/schedule.hpp"
#include "detector/engine/start.hpp"
#include "detector/engine/task_state.hpp"
#include "detector/explore/accesses.hpp"
#include "detector/explore/controller.hpp"
#include "detector/explore/log_file.hpp"
#include "detector/explore/options.hpp"
#include "detector/explore/real_time.hpp"
#include "detector/report/report.hpp"

namespace gobench::detector {
namespace explore {
namespace {

constexpr const char* variable = "GOBENCH_EXPLORE";
// Where nothing was found by anybody else.
constexpr int status_of_end = 66;

// What the program starts is not explored, and leaves our log alone.
void hide_variable() noexcept {
  const std::size_t size = std::strlen(variable);
  char** kept = initial_environment != nullptr ? initial_environment : environ;
  if (kept == nullptr) return;
  for (char** at = kept; *at != nullptr; ++at)
    if (std::strncmp(*at, variable, size) != 0 || (*at)[size] != '=') *kept++ = *at;
  *kept = nullptr;
}

strategy* make_deciding() noexcept {
  settings wanted;
  wanted.strategy = option_values.strategy;
  wanted.seed = option_values.seed;
  wanted.schedule = option_values.schedule;
  wanted.length = option_values.length;
  wanted.follow = option_values.follow;
  strategy* made = make_strategy(wanted).release();
  if (made != nullptr) return made;
  static char sentence[600];
  std::snprintf(sentence, sizeof sentence,
                "GOBENCH_EXPLORE asks for the strategy '%.200s', which there is not, or the file "
                "'%.200s' that it follows cannot be read; `gobench explore --help` lists them",
                option_values.strategy, option_values.follow);
  die(sentence);
}

[[noreturn]] void end_process_as(end_reason why) noexcept {
  log_file::end(why, status_of_end, static_cast<std::uint64_t>(state->now), state->last_number);
  on = false;
  end_process(status_of_end);
}

// What everybody is at, for a schedule that does not come to an end.
void tell_threads() noexcept {
  for (const thread_record* one : state->live) {
    char sentence[200];
    std::snprintf(sentence, sizeof sentence, "thread %" PRIu32 " %s %s", one->number,
                  one->stage == stage::waiting ? "waits in" : "is about to do",
                  describe(one->stage == stage::waiting ? one->waits_in : one->next));
    report_note(sentence);
  }
}

}  // namespace

const char* describe(operation what) noexcept {
  switch (what) {
    case operation::thread_create:
      return "the creation of a thread";
    case operation::thread_start:
      return "its first step";
    case operation::thread_end:
      return "its end";
    case operation::join:
      return "a join";
    case operation::lock:
      return "a lock";
    case operation::try_lock:
      return "an attempt to lock";
    case operation::unlock:
      return "an unlock";
    case operation::lock_shared:
      return "a shared lock";
    case operation::unlock_shared:
      return "a shared unlock";
    case operation::wait:
      return "a wait";
    case operation::wake:
      return "a wake-up";
    case operation::signal:
      return "a signal";
    case operation::broadcast:
      return "a broadcast";
    case operation::barrier:
      return "a barrier";
    case operation::once:
      return "a call once";
    case operation::atomic_load:
      return "an atomic load";
    case operation::atomic_store:
      return "an atomic store";
    case operation::atomic_update:
      return "an atomic update";
    case operation::fence:
      return "a fence";
    case operation::read:
      return "a read";
    case operation::write:
      return "a write";
    case operation::send:
      return "a send";
    case operation::receive:
      return "a receive";
    case operation::close:
      return "a close";
    case operation::select:
      return "a select";
    case operation::sleep:
      return "a sleep";
    case operation::yield:
      return "a yield";
    case operation::timeout:
      return "the end of a timed wait";
    case operation::descriptor:
      return "a descriptor";
    case operation::value:
      return "a choice";
    case operation::other:
      return "an operation of the library";
  }
  return "";
}

void end_in_standstill() noexcept {
  enter_internal();
  state->lock.unlock();
  // Nobody else runs, and the report's locks are free.
  if (blocking::standstill() == 0 && report_so_far().findings == 0) {
    report_note("deadlock: no thread of the program can go on, and nothing can change that");
    tell_threads();
  }
  end_process_as(end_reason::deadlock);
}

void end_in_hang(const char* why, bool in_handler) noexcept {
  // Whatever happens next: this is known.
  log_file::end(end_reason::hang, status_of_end, static_cast<std::uint64_t>(state->now),
                state->last_number);
  // Then it may have a lock that a report takes.
  if (in_handler && internal_depth != 0) {
    static constexpr char start[] = "gobench: hang: the schedule does not come to an end: ";
    syscall(SYS_write, STDERR_FILENO, start, sizeof start - 1);
    syscall(SYS_write, STDERR_FILENO, why, std::strlen(why));
    syscall(SYS_write, STDERR_FILENO, "\n", 1);
    syscall(SYS_exit_group, status_of_end);
  }
  enter_internal();
  if (!in_handler) state->lock.unlock();
  char sentence[200];
  std::snprintf(sentence, sizeof sentence,
                "hang: the schedule does not come to an end: %s (%" PRIu64 " were made)", why,
                state->steps);
  report_note(sentence);
  tell_threads();
  end_process_as(end_reason::hang);
}

void from_here(const char* text) noexcept {
  const internal_scope inside;
  read_options(text);
  hide_variable();
  log_file::open(explore::option_values.log);
  state = new controller;
  state->decides = make_deciding();
  auto* main_thread = new thread_record;
  main_thread->number = state->last_number = 1;
  main_thread->stage = stage::ready;
  main_thread->handle = ::pthread_self();
  main_thread->kernel_number = getpid();
  state->live.push_back(main_thread);
  state->unjoined.push_back(main_thread);
  state->running = main_thread;
  state->decides->thread_created(1, 0);
  self = main_thread;
  on = true;
  schedule::step = &explore::step;
  schedule::explored = true;
  start_accesses();
  real_time::watch();
}

void after_fork_in_child() noexcept {
  if (!on) return;
  on = false;
  self = nullptr;
  schedule::explored = schedule::accesses_explored = false;
  log_file::leave();
}

}  // namespace explore

bool exploration_is_wanted() noexcept {
  return option_text::in_environment(explore::variable) != nullptr;
}

void start_exploration() noexcept {
  const char* const text = option_text::in_environment(explore::variable);
  if (text != nullptr) explore::from_here(text);
}

void end_exploration(int status) noexcept {
  if (!explore::on) return;
  explore::log_file::end(explore::end_reason::finished, status,
                         static_cast<std::uint64_t>(explore::state->now),
                         explore::state->last_number);
}

}  // namespace gobench::detector
