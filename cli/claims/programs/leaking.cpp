// A task waits for an answer that nobody wants any more, when the program ends. Claim R8.
#include <chrono>
#include <gobench.hpp>

int main() {
  return gobench::run([] {
    auto answers = gobench::make_chan<int>();
    gobench::go([answers] { answers.send(1); });  // the receiver has given up by then
    gobench::sleep_for(std::chrono::milliseconds(20));
  });
}
