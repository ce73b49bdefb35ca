// The Go program's way from the sources in this binary to an executable in the user's cache.
#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace gobench::suites::peers {

struct source_file {
  std::string_view name;
  std::string_view text;
};

// suites/peers/go/*.go, put into a generated file by cmake/gobench_go_peer.cmake.
std::span<const source_file> go_sources();

// "go1.26.8" of the `go` on PATH; empty when there is none that works.
std::string go_version();

// Builds the program unless the cache has it. `note` is told before a build. Throws peer_missing.
void build_go_program(const std::function<void(const std::string&)>& note);

// The executable; builds it where needed. Throws peer_missing.
std::filesystem::path go_program();

}  // namespace gobench::suites::peers
