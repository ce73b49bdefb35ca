// The store of saved runs: whether it can be opened, and whether what is in it is whole.
#include <fmt/format.h>

#include <exception>
#include <filesystem>
#include <system_error>

#include "cli/doctor/check.hpp"
#include "results/store.hpp"

namespace gobench::cli::doctor {

std::vector<diagnosis> check_store(const sysroot& machine) {
  if (!machine.real()) return {};
  const std::filesystem::path file = results::default_store();
  std::error_code failed;
  if (file.empty() || !std::filesystem::exists(file, failed)) return {};
  diagnosis one{.name = "store"};
  std::string wrong;
  try {
    results::store kept(file);
    const std::string said = kept.integrity();
    one.found = fmt::format("{} runs in {}", kept.runs().size(), file.string());
    if (said != "ok") wrong = said;
  } catch (const std::exception& refused) {
    one.found = file.string();
    wrong = refused.what();
  }
  if (wrong.empty()) {
    one.effect = "gobench history shows what was saved with run --save; the file is whole.";
    return {one};
  }
  one.state = mark::warning;
  one.effect = fmt::format("Saved runs cannot be relied on: {}", wrong);
  if (!one.effect.ends_with('.')) one.effect += ".";
  one.advice = "Export what can be read (gobench history --export), and move the file away.";
  return {one};
}

}  // namespace gobench::cli::doctor
