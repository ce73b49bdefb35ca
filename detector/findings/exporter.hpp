// A form in which findings are told to others: one per file, found by its name.
//
//   const exporter_registration registered{{.name = "sarif", .about = "...", .render = render}};
//
// makes `gobench race --sarif FILE`; a further one touches no other file.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "detector/findings/collection.hpp"
#include "detector/findings/places.hpp"

namespace gobench::detector::findings {

// The run that the findings are of.
struct run_facts {
  std::string program;               // as typed
  std::vector<std::string> command;  // the program with its arguments
  std::string reproduce;             // for a shell
  std::string version;               // of gobench
  std::filesystem::path directory;   // in which it ran
  std::string started;               // RFC 3339
  std::string ended;                 // empty while it runs
  double seconds = 0;
  bool complete = false;         // the program has ended, and all that it wrote was read
  std::optional<int> exit_code;  // of the program
  std::optional<int> signal;     // that ended it
};

// Everything there is to tell. Lives as long as a call of render().
struct document {
  const collection& found;
  const run_facts& run;
  const places& where;
};

struct exporter {
  std::string name;   // of the option, without dashes
  std::string about;  // one line of its help
  // The whole content of a file, valid at any time of the run: before the end it says that it is not
  // complete, so that a run that was killed does not read as one that has found nothing.
  std::string (*render)(const document&) = nullptr;
};

struct exporter_registration {
  explicit exporter_registration(exporter made);
};

// Sorted by name.
const std::vector<exporter>& all_exporters();

// A form that is said on standard error as findings arrive, where somebody listens there.
struct announcer {
  std::string name;
  bool (*wanted)() = nullptr;  // whether somebody does
  // Lines for the `number`-th finding that is announced, from 1; empty where there is nothing to say.
  std::string (*announce)(const entry&, const places&, std::size_t number) = nullptr;
};

struct announcer_registration {
  explicit announcer_registration(announcer made);
};

const std::vector<announcer>& all_announcers();

// "new data race", with the owner and the date for those of the baseline.
std::string standing_text(const entry& one);

// "3 findings (1 new, 2 known)"
std::string tally_text(const tally& counts);

}  // namespace gobench::detector::findings
