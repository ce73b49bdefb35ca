#include "primitives/net/stream.hpp"

#include <sys/socket.h>

#include <mutex>
#include <system_error>

#include "primitives/internal/outcome.hpp"
#include "primitives/internal/socket_calls.hpp"
#include "runtime/instrument.hpp"

namespace gobench::inline GOBENCH_FLAVOUR {

namespace primitives {

void throw_outcome(const runtime::io_outcome& made, const std::string& doing) {
  switch (made.how) {
    case runtime::io_outcome::kind::timed_out:
      throw net::timeout_error(doing);
    case runtime::io_outcome::kind::closed:
      throw net::closed_error(doing);
    case runtime::io_outcome::kind::done:
    case runtime::io_outcome::kind::failed:
      break;
  }
  throw std::system_error(static_cast<int>(made.value), std::generic_category(), doing);
}

}  // namespace primitives

namespace net {

using primitives::value_of;
using runtime::io_side;
using runtime::wait_reason;

namespace {

void writes([[maybe_unused]] std::span<const std::byte> from) noexcept {
  GOBENCH_HOOK(reads(from.data(), from.size()));
  GOBENCH_HOOK(release_merge(&primitives::wire));
}

}  // namespace

std::string stream::core::name() const { return path.empty() ? peer.to_string() : path; }

stream::core& stream::in_use(const char* doing) const {
  if (core_ == nullptr) throw closed_error(doing);
  return *core_;
}

std::size_t stream::read(std::span<std::byte> into) {
  core& from = in_use("reading from a stream");
  GOBENCH_INTERNAL_SCOPE();
  if (into.empty()) return 0;
  const auto made = from.file.attempt(io_side::read, wait_reason::io_read, [&](int fd) {
    return primitives::receive(fd, into.data(), into.size());
  });
  const auto got =
      static_cast<std::size_t>(value_of(made, [&] { return "reading from " + from.name(); }));
  GOBENCH_HOOK(acquire(&primitives::wire));
  GOBENCH_HOOK(writes(into.data(), got));
  return got;
}

std::size_t stream::read_full(std::span<std::byte> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const std::size_t got = read(into.subspan(done));
    if (got == 0) break;
    done += got;
  }
  return done;
}

std::size_t stream::transmit_some(core& to, std::span<const std::byte> from) {
  const auto made = to.file.attempt(io_side::write, wait_reason::io_write, [&](int fd) {
    return primitives::transmit(fd, from.data(), from.size());
  });
  return static_cast<std::size_t>(value_of(made, [&] { return "writing to " + to.name(); }));
}

std::size_t stream::write_some(std::span<const std::byte> from) {
  core& to = in_use("writing to a stream");
  writes(from);
  GOBENCH_SILENT_SCOPE();  // the lock keeps writes together and orders nothing else
  const std::scoped_lock held(to.writing);
  return transmit_some(to, from);
}

void stream::write(std::span<const std::byte> from) {
  core& to = in_use("writing to a stream");
  writes(from);
  GOBENCH_SILENT_SCOPE();
  const std::scoped_lock held(to.writing);
  while (!from.empty()) from = from.subspan(transmit_some(to, from));
}

void stream::shut_down(int how, const char* doing) {
  core& of = in_use(doing);
  GOBENCH_INTERNAL_SCOPE();
  GOBENCH_HOOK(release_merge(&primitives::wire));
  const auto made = of.file.with_number([&](int fd) { return primitives::shut_down(fd, how); });
  value_of(made, [&] { return std::string(doing) + " to " + of.name(); });
}

void stream::shutdown_read() { shut_down(SHUT_RD, "ending the reading side of a stream"); }
void stream::shutdown_write() { shut_down(SHUT_WR, "ending the writing side of a stream"); }

void stream::set_deadline_of(io_side side, steady_time when) noexcept {
  if (core_ != nullptr) core_->file.set_deadline(side, when);
}

void stream::close() noexcept {
  if (core_ == nullptr) return;
  GOBENCH_INTERNAL_SCOPE();
  GOBENCH_HOOK(release_merge(&primitives::wire));
  core_->file.close();
}

bool stream::is_open() const noexcept { return core_ != nullptr && core_->file.is_open(); }

}  // namespace net
}  // namespace gobench::inline GOBENCH_FLAVOUR
