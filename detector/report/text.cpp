#include "detector/report/text.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

#include "detector/report/names.hpp"
#include "detector/report/words.hpp"

namespace gobench::detector::reporting {
namespace {

constexpr std::size_t columns = 100;
constexpr std::size_t most_frames = 60;

class page {
 public:
  explicit page(bool color) : color_(color) {}

  void headline(const std::string& text) {
    out_ += bold_red() + "gobench: " + text + plain() + "\n";
  }

  void section(const std::string& text) {
    out_ += "\n" + bold() + wrapped(text, 2) + plain() + "\n";
  }

  void paragraph(const std::string& text) { out_ += wrapped(text, 2) + "\n"; }

  void line(const std::string& text) { out_ += "  " + text + "\n"; }

  void gap() { out_ += "\n"; }

  void frames(const stack& all, std::string_view without) {
    if (all.empty()) out_ += "    " + std::string(without) + "\n";
    for (std::size_t i = 0; i < all.size() && i < most_frames; ++i) frame_line(i, all[i]);
    if (all.size() > most_frames)
      out_ += "    and " + std::to_string(all.size() - most_frames) + " more below\n";
  }

  std::string take() { return std::move(out_); }

 private:
  void frame_line(std::size_t number, const frame& one) {
    const std::string start = "    #" + std::to_string(number) + " ";
    std::string place = full_place(one);
    if (place.empty() && !one.module.empty() && !one.function.empty())
      place = "in " + one.module.substr(one.module.rfind('/') + 1);
    const std::string function = shortened(function_phrase(one), columns - start.size());
    out_ += start + function;
    if (!place.empty()) {
      const bool fits = start.size() + function.size() + 2 + place.size() <= columns;
      out_ += (fits ? "  " : "\n" + std::string(start.size(), ' ')) + dim() + place + plain();
    }
    out_ += "\n";
  }

  std::string escape(const char* code) const { return color_ ? code : ""; }
  std::string bold_red() const { return escape("\033[1;31m"); }
  std::string bold() const { return escape("\033[1m"); }
  std::string dim() const { return escape("\033[36m"); }
  std::string plain() const { return escape("\033[0m"); }

  bool color_;
  std::string out_;
};

std::string capital(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string held(const access_told& access) {
  if (access.locks.empty()) return "Holding no lock.";
  std::string text = "Holding ";
  for (std::size_t i = 0; i < access.locks.size(); ++i) {
    if (i > 0) text += i + 1 == access.locks.size() ? " and " : ", ";
    text += access.locks[i].name();
    if (access.locks[i].shared) text += ", shared";
  }
  return text + ".";
}

bool locks_tell_something(const finding& what) {
  for (const access_told& access : what.accesses)
    if (!access.locks.empty()) return true;
  return false;
}

std::string who(const finding& what, std::size_t task) {
  return task < what.tasks.size() ? phrase(what.tasks[task]) : "an unknown thread";
}

void put_wait(page& out, const finding& what, const access_told& access) {
  std::string text = capital(phrase_of_task(what, access));
  if (what.type == finding_type::lock_order || what.type == finding_type::read_lock_again) {
    text += " locks " + waited_for(access);
    if (access.what == operation::lock_shared) text += " for reading";
  } else {
    text += " " + wait_phrase(access);
    if (access.other != access_told::nobody) {
      if (access.what != operation::join_task)
        text += access.other_has_ended ? ", left locked by " : ", held by ";
      else
        text += ", ";
      text += who(what, access.other);
      if (access.other_has_ended) text += ", which has ended";
    }
    if (access.waited_ns >= 0) text += ", for " + duration(access.waited_ns);
  }
  out.section(text + ":");
  out.frames(access.frames, "(its stack is not known)");
  if (!access.locks.empty()) out.line("  " + held(access));
  if (access.last_user != access_told::nobody) {
    out.section("The last " + std::string(operation_name(access.last_use)) + " there was by " +
                who(what, access.last_user) + (access.last_used.empty() ? "." : ":"));
    if (!access.last_used.empty()) out.frames(access.last_used, "");
  }
}

void put_access(page& out, const finding& what, std::size_t index) {
  const access_told& access = what.accesses[index];
  if (what.is_of_waits()) return put_wait(out, what, access);
  const bool earlier = index == 1 && !what.is_misuse();
  const std::string name = (earlier ? "earlier " : "") + phrase(access);
  out.section(capital(name) + (access.where == 0 ? "" : " at " + hex(access.where)) + " by " +
              phrase_of_task(what, access) + ":");
  out.frames(access.frames, "(its stack could not be restored)");
  if (locks_tell_something(what)) out.line("  " + held(access));
}

void put_object(page& out, const finding& what) {
  const object_told& object = what.object;
  if (object.description.empty()) return;
  std::string text = capital(object.description);
  if (object.kind == location_kind::heap ||
      (object.kind == location_kind::global && object.offset != 0))
    text += "; accessed at byte " + std::to_string(object.offset) + " of it";
  out.section(text + (object.allocated.empty() ? "." : ":"));
  if (!object.allocated.empty()) out.frames(object.allocated, "");
}

void put_lock(page& out, const lock_told& lock, const char* what_of_it) {
  out.section("Lock " + lock.name() + " at " + hex(lock.where) +
              (lock.taken.empty() ? "." : what_of_it));
  if (!lock.taken.empty()) out.frames(lock.taken, "");
}

void put_locks(page& out, const finding& what) {
  std::vector<address> shown;
  for (const access_told& access : what.accesses) {
    for (const lock_told& lock : access.locks) {
      bool known = false;
      for (const address one : shown) known = known || one == lock.where;
      if (known) continue;
      shown.push_back(lock.where);
      put_lock(out, lock, ", taken here:");
    }
  }
  if (what.is_misuse() && what.lock.where != 0)
    put_lock(out, what.lock, ", last locked or made here:");
}

void put_task(page& out, const finding& what, const task_told& task) {
  if (task.kind == task_kind::main_thread) return;
  std::string text = capital(phrase(task)) + (task.running ? "" : ", finished by now");
  if (task.parent != 0) {
    std::string parent = "T" + std::to_string(task.parent);
    for (const task_told& one : what.tasks)
      if (one.id == task.parent) parent = phrase(one);
    // The first task is always the main thread.
    if (task.parent == 1 && parent == "T1") parent = "the main thread";
    text += ", started by " + parent;
  }
  out.section(text + (task.born.empty() ? "." : ":"));
  if (!task.born.empty()) out.frames(task.born, "");
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out;
  std::size_t column = 0;
  while (!text.empty()) {
    const std::size_t end = text.find(' ');
    const std::string_view word = text.substr(0, end);
    if (column == 0 || column + 1 + word.size() > width) {
      if (column != 0) out += '\n';
      out.append(indent, ' ');
      column = indent;
    } else {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

std::string text_of(const finding& what, const text_style& style) {
  page out(style.color);
  out.headline(what.headline);
  for (std::size_t i = 0; i < what.accesses.size(); ++i) put_access(out, what, i);
  put_object(out, what);
  put_locks(out, what);
  for (const task_told& task : what.tasks) put_task(out, what, task);
  out.gap();
  if (!what.advice.empty()) {
    out.paragraph("What to do: " + what.advice);
    out.gap();
  }
  out.line("Fingerprint " + fingerprint_text(what.fingerprint));
  if (!style.command.empty()) out.line("Again with: " + style.command);
  out.gap();
  return out.take();
}

std::string shell_quoted(const std::vector<std::string>& arguments) {
  std::string text;
  for (const std::string& one : arguments) {
    if (!text.empty()) text += ' ';
    constexpr std::string_view safe =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%^";
    if (!one.empty() && one.find_first_not_of(safe) == std::string::npos) {
      text += one;
      continue;
    }
    text += '\'';
    for (const char c : one) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    text += '\'';
  }
  return text;
}

std::string reproducing_command() {
  std::string all;
  const int file = ::open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  std::array<char, 4096> part;
  for (ssize_t length; (length = ::read(file, part.data(), part.size())) > 0;)
    all.append(part.data(), static_cast<std::size_t>(length));
  ::close(file);
  std::vector<std::string> arguments;
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = all.find('\0', at);
    arguments.push_back(all.substr(at, end - at));
    if (end == std::string::npos) break;
    at = end + 1;
  }
  return arguments.empty() ? std::string() : "gobench race " + shell_quoted(arguments);
}

}  // namespace gobench::detector::reporting
