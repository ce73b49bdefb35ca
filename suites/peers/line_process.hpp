// A program that answers each line with a line, kept running.
#pragma once

#include <sys/types.h>

#include <string>

#include "suites/peers/command.hpp"

namespace gobench::suites::peers {

class line_process {
 public:
  // Starts it, with these variables in its environment beside ours. Throws std::system_error.
  line_process(const std::string& program, const variables& environment);
  line_process(const line_process&) = delete;
  line_process& operator=(const line_process&) = delete;
  // Its input ends, and with it the program.
  ~line_process();

  // Sends a line and waits for the answer. Both without their line end. Throws std::runtime_error when the
  // program has ended.
  std::string ask(const std::string& line);

 private:
  pid_t pid_ = -1;
  int socket_ = -1;
};

}  // namespace gobench::suites::peers
