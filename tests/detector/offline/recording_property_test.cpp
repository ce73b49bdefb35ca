// Engine hb on recordings against the definition, byte by byte: accesses of all sizes that overlap, atomics,
// memory that is freed and used again, objects that are merged into and transferred.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "detector/offline/internal/byte_input.hpp"
#include "detector/offline/recording/reader.hpp"
#include "detector/offline/recording/writer.hpp"
#include "tests/detector/offline/support.hpp"

namespace {

using namespace gobench::detector::offline;

struct step {
  record_kind kind;
  std::uint32_t task;
  std::uint64_t target;  // address, object or task
  std::uint64_t extra;   // size, or the other object
};

constexpr std::uint64_t memory = 0x10'0000;
constexpr std::uint64_t objects = 0x20'0000;

std::vector<step> make(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto below = [&](std::uint64_t limit) { return random() % limit; };
  const std::uint64_t bytes = 8 + below(56);
  const std::uint64_t locks = 1 + below(5);
  const std::uint64_t sync_share = std::vector<std::uint64_t>{5, 20, 50, 80}[below(4)];
  std::vector<std::uint32_t> alive = {0};
  std::uint32_t tasks = 1;
  std::vector<step> steps;
  for (std::uint64_t count = 20 + below(200); count > 0; --count) {
    const std::size_t index = below(alive.size());
    const std::uint32_t task = alive[index];
    const auto range = [&](record_kind kind) {
      const std::uint64_t size =
          std::min(bytes, kind == record_kind::memory_new || kind == record_kind::memory_freed
                              ? 1 + below(40)
                              : std::vector<std::uint64_t>{1, 2, 4, 8, 11, 16}[below(6)]);
      steps.push_back({kind, task, memory + below(bytes - size + 1), size});
    };
    if (below(100) < sync_share) {
      const std::uint64_t object = objects + 16 * below(locks);
      const std::uint64_t other = objects + 16 * below(locks);
      constexpr record_kind kinds[] = {record_kind::acquire, record_kind::release,
                                       record_kind::release_merge};
      switch (below(12)) {
        case 0:
          if (tasks < 12) {
            steps.push_back({record_kind::fork, task, tasks, 0});
            alive.push_back(tasks++);
          }
          break;
        case 1: {
          const std::size_t ended = below(alive.size());
          if (ended == index) break;
          steps.push_back({record_kind::join, task, alive[ended], 0});
          alive.erase(alive.begin() + static_cast<std::ptrdiff_t>(ended));
          break;
        }
        case 2:
          steps.push_back({record_kind::transfer, task, object, other});
          break;
        case 3:
          steps.push_back({record_kind::transfer_merge, task, object, other});
          break;
        case 4:
          steps.push_back({record_kind::forget_object, task, object, 0});
          break;
        default:
          steps.push_back({kinds[below(3)], task, object, 0});
          break;
      }
    } else {
      constexpr record_kind kinds[] = {record_kind::read,         record_kind::read,
                                       record_kind::write,        record_kind::atomic_read,
                                       record_kind::atomic_write, record_kind::read};
      const std::uint64_t choice = below(40);
      if (choice == 0) {
        range(record_kind::memory_new);
      } else if (choice == 1) {
        range(record_kind::memory_freed);
      } else {
        range(kinds[below(6)]);
      }
    }
  }
  return steps;
}

using plain_clock = std::map<std::uint32_t, std::uint64_t>;

void join(plain_clock& to, const plain_clock& from) {
  for (const auto& [task, clock] : from) to[task] = std::max(to[task], clock);
}

// The numbers of the racy events, by definition.
std::vector<std::uint64_t> expected(const std::vector<step>& steps) {
  struct past {
    std::uint32_t task;
    std::uint64_t clock;
    bool writes;
    bool atomic;
  };
  std::map<std::uint32_t, plain_clock> tasks;
  std::map<std::uint64_t, plain_clock> published;
  std::map<std::uint64_t, std::vector<past>> accesses;  // by byte
  std::vector<std::uint64_t> racy;
  std::uint64_t position = 0;
  std::map<std::uint64_t, bool> known;  // objects: forgetting one that is not known is no event
  for (const step& one : steps) {
    plain_clock& clock = tasks[one.task];
    ++clock[one.task];
    switch (one.kind) {
      case record_kind::forget_object:
        published.erase(one.target);
        if (known[one.target]) ++position;
        known[one.target] = false;
        continue;
      case record_kind::acquire:
        join(clock, published[one.target]);
        break;
      case record_kind::release:
        published[one.target] = clock;
        break;
      case record_kind::release_merge:
        join(published[one.target], clock);
        break;
      case record_kind::transfer:
        published[one.extra] = plain_clock(published[one.target]);
        break;
      case record_kind::transfer_merge:
        join(published[one.extra], plain_clock(published[one.target]));
        break;
      case record_kind::fork:
        join(tasks[static_cast<std::uint32_t>(one.target)], clock);
        break;
      case record_kind::join:
        join(clock, tasks[static_cast<std::uint32_t>(one.target)]);
        break;
      case record_kind::memory_new:
        for (std::uint64_t i = 0; i < one.extra; ++i) accesses[one.target + i].clear();
        break;
      case record_kind::read:
      case record_kind::write:
      case record_kind::atomic_read:
      case record_kind::atomic_write:
      case record_kind::memory_freed: {
        const bool atomic =
            one.kind == record_kind::atomic_read || one.kind == record_kind::atomic_write;
        const bool writes = one.kind != record_kind::read && one.kind != record_kind::atomic_read;
        bool races = false;
        for (std::uint64_t i = 0; i < one.extra; ++i) {
          for (const past& earlier : accesses[one.target + i]) {
            const bool conflict = (writes || earlier.writes) && !(atomic && earlier.atomic);
            races = races || (conflict && earlier.clock > clock[earlier.task]);
          }
          accesses[one.target + i].push_back({one.task, clock[one.task], writes, atomic});
        }
        if (races) racy.push_back(position + 1);
        break;
      }
      case record_kind::end:
      case record_kind::task:
      case record_kind::task_name:
      case record_kind::task_end:
      case record_kind::module:
        break;
    }
    switch (one.kind) {
      case record_kind::transfer:
      case record_kind::transfer_merge:
        known[one.extra] = true;
        [[fallthrough]];
      case record_kind::acquire:
      case record_kind::release:
      case record_kind::release_merge:
        known[one.target] = true;
        break;
      default:
        break;
    }
    ++position;
  }
  return racy;
}

void record(const std::vector<step>& steps, recording_writer& to) {
  for (const step& one : steps) {
    switch (one.kind) {
      case record_kind::read:
      case record_kind::write:
      case record_kind::atomic_read:
      case record_kind::atomic_write:
        to.access(one.kind, one.task, one.target, one.extra, 1);
        break;
      case record_kind::acquire:
      case record_kind::release:
      case record_kind::release_merge:
      case record_kind::forget_object:
        to.sync(one.kind, one.task, one.target, 2);
        break;
      case record_kind::transfer:
      case record_kind::transfer_merge:
        to.transfer(one.kind, one.task, one.target, one.extra, 3);
        break;
      case record_kind::fork:
        to.fork(one.task, one.target, 4);
        break;
      case record_kind::join:
        to.join(one.task, one.target, 5);
        break;
      case record_kind::memory_new:
        to.memory_new(one.task, one.target, one.extra);
        break;
      case record_kind::memory_freed:
        to.memory_freed(one.task, one.target, one.extra, 6);
        break;
      case record_kind::end:
      case record_kind::task:
      case record_kind::task_name:
      case record_kind::task_end:
      case record_kind::module:
        break;
    }
  }
}

TEST(hb_engine, finds_the_racy_events_of_recordings) {
  const scratch_file file;
  const auto writer = std::make_unique<recording_writer>();
  std::uint64_t racy = 0;
  std::uint64_t clean = 0;
  for (std::uint64_t seed = 1; seed <= 1500; ++seed) {
    const std::vector<step> steps = make(seed);
    ASSERT_TRUE(writer->open(file.path().c_str()));
    record(steps, *writer);
    ASSERT_TRUE(writer->close());
    recording_reader reader(std::make_unique<byte_input>(file.path()));
    const found_races found = analyse(reader);
    const std::vector<std::uint64_t> wanted = expected(steps);
    ASSERT_EQ(found.racy_events, wanted) << "seed " << seed;
    std::uint64_t told = 0;
    for (const race& one : found.races) told += one.racy_events;
    ASSERT_EQ(told, wanted.size()) << "seed " << seed;
    (wanted.empty() ? clean : racy) += 1;
  }
  EXPECT_GT(racy, 150U);
  EXPECT_GT(clean, 50U);
}

}  // namespace
