#include "results/reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <fstream>
#include <system_error>
#include <utility>

#include "results/internal/reader.hpp"
#include "results/internal/text.hpp"
#include "results/table/text.hpp"

namespace gobench::results {

namespace internal {

namespace {

std::vector<reader>& readers() {
  static std::vector<reader> all;
  return all;
}

file_content read_with(const reader& one, text_source& source,
                       const std::optional<std::filesystem::path>& file, const sample_taker& take,
                       const read_options& how) {
  intake to(source, take, how);
  to.content.format = one.format;
  one.read(source, to, file);
  if (to.content.samples == 0) {
    source.fail(
        "There is no sample in the file; the run that wrote it ended before its first one.");
  }
  return std::move(to.content);
}

file_content read_from(std::istream& in, const std::string& name,
                       const std::optional<std::filesystem::path>& file, const sample_taker& take,
                       const read_options& how) {
  text_source source(in, name);
  if (source.head().empty()) source.fail("The file is empty; give a result file.");
  const auto found = std::ranges::find_if(
      readers(), [&](const reader& one) { return one.recognises(source.head()); });
  if (found == readers().end()) {
    source.fail(
        "This is none of the results that gobench reads: its CSV or JSON, Google Benchmark's JSON "
        "(--benchmark_out), or the output of go test -bench.");
  }
  return read_with(*found, source, file, take, how);
}

}  // namespace

reader_registration::reader_registration(reader made) {
  readers().push_back(std::move(made));
  std::ranges::sort(readers(), {}, &reader::format);
}

file_content read_as(std::string_view format, std::istream& in, const std::string& name,
                     const sample_taker& take, const read_options& how) {
  text_source source(in, name);
  const auto found = std::ranges::find(readers(), format, &reader::format);
  if (found == readers().end()) throw std::invalid_argument("There is no such reader.");
  return read_with(*found, source, std::nullopt, take, how);
}

std::optional<double> number_of(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    return text.find("e-") != std::string_view::npos || text.find("E-") != std::string_view::npos
               ? 0.0
               : HUGE_VAL;
  }
  if (error != std::errc()) return std::nullopt;
  return number;
}

std::optional<std::int64_t> whole_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return number;
}

value value_of(std::string_view text) {
  if (const auto whole = whole_of(text); whole && std::to_string(*whole) == text) return *whole;
  const auto number = number_of(text);
  if (number && std::isfinite(*number) && shortest(*number) == text) return *number;
  return std::string(text);
}

std::string shown(std::string_view text) {
  return table::shortened(table::printable(text.substr(0, 400)), 60);
}

std::optional<vehicle> vehicle_of(std::string_view name) {
  for (const vehicle one :
       {vehicle::process, vehicle::thread, vehicle::fiber, vehicle::coroutine}) {
    if (to_string(one) == name) return one;
  }
  return std::nullopt;
}

}  // namespace internal

file_content read_samples(const std::filesystem::path& file, const sample_taker& take,
                          const read_options& how) {
  std::error_code failed;
  if (std::filesystem::is_directory(file, failed)) {
    throw std::system_error(EISDIR, std::generic_category(), file.string());
  }
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  if (!in)
    throw std::system_error(errno == 0 ? EIO : errno, std::generic_category(), file.string());
  return internal::read_from(in, file.string(), file, take, how);
}

file_content read_samples(std::istream& in, const std::string& name, const sample_taker& take,
                          const read_options& how) {
  return internal::read_from(in, name, std::nullopt, take, how);
}

std::vector<std::string> readable_formats() {
  std::vector<std::string> names;
  for (const internal::reader& one : internal::readers()) names.push_back(one.format);
  return names;
}

}  // namespace gobench::results
