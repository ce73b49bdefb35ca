#include <sys/socket.h>

#include <array>
#include <atomic>
#include <chrono>
#include <numeric>
#include <string>
#include <vector>

#include "tests/primitives/on_backends.hpp"

using namespace std::chrono_literals;
namespace net = gobench::net;

namespace {

auto in(std::chrono::milliseconds d) { return std::chrono::steady_clock::now() + d; }

void echo(net::stream& on) {
  std::array<char, 256> buffer;
  while (const std::size_t got = on.read(buffer)) on.write({buffer.data(), got});
}

std::string answer(net::stream& on, std::string_view question) {
  on.write(question);
  std::string text(question.size(), '\0');
  text.resize(on.read_full(std::span(text)));
  return text;
}

// What code() the call fails with, and the sentence.
template <class Call>
std::pair<std::error_code, std::string> failure_of(Call call) {
  try {
    call();
  } catch (const std::system_error& error) {
    return {error.code(), error.what()};
  }
  return {};
}

class net_test : public on_backends {};
GOBENCH_ON_BACKENDS(net_test);

}  // namespace

TEST_P(net_test, tcp_echo) {
  run([] {
    for (const char* at : {"127.0.0.1:0", "localhost:0", "[::1]:0", ":0"}) {
      net::tcp_listener server;
      try {
        server = net::tcp_listener::listen(at);
      } catch (const std::system_error&) {
        ASSERT_EQ(std::string_view(at), "[::1]:0");  // there may be no IPv6 here
        continue;
      }
      const net::address here = server.local_address();
      EXPECT_NE(here.port(), 0);
      gobench::task serving = gobench::go([&] {
        net::tcp_stream one = server.accept();
        EXPECT_EQ(one.local_address().port(), here.port());
        echo(one);
      });
      auto client = at[0] == ':' ? net::tcp_stream::connect(net::address::loopback(here.port()))
                                 : net::tcp_stream::connect(here, 5s);
      EXPECT_EQ(client.peer_address().port(), here.port());
      client.set_no_delay(false);
      EXPECT_EQ(answer(client, "hello"), "hello");
      client.shutdown_write();
      std::array<char, 1> rest;
      EXPECT_EQ(client.read(rest), 0U);
      serving.join();
    }
  });
}

TEST_P(net_test, unix_echo_by_path_by_abstract_name_and_as_a_pair) {
  const std::string path = ::testing::TempDir() + "gobench_net_" + std::to_string(::getpid());
  run([&] {
    for (const std::string& name : {path, "@gobench-test-" + std::to_string(::getpid())}) {
      auto server = net::unix_listener::listen(name);
      EXPECT_EQ(server.path(), name);
      gobench::task serving = gobench::go([&] {
        net::unix_stream one = server.accept();
        echo(one);
      });
      auto client = net::unix_stream::connect(name, 5s);
      EXPECT_EQ(answer(client, "hello"), "hello");
      client.close();
      serving.join();
      server.close();
      const auto [code, text] = failure_of([&] { net::unix_stream::connect(name); });
      EXPECT_TRUE(code == std::errc::no_such_file_or_directory ||
                  code == std::errc::connection_refused);
      EXPECT_NE(text.find("connecting to " + name), std::string::npos) << text;
    }
    auto [a, b] = net::unix_stream::pair();
    gobench::task serving = gobench::go([&b = b] { echo(b); });
    EXPECT_EQ(answer(a, "hello"), "hello");
    a.shutdown_write();
    serving.join();
  });
}

TEST_P(net_test, many_connections_at_once) {
  run([] {
    auto server = net::tcp_listener::listen("127.0.0.1:0");
    gobench::task serving = gobench::go([&] {
      try {
        for (;;) gobench::go([one = server.accept()]() mutable { echo(one); });
      } catch (const net::closed_error&) {
      }
    });
    const auto at = server.local_address();
    together({.tasks = 24, .threads = 2}, [&](int number) {
      auto client = net::tcp_stream::connect(at, 10s);
      for (int i = 0; i < 5; ++i) {
        const std::string text = std::to_string(number) + ":" + std::to_string(i);
        EXPECT_EQ(answer(client, text), text);
      }
    });
    server.close();
    serving.join();
  });
}

TEST_P(net_test, a_big_transfer_to_a_slow_reader_is_whole) {
  run([] {
    auto [from, to] = net::unix_stream::pair();
    constexpr std::size_t size = 3'000'000;
    std::atomic<std::size_t> written{0};
    // Two writers: neither write is interrupted by the other.
    std::vector<gobench::task> writers;
    for (const char letter : {'a', 'b'}) {
      writers.push_back(gobench::go([&, letter, &from = from] {
        from.write(std::string(size, letter));
        written.fetch_add(size);
      }));
    }
    std::string got;
    std::vector<char> buffer(100'000);
    gobench::sleep_for(2ms);
    EXPECT_EQ(written.load(), 0U);
    while (got.size() < 2 * size) {
      const std::size_t some = to.read(buffer);
      ASSERT_NE(some, 0U);
      got.append(buffer.data(), some);
    }
    for (gobench::task& one : writers) one.join();
    const char first = got.front();
    EXPECT_EQ(got.find_first_not_of(first), size);
    EXPECT_EQ(got.find(first, size), std::string::npos);
  });
}

TEST_P(net_test, deadlines) {
  run([] {
    auto [a, b] = net::unix_stream::pair();
    std::array<char, 8> buffer;
    a.set_read_deadline(in(3ms));
    EXPECT_THROW(a.read(buffer), net::timeout_error);
    EXPECT_THROW(a.read(buffer), net::timeout_error);
    a.write("the other direction has none");
    a.set_write_deadline(in(-1ms));
    const auto [code, text] = failure_of([&a = a] { a.write("late"); });
    EXPECT_EQ(code, std::errc::timed_out);
    EXPECT_NE(text.find("the deadline has passed"), std::string::npos) << text;
    // A writer that waits for room.
    const std::string much(1'000'000, 'x');
    b.write("at least this");
    b.set_deadline(std::chrono::system_clock::now() + 5ms);
    EXPECT_THROW(b.write(much), net::timeout_error);
    a.set_deadline(net::no_deadline);
    EXPECT_EQ(a.read(buffer), buffer.size());

    auto server = net::tcp_listener::listen("127.0.0.1:0");
    server.set_deadline(in(2ms));
    EXPECT_THROW(server.accept(), net::timeout_error);
    EXPECT_THROW(net::tcp_stream::connect(server.local_address(), gobench::steady_time::min()),
                 net::timeout_error);
  });
}

TEST_P(net_test, connect_waits_for_a_place_no_longer_than_it_may) {
  run([] {
    const std::string name = "@gobench-full-" + std::to_string(::getpid());
    auto server = net::unix_listener::listen(name, 0);
    std::vector<net::unix_stream> waiting;
    const auto fill = [&] {
      for (int i = 0; i < 10; ++i) waiting.push_back(net::unix_stream::connect(name, 3ms));
    };
    EXPECT_THROW(fill(), net::timeout_error);
    gobench::task late =
        gobench::go([&] { waiting.push_back(net::unix_stream::connect(name, 10s)); });
    gobench::sleep_for(2ms);
    net::unix_stream accepted = server.accept();
    late.join();
    EXPECT_TRUE(waiting.back().is_open());
  });
}

TEST_P(net_test, close_ends_what_waits) {
  run([] {
    auto server = net::tcp_listener::listen("127.0.0.1:0");
    auto [a, silent] = net::unix_stream::pair();
    auto [b, deaf] = net::unix_stream::pair();
    gobench::task_group waiting;
    for (int i = 0; i < 2; ++i) {
      waiting.go([&] { EXPECT_THROW(server.accept(), net::closed_error); });
      waiting.go([&a = a] {
        std::array<char, 1> byte;
        EXPECT_THROW(a.read(byte), net::closed_error);
      });
      waiting.go(
          [&b = b] { EXPECT_THROW(b.write(std::string(1'000'000, 'x')), net::closed_error); });
    }
    gobench::sleep_for(2ms);
    server.close();
    b.close();
    a.close();
    waiting.wait();
    const auto [code, text] = failure_of([&a = a] { a.write("x"); });
    EXPECT_EQ(code, std::errc::bad_file_descriptor);
    EXPECT_FALSE(a.is_open());
    EXPECT_THROW(a.shutdown_read(), net::closed_error);
    a.set_deadline(in(1ms));
    a.close();
  });
}

TEST_P(net_test, half_closed_streams) {
  run([] {
    auto [a, b] = net::unix_stream::pair();
    std::array<char, 8> buffer;
    a.write("last");
    a.shutdown_write();
    EXPECT_EQ(b.read_full(buffer), 4U);
    EXPECT_EQ(b.read(buffer), 0U);
    EXPECT_EQ(failure_of([&a = a] { a.write("more"); }).first, std::errc::broken_pipe);
    b.write("answer");
    EXPECT_EQ(a.read(buffer), 6U);
    b.close();
    EXPECT_EQ(a.read(buffer), 0U);
    EXPECT_EQ(a.read(std::span<char>()), 0U);
  });
}

TEST_P(net_test, the_end_of_the_run_closes_and_unwinds) {
  std::atomic<int> begun{0};
  std::atomic<int> unwound{0};
  net::tcp_listener outlives;
  net::unix_stream far;
  run([&] {
    outlives = net::tcp_listener::listen("127.0.0.1:0");
    struct counts {
      counts(std::atomic<int>& before, std::atomic<int>& after) : to(&after) {
        before.fetch_add(1);
      }
      ~counts() { to->fetch_add(1); }
      counts(const counts&) = delete;
      counts& operator=(const counts&) = delete;
      std::atomic<int>* to;
    };
    for (int i = 0; i < 3; ++i) {
      gobench::go([&] {
        const counts counted(begun, unwound);
        outlives.accept();
      });
    }
    auto [a, b] = net::unix_stream::pair();
    gobench::go([&begun, &unwound, one = std::move(a)]() mutable {
      const counts counted(begun, unwound);
      std::array<char, 1> byte;
      one.read(byte);
    });
    auto [c, d] = net::unix_stream::pair();
    far = std::move(d);
    gobench::go([&begun, &unwound, one = std::move(c)]() mutable {
      const counts counted(begun, unwound);
      one.write(std::string(1'000'000, 'x'));
    });
    while (begun.load() < 5) gobench::yield();
    gobench::sleep_for(1ms);
  });
  EXPECT_EQ(unwound.load(), 5);
  run([&] {
    gobench::task client =
        gobench::go([&] { net::tcp_stream::connect(outlives.local_address(), 5s); });
    EXPECT_TRUE(outlives.accept().is_open());
    client.join();
  });
}

TEST_P(net_test, errors_say_what_was_being_done) {
  run([] {
    net::address nobody;
    {
      auto server = net::tcp_listener::listen("127.0.0.1:0");
      nobody = server.local_address();
      EXPECT_EQ(failure_of([&] { net::tcp_listener::listen(nobody); }).first,
                std::errc::address_in_use);
    }
    const auto [code, text] = failure_of([&] { net::tcp_stream::connect(nobody, 5s); });
    EXPECT_EQ(code, std::errc::connection_refused);
    EXPECT_EQ(text, "connecting to " + nobody.to_string() + ": Connection refused");
    EXPECT_EQ(failure_of([] { net::unix_listener::listen(std::string(108, 'x')); }).first,
              std::errc::filename_too_long);
    EXPECT_EQ(failure_of([] { net::unix_stream::connect(""); }).first, std::errc::invalid_argument);
    for (const char* bad : {"127.0.0.1", "1.2.3:4:5", "[::1:80", "host:", ""})
      EXPECT_THROW(net::resolve(bad), std::invalid_argument) << bad;
    EXPECT_NE(failure_of([] {
                net::resolve("127.0.0.1:no-such-service");
              }).second.find("looking up '127.0.0.1:no-such-service'"),
              std::string::npos);
    net::tcp_stream none;
    std::array<char, 1> byte;
    EXPECT_THROW(none.read(byte), net::closed_error);
    EXPECT_THROW(net::tcp_listener().accept(), net::closed_error);
    EXPECT_FALSE(none.is_open());
  });
}

// A fiber that waits for the network leaves its processor to others.
TEST_P(net_test, waiting_holds_no_processor) {
  run([] {
    auto [a, b] = net::unix_stream::pair();
    gobench::task reader = gobench::go([&a = a] {
      std::array<char, 1> byte;
      EXPECT_EQ(a.read(byte), 1U);
    });
    auto ch = gobench::make_chan<int>();
    gobench::task other = gobench::go([&] {
      for (int i = 0; i < 100; ++i) ch.send(i);
    });
    for (int i = 0; i < 100; ++i) EXPECT_EQ(ch.recv(), i);
    other.join();
    b.write("x");
    reader.join();
  });
}

TEST_P(net_test, lines_are_read_through_a_buffer) {
  run([] {
    auto [a, b] = net::unix_stream::pair();
    net::buffered_reader lines(b, 16);
    a.write("one\r\ntwo\r\n");
    EXPECT_EQ(lines.read_until("\r\n"), "one\r\n");
    EXPECT_EQ(lines.read_until("\r\n"), "two\r\n");
    gobench::task writer = gobench::go([&a = a] {
      for (const char one : std::string_view("three\r\nrest")) a.write({&one, 1});
      a.write(" 0123456789 too long");
    });
    EXPECT_EQ(lines.read_until("\r\n"), "three\r\n");
    std::array<char, 4> rest;
    EXPECT_EQ(lines.read_full(rest), 4U);
    EXPECT_EQ(std::string_view(rest.data(), 4), "rest");
    EXPECT_EQ(failure_of([&] { lines.read_until("\n"); }).first, std::errc::message_size);
    writer.join();
    a.close();
    std::array<char, 100> more;
    EXPECT_EQ(lines.read_full(more), 20U);
    EXPECT_EQ(lines.read_until("\n"), std::nullopt);

    auto [c, d] = net::unix_stream::pair();
    c.write("no end");
    c.close();
    net::buffered_reader cut(d);
    EXPECT_THROW(cut.read_until("\n"), net::end_error);
  });
}

TEST(net_address, is_read_and_written) {
  EXPECT_EQ(net::address("127.0.0.1:80"), net::address::loopback(80));
  EXPECT_EQ(net::address("[::1]:443"), net::address::loopback_v6(443));
  EXPECT_FALSE(net::address("127.0.0.1:80") == net::address("127.0.0.1:81"));
  EXPECT_EQ(net::address("[::1]:443").to_string(), "[::1]:443");
  EXPECT_EQ(net::address().to_string(), "-");
  EXPECT_EQ(net::address("1.2.3.4:0").port(), 0);
  for (const char* bad : {"1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:-1", "1.2.3:80",
                          "::1:80", "[::1]", "[::1:80", "[1.2.3.4]:80", "localhost:80", "", ":"})
    EXPECT_THROW(net::address{bad}, std::invalid_argument) << bad;
}
