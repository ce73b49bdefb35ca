// A channel is closed while another task may still send to it; in this run both go well. Claim R6.
#include <gobench.hpp>

int main() {
  return gobench::run([] {
    auto numbers = gobench::make_chan<int>(1);
    auto sender = gobench::go([numbers] {
      try {
        numbers.send(1);
      } catch (const gobench::channel_error&) {
      }
    });
    numbers.close();
    sender.join();
  });
}
