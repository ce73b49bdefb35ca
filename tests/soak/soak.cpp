// Random scenarios on channels for as long as wanted: scripts/soak [--seconds N] [--seed N] [--scenarios N].
//
// Each scenario is a run of its own with a seed of its own, on a random backend with a random number of
// processors. A scenario that breaks a promise, or does not end, is printed with the command that repeats it.
#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <gobench.hpp>
#include <random>
#include <string>
#include <string_view>
#include <thread>

#include "tests/soak/parcel.hpp"
#include "tests/soak/scenario.hpp"

namespace {

using std::chrono::steady_clock;

struct settings {
  std::uint64_t seconds = 120;
  std::uint64_t seed = 0;       // 0: a new one
  std::uint64_t scenarios = 0;  // 0: as many as fit
};

[[noreturn]] void usage(int code) {
  std::fputs(
      "usage: soak [--seconds N] [--seed N] [--scenarios N]\n"
      "  --seconds N    how long (default 120)\n"
      "  --seed N       of the first scenario; the next has the next number (default: a new one)\n"
      "  --scenarios N  at most so many\n",
      code == 0 ? stdout : stderr);
  std::exit(code);
}

settings parse(int argc, char** argv) {
  settings s;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--help" || option == "-h") usage(0);
    std::uint64_t* target = option == "--seconds"     ? &s.seconds
                            : option == "--seed"      ? &s.seed
                            : option == "--scenarios" ? &s.scenarios
                                                      : nullptr;
    if (target == nullptr || i + 1 == argc) usage(2);
    const char* text = argv[++i];
    const char* end = text + std::strlen(text);
    if (std::from_chars(text, end, *target).ptr != end || text == end) usage(2);
  }
  return s;
}

template <class Parcel>
void play(std::uint64_t seed, const gobench::options& how) {
  gobench::run(how, [&] { soak::scenario<Parcel>(seed).play(); });
  if (soak::alive != 0)
    throw soak::failure(std::to_string(soak::alive) + " values were never destroyed");
}

void play(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  gobench::options how;
  how.kind = random() % 4 == 0 ? gobench::backend::thread : gobench::backend::fiber;
  how.procs = 1 << random() % 4;
  how.seed = seed;
  switch (random() % 3) {
    case 0:
      return play<soak::plain_parcel>(seed, how);
    case 1:
      return play<soak::text_parcel>(seed, how);
    default:
      return play<soak::boxed_parcel>(seed, how);
  }
}

void report(std::uint64_t seed, const char* what) {
  std::fprintf(stderr,
               "soak: seed %llu: %s\n  repeat with: scripts/soak --scenarios 1 --seed %llu\n",
               static_cast<unsigned long long>(seed), what, static_cast<unsigned long long>(seed));
}

// Ends the program when a scenario takes longer than any can; a generous limit, since the machine may be busy.
class time_limit {
 public:
  void begin(std::uint64_t seed) {
    seed_ = seed;
    since_ = steady_clock::now().time_since_epoch().count();
  }
  [[noreturn]] void watch() const {
    for (;;) {
      std::this_thread::sleep_for(std::chrono::seconds(1));
      const steady_clock::duration taken(steady_clock::now().time_since_epoch().count() - since_);
      if (taken > std::chrono::minutes(2)) {
        report(seed_, "did not end within two minutes");
        std::abort();
      }
    }
  }

 private:
  std::atomic<std::uint64_t> seed_{0};
  std::atomic<steady_clock::rep> since_{steady_clock::now().time_since_epoch().count()};
};

}  // namespace

int main(int argc, char** argv) {
  settings s = parse(argc, argv);
  if (s.seed == 0) s.seed = std::random_device()() % 1'000'000'000 + 1;
  static time_limit guard;
  std::thread([] { guard.watch(); }).detach();
  const auto end = steady_clock::now() + std::chrono::seconds(s.seconds);
  std::uint64_t played = 0;
  for (; steady_clock::now() < end && (s.scenarios == 0 || played < s.scenarios); ++played) {
    const std::uint64_t seed = s.seed + played;
    guard.begin(seed);
    try {
      play(seed);
    } catch (const std::exception& e) {
      report(seed, e.what());
      return 1;
    }
  }
  std::printf("soak: %llu scenarios from seed %llu, all well\n",
              static_cast<unsigned long long>(played), static_cast<unsigned long long>(s.seed));
  return 0;
}
