#include "cli/race/self_test.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <system_error>

#include "cli/child_process.hpp"
#include "cli/command_line.hpp"
#include "cli/cxx/driver.hpp"
#include "cli/failure.hpp"
#include "cli/race/messages.hpp"
#include "cli/race/session.hpp"

namespace gobench::cli::race {

namespace {

namespace findings = detector::findings;

// Two threads add to a counter, with a lock when there is an argument. Each adds once and they need not
// overlap: nothing orders the two additions, whenever they happen.
constexpr const char* source = R"(#include <pthread.h>

static long counter = 0;
static bool locked = false;
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;

static void* add(void*) {
  if (locked) pthread_mutex_lock(&guard);
  counter = counter + 1;
  if (locked) pthread_mutex_unlock(&guard);
  return nullptr;
}

int main(int argc, char**) {
  locked = argc > 1;
  pthread_t one, other;
  if (pthread_create(&one, nullptr, add, nullptr) != 0) return 2;
  if (pthread_create(&other, nullptr, add, nullptr) != 0) return 2;
  pthread_join(one, nullptr);
  pthread_join(other, nullptr);
  return counter >= 1 && counter <= 2 ? 0 : 1;
}
)";

void build(const std::filesystem::path& folder) {
  const cxx::compiler with = cxx::find_compiler();
  const cxx::check_library library = cxx::find_library();
  const std::string file = (folder / "self_test.cpp").string();
  const std::string program = (folder / "self_test").string();
  std::ofstream out(file);
  out << source;
  out.close();
  if (!out) throw environment_error(messages::self_test_no_place(file));
  const cxx::arguments asked = cxx::understand({"-g", "-O1", file, "-o", program});
  for (const cxx::call& one : cxx::plan(asked, with, library, folder.string())) {
    kept_run made;
    try {
      made = run_kept({.path = one.front(), .arguments = one, .environment = {}, .directory = {}});
    } catch (const std::system_error& refused) {
      throw environment_error(messages::self_test_not_compiled(refused.what(), ""));
    }
    if (made.how.code() != 0) {
      throw environment_error(messages::self_test_not_compiled(quoted(one), made.output));
    }
  }
}

findings::collection run(const std::filesystem::path& folder, const char* what, bool locked) {
  findings::collection found;
  const std::string said = (folder / "said").string();
  const int out = ::open(said.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  start_options how;
  how.path = (folder / "self_test").string();
  how.arguments = {how.path};
  if (locked) how.arguments.emplace_back("locked");
  how.out = out;
  how.err = out;
  std::optional<checked_run> made;
  try {
    made = run_checked(how, {{"exitcode", "0"}}, found, [] {});
  } catch (...) {
    if (out >= 0) ::close(out);
    throw;
  }
  if (out >= 0) ::close(out);
  if (made->how.code() != 0) {
    std::ifstream in(said);
    const std::string words{std::istreambuf_iterator<char>(in), {}};
    throw bug(messages::self_test_failed_to_run(what, words));
  }
  if (found.processes().empty()) throw environment_error(messages::self_test_not_started(what));
  return found;
}

}  // namespace

int self_test(const surroundings& around) {
  const auto start = std::chrono::steady_clock::now();
  std::optional<scratch_folder> folder;
  try {
    folder.emplace("gobench-self-test");
  } catch (const std::system_error& refused) {
    throw environment_error(messages::self_test_no_place(refused.what()));
  }
  build(folder->path());
  const findings::collection racy = run(folder->path(), "program with a race", false);
  const bool seen = std::ranges::any_of(
      racy.entries(), [](const findings::entry& one) { return one.what.kind == "data-race"; });
  if (!seen) throw bug(messages::self_test_silent());
  const findings::collection twin = run(folder->path(), "program without a race", true);
  if (twin.counts().all() > 0) {
    throw bug(messages::self_test_false_alarm(twin.entries().front().what.message));
  }
  if (!around.quiet) {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::cout << messages::self_test_passed(took.count()) << std::endl;
  }
  return 0;
}

}  // namespace gobench::cli::race
