// Reads a recording (recording.hpp has the format).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "detector/offline/internal/byte_input.hpp"
#include "detector/offline/recording.hpp"
#include "detector/offline/recording/modules.hpp"
#include "detector/offline/trace_source.hpp"

namespace gobench::detector::offline {

class recording_reader final : public trace_source {
 public:
  explicit recording_reader(std::unique_ptr<byte_input> input, symboliser ask = {});

  std::span<const event> next() override;
  std::uint32_t keep_location(std::uint64_t pc) override;
  std::string location_text(std::uint32_t kept) const override;
  std::string task_name(std::uint32_t task) const override;
  std::string variable_name(std::uint64_t target, std::uint64_t size) const override;
  const char* position_unit() const override { return "event"; }
  trace_counts counts() const override { return {events_, tasks_.size(), objects_made_}; }
  std::string remark() const override;

 private:
  // The fields of a record, which takes effect only once it is whole.
  struct record {
    record_kind kind = record_kind::end;
    std::uint64_t address = 0;  // or object, or base of a module
    std::uint64_t second = 0;   // the other object of a transfer
    std::uint64_t number = 0;   // size, or a task
    std::uint64_t pc = 0;
    std::string text;
    std::string build_id;
  };
  enum class outcome : std::uint8_t { whole, cut_off };

  class cursor;

  outcome decode(record& made);
  // Whether it is an event for an engine, which then is in `told`.
  bool apply(record& made, event& told);
  bool refill();
  [[noreturn]] void refuse(const std::string& sentence) const;

  std::uint32_t current_task();
  std::uint32_t new_task(std::uint64_t number);
  std::uint32_t object_of(std::uint64_t address);
  // Objects in memory that is used again hold nothing: adds an event for each, before `told`.
  void forget_objects(const event& told);

  struct task_info {
    std::uint64_t number;
    std::string name;
  };

  std::unique_ptr<byte_input> input_;
  symboliser ask_;
  std::vector<unsigned char> buffer_;
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  std::uint64_t before_buffer_ = 0;  // bytes of the recording before buffer_[0]
  bool ended_ = false;               // an `end` record was read
  bool cut_off_ = false;
  std::uint64_t task_ = 0;
  std::uint64_t address_ = 0;
  std::uint64_t object_ = 0;
  std::uint64_t pc_ = 0;
  std::uint64_t events_ = 0;
  std::unordered_map<std::uint64_t, std::uint32_t> task_of_;  // those that live
  std::vector<task_info> tasks_;
  std::map<std::uint64_t, std::uint32_t> object_at_;
  std::vector<std::uint32_t> objects_free_;
  std::uint32_t object_numbers_ = 0;
  std::uint64_t objects_made_ = 0;
  module_map modules_;
  std::unordered_map<std::uint64_t, std::uint32_t> kept_;
  std::vector<std::uint64_t> pcs_;
  std::vector<event> batch_;
};

}  // namespace gobench::detector::offline
