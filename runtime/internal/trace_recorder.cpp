#include "runtime/internal/trace_recorder.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <system_error>

#include "runtime/instrument.hpp"
#include "runtime/internal/futex.hpp"
#include "runtime/internal/identity.hpp"
#include "runtime/internal/os_thread.hpp"
#include "runtime/internal/scheduler.hpp"
#include "runtime/internal/size_text.hpp"
#include "runtime/internal/trace_point.hpp"

namespace gobench::inline GOBENCH_FLAVOUR::runtime::trace {
namespace {

constexpr std::size_t writer_stack_bytes = 256 * 1024;
// How often the writer looks when nobody wakes it: what is lost at most when the program is killed.
constexpr std::int64_t look_every_ns = 10'000'000;
// Text is written in pieces of about this size.
constexpr std::size_t piece_bytes = 256 * 1024;
// Larger files are no use: the viewers hold all of it in memory.
constexpr std::size_t usual_limit = std::size_t{256} << 20;

std::size_t limit() {
  const char* text = std::getenv("GOBENCH_TRACE_LIMIT");
  if (text == nullptr || *text == '\0') return usual_limit;
  const std::size_t size = parse_size(text, std::size_t{1} << 40);
  if (size == 0)
    throw std::invalid_argument("GOBENCH_TRACE_LIMIT=" + std::string(text) +
                                " is not a size such as 64m or 1g");
  return size;
}

std::atomic<recorder*> the_recorder{nullptr};

std::string program_name() {
  std::string name(4096, '\0');
  const auto length = ::readlink("/proc/self/exe", name.data(), name.size());
  name.resize(length > 0 ? static_cast<std::size_t>(length) : 0);
  return name.substr(name.rfind('/') + 1);
}

std::string name_of_track(std::int32_t track) {
  if (track == outside_track) return "outside";
  if (track < first_thread_track) return "P " + std::to_string(track);
  return "thread of task " + std::to_string(track - first_thread_track);
}

}  // namespace

recorder& recorder::instance() {
  recorder* one = the_recorder.load(std::memory_order_acquire);
  if (one != nullptr) return *one;
  auto* made = new recorder;
  // Release publishes it to the acquire above.
  if (the_recorder.compare_exchange_strong(one, made, std::memory_order_acq_rel)) return *made;
  delete made;
  return *one;
}

void recorder::open(const std::string& path) {
  std::string file = path;
  if (const std::size_t at = file.find("%p"); at != std::string::npos)
    file.replace(at, 2, std::to_string(::getpid()));
  const std::size_t most = limit();
  const int opened = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (opened < 0) throw std::system_error(errno, std::generic_category(), file);
  try {
    const std::scoped_lock held(shared_lock_);
    if (shared_ == nullptr) shared_ = new buffer(0);
  } catch (...) {
    ::close(opened);
    throw;
  }
  static const bool told_of_forks = [] {
    // The file is the parent's, and so are the locks: whoever held one is not there any more.
    ::pthread_atfork(nullptr, nullptr, [] {
      on.store(false, std::memory_order_relaxed);
      the_recorder.store(nullptr, std::memory_order_relaxed);
    });
    return true;
  }();
  static_cast<void>(told_of_forks);
  {
    const std::scoped_lock held(draining_);
    // What was recorded so far belongs to an earlier file.
    if (file_ >= 0) {
      while (drain()) {
      }
      ::close(file_);
    }
    file_ = opened;
    at_end_ = false;
    failed_ = false;
    written_ = 0;
    most_bytes_ = most;
    dropped_told_ = dropped();
    named_.clear();
    json_.emplace(::getpid(), now_ns());
    end_of_array_ =
        "{\"name\":\"process_sort_index\",\"ph\":\"M\",\"pid\":" + std::to_string(::getpid()) +
        ",\"tid\":0,\"ts\":0,\"args\":{\"sort_index\":0}}\n]\n";
    text_ = "[\n";
    json_->name_process(text_, program_name());
    put(text_);
    text_.clear();
  }
  start_writer();
  on.store(true, std::memory_order_relaxed);
}

void recorder::start_writer() {
  if (writer_.load() != 0) return;
  // The program's signals are not for this thread.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    start_service_thread(&writer_main, this, writer_stack_bytes);
  } catch (...) {
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  // Until it is known, the census would take it for a thread of somebody else.
  while (writer_.load(std::memory_order_acquire) == 0) ::usleep(50);
}

void* recorder::writer_main(void* argument) {
  GOBENCH_INTERNAL_SCOPE();
  auto& self = *static_cast<recorder*>(argument);
  self.writer_.store(this_thread_number(), std::memory_order_release);
  become_runtime_thread();
  ::prctl(PR_SET_NAME, "gobench-trace");
  for (;;) {
    bool any = false;
    {
      const std::scoped_lock held(self.draining_);
      any = self.drain();
    }
    if (any) continue;
    if (self.wanted_.exchange(0) != 0) continue;
    futex_wait(self.wanted_, 0, steady_time(std::chrono::nanoseconds(now_ns() + look_every_ns)));
  }
}

void recorder::wake_writer() noexcept {
  wanted_.store(1);
  futex_wake(wanted_);
}

buffer* recorder::take() noexcept {
  const std::scoped_lock held(buffers_lock_);
  if (buffer* one = free_) {
    free_ = one->next_free;
    return one;
  }
  try {
    buffers_.reserve(buffers_.size() + 1);
    buffers_.push_back(new buffer(buffers_.size() + 1));
    return buffers_.back();
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void recorder::give(buffer& one) noexcept {
  one.running = false;
  const std::scoped_lock held(buffers_lock_);
  one.next_free = free_;
  free_ = &one;
}

void recorder::share(const event& one) noexcept {
  const std::scoped_lock held(shared_lock_);
  note(shared_->push(one));
}

bool recorder::drain() noexcept {
  std::vector<buffer*> all;
  bool any = false;
  try {
    {
      const std::scoped_lock held(buffers_lock_);
      all = buffers_;
    }
    all.push_back(shared_);
    for (buffer* one : all) {
      one->drain([&](const event& seen) {
        any = true;
        add(seen);
      });
    }
    if (written_ < most_bytes_) tell_dropped();
    put(text_);
  } catch (const std::bad_alloc&) {
    ++unwritten_;
  }
  text_.clear();
  return any;
}

std::uint64_t recorder::dropped() const noexcept {
  std::uint64_t sum = unwritten_;
  for (const buffer* one : buffers_) sum += one->dropped();
  return sum + (shared_ != nullptr ? shared_->dropped() : 0);
}

void recorder::tell_dropped() {
  std::uint64_t now = 0;
  {
    const std::scoped_lock held(buffers_lock_);
    now = dropped();
  }
  if (now == dropped_told_) return;
  json_->add_dropped(text_, now - dropped_told_, last_ns_);
  dropped_told_ = now;
}

void recorder::add(const event& one) {
  last_ns_ = std::max({last_ns_, one.begin_ns, one.end_ns});
  if (written_ + text_.size() >= most_bytes_ || failed_) {
    ++unwritten_;
    return;
  }
  if (named_.insert(one.track).second)
    json_->name_track(text_, one.track, name_of_track(one.track));
  json_->add(text_, one);
  if (text_.size() < piece_bytes) return;
  put(text_);
  text_.clear();
}

void recorder::put(const std::string& text) noexcept {
  if (text.empty() || file_ < 0 || failed_) return;
  if (at_end_) {
    // A pipe cannot take it back; whoever reads it has the array up to there.
    if (::lseek(file_, -static_cast<off_t>(end_of_array_.size()), SEEK_CUR) < 0) failed_ = true;
    at_end_ = false;
    if (failed_) return;
  }
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t wrote = ::write(file_, text.data() + done, text.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) {
      failed_ = true;
      std::fprintf(
          stderr,
          "gobench: the trace cannot be written any further (%s); make room where it lies, "
          "or set GOBENCH_TRACE_LIMIT.\n",
          std::strerror(errno));
      return;
    }
    done += static_cast<std::size_t>(wrote);
  }
  written_ += text.size();
}

void recorder::complete() noexcept {
  const std::scoped_lock held(draining_);
  if (file_ < 0) return;
  const std::uint64_t before = written_;
  drain();
  if ((at_end_ && written_ == before) || failed_) return;
  try {
    tell_dropped();
    text_ += end_of_array_;
  } catch (const std::bad_alloc&) {
    text_.clear();
    return;  // a viewer does without the end
  }
  put(text_);
  text_.clear();
  at_end_ = !failed_;
}

}  // namespace gobench::inline GOBENCH_FLAVOUR::runtime::trace
