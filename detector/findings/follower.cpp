#include "detector/findings/follower.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace gobench::detector::findings {

follower::follower(const std::filesystem::path& file)
    : file_(file), fd_(::open(file.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), file_.string());
}

follower::~follower() { ::close(fd_); }

std::vector<std::string> follower::lines() {
  std::vector<std::string> all;
  std::array<char, 65536> room{};
  for (;;) {
    const ssize_t got = ::read(fd_, room.data(), room.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw std::system_error(errno, std::generic_category(), file_.string());
    if (got == 0) return all;
    rest_.append(room.data(), static_cast<std::size_t>(got));
    std::size_t from = 0;
    for (std::size_t end = 0; (end = rest_.find('\n', from)) != std::string::npos; from = end + 1) {
      if (end > from) all.push_back(rest_.substr(from, end - from));
    }
    rest_.erase(0, from);
  }
}

}  // namespace gobench::detector::findings
