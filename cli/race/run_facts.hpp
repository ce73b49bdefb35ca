// What is told of a run besides its findings: when, where, with which command.
#pragma once

#include <filesystem>
#include <string>

#include "cli/command.hpp"
#include "cli/race/request.hpp"
#include "detector/findings/exporter.hpp"

namespace gobench::cli::race {

// RFC 3339, UTC.
std::string now_text();

// The current folder; empty where there is none.
std::filesystem::path here();

// Where GitHub Actions has checked the sources out, if this is a job of it below that.
std::filesystem::path workspace();

detector::findings::run_facts facts_at_start(const request& asked, const surroundings& around);

}  // namespace gobench::cli::race
