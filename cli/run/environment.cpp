#include "cli/run/environment.hpp"

#include <cstdlib>
#include <new>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "cli/failure.hpp"
#include "cli/messages.hpp"
#include "runtime/run.hpp"

namespace gobench::cli::run {

std::vector<std::string> take_over_environment() {
  std::vector<std::string> ignored;
  const auto ignore = [&](const char* name, std::string sentence) {
    if (std::getenv(name) != nullptr) ignored.push_back(std::move(sentence));
    ::unsetenv(name);
  };
  ::unsetenv("GOBENCH_PROCS");
  ignore("GOBENCH_BACKEND", messages::ignored_backend());
  ignore("GOBENCH_HAND_OFF",
         messages::ignored_setting("GOBENCH_HAND_OFF", "--impl hand_off of suite hog"));
  ignore("GOBENCH_RUN_QUEUE",
         messages::ignored_setting("GOBENCH_RUN_QUEUE", "--impl global of suite run-queue"));
  try {
    runtime::check_options({});
  } catch (const std::invalid_argument& wrong) {
    throw usage_error(std::string(wrong.what()) + ".");
  }
  return ignored;
}

bool refused_by_system(const std::exception& error) {
  if (dynamic_cast<const std::system_error*>(&error) != nullptr ||
      dynamic_cast<const std::bad_alloc*>(&error) != nullptr) {
    return true;
  }
  try {
    std::rethrow_if_nested(error);
  } catch (const std::exception& cause) {
    return refused_by_system(cause);
  } catch (...) {
  }
  return false;
}

}  // namespace gobench::cli::run
