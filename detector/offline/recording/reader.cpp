#include "detector/offline/recording/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace gobench::detector::offline {

namespace {

constexpr std::size_t buffer_size = 256 * 1024;
constexpr std::size_t batch_size = 512;
constexpr std::uint64_t most_tasks = std::numeric_limits<std::uint32_t>::max() - 1;
static_assert(longest_record < buffer_size);

event_kind kind_of(record_kind kind) {
  switch (kind) {
    case record_kind::read:
      return event_kind::read;
    case record_kind::write:
      return event_kind::write;
    case record_kind::atomic_read:
      return event_kind::atomic_read;
    case record_kind::atomic_write:
      return event_kind::atomic_write;
    case record_kind::acquire:
      return event_kind::acquire;
    case record_kind::release:
      return event_kind::release;
    case record_kind::release_merge:
      return event_kind::release_merge;
    case record_kind::transfer:
      return event_kind::transfer;
    case record_kind::transfer_merge:
      return event_kind::transfer_merge;
    case record_kind::forget_object:
      return event_kind::forget_object;
    case record_kind::fork:
      return event_kind::fork;
    case record_kind::join:
      return event_kind::join;
    case record_kind::memory_new:
      return event_kind::memory_new;
    case record_kind::memory_freed:
      return event_kind::memory_freed;
    case record_kind::end:
    case record_kind::task:
    case record_kind::task_name:
    case record_kind::task_end:
    case record_kind::module:
      break;
  }
  return event_kind::memory_new;
}

}  // namespace

// Reads the fields of one record. Once the bytes are at their end, or a number or text is none, everything
// it gives is 0.
class recording_reader::cursor {
 public:
  cursor(const unsigned char* from, const unsigned char* end) : at_(from), end_(end) {}

  unsigned byte() {
    if (at_ == end_) {
      cut_off_ = true;
      return 0;
    }
    return *at_++;
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const unsigned next = byte();
      value |= std::uint64_t{next & 0x7fU} << shift;
      if ((next & 0x80U) == 0) return value;
    }
    wrong_ = true;
    return 0;
  }
  std::uint64_t difference(std::uint64_t last) { return last + unzigzag(number()); }
  std::string text() {
    const std::uint64_t size = number();
    if (size > longest_text) {
      wrong_ = true;
      return {};
    }
    if (size > static_cast<std::uint64_t>(end_ - at_)) {
      cut_off_ = true;
      return {};
    }
    const char* const begin = reinterpret_cast<const char*>(at_);
    at_ += size;
    return {begin, static_cast<std::size_t>(size)};
  }

  const unsigned char* at() const { return at_; }
  bool cut_off() const { return cut_off_; }
  bool wrong() const { return wrong_; }

 private:
  const unsigned char* at_;
  const unsigned char* end_;
  bool cut_off_ = false;
  bool wrong_ = false;
};

recording_reader::recording_reader(std::unique_ptr<byte_input> input, symboliser ask)
    : input_(std::move(input)), ask_(std::move(ask)), buffer_(buffer_size), batch_() {
  while (end_ < recording_header_size && refill()) {
  }
  if (end_ < recording_header_size ||
      std::memcmp(buffer_.data(), recording_magic.data(), recording_magic.size()) != 0) {
    throw trace_error(input_->name() + " is cut off before its first event; record it again.");
  }
  const unsigned version = buffer_[8] | (static_cast<unsigned>(buffer_[9]) << 8U);
  if (version != recording_version) {
    throw trace_error(fmt::format(
        "{} is a recording of version {}, and this gobench reads version {}; record it again.",
        input_->name(), version, recording_version));
  }
  at_ = recording_header_size;
  batch_.reserve(batch_size);
}

void recording_reader::refuse(const std::string& sentence) const {
  throw trace_error(fmt::format("{}: byte {}: {}; record it again.", input_->name(),
                                before_buffer_ + at_, sentence));
}

bool recording_reader::refill() {
  const std::size_t rest = end_ - at_;
  std::memmove(buffer_.data(), buffer_.data() + at_, rest);
  before_buffer_ += at_;
  at_ = 0;
  end_ = rest;
  if (end_ == buffer_.size()) return false;
  const std::size_t count =
      input_->read(reinterpret_cast<char*>(buffer_.data()) + end_, buffer_.size() - end_);
  end_ += count;
  return count > 0;
}

recording_reader::outcome recording_reader::decode(record& made) {
  cursor fields(buffer_.data() + at_, buffer_.data() + end_);
  const unsigned tag = fields.byte();
  if (fields.cut_off()) return outcome::cut_off;
  const unsigned kind = tag & 0x1fU;
  const unsigned code = tag >> 5U;
  made.kind = static_cast<record_kind>(kind);
  const bool sized = made.kind >= record_kind::read && made.kind <= record_kind::atomic_write;
  if (kind > last_record_kind || (code != 0 && !sized) || (code > 4 && code != size_follows)) {
    refuse(fmt::format("expected the start of a record, found a byte of value {}", tag));
  }
  made.pc = pc_;
  made.second = 0;
  std::uint64_t object = object_;
  std::uint64_t address = address_;
  switch (made.kind) {
    case record_kind::end:
    case record_kind::task_end:
      break;
    case record_kind::task:
      made.number = fields.number();
      break;
    case record_kind::task_name:
      made.text = fields.text();
      break;
    case record_kind::read:
    case record_kind::write:
    case record_kind::atomic_read:
    case record_kind::atomic_write:
      made.address = address = fields.difference(address_);
      made.pc = fields.difference(pc_);
      made.number = code == size_follows ? fields.number() : std::uint64_t{1} << code;
      break;
    case record_kind::acquire:
    case record_kind::release:
    case record_kind::release_merge:
      made.address = object = fields.difference(object_);
      made.pc = fields.difference(pc_);
      break;
    case record_kind::forget_object:
      made.address = object = fields.difference(object_);
      break;
    case record_kind::transfer:
    case record_kind::transfer_merge:
      made.address = fields.difference(object_);
      made.second = object = fields.difference(made.address);
      made.pc = fields.difference(pc_);
      break;
    case record_kind::fork:
    case record_kind::join:
      made.number = fields.number();
      made.pc = fields.difference(pc_);
      break;
    case record_kind::memory_new:
      made.address = address = fields.difference(address_);
      made.number = fields.number();
      break;
    case record_kind::memory_freed:
      made.address = address = fields.difference(address_);
      made.number = fields.number();
      made.pc = fields.difference(pc_);
      break;
    case record_kind::module:
      made.address = fields.number();
      made.number = fields.number();
      made.text = fields.text();
      made.build_id = fields.text();
      break;
  }
  if (fields.wrong()) refuse("expected a number or text that is not longer than one can be");
  if (fields.cut_off()) return outcome::cut_off;
  const bool memory =
      sized || made.kind == record_kind::memory_new || made.kind == record_kind::memory_freed;
  if (memory && (made.number == 0 || made.address + (made.number - 1) < made.address)) {
    refuse(
        "expected a range of memory, found one that has no byte or goes beyond the last address");
  }
  at_ = static_cast<std::size_t>(fields.at() - buffer_.data());
  pc_ = made.pc;
  object_ = object;
  address_ = address;
  return outcome::whole;
}

std::uint32_t recording_reader::new_task(std::uint64_t number) {
  if (tasks_.size() >= most_tasks) refuse("expected no more tasks");
  const auto made = static_cast<std::uint32_t>(tasks_.size());
  tasks_.push_back({number, {}});
  task_of_[number] = made;
  return made;
}

std::uint32_t recording_reader::current_task() {
  const auto found = task_of_.find(task_);
  return found != task_of_.end() ? found->second : new_task(task_);
}

std::uint32_t recording_reader::object_of(std::uint64_t address) {
  const auto [found, made] = object_at_.try_emplace(address, 0);
  if (!made) return found->second;
  ++objects_made_;
  if (objects_free_.empty()) return found->second = object_numbers_++;
  found->second = objects_free_.back();
  objects_free_.pop_back();
  return found->second;
}

void recording_reader::forget_objects(const event& told) {
  auto at = object_at_.lower_bound(told.target);
  while (at != object_at_.end() && at->first - told.target < told.size) {
    event gone = told;
    gone.kind = event_kind::forget_object;
    gone.target = at->second;
    batch_.push_back(gone);
    objects_free_.push_back(at->second);
    at = object_at_.erase(at);
  }
}

bool recording_reader::apply(record& made, event& told) {
  switch (made.kind) {
    case record_kind::end:
      ended_ = true;
      return false;
    case record_kind::task:
      task_ = made.number;
      return false;
    case record_kind::task_name:
      tasks_[current_task()].name = std::move(made.text);
      return false;
    case record_kind::task_end:
      return false;
    case record_kind::module:
      modules_.add({made.address, made.number, std::move(made.text), std::move(made.build_id)});
      return false;
    case record_kind::read:
    case record_kind::write:
    case record_kind::atomic_read:
    case record_kind::atomic_write:
    case record_kind::memory_new:
    case record_kind::memory_freed:
      told.target = made.address;
      told.size = made.number;
      break;
    case record_kind::acquire:
    case record_kind::release:
    case record_kind::release_merge:
      told.target = object_of(made.address);
      break;
    case record_kind::transfer:
    case record_kind::transfer_merge:
      told.target = object_of(made.address);
      made.second = object_of(made.second);
      break;
    case record_kind::forget_object: {
      const auto found = object_at_.find(made.address);
      if (found == object_at_.end()) return false;
      told.target = found->second;
      objects_free_.push_back(found->second);
      object_at_.erase(found);
      break;
    }
    case record_kind::fork:
      break;
    case record_kind::join:
      break;
  }
  told.position = ++events_;
  told.task = current_task();
  told.kind = kind_of(made.kind);
  told.extra =
      is_access(told.kind) || told.kind == event_kind::memory_freed ? made.pc : made.second;
  if (made.kind == record_kind::fork) {
    if (made.number == task_) refuse("expected a fork of another task than the one that forks");
    told.target = new_task(made.number);
  }
  if (made.kind == record_kind::join) {
    const auto found = task_of_.find(made.number);
    if (found == task_of_.end() || made.number == task_) {
      refuse(fmt::format("expected task {} to join a task that was forked, not {}", task_,
                         made.number));
    }
    told.target = found->second;
    task_of_.erase(found);
  }
  if (made.kind == record_kind::memory_new) forget_objects(told);
  return true;
}

std::span<const event> recording_reader::next() {
  batch_.clear();
  record made;
  while (batch_.size() < batch_size && !ended_ && !cut_off_) {
    event told{};
    switch (decode(made)) {
      case outcome::whole:
        if (apply(made, told)) batch_.push_back(told);
        break;
      case outcome::cut_off:
        // Locations are asked for by value, so the buffer may change under a batch.
        if (!refill()) cut_off_ = true;
        break;
    }
  }
  if (batch_.empty() && events_ == 0 && cut_off_) {
    throw trace_error(input_->name() + " is cut off before its first event; record it again.");
  }
  return batch_;
}

std::string recording_reader::remark() const {
  if (!cut_off_) return {};
  return fmt::format(
      "{} ends in the middle, as that of a program that was killed; the {} events before are what "
      "was "
      "analysed.",
      input_->name(), events_);
}

std::uint32_t recording_reader::keep_location(std::uint64_t pc) {
  const auto [found, made] = kept_.try_emplace(pc, static_cast<std::uint32_t>(pcs_.size()));
  if (made) pcs_.push_back(pc);
  return found->second;
}

std::string recording_reader::location_text(std::uint32_t kept) const {
  return modules_.text(pcs_[kept], ask_);
}

std::string recording_reader::task_name(std::uint32_t task) const {
  const task_info& about = tasks_[task];
  const std::string number = fmt::format("T{}", about.number);
  return about.name.empty() ? number : fmt::format("{} ({})", number, about.name);
}

std::string recording_reader::variable_name(std::uint64_t target, std::uint64_t /*size*/) const {
  return fmt::format("{:#x}", target);
}

}  // namespace gobench::detector::offline
