// Select chooses with equal probability among the cases that are ready, however the others lie between them.
#include <array>
#include <cmath>
#include <vector>

#include "runtime/random.hpp"
#include "tests/primitives/chan_support.hpp"
#include "tests/primitives/on_backends.hpp"

namespace {

using gobench::chan;
using gobench::make_chan;
using gobench::on_recv;
using gobench::on_send;
using gobench::otherwise;
using gobench::select;

// The distance of the counts from equal ones, as a chi-square statistic with n - 1 degrees of freedom.
double chi_square(const std::vector<int>& counts) {
  double all = 0;
  for (int c : counts) all += c;
  const double expected = all / static_cast<double>(counts.size());
  double sum = 0;
  for (int c : counts) sum += (c - expected) * (c - expected) / expected;
  return sum;
}

// The quantile that equal chances exceed once in a million times (Wilson and Hilferty 1931). The seed is fixed, so
// this is not about luck: it is what a change of the code has to stay below.
double limit(std::size_t cases) {
  const auto k = static_cast<double>(cases) - 1;
  const double z = 4.753;
  return k * std::pow(1 - 2 / (9 * k) + z * std::sqrt(2 / (9 * k)), 3);
}

TEST(chi_square_of_select, sees_a_bias) {
  EXPECT_GT(chi_square({12'000, 10'000, 10'000, 10'000}), limit(4));
  EXPECT_GT(chi_square({20'000, 10'000, 10'000}), limit(3));
  EXPECT_LT(chi_square({10'050, 9'950, 10'000, 10'000}), limit(4));
}

class select_fairness_test : public on_backends {
 protected:
  // Nothing in the body may park or yield, or it would go on with another source.
  template <class F>
  void run_seeded(F body) {
    run([&] {
      gobench::runtime::this_random() = gobench::runtime::random_source(20'240'501);
      body();
    });
  }
};
GOBENCH_ON_BACKENDS(select_fairness_test);

constexpr int rounds = 40'000;

TEST_P(select_fairness_test, among_all) {
  run_seeded([] {
    std::array<chan<int>, 4> ch;
    for (auto& c : ch) {
      c = make_chan<int>(1);
      c.send(1);
    }
    std::vector<int> counts(4);
    for (int i = 0; i < rounds; ++i) {
      const int taken = select(on_recv(ch[0]), on_recv(ch[1]), on_recv(ch[2]), on_recv(ch[3]));
      ++counts[static_cast<std::size_t>(taken)];
      ch[static_cast<std::size_t>(taken)].send(1);
    }
    EXPECT_LT(chi_square(counts), limit(4));
  });
}

// A scan from a random start would give case 5 four times the share of case 1.
TEST_P(select_fairness_test, among_few_with_gaps_of_different_length) {
  run_seeded([] {
    std::array<chan<int>, 8> ch;
    for (std::size_t i = 0; i < ch.size(); ++i) {
      if (i == 3) continue;  // nil
      ch[i] = make_chan<int>(1);
      if (i == 0 || i == 1 || i == 5) ch[i].send(1);
    }
    std::vector<int> counts(8);
    for (int i = 0; i < rounds; ++i) {
      const int taken =
          select(on_recv(ch[0]), on_recv(ch[1]), on_recv(ch[2]), on_recv(ch[3]), on_recv(ch[4]),
                 on_recv(ch[5]), on_recv(ch[6]), on_recv(ch[7]), otherwise());
      ++counts[static_cast<std::size_t>(taken)];
      ch[static_cast<std::size_t>(taken)].send(1);
    }
    EXPECT_EQ(counts[0] + counts[1] + counts[5], rounds);
    EXPECT_LT(chi_square({counts[0], counts[1], counts[5]}), limit(3));
  });
}

TEST_P(select_fairness_test, among_sends_and_receives_closed_and_open) {
  run_seeded([] {
    auto full = make_chan<int>(1);
    auto room = make_chan<int>(1);
    auto closed = make_chan<int>();
    auto never = make_chan<int>();
    closed.close();
    full.send(1);
    std::vector<int> counts(3);
    for (int i = 0; i < rounds; ++i) {
      const int taken =
          select(on_recv(full, [&](auto) { full.send(1); }), on_send(never, 1),
                 on_send(room, 1, [&] { room.recv(); }), on_recv(never), on_recv(closed));
      ASSERT_TRUE(taken == 0 || taken == 2 || taken == 4);
      ++counts[static_cast<std::size_t>(taken) / 2];
    }
    EXPECT_LT(chi_square(counts), limit(3));
  });
}

TEST_P(select_fairness_test, among_those_in_a_vector) {
  run_seeded([] {
    std::vector<chan<int>> ch;
    std::vector<gobench::select_case> cases;
    for (int i = 0; i < 20; ++i) {
      ch.push_back(make_chan<int>(1));
      ch.back().send(1);
      cases.push_back(on_recv(ch.back(), [c = ch.back()] { c.send(1); }));
    }
    std::vector<int> counts(20);
    for (int i = 0; i < rounds; ++i) ++counts[static_cast<std::size_t>(select(cases))];
    EXPECT_LT(chi_square(counts), limit(20));
  });
}

}  // namespace
