// Writes a trace in the STD format to standard output; scripts/make-trace builds and runs it.
//
// usage: make_trace [NAME=NUMBER...], names as below
#include <charconv>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "tests/detector/offline/trace_maker.hpp"

namespace {

struct wish {
  std::uint64_t seed = 1;
  std::uint64_t locations = 1000;  // different ones
  unsigned clean = 0;
  trace_maker::shape shape{.threads = 16,
                           .locks = 64,
                           .variables = 4096,
                           .events = 10'000'000,
                           .lock_share = 300,
                           .fork_share = 0,
                           .write_share = 300,
                           .guarded_share = 1000};
};

template <class Number>
bool number_from(std::string_view text, Number& to) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), to);
  return error == std::errc() && end == text.data() + text.size();
}

bool set(wish& to, std::string_view argument) {
  const std::size_t at = argument.find('=');
  if (at == std::string_view::npos) return false;
  const std::string_view name = argument.substr(0, at);
  const std::string_view text = argument.substr(at + 1);
  if (name == "events") return number_from(text, to.shape.events);
  if (name == "threads") return number_from(text, to.shape.threads) && to.shape.threads > 0;
  if (name == "locks") return number_from(text, to.shape.locks);
  if (name == "variables") return number_from(text, to.shape.variables) && to.shape.variables > 0;
  if (name == "lock_share") return number_from(text, to.shape.lock_share);
  if (name == "fork_share") return number_from(text, to.shape.fork_share);
  if (name == "write_share") return number_from(text, to.shape.write_share);
  if (name == "guarded_share") return number_from(text, to.shape.guarded_share);
  if (name == "clean") return number_from(text, to.clean);
  if (name == "locations") return number_from(text, to.locations) && to.locations > 0;
  if (name == "seed") return number_from(text, to.seed);
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  wish asked;
  for (int i = 1; i < argc; ++i) {
    if (set(asked, argv[i])) continue;
    std::fprintf(
        stderr,
        "make-trace does not understand %s; it takes NAME=NUMBER with the names events, threads, "
        "locks, variables, lock_share, fork_share, write_share, guarded_share (of 1000), "
        "clean (0 or 1), locations and seed.\n",
        argv[i]);
    return 2;
  }
  asked.shape.clean = asked.clean != 0;
  trace_maker::maker from(asked.shape, asked.seed);
  trace_maker::step one{};
  std::string text;
  for (std::uint64_t made = 0; from.next(one); ++made) {
    text += trace_maker::line_of(one, made * 7919 % asked.locations);
    if (text.size() < 64 * 1024) continue;
    if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) break;
    text.clear();
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return 0;
  std::fprintf(stderr, "The trace cannot be written: %s; make room or choose another place.\n",
               std::strerror(errno));
  return 4;
}
