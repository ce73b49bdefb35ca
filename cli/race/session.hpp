// One run of a program under the detector: `gobench race`.
//
// The program and whatever it starts append what they find to one file, line by line. While they run, the
// file is followed, and after every finding each output is replaced as a whole: killing this process, the
// program or both loses nothing that was found until then.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "cli/child_process.hpp"
#include "cli/command.hpp"
#include "cli/race/report_files.hpp"
#include "cli/race/request.hpp"
#include "cli/scratch_folder.hpp"
#include "detector/findings/collection.hpp"
#include "detector/findings/exporter.hpp"
#include "detector/findings/follower.hpp"
#include "detector/findings/places.hpp"

namespace gobench::cli::race {

// Runs `how` with a fresh file for its findings and the options in `detector`, and hands each line of it to
// `found` as it arrives; `news` is called after the lines of one reading. Throws environment_error when
// the program cannot be started or there is no place for the file.
struct checked_run {
  ending how;
  bool cut_off = false;           // the last line was not whole
  std::size_t still_running = 0;  // processes in which the detector runs on
};
checked_run run_checked(start_options how, std::map<std::string, std::string> detector,
                        detector::findings::collection& found, const std::function<void()>& news);

class session {
 public:
  session(const request& asked, const surroundings& around);

  // Returns the exit code.
  int perform();

 private:
  detector::findings::document told() const { return {found_, facts_, places_}; }
  // Whether no detector has said anything, so that silence means nothing.
  bool nothing_checked() const;
  void announce();
  void conclude(const checked_run& run);
  std::size_t update_baseline();
  void say(const std::string& sentence) const;
  void note(const std::string& sentence) const;

  request asked_;
  const surroundings& around_;
  detector::findings::collection found_;
  detector::findings::run_facts facts_;
  detector::findings::places places_;
  report_files files_;
  std::size_t announced_ = 0;      // entries that announcers have been told of
  std::size_t announcements_ = 0;  // what they made of them
  std::string trouble_;            // with an output
};

}  // namespace gobench::cli::race
