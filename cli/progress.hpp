// One line on a terminal that says how far a run is and how long it still takes.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace gobench::cli {

// "about 25 s left"
std::string time_left(double seconds);

class progress_line {
 public:
  // Prints nothing unless `shown`. `width` is the terminal's; `noun` is what is counted.
  progress_line(bool shown, unsigned width, std::string noun = "samples");
  progress_line(const progress_line&) = delete;
  progress_line& operator=(const progress_line&) = delete;
  ~progress_line() { clear(); }

  // `done` of `total`; `next` says what is being measured.
  void update(std::size_t done, std::size_t total, const std::string& next);
  void clear();

 private:
  using clock = std::chrono::steady_clock;

  bool shown_;
  unsigned width_;
  std::string noun_;
  bool drawn_ = false;
  clock::time_point start_ = clock::now();
  clock::time_point last_{};
};

}  // namespace gobench::cli
