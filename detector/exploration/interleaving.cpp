#include "detector/exploration/interleaving.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <vector>

namespace gobench::detector::exploration {

namespace {

using explore::clock_thread;
using explore::log_record;
using explore::operation;

// With more threads than this the columns are too narrow to read.
constexpr std::size_t most_columns = 5;
constexpr std::size_t around = 4;  // rows kept around a decision

struct row {
  std::uint32_t thread;
  std::string text;
  bool deviates;
};

bool has_object(const log_record& one) {
  switch (one.what) {
    case operation::lock:
    case operation::try_lock:
    case operation::unlock:
    case operation::lock_shared:
    case operation::unlock_shared:
    case operation::wait:
    case operation::signal:
    case operation::broadcast:
    case operation::barrier:
    case operation::once:
    case operation::atomic_load:
    case operation::atomic_store:
    case operation::atomic_update:
    case operation::read:
    case operation::write:
    case operation::send:
    case operation::receive:
    case operation::close:
      return one.object != 0;
    case operation::thread_create:
    case operation::thread_start:
    case operation::thread_end:
    case operation::join:
    case operation::wake:
    case operation::fence:
    case operation::select:
    case operation::sleep:
    case operation::yield:
    case operation::timeout:
    case operation::descriptor:
    case operation::value:
    case operation::other:
      return false;
  }
  return false;
}

// A, B, ..., Z, A1, ... in the order in which they come.
class object_names {
 public:
  std::string of(std::uint64_t object) {
    const auto [found, fresh] = names_.try_emplace(object, names_.size());
    const std::size_t number = found->second;
    std::string name(1, static_cast<char>('A' + number % 26));
    return number < 26 ? name : name + std::to_string(number / 26);
  }

 private:
  std::map<std::uint64_t, std::size_t> names_;
};

// `file`: of which lines are told by their numbers alone.
std::string said(const log_record& one, object_names& names, const interleaving_style& style,
                 const std::string& file) {
  if (one.thread == clock_thread) return "a deadline passes";
  std::string text(to_string(one.what));
  if (has_object(one)) text += " " + names.of(one.object);
  if ((one.flags & explore::flag_value) != 0) {
    text = fmt::format("choice {} of {} ({})", one.chosen + 1, one.count, text);
  }
  const source_line line = style.locate ? style.locate(one.pc) : source_line{};
  if (line.file.empty()) return text;
  const std::string where =
      line.file == file ? fmt::format("{}", line.line) : fmt::format("{}:{}", line.file, line.line);
  return fmt::format("{} {}{}{}", where, text, line.text.empty() ? "" : ": ", line.text);
}

// The file that most steps are in.
std::string usual_file(const schedule_log& log, const interleaving_style& style) {
  std::map<std::string, std::size_t> counts;
  for (const log_record& one : log.records) {
    if (!style.locate || one.thread == clock_thread) continue;
    if (const source_line line = style.locate(one.pc); !line.file.empty()) ++counts[line.file];
  }
  const auto most =
      std::ranges::max_element(counts, {}, [](const auto& one) { return one.second; });
  return most == counts.end() ? "" : most->first;
}

std::vector<row> rows_of(const schedule_log& log, const interleaving_style& style,
                         const std::string& file) {
  std::vector<row> rows;
  object_names names;
  for (const log_record& one : log.records) {
    const bool deviates = default_of(one) != choice_of(one);
    std::string text = said(one, names, style, file);
    if (!deviates && !rows.empty() && rows.back().thread == one.thread &&
        rows.back().text == text) {
      continue;  // a loop
    }
    rows.push_back({one.thread, std::move(text), deviates});
  }
  return rows;
}

// Which rows are shown where not all are: those near decisions that matter, the first and the last ones.
std::vector<bool> shown_rows(const std::vector<row>& rows, std::size_t most) {
  std::vector<bool> shown(rows.size(), rows.size() <= most);
  if (rows.size() <= most) return shown;
  const auto show = [&](std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < std::min(to, rows.size()); ++i) shown[i] = true;
  };
  show(0, around);
  show(rows.size() - std::min(rows.size(), 2 * around), rows.size());
  std::size_t count = 3 * around;
  for (std::size_t i = 0; i < rows.size() && count < most; ++i) {
    if (!rows[i].deviates) continue;
    show(i - std::min(i, around), i + around);
    count += 2 * around;
  }
  return shown;
}

// At most `width` characters of UTF-8 text, by characters.
std::string cut(const std::string& text, std::size_t width) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) == 0x80) continue;
    if (characters++ == width) return text.substr(0, i);
  }
  return text;
}

std::string padded(const std::string& text, std::size_t width) {
  std::string made = cut(text, width);
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; };
  const std::size_t characters =
      made.size() - static_cast<std::size_t>(std::ranges::count_if(made, continues));
  return made + std::string(width - std::min(width, characters), ' ');
}

void add_line(std::string& text, std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  text += line + "\n";
}

}  // namespace

std::string_view to_string(operation what) {
  switch (what) {
    case operation::thread_create:
      return "start a thread";
    case operation::thread_start:
      return "begin";
    case operation::thread_end:
      return "end";
    case operation::join:
      return "join";
    case operation::lock:
      return "lock";
    case operation::try_lock:
      return "try to lock";
    case operation::unlock:
      return "unlock";
    case operation::lock_shared:
      return "lock shared";
    case operation::unlock_shared:
      return "unlock shared";
    case operation::wait:
      return "wait";
    case operation::wake:
      return "wake";
    case operation::signal:
      return "notify one";
    case operation::broadcast:
      return "notify all";
    case operation::barrier:
      return "barrier";
    case operation::once:
      return "once";
    case operation::atomic_load:
      return "load";
    case operation::atomic_store:
      return "store";
    case operation::atomic_update:
      return "update";
    case operation::fence:
      return "fence";
    case operation::read:
      return "read";
    case operation::write:
      return "write";
    case operation::send:
      return "send";
    case operation::receive:
      return "receive";
    case operation::close:
      return "close";
    case operation::select:
      return "select";
    case operation::sleep:
      return "sleep";
    case operation::yield:
      return "yield";
    case operation::timeout:
      return "timeout";
    case operation::descriptor:
      return "descriptor";
    case operation::value:
      return "choice";
    case operation::other:
      return "step";
  }
  return "step";
}

std::string thread_name(std::uint32_t thread) {
  if (thread == clock_thread) return "clock";
  return thread == 1 ? "main thread" : fmt::format("thread {}", thread);
}

std::string interleaving_text(const schedule_log& log, const interleaving_style& style) {
  const std::string file = usual_file(log, style);
  const std::vector<row> rows = rows_of(log, style, file);
  const std::vector<bool> shown = shown_rows(rows, style.most_rows);
  std::vector<std::uint32_t> threads;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (shown[i] && std::ranges::find(threads, rows[i].thread) == threads.end()) {
      threads.push_back(rows[i].thread);
    }
  }
  std::ranges::sort(threads);
  const std::size_t matter = deviations_of(log).size();
  const std::size_t open = open_choices_of(log);
  std::string text =
      matter == 0
          ? fmt::format("It needs no special schedule: none of {} decisions matters.\n", open)
          : fmt::format("{} {} of {} decisions matter{} (>):\n", matter == 1 ? "Only" : "These",
                        matter, open, matter == 1 ? "s" : "");

  if (!file.empty()) text += fmt::format("Numbers are lines of {}.\n", file);
  const bool columns = threads.size() <= most_columns && !threads.empty();
  const std::size_t each = columns ? (style.width - 2) / threads.size() : 0;
  if (columns) {
    std::string line = "  ";
    for (const std::uint32_t thread : threads) line += padded(thread_name(thread), each);
    add_line(text, line);
  }
  std::size_t hidden = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!shown[i]) {
      ++hidden;
      continue;
    }
    if (hidden > 0) text += fmt::format("  ... {} more step{}\n", hidden, hidden == 1 ? "" : "s");
    hidden = 0;
    std::string line = rows[i].deviates ? "> " : "  ";
    if (columns) {
      const auto column =
          static_cast<std::size_t>(std::ranges::find(threads, rows[i].thread) - threads.begin());
      // What is right of the column is empty, so the text of a row may use it.
      line += std::string(column * each, ' ');
      line += cut(rows[i].text, style.width - 2 - column * each);
    } else {
      line += cut(padded(thread_name(rows[i].thread), 14) + rows[i].text, style.width - 2);
    }
    add_line(text, line);
  }
  return text;
}

}  // namespace gobench::detector::exploration
