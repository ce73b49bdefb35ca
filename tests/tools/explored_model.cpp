// Behaves as a program under exploration does, seen from outside: it takes its schedule from GOBENCH_EXPLORE, decides by
// the real strategies, and leaves a log and findings. What it "does" is a model (tests/detector/exploration/model.hpp), so that
// the command line is tested in a build without the detector, and in no time.
#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <string>

#include "detector/explore/log.hpp"
#include "tests/detector/exploration/model.hpp"

namespace {

namespace explore = gobench::detector::explore;
using model::operation;

std::map<std::string, std::string> options_in(const char* variable) {
  std::map<std::string, std::string> made;
  const char* set = std::getenv(variable);
  std::string text = set == nullptr ? "" : set;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t equals = text.find('=', at);
    if (equals == std::string::npos) break;
    const std::string name = text.substr(at, equals - at);
    at = equals + 1;
    char stop = ':';
    if (text[at] == '"' || text[at] == '\'') stop = text[at++];
    const std::size_t end = std::min(text.find(stop, at), text.size());
    made[name] = text.substr(at, end - at);
    at = end + 1;
    if (stop != ':') ++at;
  }
  return made;
}

std::vector<model::step> nested(std::uint64_t outer, std::uint64_t inner) {
  return {{operation::atomic_update, 3, 1}, {operation::lock, outer, 1},
          {operation::lock, inner, 1},      {operation::unlock, inner, 1},
          {operation::unlock, outer, 1},    {operation::atomic_update, 3, 1}};
}

std::string finding(const std::string& kind, const std::string& fingerprint) {
  return R"({"kind":")" + kind + R"(","type":")" + kind + R"(","message":")" + kind +
         R"( told","fingerprint":")" + fingerprint +
         R"(","suppressed_by":null,"accesses":[],"object":null,"time":")" +
         std::to_string(::getpid()) + R"(","pid":)" + std::to_string(::getpid()) + "}";
}

void write_log(const std::string& file, const model::schedule_log& log) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  explore::log_header header = log.header;
  std::memcpy(header.magic, explore::log_magic, sizeof header.magic);
  header.version = explore::log_version;
  header.record_size = sizeof(explore::log_record);
  header.count = log.records.size();
  out.write(reinterpret_cast<const char*>(&header), sizeof header);
  out.write(reinterpret_cast<const char*>(log.records.data()),
            static_cast<std::streamsize>(log.records.size() * sizeof(explore::log_record)));
}

// Whether thread 2 came between the two first steps of thread 1.
bool interrupted(const model::schedule_log& log) {
  std::size_t of_first = 0;
  for (const auto& one : log.records) {
    if (one.thread == 2) return of_first == 1;
    if (one.thread == 1) ++of_first;
  }
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "fine";
  const auto options = options_in("GOBENCH_EXPLORE");
  const auto checks = options_in("GOBENCH_RACE");
  if (!options.contains("log") || what == "unexplored") {
    std::cerr << "not explored\n";
    return 0;
  }
  const std::string follow = options.contains("follow") ? options.at("follow") : "";
  const auto decides = explore::make_strategy(
      {.strategy = options.at("strategy"),
       .seed = std::stoull(options.at("seed")),
       .schedule = std::stoull(options.at("schedule")),
       .length = options.contains("length") ? std::stoull(options.at("length")) : 0,
       .follow = follow.c_str()});
  if (!decides) return 99;
  std::ofstream findings(checks.at("findings"), std::ios::app);
  findings << R"({"event":"start","pid":)" << ::getpid() << "}\n";

  model::program program{{nested(1, 2), nested(1, 2), nested(1, 2)}};
  if (what == "deadlock") program.threads[1] = nested(2, 1);
  if (what == "never")
    program.threads = {std::vector<model::step>(3, {operation::atomic_update, 1, 1})};
  model::schedule_log log = model::run(program, *decides);
  if (what == "random") log.records.front().object = static_cast<std::uint64_t>(::getpid());
  if (argc > 2) {  // a file that gets a line for each schedule
    const std::string line = options.at("strategy") + " " + options.at("schedule") + " " +
                             std::to_string(options.size()) + " " +
                             std::to_string(std::strlen(std::getenv("GOBENCH_EXPLORE")) +
                                            std::strlen(std::getenv("GOBENCH_RACE"))) +
                             " " + model::order_of(log) + "\n";
    const int fd = ::open(argv[2], O_WRONLY | O_APPEND | O_CREAT, 0666);
    if (fd < 0 || ::write(fd, line.data(), line.size()) < 0) return 98;
    ::close(fd);
  }
  write_log(options.at("log"), log);
  std::cerr << "it ran\n";
  if (model::deadlocked(log)) {
    if (what == "deadlock") findings << finding("deadlock", "d1") << "\n";
    return 66;
  }
  if (what == "race") findings << finding("data-race", "r1") << "\n";
  if (what == "exit" && interrupted(log)) {
    std::cerr << "Error: 17 is not 18\n";
    return 3;
  }
  if (what == "crash" && interrupted(log)) {
    std::cerr << "app: app.cpp:5: Assertion `balance == 7' failed.\n";
    std::abort();
  }
  if (what == "two") {
    if (interrupted(log)) findings << finding("data-race", "r1") << "\n";
    findings << finding("misuse", "m1") << "\n";
  }
  return 0;
}
