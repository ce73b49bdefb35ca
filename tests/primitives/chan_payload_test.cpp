// What travels: move-only, throwing, over-aligned and large values, each made and destroyed exactly once.
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/primitives/chan_support.hpp"
#include "tests/primitives/on_backends.hpp"

namespace {

using gobench::chan;
using gobench::make_chan;
using gobench::make_unbounded_chan;

class chan_payload_test : public on_backends {};
GOBENCH_ON_BACKENDS(chan_payload_test);

template <class T>
std::vector<chan<T>> one_of_each() {
  std::vector<chan<T>> all;
  all.push_back(make_chan<T>());
  all.push_back(make_chan<T>(1));
  all.push_back(make_chan<T>(5));
  all.push_back(make_unbounded_chan<T>());
  return all;
}

// Sends make(0) to make(n - 1) in another task and hands each that arrives to use.
template <class T, class Make, class Use>
void pass_through(int n, Make make, Use use) {
  for (const chan<T>& ch : one_of_each<T>()) {
    gobench::task sends = gobench::go([&] {
      for (int i = 0; i < n; ++i) ch.send(make(i));
      ch.close();
    });
    int i = 0;
    for (T value : ch) use(value, i++);
    EXPECT_EQ(i, n);
    sends.join();
  }
}

TEST_P(chan_payload_test, move_only) {
  run([] {
    pass_through<std::unique_ptr<int>>(
        100, [](int i) { return std::make_unique<int>(i); },
        [](std::unique_ptr<int>& p, int i) { ASSERT_EQ(*p, i); });
  });
}

TEST_P(chan_payload_test, strings_short_and_long) {
  run([] {
    const auto text = [](int i) { return std::string(static_cast<std::size_t>(i), 'x'); };
    pass_through<std::string>(100, text,
                              [&](const std::string& s, int i) { ASSERT_EQ(s, text(i)); });
  });
}

TEST_P(chan_payload_test, every_small_size) {
  run([] {
    const auto check = []<std::size_t Size>(std::integral_constant<std::size_t, Size>) {
      using bytes = std::array<unsigned char, Size>;
      pass_through<bytes>(
          20,
          [](int i) {
            bytes b;
            b.fill(static_cast<unsigned char>(i + 1));
            return b;
          },
          [](const bytes& b, int i) {
            for (unsigned char byte : b) ASSERT_EQ(byte, i + 1);
          });
    };
    [&]<std::size_t... Sizes>(std::index_sequence<Sizes...>) {
      (check(std::integral_constant<std::size_t, Sizes + 1>()), ...);
    }
    (std::make_index_sequence<18>());
    check(std::integral_constant<std::size_t, 100>());
    check(std::integral_constant<std::size_t, 10'000>());
  });
}

struct nothing {};

TEST_P(chan_payload_test, values_without_state) {
  run([] {
    pass_through<nothing>(
        20, [](int) { return nothing{}; }, [](nothing, int) {});
    pass_through<gobench::unit>(
        20, [](int) { return gobench::unit{}; },
        [](gobench::unit u, int) { ASSERT_EQ(u, gobench::unit{}); });
  });
}

struct alignas(256) wide {
  explicit wide(int n) noexcept : value(n) { check(); }
  wide(wide&& other) noexcept : value(other.value) { check(); }
  ~wide() { check(); }
  void check() const {
    if (reinterpret_cast<std::uintptr_t>(this) % 256 != 0) std::terminate();
  }
  int value;
};

TEST_P(chan_payload_test, over_aligned) {
  run([] {
    pass_through<wide>(
        50, [](int i) { return wide(i); }, [](const wide& w, int i) { ASSERT_EQ(w.value, i); });
  });
}

// Neither default-constructible nor assignable.
struct stubborn {
  explicit stubborn(int n) : value(n) {}
  stubborn(const stubborn&) = default;
  stubborn& operator=(const stubborn&) = delete;
  const int value;
};

TEST_P(chan_payload_test, not_assignable) {
  run([] {
    pass_through<stubborn>(
        20, [](int i) { return stubborn(i); },
        [](const stubborn& s, int i) { ASSERT_EQ(s.value, i); });
  });
}

// Throws when it is the turn of the copy or move number `countdown`.
class fragile {
 public:
  explicit fragile(int n) : value(n) { ++alive; }
  fragile(const fragile& other) : value(other.value) { count(); }
  fragile(fragile&& other) : value(std::exchange(other.value, -1)) {  // NOLINT: may throw
    count();
  }
  fragile& operator=(const fragile&) = default;
  ~fragile() { --alive; }

  int value;
  static inline std::atomic<int> alive{0};
  static inline std::atomic<int> countdown{0};

 private:
  void count() {
    if (countdown > 0 && --countdown == 0) throw std::runtime_error("fragile");
    ++alive;
  }
};
static_assert(gobench::primitives::boxed<fragile>);
static_assert(!gobench::primitives::boxed<counted>);

TEST_P(chan_payload_test, values_whose_move_may_throw_pass) {
  run([] {
    pass_through<fragile>(
        50, [](int i) { return fragile(i); },
        [](const fragile& f, int i) { ASSERT_EQ(f.value, i); });
    EXPECT_EQ(fragile::alive, 0);
  });
}

// Wherever a move or copy throws, the channel works on, nothing is lost twice and nothing leaks.
TEST_P(chan_payload_test, a_move_that_throws_leaves_the_channel_as_it_was) {
  run([] {
    for (int at = 1; at <= 4; ++at) {
      for (const chan<fragile>& ch : one_of_each<fragile>()) {
        if (ch.cap() == 0) continue;
        fragile::countdown = at;
        bool sent = false;
        bool received = false;
        try {
          ch.send(fragile(1));
          sent = true;
          received = ch.recv().has_value();
        } catch (const std::runtime_error&) {
        }
        fragile::countdown = 0;
        EXPECT_EQ(ch.len(), 0U) << "thrown before it was stored, or after it was taken out";
        EXPECT_EQ(fragile::alive, 0);
        ch.send(fragile(2));
        EXPECT_EQ(ch.recv()->value, 2);
        static_cast<void>(sent && received);
      }
      EXPECT_EQ(fragile::alive, 0);
    }
  });
}

TEST_P(chan_payload_test, try_send_keeps_a_value_whose_move_may_throw) {
  run([] {
    auto ch = make_chan<fragile>(1);
    fragile first(1);
    fragile second(2);
    EXPECT_TRUE(ch.try_send(std::move(first)));
    EXPECT_FALSE(ch.try_send(std::move(second)));
    EXPECT_EQ(second.value, 2);
    ch.close();
    EXPECT_THROW(static_cast<void>(ch.try_send(std::move(second))), gobench::channel_error);
    EXPECT_EQ(second.value, 2);
    EXPECT_EQ(ch.recv()->value, 1);
  });
  EXPECT_EQ(fragile::alive, 0);
}

TEST_P(chan_payload_test, every_value_is_destroyed_once) {
  run([] {
    pass_through<counted>(
        200, [](int i) { return counted(i); },
        [](const counted& c, int i) { ASSERT_EQ(c.value, i); });
    EXPECT_EQ(counted::alive, 0);
    for (const chan<counted>& ch : one_of_each<counted>()) {
      counted value(3);
      EXPECT_EQ(ch.try_send(std::move(value)), ch.cap() != 0);
      EXPECT_FALSE(ch.cap() == 0 && value.value != 3);
      counted out(0);
      static_cast<void>(ch.try_recv(out));
    }
    EXPECT_EQ(counted::alive, 0);
  });
}

TEST_P(chan_payload_test, what_is_left_in_a_channel_is_destroyed_with_it) {
  run([] {
    for (int left : {1, 3, 5}) {
      auto ring = make_chan<counted>(5);
      auto queue = make_unbounded_chan<counted>();
      auto boxes = make_chan<fragile>(5);
      for (int i = 0; i < 3; ++i) {  // so that the ring has wrapped
        ring.send(counted(i));
        ring.recv();
      }
      for (int i = 0; i < left; ++i) ring.send(counted(i));
      for (int i = 0; i < left * 500; ++i) queue.send(counted(i));
      for (int i = 0; i < left * 100; ++i) queue.recv();
      for (int i = 0; i < left; ++i) boxes.send(fragile(i));
      EXPECT_EQ(counted::alive, left + left * 400);
      EXPECT_EQ(fragile::alive, left);
    }
    EXPECT_EQ(counted::alive, 0);
    EXPECT_EQ(fragile::alive, 0);
  });
}

TEST_P(chan_payload_test, the_end_of_the_run_destroys_what_is_on_its_way) {
  run([] {
    auto unbuffered = make_chan<counted>();
    auto full = make_chan<counted>(2);
    auto boxes = make_chan<fragile>();
    for (int i = 0; i < 2; ++i) full.send(counted(i));
    for (int i = 0; i < 3; ++i) {
      gobench::go([=] { unbuffered.send(counted(i)); });
      gobench::go([=] { full.send(counted(i)); });
      gobench::go([=] { boxes.send(fragile(i)); });
      gobench::go([=] {
        gobench::select(gobench::on_send(unbuffered, counted(i)),
                        gobench::on_send(full, counted(i)), gobench::on_send(boxes, fragile(i)));
      });
      gobench::go([=] { make_chan<counted>().recv(); });
    }
    until([&] { return waiting_senders(unbuffered) == 6 && waiting_senders(full) == 6; });
    until([&] { return waiting_senders(boxes) == 6; });
    EXPECT_GE(counted::alive, 2 + 3 + 3 + 6);
    EXPECT_GE(fragile::alive, 6);
  });
  EXPECT_EQ(counted::alive, 0);
  EXPECT_EQ(fragile::alive, 0);
}

// A channel of channels, as requests that carry their answer's channel.
TEST_P(chan_payload_test, channels_travel_through_channels) {
  run([] {
    auto requests = make_chan<chan<int>>();
    gobench::task serves = gobench::go([=] {
      int n = 0;
      for (chan<int> answer : requests) answer.send(n++);
    });
    for (int i = 0; i < 100; ++i) {
      auto answer = make_chan<int>();
      requests.send(answer);
      EXPECT_EQ(answer.recv(), std::optional(i));
    }
    requests.close();
    serves.join();
  });
}

}  // namespace
