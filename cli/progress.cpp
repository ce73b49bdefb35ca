#include "cli/progress.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iostream>
#include <utility>

namespace gobench::cli {

std::string time_left(double seconds) {
  if (seconds < 1) return "under 1 s left";
  if (seconds < 100) return fmt::format("about {:.0f} s left", std::ceil(seconds));
  if (seconds < 6000) return fmt::format("about {:.0f} min left", std::ceil(seconds / 60));
  return fmt::format("about {:.1f} h left", seconds / 3600);
}

progress_line::progress_line(bool shown, unsigned width, std::string noun)
    : shown_(shown), width_(width), noun_(std::move(noun)) {}

void progress_line::update(std::size_t done, std::size_t total, const std::string& next) {
  if (!shown_) return;
  const auto now = clock::now();
  constexpr auto least_between = std::chrono::milliseconds(100);
  if (drawn_ && now - last_ < least_between) return;
  last_ = now;
  drawn_ = true;

  std::string left;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  // The first samples say little about how long the rest takes.
  if (done > 0 && elapsed > 0.5) {
    left =
        ", " + time_left(elapsed / static_cast<double>(done) * static_cast<double>(total - done));
  }
  std::string line = fmt::format("{}/{} {}{}: {}", done, total, noun_, left, next);
  if (width_ > 1 && line.size() >= width_) line.resize(width_ - 1);
  std::cerr << "\r\x1b[K" << line << std::flush;
}

void progress_line::clear() {
  if (drawn_) std::cerr << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

}  // namespace gobench::cli
