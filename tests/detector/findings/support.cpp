#include "tests/detector/findings/support.hpp"

#include <algorithm>
#include <stdexcept>

namespace gobench::detector::findings::testing {

using json = nlohmann::ordered_json;

namespace {

json frame_at(const std::string& function, const std::string& file, int line, int column = 0) {
  return {{"function", function}, {"file", file},       {"line", line},    {"column", column},
          {"module", "app"},      {"offset", "0x1234"}, {"inlined", false}};
}

}  // namespace

json some_race(const std::string& fingerprint) {
  const json start = json::array({frame_at("main", "/shop/src/main.cpp", 40, 7)});
  const json lock = {{"name", "M1"},
                     {"variable", "guard"},
                     {"address", "0x7f00"},
                     {"mode", "exclusive"},
                     {"stack", json::array({frame_at("look", "/shop/src/look.cpp", 5)})}};
  return {{"kind", "data-race"},
          {"type", "race"},
          {"message", "data race on counter"},
          {"fingerprint", fingerprint},
          {"suppressed_by", nullptr},
          {"accesses",
           {{{"op", "write"},
             {"size", 4},
             {"address", "0x1000"},
             {"task", {{"id", 2}, {"name", "worker"}, {"kind", "thread"}, {"born", start}}},
             {"stack",
              json::array({frame_at("std::atomic<int>::store", "/usr/include/c++/12/atomic", 99),
                           frame_at("count(int)", "/shop/src/count.cpp", 12, 3),
                           frame_at("worker", "/shop/src/main.cpp", 20, 5)})},
             {"locks", json::array()}},
            {{"op", "read"},
             {"size", 4},
             {"address", "0x1000"},
             {"task", {{"id", 3}, {"name", ""}, {"kind", "fiber"}, {"born", start}}},
             {"stack", json::array({frame_at("look", "/shop/src/look.cpp", 6, 1)})},
             {"locks", json::array({lock})}}}},
          {"object",
           {{"kind", "heap"},
            {"description", "heap block of 40 bytes"},
            {"name", ""},
            {"size", 40},
            {"offset", 8},
            {"stack", json::array({frame_at("make", "/shop/src/main.cpp", 33)})},
            {"task", 1}}},
          {"advice", "Take the mutex guard around both accesses."},
          {"time", "2026-11-25T08:00:00.123Z"},
          {"pid", 4711}};
}

std::string line_of(const json& one) { return one.dump(); }

run_facts some_run(bool complete) {
  run_facts run{.program = "./app",
                .command = {"./app", "8"},
                .reproduce = "gobench race ./app 8",
                .version = "0.1.0",
                .directory = "/shop/build",
                .started = "2026-11-25T08:00:00Z",
                .ended = {},
                .seconds = 1.5,
                .complete = complete,
                .exit_code = {},
                .signal = {}};
  if (complete) {
    run.ended = "2026-11-25T08:00:02Z";
    run.exit_code = 0;
  }
  return run;
}

std::string rendered(const std::string& name, const collection& found, const run_facts& run) {
  const places where("/shop/build", "/shop");
  const auto& all = all_exporters();
  const auto form = std::ranges::find(all, name, &exporter::name);
  if (form == all.end()) throw std::invalid_argument("there is no exporter " + name);
  return form->render({found, run, where});
}

baseline accepting(const std::string& fingerprint, const std::string& expires) {
  const json document = {{"version", 1},
                         {"findings",
                          {{{"fingerprint", fingerprint},
                            {"kind", "data-race"},
                            {"owner", "net team"},
                            {"expires", expires},
                            {"reason", "ticket 812"}}}}};
  return baseline::parse(document.dump(), "baseline.json");
}

}  // namespace gobench::detector::findings::testing
