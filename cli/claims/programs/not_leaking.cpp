// The answer that nobody wants any more goes into a buffer, and its task ends. Claim R8.
#include <gobench.hpp>

int main() {
  return gobench::run([] {
    auto answers = gobench::make_chan<int>(1);
    gobench::go([answers] { answers.send(1); }).join();
  });
}
