#include "primitives/context.hpp"

#include <atomic>
#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/primitives/chan_support.hpp"
#include "tests/primitives/on_backends.hpp"

namespace {

using namespace std::chrono_literals;
using gobench::background;
using gobench::cancel_function;
using gobench::context;
using gobench::context_error;
using gobench::with_cancel;
using gobench::with_deadline;
using gobench::with_timeout;
using std::chrono::steady_clock;

class context_test : public on_backends {};
GOBENCH_ON_BACKENDS(context_test);

bool open(const context& ctx) { return ctx.err() == context_error::none && !ctx.done().closed(); }

TEST_P(context_test, example) {
  run([] {
    const auto answers = gobench::make_chan<int>();
    std::string said;
    auto [ctx, cancel] = with_timeout(background(), 2ms);
    gobench::task fetching = gobench::go([&, ctx = ctx] {
      gobench::select(gobench::on_recv(answers, [] { FAIL(); }),
                      gobench::on_recv(ctx.done(), [&] { said = to_string(ctx.err()); }));
    });
    fetching.join();
    cancel();
    EXPECT_EQ(said, "deadline exceeded");
  });
}

TEST_P(context_test, the_background_is_never_cancelled) {
  run([] {
    const context root = background();
    EXPECT_EQ(root, context());
    EXPECT_FALSE(root.done());
    EXPECT_EQ(root.err(), context_error::none);
    EXPECT_EQ(root.deadline(), std::nullopt);
    EXPECT_EQ(gobench::select(gobench::on_recv(root.done()), gobench::otherwise()), 1);
    const cancel_function nothing;
    nothing();
  });
}

TEST_P(context_test, cancel_any_number_of_times) {
  run([] {
    auto [ctx, cancel] = with_cancel(background());
    EXPECT_TRUE(open(ctx));
    EXPECT_EQ(ctx.deadline(), std::nullopt);
    EXPECT_EQ(ctx.done().try_recv(), std::nullopt);
    const cancel_function copy = cancel;
    cancel();
    EXPECT_EQ(ctx.err(), context_error::cancelled);
    EXPECT_EQ(ctx.done().recv(), std::nullopt);
    cancel();
    copy();
    EXPECT_EQ(ctx.err(), context_error::cancelled);
  });
}

TEST_P(context_test, cancel_happens_before_what_is_seen) {
  run([] {
    together({.tasks = 4, .threads = 2}, [&](int) {
      int written = 0;
      auto [ctx, cancel] = with_cancel(background());
      gobench::task cancels = gobench::go([&, cancel = cancel] {
        written = 1;
        cancel();
      });
      ctx.done().recv();
      EXPECT_EQ(written, 1);
      EXPECT_EQ(ctx.err(), context_error::cancelled);
      cancels.join();
      auto [other, cancel_other] = with_cancel(background());
      gobench::task again = gobench::go([&, cancel = cancel_other] {
        written = 2;
        cancel();
      });
      const context& watched = other;
      until([&] { return watched.err() != context_error::none; });
      EXPECT_EQ(written, 2);
      EXPECT_TRUE(other.done().closed());
      again.join();
    });
  });
}

TEST_P(context_test, children_go_with_their_parent_and_not_the_other_way) {
  run([] {
    auto [root, cancel_root] = with_cancel(background());
    auto [left, cancel_left] = with_cancel(root);
    auto [right, cancel_right] = with_timeout(root, 1h);
    auto [leaf, cancel_leaf] = with_cancel(left);
    cancel_leaf();
    EXPECT_EQ(leaf.err(), context_error::cancelled);
    EXPECT_TRUE(open(left));
    EXPECT_TRUE(open(root));
    auto [second, cancel_second] = with_cancel(left);
    cancel_left();
    EXPECT_EQ(second.err(), context_error::cancelled);
    EXPECT_TRUE(open(right));
    cancel_root();
    EXPECT_EQ(right.err(), context_error::cancelled);
    EXPECT_TRUE(right.done().closed());
  });
}

TEST_P(context_test, a_child_of_a_cancelled_one_is_cancelled_for_the_same_reason) {
  run([] {
    auto [first, cancel] = with_cancel(background());
    cancel();
    EXPECT_EQ(with_cancel(first).ctx.err(), context_error::cancelled);
    EXPECT_EQ(with_timeout(first, 1h).ctx.err(), context_error::cancelled);
    EXPECT_EQ(with_timeout(first, -1h).ctx.err(), context_error::cancelled);
    auto [late, cancel_late] = with_deadline(background(), steady_clock::now());
    EXPECT_EQ(late.err(), context_error::deadline_exceeded);
    cancel_late();
    EXPECT_EQ(late.err(), context_error::deadline_exceeded);
    EXPECT_EQ(with_cancel(late).ctx.err(), context_error::deadline_exceeded);
  });
}

TEST_P(context_test, deadlines) {
  run([] {
    const auto begin = steady_clock::now();
    auto [ctx, cancel] = with_timeout(background(), 3ms);
    ASSERT_TRUE(ctx.deadline());
    EXPECT_GE(*ctx.deadline(), begin + 3ms);
    auto [child, cancel_child] = with_cancel(ctx);
    EXPECT_EQ(child.deadline(), ctx.deadline());
    child.done().recv();
    EXPECT_GE(steady_clock::now(), *ctx.deadline());
    EXPECT_EQ(child.err(), context_error::deadline_exceeded);
    EXPECT_EQ(ctx.err(), context_error::deadline_exceeded);
    // The earlier of two counts.
    auto [outer, cancel_outer] = with_timeout(background(), 1h);
    auto [later, cancel_later] = with_timeout(outer, 2h);
    auto [sooner, cancel_sooner] = with_timeout(outer, 1ms);
    EXPECT_EQ(later.deadline(), outer.deadline());
    EXPECT_LT(*sooner.deadline(), *outer.deadline());
    sooner.done().recv();
    EXPECT_EQ(sooner.err(), context_error::deadline_exceeded);
    EXPECT_TRUE(open(outer));
    // Other clocks, and none at all.
    EXPECT_EQ(with_deadline(background(), std::chrono::system_clock::now() - 1h).ctx.err(),
              context_error::deadline_exceeded);
    EXPECT_EQ(with_timeout(background(), std::chrono::hours::max()).ctx.deadline(), std::nullopt);
  });
}

TEST_P(context_test, dropping_handles_cancels_nothing) {
  run([] {
    auto [parent, cancel] = with_cancel(background());
    const context kept = with_cancel(parent).ctx;
    EXPECT_TRUE(open(kept));
    // Nothing but the channel is left of these.
    const gobench::receiver<gobench::unit> by_parent =
        with_cancel(with_cancel(parent).ctx).ctx.done();
    const gobench::receiver<gobench::unit> by_time = with_timeout(background(), 1ms).ctx.done();
    const gobench::receiver<gobench::unit> by_nobody = with_cancel(background()).ctx.done();
    EXPECT_EQ(by_time.recv(), std::nullopt);
    EXPECT_FALSE(by_parent.closed());
    cancel();
    EXPECT_TRUE(by_parent.closed());
    EXPECT_EQ(kept.err(), context_error::cancelled);
    EXPECT_FALSE(by_nobody.closed());
  });
}

TEST_P(context_test, deep_and_wide_trees) {
  run([] {
    auto [root, cancel] = with_cancel(background());
    std::vector<context> all;
    context deepest = root;
    for (int i = 0; i < 3000; ++i) deepest = with_cancel(deepest).ctx;
    for (int i = 0; i < 1000; ++i) all.push_back(with_cancel(i % 2 == 0 ? root : deepest).ctx);
    cancel();
    EXPECT_EQ(deepest.err(), context_error::cancelled);
    for (const context& one : all) EXPECT_EQ(one.err(), context_error::cancelled);
    // The same again, dropped from the top and never cancelled.
    context top = with_cancel(background()).ctx;
    deepest = top;
    for (int i = 0; i < 3000; ++i) deepest = with_cancel(deepest).ctx;
    const context below = with_cancel(deepest).ctx;
    deepest = background();
    top = background();
    EXPECT_TRUE(open(below));
  });
}

// Whoever has called cancel finds everything below cancelled, whoever else is at it.
TEST_P(context_test, everybody_at_once) {
  run([] {
    for (int round = 0; round < 20; ++round) {
      auto [root, cancel] = with_cancel(background());
      std::vector<gobench::cancellable> middle;
      std::vector<gobench::cancellable> leaves;
      for (int i = 0; i < 4; ++i) {
        middle.push_back(with_cancel(root));
        leaves.push_back(with_timeout(middle.back().ctx, std::chrono::microseconds(50 * i + 1)));
        leaves.push_back(with_cancel(middle.back().ctx));
      }
      const context& top = root;
      const cancel_function& cancel_top = cancel;
      together({.tasks = 5, .threads = 1}, [&](int i) {
        std::minstd_rand random(static_cast<unsigned>(round * 8 + i) + 1);
        for (int n = 0; n < 10; ++n) {
          const std::size_t k = random() % 4;
          switch (random() % 4) {
            case 0:
              leaves[2 * k + 1].cancel();
              EXPECT_NE(leaves[2 * k + 1].ctx.err(), context_error::none);
              break;
            case 1: {
              const auto fresh = with_cancel(middle[k].ctx);
              if (random() % 2 == 0) gobench::yield();
              if (middle[k].ctx.err() != context_error::none) {
                middle[k].cancel();
                EXPECT_NE(fresh.ctx.err(), context_error::none);
              }
              break;
            }
            case 2:
              if (random() % 4 != 0) break;
              middle[k].cancel();
              EXPECT_NE(leaves[2 * k].ctx.err(), context_error::none);
              EXPECT_NE(leaves[2 * k + 1].ctx.err(), context_error::none);
              break;
            default:
              if (random() % 16 != 0) break;
              cancel_top();
              for (const auto& one : leaves) EXPECT_NE(one.ctx.err(), context_error::none);
          }
        }
        EXPECT_EQ(top.err() != context_error::none, top.done().closed());
      });
    }
  });
}

TEST_P(context_test, a_cancelled_deadline_hides_no_deadlock) {
  EXPECT_THROW(run([] {
                 auto [ctx, cancel] = with_timeout(background(), 1h);
                 cancel();
                 background().done().recv();
               }),
               gobench::deadlock);
}

TEST_P(context_test, outside_of_a_run) {
  context outlives;
  run([&] { outlives = with_timeout(background(), 1h).ctx; });
  EXPECT_TRUE(open(outlives));  // its deadline never comes
  auto [ctx, cancel] = with_cancel(outlives);
  EXPECT_THROW(with_timeout(ctx, 1ms), gobench::no_runtime);
  EXPECT_EQ(with_timeout(ctx, 0ms).ctx.err(), context_error::deadline_exceeded);
  const context& watched = ctx;
  std::thread waiter([&] { watched.done().recv(); });
  cancel();
  waiter.join();
  EXPECT_EQ(ctx.err(), context_error::cancelled);
}

}  // namespace
