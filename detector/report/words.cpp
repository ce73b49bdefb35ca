#include "detector/report/words.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>

#include "detector/report/names.hpp"

namespace gobench::detector::reporting {
namespace {

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

}  // namespace

std::string_view kind_name(finding_type type) noexcept {
  switch (type) {
    case finding_type::data_race:
    case finding_type::atomic_race:
    case finding_type::vptr_race:
    case finding_type::channel_close_race:
      return "data-race";
    case finding_type::use_after_free_race:
    case finding_type::use_after_free:
    case finding_type::race_with_free:
      return "use-after-free-race";
    case finding_type::destroyed_while_locked:
    case finding_type::unlock_by_another:
    case finding_type::unlock_of_unlocked:
    case finding_type::double_lock:
    case finding_type::invalid_lock:
    case finding_type::destroyed_while_waited_for:
    case finding_type::condition_without_lock:
    case finding_type::negative_wait_group:
    case finding_type::add_beside_wait:
    case finding_type::send_on_closed:
    case finding_type::close_of_closed:
    case finding_type::close_of_nil:
    case finding_type::held_too_long:
    case finding_type::waited_too_long:
      return "misuse";
    case finding_type::deadlock:
    case finding_type::all_asleep:
      return "deadlock";
    case finding_type::lock_order:
    case finding_type::read_lock_again:
      return "lock-order";
    case finding_type::leak:
      return "leak";
  }
  return "data-race";
}

std::string_view type_name(finding_type type) noexcept {
  switch (type) {
    case finding_type::data_race:
      return "data race";
    case finding_type::atomic_race:
      return "race on atomic and plain";
    case finding_type::use_after_free_race:
      return "race on freed memory";
    case finding_type::use_after_free:
      return "use after free";
    case finding_type::race_with_free:
      return "race with free";
    case finding_type::vptr_race:
      return "race on vptr";
    case finding_type::destroyed_while_locked:
      return "destroyed while locked";
    case finding_type::unlock_by_another:
      return "unlock by another thread";
    case finding_type::unlock_of_unlocked:
      return "unlock of an unlocked lock";
    case finding_type::double_lock:
      return "double lock";
    case finding_type::invalid_lock:
      return "use of an invalid lock";
    case finding_type::channel_close_race:
      return "race on channel close";
    case finding_type::deadlock:
      return "deadlock";
    case finding_type::all_asleep:
      return "deadlock of all";
    case finding_type::lock_order:
      return "lock order inversion";
    case finding_type::read_lock_again:
      return "read lock taken again";
    case finding_type::leak:
      return "leak";
    case finding_type::destroyed_while_waited_for:
      return "destroyed while waited for";
    case finding_type::condition_without_lock:
      return "condition wait without its lock";
    case finding_type::negative_wait_group:
      return "negative wait_group";
    case finding_type::add_beside_wait:
      return "wait_group add beside wait";
    case finding_type::send_on_closed:
      return "send on a closed channel";
    case finding_type::close_of_closed:
      return "close of a closed channel";
    case finding_type::close_of_nil:
      return "close of a nil channel";
    case finding_type::held_too_long:
      return "lock held too long";
    case finding_type::waited_too_long:
      return "waited too long";
  }
  return "data race";
}

std::string_view operation_name(operation what) noexcept {
  switch (what) {
    case operation::read:
      return "read";
    case operation::write:
      return "write";
    case operation::atomic_read:
      return "atomic read";
    case operation::atomic_write:
      return "atomic write";
    case operation::free_memory:
      return "free";
    case operation::vptr_update:
      return "change of class";
    case operation::lock:
      return "lock";
    case operation::unlock:
      return "unlock";
    case operation::destroy:
      return "destroy";
    case operation::close_channel:
      return "close";
    case operation::send_channel:
      return "send";
    case operation::lock_shared:
      return "shared lock";
    case operation::receive_channel:
      return "receive";
    case operation::use_nil_channel:
      return "use of a nil channel";
    case operation::select_channels:
      return "select";
    case operation::wait_condition:
      return "condition wait";
    case operation::acquire_semaphore:
      return "acquire";
    case operation::arrive_at_barrier:
      return "arrive";
    case operation::call_once:
      return "call once";
    case operation::join_task:
      return "join";
    case operation::wait_wait_group:
      return "wait";
    case operation::add_wait_group:
      return "add";
    case operation::wait_latch:
      return "latch wait";
    case operation::wait_event:
      return "event wait";
    case operation::sleep:
      return "sleep";
    case operation::use_descriptor:
      return "input or output";
  }
  return "read";
}

std::string_view location_name(location_kind kind) noexcept {
  switch (kind) {
    case location_kind::unknown:
      return "unknown";
    case location_kind::heap:
      return "heap";
    case location_kind::global:
      return "global";
    case location_kind::stack:
      return "stack";
    case location_kind::thread_local_storage:
      return "tls";
    case location_kind::descriptor:
      return "fd";
  }
  return "unknown";
}

std::string_view task_kind_name(task_kind kind) noexcept {
  switch (kind) {
    case task_kind::main_thread:
    case task_kind::thread:
      return "thread";
    case task_kind::fiber:
      return "fiber";
  }
  return "thread";
}

std::string hex(address where) {
  std::array<char, 24> text;
  std::snprintf(text.data(), text.size(), "0x%llx", static_cast<unsigned long long>(where));
  return text.data();
}

std::string bytes(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

std::string phrase(const access_told& access) {
  switch (access.what) {
    case operation::read:
    case operation::write:
    case operation::atomic_read:
    case operation::atomic_write: {
      const std::string name(operation_name(access.what));
      return access.size == 0 ? name : name + " of " + bytes(access.size);
    }
    case operation::free_memory:
      return "free";
    case operation::vptr_update:
      return "change of the object's class";
    case operation::lock:
      return "lock";
    case operation::unlock:
      return "unlock";
    case operation::destroy:
      return "destruction";
    case operation::close_channel:
      return "close of the channel";
    case operation::send_channel:
      return "send on the channel";
    case operation::lock_shared:
      return "shared lock";
    case operation::receive_channel:
      return "receive from the channel";
    case operation::use_nil_channel:
      return "use of a nil channel";
    case operation::select_channels:
      return "select";
    case operation::wait_condition:
      return "wait on the condition variable";
    case operation::acquire_semaphore:
      return "acquisition of the semaphore";
    case operation::arrive_at_barrier:
      return "arrival at the barrier";
    case operation::call_once:
      return "call by once";
    case operation::join_task:
      return "join";
    case operation::wait_wait_group:
      return "wait for the wait_group";
    case operation::add_wait_group:
      return "add to the wait_group";
    case operation::wait_latch:
      return "wait for the latch";
    case operation::wait_event:
      return "wait for the event";
    case operation::sleep:
      return "sleep";
    case operation::use_descriptor:
      return "input or output";
  }
  return "access";
}

namespace {

std::string at_address(std::string_view what, const access_told& access) {
  return std::string(what) + (access.where == 0 ? "" : " at " + hex(access.where));
}

}  // namespace

std::string waited_for(const access_told& access) {
  if (!access.object.empty()) return access.object;
  switch (access.what) {
    case operation::lock:
    case operation::lock_shared:
    case operation::unlock:
    case operation::destroy:
      return at_address("the lock", access);
    case operation::send_channel:
    case operation::receive_channel:
    case operation::close_channel:
      return at_address("the channel", access);
    case operation::use_nil_channel:
      return "a nil channel";
    case operation::select_channels:
      return "one of several channels";
    case operation::wait_condition:
      return at_address("the condition variable", access);
    case operation::acquire_semaphore:
      return at_address("the semaphore", access);
    case operation::arrive_at_barrier:
      return at_address("the barrier", access);
    case operation::call_once:
      return at_address("the function that runs once", access);
    case operation::join_task:
      return "the end of a task";
    case operation::wait_wait_group:
    case operation::add_wait_group:
      return at_address("the wait_group", access);
    case operation::wait_latch:
      return at_address("the latch", access);
    case operation::wait_event:
      return at_address("the event", access);
    case operation::sleep:
      return "a time";
    case operation::use_descriptor:
      return "file descriptor " + std::to_string(access.where);
    case operation::read:
    case operation::write:
    case operation::atomic_read:
    case operation::atomic_write:
    case operation::free_memory:
    case operation::vptr_update:
      break;
  }
  return at_address("the object", access);
}

std::string wait_phrase(const access_told& access) {
  const std::string object = waited_for(access);
  switch (access.what) {
    case operation::lock:
      return "waits to lock " + object;
    case operation::lock_shared:
      return "waits to lock " + object + " for reading";
    case operation::send_channel:
      return "waits to send on " + object;
    case operation::receive_channel:
      return "waits to receive from " + object;
    case operation::read:
    case operation::write:
    case operation::atomic_read:
    case operation::atomic_write:
    case operation::free_memory:
    case operation::vptr_update:
    case operation::unlock:
    case operation::destroy:
    case operation::close_channel:
    case operation::use_nil_channel:
    case operation::select_channels:
    case operation::wait_condition:
    case operation::acquire_semaphore:
    case operation::arrive_at_barrier:
    case operation::call_once:
    case operation::join_task:
    case operation::wait_wait_group:
    case operation::add_wait_group:
    case operation::wait_latch:
    case operation::wait_event:
    case operation::sleep:
    case operation::use_descriptor:
      break;
  }
  return "waits for " + object;
}

std::string duration(std::int64_t ns) {
  if (ns < 1'000'000) return "less than 1 ms";
  if (ns < 10'000'000'000) return std::to_string(ns / 1'000'000) + " ms";
  return std::to_string(ns / 1'000'000'000) + " s";
}

std::string phrase(const task_told& task) {
  if (task.kind == task_kind::main_thread) return "the main thread";
  std::string text =
      (task.kind == task_kind::fiber ? "fiber T" : "thread T") + std::to_string(task.id);
  if (!task.name.empty()) text += " \"" + task.name + "\"";
  return text;
}

std::string short_phrase(const task_told& task) {
  if (task.kind == task_kind::main_thread) return "the main thread";
  std::string text = "T" + std::to_string(task.id);
  if (!task.name.empty()) text += " \"" + task.name + "\"";
  return text;
}

std::string phrase_of_task(const finding& what, const access_told& access) {
  const task_told* task = what.task_of(access);
  return task == nullptr ? "an unknown thread" : phrase(*task);
}

const frame* telling_frame(const stack& frames) {
  for (const frame& one : frames)
    if (one.line != 0 && !in_standard_library(one.function) && !in_our_library(one.function))
      return &one;
  for (const frame& one : frames)
    if (one.line != 0) return &one;
  return frames.empty() ? nullptr : &frames.front();
}

std::string function_phrase(const frame& one) {
  if (!one.function.empty()) return one.function;
  if (!one.module.empty()) return last_part(one.module) + "+" + hex(one.offset);
  return hex(one.offset);
}

std::string short_place(const frame* one) {
  if (one == nullptr) return {};
  if (one->line != 0) return last_part(one->file) + ":" + std::to_string(one->line);
  return shortened(function_phrase(*one), 40);
}

std::string place_phrase(const frame* one) {
  if (one == nullptr) return {};
  std::string text = function_phrase(*one);
  if (one->line != 0) text += " (" + last_part(one->file) + ":" + std::to_string(one->line) + ")";
  return text;
}

std::string shown_path(const std::string& path) {
  std::array<char, 4096> folder;
  if (::getcwd(folder.data(), folder.size()) == nullptr) return path;
  std::string here = folder.data();
  if (here.back() != '/') here += '/';
  return path.size() > here.size() && path.compare(0, here.size(), here) == 0
             ? path.substr(here.size())
             : path;
}

std::string full_place(const frame& one) {
  if (one.line == 0) return {};
  std::string text = shown_path(one.file) + ":" + std::to_string(one.line);
  if (one.column != 0) text += ":" + std::to_string(one.column);
  return text;
}

}  // namespace gobench::detector::reporting
