#include "detector/report/output.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace gobench::detector::reporting {
namespace {

std::string absolute(const char* path) {
  if (path == nullptr || path[0] == '\0') return {};
  std::array<char, 4096> folder;
  if (path[0] == '/' || ::getcwd(folder.data(), folder.size()) == nullptr) return path;
  return std::string(folder.data()) + "/" + path;
}

int append(const std::string& path, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) return errno;
  const int error = write_all(file, text);
  ::close(file);
  return error;
}

}  // namespace

int write_all(int file, std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t length = ::write(file, text.data(), text.size());
    if (length > 0) {
      text.remove_prefix(static_cast<std::size_t>(length));
    } else if (length < 0 && errno == EAGAIN) {
      // A terminal or pipe that the program made non-blocking.
      pollfd room{file, POLLOUT, 0};
      if (::poll(&room, 1, 10'000) <= 0) return EAGAIN;
    } else if (length == 0 || errno != EINTR) {
      return length == 0 ? EIO : errno;
    }
  }
  return 0;
}

constinit std::atomic<bool> output::lost_{false};

void output::set(const report_options& options) {
  const std::string_view log = options.log_path == nullptr ? "" : options.log_path;
  log_ = log == "stderr" || log == "stdout" ? std::string(log) : absolute(options.log_path);
  findings_ = absolute(options.findings);
  color_ = options.color;
}

bool output::color() const {
  if (color_ != color_use::automatic) return color_ == color_use::always;
  if (!log_.empty() && log_[0] == '/') return false;
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  if (no_color != nullptr && no_color[0] != '\0') return false;
  if (terminal != nullptr && std::string_view(terminal) == "dumb") return false;
  return ::isatty(log_ == "stdout" ? 1 : 2) == 1;
}

void output::text(std::string_view all) {
  if (log_.empty() || log_[0] != '/') {
    write_all(log_ == "stdout" ? 1 : 2, all);
    return;
  }
  const std::string path = log_ + "." + std::to_string(::getpid());
  if (const int error = append(path, all)) {
    complain(path, error);
    write_all(2, all);
  }
}

void output::finding(std::string_view line) {
  if (findings_.empty()) return;
  if (const int error = append(findings_, line)) {
    lost_.store(true, std::memory_order_relaxed);  // a fact of its own: it orders nothing
    complain(findings_, error);
  }
}

void output::complain(const std::string& path, int error) {
  if (complained_) return;
  complained_ = true;
  write_all(
      2, "gobench: '" + path + "' cannot be written: " + std::strerror(error) +
             ". Findings from now on may be missing in it; free the disk or give another path.\n");
}

}  // namespace gobench::detector::reporting
