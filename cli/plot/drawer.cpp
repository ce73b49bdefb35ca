#include "cli/plot/drawer.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

#include "cli/child_process.hpp"
#include "cli/failure.hpp"
#include "cli/messages.hpp"
#include "cli/nearest.hpp"
#include "cli/plot/script.hpp"
#include "cli/scratch_folder.hpp"
#include "results/whole_file.hpp"

namespace gobench::cli::plot {

namespace {

std::optional<drawer> gnuplot() {
  if (auto found = found_on_path("gnuplot")) return drawer{"gnuplot", *found};
  return std::nullopt;
}

// The python3 of the path may be another than that of the system, which Debian's matplotlib is for.
std::optional<drawer> matplotlib() {
  for (const auto& found :
       {found_on_path("python3"), std::optional<std::string>("/usr/bin/python3")}) {
    if (!found || !std::filesystem::exists(*found)) continue;
    start_options how;
    how.path = *found;
    how.arguments = {"python3", "-c", "import matplotlib"};
    if (run_kept(how).how.code() == 0) return drawer{"matplotlib", *found};
  }
  return std::nullopt;
}

std::string last_line(const std::string& output) {
  const std::size_t end = output.find_last_not_of(" \n");
  if (end == std::string::npos) return "it said nothing";
  const std::size_t start = output.rfind('\n', end);
  const std::size_t from = start == std::string::npos ? 0 : start + 1;
  return output.substr(from, end + 1 - from);
}

}  // namespace

drawer find_drawer(const std::string& wanted, const std::string& setting) {
  const std::vector<std::string> names = {"gnuplot", "matplotlib"};
  if (!wanted.empty() && wanted != names[0] && wanted != names[1]) {
    throw usage_error(messages::bad_choice(setting, wanted, names, nearest(wanted, names)));
  }
  if (wanted != "matplotlib") {
    if (auto found = gnuplot()) return *found;
    if (wanted == "gnuplot") {
      throw environment_error(messages::cannot_draw_with(wanted, "apt-get install gnuplot-nox"));
    }
  }
  if (auto found = matplotlib()) return *found;
  throw environment_error(
      wanted.empty() ? messages::nothing_to_draw_with()
                     : messages::cannot_draw_with(wanted, "apt-get install python3-matplotlib"));
}

std::string script_for(const drawer& with, const picture& shown, const std::string& file) {
  return with.name == "gnuplot" ? gnuplot_script(shown, file) : matplotlib_script(shown, file);
}

void draw(const drawer& with, const picture& shown, const std::string& file) {
  try {
    results::whole_file target(file);  // refused before anything is drawn
    const scratch_folder scratch("gobench-plot");
    const std::string drawn =
        scratch.path() / (file.ends_with(".svg") ? "picture.svg" : "picture.png");
    const std::string script = scratch.path() / "script";
    std::ofstream(script, std::ios::binary) << script_for(with, shown, drawn);
    start_options how;
    how.path = with.program;
    how.arguments = {with.name == "gnuplot" ? "gnuplot" : "python3", script};
    const kept_run done = run_kept(how);
    std::ifstream in(drawn, std::ios::binary);
    const std::string picture{std::istreambuf_iterator<char>(in), {}};
    if (done.how.code() != 0 || picture.empty()) {
      throw environment_error(messages::drawing_failed(with.name, last_line(done.output)));
    }
    target.replace(picture);
  } catch (const std::system_error& refused) {
    throw environment_error(messages::cannot_write(refused.what()));
  }
}

}  // namespace gobench::cli::plot
