// The STD format of RAPID: one event a line, THREAD|OPERATION(TARGET)|LOCATION (docs/traces.md has the
// grammar).
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "detector/offline/internal/byte_input.hpp"
#include "detector/offline/internal/line_reader.hpp"
#include "detector/offline/internal/names.hpp"
#include "detector/offline/std/std_locations.hpp"
#include "detector/offline/std/std_rules.hpp"
#include "detector/offline/trace_source.hpp"

namespace gobench::detector::offline {

class std_reader final : public trace_source, private std_rules::naming {
 public:
  explicit std_reader(std::unique_ptr<byte_input> input);

  std::span<const event> next() override;
  std::uint32_t keep_location(std::uint64_t location) override;
  std::string location_text(std::uint32_t kept) const override;
  std::string task_name(std::uint32_t task) const override { return threads_.text(task); }
  std::string variable_name(std::uint64_t target, std::uint64_t size) const override;
  const char* position_unit() const override { return "line"; }
  trace_counts counts() const override { return {events_, threads_.size(), locks_.size()}; }
  std::string remark() const override { return locations_.remark(); }

 private:
  // What a line does, and whether it has a target.
  enum class operation : std::uint8_t {
    read,
    write,
    acquire,
    release,
    fork,
    join,
    ignored,
    unknown
  };

  // Each puts a line into `made` and is false when it is none for an engine. `parse_usual` also says whether it
  // could, otherwise the line is still there for `parse`.
  enum class outcome : std::uint8_t { told, silent, unusual };
  outcome parse_usual(event& made);
  bool parse(line_reader::line text, event& made);
  bool check(operation what, event& made, std::string_view target);
  static operation operation_of(std::string_view word);
  std::string_view target_of(const char*& at, const char* end) const;
  [[noreturn]] void refuse(std::string_view sentence) const;

  std::string thread(std::uint32_t number) const override { return threads_.text(number); }
  std::string lock(std::uint32_t number) const override { return locks_.text(number); }

  line_reader lines_;
  names threads_;
  names locks_;
  names variables_;
  std_locations locations_;
  std_rules rules_;
  std::uint64_t events_ = 0;
  std::vector<event> batch_;
};

}  // namespace gobench::detector::offline
