#include "detector/findings/collection.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace gobench::detector::findings {

namespace {

std::size_t& count_of(tally& counts, standing how) {
  switch (how) {
    case standing::fresh:
      return counts.fresh;
    case standing::expired:
      return counts.expired;
    case standing::known:
      return counts.known;
    case standing::suppressed:
      break;
  }
  return counts.suppressed;
}

// One finding goes by its fingerprint; it may come suppressed from one process and not from another.
std::string key_of(const finding& one) {
  return one.fingerprint + (one.suppressed_by ? " suppressed" : "");
}

}  // namespace

std::string_view to_string(standing how) {
  switch (how) {
    case standing::fresh:
      return "new";
    case standing::expired:
      return "expired";
    case standing::known:
      return "known";
    case standing::suppressed:
      break;
  }
  return "suppressed";
}

collection::collection(baseline known, std::string today, std::size_t most)
    : known_(std::move(known)), today_(std::move(today)), most_(most) {}

bool collection::take(std::string_view line) {
  try {
    const json read = json::parse(line);
    if (read.is_object() && read.contains("event")) return take_event(read);
    take_finding(to_finding(read));
    return true;
  } catch (const std::exception&) {
    ++unreadable_;
    return true;
  }
}

bool collection::take_event(const json& line) {
  const std::string event = line.at("event").get<std::string>();
  const long process = line.contains("pid") ? line.at("pid").get<long>() : 0;
  if (event == "start") {
    processes_.emplace(process, false);
    return false;
  }
  if (event == "note") {
    const std::string text = line.at("text").get<std::string>();
    if (std::ranges::find(notes_, text) != notes_.end()) return false;
    notes_.push_back(text);
    return true;
  }
  if (event == "end") {
    if (const auto found = processes_.find(process); found != processes_.end()) {
      found->second = true;
    }
    bool more = false;
    if (const auto again = line.find("repeated"); again != line.end()) {
      for (const json& one : *again) more |= repeat(one);
    }
    if (!line.contains("unused_suppressions")) return more;
    for (const json& one : line.at("unused_suppressions")) {
      const std::string text = one.get<std::string>();
      // What one process did not need, another one may have needed.
      if (!used_suppressions_.contains(text)) more |= unused_suppressions_.insert(text).second;
    }
    return more;
  }
  return false;  // an event of a later version
}

// A process tells each finding once, and at its end how often it has met it in all.
bool collection::repeat(const json& one) {
  const std::string fingerprint = one.at("fingerprint").get<std::string>();
  const auto times = one.at("times").get<std::size_t>();
  for (const std::string& key : {fingerprint, fingerprint + " suppressed"}) {
    const auto found = index_.find(key);
    if (found == index_.end() || times == 0) continue;
    entries_[found->second].count += times - 1;
    return true;
  }
  return false;
}

void collection::take_finding(finding one) {
  if (one.suppressed_by) {
    used_suppressions_.insert(*one.suppressed_by);
    unused_suppressions_.erase(*one.suppressed_by);
  }
  const std::string key = key_of(one);
  if (const auto found = index_.find(key); found != index_.end()) {
    ++entries_[found->second].count;
    return;
  }
  if (beyond_.contains(key)) return;

  entry made;
  const accepted_finding* accepted = known_.find(one.fingerprint);
  if (one.suppressed_by) {
    made.how = standing::suppressed;
  } else if (accepted != nullptr) {
    made.how = accepted->expired(today_) ? standing::expired : standing::known;
    made.accepted = *accepted;
  }
  ++count_of(counts_, made.how);
  if (entries_.size() >= most_) {
    beyond_.emplace(key, std::move(one));
    return;
  }
  index_.emplace(key, entries_.size());
  made.what = std::move(one);
  entries_.push_back(std::move(made));
}

void collection::set_reproduce(std::string_view fingerprint, const std::string& command) {
  for (entry& one : entries_) {
    if (one.what.fingerprint == fingerprint) one.what.reproduce = command;
  }
}

baseline collection::updated() const {
  baseline made = known_;
  for (const entry& one : entries_) {
    if (one.how != standing::suppressed) made.note(one.what, today_);
  }
  for (const auto& [key, one] : beyond_) {
    if (!one.suppressed_by) made.note(one, today_);
  }
  return made;
}

}  // namespace gobench::detector::findings
