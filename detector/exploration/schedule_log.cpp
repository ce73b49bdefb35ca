#include "detector/exploration/schedule_log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

namespace gobench::detector::exploration {

namespace {

using explore::clock_thread;
using explore::log_record;

constexpr std::uint64_t beyond_mask = std::uint64_t{1} << 62;
constexpr std::uint64_t clock_mask = std::uint64_t{1} << 63;

bool read_whole(int fd, void* into, std::size_t size, off_t from) {
  auto* at = static_cast<char*>(into);
  while (size > 0) {
    const ssize_t got = ::pread(fd, at, size, from);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    from += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace

schedule_log read_log(const std::filesystem::path& file) {
  schedule_log made;
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return made;
  explore::log_header header{};
  struct stat about {};
  if (::fstat(fd, &about) == 0 && read_whole(fd, &header, sizeof header, 0) &&
      std::memcmp(header.magic, explore::log_magic, sizeof header.magic) == 0 &&
      header.version == explore::log_version && header.record_size == sizeof(log_record)) {
    const auto room =
        (static_cast<std::uint64_t>(about.st_size) - sizeof header) / sizeof(log_record);
    made.records.resize(std::min(header.count, room));
    if (read_whole(fd, made.records.data(), made.records.size() * sizeof(log_record),
                   sizeof header)) {
      made.header = header;
    } else {
      made.records.clear();
    }
  }
  ::close(fd);
  return made;
}

std::uint64_t order_hash(const schedule_log& log) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  const auto add = [&](std::uint64_t value) {
    hash ^= value;
    hash *= 0x9e3779b97f4a7c15u;
    hash ^= hash >> 29;
  };
  for (const log_record& one : log.records) {
    add(std::uint64_t{one.thread} | std::uint64_t{static_cast<std::uint8_t>(one.what)} << 16 |
        std::uint64_t{one.chosen} << 32 |
        std::uint64_t{(one.flags & explore::flag_value) != 0} << 48);
  }
  return hash;
}

place walk::next(const log_record& record) {
  place here{.thread = last_, .count = last_ == 0 ? 0 : count_of(last_), .nth = 0};
  if ((record.flags & explore::flag_value) != 0) {
    here.nth = ++values_;
    return here;
  }
  values_ = 0;
  last_ = record.thread;
  ++count_of(last_);
  return here;
}

std::uint64_t& walk::count_of(std::uint32_t thread) {
  if (thread == clock_thread) return of_clock_;
  if (counts_.size() <= thread) counts_.resize(thread + 1, 0);
  return counts_[thread];
}

std::uint64_t choice_of(const log_record& record) {
  return (record.flags & explore::flag_value) != 0 ? record.chosen : record.thread;
}

std::optional<std::uint64_t> default_of(const log_record& record) {
  if ((record.flags & explore::flag_value) != 0) return 0;
  if (record.count == 1) return record.thread;
  if ((record.enabled & beyond_mask) != 0) return std::nullopt;
  const std::uint64_t threads = record.enabled & ~clock_mask;
  if (threads == 0) return clock_thread;
  const std::uint32_t current = record.before;
  if (current < 62) {
    const std::uint64_t bit = std::uint64_t{1} << current;
    if ((threads & bit) != 0) {
      const bool for_time = (record.flags & explore::flag_stepping_back) != 0 && threads == bit &&
                            record.enabled != threads;
      return for_time ? clock_thread : current;
    }
    const std::uint64_t above = threads & ~(bit | (bit - 1));
    if (above != 0) return static_cast<std::uint64_t>(std::countr_zero(above));
  }
  return static_cast<std::uint64_t>(std::countr_zero(threads));
}

std::vector<deviation> deviations_of(const schedule_log& log) {
  std::vector<deviation> all;
  walk along;
  for (const log_record& one : log.records) {
    const place here = along.next(one);
    if (default_of(one) != choice_of(one)) all.push_back({here, choice_of(one)});
  }
  return all;
}

std::size_t preemptions_of(const schedule_log& log) {
  return static_cast<std::size_t>(std::ranges::count_if(log.records, [](const log_record& one) {
    return (one.flags & explore::flag_preemption) != 0;
  }));
}

std::size_t open_choices_of(const schedule_log& log) {
  return static_cast<std::size_t>(
      std::ranges::count_if(log.records, [](const log_record& one) { return one.count > 1; }));
}

pending_events::pending_events(const schedule_log& log) : log_(log) {
  for (std::size_t i = 0; i < log.records.size(); ++i) {
    const log_record& one = log.records[i];
    if ((one.flags & explore::flag_value) != 0 || one.thread == clock_thread) continue;
    if (steps_.size() <= one.thread) steps_.resize(one.thread + std::size_t{1});
    steps_[one.thread].push_back(static_cast<std::uint32_t>(i));
  }
}

explore::event pending_events::at(std::size_t index, std::uint32_t thread) const {
  const explore::event unknown{explore::operation::other, 0, thread};
  if (thread >= steps_.size()) return unknown;
  const auto& mine = steps_[thread];
  const auto found = std::ranges::lower_bound(mine, index);
  if (found == mine.end()) return unknown;
  const log_record& record = log_.records[*found];
  return {record.what, record.object, thread};
}

std::string follow_text(const std::vector<deviation>& list,
                        const std::vector<std::uint32_t>& asleep) {
  std::string text;
  for (const deviation& one : list) {
    text += std::to_string(one.where.thread) + ' ' + std::to_string(one.where.count) + ' ' +
            std::to_string(one.where.nth) + ' ' + std::to_string(one.choice) + '\n';
  }
  for (const std::uint32_t thread : asleep) text += std::to_string(thread) + '\n';
  return text;
}

}  // namespace gobench::detector::exploration
