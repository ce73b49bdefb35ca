#include "detector/report/finding.hpp"

#include <algorithm>

#include "detector/report/names.hpp"
#include "detector/report/words.hpp"

namespace gobench::detector::reporting {
namespace {

lock_told told_lock(const raw_lock& raw, symbolizer& names) {
  lock_told lock{raw.id, raw.where, raw.shared, names.frames_of(raw.taken), {}};
  variable found;
  if (raw.where != 0 && names.variable_at(raw.where, found) && !found.name.empty()) {
    lock.variable = found.name;
    if (raw.where != found.start) lock.variable += "+" + std::to_string(raw.where - found.start);
  }
  return lock;
}

const task_told* task_at(const finding& what, std::uint32_t index) {
  return index < what.tasks.size() ? &what.tasks[index] : nullptr;
}

std::string heap_phrase(const finding& what, const raw_location& place) {
  std::string text = "heap block";
  if (place.size != 0) text += " of " + bytes(place.size);
  text += " at " + hex(place.start);
  if (const task_told* task = task_at(what, place.task)) text += ", allocated by " + phrase(*task);
  return text;
}

// Also where the engine did not say what it is: symbol tables know the variables of all modules.
bool tell_global(object_told& object, address where, symbolizer& names) {
  variable found;
  if (!names.variable_at(where, found)) return false;
  object.kind = location_kind::global;
  object.name = found.name;
  object.size = found.size;
  object.offset = where - found.start;
  if (found.name.empty()) {
    object.description = "global variable at " + hex(where) + " in " + shown_path(found.module);
  } else {
    object.description =
        "global variable " + found.name + " of " + bytes(found.size) + " at " + hex(found.start);
    if (found.declared.line != 0)
      object.description += ", declared at " + shown_path(found.declared.file) + ":" +
                            std::to_string(found.declared.line);
  }
  return true;
}

void tell_object(finding& what, const raw_finding& raw, symbolizer& names) {
  object_told& object = what.object;
  const raw_location& place = raw.location;
  const address where = raw.accesses.empty() ? raw.lock.where : raw.accesses[0].where;
  object.kind = place.kind;
  object.size = place.size;
  object.allocated = names.frames_of(place.allocated);
  const task_told* task = task_at(what, place.task);
  if (task != nullptr) object.task = task->id;
  if (place.start != 0 && where >= place.start) object.offset = where - place.start;
  switch (place.kind) {
    case location_kind::heap:
      object.description = heap_phrase(what, place);
      return;
    case location_kind::stack:
      object.description = "stack of " + (task == nullptr ? "an unknown thread" : phrase(*task));
      return;
    case location_kind::thread_local_storage:
      object.description =
          "thread-local variable of " + (task == nullptr ? "an unknown thread" : phrase(*task));
      return;
    case location_kind::descriptor:
      object.description = "file descriptor " + std::to_string(place.descriptor);
      if (task != nullptr) object.description += ", opened by " + phrase(*task);
      return;
    case location_kind::global:
    case location_kind::unknown:
      break;
  }
  object.task = 0;
  if (what.is_misuse() || what.is_of_waits())
    return;  // locks and what is waited for are told as such
  if (where != 0 && tell_global(object, where, names)) return;
  object.description = place.kind == location_kind::global ? "global variable at " + hex(where)
                                                           : "memory at " + hex(where);
}

std::string who(const finding& what, std::size_t task, bool in_short) {
  if (task >= what.tasks.size()) return "an unknown thread";
  return in_short ? short_phrase(what.tasks[task]) : phrase(what.tasks[task]);
}

std::string holding(const access_told& access, const finding& what) {
  if (access.locks.empty()) return "";
  // Of a lock order the one that the edge begins at; the others are told in full.
  const bool one =
      what.type == finding_type::lock_order || what.type == finding_type::read_lock_again;
  std::string text = " while holding ";
  for (std::size_t i = one ? access.locks.size() - 1 : 0; i < access.locks.size(); ++i)
    text += (i == 0 || one ? "" : " and ") + access.locks[i].name();
  return text;
}

// "T2 (app.cpp:12)"
std::string with_short_place(const finding& what, const access_told& access) {
  const std::string place = short_place(telling_frame(access.frames));
  return who(what, access.task, true) + (place.empty() ? "" : " (" + place + ")");
}

std::string headline_of_waits(const finding& what) {
  std::string text(type_name(what.type));
  text += ": ";
  const access_told& first = what.accesses[0];
  switch (what.type) {
    case finding_type::deadlock:
      if (what.accesses.size() == 1)
        return text + with_short_place(what, first) + " " + wait_phrase(first) +
               (first.other_has_ended ? ", left locked by " + who(what, first.other, true)
                                      : " and would have to go on for that");
      for (std::size_t i = 0; i < what.accesses.size(); ++i)
        text += (i == 0                          ? ""
                 : i + 1 == what.accesses.size() ? " and "
                                                 : ", ") +
                with_short_place(what, what.accesses[i]);
      return text + " wait for each other";
    case finding_type::lock_order:
    case finding_type::read_lock_again:
      for (std::size_t i = 0; i < what.accesses.size(); ++i)
        text += (i == 0 ? "" : ", ") + with_short_place(what, what.accesses[i]) + " locks " +
                waited_for(what.accesses[i]) + holding(what.accesses[i], what);
      return text;
    default:
      text += with_short_place(what, first) + " " + wait_phrase(first);
      if (what.type == finding_type::waited_too_long) text += " for " + duration(first.waited_ns);
      if (what.type == finding_type::all_asleep && what.accesses.size() > 1)
        text += ", and " + std::to_string(what.accesses.size() - 1) +
                (what.accesses.size() == 2 ? " other waits, too" : " others wait, too");
      return text;
  }
}

std::string capital(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

std::string with_place(const std::string& before, const std::string& place) {
  return place.empty() ? "" : before + place;
}

// "use after free: write of 4 bytes by T2 "worker" (app.cpp:12) after the free by the main thread (app.cpp:20)"
std::string headline_of(const finding& what) {
  std::string text(type_name(what.type));
  if (what.accesses.empty()) return text;
  if (what.is_of_waits()) return headline_of_waits(what);
  const access_told& first = what.accesses[0];
  const auto side = [&](const access_told& access) {
    const task_told* task = what.task_of(access);
    const std::string place = short_place(telling_frame(access.frames));
    return phrase(access) + " by " + (task == nullptr ? "an unknown thread" : short_phrase(*task)) +
           (place.empty() ? "" : " (" + place + ")");
  };
  text += ": " + side(first);
  if (what.accesses.size() < 2) {
    if (what.lock.where != 0) text += ", lock " + what.lock.name();
    return text;
  }
  text += what.type == finding_type::use_after_free ? " after " : " and earlier ";
  return text + side(what.accesses[1]);
}

std::string message_of_waits(const finding& what) {
  std::string text;
  const bool order =
      what.type == finding_type::lock_order || what.type == finding_type::read_lock_again;
  for (const access_told& access : what.accesses) {
    std::string one = phrase_of_task(what, access);
    if (order) {
      one += " locks " + waited_for(access) +
             (access.what == operation::lock_shared ? " for reading" : "") + holding(access, what);
    } else {
      one += " " + wait_phrase(access);
      if (access.what == operation::join_task && access.other != access_told::nobody)
        one = phrase_of_task(what, access) + " waits for the end of " +
              who(what, access.other, false);
      else if (access.other != access_told::nobody)
        one += (access.other_has_ended ? ", left locked by " : ", held by ") +
               who(what, access.other, false);
    }
    one += with_place(" in ", place_phrase(telling_frame(access.frames)));
    text += (text.empty() ? capital(one) : "; " + one);
  }
  switch (what.type) {
    case finding_type::deadlock:
      return text + ": none of them can go on.";
    case finding_type::all_asleep:
      return text + ": nobody is left who could wake them.";
    case finding_type::lock_order:
      return text + ": with other timing they wait for each other.";
    case finding_type::read_lock_again:
      return text + ": a writer that comes in between holds the second one back for ever.";
    case finding_type::leak:
      return text + ", and nobody is left who could wake it.";
    case finding_type::waited_too_long:
      return text + ", for " + duration(what.accesses[0].waited_ns) + ".";
    default:
      return text + ".";
  }
}

std::string message_of_misuse(const finding& what, const std::string& first) {
  const auto before = [&] {
    if (what.accesses.size() < 2) return std::string();
    const access_told& second = what.accesses[1];
    return with_place(" in ", place_phrase(telling_frame(second.frames))) + " by " +
           phrase_of_task(what, second);
  };
  switch (what.type) {
    case finding_type::send_on_closed:
      return first + ": it was closed" + before() + ".";
    case finding_type::close_of_closed:
      return first + ": it was closed before" + before() + ".";
    case finding_type::close_of_nil:
      return first + ": a nil channel cannot be closed.";
    case finding_type::negative_wait_group:
      return first + ": more is taken from its count than was added.";
    case finding_type::add_beside_wait:
      return first + " is not ordered with the " +
             (what.accesses.size() < 2 ? "other" : phrase(what.accesses[1])) + before() + ".";
    default:
      return first + ".";
  }
}

std::string message_of(const finding& what) {
  if (what.accesses.empty()) return capital(std::string(type_name(what.type))) + ".";
  const auto side = [&](const access_told& access) {
    return phrase(access) + with_place(" in ", place_phrase(telling_frame(access.frames))) +
           " by " + phrase_of_task(what, access);
  };
  if (what.is_of_waits()) return message_of_waits(what);
  const std::string first = capital(side(what.accesses[0]));
  if (what.family() == finding_family::other_misuse) return message_of_misuse(what, first);
  if (what.is_misuse()) {
    const std::string lock = what.lock.where == 0
                                 ? "the lock"
                                 : "lock " + what.lock.name() + " at " + hex(what.lock.where);
    switch (what.type) {
      case finding_type::destroyed_while_locked:
        return first + ": " + lock + " is destroyed while it is held.";
      case finding_type::unlock_by_another:
        return first + ": " + lock + " is held by another task.";
      case finding_type::unlock_of_unlocked:
        return first + ": " + lock + " is not held by anybody.";
      case finding_type::double_lock:
        return first + ": " + lock + " is already held by the same task.";
      case finding_type::invalid_lock:
        return first + ": " + lock + " does not exist (any more).";
      case finding_type::destroyed_while_waited_for:
        return first + ": " + lock + " is destroyed while a task waits for it.";
      case finding_type::condition_without_lock:
        return first + ": " + lock + " is not held by the task that waits.";
      case finding_type::held_too_long:
        return first + ": " + lock + " was held for " +
               duration(std::max<std::int64_t>(what.accesses[0].waited_ns, 0)) + ".";
      case finding_type::data_race:
      case finding_type::atomic_race:
      case finding_type::use_after_free_race:
      case finding_type::use_after_free:
      case finding_type::race_with_free:
      case finding_type::vptr_race:
      case finding_type::channel_close_race:
      case finding_type::deadlock:
      case finding_type::all_asleep:
      case finding_type::lock_order:
      case finding_type::read_lock_again:
      case finding_type::leak:
      case finding_type::negative_wait_group:
      case finding_type::add_beside_wait:
      case finding_type::send_on_closed:
      case finding_type::close_of_closed:
      case finding_type::close_of_nil:
      case finding_type::waited_too_long:
        break;
    }
  }
  if (what.accesses.size() < 2) return first + ".";
  const std::string second = side(what.accesses[1]);
  if (what.type == finding_type::use_after_free) return first + " comes after the " + second + ".";
  return first + " is not ordered with the earlier " + second + ".";
}

}  // namespace

finding told(const raw_finding& raw, symbolizer& names) {
  names.begin_report();
  finding what;
  what.type = raw.type;
  for (const raw_task& one : raw.tasks) {
    task_told task;
    task.id = one.id;
    task.kind = one.kind;
    for (std::size_t i = 0; i < sizeof one.name && one.name[i] != '\0'; ++i)
      task.name += one.name[i];
    task.parent = one.parent;
    task.running = one.running;
    task.born = names.frames_of(one.born);
    what.tasks.push_back(std::move(task));
  }
  for (const raw_access& one : raw.accesses) {
    access_told access;
    access.what = one.what;
    access.where = one.where;
    access.size = one.size;
    access.task = one.task;
    access.frames = names.frames_of(one.stack);
    for (const raw_lock& lock : one.locks) access.locks.push_back(told_lock(lock, names));
    access.waited_ns = one.waited_ns;
    access.other = one.other;
    access.other_has_ended = one.other_has_ended;
    access.last_use = one.last_use;
    access.last_user = one.last_user;
    access.last_used = names.frames_of(one.last_used);
    if (one.object.id != 0) access.object = told_lock(one.object, names).name();
    what.accesses.push_back(std::move(access));
  }
  what.lock = told_lock(raw.lock, names);
  tell_object(what, raw, names);
  what.headline = headline_of(what);
  what.message = message_of(what);
  what.advice = advice_for(what);
  what.fingerprint = fingerprint_of(what);
  return what;
}

}  // namespace gobench::detector::reporting
