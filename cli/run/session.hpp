// One `gobench run` from the opened outputs to the exit code.
#pragma once

#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/run/request.hpp"
#include "results/sink.hpp"

namespace gobench::cli::run {

class session {
 public:
  // Prepares the peers and opens every output. Throws environment_error when one cannot be had or written.
  session(const request& asked, const surroundings& around);

  // Measures, writes, answers. Returns the exit code. Throws what ends the program with a sentence:
  // environment_error, bug; what was measured before is written and shown first.
  int perform();

 private:
  // True when all was measured, false when a signal ended it.
  bool measure();
  void warn_before();
  [[noreturn]] void explain(const std::exception_ptr& ended) const;
  void conclude(bool complete);
  void compare_halves() const;
  std::string csv_command() const;
  std::string readable_file() const;
  void prepare_peers() const;
  void begin_trace() const;
  void note(const std::string& sentence) const;

  const request& asked_;
  const surroundings& around_;
  std::unique_ptr<results::sink> out_;
  results::context about_;
  std::vector<std::string> ignored_;  // sentences about variables that change nothing here
  std::vector<results::sample> samples_;
};

}  // namespace gobench::cli::run
