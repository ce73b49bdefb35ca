// Lines of the explored program, for the interleavings that are shown.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "detector/exploration/interleaving.hpp"
#include "detector/report/debug_info.hpp"
#include "detector/report/elf_file.hpp"

namespace gobench::cli::explore {

class sources {
 public:
  // `loaded_at`: where the program's first byte was in memory, as its log says.
  sources(const std::string& program, std::uint64_t loaded_at);

  // Of a return address: the line of the call before it. Without a file where nothing is known.
  detector::exploration::source_line at(std::uint64_t pc);

  // What the program's file counts its addresses from.
  std::uint64_t linked_at() const { return linked_at_; }

 private:
  const std::string& line_of(const std::string& file, int number);

  detector::reporting::elf_file elf_;
  detector::reporting::debug_info debug_;
  std::uint64_t linked_at_ = 0;
  std::uint64_t loaded_at_;
  std::map<std::string, std::vector<std::string>> files_;
};

}  // namespace gobench::cli::explore
