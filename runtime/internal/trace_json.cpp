#include "runtime/internal/trace_json.hpp"

#include <array>
#include <charconv>
#include <cstdio>

namespace gobench::inline GOBENCH_FLAVOUR::runtime::trace {
namespace {

void number(std::string& to, std::uint64_t n) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), n).ptr;
  to.append(digits.data(), end);
}

// A viewer shows tracks in the order of these.
std::uint64_t thread_of(std::int32_t track) noexcept {
  return static_cast<std::uint64_t>(std::int64_t{track} + 2);
}

void quoted(std::string& to, std::string_view text) {
  to += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      to += '\\';
      to += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escape;
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
      to += escape.data();
    } else {
      to += c;
    }
  }
  to += '"';
}

// "task 7 server.cpp:12": short, as a viewer has little room in a slice.
std::string name_of(const event& one) {
  std::string name = "task ";
  number(name, one.task);
  if (one.file == nullptr) return name;
  std::string_view file = one.file;
  file.remove_prefix(file.rfind('/') + 1);  // all of it where there is none: npos + 1 is 0
  name += ' ';
  name += file;
  name += ':';
  number(name, one.line);
  return name;
}

const char* text_of(run_end end) noexcept {
  switch (end) {
    case run_end::parked:
      return "parked";
    case run_end::yielded:
      return "yielded";
    case run_end::finished:
      return "finished";
    case run_end::blocks:
      return "entered a blocking call";
    case run_end::moved:
      return "left its processor";
  }
  return "";
}

void object(std::string& to, const void* what) {
  if (what == nullptr) return;
  std::array<char, 40> text;
  std::snprintf(text.data(), text.size(), ",\"object\":\"%p\"", what);
  to += text.data();
}

void reason(std::string& to, const event& one) {
  if (one.reason == wait_reason::none) return;
  to += ",\"why\":\"";
  to += describe(one.reason);
  to += '"';
  object(to, one.object);
}

}  // namespace

void json_writer::time(std::string& to, std::int64_t ns) const {
  const auto positive = static_cast<std::uint64_t>(ns < 0 ? 0 : ns);
  number(to, positive / 1000);
  const auto rest = static_cast<unsigned>(positive % 1000);
  to += '.';
  to += static_cast<char>('0' + rest / 100);
  to += static_cast<char>('0' + rest / 10 % 10);
  to += static_cast<char>('0' + rest % 10);
}

void json_writer::open(std::string& to, std::string_view name, std::string_view category,
                       char phase, std::int32_t track, std::int64_t at_ns) const {
  to += "{\"name\":";
  quoted(to, name);
  to += ",\"cat\":\"";
  to += category;
  to += "\",\"ph\":\"";
  to += phase;
  to += "\",\"pid\":";
  number(to, static_cast<std::uint64_t>(pid_));
  to += ",\"tid\":";
  number(to, thread_of(track));
  to += ",\"ts\":";
  time(to, at_ns - zero_ns_);
}

void json_writer::name_process(std::string& to, std::string_view name) const {
  open(to, "process_name", "__metadata", 'M', outside_track, zero_ns_);
  to += ",\"args\":{\"name\":";
  quoted(to, name);
  to += "}},\n";
}

void json_writer::name_track(std::string& to, std::int32_t track, std::string_view name) const {
  open(to, "thread_name", "__metadata", 'M', track, zero_ns_);
  to += ",\"args\":{\"name\":";
  quoted(to, name);
  to += "}},\n";
  open(to, "thread_sort_index", "__metadata", 'M', track, zero_ns_);
  to += ",\"args\":{\"sort_index\":";
  number(to, thread_of(track));
  to += "}},\n";
}

void json_writer::add(std::string& to, const event& one) const {
  const auto duration = [&] {
    to += ",\"dur\":";
    time(to, one.end_ns - one.begin_ns);
  };
  const auto task = [&] {
    to += ",\"args\":{\"task\":";
    number(to, one.task);
  };
  const auto arrow = [&](char phase, std::int64_t at_ns) {
    if (one.flow == 0) return;
    open(to, "wake", "wake", phase, one.track, at_ns);
    to += ",\"id\":";
    number(to, one.flow);
    // To the slice that it lies in, not to the next.
    if (phase == 'f') to += ",\"bp\":\"e\"";
    to += "},\n";
  };
  switch (one.what) {
    case event_kind::ran:
      open(to, name_of(one), "run", 'X', one.track, one.begin_ns);
      duration();
      task();
      to += ",\"end\":\"";
      to += text_of(one.end);
      to += '"';
      if (one.end == run_end::parked) reason(to, one);
      to += "}},\n";
      arrow('f', one.begin_ns);
      if (one.end == run_end::parked) {
        open(to, "park", "park", 'i', one.track, one.end_ns);
        to += ",\"s\":\"t\"";
        task();
        reason(to, one);
        to += "}},\n";
      }
      break;
    case event_kind::spawned: {
      open(to, "spawn", "spawn", 'i', one.track, one.begin_ns);
      to += ",\"s\":\"t\"";
      task();
      to += ",\"at\":";
      std::string site(one.file != nullptr ? one.file : "");
      site += ':';
      number(site, one.line);
      quoted(to, site);
      to += "}},\n";
      arrow('s', one.begin_ns);
      break;
    }
    case event_kind::woke:
      open(to, "wake", "wake", 'i', one.track, one.begin_ns);
      to += ",\"s\":\"t\"";
      task();
      reason(to, one);
      to += "}},\n";
      arrow('s', one.begin_ns);
      break;
    case event_kind::stole:
      open(to, "steal", "steal", 'i', one.track, one.begin_ns);
      to += ",\"s\":\"t\",\"args\":{\"from\":\"P ";
      number(to, one.task);
      to += "\",\"tasks\":";
      number(to, one.number);
      to += "}},\n";
      break;
    case event_kind::idle:
      open(to, "idle", "idle", 'X', one.track, one.begin_ns);
      duration();
      to += "},\n";
      break;
    case event_kind::blocked:
      // Not on the processor's track: others run there meanwhile.
      for (const bool begins : {true, false}) {
        open(to, name_of(one) + " in a blocking call", "blocking", begins ? 'b' : 'e', one.track,
             begins ? one.begin_ns : one.end_ns);
        to += ",\"id\":";
        number(to, one.task);
        to += "},\n";
      }
      break;
    case event_kind::handed_off:
      open(to, "hand-off", "hand-off", 'i', one.track, one.begin_ns);
      to += ",\"s\":\"t\"},\n";
      break;
  }
}

void json_writer::add_dropped(std::string& to, std::uint64_t events, std::int64_t at_ns) const {
  open(to, "events dropped", "dropped", 'i', outside_track, at_ns);
  to += ",\"s\":\"g\",\"args\":{\"events\":";
  number(to, events);
  to += "}},\n";
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime::trace
