#include "suites/peers/go_program.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <system_error>

#include "suites/peers/command.hpp"
#include "suites/peers/peer.hpp"

namespace gobench::suites::peers {

namespace {

namespace fs = std::filesystem;

// What must not come from the user's settings: another module, a download, another target.
variables go_environment() {
  variables made = {
      {"GOENV", "off"},         {"GOFLAGS", ""},      {"GOWORK", "off"},    {"GO111MODULE", "on"},
      {"GOTOOLCHAIN", "local"}, {"GOPROXY", "off"},   {"CGO_ENABLED", "0"}, {"GOOS", ""},
      {"GOARCH", ""},           {"GOEXPERIMENT", ""}, {"GODEBUG", ""}};
  return made;
}

std::optional<std::string> variable(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr || *text == '\0') return std::nullopt;
  return text;
}

fs::path cache() {
  if (const auto xdg = variable("XDG_CACHE_HOME")) return fs::path(*xdg) / "gobench";
  if (const auto home = variable("HOME")) return fs::path(*home) / ".cache" / "gobench";
  return fs::temp_directory_path() / fmt::format("gobench-{}", ::getuid());
}

// FNV-1a: names a folder, protects nothing.
std::uint64_t hash_of(std::string_view version) {
  std::uint64_t hash = 14695981039346656037U;
  const auto add = [&hash](std::string_view text) {
    for (const char c : text) {
      hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    }
    hash = (hash ^ 0xffU) * 1099511628211U;
  };
  add(version);
  for (const source_file& one : go_sources()) {
    add(one.name);
    add(one.text);
  }
  return hash;
}

// The language version in go.mod decides which of its old behaviours a newer Go keeps: it is that of the
// installed one, so that Go is measured as it is now. "go1.26.8" -> "1.26"
std::string language_of(const std::string& version) {
  const std::size_t minor = version.find_first_not_of("0123456789", 2);
  const std::size_t end =
      minor == std::string::npos ? minor : version.find_first_not_of("0123456789", minor + 1);
  return version.substr(2, end == std::string::npos ? end : end - 2);
}

void write_sources(const fs::path& folder, const std::string& version) {
  fs::create_directories(folder);
  const auto write = [&folder](std::string_view name, std::string_view text) {
    std::ofstream out(folder / name, std::ios::binary | std::ios::trunc);
    out << text << std::flush;
    if (!out) {
      throw std::system_error(errno, std::generic_category(), (folder / name).string());
    }
  };
  write("go.mod", fmt::format("module gobench.peer\n\ngo {}\n", language_of(version)));
  for (const source_file& one : go_sources()) write(one.name, one.text);
}

fs::path built(const std::function<void(const std::string&)>& note) {
  const std::string version = go_version();
  if (version.empty()) {
    throw peer_missing(
        "The peer go needs the go command, which is not on the PATH: install it (Debian: apt-get "
        "install golang-go; any system: https://go.dev/dl) and run this again.");
  }
  const fs::path folder = cache() / "peers" / fmt::format("{}-{:016x}", version, hash_of(version));
  fs::path program = folder / "peer";
  if (::access(program.c_str(), X_OK) == 0) return program;
  note(fmt::format("Building the Go programs with {}, once.", version));

  // Several runs may build at the same time: each in a folder of its own, and the last rename wins.
  const fs::path work = folder / fmt::format("build-{}", ::getpid());
  std::string refused;
  try {
    write_sources(work, version);
    launch build{.words = {"go", "build", "-o", "peer", "."},
                 .environment = go_environment(),
                 .directory = work,
                 .errors_to_output = true};
    if (!variable("GOCACHE") && !variable("XDG_CACHE_HOME") && !variable("HOME")) {
      build.environment["GOCACHE"] = cache() / "go-build";
    }
    const command_result told = run_command(build);
    if (!told.succeeded) {
      refused = told.output.substr(0, 2000);
    } else {
      fs::rename(work / "peer", program);
    }
  } catch (const std::system_error& error) {
    refused = error.what();
  }
  std::error_code ignored;
  fs::remove_all(work, ignored);
  if (!refused.empty()) {
    while (!refused.empty() && refused.back() == '\n') refused.pop_back();
    throw peer_missing(fmt::format(
        "The Go programs could not be built with {} ({}): Go 1.20 or newer is needed, and a folder "
        "for them, which XDG_CACHE_HOME chooses.",
        version, refused));
  }
  return program;
}

}  // namespace

std::string go_version() {
  // "go version go1.26.8 linux/amd64", or "go version devel go1.27-1a2b3c4 ..."
  static const command_result told =
      run_command({.words = {"go", "version"}, .environment = go_environment(), .quiet = true});
  const std::size_t at = told.output.find("go1");
  if (!told.succeeded || at == std::string::npos) return {};
  return told.output.substr(at, told.output.find_first_of(" \n", at) - at);
}

void build_go_program(const std::function<void(const std::string&)>& note) { built(note); }

fs::path go_program() {
  static const fs::path program = built([](const std::string&) {});
  return program;
}

}  // namespace gobench::suites::peers
