// A server that answers each connection in a task of its own, and three clients of it.
#include <array>
#include <cstdio>
#include <gobench.hpp>
#include <string>

namespace {

void serve(gobench::net::tcp_listener& server) {
  for (;;) {
    gobench::go([connection = server.accept()]() mutable {
      std::array<char, 512> buffer;
      while (const std::size_t got = connection.read(buffer))
        connection.write({buffer.data(), got});
    });
  }
}

}  // namespace

int main() {
  using namespace std::chrono_literals;
  return gobench::run([] {
    auto server = gobench::net::tcp_listener::listen("127.0.0.1:0");
    const auto at = server.local_address();
    gobench::task serving = gobench::go([&server] {
      try {
        serve(server);
      } catch (const gobench::net::closed_error&) {
        // The end of the service.
      }
    });

    gobench::task_group clients;
    for (int i = 1; i <= 3; ++i) {
      clients.go([&at, i] {
        auto connection = gobench::net::tcp_stream::connect(at, 1s);
        connection.set_deadline(std::chrono::steady_clock::now() + 1s);
        connection.write("hello from client " + std::to_string(i) + "\n");
        gobench::net::buffered_reader answers(connection);
        const auto line = answers.read_until("\n");
        std::printf("%s", line ? std::string(*line).c_str() : "no answer\n");
      });
    }
    clients.wait();
    server.close();
    serving.join();
  });
}
