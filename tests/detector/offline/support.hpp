// What the tests of the offline detector share.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "detector/offline/engine.hpp"

struct found_races {
  std::vector<std::uint64_t> racy_events;
  std::vector<gobench::detector::offline::race> races;
  std::uint64_t variables = 0;
  gobench::detector::offline::trace_counts counts;
  std::string remark;
};

// Engine hb over the whole trace.
found_races analyse(gobench::detector::offline::trace_source& trace);
// A trace in the STD format as text, called "t.std" in messages.
found_races analyse_text(std::string text);
// What the reader says about it; empty when it has no objection.
std::string objection_to(std::string text);

std::string packed(const std::string& text);  // with gzip

// A file of its own, removed at the end.
class scratch_file {
 public:
  scratch_file();
  explicit scratch_file(const std::string& content);
  scratch_file(const scratch_file&) = delete;
  scratch_file& operator=(const scratch_file&) = delete;
  ~scratch_file();
  const std::string& path() const { return path_; }
  std::string read() const;
  void write(const std::string& content) const;

 private:
  std::string path_;
};
