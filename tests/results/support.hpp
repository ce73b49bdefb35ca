// What the tests of exporters share: samples, folders of their own, and readers that are not ours.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "results/record.hpp"

namespace gobench::results::testing {

// A folder that disappears with it.
class folder {
 public:
  folder();
  ~folder();
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }
  // Names of the entries, sorted.
  std::vector<std::string> names() const;

 private:
  std::filesystem::path path_;
};

std::string read(const std::filesystem::path& file);
void write(const std::filesystem::path& file, const std::string& text);

std::vector<std::string> lines_of(const std::string& text);

// A context with something in every field.
context some_context();

// Columns and a sample that has them; samples of different `rep` differ in their times.
schema some_schema();
sample some_sample(int rep = 0);

// Rows of cells, by a parser of RFC 4180 that shares nothing with the exporter. Fails the test for
// anything the RFC does not allow, also for a last row without its end of line.
std::vector<std::vector<std::string>> parse_csv(const std::string& text);

// Whether a program is on PATH.
bool installed(const std::string& program);

// What a shell command writes to stdout. Fails the test when it does not end with 0.
std::string output_of(const std::string& command);

// In single quotes, for a shell command.
std::string quoted(const std::filesystem::path& file);

}  // namespace gobench::results::testing
