// Written by hand: this is linked into the checked program, which has to bring nothing for it.
#include "detector/report/json.hpp"

#include <time.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>

#include "detector/report/words.hpp"

namespace gobench::detector::reporting {
namespace {

class writer {
 public:
  void open(char bracket) {
    separate();
    out_ += bracket;
    first_ = true;
  }
  void close(char bracket) {
    out_ += bracket;
    first_ = false;
  }
  void key(std::string_view name) {
    separate();
    out_ += json_string(name);
    out_ += ':';
    first_ = true;
  }
  void value(std::string_view text) {
    separate();
    out_ += json_string(text);
  }
  void number(std::uint64_t value) {
    separate();
    out_ += std::to_string(value);
  }
  void literal(std::string_view text) {
    separate();
    out_ += text;
  }
  void member(std::string_view name, std::string_view text) {
    key(name);
    value(text);
  }
  void member(std::string_view name, std::uint64_t value) {
    key(name);
    number(value);
  }
  std::string line() { return std::move(out_) + "\n"; }

 private:
  void separate() {
    if (!first_) out_ += ',';
    first_ = false;
  }
  std::string out_;
  bool first_ = true;
};

void put_stack(writer& out, std::string_view name, const stack& frames) {
  out.key(name);
  out.open('[');
  for (const frame& one : frames) {
    out.open('{');
    out.member("function", one.function);
    out.member("file", one.file);
    out.member("line", static_cast<std::uint64_t>(one.line));
    out.member("column", static_cast<std::uint64_t>(one.column));
    out.member("module", one.module);
    out.member("offset", hex(one.offset));
    out.key("inlined");
    out.literal(one.inlined ? "true" : "false");
    out.close('}');
  }
  out.close(']');
}

void put_task(writer& out, const task_told* task) {
  out.open('{');
  out.member("id", task == nullptr ? 0 : task->id);
  out.member("name", task == nullptr ? std::string_view() : std::string_view(task->name));
  out.member("kind", task == nullptr ? "thread" : task_kind_name(task->kind));
  out.key("main");
  out.literal(task != nullptr && task->kind == task_kind::main_thread ? "true" : "false");
  out.member("parent", task == nullptr ? 0 : task->parent);
  put_stack(out, "born", task == nullptr ? stack() : task->born);
  out.close('}');
}

void put_lock(writer& out, const lock_told& lock) {
  out.open('{');
  out.member("name", "M" + std::to_string(lock.id));
  out.member("variable", lock.variable);
  out.member("address", hex(lock.where));
  out.member("mode", lock.shared ? "shared" : "exclusive");
  put_stack(out, "stack", lock.taken);
  out.close('}');
}

void put_access(writer& out, const finding& what, const access_told& access) {
  out.open('{');
  out.member("op", operation_name(access.what));
  out.member("size", access.size);
  out.member("address", hex(access.where));
  out.key("task");
  put_task(out, what.task_of(access));
  put_stack(out, "stack", access.frames);
  out.key("locks");
  out.open('[');
  for (const lock_told& lock : access.locks) put_lock(out, lock);
  out.close(']');
  if (access.waited_ns >= 0)
    out.member("waited_ms", static_cast<std::uint64_t>(access.waited_ns) / 1'000'000);
  if (access.other < what.tasks.size()) {
    out.key("waits_for_task");
    put_task(out, &what.tasks[access.other]);
  }
  out.close('}');
}

// The length of the UTF-8 sequence at the beginning; 0: it is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  // Longer than needed, surrogates, beyond the last character.
  if ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) > 0x9f) ||
      (first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) > 0x8f))
    return 0;
  return length;
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const char c = text[0];
    if (length == 0) {
      out += "\\ufffd";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escape;
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
      out += escape.data();
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out + "\"";
}

std::string time_now() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  // Not gmtime_r(), which takes a lock of libc's.
  const std::chrono::sys_seconds seconds{std::chrono::seconds(now.tv_sec)};
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(seconds - day);
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
                static_cast<int>(now.tv_nsec / 1'000'000));
  return text.data();
}

std::string json_of(const finding& what) {
  writer out;
  out.open('{');
  out.member("kind", kind_name(what.type));
  out.member("type", type_name(what.type));
  out.member("message", what.message);
  out.member("fingerprint", fingerprint_text(what.fingerprint));
  out.key("suppressed_by");
  if (what.suppressed_by.empty())
    out.literal("null");
  else
    out.value(what.suppressed_by);
  out.key("accesses");
  out.open('[');
  for (const access_told& access : what.accesses) put_access(out, what, access);
  out.close(']');
  out.key("object");
  out.open('{');
  out.member("kind", location_name(what.object.kind));
  out.member("description", what.object.description);
  out.member("name", what.object.name);
  out.member("size", what.object.size);
  out.member("offset", what.object.offset);
  put_stack(out, "stack", what.object.allocated);
  out.member("task", what.object.task);
  out.close('}');
  if (what.lock.where != 0) {
    out.key("lock");
    put_lock(out, what.lock);
  }
  out.member("advice", what.advice);
  out.member("time", time_now());
  out.member("pid", static_cast<std::uint64_t>(::getpid()));
  out.close('}');
  return out.line();
}

std::string start_line(std::string_view program) {
  writer out;
  out.open('{');
  out.member("event", "start");
  out.member("pid", static_cast<std::uint64_t>(::getpid()));
  out.member("program", program);
  out.member("time", time_now());
  out.close('}');
  return out.line();
}

std::string note_line(std::string_view text) {
  writer out;
  out.open('{');
  out.member("event", "note");
  out.member("pid", static_cast<std::uint64_t>(::getpid()));
  out.member("text", text);
  out.close('}');
  return out.line();
}

std::string end_line(const end_of_report& what) {
  writer out;
  out.open('{');
  out.member("event", "end");
  out.member("pid", static_cast<std::uint64_t>(::getpid()));
  out.member("findings", what.findings);
  out.member("suppressed", what.suppressed);
  out.key("repeated");
  out.open('[');
  for (const repeated& one : what.seen_again) {
    out.open('{');
    out.member("fingerprint", fingerprint_text(one.fingerprint));
    out.member("times", one.times);
    out.close('}');
  }
  out.close(']');
  out.key("unused_suppressions");
  out.open('[');
  for (const std::string& one : what.unused_suppressions) out.value(one);
  out.close(']');
  out.member("time", time_now());
  out.close('}');
  return out.line();
}

}  // namespace gobench::detector::reporting
