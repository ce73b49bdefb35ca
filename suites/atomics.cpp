// What does an atomic instruction cost? (C3)
//
// Cases: load, store, add (fetch_add) and cas (a loop of load and compare-exchange that adds 1, as any update
// without an instruction of its own has to do). `order` is the memory order: seq_cst, as in Go and by default in C++;
// acq_rel, which is acquire for a load, release for a store and both for the others; relaxed.
// `layout` says where the tasks' words are: each on a cache line of its own (own), side by side in one line
// (neighbours: false sharing), or all the same word (shared).
//
// With one task the layouts are the same. Where a core has the line for itself the figure is that of the
// instruction; where two cores want it, that of moving the line between them. gobench has no atomics of
// its own: std is what its users have. On x86 only a store costs less in a weaker order: every other instruction is
// the same. What a weaker order allows the compiler to do with the code around it is not measured.
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

// The orders for the kinds of instructions, by the word of the parameter.
struct seq_cst {
  static constexpr auto load = std::memory_order_seq_cst;
  static constexpr auto store = std::memory_order_seq_cst;
  static constexpr auto both = std::memory_order_seq_cst;
};
struct acq_rel {
  static constexpr auto load = std::memory_order_acquire;
  static constexpr auto store = std::memory_order_release;
  static constexpr auto both = std::memory_order_acq_rel;
};
struct relaxed {
  static constexpr auto load = std::memory_order_relaxed;
  static constexpr auto store = std::memory_order_relaxed;
  static constexpr auto both = std::memory_order_relaxed;
};

// run(Order{}, ...) with the order of the point.
template <class Run>
operation in_order(Run run) {
  return [run](const point& where, std::uint64_t iterations) {
    const std::string& order = where.word("order");
    if (order == "relaxed") return run(relaxed{}, where, iterations);
    if (order == "acq_rel") return run(acq_rel{}, where, iterations);
    return run(seq_cst{}, where, iterations);
  };
}

template <class Order>
measurement load(Order, const point& where, std::uint64_t iterations) {
  words all(where);
  for (int task = 0; task < where.tasks; ++task) all.of(task) = 1;
  std::vector<tally> sums(static_cast<std::size_t>(where.tasks));
  auto taken = measure_team(where, iterations, [&](int task, std::uint64_t count) {
    const word& mine = all.of(task);
    std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < count; ++i) sum += mine.load(Order::load);
    sums[static_cast<std::size_t>(task)].value += sum;
  });
  std::uint64_t sum = 0;
  for (const tally& one : sums) sum += one.value;
  taken.result = proof::equal("the sum of the loads", sum, taken.operations);
  return taken;
}

template <class Order>
measurement store(Order, const point& where, std::uint64_t iterations) {
  words all(where);
  std::vector<tally> stored(static_cast<std::size_t>(where.tasks));
  auto taken = measure_team(where, iterations, [&](int task, std::uint64_t count) {
    word& mine = all.of(task);
    std::uint64_t next = stored[static_cast<std::size_t>(task)].value;
    for (std::uint64_t i = 0; i < count; ++i) mine.store(++next, Order::store);
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

template <class Order>
measurement add(Order, const point& where, std::uint64_t iterations) {
  return adding(where, iterations, [](word& w) { w.fetch_add(1, Order::both); });
}

template <class Order>
measurement cas(Order, const point& where, std::uint64_t iterations) {
  return adding(where, iterations, [](word& w) {
    std::uint64_t old = w.load(Order::load);
    while (!w.compare_exchange_weak(old, old + 1, Order::both, Order::load)) {
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
                .parameters = {"layout", "order"},
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
  add_variants(made, "load",
               in_order([](auto order, const auto&... at) { return load(order, at...); }));
  add_variants(made, "store",
               in_order([](auto order, const auto&... at) { return store(order, at...); }));
  add_variants(made, "add",
               in_order([](auto order, const auto&... at) { return add(order, at...); }));
  add_variants(made, "cas",
               in_order([](auto order, const auto&... at) { return cas(order, at...); }));
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
                    .words = {"own", "neighbours", "shared"}},
                   {.name = "order",
                    .about = "memory order of the instructions",
                    .usual = {text("seq_cst"), text("acq_rel"), text("relaxed")},
                    .quick = {text("seq_cst"), text("relaxed")},
                    .words = {"seq_cst", "acq_rel", "relaxed"}}},
    .metrics = team_metrics,
    .repetitions = 4,
    .min_seconds = 0.005,
    .variants = all_variants()}};

}  // namespace

}  // namespace gobench::suites
