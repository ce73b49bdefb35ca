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
      return "misuse";
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
  }
  return "access";
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
