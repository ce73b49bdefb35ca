// Accesses against the plain model: of each byte, every access by every task with its vector clock. The engine may
// forget (four cells for eight bytes), but it must not invent; and of two tasks it has to find what there is.
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <random>

#include "detector/engine/access.hpp"
#include "tests/detector/engine/driver.hpp"

using namespace gobench::detector;
using namespace gobench::detector::driver;

namespace {

constexpr int most_tasks = 6;
constexpr int bytes = 32;

struct model {
  using clock = std::array<unsigned, most_tasks>;
  struct access {
    int task;
    unsigned then;
    bool read, atomic;
  };
  std::array<clock, most_tasks> tasks{};
  std::array<clock, 3> objects{};
  std::array<std::vector<access>, bytes> history;

  model() {
    for (int i = 0; i != most_tasks; ++i)
      tasks[static_cast<std::size_t>(i)][static_cast<std::size_t>(i)] = 1;
  }
  static void join(clock& into, const clock& from) {
    for (std::size_t i = 0; i != most_tasks; ++i) into[i] = std::max(into[i], from[i]);
  }
  bool touches(std::size_t task, std::size_t at, bool read, bool atomic) {
    bool races = false;
    for (const access& a : history[at])
      races = races || (!(a.read && read) && !(a.atomic && atomic) &&
                        tasks[task][static_cast<std::size_t>(a.task)] < a.then);
    history[at].push_back({static_cast<int>(task), tasks[task][task], read, atomic});
    return races;
  }
};

// One random run.
void run(unsigned seed, std::size_t task_count, bool exact) {
  std::mt19937 random(seed);
  char* memory = fresh_memory(bytes);
  static char objects[3][64];
  for (auto& object : objects) forget_range(object, sizeof object);
  model plain;
  std::vector<std::unique_ptr<actor>> tasks;
  for (std::size_t i = 0; i != task_count; ++i) tasks.push_back(std::make_unique<actor>());
  for (int step = 0; step != (exact ? 40 : 200); ++step) {
    const std::size_t task = random() % task_count;
    const std::size_t object = random() % 3;
    switch (random() % 8) {
      case 0:
        tasks[task]->does([&] { acquire(objects[object]); });
        model::join(plain.tasks[task], plain.objects[object]);
        continue;
      case 1:
        tasks[task]->does([&] { release(objects[object]); });
        plain.objects[object] = plain.tasks[task];
        ++plain.tasks[task][task];
        continue;
      case 2:
        tasks[task]->does([&] { release_merge(objects[object]); });
        model::join(plain.objects[object], plain.tasks[task]);
        ++plain.tasks[task][task];
        continue;
      default:
        break;
    }
    const std::size_t size = exact ? 8 : std::size_t{1} << (random() % 4);
    const std::size_t at = random() % (bytes / size) * size;
    const bool read = random() % 2 == 0;
    const bool atomic = !exact && random() % 4 == 0;
    constexpr address pc = 0x1000;
    const std::uint64_t before = conflicts();
    tasks[task]->does([&] {
      const auto touch = [&]<unsigned Size>() {
        if (read && atomic) access<Size, true, true>(memory + at, pc);
        if (read && !atomic) access<Size, true, false>(memory + at, pc);
        if (!read && atomic) access<Size, false, true>(memory + at, pc);
        if (!read && !atomic) access<Size, false, false>(memory + at, pc);
      };
      if (size == 1) touch.operator()<1>();
      if (size == 2) touch.operator()<2>();
      if (size == 4) touch.operator()<4>();
      if (size == 8) touch.operator()<8>();
    });
    const bool found = conflicts() != before;
    bool races = false;
    for (std::size_t byte = at; byte != at + size; ++byte)
      races = plain.touches(task, byte, read, atomic) || races;
    ASSERT_TRUE(!found || races) << "seed " << seed << ", step " << step << ": a race is invented";
    if (!exact) continue;
    ASSERT_TRUE(found || !races) << "seed " << seed << ", step " << step << ": a race is missed";
    if (races) return;  // what was found once need not be found again
  }
}

TEST(cells, invent_no_race) {
  for (unsigned seed = 0; seed != 1000; ++seed) run(seed, 2 + seed % (most_tasks - 1), false);
}

TEST(cells, miss_no_first_race_of_two_tasks) {
  for (unsigned seed = 0; seed != 3000; ++seed) run(seed, 2, true);
}

// Each lane on its own against what the comment in access.hpp says.
TEST(cells, harmless_lanes_are_those_of_the_model) {
  std::mt19937 generator(7);
  const auto random = [&] { return static_cast<cell>(generator()); };
  for (int i = 0; i != 20000; ++i) {
    const cell block_mask = ~cell{63} << cell_index_shift;
    const cell block_base = (random() % 8 * 64) << cell_index_shift;
    const cell bytes_of_me = 1 + random() % 255;
    const bool read = random() % 2 == 0, atomic = random() % 2 == 0;
    const cell me = (block_base + ((random() % 64) << cell_index_shift)) | bytes_of_me |
                    (read ? cell_read : 0) | (atomic ? cell_atomic : 0);
    alignas(16) cell cells[4];
    for (cell& c : cells)
      c = random() % 5 == 0 ? 0
                            : ((8 + random() % 504) << cell_index_shift) | (random() % 4 << 8) |
                                  (1 + random() % 255);
    const __m128i all = load_cells(cells);
    const unsigned got =
        read ? (atomic ? lanes(harmless<true, true>(all, me, block_mask, block_base))
                       : lanes(harmless<true, false>(all, me, block_mask, block_base)))
             : (atomic ? lanes(harmless<false, true>(all, me, block_mask, block_base))
                       : lanes(harmless<false, false>(all, me, block_mask, block_base)));
    for (unsigned lane = 0; lane != 4; ++lane) {
      const cell c = cells[lane];
      const bool may_conflict = (c & me & cell_mask) != 0 && (c & block_mask) != block_base &&
                                !((c & cell_read) != 0 && read) &&
                                !((c & cell_atomic) != 0 && atomic);
      ASSERT_EQ((got >> lane & 1) == 0, may_conflict) << std::hex << c << " beside " << me;
    }
  }
}

}  // namespace
