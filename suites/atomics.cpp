// What does an atomic instruction cost? (C3)
//
// Cases: load, store, add (fetch_add) and cas (a loop of load and compare-exchange that adds 1, as any update
// without an instruction of its own has to do), all sequentially consistent as in Go and by default in C++.
// `layout` says where the tasks' words are: each on a cache line of its own (own), side by side in one line
// (neighbours: false sharing), or all the same word (shared).
//
// With one task the layouts are the same. Where a core has the line for itself the figure is that of the
// instruction; where two cores want it, that of moving the line between them. gobench has no atomics of
// its own: std is what its users have. Weaker orders are left out; on x86 only a store would cost less.
#include <array>
#include <atomic>
#include <cstdint>
#include <gobench.hpp>
#include <string>
#include <vector>

#include "suites/peers/go.hpp"
#include "suites/registry.hpp"
#include "suites/team.hpp"

namespace gobench::suites {

namespace {

using results::vehicle;
using word = std::atomic<std::uint64_t>;

// The words of all tasks.
class words {
 public:
  explicit words(const point& where)
      : distance_(where.word("layout") == "own"          ? per_line * 2
                  : where.word("layout") == "neighbours" ? 1
                                                         : 0),
        lines_(static_cast<std::size_t>(where.tasks) * 2 + 1) {}

  word& of(int task) {
    const std::size_t at = distance_ * static_cast<std::size_t>(task);
    return lines_[at / per_line].words[at % per_line];
  }
  std::uint64_t sum() const {
    std::uint64_t made = 0;
    for (const line& one : lines_) {
      for (const word& w : one.words) made += w.load();
    }
    return made;
  }

 private:
  static constexpr std::size_t per_line = 8;
  struct alignas(64) line {
    std::array<word, per_line> words{};
  };
  const std::size_t distance_;
  std::vector<line> lines_;
};

struct alignas(64) tally {
  std::uint64_t value = 0;
};

measurement load(const point& where, std::uint64_t iterations) {
  words all(where);
  for (int task = 0; task < where.tasks; ++task) all.of(task) = 1;
  std::vector<tally> sums(static_cast<std::size_t>(where.tasks));
  auto taken = measure_team(where, iterations, [&](int task, std::uint64_t count) {
    const word& mine = all.of(task);
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < count; ++i) sum += mine.load();
    sums[static_cast<std::size_t>(task)].value += sum;
  });
  std::uint64_t sum = 0;
  for (const tally& one : sums) sum += one.value;
  taken.result = proof::equal("the sum of the loads", sum, taken.operations);
  return taken;
}

measurement store(const point& where, std::uint64_t iterations) {
  words all(where);
  std::vector<tally> stored(static_cast<std::size_t>(where.tasks));
  auto taken = measure_team(where, iterations, [&](int task, std::uint64_t count) {
    word& mine = all.of(task);
    std::uint64_t next = stored[static_cast<std::size_t>(task)].value;
    for (std::uint64_t i = 0; i < count; ++i) mine.store(++next);
    stored[static_cast<std::size_t>(task)].value = next;
  });
  // What is in a word is the last that some task stored there.
  std::uint64_t done = 0;
  bool last_is_there = true;
  for (int task = 0; task < where.tasks; ++task) {
    bool found = false;
    for (int other = 0; other < where.tasks; ++other) {
      found = found || (&all.of(task) == &all.of(other) &&
                        all.of(task) == stored[static_cast<std::size_t>(other)].value);
    }
    last_is_there = last_is_there && found;
    done += stored[static_cast<std::size_t>(task)].value;
  }
  taken.result = proof::equal("the number of stores", done, taken.operations) &&
                 proof::that(last_is_there, "a word does not hold the last that was stored");
  return taken;
}

template <class Add>
measurement adding(const point& where, std::uint64_t iterations, Add add) {
  words all(where);
  auto taken = measure_team(where, iterations, [&](int task, std::uint64_t count) {
    word& mine = all.of(task);
    for (std::uint64_t i = 0; i < count; ++i) add(mine);
  });
  taken.result = proof::equal("the sum of the words", all.sum(), taken.operations);
  return taken;
}

measurement add(const point& where, std::uint64_t iterations) {
  return adding(where, iterations, [](word& w) { w.fetch_add(1); });
}

measurement cas(const point& where, std::uint64_t iterations) {
  return adding(where, iterations, [](word& w) {
    std::uint64_t old = w.load();
    while (!w.compare_exchange_weak(old, old + 1)) {
    }
  });
}

void add_variants(std::vector<variant>& to, const std::string& name, operation run) {
  // Words in one line: as many as fit there.
  const auto fits = [](const point& at) {
    return at.word("layout") != "neighbours" || at.tasks <= 8;
  };
  to.push_back({.case_name = name,
                .impl = "std.atomic",
                .run = std::move(run),
                .parameters = {"layout"},
                .applies = fits});
  to.push_back({.case_name = name,
                .impl = "go.atomic",
                .run = peers::go("atomics/" + name, "the sum of the words"),
                .parameters = {"layout"},
                .vehicles = {vehicle::fiber},
                .applies = fits,
                .peer = "go"});
}

std::vector<variant> all_variants() {
  std::vector<variant> made;
  add_variants(made, "load", load);
  add_variants(made, "store", store);
  add_variants(made, "add", add);
  add_variants(made, "cas", cas);
  return made;
}

results::value text(const char* of) { return std::string(of); }

const registration registered{suite{
    .name = "atomics",
    .about = "What does an atomic instruction cost, on a word of one's own and on a shared one?",
    .claims = {"C3"},
    .tasks = {1, 2, 8},
    .quick_tasks = {1, 2},
    .parameters = {{.name = "layout",
                    .about = "where the words of the tasks are",
                    .usual = {text("own"), text("neighbours"), text("shared")},
                    .quick = {text("own"), text("shared")},
                    .words = {"own", "neighbours", "shared"}}},
    .metrics = team_metrics,
    .min_seconds = 0.01,
    .variants = all_variants()}};

}  // namespace

}  // namespace gobench::suites
