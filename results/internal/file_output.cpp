// A regular file as an output; see output.hpp for what it promises and why it is done this way.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <limits>
#include <system_error>

#include "results/internal/descriptor.hpp"
#include "results/internal/output.hpp"

namespace gobench::results::internal {

namespace {

// The smallest unit in which Linux copies into a file: pages, also where a page is larger.
constexpr off_t page = 4096;

bool within_one_page(off_t offset, std::size_t size) {
  return size == 0 || offset / page == (offset + static_cast<off_t>(size) - 1) / page;
}

// The file that is meant, so that a link stays one and its target is replaced.
std::filesystem::path resolved(const std::filesystem::path& file) {
  std::error_code ignored;
  const std::filesystem::path real = std::filesystem::weakly_canonical(file, ignored);
  return real.empty() ? file : real;
}

// A new file beside the target that takes its place or disappears.
class replacement {
 public:
  explicit replacement(const std::filesystem::path& target) {
    static std::atomic<unsigned> count{0};
    // Relaxed: only the numbers have to differ.
    const unsigned number = count.fetch_add(1, std::memory_order_relaxed);
    path_ = target.parent_path() / fmt::format(".gobench-{}-{}.tmp", ::getpid(), number);
    file_ = descriptor(::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (file_.get() < 0) error_ = errno;
  }
  replacement(const replacement&) = delete;
  replacement& operator=(const replacement&) = delete;
  ~replacement() {
    if (!installed_ && file_.get() >= 0) ::unlink(path_.c_str());
  }

  int error() const { return error_; }
  int fd() const { return file_.get(); }

  int install(const std::filesystem::path& target) {
    if (::rename(path_.c_str(), target.c_str()) != 0) return errno;
    installed_ = true;
    return 0;
  }
  descriptor take() { return std::move(file_); }

 private:
  std::filesystem::path path_;
  descriptor file_;
  int error_ = 0;
  bool installed_ = false;
};

class file_output : public output {
 public:
  explicit file_output(const std::filesystem::path& asked)
      : name_(asked.string()), target_(resolved(asked)) {
    struct stat found = {};
    const bool exists = ::stat(target_.c_str(), &found) == 0;
    if (!exists && errno != ENOENT) fail(errno, name_);
    if (exists) {
      if (::faccessat(AT_FDCWD, target_.c_str(), W_OK, AT_EACCESS) != 0) fail(errno, name_);
      existing_ = found;
    }
    const replacement trial(target_);
    if (trial.error() == 0) return;
    if (!exists || (trial.error() != EACCES && trial.error() != EPERM)) fail(trial.error(), name_);
    write_in_place();
  }

  void start(std::string_view text) override { compose(text, 0, 0, {}); }

  void extend(std::string_view text, std::size_t replaced) override {
    const off_t offset = size_ - static_cast<off_t>(replaced);
    if (in_place_ || within_one_page(offset, text.size())) {
      overwrite(offset, text);
    } else {
      compose({}, 0, offset, text);
    }
  }

  void replace_head(std::string_view text, std::size_t replaced) override {
    compose(text, static_cast<off_t>(replaced), size_, {});
  }

  void finish() override {
    if (const int error = sync(file_.get())) fail(error, name_);
  }

  std::optional<std::filesystem::path> file() const override { return target_; }

 private:
  void write_in_place() {
    in_place_ = true;
    file_ = descriptor(::open(target_.c_str(), O_RDWR | O_CLOEXEC));
    if (file_.get() < 0) fail(errno, name_);
  }

  // The new file: `head`, what is now in [from, to), `tail`.
  void compose(std::string_view head, off_t from, off_t to, std::string_view tail) {
    if (in_place_) {
      rewrite(head, from, to, tail);
      return;
    }
    const off_t whole = static_cast<off_t>(head.size() + tail.size()) + (to - from);
    // Asked first, as reaching the limit ends a process that does not ignore SIGXFSZ.
    if (whole > size_limit()) fail(EFBIG, name_);
    replacement next(target_);
    int error = next.error();
    if (error == 0) error = write_all(next.fd(), head);
    if (error == 0 && from < to) error = copy_range(file_.get(), from, to, next.fd());
    if (error == 0) error = write_all(next.fd(), tail);
    if (error != 0) fail(error, name_);
    if (existing_) {
      // Whose file it was and who may read it stays. Not being allowed to say so changes no content.
      if (::fchown(next.fd(), existing_->st_uid, existing_->st_gid) != 0) errno = 0;
      if (::fchmod(next.fd(), existing_->st_mode & 07777) != 0) errno = 0;
    }
    error = next.install(target_);
    // A file that is mounted by itself, or another user's one in a folder like /tmp.
    if ((error == EBUSY || error == EPERM) && existing_ && file_.get() < 0) {
      write_in_place();
      rewrite(head, from, to, tail);
      return;
    }
    if (error != 0) fail(error, name_);
    file_ = next.take();
    size_ = whole;
  }

  void rewrite(std::string_view head, off_t from, off_t to, std::string_view tail) {
    std::string kept(static_cast<std::size_t>(to - from), '\0');
    if (const int error = read_at(file_.get(), from, kept)) fail(error, name_);
    const std::string whole = std::string(head) + kept + std::string(tail);
    if (::ftruncate(file_.get(), 0) != 0) fail(errno, name_);
    size_ = 0;
    overwrite(0, whole);
  }

  // The file ends with `text` at `offset`, or is as it was and this throws.
  void overwrite(off_t offset, std::string_view text) {
    std::string before(static_cast<std::size_t>(size_ - offset), '\0');
    if (const int error = read_at(file_.get(), offset, before)) fail(error, name_);
    const off_t limit = size_limit();
    if (offset >= limit) fail(EFBIG, name_);
    std::size_t written = 0;
    int error = write_once_at(file_.get(), offset, text, written);
    if (error == 0 && written == text.size()) {
      size_ = offset + static_cast<off_t>(written);
      return;
    }
    const off_t reached = offset + static_cast<off_t>(written);
    std::size_t restored = 0;
    write_once_at(file_.get(), offset, before, restored);
    const bool cut = ::ftruncate(file_.get(), size_) == 0;
    if (error == 0) error = reached >= limit ? EFBIG : ENOSPC;
    if (!cut || restored != before.size()) {
      throw std::system_error(error, std::generic_category(),
                              name_ + " has a partial last entry that could not be taken back");
    }
    fail(error, name_);
  }

  // The largest file that this process may write.
  static off_t size_limit() {
    constexpr off_t none = std::numeric_limits<off_t>::max();
    rlimit limit = {};
    if (::getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return none;
    return static_cast<off_t>(std::min<rlim_t>(limit.rlim_cur, static_cast<rlim_t>(none)));
  }

  std::string name_;
  std::filesystem::path target_;
  std::optional<struct stat> existing_;
  descriptor file_;
  off_t size_ = 0;
  bool in_place_ = false;
};

// A device, a pipe, a socket's name: written as it comes.
class device_output : public output {
 public:
  explicit device_output(const std::filesystem::path& asked)
      : name_(asked.string()), file_(::open(asked.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY)) {
    if (file_.get() < 0) fail(errno, name_);
  }

  void start(std::string_view text) override { extend(text, 0); }
  void extend(std::string_view text, std::size_t) override {
    if (const int error = write_all(file_.get(), text)) fail(error, name_);
  }
  void replace_head(std::string_view, std::size_t) override { fail(ESPIPE, name_); }
  void finish() override {}
  std::optional<std::filesystem::path> file() const override { return std::nullopt; }

 private:
  std::string name_;
  descriptor file_;
};

}  // namespace

std::unique_ptr<output> make_file_output(const std::filesystem::path& file) {
  struct stat found = {};
  if (::stat(file.c_str(), &found) == 0) {
    if (S_ISDIR(found.st_mode)) fail(EISDIR, file.string());
    if (!S_ISREG(found.st_mode)) return std::make_unique<device_output>(file);
  }
  return std::make_unique<file_output>(file);
}

}  // namespace gobench::results::internal
