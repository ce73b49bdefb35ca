#include "detector/report/suppressions.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "detector/report/names.hpp"

namespace gobench::detector::reporting {
namespace {

struct named_kind {
  std::string_view name;
  suppression_kind kind;
};
constexpr std::array<named_kind, 7> kinds{{{"race", suppression_kind::race},
                                           {"race_top", suppression_kind::race_top},
                                           {"thread", suppression_kind::thread},
                                           {"mutex", suppression_kind::mutex},
                                           {"signal", suppression_kind::signal},
                                           {"deadlock", suppression_kind::deadlock},
                                           {"called_from_lib", suppression_kind::called_from_lib}}};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r";
  const std::size_t begin = text.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

// Does the pattern, in which only `*` is special, match from the beginning, and if so up to the end or anywhere?
bool matches_here(std::string_view pattern, std::string_view text, bool to_the_end) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  for (;;) {
    if (p == pattern.size() && (!to_the_end || t == text.size())) return true;
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && t < text.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos && resume < text.size()) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
}

bool matches_frame(std::string_view pattern, const frame& one) {
  if (matches(pattern, one.function) || matches(pattern, one.file) || matches(pattern, one.module))
    return true;
  // Files that were written for another detector have names in full, with return types.
  return !one.symbol.empty() &&
         (matches(pattern, one.symbol) || matches(pattern, demangled(one.symbol)));
}

bool matches_stack(std::string_view pattern, const stack& frames, bool top_only) {
  for (const frame& one : frames) {
    if (matches_frame(pattern, one)) return true;
    if (top_only && !one.inlined) return false;
  }
  return false;
}

bool matches_finding(std::string_view pattern, const finding& what, bool top_only) {
  for (const access_told& access : what.accesses)
    if (matches_stack(pattern, access.frames, top_only)) return true;
  if (top_only) return false;
  for (const task_told& task : what.tasks)
    if (matches_stack(pattern, task.born, false)) return true;
  return matches(pattern, what.object.name) ||
         matches_stack(pattern, what.object.allocated, false) ||
         matches_stack(pattern, what.lock.taken, false);
}

std::string folder_of_program() {
  std::array<char, 4096> target;
  const ssize_t length = ::readlink("/proc/self/exe", target.data(), target.size());
  if (length <= 0) return {};
  const std::string path(target.data(), static_cast<std::size_t>(length));
  return path.substr(0, path.rfind('/') + 1);
}

}  // namespace

bool matches(std::string_view pattern, std::string_view text) {
  if (text.empty() || pattern.empty()) return false;
  const bool from_start = pattern.front() == '^';
  if (from_start) pattern.remove_prefix(1);
  const bool to_end = !pattern.empty() && pattern.back() == '$';
  if (to_end) pattern.remove_suffix(1);
  if (from_start) return matches_here(pattern, text, to_end);
  for (std::size_t at = 0; at <= text.size(); ++at)
    if (matches_here(pattern, text.substr(at), to_end)) return true;
  return false;
}

std::string suppression::text() const {
  for (const named_kind& one : kinds)
    if (one.kind == kind) return std::string(one.name) + ":" + pattern;
  return pattern;
}

std::string suppressions::parse(std::string_view text, std::string_view origin) {
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++number;
    if (line.empty() || line.front() == '#') continue;
    const std::string place = std::string(origin) + ":" + std::to_string(number);
    const std::size_t colon = line.find(':');
    const named_kind* kind = nullptr;
    for (const named_kind& one : kinds)
      if (one.name == line.substr(0, colon)) kind = &one;
    const std::string_view pattern =
        colon == std::string_view::npos ? std::string_view() : trimmed(line.substr(colon + 1));
    if (colon == std::string_view::npos || kind == nullptr || pattern.empty()) {
      return place + ": '" + std::string(line) +
             "' is no suppression: write KIND:PATTERN with one of race, race_top, thread, mutex, "
             "signal, deadlock and "
             "called_from_lib as the kind, or # before a comment.";
    }
    all_.push_back({kind->kind, std::string(pattern), place});
    called_from_lib_ = called_from_lib_ || kind->kind == suppression_kind::called_from_lib;
  }
  return {};
}

std::string suppressions::read(const std::string& path) {
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const int error = errno;
  if (file < 0 && path[0] != '/')
    file = ::open((folder_of_program() + path).c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return "the suppressions in '" + path + "' cannot be read: " + std::strerror(error) +
           ". Check the path.";
  std::string text;
  std::array<char, 4096> part;
  ssize_t length;
  while ((length = ::read(file, part.data(), part.size())) > 0)
    text.append(part.data(), static_cast<std::size_t>(length));
  const int failed = length < 0 ? errno : 0;
  ::close(file);
  if (failed != 0)
    return "the suppressions in '" + path + "' cannot be read: " + std::strerror(failed) +
           ". Check the path.";
  return parse(text, path);
}

suppression* suppressions::find(const finding& what) {
  for (suppression& one : all_) {
    bool hit = false;
    switch (one.kind) {
      case suppression_kind::race:
        hit = what.family() == finding_family::race && matches_finding(one.pattern, what, false);
        break;
      case suppression_kind::race_top:
        hit = what.family() == finding_family::race && matches_finding(one.pattern, what, true);
        break;
      case suppression_kind::mutex:
        hit = (what.is_misuse() || what.family() == finding_family::other_misuse) &&
              matches_finding(one.pattern, what, false);
        break;
      case suppression_kind::thread:
        hit = what.type == finding_type::leak && matches_finding(one.pattern, what, false);
        break;
      case suppression_kind::deadlock:
        hit = what.is_of_waits() && what.type != finding_type::leak &&
              matches_finding(one.pattern, what, false);
        break;
      case suppression_kind::signal:
      case suppression_kind::called_from_lib:
        break;
    }
    if (!hit) continue;
    ++one.hits;
    return &one;
  }
  return nullptr;
}

bool suppressions::is_called_from_lib(std::string_view module) {
  for (suppression& one : all_) {
    if (one.kind != suppression_kind::called_from_lib || !matches(one.pattern, module)) continue;
    ++one.hits;
    return true;
  }
  return false;
}

}  // namespace gobench::detector::reporting
