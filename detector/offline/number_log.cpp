#include "detector/offline/number_log.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "detector/offline/trace_error.hpp"

namespace gobench::detector::offline {

namespace {

[[noreturn]] void refuse() {
  throw trace_error(std::string("The racy events do not fit into a temporary file: ") +
                    std::strerror(errno) + "; make room in /tmp or name another place in TMPDIR.");
}

// Like tmpfile(), but in TMPDIR where that is set.
std::FILE* temporary_file() {
  const char* folder = std::getenv("TMPDIR");
  std::string path = folder != nullptr && *folder != '\0' ? folder : "/tmp";
  path += "/gobench-XXXXXX";
  const int fd = mkostemp(path.data(), 0);
  if (fd < 0) return nullptr;
  unlink(path.c_str());
  return fdopen(fd, "w+b");
}

// Puts the bytes of numbers together again.
class decoder {
 public:
  explicit decoder(const std::function<void(std::uint64_t)>& visit) : visit_(visit) {}
  void take(const unsigned char* bytes, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) {
      difference_ |= std::uint64_t{bytes[i] & 0x7fU} << shift_;
      shift_ += 7;
      if ((bytes[i] & 0x80U) != 0) continue;
      number_ += difference_;
      visit_(number_);
      difference_ = 0;
      shift_ = 0;
    }
  }

 private:
  const std::function<void(std::uint64_t)>& visit_;
  std::uint64_t number_ = 0;
  std::uint64_t difference_ = 0;
  unsigned shift_ = 0;
};

}  // namespace

void number_log::spill() {
  if (!file_) file_.reset(temporary_file());
  if (!file_ || std::fwrite(bytes_.data(), 1, bytes_.size(), file_.get()) != bytes_.size())
    refuse();
  bytes_.clear();
}

void number_log::each(const std::function<void(std::uint64_t)>& visit) const {
  decoder numbers(visit);
  if (file_) {
    if (std::fflush(file_.get()) != 0) refuse();
    std::rewind(file_.get());
    std::array<unsigned char, 64 * 1024> part;
    while (true) {
      const std::size_t count = std::fread(part.data(), 1, part.size(), file_.get());
      if (count == 0) break;
      numbers.take(part.data(), count);
    }
    if (std::ferror(file_.get()) != 0) refuse();
    std::fseek(file_.get(), 0, SEEK_END);
  }
  numbers.take(bytes_.data(), bytes_.size());
}

}  // namespace gobench::detector::offline
