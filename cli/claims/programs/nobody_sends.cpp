// A task receives from a channel to which nobody is left to send. Claim R3.
#include <gobench.hpp>

int main() {
  return gobench::run([] {
    auto numbers = gobench::make_chan<int>();
    gobench::go([numbers] { numbers.recv(); }).join();
  });
}
